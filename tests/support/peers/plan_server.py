"""A server that does what the session's id says, right or wrong, plain and with TLS.

A program of its own, so that it takes no time from the tests' process: prints its ports as JSON
and ends with its standard input. An id is "KIND-ARGUMENT-NUMBER"; the answer is about that id, so
that a test can tell whose answer it got.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import random
import socket
import ssl
import struct
import sys
from collections import Counter
from collections.abc import Awaitable, Callable
from pathlib import Path

CERTIFICATE = Path(__file__).parents[2] / "engine/certificates/server.pem"
#: No session has this id: an answer about it is for nobody.
STRANGER = "stranger"

#: (connection, session_id, argument) -> whether the connection stays open
Talk = Callable[["Connection", str, int], Awaitable[bool]]


def answer(session_id: str, status: bytes = b"200 OK", *headers: bytes, fill: int = 0) -> bytes:
    body = json.dumps({"client_id": session_id, "status": "connected"}).encode() + b" " * fill
    length = b"Content-Length: %d" % len(body)
    return b"\r\n".join([b"HTTP/1.1 " + status, *headers, length, b"", body])


class Connection:
    """One connection, whose bytes are sent as they are, behind TLS or without it."""

    def __init__(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        context: ssl.SSLContext | None,
    ) -> None:
        self._reader, self._writer = reader, writer
        self._came, self._to_send = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._tls: ssl.SSLObject | None = None
        if context is not None:
            self._tls = context.wrap_bio(self._came, self._to_send, server_side=True)

    async def read_head(self, pause: float = 0) -> bytes:
        """Return one request; the server's half of a handshake goes byte by byte with a pause."""
        if self._tls is None:
            return await self._reader.readuntil(b"\r\n\r\n")
        head = b""
        while not head.endswith(b"\r\n\r\n"):
            try:
                some = self._tls.read(65536)
                if not some:
                    raise ConnectionAbortedError("closed")
                head += some
            except ssl.SSLWantReadError:
                await self.send(self._to_send.read(), pause)
                some = await self._reader.read(65536)
                if not some:
                    raise ConnectionAbortedError("closed") from None
                self._came.write(some)
        return head

    def bytes_of(self, text: bytes, record: int = 16384) -> bytes:
        """Return what carries the text: itself, or records of at most that size."""
        if self._tls is None:
            return text
        for begin in range(0, len(text), record):
            self._tls.write(text[begin : begin + record])
        return self._to_send.read()

    async def send(self, raw: bytes, pause: float = 0) -> None:
        for piece in [raw] if not pause else [raw[i : i + 1] for i in range(len(raw))]:
            self._writer.write(piece)
            await self._writer.drain()
            if pause:
                await asyncio.sleep(pause)

    async def stall(self) -> None:
        await self._reader.read(1)  # until the client closes

    def reset(self) -> None:
        opened = self._writer.get_extra_info("socket")
        opened.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


async def say(connection: Connection, session_id: str, argument: int) -> bool:
    raw = connection.bytes_of(answer(session_id))
    await connection.send(raw)
    return True


async def slow(connection: Connection, session_id: str, argument: int) -> bool:
    raw = connection.bytes_of(answer(session_id))
    await asyncio.sleep(argument / 1000)
    await connection.send(raw)
    return True


async def stall(connection: Connection, session_id: str, argument: int) -> bool:
    raw = connection.bytes_of(answer(session_id))
    await connection.send(raw[: argument % len(raw)])
    await connection.stall()
    return False


async def drip(connection: Connection, session_id: str, argument: int) -> bool:
    raw = connection.bytes_of(answer(session_id))
    await connection.send(raw, pause=argument / 1000)
    return True


async def cut(connection: Connection, session_id: str, argument: int) -> bool:
    raw = connection.bytes_of(answer(session_id))
    await connection.send(raw[: argument % len(raw)])
    return False


async def reset(connection: Connection, session_id: str, argument: int) -> bool:
    raw = connection.bytes_of(answer(session_id))
    await connection.send(raw[: argument % len(raw)])
    connection.reset()
    return False


