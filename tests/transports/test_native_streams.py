"""The streams of both vendors, as a C++ user reads them, from the mock and from peers."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import pytest
from tests.support.peers import answer, peer
from tests.support.peers.streaming import END, HEAD, RESETS, session_event, sse, streams
from tests.support.sandbox import Space
from tests.support.shell import environment_of

pytestmark = pytest.mark.slow


@pytest.fixture
def read(programs: Path, space: Space) -> Any:
    def run(*words: object, url: str = "") -> list[str]:
        environment = environment_of(space)
        if url:
            environment |= {"PING_BASE_URL": url, "ELIZA_BASE_URL": url}
        program = [str(programs / "streams"), *map(str, words)]
        done = subprocess.run(program, env=environment, capture_output=True, text=True, timeout=30)
        assert done.returncode == 0, done.stderr
        return done.stdout.splitlines()

    return run


def test_events_come_in_order_and_a_loss_is_a_gap(read: Any) -> None:
    lost = [HEAD, sse(session_event(1)), sse(session_event(2, "heartbeat")), RESETS]
    again = [HEAD, sse(session_event(7, "session_end")), END]
    with peer(streams(lost, again)) as vendor:
        said = read("events", 4, url=vendor.url)
        assert len(vendor.requests) == 2
    assert said == ["1 session_start s-1", "2 heartbeat s-2", "gap", "7 session_end s-7", "closed"]


def test_a_bad_event_costs_itself_alone(read: Any) -> None:
    with peer(streams([HEAD, sse("{"), sse(session_event(2)), END])) as vendor:
        said = read("events", 2, url=vendor.url)
    assert said == ["error: ContractError", "2 session_start s-2", "closed"]


def test_a_stream_that_is_refused_is_over(read: Any) -> None:
    with peer(streams([answer(b"{}", b"HTTP/1.1 401 No")])) as vendor:
        assert read("events", 2, url=vendor.url) == ["error: AuthenticationError"]


def test_a_message_is_answered_in_pieces(read: Any, space: Space) -> None:
    space.add_session("eliza", "s", "active")
    space.admin("PUT", "agent", {"reply": "hello you"})
    said = read("message", "s", "hi")
    assert said[0] == "user_message: hi"
    assert said[-2:] == ["done: hello you", "end"]
    assert "".join(line.removeprefix("chunk: ") for line in said[1:-2]) == "hello you"
    assert space.sandbox.journal.count(operation="send_message") == 1


def test_a_message_whose_stream_breaks_off_is_not_sent_again(read: Any) -> None:
    broken = [HEAD, sse({"chunk": "he", "index": 0}, event="chunk"), RESETS]
    with peer(streams(broken)) as vendor:
        said = read("message", "s", "hi", url=vendor.url)
        assert len(vendor.requests) == 1
    assert said == ["chunk: he", "error: TransportError may have taken effect"]
