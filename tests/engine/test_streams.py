"""A stream of events over a socket: they come as they are sent, and every end of it is noticed."""

from __future__ import annotations

import socket
import threading
import time
from typing import Any

import pytest
from tests.support.peers import KEEP_OPEN, Peer, Talk, answer, peer, says, says_and_stays

from sessionvitals import (
    CallCancelled,
    CancelToken,
    ContractError,
    DeadlineExceeded,
    RateLimitError,
    TransportError,
)
from sessionvitals._core import inspect_pools, inspect_stream

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream; charset=utf-8\r\n"
CHUNKED = HEAD + b"Transfer-Encoding: chunked\r\n\r\n"
UNTIL_CLOSE = HEAD + b"\r\n"


def chunk(data: bytes) -> bytes:
    return b"%x\r\n%s\r\n" % (len(data), data)


def event(data: bytes) -> bytes:
    return b"data: " + data + b"\n\n"


def follow(url: str, **options: Any) -> list[bytes]:
    """Return the data of all events of a stream that ends in good order."""
    seen: list[bytes] = []
    inspect_stream(url, "/events", lambda item: seen.append(item[1]), **options)
    return seen


def failed(url: str, kind: type[Exception], **options: Any) -> tuple[list[bytes], Any]:
    """Return the data of the events before the error, and the error."""
    seen: list[bytes] = []
    with pytest.raises(kind) as caught:
        inspect_stream(url, "/events", lambda item: seen.append(item[1]), **options)
    return seen, caught.value


@pytest.mark.parametrize(
    "said",
    [
        CHUNKED + chunk(event(b"1")) + chunk(event(b"2")) + b"0\r\n\r\n",
        CHUNKED + chunk(event(b"1") + b"da") + chunk(b"ta: 2\n\n") + b"0\r\n\r\n",
        UNTIL_CLOSE + event(b"1") + event(b"2"),
        HEAD + b"Content-Length: 18\r\n\r\n" + event(b"1") + event(b"2"),
    ],
    ids=["chunks", "an event in two chunks", "until the close", "a length"],
)
@pytest.mark.parametrize("in_pieces", [False, True])
def test_a_stream_that_ends_in_good_order_gives_all_its_events(
    said: bytes, in_pieces: bool
) -> None:
    pieces = [said[at : at + 1] for at in range(len(said))] if in_pieces else [said]
    with peer(says(*pieces)) as told:
        assert follow(told.url) == [b"1", b"2"]


def test_each_event_comes_before_the_next_is_sent() -> None:
    seen = threading.Semaphore(0)

    def talk(told: Peer, connection: socket.socket, request: bytes) -> None:
        connection.sendall(CHUNKED)
        for number in range(5):
            connection.sendall(chunk(event(b"%d" % number)))
            assert seen.acquire(timeout=20), "the event before has not come"
        connection.sendall(b"0\r\n\r\n")

    numbers: list[bytes] = []

    def on_event(item: tuple[bytes, ...]) -> None:
        numbers.append(item[1])
        seen.release()

    with peer(talk) as told:
        inspect_stream(told.url, "/events", on_event)
    assert numbers == [b"0", b"1", b"2", b"3", b"4"]


def test_a_stream_may_be_longer_than_any_body() -> None:
    many = [chunk(event(b"x" * 8000)) for _ in range(400)]
    with peer(says(CHUNKED, *many, b"0\r\n\r\n")) as told:
        assert sum(map(len, follow(told.url))) == 400 * 8000


def test_a_connection_is_used_again_after_a_stream_that_ended_well() -> None:
    whole = CHUNKED + chunk(event(b"1")) + b"0\r\n\r\n"

    def talk(told: Peer, connection: socket.socket, request: bytes) -> object:
        connection.sendall(whole)
        return KEEP_OPEN

    with peer(talk) as told:
        again: list[list[bytes]] = []
        inspect_stream(told.url, "/events", lambda _: None)
        inspect_stream(told.url, "/events", lambda item: again.append(item))
        assert len(told.requests) == 2


CUTS: dict[str, bytes] = {
    "between chunks": CHUNKED + chunk(event(b"1")),
    "within a chunk": CHUNKED + chunk(event(b"1")) + b"20\r\ndata: half",
    "before the end of its length": HEAD + b"Content-Length: 99\r\n\r\n" + event(b"1"),
}


@pytest.mark.parametrize("said", CUTS.values(), ids=CUTS)
def test_a_cut_in_the_middle_is_an_error_after_the_events_before_it(said: bytes) -> None:
    with peer(says(said)) as told:
        seen, error = failed(told.url, TransportError)

    assert seen == [b"1"]
    assert error.phase == "receive"
    assert "in the middle" in str(error)
    (attempt,) = error.call.attempts
    assert attempt.http_status == 0 or attempt.phase == "receive"
    assert len(told.requests) == 1, "a stream is not opened again by itself"


