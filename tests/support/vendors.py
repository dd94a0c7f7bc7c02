"""The three vendors by name: a table of constructors, so that one test can ask each the same."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import sessionvitals
from sessionvitals import ElizaClient, PingClient, Request, TiunClient
from tests.support.contracts import Exchange

Headers = Mapping[str, str] | Iterable[tuple[str, str]]
Client = TiunClient | PingClient | ElizaClient


@dataclass(frozen=True)
class Vendor:
    name: str
    client_class: type[Client]
    key_argument: str  # of the client and of build_request
    style_argument: str | None
    operation: str  # the method that asks about one session, which probe() uses too
    prefix: str  # what the vendor's base URL has behind the host
    key: str | None  # what the mock takes by default
    style: str
    #: a whole right answer about session "s", and an object in the vendor's terms
    good_body: bytes

    def __str__(self) -> str:
        return self.name

    def credentials(self, key: str | None, style: str) -> dict[str, Any]:
        """Return the key and its style as arguments by name."""
        by_name = {self.key_argument: key}
        return by_name if self.style_argument is None else {**by_name, self.style_argument: style}

    def open(self, base_url: str, key: str | None, style: str, **options: Any) -> Client:
        return self.client_class(**self.credentials(key, style), base_url=base_url, **options)

    def client(self, base_url: str, **options: Any) -> Client:
        """Return a client with the mock's own key and one attempt a call, unless told otherwise."""
        options = {"max_retries": 0, "timeout": 10.0, **options}
        return self.open(base_url, self.key, self.style, **options)

    def ask(self, client: Client, session_id: str, **options: Any) -> Any:
        return getattr(client, self.operation)(session_id, **options)

    def build(self, session_id: str, key: str | None, style: str) -> Request:
        return self.build_operation(self.operation, key, style, session_id=session_id)

    def build_operation(
        self, operation: str, key: str | None, style: str, **arguments: Any
    ) -> Request:
        build: Any = getattr(sessionvitals, f"build_{self.name}_{operation}_request")
        request: Request = build(**arguments, **self.credentials(key, style))
        return request

    def request(self, session_id: str) -> Request:
        return self.build(session_id, self.key, self.style)

    def parse(self, session_id: str, http_status: int, headers: Headers, body: bytes) -> Any:
        return self.parse_operation(
            self.operation, http_status, headers, body, session_id=session_id
        )

    def parse_operation(
        self, operation: str, http_status: int, headers: Headers, body: bytes, **arguments: Any
    ) -> Any:
        parse: Any = getattr(sessionvitals, f"parse_{self.name}_{operation}_response")
        return parse(http_status, headers, body, **arguments)


TIUN = Vendor(
    name="tiun",
    client_class=TiunClient,
    key_argument="access_token",
    style_argument="header_name",
    operation="verify",
    prefix="",
    key="tiun-sandbox-token",
    style="X-ACCESS-TOKEN",
    good_body=b"",
)
PING = Vendor(
    name="ping",
    client_class=PingClient,
    key_argument="api_key",
    style_argument="authorization_scheme",
    operation="session_status",
    prefix="/customer/v2",
    key="ping-sandbox-key",
    style="raw",
    good_body=b'{"client_id":"c","status":"connected","uploaded_bytes":7}',
)
ELIZA = Vendor(
    name="eliza",
    client_class=ElizaClient,
    key_argument="api_key",
    style_argument=None,
    operation="get_session",
    prefix="",
    key=None,
    style="X-API-KEY",
    good_body=b'{"sessionId":"s","agentId":"a","userId":"u","createdAt":"2026-01-01T00:00:00Z"}',
)
VENDORS = {vendor.name: vendor for vendor in (ELIZA, PING, TIUN)}


def open_client(exchange: Exchange, base_url: str, **options: Any) -> Client:
    """Return a client with the key that the exchange asks with."""
    options = {"max_retries": 0, "timeout": 10.0, **options}
    ask = exchange.ask
    return VENDORS[exchange.provider].open(base_url, ask["key"], ask["style"], **options)


def call(exchange: Exchange, client: Client) -> Any:
    """Make the call that the exchange asks for."""
    return getattr(client, exchange.operation)(**exchange.arguments)


def build(exchange: Exchange) -> Request:
    """Build the request that the exchange asks for."""
    key, style = exchange.ask["key"], exchange.ask["style"]
    vendor = VENDORS[exchange.provider]
    return vendor.build_operation(exchange.operation, key, style, **exchange.arguments)


def parse(exchange: Exchange, body: bytes | None = None) -> Any:
    """Read the exchange's response, or the same with another body."""
    return VENDORS[exchange.provider].parse_operation(
        exchange.operation,
        exchange.response["http_status"],
        exchange.response["headers"],
        exchange.body if body is None else body,
        **exchange.arguments,
    )


def header_map(request: Request) -> dict[str, str]:
    """Return the request's headers by lower-case name."""
    headers = {name.lower(): value for name, value in request.headers}
    assert len(headers) == len(list(request.headers)), "a header came twice"
    return headers
