"""PingClient.events(): what comes, what is opened again, and what ends it."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from tests.support.peers import answer, peer
from tests.support.peers.streaming import (
    END,
    HEAD,
    RESETS,
    STAYS,
    chunk,
    session_event,
    sse,
    streams,
)

from sessionvitals import (
    AuthenticationError,
    BadRequestError,
    CallCancelled,
    CancelToken,
    ConfigurationError,
    ContractError,
    DeadlineExceeded,
    HttpStatusError,
    NotFoundError,
    PermissionDeniedError,
    PingClient,
    RateLimitError,
    ServerError,
    SessionEvent,
    StreamGap,
    TransportError,
)

AT_ONCE = 0.001


def events_of(url: str, **options: Any) -> Iterator[SessionEvent | StreamGap]:
    options = {"reconnect_after": AT_ONCE, "max_retries": 0, **options}
    return PingClient("a-key", base_url=url).events(**options)


def first(url: str, count: int, **options: Any) -> list[SessionEvent | StreamGap]:
    return list(itertools.islice(events_of(url, **options), count))


def ids(items: list[SessionEvent | StreamGap]) -> list[int | str]:
    """Return the ids of events, and "gap" for a gap."""
    return [item.id if isinstance(item, SessionEvent) else "gap" for item in items]


GONE = b"HTTP/1.1 204 No Content\r\n\r\n"
ENDS = [
    [],
    [END],
    [RESETS],
    [b"20\r\ndata: half"],
]


def refusal(status: bytes, *headers: bytes) -> bytes:
    return answer(b'{"error":{"code":"c","message":"m"}}', b"HTTP/1.1 " + status, *headers)


def test_an_event_has_all_its_members() -> None:
    said = session_event(
        9007199254740993,
        "session_stats",
        duration=60,
        downloaded_bytes=2**63 - 1,
        uploaded_bytes=0,
        region="de",
    )
    with peer(streams([HEAD, sse(said), STAYS])) as told:
        (event,) = first(told.url, 1)

    assert isinstance(event, SessionEvent)
    assert event.id == 9007199254740993
    assert event.event_type == "session_stats"
    assert event.session_id == "s-9007199254740993"
    assert event.created_at == datetime(2026, 1, 1, tzinfo=timezone.utc)
    assert event.duration == timedelta(seconds=60)
    assert event.downloaded_bytes == 2**63 - 1
    assert event.uploaded_bytes == 0
    assert event.extra == {"region": "de"}


def test_an_unknown_type_is_handed_on_whatever_its_name_on_the_wire() -> None:
    said = sse(session_event(1, "session_moved"), event="anything")
    with peer(streams([HEAD, said, STAYS])) as told:
        (event,) = first(told.url, 1)

    assert isinstance(event, SessionEvent)
    assert event.event_type == "session_moved"
    assert (event.duration, event.downloaded_bytes) == (None, None)


def test_the_request_is_a_get_with_the_key_and_no_last_id() -> None:
    with peer(streams([GONE])) as told:
        assert first(told.url, 1) == []
        (request,) = told.requests

    assert request.startswith(b"GET /sessions/events HTTP/1.1\r\n")
    assert b"\r\nAuthorization: a-key\r\n" in request
    assert b"\r\nAccept: text/event-stream\r\n" in request
    assert b"last-event-id" not in request.lower()


@pytest.mark.parametrize("end", ENDS, ids=["close", "end", "reset", "cut"])
def test_a_stream_that_ends_is_opened_again_after_a_gap(end: list[bytes]) -> None:
    before = datetime.now(timezone.utc)
    with peer(
        streams([HEAD, sse(session_event(1)), *end], [HEAD, sse(session_event(2)), STAYS])
    ) as told:
        items = first(told.url, 3)
        assert len(told.requests) == 2

    assert ids(items) == [1, "gap", 2] or (end == [RESETS] and ids(items) == ["gap", 2])
    (gap,) = (item for item in items if isinstance(item, StreamGap))
    assert before <= gap.since <= gap.until <= datetime.now(timezone.utc)


def test_a_silent_stream_is_opened_again_after_its_idle_timeout() -> None:
    with peer(
        streams([HEAD, sse(session_event(1)), STAYS], [HEAD, sse(session_event(2)), STAYS])
    ) as told:
        assert ids(first(told.url, 3, idle_timeout=0.2)) == [1, "gap", 2]


@pytest.mark.parametrize("status", [b"429 Too Many", b"500 No", b"502 No", b"503 No", b"504 No"])
def test_a_refusal_that_passes_is_tried_again(status: bytes) -> None:
    refused = [refusal(status, b"Connection: close")]
    with peer(
        streams(
            [HEAD, sse(session_event(1)), END],
            refused,
            refused,
            [HEAD, sse(session_event(2)), STAYS],
        )
    ) as told:
        assert ids(first(told.url, 3)) == [1, "gap", 2]
        assert len(told.requests) == 4


REFUSALS: dict[bytes, type[HttpStatusError]] = {
    b"400 No": BadRequestError,
    b"401 No": AuthenticationError,
    b"403 No": PermissionDeniedError,
    b"404 No": NotFoundError,
    b"501 No": ServerError,
}


@pytest.mark.parametrize(("status", "kind"), REFUSALS.items())
def test_any_other_refusal_is_the_end(status: bytes, kind: type[HttpStatusError]) -> None:
    with peer(streams([HEAD, sse(session_event(1)), END], [refusal(status)])) as told:
        events = events_of(told.url)
        assert ids([next(events)]) == [1]
        for _ in range(2):
            with pytest.raises(kind) as caught:
                next(events)
        assert len(told.requests) == 2

    assert caught.value.call is not None
    assert caught.value.call.operation == "events"
    assert not caught.value.may_have_taken_effect


@pytest.mark.parametrize(
    ("status", "kind"),
    [(b"429 Too Many", RateLimitError), (b"503 No", ServerError), (b"401 No", AuthenticationError)],
)
def test_a_stream_that_was_never_open_fails_as_a_call(
    status: bytes, kind: type[HttpStatusError]
) -> None:
    with peer(streams([refusal(status)])) as told, pytest.raises(kind):
        next(events_of(told.url))


def test_no_server_is_a_transport_error() -> None:
    with peer(streams([])) as told:
        url = told.url
    with pytest.raises(TransportError):
        next(events_of(url))


@pytest.mark.parametrize("is_first", [True, False])
def test_204_is_the_end_for_good(is_first: bool) -> None:
    turns = [[GONE]] if is_first else [[HEAD, sse(session_event(1)), END], [GONE]]
    with peer(streams(*turns)) as told:
        assert ids(list(events_of(told.url))) == ([] if is_first else [1])
        assert len(told.requests) == len(turns)


@pytest.mark.parametrize(
    "said",
    [
        [answer(b"{}", b"HTTP/1.1 200 OK", b"Content-Type: application/json")],
        [HEAD, chunk(b"x" * (1025 * 1024 + 1)), STAYS],
        [HEAD, *[chunk(b"data: " + b"x" * 32767 + b"\n")] * 33, STAYS],
    ],
    ids=["another content type", "a line of more than 1 MiB", "an event of more than 1 MiB"],
)
def test_what_is_no_stream_is_the_end(said: list[bytes]) -> None:
    with peer(streams(said)) as told:
        events = events_of(told.url)
        for _ in range(2):
            with pytest.raises(ContractError):
                next(events)
            assert events.is_over  # type: ignore[attr-defined]
        assert len(told.requests) == 1


def test_events_after_a_bad_one_come_even_if_the_stream_is_over() -> None:
    said = HEAD + sse("no json") + sse(session_event(2)) + END
    with peer(streams([said], [GONE])) as told:
        events = events_of(told.url)
        with pytest.raises(ContractError):
            next(events)
        assert ids(list(events)) == [2]
        assert events.is_over  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("data", "member"),
    [
        ("no json", ""),
        ("{}", "/id"),
        (session_event(1) | {"id": "1"}, "/id"),
        (session_event(1) | {"id": 1.5}, "/id"),
        (session_event(1) | {"created_at": "soon"}, "/created_at"),
        (session_event(1) | {"uploaded_bytes": 2**63}, "/uploaded_bytes"),
    ],
)
def test_one_bad_event_costs_itself_alone(data: object, member: str) -> None:
    with peer(streams([HEAD, sse(data), sse(session_event(2)), STAYS])) as told:
        events = events_of(told.url)
        with pytest.raises(ContractError) as caught:
            next(events)
        assert not events.is_over  # type: ignore[attr-defined]
        assert ids([next(events)]) == [2]
        assert len(told.requests) == 1

    assert caught.value.member == member
    assert caught.value.call is not None
    assert caught.value.call.operation == "events"


def test_an_event_that_came_before_is_dropped() -> None:
    one, two, three = (sse(session_event(number)) for number in (1, 2, 3))
    with peer(streams([HEAD, two, one, two, END], [HEAD, one, two, three, STAYS])) as told:
        assert ids(first(told.url, 4)) == [2, 1, "gap", 3]


def test_the_last_10_000_ids_are_kept() -> None:
    many = [sse(session_event(number)) for number in range(10_001)]
    again = [sse(session_event(number)) for number in (1, 0)]
    with peer(streams([HEAD, *many, *again, STAYS])) as told:
        items = first(told.url, 10_002)

    assert ids(items) == [*range(10_001), 0]


@pytest.mark.parametrize(
    ("given", "sent"),
    [("7", b"7"), ("a b", b"a b"), ("", None), ("\x01", None)],
)
def test_the_last_id_is_sent_if_the_server_gave_one(given: str, sent: bytes | None) -> None:
    said = [HEAD, sse(session_event(1), id=given), chunk(b"id: 99\ndata: cut"), END]
    with peer(streams(said, [GONE])) as told:
        list(events_of(told.url))
        last = told.requests[1]

    expected = [] if sent is None else [b"Last-Event-ID: " + sent]
    assert [line for line in last.split(b"\r\n") if line.startswith(b"Last-Event-ID")] == expected


def test_the_last_id_holds_until_the_server_gives_another() -> None:
    without = [HEAD, chunk(b": nothing\n\n"), sse(session_event(2)), END]
    reset = [HEAD, chunk(b"id\n\n"), END]
    turns = [[HEAD, sse(session_event(1), id="5"), END], without, without, reset, [GONE]]
    with peer(streams(*turns)) as told:
        list(events_of(told.url))
        sent = [re.findall(rb"Last-Event-ID: (.*)\r", request) for request in told.requests]

    assert sent == [[], [b"5"], [b"5"], [b"5"], []]


def test_retry_is_the_least_wait() -> None:
    said = [HEAD, chunk(b"retry: 300\n\n"), sse(session_event(1)), END]
    with peer(streams(said, [HEAD, STAYS])) as told:
        _, gap = first(told.url, 2)

    assert isinstance(gap, StreamGap)
    assert gap.until - gap.since >= timedelta(seconds=0.3)


def test_the_wait_grows_with_each_failure() -> None:
    refused = [refusal(b"503 No", b"Connection: close")]
    turns = [[HEAD, sse(session_event(1)), END], *[refused] * 4, [HEAD, STAYS]]
    with peer(streams(*turns)) as told:
        _, gap = first(told.url, 2, reconnect_after=0.02)

    assert isinstance(gap, StreamGap)
    # 0.02 + 0.04 + ... + 0.32 s, each made up to half shorter.
    assert timedelta(seconds=0.31) <= gap.until - gap.since


def test_a_deadline_ends_the_whole_stream() -> None:
    with peer(streams([HEAD, sse(session_event(1)), STAYS])) as told:
        events = events_of(told.url, deadline=0.3)
        assert ids([next(events)]) == [1]
        for _ in range(2):
            with pytest.raises(DeadlineExceeded, match="deadline"):
                next(events)
        assert len(told.requests) == 1


def test_a_deadline_ends_a_wait_between_two_attempts() -> None:
    with peer(streams([HEAD, sse(session_event(1)), END])) as told:
        events = events_of(told.url, deadline=0.3, reconnect_after=60)
        next(events)
        with pytest.raises(DeadlineExceeded):
            next(events)


@pytest.mark.parametrize("end", [[STAYS], [END]], ids=["in a stream", "between two attempts"])
def test_a_cancel_ends_a_wait(end: list[bytes]) -> None:
    token = CancelToken()
    with peer(streams([HEAD, sse(session_event(1)), *end])) as told:
        events = events_of(told.url, cancel=token, reconnect_after=60)
        next(events)
        token.cancel()
        with pytest.raises(CallCancelled):
            next(events)


@pytest.mark.parametrize(
    "options", [{"idle_timeout": 0}, {"deadline": -1}, {"reconnect_after": float("nan")}], ids=str
)
def test_options_out_of_range_are_refused(options: dict[str, float]) -> None:
    with pytest.raises(ConfigurationError, match=next(iter(options))):
        next(events_of("http://127.0.0.1:1", **options))


def test_a_key_that_changes_is_asked_for_again_in_the_middle() -> None:
    keys = iter(["old-key", "new-key"])
    turns = [[HEAD, sse(session_event(1)), END], [refusal(b"401 No")], [HEAD, STAYS]]
    with peer(streams(*turns)) as told:
        client = PingClient(lambda: next(keys), base_url=told.url)
        events = client.events(reconnect_after=AT_ONCE)
        assert ids(list(itertools.islice(events, 2))) == [1, "gap"]
        sent = [request.split(b"Authorization: ")[1][:7] for request in told.requests]

    assert sent == [b"old-key", b"old-key", b"new-key"]
