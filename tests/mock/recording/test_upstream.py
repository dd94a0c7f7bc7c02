"""What --record takes for an answer of the server behind it, and what it sends there."""

from __future__ import annotations

import json
import socket
from pathlib import Path

import pytest
from tests.support.listening import listening
from tests.support.peers import Peer, peer, says, says_for_ever
from tests.support.peers.bad_answers import BROKEN, LOST, SAYINGS
from tests.support.peers.secure import AUTHORITY, TlsByHand, secure_peer
from tests.support.sandbox import start_mock
from tests.support.wire import Received, once

TARGET = "/customer/v2/sessions/vpn/status"
OK = b"HTTP/1.1 200 OK\r\n"


def recorded(tmp_path: Path, url: str, method: str = "GET", *options: str) -> Received:
    with start_mock(["--record", url, "--to", str(tmp_path / "file.json"), *options]) as between:
        return once(between.port, TARGET, method, Authorization="key")


GOOD = {
    "until the end": OK + b"\r\nhello",
    "a length": OK + b"Content-Length: 5\r\n\r\nhello, and what nobody asked for",
    "a length twice": OK + b"Content-Length: 5\r\nContent-Length: 5\r\n\r\nhello",
    "chunks": OK
    + b"Transfer-Encoding: chunked\r\n\r\n2;x=1\r\nhe\r\n3\r\nllo\r\n0\r\nA: b\r\n\r\n",
    "after interim answers": b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n"
    + OK
    + b"Content-Length: 5\r\n\r\nhello",
    "without words": b"HTTP/1.0 200\r\n\r\nhello",
}


@pytest.mark.parametrize("name", GOOD)
def test_an_answer_is_passed_on_whole(tmp_path: Path, name: str) -> None:
    with peer(says(GOOD[name])) as server:
        found = recorded(tmp_path, server.url)
    assert (found.http_status, found.body) == (200, b"hello")


def test_a_header_is_passed_on_as_it_is(tmp_path: Path) -> None:
    with peer(says(OK + b"X-Odd: \t50%25 of it: \r\nContent-Length: 0\r\n\r\n")) as server:
        assert recorded(tmp_path, server.url).header("X-Odd") == "50%25 of it:"


def test_an_answer_to_head_has_no_body(tmp_path: Path) -> None:
    with peer(says(OK + b"Content-Length: 5\r\n\r\n")) as server:
        found = recorded(tmp_path, server.url, "HEAD")
    assert (found.http_status, found.body) == (200, b"")


BAD = {name: said.raw for name, said in SAYINGS.items() if said.outcome in (LOST, BROKEN)}
BAD |= {
    "two lengths": OK + b"Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello!",
    "another coding": OK + b"Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
    "a line that goes on": OK + b"A: b\r\n c\r\n\r\n",
}
#: What a client refuses, and what stands between may take: long bodies.
TAKEN = {"a body of 2 MiB", "chunks of one byte, 2,000,000 of them"}


def test_what_is_no_answer_is_not_recorded(tmp_path: Path) -> None:
    names = sorted(BAD.keys() - TAKEN)
    turns = iter(names)

    def talk(told: Peer, connection: socket.socket, request: bytes) -> object:
        raw = BAD[next(turns)].replace(b"%LENGTH%", b"2").replace(b"%BODY%", b"{}")
        return says(raw.replace(b"%CHUNK%", b"2\r\n{}\r\n"))(told, connection, request)

    found = {}
    with (
        peer(talk) as server,
        start_mock(["--record", server.url, "--to", str(tmp_path / "file.json")]) as between,
    ):
        for name in names:
            found[name] = once(between.port, TARGET, Authorization="key").http_status
    assert {name for name, http_status in found.items() if http_status != 502} == set()
    assert json.loads((tmp_path / "file.json").read_text())["exchanges"] == []


@pytest.mark.parametrize("coding", ["gzip", "x-odd", "identity, br"])
def test_an_encoded_answer_is_not_recorded(tmp_path: Path, coding: str) -> None:
    head = OK + f"Content-Encoding: {coding}\r\nContent-Length: 2\r\n\r\n".encode()
    with peer(says(head + b"{}")) as server:
        found = recorded(tmp_path, server.url)
    assert found.http_status == 502
    assert "encodes its answer" in found.json["error"]["message"]
    assert json.loads((tmp_path / "file.json").read_text())["exchanges"] == []


@pytest.mark.parametrize(
    ("start", "again"),
    [
        (OK + b"Content-Length: 99999999\r\n\r\n", b"x"),
        (OK + b"\r\n", b"x" * 65536),
        (OK + b"Transfer-Encoding: chunked\r\n\r\n", b"10000\r\n" + b"x" * 65536 + b"\r\n"),
        (OK + b"Transfer-Encoding: chunked\r\n\r\n", b"1;" + b"x" * 1000 + b"\r\nx\r\n"),
        (OK, b"A: b\r\n"),
    ],
    ids=["length", "end", "chunks", "extensions", "head"],
)
def test_what_never_ends_is_bounded(tmp_path: Path, start: bytes, again: bytes) -> None:
    with peer(says_for_ever(start, again)) as server:
        assert recorded(tmp_path, server.url).http_status == 502


@pytest.mark.parametrize("certificate", ["other-host", "expired", "self-signed", "no-names"])
def test_no_key_goes_to_a_server_that_is_not_trusted(tmp_path: Path, certificate: str) -> None:
    with secure_peer(certificate, b"{}") as server:
        found = recorded(tmp_path, server.url(), "GET", "--ca-file", str(AUTHORITY))
    assert found.http_status == 502
    assert "its certificate is not trusted" in found.json["error"]["message"]
    assert server.requests == []


@pytest.mark.parametrize(
    ("host", "name"), [("localhost", "localhost"), ("127.0.0.1", None)], ids=["name", "address"]
)
def test_a_server_with_tls_is_asked_by_its_name(
    tmp_path: Path, host: str, name: str | None
) -> None:
    with secure_peer("server", b"{}") as server:
        found = recorded(tmp_path, server.url(host=host), "GET", "--ca-file", str(AUTHORITY))
    assert (found.http_status, found.body) == (200, b"{}")
    assert server.host_names == [name]


def test_an_answer_of_which_tls_says_no_end_is_none(tmp_path: Path) -> None:
    def cut(connection: socket.socket) -> None:
        tls = TlsByHand(connection)
        tls.read_head()
        connection.sendall(tls.records(OK + b"\r\nhalf of it"))

    with listening(cut, "127.0.0.1") as port:
        url = f"https://localhost:{port}"
        assert recorded(tmp_path, url, "GET", "--ca-file", str(AUTHORITY)).http_status == 502
