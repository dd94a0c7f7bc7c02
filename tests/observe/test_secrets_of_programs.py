"""The key of a client, marked, is found in nothing that what is built on clients shows.

The command line with each operation, the gate in each of its answers, a watch and a ledger, of
vendors that repeat the key in whatever they refuse with.
"""

from __future__ import annotations

import json
import logging
from pathlib import Path
from typing import Any
from wsgiref.util import setup_testing_defaults

import pytest
from tests.observe.test_every_secret import ECHO, SECRET, arguments_of, each_operation
from tests.support.operations import Operation
from tests.support.peers import answer, peer, says
from tests.support.sandbox import Space
from tests.support.vendors import VENDORS

from sessionvitals import PingClient, TiunClient
from sessionvitals.gate import TiunGate
from sessionvitals.ledger import Ledger

PROBLEM = json.dumps({"title": SECRET, "detail": SECRET, "type": f"/{SECRET}", SECRET: [SECRET]})
VARIABLES = {"tiun": "TIUN_ACCESS_TOKEN", "ping": "PING_API_KEY", "eliza": "ELIZA_API_KEY"}


def command_line(operation: Operation, token_file: Path) -> list[str]:
    """Return what is typed for the operation, with the arguments of the tests' table."""
    commands = pytest.importorskip("sessionvitals.cli.operations")
    click = pytest.importorskip("click")
    (command,) = [
        each
        for each in commands.OPERATIONS[operation.provider]
        if operation.name in (each.method, *each.also)
    ]
    given = arguments_of(operation)
    given |= given.pop("config", {})
    if "token" in given:
        given["token"] = str(token_file)
    words = [operation.provider, *command.command.split()]
    for parameter in command.parameters:
        if parameter.name not in given:
            continue
        value = given.pop(parameter.name)
        if isinstance(parameter, click.Option):
            words.append(parameter.opts[0])
            words += [] if value is True else [str(value)]
        else:
            words.append(str(value))
    assert not given
    return [*words, *(["--yes"] if command.deletes else [])]


@each_operation
def test_a_command_that_is_refused_shows_no_secret(
    operation: Operation,
    space: Space,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    from sessionvitals.cli import main

    caplog.set_level(logging.DEBUG, logger="sessionvitals")
    token_file = tmp_path / "token"
    token_file.write_text(SECRET)
    monkeypatch.setenv(VARIABLES[operation.provider], SECRET)
    words = command_line(operation, token_file)
    where = ["--base-url", space.base_url(operation.provider)]
    where += [] if operation.is_stream else ["--max-retries", "0"]
    shown = []
    for form in ([], ["-o", "ndjson"]):
        for http_status in (400, 401, 404, 410, 500):
            space.sandbox.faults.clear()
            space.faults({"kind": "status", "http_status": http_status, "body": ECHO, "times": 0})
            monkeypatch.setattr("sys.stdin", None)
            code = main([*words, *where, *form])
            said = capsys.readouterr()
            # tiun's 404 is an answer: the session is not valid.
            assert (code == 0) is (operation.name == "verify" and http_status == 404), said.err
            shown += [said.out, said.err]

    assert space.sandbox.journal.count() >= 10  # a stream is opened again after a 500
    assert "".join(shown)
    assert [text for text in [*shown, caplog.text] if SECRET in text] == []


@pytest.mark.parametrize("http_status", [400, 401, 403, 404, 429, 500])
@pytest.mark.parametrize("vendor", VENDORS.values(), ids=str)
def test_the_status_command_and_the_doctor_show_no_key(
    vendor: Any,
    http_status: int,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    pytest.importorskip("click")
    from sessionvitals.cli import main

    monkeypatch.setenv(VARIABLES[vendor.name], SECRET)
    body = ECHO.encode() if vendor.name != "tiun" else PROBLEM.encode()
    with peer(says(answer(body, f"HTTP/1.1 {http_status} No".encode()))) as server:
        where = [vendor.name, "s", "--base-url", server.url, "--max-retries", "0"]
        for words in (["status", *where], ["status", *where, "--json"]):
            main(words)
        monkeypatch.setenv(f"{vendor.name.upper()}_BASE_URL", server.url)
        main(["doctor", vendor.name])
        assert server.requests
    said = capsys.readouterr()
    assert said.out
    assert SECRET not in said.out + said.err


@pytest.mark.parametrize("http_status", [400, 401, 403, 404, 429, 500])
def test_a_gate_shows_no_key(http_status: int, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, logger="sessionvitals")
    refusal = answer(PROBLEM.encode(), f"HTTP/1.1 {http_status} No".encode())
    with peer(says(refusal)) as server:
        client = TiunClient(SECRET, base_url=server.url, max_retries=0)
        gate = TiunGate(client, max_age=0)
        decision = gate.decide("reader")
        shown = [
            repr(gate),
            repr(decision),
            repr(decision.session),
            repr(decision.error),
            str(decision.error),
            repr(vars(gate)),
            caplog.text,
        ]
        shown += answers_of(gate)
    assert not decision.allowed
    assert [text for text in shown if SECRET in text] == []


def answers_of(gate: TiunGate[TiunClient]) -> list[str]:
    """Return what a browser is sent by the gate as WSGI, in place of the site."""

    def site(environ: Any, start: Any) -> list[bytes]:
        raise AssertionError("nobody may come in")

    environ: dict[str, Any] = {}
    setup_testing_defaults(environ)
    environ["HTTP_X_SESSION_ID"] = "reader"
    sent: list[Any] = []
    body = gate.wsgi(site)(environ, lambda *head: sent.append(head))  # type: ignore[arg-type]
    return [*map(repr, sent), *map(repr, body)]


@pytest.mark.parametrize("http_status", [400, 401, 404, 500])
def test_a_watch_shows_no_key(http_status: int, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, logger="sessionvitals")
    shown = []
    with peer(says(answer(ECHO.encode(), f"HTTP/1.1 {http_status} No".encode()))) as server:
        client = PingClient(SECRET, base_url=server.url, max_retries=0)
        with client.watch("s", deadline=0.5, every=0.1) as watch:
            try:
                for change in watch:
                    shown += [repr(change), json.dumps(change.to_dict(), default=repr)]
            except Exception as error:  # noqa: BLE001 - whatever it is, it is shown
                shown += [repr(error), str(error), repr(vars(error))]
            shown += [repr(watch), watch.token(), caplog.text]
    assert [text for text in shown if SECRET in text] == []


@pytest.mark.parametrize("http_status", [400, 404, 500])
def test_a_ledger_keeps_no_key(http_status: int, tmp_path: Path) -> None:
    with (
        peer(says(answer(ECHO.encode(), f"HTTP/1.1 {http_status} No".encode()))) as server,
        Ledger(tmp_path / "usage.sqlite") as ledger,
    ):
        client = PingClient(SECRET, base_url=server.url, max_retries=0)
        ledger.follow(client, ["s"], every=0.01, rounds=2)
        assert server.requests
    assert all(SECRET.encode() not in file.read_bytes() for file in tmp_path.iterdir())
