"""One request to any server by Python's own HTTP client, past the client under test."""

from __future__ import annotations

import contextlib
import http.client
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from tests.support.contracts import Exchange


@dataclass(frozen=True)
class Answer:
    http_status: int
    headers: dict[str, str]  # by lower-case name
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


def send(
    base_url: str, method: str, target: str, headers: Mapping[str, str], body: bytes = b""
) -> Answer:
    """Send exactly these headers (and Host), and return the answer."""
    url = urlsplit(base_url)
    connection = http.client.HTTPConnection(url.hostname or "", url.port, timeout=30)
    if url.scheme == "https":
        connection = http.client.HTTPSConnection(url.hostname or "", url.port, timeout=30)
    try:
        connection.putrequest(method, url.path.rstrip("/") + target, skip_accept_encoding=True)
        for name, value in headers.items():
            connection.putheader(name, value)
        connection.endheaders(body or None)
        response = connection.getresponse()
        by_name = {name.lower(): value for name, value in response.getheaders()}
        return Answer(response.status, by_name, response.read())
    finally:
        connection.close()


def send_exchange(base_url: str, exchange: Exchange) -> Answer:
    """Send the request of the contract, byte by byte."""
    asked = exchange.request
    body = asked["body"].encode()
    return send(base_url, asked["method"], asked["target"], asked["headers"], body)


@contextlib.contextmanager
def streaming(
    base_url: str, asked: Mapping[str, Any], timeout: float = 30
) -> Iterator[tuple[Answer, Iterator[dict[str, str]]]]:
    """Send a request as a contract has it; give the head of the answer, and its events as they come.

    An event is {"event": its type, "data": its text}. The iterator ends where the server's stream
    does, and raises TimeoutError after so many seconds of silence.
    """
    url = urlsplit(base_url)
    connection = http.client.HTTPConnection(url.hostname or "", url.port, timeout=timeout)
    try:
        connection.putrequest(asked["method"], url.path + asked["target"])
        for name, value in asked["headers"].items():
            connection.putheader(name, value)
        connection.endheaders(asked["body"].encode() or None)
        response = connection.getresponse()
        by_name = {name.lower(): value for name, value in response.getheaders()}
        yield Answer(response.status, by_name, b""), _events(response)
    finally:
        connection.close()


def _events(lines: http.client.HTTPResponse) -> Iterator[dict[str, str]]:
    event: dict[str, str] = {}
    for line in lines:
        name, _, value = line.decode().rstrip("\n").partition(": ")
        if name:
            event[name] = value
        elif "data" in event:
            yield {"event": event.get("event", "message"), "data": event["data"]}
            event = {}
