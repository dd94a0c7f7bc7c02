"""What the clients make of the mock's faults of a stream, each by its name."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from tests.support.peers import Peer, answer, peer
from tests.support.sandbox import Space

from sessionvitals import (
    ConfigurationError,
    ContractError,
    ElizaClient,
    PingClient,
    SessionEvent,
    SessionVitalsError,
    TransportError,
)


@contextmanager
def lives(space: Space, *streams: int) -> Iterator[None]:
    """Let a session change so often once the first stream is open, and so on for the next ones."""
    space.clock(set="2026-01-01T00:00:00Z", freeze=True)
    space.add_session("ping", "s", "connected")

    def live() -> None:
        states = ["disconnected", "connected"] * 10
        for number, changes in enumerate(streams, 1):
            space.admin("GET", f"requests/wait?operation=events&at_least={number}&timeout=10")
            for _ in range(changes):
                space.admin("PATCH", "sessions/ping/s", {"state": states.pop(0)})

    thread = threading.Thread(target=live)
    thread.start()
    yield
    thread.join()


def seen(space: Space, count: int, **options: Any) -> list[int | str]:
    """Return the first items: an event's number in its session from 1, "gap", or an error's name."""
    client = PingClient("ping-sandbox-key", base_url=space.base_url("ping"))
    options = {"reconnect_after": 0.001, "deadline": 10, **options}
    items: list[int | str] = []
    with client.events(**options) as stream:
        while len(items) < count:
            try:
                item = next(stream)
            except ContractError as error:
                items.append(type(error).__name__)
                continue
            # The session's start, before the stream, was its first event.
            is_event = isinstance(item, SessionEvent)
            items.append((item.id & 0xFFFFFFFF) - 1 if is_event else "gap")  # type: ignore[union-attr]
    return items


def script(space: Space, fault: str) -> None:
    space.faults(script=fault, scope={"operation": "events"})


@pytest.mark.parametrize("fault", ["cut(events=2)", "cut(events=2,close)", "stall(events=2,0.01)"])
def test_a_stream_that_ends_after_two_events_gives_a_gap_and_goes_on(
    space: Space, fault: str
) -> None:
    script(space, fault)
    with lives(space, 2, 2):
        assert seen(space, 5) == [1, 2, "gap", 3, 4]


@pytest.mark.parametrize("fault", ["reset(events=2)", "cut(events=2,reset)"])
def test_a_reset_gives_a_gap_and_goes_on(space: Space, fault: str) -> None:
    script(space, fault)
    with lives(space, 2, 2):
        items = seen(space, 3)
    # A reset may overtake what was sent before it.
    assert items in ([1, 2, "gap"], [1, "gap", 3], ["gap", 3, 4])


def test_a_stall_gives_a_gap_once_it_is_idle_for_too_long(space: Space) -> None:
    script(space, "stall(events=1)")
    with lives(space, 2, 1):
        assert seen(space, 3, idle_timeout=1) == [1, "gap", 3]


def test_a_stream_may_end_before_its_first_event(space: Space) -> None:
    script(space, "cut(events=0)")
    with lives(space, 0, 1):
        assert seen(space, 2) == ["gap", 1]


@pytest.mark.parametrize(
    ("fault", "items"),
    [
        ("duplicate(events=1)", [1, 2, 3]),
        ("reorder(events=1)", [1, 3, 2, 4]),
        ("drop-event(events=1)", [1, 3, 4]),
        ("drop-event", [2, 3, 4]),
        ("bad-line(events=1)", [1, "ContractError", 2, 3]),
        ("big-event(events=1)", [1, "ContractError", "ContractError"]),
        ("big-event(events=1,1000)", [1, 2, 3]),
    ],
)
def test_an_event_is_harmed_and_the_others_come(
    space: Space, fault: str, items: list[int | str]
) -> None:
    script(space, fault)
    with lives(space, 4):
        assert seen(space, len(items)) == items
    answered = space.admin("GET", "requests?operation=events")["requests"]
    assert [each["fault"] for each in answered] == [fault.partition("(")[0]]


def test_a_duplicate_is_on_the_wire(space: Space) -> None:
    assert data_of(space, "duplicate(events=1)") == ["user_message", "chunk", "chunk", "done"]


def test_a_bad_line_is_the_text_given(space: Space) -> None:
    fault = {"kind": "bad_line", "events": 1, "text": "event: odd\ndata: {}"}
    assert data_of(space, fault) == ["user_message", "odd", "chunk", "done"]


def data_of(space: Space, fault: str | dict[str, Any]) -> list[str]:
    """Return the types of a reply's events."""
    return [event.type for event in reply(space, fault)]