def test_broken_chunks_are_a_contract_error_after_the_events_before_them() -> None:
    with peer(says(CHUNKED + chunk(event(b"1")) + b"xyz\r\n")) as told:
        seen, error = failed(told.url, ContractError)

    assert seen == [b"1"]
    assert len(error.call.attempts) == 1


def test_a_half_open_stream_is_noticed_by_its_idle_timeout() -> None:
    with peer(says_and_stays(CHUNKED + chunk(event(b"1")))) as told:
        begun = time.monotonic()
        seen, error = failed(told.url, DeadlineExceeded, idle_timeout=0.3)
        took = time.monotonic() - begun

    assert seen == [b"1"]
    assert "silent" in str(error)
    assert 0.3 <= took < 10


def test_comments_keep_a_stream_alive_past_its_timeout() -> None:
    idle_timeout = 1.0

    def talk(told: Peer, connection: socket.socket, request: bytes) -> None:
        connection.sendall(CHUNKED)
        for _ in range(20):
            told.over.wait(idle_timeout / 10)
            connection.sendall(chunk(b": alive\n"))
        connection.sendall(chunk(event(b"1")) + b"0\r\n\r\n")

    with peer(talk) as told:
        # The timeout of the call is for the head alone.
        assert follow(told.url, timeout=1.0, idle_timeout=idle_timeout) == [b"1"]


def test_the_time_that_a_consumer_takes_is_its_own() -> None:
    """It is not the server that is silent."""
    turn = threading.Event()

    def slowly(item: tuple[bytes, ...]) -> None:
        turn.wait(0.5)

    said = CHUNKED + chunk(event(b"1")) + chunk(event(b"2")) + b"0\r\n\r\n"
    with peer(says(said)) as told:
        inspect_stream(told.url, "/events", slowly, idle_timeout=0.2)


def test_a_head_that_does_not_come_ends_with_the_timeout_of_the_call() -> None:
    with peer(says_and_stays(b"HTTP/1.1 200 OK\r\n")) as told:
        seen, error = failed(told.url, DeadlineExceeded, timeout=0.3, idle_timeout=60)

    assert seen == []
    assert "silent" not in str(error)


@pytest.mark.parametrize("said", [CHUNKED, CHUNKED + chunk(event(b"1")), b"HTTP/1.1 "])
def test_a_cancel_reaches_a_stream_within_100_ms(said: bytes) -> None:
    token = CancelToken()
    cancelled_at: list[float] = []

    def talk(told: Peer, connection: socket.socket, request: bytes) -> None:
        connection.sendall(said)

        def cancel() -> None:
            cancelled_at.append(time.monotonic())
            token.cancel()

        # Late enough for the client to be waiting, which makes the test harder and no longer.
        threading.Timer(0.1, cancel).start()
        told.over.wait(60)

    with peer(talk) as told:
        failed(told.url, CallCancelled, cancel=token)
        took = time.monotonic() - cancelled_at[0]
    assert took < 0.1


def test_a_stream_gives_its_place_in_the_pool_back_however_it_ends() -> None:
    class Stop(Exception):
        pass

    def stop(item: tuple[bytes, ...]) -> None:
        raise Stop

    with peer(says_and_stays(CHUNKED + chunk(event(b"1")))) as told:
        with pytest.raises(Stop):
            inspect_stream(told.url, "/events", stop)
        failed(told.url, DeadlineExceeded, idle_timeout=0.1)
        ours = [pool for pool in inspect_pools() if str(pool["origin"]).endswith(f":{told.port}")]
        assert [pool["leased"] for pool in ours] in ([], [0])


NO_STREAMS: dict[str, tuple[Talk, type[Exception]]] = {
    "429": (
        says(answer(b"slow down", b"HTTP/1.1 429 Too Many", b"Connection: close")),
        RateLimitError,
    ),
    "200 of another type": (
        says(answer(b"{}", b"HTTP/1.1 200 OK", b"Content-Type: application/json")),
        ContractError,
    ),
    "200 that is compressed": (
        says(
            CHUNKED.replace(b"\r\n\r\n", b"\r\nContent-Encoding: gzip\r\n\r\n"), chunk(b"\x1f\x8b")
        ),
        ContractError,
    ),
    "200 of no type": (says(answer(b"data: a\n\n")), ContractError),
    "a line without end": (says(CHUNKED, *[chunk(b"x" * 60000)] * 18), ContractError),
}


@pytest.mark.parametrize(("talk", "kind"), NO_STREAMS.values(), ids=NO_STREAMS)
def test_what_is_no_stream_is_an_error_with_its_report(talk: Talk, kind: type[Exception]) -> None:
    with peer(talk) as told:
        seen, error = failed(told.url, kind)

    assert seen == []
    assert error.call.operation == "any_stream"
    assert len(error.call.attempts) == 1


def test_204_is_a_stream_without_events() -> None:
    with peer(says(b"HTTP/1.1 204 No Content\r\n\r\n")) as told:
        assert follow(told.url) == []
