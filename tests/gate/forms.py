"""The seven forms of the gate, each around an application that would like to be cached.

Each is called in this process, as its server would call it.
"""

from __future__ import annotations

import asyncio
import io
import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest

from sessionvitals import AsyncTiunClient, TiunClient
from sessionvitals.gate import TiunGate

BODY = b"the paid article"
#: What a careless application says to caches.
PUBLIC = {
    "Cache-Control": "public, max-age=3600, s-maxage=7200",
    "Expires": "Fri, 01 Jan 2100 00:00:00 GMT",
    "Surrogate-Control": "max-age=3600",
    "CDN-Cache-Control": "max-age=3600",
    "Cloudflare-CDN-Cache-Control": "max-age=3600",
    "X-Accel-Expires": "3600",
    "Vary": "Accept-Encoding",
    "ETag": '"1"',
}
Headers = Sequence[tuple[str, str]]


@dataclass
class Reply:
    status: int
    headers: dict[str, str]  # by lower-case name
    body: bytes
    #: What the application was called with: each time the session and the query that it saw.
    calls: list[tuple[Any, str]] = field(default_factory=list)

    @property
    def problem(self) -> dict[str, Any]:
        assert self.headers["content-type"] == "application/problem+json"
        return dict(json.loads(self.body))


Ask = Callable[[str, Headers, str], Reply]


class Loop:
    """An event loop that lasts as long as a form does, as a server's."""

    def __init__(self) -> None:
        self.loop = asyncio.new_event_loop()

    def run(self, work: Any) -> Any:
        return self.loop.run_until_complete(asyncio.wait_for(work, 30))


def scope_of(method: str, headers: Headers, query: str, kind: str = "http") -> dict[str, Any]:
    return {
        "type": kind,
        "asgi": {"version": "3.0", "spec_version": "2.4"},
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": "/paid/article",
        "raw_path": b"/paid/article",
        "root_path": "",
        "query_string": query.encode(),
        "headers": [(b"host", b"site"), *((n.lower().encode(), v.encode()) for n, v in headers)],
        "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 80),
    }


async def call_asgi(app: Any, scope: dict[str, Any]) -> Reply:
    """Call the application with an empty body; what it receives after that never comes."""
    sent: list[dict[str, Any]] = []
    incoming = [{"type": "http.request", "body": b"", "more_body": False}]

    async def receive() -> dict[str, Any]:
        if incoming:
            return incoming.pop()
        return await asyncio.get_running_loop().create_future()  # type: ignore[no-any-return]

    async def send(message: Any) -> None:
        sent.append(dict(message))

    await app(scope, receive, send)
    start = sent[0]
    headers = {name.decode().lower(): value.decode() for name, value in start["headers"]}
    assert len(headers) == len(start["headers"]), "a header was sent twice"
    return Reply(start["status"], headers, b"".join(each.get("body", b"") for each in sent[1:]))


def environ_of(method: str, headers: Headers, query: str) -> dict[str, Any]:
    environ: dict[str, Any] = {
        "REQUEST_METHOD": method,
        "SCRIPT_NAME": "",
        "PATH_INFO": "/paid/article",
        "QUERY_STRING": query,
        "SERVER_NAME": "site",
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(),
        "wsgi.errors": io.StringIO(),
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }
    for name, value in headers:  # two lines of one name are joined, as servers do
        key = "HTTP_" + name.upper().replace("-", "_")
        environ[key] = f"{environ[key]},{value}" if key in environ else value
    return environ


def call_wsgi(application: Any, method: str, headers: Headers, query: str) -> Reply:
    environ = environ_of(method, headers, query)
    started: list[Any] = []

    def start_response(status: str, headers: Any, exc_info: Any = None) -> Any:
        started[:] = [int(status.split()[0]), headers]
        return lambda part: None

    parts = application(environ, start_response)
    body = b"".join(parts)
    if hasattr(parts, "close"):
        parts.close()
    status, given = started
    assert len({name.lower() for name, _ in given}) == len(given), "a header was sent twice"
    return Reply(status, {name.lower(): value for name, value in given}, body)


