"""What is particular to Django, FastAPI and Starlette."""

from __future__ import annotations

import asyncio
import pickle
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
from tests.gate.forms import (
    BODY,
    Loop,
    Reply,
    call_asgi,
    call_wsgi,
    environ_of,
    paid_asgi,
    scope_of,
)
from tests.gate.test_conformance import client_of
from tests.support.sandbox import Space

from sessionvitals import AsyncTiunClient, ConfigurationError
from sessionvitals.gate import TiunGate
from sessionvitals.gate.answers import Answer
from sessionvitals.gate.asgi import ReaderCutOff

PAID = [("X-Session-Id", "paid")]


@pytest.fixture
def loop() -> Iterator[Loop]:
    loop = Loop()
    yield loop
    loop.run(loop.loop.shutdown_default_executor())
    loop.loop.close()


def get(app: Any, path: str, headers: Any, loop: Loop | None) -> Reply:
    if loop is None:
        return call_wsgi(lambda e, s: app({**e, "PATH_INFO": path}, s), "GET", headers, "")
    scope = {**scope_of("GET", headers, ""), "path": path, "raw_path": path.encode()}
    reply: Reply = loop.run(call_asgi(app, scope))
    return reply


@pytest.mark.parametrize("is_async", [False, True])
def test_django_views_are_closed_unless_they_are_public(
    is_async: bool, loop: Loop, space: Space
) -> None:
    site = pytest.importorskip("tests.gate.django_site")
    space.add_session("tiun", "paid", "valid")
    make = site.asgi_handler if is_async else site.wsgi_handler
    app, driver = make({"client": client_of(space)}), loop if is_async else None
    site.calls.clear()

    health = get(app, "/health", [], driver)
    assert (health.status, health.headers["cache-control"]) == (200, "public")
    assert get(app, "/paid/article", [], driver).status == 402
    assert get(app, "/paid/async", [], driver).status == 402
    assert get(app, "/single", [], driver).status == 402
    assert get(app, "/nowhere", [], driver).status == 404
    assert site.calls == []
    assert get(app, "/paid/article", PAID, driver).body == BODY
    assert get(app, "/paid/async", PAID, driver).body == BODY


@pytest.mark.parametrize("is_async", [False, True])
@pytest.mark.parametrize("view", ["teaser", "async-teaser", "class-teaser"])
def test_a_django_view_is_public_only_where_it_was_said(
    view: str, is_async: bool, loop: Loop, space: Space
) -> None:
    site = pytest.importorskip("tests.gate.django_site")
    make = site.asgi_handler if is_async else site.wsgi_handler
    app, driver = make({"client": client_of(space)}), loop if is_async else None

    assert get(app, f"/free/{view}", [], driver).body == b"the first lines"
    assert get(app, f"/paid/{view}", [], driver).status == 402
    with pytest.raises(ConfigurationError, match=r"write public\(Teaser\.as_view\(\)\)"):
        site.public(site.Teaser)


@pytest.mark.parametrize("is_async", [False, True])
def test_a_refusal_in_django_keeps_headers_that_repeat(is_async: bool, loop: Loop) -> None:
    site = pytest.importorskip("tests.gate.django_site")
    cookies = ["a=1; Path=/; HttpOnly; SameSite=Lax", "b=2; Partitioned", "a=3; Path=/x", "é=(é)"]
    page = [
        *(("Set-Cookie", each) for each in cookies),
        *(("Link", "</x>; rel=a"), ("X-Note", "one"), ("link", "</y>; rel=b")),
    ]
    make = site.asgi_handler if is_async else site.wsgi_handler
    app = make({"client": {"access_token": "any"}, "respond": lambda _: (402, page, "pay")})
    sent: list[tuple[str, str]] = []

    def start(status: str, headers: list[tuple[str, str]], exc_info: object = None) -> Any:
        sent.extend(headers)

    async def call() -> None:
        incoming = [{"type": "http.request", "body": b"", "more_body": False}]

        async def receive() -> Any:
            return incoming.pop() if incoming else await asyncio.Event().wait()

        async def send(message: Any) -> None:
            sent.extend((n.decode(), v.decode("latin-1")) for n, v in message.get("headers", ()))

        await app(scope_of("GET", [], ""), receive, send)

    if is_async:
        loop.run(call())
    else:
        app(environ_of("GET", [], ""), start)
    by_name = {name.lower(): value for name, value in sent}
    assert sorted(v.strip() for n, v in sent if n.lower() == "set-cookie") == sorted(cookies)
    assert (by_name["link"], by_name["x-note"]) == ("</x>; rel=a, </y>; rel=b", "one")
    assert len(sent) == len(by_name) + len(cookies) - 1


