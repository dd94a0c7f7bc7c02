"""The network as Python's own sockets see it: names, connections and certificates, in words.

Everything here ends within the time it is given.
"""

from __future__ import annotations

import socket
import threading
import time
from dataclasses import dataclass, field
from datetime import datetime, timezone
from typing import Any

from ._core import inspect_certificate, inspect_trust

FAMILIES = {"IPv4": socket.AF_INET, "IPv6": socket.AF_INET6}


@dataclass
class Lookup:
    """One family's addresses of a name."""

    family: str
    addresses: list[str] = field(default_factory=list)
    seconds: float | None = None  #: None if there was no end
    error: str = ""

    @property
    def words(self) -> str:
        if self.seconds is None:
            return f"{self.family}: no answer in the time allowed"
        found = ", ".join(self.addresses) or self.error or "no address"
        return f"{self.family}: {found} in {self.seconds * 1000:.1f} ms"


def look_up(host: str, port: int, timeout: float) -> list[Lookup]:
    """Look a name up, both families at once."""
    lookups = [Lookup(family) for family in FAMILIES]
    threads = [
        threading.Thread(target=_look_up, args=(each, host, port), daemon=True) for each in lookups
    ]
    until = time.monotonic() + timeout
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(max(until - time.monotonic(), 0))
    return lookups


def _look_up(lookup: Lookup, host: str, port: int) -> None:
    started = time.perf_counter()
    try:
        found = socket.getaddrinfo(host, port, FAMILIES[lookup.family], socket.SOCK_STREAM)
        lookup.addresses = list(dict.fromkeys(str(entry[4][0]) for entry in found))
    except (OSError, UnicodeError) as error:
        lookup.error = getattr(error, "strerror", None) or str(error)
    lookup.seconds = time.perf_counter() - started


@dataclass
class Attempt:
    """One try to connect to one address."""

    address: str
    is_connected: bool = False
    seconds: float = 0.0
    error: str = ""

    @property
    def words(self) -> str:
        result = "connected" if self.is_connected else self.error
        return f"{self.address}: {result} in {self.seconds * 1000:.1f} ms"


def connect_all(addresses: list[str], port: int, timeout: float) -> list[Attempt]:
    """Connect to each address, all at once."""
    shown = [f"[{a}]:{port}" if ":" in a else f"{a}:{port}" for a in addresses]
    attempts = [Attempt(address) for address in shown]
    threads = [
        threading.Thread(target=_connect, args=(attempt, address, port, timeout), daemon=True)
        for attempt, address in zip(attempts, addresses, strict=True)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return attempts


def _connect(attempt: Attempt, address: str, port: int, timeout: float) -> None:
    started = time.perf_counter()
    try:
        socket.create_connection((address, port), timeout).close()
        attempt.is_connected = True
    except OSError as error:
        attempt.error = error.strerror or str(error)
    attempt.seconds = time.perf_counter() - started


@dataclass(frozen=True)
class Handshake:
    """What a TLS handshake showed."""

    words: str
    is_verified: bool = False
    #: The server's certificate, that of its issuer, and so on up, as far as they can be seen.
    chain: tuple[dict[str, Any], ...] = ()

    @property
    def issuers(self) -> list[str]:
        """Who vouches for it, from the nearest up; a root, which does for itself, once."""
        most = 5  # who is not verified may send as many as it likes
        return list(dict.fromkeys(each["issuer"] for each in self.chain))[:most]

    @property
    def days_left(self) -> int:
        """How long until the first of them ends."""
        first_end = min(certificate["not_after"] for certificate in self.chain)
        left = first_end - datetime.now(timezone.utc)
        return int(left.days)


def shake_hands(where: tuple[str, int], proxy: tuple[str, int] | None, timeout: float) -> Handshake:
    """Do a TLS handshake, verified as calls are; if that fails, one more to see who is there."""
    try:
        import ssl
    except ImportError:
        return Handshake("this Python has no ssl module to look with; the probe has its own")

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    for place in inspect_trust():
        if place["is_readable"]:
            kind = "capath" if place["is_directory"] else "cafile"
            context.load_verify_locations(**{kind: place["path"]})
    try:
        version, chain = _chain_of(context, where, proxy, timeout)
        return Handshake(f"verified, {version}", True, chain)
    except ssl.SSLCertVerificationError as error:
        words = f"not verified: {error.verify_message}"
    except (OSError, ValueError) as error:
        return Handshake(f"no handshake: {getattr(error, 'reason', None) or error}")
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    try:
        version, chain = _chain_of(context, where, proxy, timeout)
    except (OSError, ValueError):
        return Handshake(words)
    return Handshake(f"{words}; {version}", False, chain)


def _chain_of(
    context: Any, where: tuple[str, int], proxy: tuple[str, int] | None, timeout: float
) -> tuple[str, tuple[dict[str, Any], ...]]:
    host, port = where
    with socket.create_connection(proxy or where, timeout) as plain:
        if proxy:
            _open_tunnel(plain, f"[{host}]:{port}" if ":" in host else f"{host}:{port}")
        with context.wrap_socket(plain, server_hostname=host) as secured:
            chain = map(inspect_certificate, _certificates_of(secured))
            return secured.version(), tuple(filter(None, chain))


def _certificates_of(secured: Any) -> list[bytes]:
    """Return the server's certificate and those above it; alone where Python tells no more."""
    kind = "verified" if secured.context.verify_mode else "unverified"
    for holder in (secured, getattr(secured, "_sslobj", None)):  # public from Python 3.13 on
        if get := getattr(holder, f"get_{kind}_chain", None):
            der = 2  # _ssl.ENCODING_DER
            return [each if isinstance(each, bytes) else each.public_bytes(der) for each in get()]
    return [secured.getpeercert(binary_form=True)]


def _open_tunnel(plain: socket.socket, target: str) -> None:
    plain.sendall(f"CONNECT {target} HTTP/1.1\r\nHost: {target}\r\n\r\n".encode())
    answer = b""
    while b"\r\n\r\n" not in answer:
        some = plain.recv(4096)
        if not some or len(answer) > 65536:
            raise ValueError("the proxy closed the connection")
        answer += some
    http_status = answer.split(b" ", 2)[1:2]
    if http_status == [b"407"]:
        raise ValueError("the proxy wants a password, which only the probe sends")
    if http_status != [b"200"]:
        raise ValueError("the proxy refused to connect")