def asking(app: Any, loop: Loop, calls: list[Any], path: str = "/paid/article") -> Ask:
    def ask(method: str, headers: Headers, query: str) -> Reply:
        calls.clear()
        scope = {**scope_of(method, headers, query), "path": path, "raw_path": path.encode()}
        reply: Reply = loop.run(call_asgi(app, scope))
        reply.calls = list(calls)
        return reply

    return ask


def paid_asgi(calls: list[Any]) -> Any:
    """Return the bare ASGI application."""

    async def app(scope: Any, receive: Any, send: Any) -> None:
        calls.append((scope["state"]["tiun_session"], scope["query_string"].decode()))
        headers = [(name.lower().encode(), value.encode()) for name, value in PUBLIC.items()]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": BODY})

    return app


def bare_asgi(client: dict[str, Any], options: dict[str, Any], loop: Loop) -> Ask:
    calls: list[Any] = []
    return asking(
        TiunGate(AsyncTiunClient(**client), **options).asgi(paid_asgi(calls)), loop, calls
    )


def starlette_mount(client: dict[str, Any], options: dict[str, Any], loop: Loop) -> Ask:
    pytest.importorskip("starlette")
    from starlette.applications import Starlette
    from starlette.routing import Mount

    calls: list[Any] = []
    gate = TiunGate(AsyncTiunClient(**client), **options)
    app = Starlette(routes=[Mount("/paid", app=gate.asgi(paid_asgi(calls)))])
    return asking(app, loop, calls)


def fastapi_dependency(client: dict[str, Any], options: dict[str, Any], loop: Loop) -> Ask:
    fastapi = pytest.importorskip("fastapi")
    calls: list[Any] = []
    gate = TiunGate(AsyncTiunClient(**client), **options)
    app = fastapi.FastAPI()
    paid = fastapi.Depends(gate.fastapi(app))

    async def article(request: Any, session: Any = paid) -> Any:
        calls.append((session, request.url.query))
        return fastapi.Response(BODY, headers=PUBLIC)

    article.__annotations__ = {"request": fastapi.Request, "session": Any}
    app.add_api_route("/paid/article", article, methods=["GET", "HEAD", "POST", "OPTIONS"])
    return asking(app, loop, calls)


def bare_wsgi(client: dict[str, Any], options: dict[str, Any], loop: Loop) -> Ask:
    calls: list[Any] = []

    def application(environ: Any, start_response: Any) -> Any:
        calls.append((environ["sessionvitals.session"], environ["QUERY_STRING"]))
        start_response("200 OK", list(PUBLIC.items()))
        return [BODY]

    gated = TiunGate(TiunClient(**client), **options).wsgi(application)

    def ask(method: str, headers: Headers, query: str) -> Reply:
        calls.clear()
        reply = call_wsgi(gated, method, headers, query)
        reply.calls = list(calls)
        return reply

    return ask


def django_sync(client: dict[str, Any], options: dict[str, Any], loop: Loop) -> Ask:
    pytest.importorskip("django")
    from tests.gate import django_site

    handler = django_site.wsgi_handler({"client": client, **options})

    def ask(method: str, headers: Headers, query: str) -> Reply:
        django_site.calls.clear()
        reply = call_wsgi(handler, method, headers, query)
        reply.calls = list(django_site.calls)
        return reply

    return ask


def django_async(client: dict[str, Any], options: dict[str, Any], loop: Loop) -> Ask:
    pytest.importorskip("django")
    from tests.gate import django_site

    handler = django_site.asgi_handler({"client": client, **options})
    return asking(handler, loop, django_site.calls, "/paid/async")


def forward_auth(client: dict[str, Any], options: dict[str, Any], loop: Loop) -> Ask:
    return asking(TiunGate(AsyncTiunClient(**client), **options).forward_auth(), loop, [])


FORMS = {
    form.__name__: form
    for form in (
        bare_asgi,
        starlette_mount,
        fastapi_dependency,
        bare_wsgi,
        django_sync,
        django_async,
        forward_auth,
    )
}


@contextmanager
def opened(form: str, client: dict[str, Any], options: dict[str, Any]) -> Iterator[Ask]:
    """Give the function that asks the form, and close its loop afterwards."""
    loop = Loop()
    try:
        yield FORMS[form](client, options, loop)
    finally:
        loop.run(loop.loop.shutdown_default_executor())
        loop.loop.close()
