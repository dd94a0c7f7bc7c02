"""Bytes behind an answer: whatever their number, no call gets an answer that is not its own."""

from __future__ import annotations

import asyncio
import json
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from itertools import product
from typing import Any

import pytest
from tests.support.listening import listening, read_request
from tests.support.peers import answer
from tests.support.peers.secure import AUTHORITY, CERTIFICATES

from sessionvitals import AsyncPingClient, CallError, PingClient

# The sizes are around those of the buffers on the way: 4 KiB and 16 KiB of the engine's, and
# 16 KiB, the most that one TLS record holds.
ANSWER_SIZES = [200, 1024, 3072, 4095, 4096, 4097, 16383, 16384]
SIZES_BEHIND = [1, 2, 12, 40, 200, 500, 1024, 4000, 4096, 8192, 12288]
CASES = list(product(ANSWER_SIZES, SIZES_BEHIND))

STRANGER = "stranger"


def answer_about(session_id: str, size: int = 200) -> bytes:
    """Return an answer of that size, head and body together."""
    body = json.dumps({"client_id": session_id, "status": "connected"}).encode()
    bare = answer(body, b"HTTP/1.1 200 OK", b"X-Fill: ")
    return answer(body, b"HTTP/1.1 200 OK", b"X-Fill: " + b"x" * (size - len(bare)))


class Server:
    """Answers each session with its own id, and puts bytes about a stranger behind an answer."""

    def __init__(self, is_secure: bool) -> None:
        self.is_behind = threading.Event()
        self.sizes = (200, 0)
        self._context: ssl.SSLContext | None = None
        if is_secure:
            self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self._context.load_cert_chain(CERTIFICATES / "server.pem")

    def serve(self, connection: socket.socket) -> None:
        if self._context is not None:
            connection = self._context.wrap_socket(connection, server_side=True)
        with connection:
            while head := read_request(connection):
                session_id = head.split(b"/")[2].decode()
                if session_id.startswith("first"):
                    size, behind = self.sizes
                    left_over = answer_about(STRANGER, max(behind, 200))[:behind]
                    connection.sendall(answer_about(session_id, size) + left_over)
                    self.is_behind.set()
                else:
                    connection.sendall(answer_about(session_id))


@pytest.fixture(params=[False, True], ids=["plain", "TLS"])
def server(request: pytest.FixtureRequest) -> Iterator[tuple[Server, dict[str, Any]]]:
    """A server and what a client of it is made with."""
    told = Server(request.param)
    with listening(told.serve) as port:
        scheme = "https" if request.param else "http"
        yield told, {"base_url": f"{scheme}://localhost:{port}", "ca_file": AUTHORITY}


def ask_sync(options: dict[str, Any], ids: list[str], between: Callable[[], object]) -> list[Any]:
    answers = []
    with PingClient(**options) as client:
        for session_id in ids:
            with suppress(CallError):
                answers.append(client.session_status(session_id).client_id)
            between()
    return answers


def ask_bulk(options: dict[str, Any], ids: list[str], between: Callable[[], object]) -> list[Any]:
    answers = []
    with PingClient(**options) as client:
        for session_id in ids:
            for outcome in client.probe_many([session_id]):
                detail = outcome.session and outcome.session.detail
                answers.append(getattr(detail, "client_id", None))
            between()
    return answers


def ask_async(options: dict[str, Any], ids: list[str], between: Callable[[], object]) -> list[Any]:
    async def ask() -> list[Any]:
        answers = []
        async with AsyncPingClient(**options) as client:
            for session_id in ids:
                with suppress(CallError):
                    answers.append((await client.session_status(session_id)).client_id)
                between()
        return answers

    return asyncio.run(ask())


@pytest.mark.parametrize("ask", [ask_sync, ask_async, ask_bulk])
def test_88_sizes_of_bytes_behind_an_answer_never_answer_the_next_call(
    server: tuple[Server, dict[str, Any]], ask: Callable[..., list[Any]]
) -> None:
    told, options = server
    wrong = []
    for number, told.sizes in enumerate(CASES, start=1):
        told.is_behind.clear()
        # A number of connections that no other case has gives each a pool of its own, which does
        # not know yet what this peer does.
        own = {**options, "api_key": "k", "max_retries": 0, "max_connections": number}
        ids = [f"first-{number}", f"second-{number}"]
        answers = ask(own, ids, lambda: told.is_behind.wait(30))
        if answers != ids:
            wrong.append((told.sizes, answers))
    assert len(CASES) == 88
    assert wrong == []
