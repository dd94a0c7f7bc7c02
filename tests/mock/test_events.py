"""The events of a space: their order, where a reader goes on, what it is told that it missed."""

from __future__ import annotations

import contextlib
import json
import socket
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest
from tests.support.calls import ping
from tests.support.sandbox import Mock, Space, start_mock
from tests.support.wire import connect, once, receive_answer, request, reset

MANY = 20_000


class Reader:
    """One reader of a space's events."""

    def __init__(self, space: Space, query: str = "", **headers: str) -> None:
        self.socket = connect(space.port)
        self.socket.sendall(request(f"/~{space.name}/__admin/events{query}", **headers))
        self._file = self.socket.makefile("rb")
        self.head = b"".join(iter(self._file.readline, b"\r\n")).decode()
        self.events = self._read()

    def chunks(self) -> Iterator[str]:
        """Give what the mock writes, as it writes it."""
        while size := int(self._file.readline() or b"0", 16):
            yield self._file.read(size + 2)[:-2].decode()

    def _read(self) -> Iterator[tuple[str, int, dict[str, Any]]]:
        for chunk in self.chunks():
            for event in chunk.strip("\n").split("\n\n"):
                fields = dict(line.split(": ", 1) for line in event.split("\n"))
                if "event" in fields:
                    yield fields["event"], int(fields["id"]), json.loads(fields["data"])

    def next(self, name: str) -> dict[str, Any]:
        """Return the data of the next event of that name."""
        return next(data for event, _, data in self.events if event == name)

    def close(self) -> None:
        self._file.close()
        self.socket.close()


@contextlib.contextmanager
def reading(space: Space, query: str = "", **headers: str) -> Iterator[Reader]:
    reader = Reader(space, query, **headers)
    try:
        yield reader
    finally:
        reader.close()


