"""Requests that got past other gates, byte by byte, against a real server.

The gate has nothing that they could get around. Each is sent without an id, and must not reach the
application; and with one, so that the test knows that the request would reach it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from tests.gate.forms import call_asgi, paid_asgi, scope_of
from tests.gate.serving import exchange, uvicorn_in_thread
from tests.gate.test_conformance import client_of
from tests.support.sandbox import Mock, Space

from sessionvitals import AsyncTiunClient
from sessionvitals.gate import TiunGate, from_query

ID = b"X-Session-Id: paid\r\n"
CHUNKED = b"Transfer-Encoding: chunked\r\n"
BODY = b"5\r\nhello\r\n0\r\n\r\n"
#: what is tried: the request's line, its headers, its body
REQUESTS: dict[str, tuple[bytes, bytes, bytes]] = {
    "two slashes": (b"GET //paid", b"", b""),
    "a dot": (b"GET /./paid", b"", b""),
    "dots encoded": (b"GET /%2e%2e/paid", b"", b""),
    "a slash encoded": (b"GET /public%2f..%2fpaid", b"", b""),
    "a parameter": (b"GET /paid;x=/public", b"", b""),
    "a fragment": (b"GET /paid#/public", b"", b""),
    "a query": (b"GET /paid?/public", b"", b""),
    "an empty query": (b"GET /paid?", b"", b""),
    "a null": (b"GET /paid%00", b"", b""),
    "a line break encoded": (b"GET /paid%0d%0aX-Session-Id:%20paid", b"", b""),
    "the absolute form": (b"GET http://127.0.0.1/health", b"", b""),
    "an id in the authority": (b"GET http://paid@site/paid", b"", b""),
    "X-Forwarded-Uri": (b"GET /paid", b"X-Forwarded-Uri: /health\r\n", b""),
    "X-Original-URL": (b"GET /paid", b"X-Original-URL: /health\r\n", b""),
    "X-Rewrite-URL": (b"GET /paid", b"X-Rewrite-URL: /health\r\n", b""),
    "X-Forwarded-For": (b"GET /paid", b"X-Forwarded-For: 127.0.0.1\r\nX-Real-Ip: ::1\r\n", b""),
    "X-Forwarded-Host": (b"GET /paid", b"X-Forwarded-Host: localhost\r\n", b""),
    "a method in a header": (b"POST /paid", b"X-HTTP-Method-Override: OPTIONS\r\n", b""),
    "a health check": (b"GET /paid", b"User-Agent: kube-probe/1.27\r\n", b""),
    "Purpose: prefetch": (b"GET /paid", b"Purpose: prefetch\r\nSec-Purpose: prefetch\r\n", b""),
    "TRACE": (b"TRACE /paid", b"", b""),
    "an unknown method": (b"QUERY /paid", b"", b""),
    "a preflight": (b"OPTIONS /paid", b"Origin: a\r\nAccess-Control-Request-Method: GET\r\n", b""),
    "h2c": (b"GET /paid", b"Upgrade: h2c\r\nConnection: Upgrade, HTTP2-Settings\r\n", b""),
    "a chunked body": (b"POST /paid", CHUNKED, BODY),
    "an underscore": (b"GET /paid", b"X_Session_Id: paid\r\n", b""),
    "a space in the name": (b"GET /paid", b"X-Session-Id : paid\r\n", b""),
    "a folded line": (b"GET /paid", b"X-A: b\r\n X-Session-Id: paid\r\n", b""),
    "a cookie": (b"GET /paid", b"Cookie: X-Session-Id=paid\r\n", b""),
    # uvicorn with httptools takes a trailer for a header; the id in it needs a verdict as any other.
    "in a trailer": (b"POST /paid", CHUNKED, BODY[:-2] + b"X-Session-Id: nobody\r\n\r\n"),
}
#: What a server itself refuses, or some versions of it do.
BAD = {"TRACE", "an unknown method", "a fragment", "a space in the name", "a folded line"}
BAD |= {"an id in the authority", "a line break encoded", "in a trailer"}


@dataclass
class Site:
    port: int
    calls: list[Any]


@pytest.fixture(scope="module", params=["h11", "httptools"])
def site(mock: Mock, request: pytest.FixtureRequest) -> Iterator[Site]:
    """A site under uvicorn, by either of its readers of HTTP."""
    space = Space(mock, f"bypass-{request.param}")
    space.add_session("tiun", "paid", "valid")
    calls: list[Any] = []
    app = TiunGate(AsyncTiunClient(**client_of(space))).asgi(paid_asgi(calls))
    with uvicorn_in_thread(app, http=request.param, lifespan="off") as port:
        yield Site(port, calls)


def sent(site: Site, name: str, more: bytes = b"", host: bytes = b"site") -> int:
    line, headers, body = REQUESTS[name]
    head = line + b" HTTP/1.1\r\nHost: " + host + b"\r\nConnection: close\r\n" + more + headers
    answer = exchange(site.port, head + b"\r\n" + body)
    assert answer.startswith(b"HTTP/1.1 ")
    return int(answer.split()[1])


@pytest.mark.parametrize("name", REQUESTS)
def test_nothing_reaches_the_application_without_a_verdict(name: str, site: Site) -> None:
    site.calls.clear()

    status = sent(site, name)

    assert site.calls == []
    assert status in ((400, 402) if name in BAD else (402,))


@pytest.mark.parametrize("name", [each for each in REQUESTS if each not in BAD])
def test_the_same_request_is_served_with_a_verdict(name: str, site: Site) -> None:
    site.calls.clear()

    assert sent(site, name, ID) == 200
    assert len(site.calls) == 1


@pytest.mark.parametrize("name", [b"x-session-id", b"X-SESSION-ID", b"x-SeSSion-iD"])
def test_a_header_is_found_however_it_is_spelled(name: bytes, site: Site) -> None:
    assert sent(site, "two slashes", name + b": paid\r\n") == 200
    assert sent(site, "two slashes", name + b": paid\r\n" + ID) == 402
    assert sent(site, "two slashes", name + b": paid, paid\r\n") == 402


@pytest.mark.parametrize("host", [b"", b"127.0.0.1:1", b"health", b"site/health", b"paid@site"])
def test_the_host_decides_nothing(host: bytes, site: Site) -> None:
    site.calls.clear()

    assert sent(site, "a query", host=host) in (400, 402)
    assert site.calls == []


def test_a_second_request_on_the_connection_needs_an_id_of_its_own(site: Site) -> None:
    site.calls.clear()
    first = b"POST /paid HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n" + ID + b"\r\nhello"
    second = b"GET /paid HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"

    answer = exchange(site.port, first + second)

    assert answer.count(b"HTTP/1.1 200") == 1
    assert answer.count(b"HTTP/1.1 402") == 1
    assert len(site.calls) == 1


def test_a_refused_client_is_not_asked_for_its_body(site: Site) -> None:
    answer = exchange(
        site.port,
        b"POST /paid HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nExpect: 100-continue\r\n"
        b"Connection: close\r\n\r\n",
    )

    assert answer.startswith(b"HTTP/1.1 402")


def test_a_scope_that_the_gate_does_not_know_is_refused() -> None:
    from tests.gate.forms import Loop

    app = TiunGate(AsyncTiunClient("any", base_url="http://127.0.0.1:1")).asgi(paid_asgi([]))
    loop = Loop()
    try:
        with pytest.raises(RuntimeError, match="webtransport"):
            loop.run(app({"type": "webtransport"}, None, None))  # type: ignore[arg-type]
    finally:
        loop.loop.close()


@pytest.mark.parametrize(
    ("query", "status", "left"),
    [
        ("sid=paid&page=2", 200, "page=2"),
        ("page=%2Fsid=x&%73id=pa%69d", 200, "page=%2Fsid=x"),
        ("sid=paid&sid=paid", 402, None),
        ("sid=paid&%73id=nobody", 402, None),
        ("sid=nobody&sid=paid", 402, None),
        ("sid=&sid=paid", 402, None),
        ("sid", 402, None),
        ("sid=paid%00", 402, None),
        ("sid=paid%0a", 402, None),
        ("sid=paid+", 402, None),
        ("sid[]=paid", 402, None),
        ("SID=paid", 402, None),
        ("page=1;sid=paid", 402, None),
    ],
)
def test_exactly_one_member_of_the_query_decides(
    space: Space, query: str, status: int, left: str | None
) -> None:
    space.add_session("tiun", "paid", "valid")
    calls: list[Any] = []
    gate = TiunGate(AsyncTiunClient(**client_of(space)), source=from_query("sid", strip=True))
    reply = asyncio.run(call_asgi(gate.asgi(paid_asgi(calls)), scope_of("GET", [], query)))

    assert reply.status == status
    assert [query for _, query in calls] == ([] if left is None else [left])


@pytest.mark.parametrize("status", [200, 206, 304, 404, 500])
def test_every_answer_of_the_application_is_the_readers_alone(space: Space, status: int) -> None:
    space.add_session("tiun", "paid", "valid")
    headers = [
        (b"etag", b'"1"'),
        (b"content-range", b"bytes 0-4/10"),
        (b"cache-control", b"public, max-age=60"),
        (b"cdn-cache-control", b"max-age=60"),
        (b"expires", b"Thu, 01 Jan 2099 00:00:00 GMT"),
    ]

    async def app(scope: Any, receive: Any, send: Any) -> None:
        start = {"type": "http.response.start", "status": status, "trailers": True}
        await send({**start, "headers": headers})
        await send({"type": "http.response.body", "body": b"hello"})
        await send({"type": "http.response.trailers", "headers": [(b"x-sum", b"1")]})

    sent: list[Any] = []

    async def keep(message: Any) -> None:
        sent.append(message)

    async def nothing() -> Any:
        await asyncio.Event().wait()

    gate = TiunGate(AsyncTiunClient(**client_of(space)), recheck=10)
    scope = scope_of("GET", [("X-Session-Id", "paid"), ("Range", "bytes=0-4")], "")
    asyncio.run(gate.asgi(app)(scope, nothing, keep))

    start, body, trailers = sent
    assert (start["status"], body["body"]) == (status, b"hello")
    assert trailers["headers"] == [(b"x-sum", b"1")]
    assert sorted(start["headers"]) == [
        (b"cache-control", b"private, no-store"),
        (b"content-range", b"bytes 0-4/10"),
        (b"etag", b'"1"'),
        (b"vary", b"X-Session-Id"),
    ]
