"""The other end of a connection, played byte by byte with a plain socket.

The mock is an honest server, and made with the same HTTP library as the client. These peers are
neither: they say exactly what a test tells them to, and note what they were asked.
"""

from __future__ import annotations

import contextlib
import socket
import struct
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from tests.support.listening import listening, read_request

#: What a peer does with one request: (the connection, the request as it came). The connection
#: stays open for a next request if it returns KEEP_OPEN.
Talk = Callable[["Peer", socket.socket, bytes], object]
KEEP_OPEN = object()


@dataclass
class Peer:
    port: int
    #: Every request, whole, in the order they came.
    requests: list[bytes] = field(default_factory=list)
    connections: int = 0
    #: Set when the test is over, so that a peer that stalls need not outlive it.
    over: threading.Event = field(default_factory=threading.Event)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"


@contextlib.contextmanager
def peer(talk: Talk) -> Iterator[Peer]:
    """Run a server on a free port that reads a request and then does as told."""
    told = Peer(0)

    def converse(connection: socket.socket) -> None:
        while request := read_request(connection):
            told.requests.append(request)
            if talk(told, connection, request) is not KEEP_OPEN:
                break

    def accepted() -> None:
        told.connections += 1

    with listening(converse, accepted=accepted) as told.port:
        try:
            yield told
        finally:
            told.over.set()


def says(*pieces: bytes) -> Talk:
    """Answer with these bytes, in as many pieces, and close."""

    def talk(told: Peer, connection: socket.socket, request: bytes) -> None:
        for piece in pieces:
            connection.sendall(piece)

    return talk


def says_in_turn(*answers: bytes) -> Talk:
    """Answer the first request with the first bytes, and so on; the last for all that follow.

    Connections stay open, and share the turn.
    """
    turns = iter(answers)
    last = [b""]

    def talk(told: Peer, connection: socket.socket, request: bytes) -> object:
        last[0] = next(turns, last[0])
        connection.sendall(last[0])
        return KEEP_OPEN

    return talk


def says_and_stays(said: bytes) -> Talk:
    """Answer with these bytes and then nothing, with the connection open."""

    def talk(told: Peer, connection: socket.socket, request: bytes) -> None:
        connection.sendall(said)
        told.over.wait(60)

    return talk


def says_for_ever(start: bytes, again: bytes) -> Talk:
    """Answer with a start, and then the same bytes again and again, as fast as they are taken."""

    def talk(told: Peer, connection: socket.socket, request: bytes) -> None:
        connection.sendall(start)
        while not told.over.is_set():
            connection.sendall(again)

    return talk


def drips(said: bytes, seconds: float) -> Talk:
    """Answer byte by byte, with that pause before each, for ever if the bytes run out."""

    def talk(told: Peer, connection: socket.socket, request: bytes) -> None:
        for byte in said:
            if told.over.wait(seconds):
                return
            connection.sendall(bytes([byte]))
        told.over.wait(60)

    return talk


def resets(after: bytes = b"") -> Talk:
    """Answer with these bytes and then with a TCP reset."""

    def talk(told: Peer, connection: socket.socket, request: bytes) -> None:
        if after:
            connection.sendall(after)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    return talk


def answer(body: bytes, head: bytes = b"HTTP/1.1 200 OK", *headers: bytes) -> bytes:
    """Return a whole answer with a right Content-Length."""
    length = b"Content-Length: %d" % len(body)
    return b"\r\n".join([head, *headers, length, b"", body])
