"""The table of resends: how often each operation arrives, and what its error says of its effect.

Every operation meets a server that fails in every place. One that may act twice arrives once.
"""

from __future__ import annotations

import contextlib
import socket
import struct
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from tests.support.contracts import EXCHANGES
from tests.support.listening import listening
from tests.support.operations import OPERATIONS, Operation
from tests.support.peers import KEEP_OPEN, Peer, Talk, answer, peer, resets, says

import sessionvitals
from sessionvitals import CallError

RETRIES = 2
each_operation = pytest.mark.parametrize("operation", OPERATIONS, ids=str)


@dataclass
class Arrivals:
    url: str
    count: int = 0


@contextlib.contextmanager
def nobody() -> Iterator[Arrivals]:
    """No server: the port is bound and does not listen."""
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        yield Arrivals(f"http://127.0.0.1:{bound.getsockname()[1]}")


@contextlib.contextmanager
def reader_of_one_byte() -> Iterator[Arrivals]:
    """A server that reads one byte of each request and resets the connection."""
    arrivals = Arrivals("")

    def converse(connection: socket.socket) -> None:
        arrivals.count += len(connection.recv(1))
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    with listening(converse) as port:
        arrivals.url = f"http://127.0.0.1:{port}"
        yield arrivals


def reader(talk: Talk) -> Any:
    """Return a server that reads each request whole and then does as told."""

    @contextlib.contextmanager
    def serve() -> Iterator[Arrivals]:
        with peer(talk) as told:
            arrivals = Arrivals(told.url)
            yield arrivals
            arrivals.count = len(told.requests)

    return serve


def refuses(status: bytes, *headers: bytes) -> Any:
    return reader(says(answer(b"", b"HTTP/1.1 " + status, b"Connection: close", *headers)))


#: What fails: the server, whether a byte of the request may have been read, and whether an answer
#: says that it was not carried out.
CELLS: dict[str, tuple[Any, bool, bool]] = {
    "before connect": (nobody, False, False),
    "after 1 byte": (reader_of_one_byte, True, False),
    "after the whole request, closed": (reader(says()), True, False),
    "after the whole request, reset": (reader(resets()), True, False),
    "after half a head": (reader(says(b"HTTP/1.1 2")), True, False),
    "after half an answer": (
        reader(says(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{")),
        True,
        False,
    ),
    "429": (refuses(b"429 Slow", b"Retry-After: 0"), True, True),
    "500": (refuses(b"500 Oops"), True, False),
    "503": (refuses(b"503 Busy", b"Retry-After: 0"), True, False),
}


def error_of(operation: Operation, url: str, **options: Any) -> CallError:
    client = operation.vendor.client(url, max_retries=RETRIES, **options)
    with pytest.raises(CallError) as caught:
        operation.call(client)
    return caught.value


@each_operation
@pytest.mark.parametrize("cell", CELLS)
def test_an_operation_arrives_as_often_as_its_effect_allows(
    operation: Operation, cell: str
) -> None:
    serve, may_have_left, is_refused = CELLS[cell]
    is_resent = operation.effect != "once" or not may_have_left or is_refused
    tries = 1 + RETRIES if is_resent else 1

    with serve() as arrivals:
        error = error_of(operation, arrivals.url)

    assert arrivals.count == (tries if may_have_left else 0)
    assert error.call is not None
    assert error.call.operation == operation.name
    assert len(error.call.tries) == tries
    changes = operation.effect != "none"
    assert error.may_have_taken_effect is (changes and may_have_left and not is_refused)


@each_operation
@pytest.mark.parametrize("cell", ["after the whole request, reset", "503"])
def test_what_may_act_twice_is_resent_on_request(operation: Operation, cell: str) -> None:
    with CELLS[cell][0]() as arrivals:
        error = error_of(operation, arrivals.url, resend_unsafe=True)
    assert arrivals.count == 1 + RETRIES
    assert error.may_have_taken_effect is (operation.effect != "none")


@each_operation
def test_a_kept_connection_that_is_closed_before_a_byte_was_written_costs_nothing(
    operation: Operation,
) -> None:
    closed = threading.Event()

    def talk(told: Peer, connection: socket.socket, request: bytes) -> object:
        connection.sendall(answer(b"", b"HTTP/1.1 400 Bad"))
        if len(told.requests) > 1:
            return KEEP_OPEN
        connection.shutdown(socket.SHUT_RDWR)
        closed.set()
        return None

    with peer(talk) as told:
        client = operation.vendor.client(told.url, max_retries=0)
        for _ in range(2):
            with pytest.raises(CallError) as caught:
                operation.call(client)
            assert closed.wait(10)
            assert not caught.value.may_have_taken_effect
        assert len(told.requests) == 2


def test_every_operation_is_in_the_table() -> None:
    built = {name for name in dir(sessionvitals) if name.startswith("build_")}
    assert {f"build_{each.provider}_{each.name}_request" for each in OPERATIONS} == built
    assert {(each.provider, each.operation) for each in EXCHANGES} == {
        (each.provider, each.name) for each in OPERATIONS
    }


def delete_answered_in_turn(*answers: bytes) -> tuple[Any, int]:
    turns = iter(answers)

    def talk(told: Peer, connection: socket.socket, request: bytes) -> None:
        connection.sendall(next(turns))

    with peer(talk) as told:
        client: Any = sessionvitals.ElizaClient(base_url=told.url, max_retries=2)
        try:
            return client.delete_session("s"), len(told.requests)
        except CallError as error:
            return error, len(told.requests)


CLOSE = b"Connection: close"
GONE = answer(b'{"error":"x","code":"SESSION_NOT_FOUND"}', b"HTTP/1.1 404 Not Found", CLOSE)


def test_a_deletion_that_was_lost_and_then_finds_nothing_has_succeeded() -> None:
    assert delete_answered_in_turn(b"", GONE) == (None, 2)
    busy = answer(b"", b"HTTP/1.1 503 Busy", b"Retry-After: 0", CLOSE)
    assert delete_answered_in_turn(busy, b"HTTP/1.1 2", GONE) == (None, 3)


def test_a_deletion_that_finds_nothing_at_first_has_failed() -> None:
    error, arrivals = delete_answered_in_turn(GONE)
    assert isinstance(error, sessionvitals.NotFoundError)
    assert arrivals == 1
    # A 429 says that the first one was not carried out.
    slow = answer(b"", b"HTTP/1.1 429 Slow", b"Retry-After: 0", CLOSE)
    error, arrivals = delete_answered_in_turn(slow, GONE)
    assert isinstance(error, sessionvitals.NotFoundError)
    assert (arrivals, error.may_have_taken_effect) == (2, False)
