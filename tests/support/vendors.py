"""The three vendors by name, so that one test can ask each of them the same thing."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
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
    operation: str  # the method of the client that asks for one session
    prefix: str  # what the vendor's base URL has behind the host
    key: str | None  # what the mock takes by default
    style: str
    #: (session_id, key, style) -> the request
    build: Callable[[str, str | None, str], Request]
    #: (session_id, http_status, headers, body) -> the vendor's own type
    parse: Callable[[str, int, Headers, bytes], Any]
    #: (base_url, key, style, **options) -> a client
    open: Callable[..., Client]
    #: a whole right answer about session "s", and an object in the vendor's terms
    good_body: bytes

    def __str__(self) -> str:
        return self.name

    def ask(self, client: Client, session_id: str, **options: Any) -> Any:
        return getattr(client, self.operation)(session_id, **options)

    def client(self, base_url: str, **options: Any) -> Client:
        """Return a client with the mock's own key and one try a call, unless told otherwise."""
        options = {"max_retries": 0, "deadline": 10.0, **options}
        return self.open(base_url, self.key, self.style, **options)

    def request(self, session_id: str) -> Request:
        return self.build(session_id, self.key, self.style)


def _build_tiun(session_id: str, key: str | None, style: str) -> Request:
    return sessionvitals.build_tiun_request(session_id, access_token=key or "", header_name=style)


def _build_ping(session_id: str, key: str | None, style: str) -> Request:
    return sessionvitals.build_ping_request(
        session_id, api_key=key or "", authorization_scheme=style
    )


def _build_eliza(session_id: str, key: str | None, style: str) -> Request:
    return sessionvitals.build_eliza_request(session_id, api_key=key)


def _open_tiun(base_url: str, key: str | None, style: str, **options: Any) -> TiunClient:
    return TiunClient(access_token=key, header_name=style, base_url=base_url, **options)


def _open_ping(base_url: str, key: str | None, style: str, **options: Any) -> PingClient:
    return PingClient(api_key=key, authorization_scheme=style, base_url=base_url, **options)


def _open_eliza(base_url: str, key: str | None, style: str, **options: Any) -> ElizaClient:
    return ElizaClient(api_key=key, base_url=base_url, **options)


TIUN = Vendor(
    name="tiun",
    operation="verify",
    prefix="",
    key="tiun-sandbox-token",
    style="X-ACCESS-TOKEN",
    build=_build_tiun,
    parse=sessionvitals.parse_tiun_response,
    open=_open_tiun,
    good_body=b"",
)
PING = Vendor(
    name="ping",
    operation="session_status",
    prefix="/customer/v2",
    key="ping-sandbox-key",
    style="raw",
    build=_build_ping,
    parse=sessionvitals.parse_ping_response,
    open=_open_ping,
    good_body=b'{"client_id":"c","status":"connected","uploaded_bytes":7}',
)
ELIZA = Vendor(
    name="eliza",
    operation="get_session",
    prefix="",
    key=None,
    style="X-API-KEY",
    build=_build_eliza,
    parse=sessionvitals.parse_eliza_response,
    open=_open_eliza,
    good_body=b'{"sessionId":"s","agentId":"a","userId":"u","createdAt":"2026-01-01T00:00:00Z"}',
)
VENDORS = {vendor.name: vendor for vendor in (ELIZA, PING, TIUN)}


def build(exchange: Exchange) -> Request:
    """Build the request that the exchange asks for."""
    ask = exchange.ask
    return VENDORS[exchange.provider].build(exchange.session_id, ask["key"], ask["style"])


def parse(exchange: Exchange, body: bytes | None = None) -> Any:
    """Read the exchange's response, or the same with another body."""
    return VENDORS[exchange.provider].parse(
        exchange.session_id,
        exchange.response["http_status"],
        exchange.response["headers"],
        exchange.body if body is None else body,
    )


def open_client(exchange: Exchange, base_url: str, **options: Any) -> Client:
    """Return a client that asks as the exchange does."""
    options = {"max_retries": 0, "deadline": 10.0, **options}
    ask = exchange.ask
    return VENDORS[exchange.provider].open(base_url, ask["key"], ask["style"], **options)


def header_map(request: Request) -> dict[str, str]:
    """Return the request's headers by lower-case name."""
    headers = {name.lower(): value for name, value in request.headers}
    assert len(headers) == len(list(request.headers)), "a header came twice"
    return headers