async def garbage(connection: Connection, session_id: str, argument: int) -> bool:
    dice = random.Random(argument)
    noise = dice.randbytes(dice.randrange(1, 5000))
    await connection.send(connection.bytes_of(noise) if argument % 2 else noise)
    return argument % 3 == 0


async def extra(connection: Connection, session_id: str, argument: int) -> bool:
    behind = answer(STRANGER, fill=20_000)[: argument % 20_000]
    together = answer(session_id, fill=argument * 7 % 5000) + behind
    await connection.send(connection.bytes_of(together))
    return True


async def chunks(connection: Connection, session_id: str, argument: int) -> bool:
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    body = answer(session_id).partition(b"\r\n\r\n")[2]
    await connection.send(connection.bytes_of(head))
    for begin in range(0, len(body), 10):
        piece = body[begin : begin + 10]
        await asyncio.sleep(argument / 10_000)
        await connection.send(connection.bytes_of(b"%x\r\n%s\r\n" % (len(piece), piece)))
    await connection.send(connection.bytes_of(b"0\r\n\r\n"))
    return True


async def small(connection: Connection, session_id: str, argument: int) -> bool:
    text = answer(session_id, fill=argument * 20)
    await connection.send(connection.bytes_of(text, record=1 + argument % 50))
    return True


async def interim(connection: Connection, session_id: str, argument: int) -> bool:
    early = b"HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n" * (1 + argument % 8)
    await connection.send(connection.bytes_of(early + answer(session_id)))
    return True


_busy: Counter[str] = Counter()


async def busy(connection: Connection, session_id: str, argument: int) -> bool:
    _busy[session_id] += 1
    is_first = _busy[session_id] == 1
    said = answer(STRANGER, b"503 Busy", b"Retry-After: 0") if is_first else answer(session_id)
    await connection.send(connection.bytes_of(said))
    return True


async def closing(connection: Connection, session_id: str, argument: int) -> bool:
    raw = connection.bytes_of(answer(session_id))
    await connection.send(raw)
    return False  # without having said so


async def missing(connection: Connection, session_id: str, argument: int) -> bool:
    await connection.send(connection.bytes_of(answer(STRANGER, b"404 Not Found")))
    return True


#: What comes to its answer if there is time for it, and what never does.
ANSWERS: dict[str, Talk] = {
    "say": say,
    "slow": slow,
    "drip": drip,
    "extra": extra,
    "chunks": chunks,
    "small": small,
    "interim": interim,
    "busy": busy,
    "closing": closing,
}
FAULTS: dict[str, Talk] = {
    "stall": stall,
    "cut": cut,
    "reset": reset,
    "garbage": garbage,
    "missing": missing,
}


def serving(
    context: ssl.SSLContext | None, pause: float = 0
) -> Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connection = Connection(reader, writer, context)
        with contextlib.suppress(OSError, EOFError, ssl.SSLError, asyncio.IncompleteReadError):
            stays = True
            while stays:
                head = await connection.read_head(pause)
                session_id = head.split(b"/")[2].decode()
                kind, argument, _ = session_id.split("-")
                talk = {**ANSWERS, **FAULTS}[kind]
                stays = await talk(connection, session_id, int(argument))
        writer.close()

    return serve


async def stall_at_once(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError):
        while await reader.read(65536):
            pass
    writer.close()


async def main() -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(CERTIFICATE)
    servers = {
        "plain": serving(None),
        "tls": serving(context),
        "dripping handshake": serving(context, pause=0.002),
        "no handshake": stall_at_once,
    }
    ports = {}
    for name, serve in servers.items():
        server = await asyncio.start_server(serve, "127.0.0.1", 0, backlog=1024)
        ports[name] = server.sockets[0].getsockname()[1]
    print(json.dumps(ports), flush=True)
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)

    os._exit(0)  # what still stalls or drips has nobody left to talk to


if __name__ == "__main__":
    asyncio.run(main())