def test_a_cookie_of_a_refusal_in_django_can_be_read_by_name() -> None:
    pytest.importorskip("tests.gate.django_site")
    from sessionvitals.gate.django import _response

    line = "a=b%20c; Path=/; Partitioned"
    response = _response(Answer(402, [("Set-Cookie", line), ("Set-Cookie", "no name")], b""))

    response = pickle.loads(pickle.dumps(response))
    assert (response.cookies["a"].key, response.cookies["a"].value) == ("a", "b%20c")
    assert response.cookies.output(header="", sep="|") == f" {line}| no name"


@pytest.mark.parametrize(("path", "is_async"), [("/single", False), ("/single-async", True)])
def test_a_single_django_view_can_be_behind_the_gate(
    path: str, is_async: bool, loop: Loop, space: Space
) -> None:
    site = pytest.importorskip("tests.gate.django_site")
    space.add_session("tiun", "paid", "valid")
    make = site.asgi_handler if is_async else site.wsgi_handler
    app, driver = make({"client": client_of(space)}, MIDDLEWARE=[]), loop if is_async else None

    refused = get(app, path, [], driver)
    assert (refused.status, refused.problem["reason"]) == (402, "missing")
    served = get(app, path, PAID, driver)
    assert (served.status, served.body) == (200, BODY)
    assert served.headers["cache-control"] == "private, no-store"
    assert space.sandbox.journal.count(provider="tiun") == 1


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ("off", "TIUN_GATE must be a dict"),
        ({"client": {"access_token": "a"}, "max_aeg": 1}, "max_aeg"),
        ({"client": object()}, "client must be a dict"),
        ({"client": {"access_token": "a", "tiemout": 1}}, "tiemout"),
        ({"client": {"access_token": "a"}, "max_age": 1000}, "max_age"),
        ({}, "TIUN_ACCESS_TOKEN"),
    ],
)
def test_wrong_django_settings_are_said_when_the_site_starts(settings: Any, words: str) -> None:
    site = pytest.importorskip("tests.gate.django_site")

    with pytest.raises(ConfigurationError, match=words):
        site.wsgi_handler(settings)


def test_an_asynchronous_django_stream_is_broken_off(space: Space) -> None:
    pytest.importorskip("tests.gate.django_site")
    from django.http import StreamingHttpResponse

    from sessionvitals.gate.django import _watch

    ended = []

    async def parts() -> AsyncIterator[bytes]:
        try:
            yield b"one"
            await asyncio.Event().wait()  # silent, and still asked about
        finally:
            ended.append(True)

    got: list[bytes] = []

    async def read() -> None:
        gate: Any = TiunGate(AsyncTiunClient(**client_of(space)))
        gate.recheck = 0.05
        response = StreamingHttpResponse(parts())
        _watch(response, gate, "paid")
        async for part in response:
            got.append(part)

    with pytest.raises(ReaderCutOff):
        asyncio.run(read())
    assert (got, ended) == ([b"one"], [True])


def test_a_fastapi_route_without_its_app_is_closed(loop: Loop, space: Space) -> None:
    fastapi = pytest.importorskip("fastapi")
    space.add_session("tiun", "paid", "valid")
    gate = TiunGate(AsyncTiunClient(**client_of(space)))
    known, other = fastapi.FastAPI(), fastapi.FastAPI()
    dependency = fastapi.Depends(gate.fastapi(known))

    async def article(session: Any = dependency) -> str:
        return "paid"

    article.__annotations__ = {"session": Any}
    for app in (known, other):
        app.add_api_route("/article", article)
    known.mount("/sub", other)

    assert get(known, "/article", PAID, loop).status == 200
    assert get(known, "/article", [], loop).status == 402
    for app, path in ((other, "/article"), (known, "/sub/article")):
        with pytest.raises(ConfigurationError, match=r"gate\.fastapi\(app\)"):
            get(app, path, PAID, loop)


