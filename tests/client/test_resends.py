"""The table of resends: how often each operation arrives, and what its error says of its effect.

Every operation meets a server that fails in every place. One that may act twice arrives once.
The mock plays the failures, and its journal counts what arrives.
"""

from __future__ import annotations

import contextlib
import itertools
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
from tests.support.peers import KEEP_OPEN, Peer, answer, peer
from tests.support.sandbox import Space

import sessionvitals
from sessionvitals import CallError
from sessionvitals.mock_program import running_mock
from sessionvitals.sandbox import Sandbox

RETRIES = 2
each_operation = pytest.mark.parametrize("operation", OPERATIONS, ids=str)


@dataclass
class Arrivals:
    url: str
    count: int = 0


@contextlib.contextmanager
def nobody(operation: Operation, space: Space) -> Iterator[Arrivals]:
    """No server: the port is bound and does not listen."""
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        yield Arrivals(f"http://127.0.0.1:{bound.getsockname()[1]}")


@contextlib.contextmanager
def resets_as_tls_begins(operation: Operation, space: Space) -> Iterator[Arrivals]:
    """A mock that resets each connection at once: TLS never begins, so no request is written."""
    with running_mock() as ready:
        sandbox = Sandbox(ready)
        # The connection after these is ours, which reads the journal.
        sandbox.faults.add({"kind": "reset", "times": 1 + RETRIES}, phase="connect")
        arrivals = Arrivals(f"https://127.0.0.1:{ready['port']}")
        yield arrivals
        arrivals.count = sandbox.journal.count()


@contextlib.contextmanager
def reader_of_one_byte(operation: Operation, space: Space) -> Iterator[Arrivals]:
    """A server that reads one byte of each request and resets the connection."""
    arrivals = Arrivals("")

    def converse(connection: socket.socket) -> None:
        arrivals.count += len(connection.recv(1))
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    with listening(converse) as port:
        arrivals.url = f"http://127.0.0.1:{port}"
        yield arrivals


def meets(fault: dict[str, Any]) -> Any:
    """Return the mock with this fault at each request; its journal counts what arrives."""

    @contextlib.contextmanager
    def serve(operation: Operation, space: Space) -> Iterator[Arrivals]:
        space.faults({**fault, "times": 0})
        arrivals = Arrivals(space.base_url(operation.provider))
        yield arrivals
        arrivals.count = space.sandbox.journal.count()
        ours = {"provider": operation.provider, "operation": operation.route or operation.name}
        assert space.sandbox.journal.count(**ours) == arrivals.count

    return serve


def refuses(http_status: int, **headers: str) -> Any:
    return meets({"kind": "status", "http_status": http_status, "headers": headers})


AT_ONCE = {"Retry-After": "0"}
WHOLE = {"http_status": 200, "body": {"sessions": []}}

#: What fails: the server, whether a byte of the request may have been read, and whether an answer
#: says that it was not carried out. The mock plays what happens to a whole request.
CELLS: dict[str, tuple[Any, bool, bool]] = {
    "before connect": (nobody, False, False),
    "after 0 bytes": (resets_as_tls_begins, False, False),
    "after 1 byte": (reader_of_one_byte, True, False),
    "after the whole request, closed": (meets({"kind": "close"}), True, False),
    "after the whole request, reset": (meets({"kind": "reset"}), True, False),
    "after its effect, reset": (meets({"kind": "reset", "when": "after"}), True, False),
    "after half a head": (meets({"kind": "cut", "bytes": 10, **WHOLE}), True, False),
    "after half an answer": (meets({"kind": "wrong_length", **WHOLE}), True, False),
    "429": (refuses(429, **AT_ONCE), True, True),
    "500": (refuses(500), True, False),
    "503": (refuses(503, **AT_ONCE), True, False),
}


#: Clients of other settings share no connection: each gets a limit that no other has.
limits = itertools.count(5)


def error_of(operation: Operation, url: str, **options: Any) -> CallError:
    options = {"max_retries": RETRIES, "max_connections": next(limits), **options}
    client = operation.vendor.client(url, **options)
    with pytest.raises(CallError) as caught:
        operation.call(client)
    return caught.value


@each_operation
@pytest.mark.parametrize("cell", CELLS)
def test_an_operation_arrives_as_often_as_its_effect_allows(
    operation: Operation, cell: str, space: Space
) -> None:
    serve, may_have_left, is_refused = CELLS[cell]
    is_resent = operation.effect != "once" or not may_have_left or is_refused
    if operation.is_stream and cell == "after half an answer":
        is_resent = False  # its head says already that it is no stream
    attempts = 1 + RETRIES if is_resent else 1

    with serve(operation, space) as arrivals:
        error = error_of(operation, arrivals.url)

    assert arrivals.count == (attempts if may_have_left else 0)
    assert error.call is not None
    assert error.call.operation == operation.name
    assert len(error.call.attempts) == attempts
    changes = operation.effect != "none"
    assert error.may_have_taken_effect is (changes and may_have_left and not is_refused)


@each_operation
@pytest.mark.parametrize("cell", ["after the whole request, reset", "503"])
def test_what_may_act_twice_is_resent_on_request(
    operation: Operation, cell: str, space: Space
) -> None:
    with CELLS[cell][0](operation, space) as arrivals:
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


@each_operation
def test_a_reset_on_a_kept_connection_costs_only_what_may_act_twice(
    operation: Operation, space: Space
) -> None:
    space.faults({"kind": "status", "http_status": 400}, {"kind": "reset", "times": 0})
    client = operation.vendor.client(
        space.base_url(operation.provider), max_retries=0, max_connections=next(limits)
    )
    errors = []
    for _ in range(2):
        with pytest.raises(CallError) as caught:
            operation.call(client)
        errors.append(caught.value)
    # A kept connection that fails is replaced by a new one, without counting as a retry.
    resent = 0 if operation.effect == "once" else 1
    assert space.sandbox.journal.count() == 2 + resent
    assert [each.may_have_taken_effect for each in errors] == [False, operation.effect != "none"]


def test_every_operation_is_in_the_table() -> None:
    built = {name for name in dir(sessionvitals) if name.startswith("build_")}
    assert {f"build_{each.provider}_{each.name}_request" for each in OPERATIONS} == built
    assert {(each.provider, each.operation) for each in EXCHANGES} == {
        (each.provider, each.name) for each in OPERATIONS if not each.is_stream
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
