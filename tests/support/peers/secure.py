"""Servers with TLS, and proxies, on loopback; made with Python's own ssl and sockets."""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from tests.support.listening import Serve, listening, read_request

CERTIFICATES = Path(__file__).parents[2] / "engine/certificates"
AUTHORITY = CERTIFICATES / "authority.pem"

#: The body for a request.
Body = bytes | Callable[[bytes], bytes]


def answering(body: Body, requests: list[bytes]) -> Serve:
    """Answer every request on a connection with that body; note the requests."""

    def serve(connection: socket.socket) -> None:
        while request := read_request(connection):
            requests.append(request)
            said = body if isinstance(body, bytes) else body(request)
            head = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(said)
            connection.sendall(head + said)

    return serve


@dataclass
class SecurePeer:
    port: int
    requests: list[bytes] = field(default_factory=list)
    handshakes: list[str] = field(default_factory=list)  # the version of each, or the error
    resumed: int = 0
    host_names: list[str | None] = field(default_factory=list)  # that clients asked for (SNI)

    def url(self, prefix: str = "", host: str = "localhost") -> str:
        return f"https://{host}:{self.port}{prefix}"


@contextlib.contextmanager
def secure_peer(
    certificate: str,
    body: Body,
    *,
    asks_for_certificate: bool = False,
    version: ssl.TLSVersion | None = None,
    host: str = "127.0.0.1",
) -> Iterator[SecurePeer]:
    """Run a server with that certificate of tests/engine/certificates."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(CERTIFICATES / f"{certificate}.pem")
    if asks_for_certificate:
        context.load_verify_locations(AUTHORITY)
        context.verify_mode = ssl.CERT_REQUIRED
    if version is not None:
        context.minimum_version = context.maximum_version = version
    told = SecurePeer(0)
    context.sni_callback = lambda _socket, name, _context: told.host_names.append(name)

    def serve(connection: socket.socket) -> None:
        try:
            secured = context.wrap_socket(connection, server_side=True)
        except ssl.SSLError as error:
            told.handshakes.append(str(error))
            return
        with secured:
            told.handshakes.append(secured.version() or "")
            told.resumed += bool(secured.session_reused)
            answering(body, told.requests)(secured)

    with listening(serve, host) as told.port:
        yield told


class TlsByHand:
    """The server's end of TLS, which gives its records as bytes, to be sent in any pieces."""

    def __init__(
        self,
        connection: socket.socket,
        certificate: str = "server",
        context: ssl.SSLContext | None = None,
    ) -> None:
        if context is None:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(CERTIFICATES / f"{certificate}.pem")
        self._socket = connection
        self._came, self._to_send = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._tls = context.wrap_bio(self._came, self._to_send, server_side=True)

    def _step(self, step: Callable[[], bytes | None]) -> bytes | None:
        while True:
            try:
                return step()
            except ssl.SSLWantReadError:
                self._socket.sendall(self._to_send.read())
                some = self._socket.recv(65536)
                if not some:
                    raise ConnectionAbortedError("the client has closed") from None
                self._came.write(some)

    def read_head(self) -> bytes:
        """Return one request, after the handshake if there was none yet."""
        request = b""
        while not request.endswith(b"\r\n\r\n"):
            some = self._step(lambda: self._tls.read(65536))
            if not some:
                raise ConnectionAbortedError("the client has closed")
            request += some
        self._socket.sendall(self._to_send.read())
        return request

    def refuse(self) -> None:
        """Handshake with a client that is refused, and read until it closes: no reset."""
        with contextlib.suppress(ssl.SSLError, ConnectionAbortedError):
            self.read_head()
        with contextlib.suppress(OSError):
            self._socket.sendall(self._to_send.read())
            while self._socket.recv(65536):
                pass

    def records(self, text: bytes, size: int = 16384) -> bytes:
        """Return the records of the text, with that many bytes of it in each."""
        for begin in range(0, len(text), size):
            self._tls.write(text[begin : begin + size])
        return self._to_send.read()


def pump(source: socket.socket, target: socket.socket) -> None:
    """Carry bytes one way until the end."""
    with contextlib.suppress(OSError):
        while some := source.recv(65536):
            target.sendall(some)
    with contextlib.suppress(OSError):
        target.shutdown(socket.SHUT_WR)


@dataclass
class Proxy:
    port: int
    requests: list[bytes] = field(default_factory=list)

    def url(self, user: str = "") -> str:
        return f"http://{user}127.0.0.1:{self.port}"


@contextlib.contextmanager
def proxy(says: bytes = b"HTTP/1.1 200 Connection established\r\n\r\n") -> Iterator[Proxy]:
    """Run a proxy that answers CONNECT with that, and opens the tunnel if it is a 200.

    What is no CONNECT it carries to the host of the URL in the request line.
    """
    told = Proxy(0)

    def serve(connection: socket.socket) -> None:
        request = read_request(connection)
        told.requests.append(request)
        method, target, _ = request.split(b" ", 2)
        if method == b"CONNECT":
            connection.sendall(says)
            if b" 200 " not in says:
                return
            host, _, port = target.rpartition(b":")
        else:
            host, _, port = target.split(b"/", 3)[2].partition(b":")
        with socket.create_connection((host.decode(), int(port))) as onward:
            if method != b"CONNECT":
                onward.sendall(request)
            threading.Thread(target=pump, args=[onward, connection], daemon=True).start()
            pump(connection, onward)

    with listening(serve) as told.port:
        yield told
