"""``sessionvitals ping events`` and ``eliza stream-message``: each item's line as it comes."""

from __future__ import annotations

import json
import os
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from tests.support.peers import answer, peer
from tests.support.peers.streaming import END, HEAD, STAYS, session_event, sse, streams
from tests.support.sandbox import Space
from tests.support.shell import COMMAND, environment_of, run

pytest.importorskip("click")

ONE = sse(session_event(1))
STORED = sse({"id": "m-1", "content": "hi", "created_at": 1767225600000}, event="user_message")
MAY_HAVE = "sessionvitals: the call may have taken effect: look before you repeat it\n"


@pytest.fixture
def environment(space: Space) -> dict[str, str]:
    space.clock(set="2026-01-01T00:00:00Z", freeze=True)
    return environment_of(space)


@contextmanager
def following(environment: dict[str, str], *arguments: str) -> Iterator[subprocess.Popen[str]]:
    """Run the command beside the test, heeding Ctrl-C."""
    with subprocess.Popen(
        ["env", "--default-signal=INT", *COMMAND, *arguments],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def next_line(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline()


def rest_of(process: subprocess.Popen[str]) -> tuple[int, str]:
    _, words = process.communicate(timeout=60)
    return process.returncode, words


def test_events_are_lines_as_they_happen(space: Space, environment: dict[str, str]) -> None:
    space.admin("PUT", "dialect", {"ping_heartbeat_every": 10})
    space.add_session("ping", "up", "connected", download_rate=1000)
    with following(environment, "ping", "events") as process:
        space.admin("GET", "requests/wait?operation=events&timeout=20")
        space.clock(advance=10)
        beat, stats = next_line(process), next_line(process)
        space.admin("PATCH", "sessions/ping/up", {"state": "disconnected"})
        end = next_line(process)
        process.send_signal(signal.SIGINT)
        ended = rest_of(process)

    assert beat.split("\t")[:3] == ["2026-01-01T00:00:10Z", "session_heartbeat", "up"]
    assert stats.split("\t")[1] == "session_stats"
    assert stats.endswith("\tdownloaded_bytes=10000\n")
    assert end.split("\t")[1] == "session_end"
    assert ended == (130, "")


def test_events_as_json(space: Space, environment: dict[str, str]) -> None:
    space.add_session("ping", "up", "connected")
    with following(environment, "ping", "events", "--json") as process:
        space.admin("GET", "requests/wait?operation=events&timeout=20")
        space.admin("PATCH", "sessions/ping/up", {"state": "disconnected"})
        event = json.loads(next_line(process))
        process.send_signal(signal.SIGINT)
        ended = rest_of(process)

    assert (event["event_type"], event["session_id"]) == ("session_end", "up")
    assert event["created_at"] == "2026-01-01T00:00:00Z"
    assert ended == (130, "")


@pytest.mark.parametrize("form", [[], ["--json"]], ids=["line", "json"])
def test_a_gap_is_a_line_of_its_own(form: list[str], environment: dict[str, str]) -> None:
    with peer(streams([HEAD, ONE, END], [HEAD, STAYS])) as vendor:
        url = ("--base-url", vendor.url)
        with following(environment, "ping", "events", *url, *form) as process:
            next_line(process)
            gap = next_line(process)

    if form:
        assert json.loads(gap)["gap"].keys() == {"since", "until"}
    else:
        assert gap.split("\t")[1] == "gap"
        assert gap.endswith("Z may have been missed\n")


def test_what_a_vendor_sends_is_escaped(environment: dict[str, str]) -> None:
    odd = sse(session_event(1, "a\tb\x1b[2J"))
    with (
        peer(streams([HEAD, odd, STAYS])) as vendor,
        following(environment, "ping", "events", "--base-url", vendor.url) as process,
    ):
        line = next_line(process)

    assert line == "2026-01-01T00:00:00Z\ta\\tb\\x1b[2J\ts-1\n"


COMMANDS = {
    "events": (["ping", "events"], ONE),
    "stream-message": (["eliza", "stream-message", "chat", "hi"], STORED),
}


@pytest.mark.parametrize("form", [[], ["--json"]], ids=["line", "json"])
@pytest.mark.parametrize("command", COMMANDS)
def test_a_reader_that_has_gone_ends_it_quietly(
    command: str, form: list[str], environment: dict[str, str]
) -> None:
    arguments, piece = COMMANDS[command]
    gone, stdout = os.pipe()
    os.close(gone)
    with peer(streams([HEAD, piece, STAYS])) as vendor:
        done = subprocess.run(
            [*COMMAND, *arguments, *form, "--base-url", vendor.url],
            env=environment,
            stdout=stdout,
            stderr=subprocess.PIPE,
            text=True,
        )
    os.close(stdout)

    assert (done.returncode, done.stderr) == (141, "")


@pytest.mark.parametrize("option", ["--deadline", "--idle-timeout"])
@pytest.mark.parametrize("command", COMMANDS)
def test_time_ends_a_stream(command: str, option: str, environment: dict[str, str]) -> None:
    arguments, piece = COMMANDS[command]
    refused = answer(b"{}", b"HTTP/1.1 401 No")
    with peer(streams([HEAD, piece, STAYS], [refused])) as vendor:
        done = run(environment, *arguments, option, "0.2", "--base-url", vendor.url)

    assert done.stdout.count("\n") == 1
    if (command, option) == ("events", "--idle-timeout"):  # it is opened again, and refused
        assert done.returncode == 4
    else:
        assert done.returncode == 124
    assert done.stderr.endswith(MAY_HAVE) == (command == "stream-message")
    assert "_timeout=" not in done.stderr


def test_a_reply_is_lines_as_it_is_written(space: Space, environment: dict[str, str]) -> None:
    space.add_session("eliza", "chat", "active")
    space.sandbox.eliza.agent("You are\nwelcome.")

    done = run(environment, "eliza", "stream-message", "chat", "-", given="two\nlines\n")
    shown = [line.split("\t") for line in done.stdout.splitlines()]

    assert (done.returncode, done.stderr) == (0, "")
    assert shown[0] == ["user_message", r"two\nlines"]
    assert {kind for kind, _ in shown[1:-1]} == {"chunk"}
    assert "".join(text for _, text in shown[1:-1]) == r"You are\nwelcome."
    assert shown[-1] == ["done", r"You are\nwelcome."]


def test_a_reply_as_json(space: Space, environment: dict[str, str]) -> None:
    space.add_session("eliza", "chat", "active")
    space.sandbox.eliza.agent("Hello")

    done = run(
        environment,
        *("eliza", "stream-message", "chat", "hi", "--json", "--message-key", "k-1"),
    )
    events = [json.loads(line) for line in done.stdout.splitlines()]
    found = run(environment, "eliza", "find-message", "chat", "k-1")

    assert [event["type"] for event in events] == ["user_message", "chunk", "done"]
    assert events[-1]["text"] == "Hello"
    assert "content: hi\n" in found.stdout


def test_an_event_without_text_shows_what_was_sent(environment: dict[str, str]) -> None:
    odd = sse({"a": 1}, event="tool")
    done = sse("undefined", event="done")
    with peer(streams([HEAD, odd, done, END])) as vendor:
        shown = run(environment, "eliza", "stream-message", "s", "hi", "--base-url", vendor.url)

    assert shown.stdout == 'tool\t{"a": 1}\ndone\t\n'


def test_a_reply_that_breaks_says_that_the_message_may_be_stored(
    environment: dict[str, str],
) -> None:
    with peer(streams([HEAD, STORED, END])) as vendor:
        arguments = ("eliza", "stream-message", "s", "hi", "--json", "--base-url", vendor.url)
        done = run(environment, *arguments)

    *_, last = done.stdout.splitlines()
    assert done.returncode == 6
    assert json.loads(last)["error"]["may_have_taken_effect"]
    assert done.stderr.endswith(MAY_HAVE)


GONE = b"HTTP/1.1 204 No Content\r\n\r\n"


@pytest.mark.parametrize("as_json", [True, False])
def test_an_event_that_is_none_is_said_and_the_others_are_shown(
    environment: dict[str, str], as_json: bool
) -> None:
    bad = sse({**session_event(2), "created_at": "soon"})
    said = [HEAD, ONE, bad, bad, sse(session_event(3)), END]
    with peer(streams(said, [GONE])) as vendor:
        arguments = ("ping", "events", "--base-url", vendor.url, *["--json"][: int(as_json)])
        done = run(environment, *arguments)

    lines = done.stdout.splitlines()
    if as_json:
        kinds = [next(iter(json.loads(line))) for line in lines]
        assert kinds == ["id", "error", "error", "id"]
        assert "created_at" in lines[1]
    else:
        assert [line.split("\t")[2] for line in lines] == ["s-1", "s-3"]
    assert done.stderr.count("created_at") == 2
    assert done.returncode == 6


def test_a_stream_that_is_none_ends_the_command(environment: dict[str, str]) -> None:
    refused = answer(b"{}", b"HTTP/1.1 200 OK", b"Content-Type: application/json")
    with peer(streams([refused])) as vendor:
        done = run(environment, "ping", "events", "--base-url", vendor.url)

    assert done.returncode == 6
    assert done.stderr.count("\n") == 1


def test_ctrl_c_during_a_reply_says_that_the_message_may_be_stored(
    environment: dict[str, str],
) -> None:
    with peer(streams([HEAD, STORED, STAYS])) as vendor:
        arguments = ("eliza", "stream-message", "s", "hi", "--base-url", vendor.url)
        with following(environment, *arguments) as process:
            assert next_line(process) == "user_message\thi\n"
            process.send_signal(signal.SIGINT)
            code, words = rest_of(process)

    assert code == 130
    assert words == f"sessionvitals: interrupted: {MAY_HAVE.removeprefix('sessionvitals: ')}"


@pytest.mark.parametrize("command", COMMANDS)
def test_help_names_the_limits_of_a_stream(command: str, environment: dict[str, str]) -> None:
    arguments, _ = COMMANDS[command]
    said = " ".join(run(environment, *arguments[:2], "--help").stdout.split())

    assert "For the whole stream; none by default." in said
    assert "For the whole call" not in said
