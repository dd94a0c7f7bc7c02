"""Real servers around the gate, in this process or as their users start them."""

from __future__ import annotations

import contextlib
import socket
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path
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


@contextlib.contextmanager
def running(
    command: list[str | Path], folder: Path, environment: dict[str, str], port: int | None = None
) -> Iterator[int]:
    """Run a server in that folder until the block ends; give its port.

    Without a port the server is given a socket that listens already, as its descriptor 3: what
    connects before the server is ready waits. With one, it is waited for.
    """
    with contextlib.ExitStack() as stack:
        more: dict[str, Any] = {}
        if port is None:
            listener = stack.enter_context(socket.create_server(("127.0.0.1", 0), backlog=128))
            port = listener.getsockname()[1]
            command = [str(part).format(fd=listener.fileno()) for part in command]
            more["pass_fds"] = [listener.fileno()]
        log = stack.enter_context((folder / f"{port}.log").open("w+"))
        process = stack.enter_context(
            subprocess.Popen(
                command, cwd=folder, env=environment, stdout=log, stderr=subprocess.STDOUT, **more
            )
        )
        try:
            while not is_open(port):
                if process.poll() is not None:
                    log.seek(0)
                    pytest.fail(f"{command[0]} ended: {log.read()}")
            yield port
        finally:
            process.terminate()


def is_open(port: int) -> bool:
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
        return True
    return False


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
        return port
