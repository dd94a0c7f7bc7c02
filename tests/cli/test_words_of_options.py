"""A message names the option, variable or file at fault, not an argument of Python."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.support.peers import answer, peer, says
from tests.support.vendors import VENDORS

pytest.importorskip("click")

from sessionvitals.cli import main
from sessionvitals.cli.words import in_terms_of_the_command

KEYS = {"empty.key": b"\n", "accented.key": "caf\u00e9".encode(), "good.key": b"\xef\xbb\xbfgood\n"}

#: What is typed: what is said, from its first word on
SAID = {
    "status ping a --key-file empty.key": "--key-file empty.key: its first line is empty",
    "status tiun a --key-file empty.key": "--key-file empty.key: its first line is empty",
    "status ping a --key-file accented.key": "--key-file accented.key has a line break, a control",
    "status ping a --base-url=": "--base-url is empty: give it, or leave it out.",
    "status ping a --timeout 0": "--timeout must be more than 0",
    "status ping a --max-retries -1": "--max-retries must be from 0 to 10.",
    "status ping a --auth-scheme no": "--auth-scheme 'no': ping has raw bearer.",
    "ping session-status a --timeout 0": "--timeout must be more than 0",
    "watch ping a --deadline 0": "--deadline must be more than 0 seconds, and at most ten years.",
    "watch ping a --deadline 1 --every 0": "--every must be from 0.001 to 86400 seconds.",
    "watch tiun a --deadline 1": "--every must be given for tiun",
    "watch ping a --deadline 1 --resume wrong": "--resume wrong is no token of a watch: name a file",
    "watch ping \udcff --deadline 1": "The session id is not UTF-8: pass the id that the vendor",
    "status ping \udcff": "\\xff: The session id is not text that can be sent: pass the id that the "
    "vendor gave, in UTF-8.",
    "ledger follow ping l.sqlite a --every 0": "--every has to be above 0",
    "ledger follow ping l.sqlite a --deadline 0": "--deadline has to be above 0",
    "ledger follow ping l.sqlite a --rounds 0": "--rounds has to be at least 1",
    "fleet run ping ids.txt --out o --workers 0": "--workers must be from 1 to",
    "fleet run ping ids.txt --out o --partitions 0": "--partitions must be from 1 to",
    "fleet run ping ids.txt --out o --rate 0": "--rate must be a number above 0",
    "fleet run ping ids.txt --out o --run-id /": "--run-id must be 1 to 100 letters",
}


@pytest.fixture(autouse=True)
def _user(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for vendor in ("PING", "TIUN"):
        monkeypatch.setenv(f"{vendor}_BASE_URL", "http://127.0.0.1:1")
    monkeypatch.setenv("PING_API_KEY", str(VENDORS["ping"].key))
    monkeypatch.setenv("TIUN_ACCESS_TOKEN", str(VENDORS["tiun"].key))
    for name, content in KEYS.items():
        (tmp_path / name).write_bytes(content)
    (tmp_path / "wrong").write_text("{}")
    (tmp_path / "ids.txt").write_text("a\n")


@pytest.mark.parametrize("typed", SAID)
def test_a_message_names_the_option_at_fault(typed: str, capfd: pytest.CaptureFixture[str]) -> None:
    if typed.startswith(("fleet", "ledger")):
        pytest.importorskip("pyarrow")
    code = main(typed.split())

    said = capfd.readouterr().err
    assert code == 2, said
    assert said.startswith(f"sessionvitals: {SAID[typed]}"), said
    assert "None" not in said


def test_a_fleet_of_tiun_says_what_to_run(capfd: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("pyarrow")
    assert main(["fleet", "run", "tiun", "ids.txt", "--out", "o"]) == 2
    said = capfd.readouterr().err
    assert said.endswith(": ask by sessionvitals status, in one process\n")
    assert not Path("o").exists()


def test_a_refused_key_of_a_file_names_the_file(capfd: pytest.CaptureFixture[str]) -> None:
    with peer(says(answer(b"", b"HTTP/1.1 401 Unauthorized"))) as vendor:
        words = ["status", "ping", "a", "--base-url", vendor.url]
        assert main([*words, "--key-file", "good.key"]) == 4, "a byte order mark is dropped"
        assert "Check --key-file good.key and" in capfd.readouterr().err
        assert main(words) == 4
        assert "Check PING_API_KEY and" in capfd.readouterr().err


def test_a_question_ends_in_no_full_stop() -> None:
    said = "None of 3 sessions is known: is this the right account?. Check base_url."
    assert in_terms_of_the_command(said).endswith("right account? Check --base-url.")
