"""The installed wheel, on a machine that may have nothing else: no compiler, no CA certificates.

Run with ``pytest -c /dev/null`` so that nothing of the source tree is in reach. Two variables:
SESSIONVITALS_CERTIFICATES, the folder of the certificates (tests/engine/certificates), and
SESSIONVITALS_EXTRA, a folder of packages that some tests put on the path, certifi, cryptography and
pycurl among them; without it, those that are installed are taken.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

import sessionvitals

BESIDE = Path(__file__).resolve().parent.parent.parent / "tests/engine/certificates"
CERTIFICATES = Path(os.environ.get("SESSIONVITALS_CERTIFICATES", BESIDE))
AUTHORITY = CERTIFICATES / "authority.pem"
EXTRA = os.environ.get("SESSIONVITALS_EXTRA", "")

#: With it, an OpenSSL that reads it has no algorithm, and says so.
NONSENSE = """
config_diagnostics = 1
openssl_conf = init
[init]
ssl_conf = ssl
providers = providers
[ssl]
system_default = default
[default]
Groups = no-such-group
[providers]
null = nothing_else
[nothing_else]
activate = 1
"""

#: A server of Python's own ssl in this process, and one call to it.
CALL = """
import http.server, json, ssl, sys, threading
import sessionvitals

folder, *ca_file = sys.argv[1:]


