"""Answers that are streams of server-sent events, as peers say them in turn."""

from __future__ import annotations

import json
import socket
import struct
from collections.abc import Iterator
from typing import Any

from tests.support.peers import Peer, Talk

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
END = b"0\r\n\r\n"
#: What a turn ends with instead of a close.
STAYS = b"(the connection stays open)"
RESETS = b"(a TCP reset)"


def chunk(data: bytes) -> bytes:
    return b"%x\r\n%s\r\n" % (len(data), data)


def sse(data: object, **fields: object) -> bytes:
    """Return one event as a chunk; `data` is sent as JSON unless it is text."""
    lines = [f"{name}: {value}\n" for name, value in fields.items()]
    text = data if isinstance(data, str) else json.dumps(data)
    return chunk("".join([*lines, f"data: {text}\n\n"]).encode())


def session_event(number: int, kind: str = "session_start", **members: Any) -> dict[str, Any]:
    return {
        "id": number,
        "event_type": kind,
        "session_id": f"s-{number}",
        "created_at": "2026-01-01T00:00:00Z",
        **members,
    }


def streams(*turns: list[bytes]) -> Talk:
    """Answer the first request with the first list of pieces, and so on; the last for all others."""
    left: Iterator[list[bytes]] = iter(turns)
    last: list[list[bytes]] = [[]]

    def talk(told: Peer, connection: socket.socket, request: bytes) -> None:
        last[0] = next(left, last[0])
        for piece in last[0]:
            if piece is STAYS:
                told.over.wait(60)
            elif piece is RESETS:
                linger = struct.pack("ii", 1, 0)
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
            else:
                connection.sendall(piece)

    return talk
