"""A machine without any CA certificates: those of certifi, or an error that says what to do.

The places of the system are hidden by an empty file system in a mount namespace of the test's own.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from tests.support.peers.secure import AUTHORITY, secure_peer
from tests.support.vendors import PING

HIDE = """
for place in /etc/ssl /etc/pki; do
  if [ -d "$place" ]; then mount -t tmpfs none "$place" || exit 77; fi
done
exec "$@"
"""

PROGRAM = """
import json, sys, logging
url, folder = sys.argv[1:]
sys.path.insert(0, folder)
said = []
class Keep(logging.Handler):
    def emit(self, record):
        said.append([record.levelname, record.getMessage()])
logging.getLogger("sessionvitals").addHandler(Keep())
logging.getLogger("sessionvitals").setLevel("INFO")
import sessionvitals
from sessionvitals.doctor import describe_build
answers = []
for _ in range(2):
    with sessionvitals.PingClient("key", base_url=url, max_retries=0, proxy=None) as client:
        try:
            answers.append(client.session_status("s").client_id)
        except sessionvitals.SessionVitalsError as error:
            answers.append(f"{type(error).__name__}: {error}")
notes = [note for note in said if "those of certifi" in note[1]]
print(json.dumps([answers, notes, describe_build()["ca_places"]]))
"""


def ask(folder: Path, certifi: str) -> tuple[list[str], list[list[str]], list[dict[str, object]]]:
    """Return what two clients got, what was logged about certifi, and doctor's places of CAs."""
    if shutil.which("unshare") is None:
        pytest.skip("needs unshare (Debian: util-linux)")
    (folder / "certifi.py").write_text(certifi)
    with secure_peer("server", PING.good_body) as peer:
        program = [sys.executable, "-c", PROGRAM, peer.url(), str(folder)]
        done = subprocess.run(
            ["unshare", "--user", "--map-root-user", "--mount", "sh", "-c", HIDE, "sh", *program],
            capture_output=True,
            text=True,
            env={"PATH": "/usr/bin:/bin"},
        )
    if done.returncode == 77 or done.stderr.startswith("unshare:"):
        pytest.skip(f"no namespaces here: {done.stderr}")
    assert done.returncode == 0, done.stderr
    answers, notes, places = json.loads(done.stdout)
    return answers, notes, places


def test_certifi_is_trusted_last_and_said_once(tmp_path: Path) -> None:
    answers, notes, places = ask(tmp_path, f"def where(): return {str(AUTHORITY)!r}")

    assert answers == ["c", "c"]
    ((level, words),) = notes
    assert level == "INFO"
    assert str(AUTHORITY) in words
    (place,) = places
    assert (place["source"], place["path"]) == ("certifi", str(AUTHORITY))


@pytest.mark.parametrize(
    "certifi", ["raise ImportError('none')", "1 / 0", "def where(): return '/nonexistent.pem'"]
)
def test_without_any_the_error_names_the_places_and_what_to_do(
    tmp_path: Path, certifi: str
) -> None:
    answers, notes, places = ask(tmp_path, certifi)

    assert notes == []
    assert places == []
    for answer in answers:
        assert answer.startswith("TransportError: No CA certificates were found; tried ")
        for name in (
            "/etc/ssl/certs/ca-certificates.crt",
            "/etc/pki/tls/certs,",
            "/etc/ssl/certs,",
        ):
            assert name.rstrip(",") in answer
        assert "SSL_CERT_FILE, SSL_CERT_DIR" in answer
        assert "ca-certificates" in answer
        assert "certifi" in answer