class Answer(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        body = json.dumps({"client_id": "c", "status": "connected", "uploaded_bytes": 7}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


server = http.server.HTTPServer(("127.0.0.1", 0), Answer)
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(folder + "/server.pem")
server.socket = context.wrap_socket(server.socket, server_side=True)
threading.Thread(target=server.serve_forever, daemon=True).start()
options = {"ca_file": ca_file[0]} if ca_file else {}
url = f"https://localhost:{server.server_address[1]}"
with sessionvitals.PingClient("key", base_url=url, max_retries=0, **options) as client:
    try:
        session = client.probe("s")
        print(session.state, session.call.attempts[0].tls_version)
    except sessionvitals.SessionVitalsError as error:
        print(type(error).__name__, error)
"""

#: A mock with TLS, and one call to it: no OpenSSL but the wheel's.
CALL_OF_THE_MOCK = """
import json, subprocess
import sessionvitals
from sessionvitals.mock_program import find_mock

command = [find_mock(), "--tls", "--port", "0"]
with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as mock:
    try:
        ready = json.loads(mock.stdout.readline())
        options = {"base_url": ready["base_urls"]["ping"], "ca_file": ready["ca_file"]}
        with sessionvitals.PingClient(ready["keys"]["ping"], **options) as client:
            session = client.probe("s")
            print(session.state, session.call.attempts[0].tls_version)
    finally:
        mock.terminate()
"""


def run(program: str, *arguments: object, **variables: str) -> str:
    """Run a program in a Python of its own; return what it printed."""
    environment = {"PATH": os.environ["PATH"], "HOME": "/nonexistent", **variables}
    done = subprocess.run(
        [sys.executable, "-c", program, *map(str, arguments)],
        env=environment,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def call(*arguments: object, before: str = "", **variables: str) -> str:
    return run(before + CALL, CERTIFICATES, *arguments, **variables)


def have(module: str) -> dict[str, str]:
    """Return the variables with which that module can be imported; skip if it cannot."""
    variables = {"PYTHONPATH": EXTRA} if EXTRA else {}
    try:
        run(f"import {module}", **variables)
    except AssertionError:
        pytest.skip(f"no {module}")
    return variables


def has_system_cas() -> bool:
    return bool(json.loads(run("import json; " + DESCRIBE))["ca_places"])


DESCRIBE = "from sessionvitals.doctor import describe_build; print(json.dumps(describe_build()))"


def test_the_wheel_is_what_is_tested() -> None:
    folder = Path(sessionvitals.__file__).parent

    assert not (folder.parents[1] / "pyproject.toml").exists()
    assert "python/sessionvitals" not in str(folder)


def test_the_demo_runs() -> None:
    pytest.importorskip("click", reason="needs the extra [cli]")

    done = subprocess.run(
        [sys.executable, "-m", "sessionvitals", "demo"], capture_output=True, text=True
    )

    assert done.returncode == 0, done.stderr
    assert "active" in done.stdout


def test_a_server_with_a_ca_of_the_tests_own() -> None:
    assert call(AUTHORITY) == "active TLSv1.3"
    assert call(SSL_CERT_FILE=str(AUTHORITY)) == "active TLSv1.3"
    assert "unknown CA" in call(CERTIFICATES / "stranger.pem")


def test_no_ca_at_all_says_what_to_do() -> None:
    if has_system_cas():
        pytest.skip("this machine has CA certificates")

    said = call()

    assert said.startswith("TransportError No CA certificates were found; tried ")
    for name in ("SSL_CERT_FILE", "SSL_CERT_DIR", "/etc/ssl/certs", "/etc/pki/tls/certs"):
        assert name in said
    assert "ca-certificates" in said
    assert "certifi" in said


def test_certifi_is_the_last_place() -> None:
    variables = have("certifi")
    if has_system_cas():
        pytest.skip("this machine has CA certificates")

    said = call(**variables, SESSIONVITALS_LOG="info")

    # Those of certifi do not know the test's CA: they were looked into.
    assert "unknown CA" in said
    assert "cacert.pem" in said
    places = json.loads(run("import json; " + DESCRIBE, **variables))["ca_places"]
    assert [place["source"] for place in places] == ["certifi"]


def test_an_openssl_cnf_with_nonsense_changes_nothing(tmp_path: Path) -> None:
    config = tmp_path / "openssl.cnf"
    config.write_text(NONSENSE)

    # Python's own ssl would read it as well, so the server is the mock, which must not either.
    assert run(CALL_OF_THE_MOCK, OPENSSL_CONF=str(config)) == "not_found TLSv1.3"


@pytest.mark.parametrize("name", ["cryptography", "pycurl"])
@pytest.mark.parametrize("order", ["before", "after"])
def test_another_openssl_in_the_process_does_no_harm(name: str, order: str) -> None:
    variables = have(name)
    use = {
        "cryptography": "from cryptography.hazmat.primitives.asymmetric import ec\n"
        "ec.generate_private_key(ec.SECP256R1())\n",
        "pycurl": "import pycurl\n"
        "curl = pycurl.Curl()\n"
        "curl.setopt(pycurl.URL, 'https://127.0.0.1:1/')\n"
        "try:\n    curl.perform()\nexcept pycurl.error:\n    pass\n",
    }[name]
    first = use if order == "before" else "import sessionvitals\n" + use

    program = first + CALL + use

    assert run(program, CERTIFICATES, AUTHORITY, **variables) == "active TLSv1.3"


def test_nothing_of_openssl_is_exported() -> None:
    program = """
import ctypes, sessionvitals._core as core
library = ctypes.CDLL(core.__file__)
handle = ctypes.CDLL(None).dlsym
handle.restype, handle.argtypes = ctypes.c_void_p, (ctypes.c_void_p, ctypes.c_char_p)
print([n for n in ("SSL_new", "EVP_MD_CTX_new", "OPENSSL_init_ssl") if handle(library._handle, n.encode())])
"""
    # dlsym also looks into what the library needs, and that has no OpenSSL.
    assert run(program) == "[]"


def test_doctor_says_which_openssl_it_is() -> None:
    build = json.loads(run("import json; " + DESCRIBE))

    assert build["tls"].startswith("OpenSSL 3.")
    assert build["tls_is_bundled"] is True


@pytest.mark.skipif(sys.version_info < (3, 13), reason="needs _interpreters of Python 3.13")
def test_a_subinterpreter_is_told_that_there_is_one_interpreter() -> None:
    program = """
import _interpreters
problem = _interpreters.run_string(_interpreters.create(), "import sessionvitals._core")
print(problem.type.__name__, problem.msg)
"""
    said = run(program)

    assert said.startswith("ImportError ")
    assert "does not support loading in subinterpreters" in said
