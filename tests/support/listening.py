"""A server on a free port of loopback, each connection in a thread: what all peers are made of."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Callable, Iterator

#: What a server does with a connection; it is closed when that returns.
Serve = Callable[[socket.socket], None]


@contextlib.contextmanager
def listening(
    serve: Serve, host: str = "127.0.0.1", accepted: Callable[[], None] = lambda: None
) -> Iterator[int]:
    """Run a server until the block ends, and give its port; `accepted` is called by the listener.

    What is open at the end is shut down, so that no thread waits for a client that is gone.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    open_connections: set[socket.socket] = set()

    def converse(connection: socket.socket) -> None:
        with connection, contextlib.suppress(OSError):
            serve(connection)
        open_connections.discard(connection)

    def listen() -> None:
        with contextlib.suppress(OSError):  # shut down: the block has ended
            while True:
                connection, _ = server.accept()
                connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                accepted()
                open_connections.add(connection)
                threading.Thread(target=converse, args=[connection], daemon=True).start()

    with socket.create_server((host, 0), family=family, backlog=128) as server:
        threading.Thread(target=listen, daemon=True).start()
        try:
            yield server.getsockname()[1]
        finally:
            # accept() does not notice that another thread closes its socket; a shutdown it does.
            for each in [server, *open_connections]:
                with contextlib.suppress(OSError):
                    each.shutdown(socket.SHUT_RDWR)


def read_request(connection: socket.socket) -> bytes:
    """Return one request, head and body, or less if the client closes first."""
    request = b""
    while b"\r\n\r\n" not in request:
        some = connection.recv(65536)
        if not some:
            return request
        request += some
    head, _, body = request.partition(b"\r\n\r\n")
    length = 0
    for line in head.split(b"\r\n")[1:]:
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            length = int(value)
    while len(body) < length:
        some = connection.recv(65536)
        if not some:
            break
        request += some
        body += some
    return request
