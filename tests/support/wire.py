"""Plain sockets and what came over them: nothing here parses more than it must."""

from __future__ import annotations

import json
import socket
import struct
import time
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Received:
    """Every byte that came, how it ended ("end", "reset", "open"), and the pieces it came in."""

    data: bytes
    ending: str
    pieces: tuple[int, ...] = ()

    @property
    def http_status(self) -> int:
        return int(self.data.split(b" ", 2)[1])

    @property
    def head(self) -> bytes:
        return self.data.split(b"\r\n\r\n", 1)[0]

    @property
    def body(self) -> bytes:
        return self.data.split(b"\r\n\r\n", 1)[1]

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    def header(self, name: str) -> str | None:
        for line in self.head.decode("latin-1").split("\r\n")[1:]:
            found, _, value = line.partition(": ")
            if found.lower() == name.lower():
                return value
        return None


def request(target: str, method: str = "GET", body: bytes = b"", /, **headers: str) -> bytes:
    lines = [f"{method} {target} HTTP/1.1", "Host: mock"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    if body or method in ("POST", "PUT", "PATCH"):
        lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + body


def connect(port: int) -> socket.socket:
    connection = socket.create_connection(("127.0.0.1", port), timeout=10)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return connection


def receive_all(connection: socket.socket, patience: float = 10.0) -> Received:
    """Read until the peer ends or resets, or says nothing for so many seconds ("open")."""
    connection.settimeout(patience)
    data = b""
    pieces: list[int] = []
    while True:
        try:
            piece = connection.recv(65536)
        except ConnectionResetError:
            return Received(data, "reset", tuple(pieces))
        except TimeoutError:
            return Received(data, "open", tuple(pieces))
        if not piece:
            return Received(data, "end", tuple(pieces))
        data += piece
        pieces.append(len(piece))


def receive_answer(connection: socket.socket) -> Received:
    """Read one answer by its Content-Length and leave the connection open."""
    connection.settimeout(10)
    data = b""
    while b"\r\n\r\n" not in data:
        piece = connection.recv(65536)
        assert piece, f"the connection ended after {data!r}"
        data += piece
    length = Received(data, "open").header("Content-Length")
    while len(Received(data, "open").body) < int(length or 0):
        data += connection.recv(65536)
    return Received(data, "open")


def ask(port: int, data: bytes, patience: float = 10.0) -> Received:
    """Send bytes on a connection of their own, and read until it ends."""
    with connect(port) as connection:
        connection.sendall(data)
        return receive_all(connection, patience)


def once(
    port: int, target: str, method: str = "GET", body: bytes = b"", /, **headers: str
) -> Received:
    """Make one whole request whose connection ends after it."""
    return ask(port, request(target, method, body, Connection="close", **headers))


def reset(connection: socket.socket) -> None:
    """Close with RST."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


def milliseconds_since(start: float) -> float:
    return (time.perf_counter() - start) * 1000