def test_two_gates_of_one_fastapi_app_keep_their_answers_apart(loop: Loop, space: Space) -> None:
    fastapi = pytest.importorskip("fastapi")
    space.add_session("tiun", "paid", "valid")
    app = fastapi.FastAPI()
    client = AsyncTiunClient(**client_of(space))
    gates = {"/a": TiunGate(client), "/b": TiunGate(client, deny_status=403, cache="private")}
    for path, gate in gates.items():

        async def article(response: Any, session: Any = fastapi.Depends(gate.fastapi(app))) -> str:  # noqa: B008
            response.headers["Cache-Control"] = "public, max-age=9"
            return "paid"

        article.__annotations__ = {"response": fastapi.Response, "session": Any}
        app.add_api_route(path, article)
        gate.fastapi(app)  # once more changes nothing

    async def free(response: Any) -> str:
        response.headers["Cache-Control"] = "public"
        return "free"

    free.__annotations__ = {"response": fastapi.Response}
    app.add_api_route("/free", free)

    assert get(app, "/a", PAID, loop).headers["cache-control"] == "private, no-store"
    assert get(app, "/b", PAID, loop).headers["cache-control"] == "private, max-age=9"
    assert get(app, "/free", PAID, loop).headers["cache-control"] == "public"
    assert [get(app, path, [], loop).status for path in ("/a", "/b")] == [402, 403]
    assert len(app.user_middleware) == 2


def test_middleware_around_the_gate_does_not_end_a_cut_answer(loop: Loop, space: Space) -> None:
    pytest.importorskip("starlette")
    from starlette.middleware.base import BaseHTTPMiddleware

    space.add_session("tiun", "paid", "valid")
    gate: Any = TiunGate(AsyncTiunClient(**client_of(space)))
    gate.recheck = 0.05

    async def stream(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"part", "more_body": True})
        space.admin("DELETE", "sessions/tiun/paid")
        await asyncio.Event().wait()

    async def dispatch(request: Any, call_next: Any) -> Any:
        return await call_next(request)

    sent: list[Any] = []

    async def call() -> None:
        async def send(message: Any) -> None:
            sent.append(message)

        async def receive() -> Any:
            return await asyncio.get_running_loop().create_future()

        app = BaseHTTPMiddleware(gate.asgi(stream), dispatch)
        await app(scope_of("GET", PAID, ""), receive, send)

    with pytest.raises((ReaderCutOff, AssertionError), match=r"reader_cut_off|no longer valid"):
        loop.run(call())
    assert [each.get("more_body") for each in sent[1:]] == [True]


def test_the_application_sees_what_outer_middleware_left_in_the_state(
    loop: Loop, space: Space
) -> None:
    space.add_session("tiun", "paid", "valid")
    calls: list[Any] = []
    app = TiunGate(AsyncTiunClient(**client_of(space))).asgi(paid_asgi(calls))
    state = {"of": "others"}

    loop.run(call_asgi(app, {**scope_of("GET", PAID, ""), "state": state}))

    assert state["of"] == "others"
    assert state["tiun_session"] is calls[0][0]


@pytest.mark.parametrize("name", ["FetchFromCacheMiddleware", "CacheMiddleware"])
def test_a_cache_of_the_whole_site_is_refused(name: str, space: Space) -> None:
    """It answers before the gate is asked, wherever it stands."""
    site = pytest.importorskip("tests.gate.django_site")
    cache = f"django.middleware.cache.{name}"
    for middleware in ([site.GATE, cache], [cache, site.GATE]):
        with pytest.raises(ConfigurationError, match="would serve paid pages to everybody"):
            site.wsgi_handler({"client": client_of(space)}, MIDDLEWARE=middleware)
