"""Nothing that a client sends can make the mock crash, hang or fill up."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from tests.support.calls import PING_KEY, eliza, ping_bytes, ping_target
from tests.support.sandbox import Mock, Space
from tests.support.wire import ask, connect, once, receive_answer, request, reset

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(autouse=True)
def _still_there(space: Space) -> Iterator[None]:
    yield
    assert space.admin("GET", "health")["status"] == "ok"


BROKEN = {
    "TLS to a plain port": (b"\x16\x03\x01\x02\x00\x01\x00", 400),
    "an HTTP/2 preface": (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 400),
    "a lower-case method": (b"get / HTTP/1.1\r\n\r\n", 400),
    "a method that begins with a digit": (b"0GET / HTTP/1.1\r\nHost: x\r\n\r\n", 400),
    "a tab in the request line": (b"GET /\tx HTTP/1.1\r\nHost: x\r\n\r\n", 400),
    "two spaces in the request line": (b"GET  / HTTP/1.1\r\nHost: x\r\n\r\n", 400),
    "a space after the version": (b"GET / HTTP/1.1 \r\nHost: x\r\n\r\n", 400),
    "no target": (b"GET HTTP/1.1\r\nHost: x\r\n\r\n", 400),
    "no version": (b"GET /\r\n\r\n", 400),
    "HTTP/3": (b"GET / HTTP/3.0\r\n\r\n", 400),
    "no Host": (b"GET / HTTP/1.1\r\n\r\n", 400),
    "a target beyond ASCII": ("GET /\u00e9 HTTP/1.1\r\nHost: x\r\n\r\n".encode(), 400),
    "a header without a colon": (b"GET / HTTP/1.1\r\nHost: x\r\nA\r\n\r\n", 400),
    "a header without a name": (b"GET / HTTP/1.1\r\nHost: x\r\n: x\r\n\r\n", 400),
    "a space in a header's name": (b"GET / HTTP/1.1\r\nHost: x\r\nA b: x\r\n\r\n", 400),
    "a folded header": (b"GET / HTTP/1.1\r\nHost: x\r\nA: b\r\n c\r\n\r\n", 400),
    "NUL in a header": (b"GET / HTTP/1.1\r\nHost: x\r\nA: b\x00c\r\n\r\n", 400),
    "a bare CR in a header": (b"GET / HTTP/1.1\r\nHost: x\r\nA: b\rc\r\n\r\n", 400),
    "a length that is no number": (
        b"GET / HTTP/1.1\r\nHost: x\r\nContent-Length: abc\r\n\r\n",
        400,
    ),
    "a negative length": (b"GET / HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n", 400),
    "two lengths": (
        b"GET / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
        400,
    ),
    "a length past 64 bits": (
        b"GET / HTTP/1.1\r\nHost: x\r\nContent-Length: " + b"9" * 30 + b"\r\n\r\n",
        400,
    ),
    "a length and chunks": (
        b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        400,
    ),
    "an unknown coding": (b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip\r\n\r\n", 400),
    "a chunk size that is no number": (
        b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n",
        400,
    ),
    "a chunk without its end": (
        b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nabc\r\n",
        400,
    ),
    "a chunk larger than memory": (
        b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffff\r\n",
        413,
    ),
    "a body larger than allowed": (
        b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999\r\n\r\n",
        413,
    ),
    "a head without end": (b"GET / HTTP/1.1\r\nHost: x\r\nA: " + b"b" * 40000, 431),
    "a thousand headers": (b"GET / HTTP/1.1\r\nHost: x\r\n" + b"A: b\r\n" * 4000 + b"\r\n", 431),
    "a target of 17,000 characters": (b"GET /" + b"a" * 17000 + b" HTTP/1.1\r\n\r\n", 431),
    "a long target with a space in it": (b"GET /" + b"a" * 9000 + b" b HTTP/1.1\r\n\r\n", 400),
    "a long target and no version": (b"GET /" + b"a" * 9000 + b"\r\n\r\n", 400),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_request_is_refused_and_the_connection_closed(space: Space, name: str) -> None:
    data, http_status = BROKEN[name]
    received = ask(space.port, data)
    assert (received.http_status, received.ending) == (http_status, "end")
    if http_status == 413:
        assert received.body == b"A body may have at most 8 MiB here.\n"


@pytest.mark.parametrize("size", [8000, 9000, 15000])
def test_an_id_may_be_as_long_as_a_head(space: Space, size: int) -> None:
    unknown = eliza(space, "/" + "a" * size)
    assert unknown.http_status == 404
    assert unknown.json["details"] == {"sessionId": "a" * size}
    assert (
        space.admin("GET", f"requests/count?session_id={'a' * size}&exactly=1")["verdict"] == "yes"
    )


def test_a_long_range_is_a_header_like_any_other(space: Space) -> None:
    ranges = "bytes=" + ",".join(["1-2"] * 3500)
    answer = once(space.port, ping_target(space, "s"), Range=ranges, **PING_KEY)
    assert answer.http_status == 404


def test_an_empty_line_before_a_request_is_none_of_it(space: Space) -> None:
    data = b"\r\n" + request("/__admin/health", Connection="close")
    assert ask(space.port, data).http_status == 200


@pytest.mark.parametrize("size", [1, 2, 7, 100])
def test_a_request_in_pieces_is_one_request(space: Space, size: int) -> None:
    body = json.dumps({"provider": "ping", "id": "s", "state": "created"}).encode()
    data = request(f"/~{space.name}/__admin/sessions", "POST", body)
    with connect(space.port) as connection:
        for at in range(0, len(data), size):
            connection.sendall(data[at : at + size])
        assert receive_answer(connection).http_status == 201


def test_a_chunked_body_is_read_in_pieces_too(space: Space) -> None:
    head = f"POST /~{space.name}/__admin/clock HTTP/1.1\r\nHost: mock\r\n"
    head += "Transfer-Encoding: chunked\r\n\r\n"
    body = b'7;a=b\r\n{"set":\r\n17\r\n"2026-01-01T00:00:00Z"}\r\n0\r\nX: y\r\n\r\n'
    with connect(space.port) as connection:
        for byte in head.encode() + body:
            connection.sendall(bytes([byte]))
        assert receive_answer(connection).json["now"].startswith("2026-01-01T00:00:0")


def test_expect_100_continue_is_heeded(space: Space) -> None:
    head = request(f"/~{space.name}/__admin/clock", "POST", b"{}", Expect="100-continue")[:-2]
    with connect(space.port) as connection:
        connection.sendall(head)
        assert connection.recv(100) == b"HTTP/1.1 100 Continue\r\n\r\n"
        connection.sendall(b"{}")
        assert receive_answer(connection).http_status == 200


@pytest.mark.parametrize("depth", [2000, 400000])
def test_json_nested_without_end_is_refused(space: Space, depth: int) -> None:
    body = b'{"a":' * depth + b"1" + b"}" * depth
    answer = once(space.port, f"/~{space.name}/__admin/clock", "POST", body)
    assert answer.http_status == 400


def test_metadata_a_thousand_levels_deep_comes_back(space: Space) -> None:
    metadata = "[" * 1000 + "]" * 1000
    seed = f'{{"provider":"eliza","id":"s","state":"active","metadata":{metadata}}}'
    stored = once(space.port, f"/~{space.name}/__admin/sessions", "POST", seed.encode())
    assert stored.http_status == 201
    read = once(space.port, f"/~{space.name}/api/messaging/sessions/s")
    assert metadata.encode() in read.data


def test_600_open_connections_are_all_answered(space: Space) -> None:
    space.add_session("ping", "s", "connected")
    connections = [connect(space.port) for _ in range(600)]
    try:
        for connection in connections:
            connection.sendall(ping_bytes(space, "s"))
        for connection in connections:
            assert receive_answer(connection).http_status == 200
    finally:
        for connection in connections:
            connection.close()


def test_clients_that_reset_leave_nothing_behind(space: Space, mock: Mock) -> None:
    def descriptors() -> int:
        return len(list(Path(f"/proc/{mock.pid}/fd").iterdir()))

    space.admin("GET", "health")
    before = descriptors()
    for number in range(300):
        connection = connect(space.port)
        connection.sendall(ping_bytes(space, "s")[: number % 40])
        reset(connection)
    for _ in range(100):
        space.admin("GET", "health")
        if descriptors() <= before + 1:
            break
    assert descriptors() <= before + 1