def reply(space: Space, fault: str | dict[str, Any]) -> Any:
    space.clock(set="2026-01-01T00:00:00Z", freeze=True)
    space.add_session("eliza", "s", "active")
    space.admin("PUT", "agent", {"reply": "hello", "reply_after": 0})
    if isinstance(fault, str):
        space.faults(script=fault, scope={"provider": "eliza"})
    else:
        space.faults(fault, scope={"provider": "eliza"})
    return ElizaClient(base_url=space.base_url("eliza")).stream_message("s", "hi")


def test_a_reply_without_an_event(space: Space) -> None:
    assert data_of(space, "drop-event(events=1)") == ["user_message", "done"]


def test_a_reply_in_another_order(space: Space) -> None:
    assert data_of(space, "reorder") == ["chunk", "user_message", "done"]


@pytest.mark.parametrize("fault", ["cut(events=2)", "reset(events=2)", "drop-event(events=2)"])
def test_a_reply_that_does_not_end_is_an_error(space: Space, fault: str) -> None:
    with pytest.raises(TransportError, match="Of the reply"):
        list(reply(space, fault))


def test_a_reply_with_a_bad_chunk_is_an_error(space: Space) -> None:
    with pytest.raises(ContractError):
        list(reply(space, {"kind": "bad_line", "events": 1, "text": "event: chunk\ndata: {"}))


def test_a_fault_of_a_stream_leaves_other_answers_alone(space: Space) -> None:
    space.add_session("ping", "s", "connected")
    space.faults(script="reset(events=0), duplicate", scope={"provider": "ping"})
    client = PingClient("ping-sandbox-key", base_url=space.base_url("ping"))
    for _ in range(2):
        assert client.probe("s").provider_state == "connected"


@pytest.mark.parametrize(
    ("fault", "why"),
    [
        ("delay(events=1)", "needs its seconds"),
        ("cut(20,events=1)", "comes first"),
        ("cut(events=x)", "whole number"),
        ("duplicate(events=-1)", "from 0"),
        ("duplicate(2)", "does not belong there"),
        ("dribble(events=1)", "belong to the faults of a stream"),
    ],
)
def test_a_wrong_fault_is_refused(space: Space, fault: str, why: str) -> None:
    with pytest.raises(ConfigurationError, match=why):
        space.faults(script=fault)


def test_a_connection_has_no_events(space: Space) -> None:
    with pytest.raises(ConfigurationError, match="a connection has no events"):
        space.faults(script="duplicate", scope={"phase": "connect"})


@pytest.mark.parametrize("wait", [b"9223372037", b"Fri, 31 Dec 9999 23:59:59 GMT"])
def test_a_wait_without_end_is_none_between_attempts(wait: bytes) -> None:
    event = b'{"id":1,"event_type":"session_start","session_id":"s","created_at":"2026-01-01T00:00:00Z"}'
    stream = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\ndata: %s\n\n" % event
    busy = answer(b"", b"HTTP/1.1 503 Busy", b"Retry-After: " + wait, b"Connection: close")
    turns = iter([stream])

    def talk(told: Peer, connection: socket.socket, request: bytes) -> None:
        connection.sendall(next(turns, busy))

    with peer(talk) as told:
        client = PingClient("k", base_url=told.url)
        with (
            client.events(reconnect_after=0.001, deadline=0.5) as events,
            pytest.raises(SessionVitalsError),
        ):
            list(events)
        assert len(told.requests) == 2
