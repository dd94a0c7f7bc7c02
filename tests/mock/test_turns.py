"""Who comes first is answered first, and nothing that has come is left lying."""

from __future__ import annotations

import os
import select
import signal
import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
from tests.support.calls import PING_KEY
from tests.support.sandbox import Mock, Space, start_mock
from tests.support.wire import connect, receive_all, receive_answer, request


@pytest.fixture
def own_mock() -> Iterator[Mock]:
    with start_mock() as running:
        yield running


@contextmanager
def halted(mock: Mock) -> Iterator[None]:
    """Let nothing happen in the mock meanwhile: what is sent then, it finds all at once."""
    os.kill(mock.pid, signal.SIGSTOP)
    try:
        status = Path(f"/proc/{mock.pid}/stat")
        while status.read_text().rsplit(")", 1)[1].split()[0] != "T":
            pass
        yield
    finally:
        os.kill(mock.pid, signal.SIGCONT)


def ping(session_id: str, **headers: str) -> bytes:
    return request(f"/customer/v2/sessions/{session_id}/status", **PING_KEY, **headers)


def test_requests_have_their_turn_in_the_order_in_which_they_came(own_mock: Mock) -> None:
    # An answer that takes long, so that others come meanwhile.
    space = Space(own_mock, "default")
    sessions = [{"provider": "tiun", "id": f"t-{i}", "state": "valid"} for i in range(8_000)]
    space.admin("POST", "scenarios", {"sessions": sessions})
    with ExitStack() as open_ones:
        served, waiting, long = (open_ones.enter_context(connect(own_mock.port)) for _ in range(3))
        for connection in (served, waiting, long):  # each is accepted then
            connection.sendall(request("/__admin/health"))
            receive_answer(connection)
        with halted(own_mock):
            served.sendall(ping("first"))
            long.sendall(request("/__admin/scenario"))
        receive_answer(served)
        waiting.sendall(ping("second"))
        served.sendall(ping("third"))

        assert not select.select([long], [], [], 0)[0], "it was over too early to show anything"
        receive_answer(waiting)
        receive_answer(served)
    asked = [entry["session_id"] for entry in space.admin("GET", "requests")["requests"]]
    assert asked == ["first", "second", "third"]


@pytest.mark.parametrize("padding", [0, 60, 1_000])
def test_requests_that_come_together_are_all_answered(own_mock: Mock, padding: int) -> None:
    count = 400
    with connect(own_mock.port) as connection:
        with halted(own_mock):
            one = ping("s", X_Padding="x" * padding)
            sent = connection.send(one * count)
        connection.sendall((one * count)[sent:])
        received = b""
        while received.count(b"HTTP/1.1 404") < count:
            piece = connection.recv(65536)
            assert piece
            received += piece


@pytest.mark.parametrize("count", [1, 2])
def test_an_end_that_comes_with_a_request_is_seen(own_mock: Mock, count: int) -> None:
    with connect(own_mock.port) as connection:
        connection.sendall(ping("s"))
        receive_answer(connection)
        with halted(own_mock):
            connection.sendall(ping("s") * count)
            connection.shutdown(socket.SHUT_WR)
        received = receive_all(connection)

    assert received.data.count(b"HTTP/1.1 404") == count
    assert received.ending == "end"
