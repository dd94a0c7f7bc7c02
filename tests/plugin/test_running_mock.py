"""The mock beside a program: its block ends it, in the process that began it and in no other."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from tests.support.asking import last_line, run_python
from tests.support.peers import answer, peer, says
from tests.support.sandbox import Mock

from sessionvitals import ConfigurationError, SessionVitalsError, mock_program
from sessionvitals.mock_program import running_mock
from sessionvitals.sandbox import Sandbox, running_sandbox

START = """
import json, os, signal, urllib.request
from sessionvitals.mock_program import running_mock

signal.alarm(20)  # of a block that does not end
out, into = os.pipe()

def answers(url):
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:
            return answer.status == 200
    except OSError:
        return False
"""

CHILD_LIVES_ON = """
with running_mock() as ready:
    child = os.fork()
    if child == 0:
        os.close(into)
        os.read(out, 1)  # until its parent has left the block
        os._exit(0)
os.close(into)
os.waitpid(child, 0)
print(json.dumps(answers(ready["url"])))
"""

CHILD_LEAVES = """
child = 0
try:
    with running_mock() as ready:
        child = os.fork()
        if child == 0:
            raise SystemExit
        os.waitpid(child, 0)
        print(json.dumps(answers(ready["url"])))
finally:
    if child == 0:
        os._exit(0)
"""


def test_the_block_ends_while_a_child_that_was_forked_in_it_lives() -> None:
    assert last_line(run_python(START + CHILD_LIVES_ON, [])) is False


def test_a_child_that_leaves_the_block_does_not_end_its_parents_mock() -> None:
    assert last_line(run_python(START + CHILD_LEAVES, [])) is True


@pytest.mark.parametrize(
    ("script", "words"),
    [
        ("exec sleep 60", "was not ready after 0.2 s"),
        ("echo hello; exec sleep 60", "said b'hello\\n' instead of its address"),
        ("exit 3", "ended before it was ready"),
    ],
)
def test_another_program_than_the_mock_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: str, words: str
) -> None:
    program = tmp_path / "mock"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    monkeypatch.setenv(mock_program.VARIABLE, str(program))
    monkeypatch.setattr(mock_program, "READY_SECONDS", 0.2 if script[5:] == "sleep 60" else 20)
    with pytest.raises(SessionVitalsError) as told, mock_program.running_mock():
        pass
    assert words in str(told.value)


@pytest.mark.parametrize("given", ["/nope", "/", "/etc/passwd"])
def test_a_variable_that_names_no_program_is_told(
    monkeypatch: pytest.MonkeyPatch, given: str
) -> None:
    monkeypatch.setenv(mock_program.VARIABLE, given)
    with pytest.raises(SessionVitalsError, match=f"SESSIONVITALS_MOCK is {given}, which is no"):
        mock_program.find_mock()


def test_a_mock_that_has_ended_is_told_as_that() -> None:
    with running_sandbox() as sandbox:
        pass
    with pytest.raises(ConfigurationError, match=f"no mock answers at {sandbox.url}: .*refused"):
        sandbox.clock.advance(minutes=1)


def test_a_mock_that_speaks_tls_is_used_as_any_other() -> None:
    with running_sandbox(["--tls"]) as sandbox:
        assert sandbox.url.startswith("https://")
        sandbox.ping.add_session("vpn-1", "connected")
        with sandbox.ping.client() as client:
            assert client.session_status("vpn-1").status == "connected"
        assert sandbox.env["SSL_CERT_FILE"] == sandbox.ready["ca_file"]
        wrong = {**sandbox.ready, "ca_file": "/nonexistent.pem"}
        with pytest.raises(ConfigurationError, match=r"ca_file /nonexistent\.pem: .*No such file"):
            Sandbox(wrong)


def test_a_mock_with_an_admin_token_is_used_by_who_has_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "token").write_text("a-long-token")
    with running_mock(["--admin-token", f"@{tmp_path / 'token'}"]) as ready:
        with pytest.raises(ConfigurationError, match="401"):
            Sandbox(ready).clock.freeze()
        sandbox = Sandbox(ready, admin_token="a-long-token")
        sandbox.clock.freeze()
        assert "a-long-token" not in repr(sandbox)
        monkeypatch.setenv("SESSIONVITALS_ADMIN_TOKEN", "a-long-token")
        Sandbox(ready).clock.freeze()


def test_a_token_of_a_file_with_line_ends_is_sent_and_no_token_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "token").write_text("a-long-token\r\n")
    with running_mock(["--admin-token", f"@{tmp_path / 'token'}"]) as ready:
        monkeypatch.setenv("SESSIONVITALS_ADMIN_TOKEN", "a-long-token\r\n")
        sandbox = Sandbox(ready)
        sandbox.clock.freeze()
    with pytest.raises(ConfigurationError, match="no mock answers") as raised:
        sandbox.clock.freeze()
    assert raised.value.__suppress_context__, "the frames of urllib have the token"
    for bad in ("a token", "a\ntoken", "t\u00f6ken"):
        with pytest.raises(
            ConfigurationError, match="SESSIONVITALS_ADMIN_TOKEN, has to"
        ) as refused:
            Sandbox(ready, admin_token=bad)
        assert bad not in str(refused.value)


def test_no_proxy_is_asked_to_reach_the_mock(monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(variable, "http://127.0.0.1:9")
    with running_sandbox() as sandbox, sandbox.ping.client() as client:
        assert client.probe("vpn-1").state == "not_found"


def test_what_is_no_mock_is_said(mock: Mock) -> None:
    for url, words in (
        ("http://127.0.0.1:port", "no mock answers at http://127.0.0.1:port"),
        ("http://127.0.0.1:0", "no mock answers"),
    ):
        with pytest.raises(ConfigurationError, match=words):
            Sandbox({**mock.ready, "url": url}).clock.freeze()
    refused = pytest.raises(ConfigurationError, match="answer to GET __admin/clock is no JSON")
    with peer(says(answer(b"<html>"))) as other, refused:
        Sandbox({**mock.ready, "url": other.url}).admin("GET", "clock")


def test_messages_of_several_threads_are_all_kept() -> None:
    with running_sandbox() as sandbox:
        sandbox.eliza.add_session("chat-1", state="active")

        def add(number: int) -> None:
            for each in range(10):
                sandbox.eliza.add_messages("chat-1", f"{number}-{each}")

        with ThreadPoolExecutor(4) as threads:
            list(threads.map(add, range(4)))
        stored = sandbox.admin("GET", "sessions/eliza/chat-1")["messages"]
        assert len({message["content"] for message in stored}) == 40


def test_a_scenario_with_a_key_is_asked_with_it(tmp_path: Path) -> None:
    with running_sandbox() as sandbox:
        sandbox.load_scenario({"keys": {"ping": "of-the-scenario"}})
        with sandbox.ping.client() as client:
            assert client.probe("vpn-1").state == "not_found"
        assert sandbox.env["PING_API_KEY"] == "of-the-scenario"
        file = tmp_path / "twice.json"
        file.write_text('{"sessions": [], "sessions": []}')
        with pytest.raises(ConfigurationError, match="has the member 'sessions' twice"):
            sandbox.load_scenario(file)