def flood(space: Space, count: int) -> None:
    """Make so many requests on one connection."""
    call = request(f"/~{space.name}/customer/v2/sessions/none/status")
    with connect(space.port) as connection:
        for _ in range(count // 100):
            connection.sendall(call * 100)
            received = b""
            while received.count(b"HTTP/1.1 ") < 100:
                received += connection.recv(1 << 20)
    space.admin("GET", "clock")


def test_a_reader_is_told_what_happens_in_order(space: Space) -> None:
    space.clock(set="2026-01-01T00:00:00Z", freeze=True)
    with reading(space) as reader:
        assert "200" in reader.head
        assert "text/event-stream" in reader.head
        hello = reader.next("hello")
        assert (hello["space"], hello["seq"], hello["lost"]) == (space.name, 0, 0)
        assert hello["clock"] == {"now": "2026-01-01T00:00:00.000Z", "frozen": True}
        space.add_session("ping", "s", "created")
        assert reader.next("sessions")["more"] == 1
        space.clock(advance=60)
        assert reader.next("clock")["now"] == "2026-01-01T00:01:00.000Z"
        space.faults(script="503")
        reader.next("faults")
        ping(space, "s")
        assert reader.next("faults") == {"scripts": 1}
        told = reader.next("requests")
        assert (told["from"], told["to"], told["more"]) == (0, 1, 0)
        (row,) = told["rows"]
        assert (row["session_id"], row["http_status"], row["fault"]) == ("s", 503, "503")
        assert reader.next("sessions")["changed"] == [{"provider": "ping", "id": "s"}]
        space.admin("DELETE", "requests")
        reader.next("cleared")
        space.sandbox.drop()
        space.add_session("ping", "t", "created")
        assert reader.next("hello")["seq"] == 0


def test_other_spaces_are_counted_and_not_shown(space: Space) -> None:
    space.clock(advance=0)
    with reading(space) as reader:
        reader.next("hello")
        ping(space.sibling("other"), "s")
        ping(space, "t")
        names = []
        for name, _, data in reader.events:
            names.append(name)
            if name == "requests":
                assert [row["session_id"] for row in data["rows"]] == ["t"]
                break
        assert "space" in names


@pytest.mark.parametrize("by_header", [False, True])
def test_a_reader_goes_on_where_it_was(space: Space, by_header: bool) -> None:
    for name in "abc":
        ping(space, name)
    query = "?since=0" if by_header else "?since=1"
    headers = {"Last_Event_ID": "1"} if by_header else {}
    with reading(space, query, **headers) as reader:
        assert reader.next("hello")["lost"] == 0
        told = reader.next("requests")
        assert [row["session_id"] for row in told["rows"]] == ["b", "c"]


def test_a_reader_of_a_mock_that_began_anew_is_told_all(space: Space) -> None:
    ping(space, "a")
    with reading(space, "?since=1000") as reader:
        hello = reader.next("hello")
        assert hello["seq"] == 1
        assert hello["started_at"].startswith("20")


def test_what_the_journal_forgot_is_counted_as_lost(space: Space) -> None:
    with start_mock(["--journal-bytes", "65536"]) as mock:
        small = Space(mock, "small")
        flood(small, 1000)
        kept = small.admin("GET", "requests")["kept"]
        assert kept < 200
        with reading(small, "?since=10") as reader:
            hello = reader.next("hello")
            assert (hello["lost"], hello["seq"]) == (1000 - kept - 10, 1000 - kept)
            told = reader.next("requests")
            assert len(told["rows"]) + told["more"] == kept


def test_a_flood_comes_in_batches_that_say_what_they_leave_out(space: Space) -> None:
    space.clock(advance=0)  # a space that is made by the first request begins with a hello
    with reading(space) as reader:
        reader.next("hello")
        # Beside the reading: on a slow machine the flood lasts, and who does not read is dropped.
        sender = threading.Thread(target=flood, args=(space, MANY))
        begun = time.monotonic()
        sender.start()
        seen = batches = 0
        for name, last, data in reader.events:
            if name != "requests":
                continue
            batches += 1
            assert len(data["rows"]) <= 50
            assert data["from"] == seen
            seen += len(data["rows"]) + data["more"]
            assert seen == data["to"] == last
            if seen == MANY:
                break
        took = time.monotonic() - begun
        sender.join()
        assert batches <= took / 0.1 + 2, "ten times a second at most"


def test_events_end_after_the_time_asked_for(space: Space) -> None:
    answer = once(space.port, f"/~{space.name}/__admin/events?timeout=0.05")
    assert answer.ending == "end"
    assert answer.body.endswith(b"0\r\n\r\n")
    assert once(space.port, "/__admin/events?timeout=x").http_status == 400
    assert once(space.port, "/__admin/events", "HEAD").body == b""


def wait_for_reader(space: Space) -> None:
    """Return when a reader finds a place."""
    while True:
        with connect(space.port) as connection:
            connection.sendall(request(f"/~{space.name}/__admin/events?timeout=0"))
            if connection.recv(65536).startswith(b"HTTP/1.1 200"):
                return


def test_sixteen_readers_and_no_more() -> None:
    with start_mock() as mock, contextlib.ExitStack() as stack:
        space = Space(mock, "s")
        readers = [stack.enter_context(reading(space)) for _ in range(16)]
        assert all(reader.next("hello") for reader in readers)
        with connect(mock.port) as connection:
            connection.sendall(request("/~s/__admin/events"))
            refused = receive_answer(connection)
        assert refused.http_status == 503
        assert refused.json["error"]["code"] == "too_many_readers"
        readers[3].close()
        wait_for_reader(space)


def test_a_reader_that_stops_reading_is_dropped_and_comes_back(mock: Mock, space: Space) -> None:
    stopped = socket.socket()
    stopped.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    stopped.connect(("127.0.0.1", mock.port))
    stopped.sendall(request(f"/~{space.name}/__admin/events"))
    long = "x" * 900
    # A batch every tenth of a second, of 50 rows of about a kilobyte: dropped after a few.
    with contextlib.closing(stopped), reading(space) as other:
        other.next("hello")
        lines = b"".join(request(f"/~{space.name}/{long}{each}") for each in range(50))
        while not is_reset(stopped):
            with connect(mock.port) as connection:
                connection.sendall(lines)
                other.next("requests")
    with reading(space, "?since=0") as back:
        hello, told = back.next("hello"), back.next("requests")
        seen = space.admin("GET", "requests?limit=1")["seen"]
        assert hello["lost"] + len(told["rows"]) + told["more"] == seen


def is_reset(connection: socket.socket) -> bool:
    return connection.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR) != 0


def test_a_reader_that_leaves_makes_room(space: Space) -> None:
    for _ in range(40):
        reader = Reader(space)
        reader.next("hello")
        reset(reader.socket)
        reader.close()
        wait_for_reader(space)
