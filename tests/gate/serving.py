"""Real servers around the gate, in this process or as their users start them."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Iterator
from typing import Any

import pytest


@contextlib.contextmanager
def uvicorn_in_thread(app: Any, **options: Any) -> Iterator[int]:
    """Serve the application by uvicorn until the block ends; give the port."""
    uvicorn = pytest.importorskip("uvicorn")
    config = uvicorn.Config(app, log_config=None, access_log=False, **options)
    server = uvicorn.Server(config)
    with socket.create_server(("127.0.0.1", 0), backlog=128) as listener:
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        try:
            yield listener.getsockname()[1]
        finally:
            server.should_exit = True
            thread.join(30)


def exchange(port: int, request: bytes, host: str = "127.0.0.1") -> bytes:
    """Send the bytes, and return all that comes until the server closes."""
    with socket.create_connection((host, port), timeout=30) as connection:
        connection.sendall(request)
        received = b""
        with contextlib.suppress(ConnectionError):
            while some := connection.recv(65536):
                received += some
        return received


def ask(port: int, target: str, *headers: str, method: str = "GET") -> tuple[int, str, bytes]:
    """Ask and close; return the status, the head and the body as it came."""
    lines = [f"{method} {target} HTTP/1.1", "Host: site", "Connection: close", *headers, "", ""]
    head, _, body = exchange(port, "\r\n".join(lines).encode("latin-1")).partition(b"\r\n\r\n")
    return int(head.split()[1]), head.decode("latin-1"), body
