"""WebSockets, and answers that last: the gate asks again and breaks off what is no longer paid."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

import pytest
from tests.gate.forms import call_asgi, scope_of
from tests.gate.serving import ask, uvicorn_in_thread
from tests.gate.test_conformance import client_of
from tests.support.sandbox import Space

from sessionvitals import AsyncTiunClient, TiunClient
from sessionvitals.gate import TiunGate, from_cookie
from sessionvitals.gate.asgi import ReaderCutOff

websockets = pytest.importorskip("websockets")
from websockets.sync.client import connect

OFTEN = 0.05  # seconds; a site can ask no more often than each ten


def gate_of(space: Space, **options: Any) -> Any:
    space.add_session("tiun", "paid", "valid")
    gate = TiunGate(AsyncTiunClient(**client_of(space)), **options)
    gate.recheck = OFTEN
    return gate


def end(space: Space) -> None:
    space.admin("DELETE", "sessions/tiun/paid")


async def stream(scope: Any, receive: Any, send: Any) -> None:
    """Answer without end."""
    await send({"type": "http.response.start", "status": 200, "headers": []})
    while True:
        await send({"type": "http.response.body", "body": b"part", "more_body": True})
        await asyncio.sleep(0.01)


async def echo(scope: Any, receive: Any, send: Any) -> None:
    assert scope["type"] == "websocket"
    await receive()
    await send({"type": "websocket.accept"})
    while (message := await receive())["type"] == "websocket.receive":
        await send({"type": "websocket.send", "text": message["text"]})


async def quiet(scope: Any, receive: Any, send: Any) -> None:
    """Answer late, and then at once."""
    await asyncio.sleep(0.3)
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"late"})


def fastapi_app(gate: Any, kind: str) -> Any:
    fastapi = pytest.importorskip("fastapi")
    from starlette.responses import StreamingResponse

    app = fastapi.FastAPI()
    paid = fastapi.Depends(gate.fastapi(app))

    async def parts() -> AsyncIterator[bytes]:
        while True:
            yield b"part"
            await asyncio.sleep(0.01)

    async def read(session: Any = paid) -> Any:
        return StreamingResponse(parts())

    async def talk(socket: Any, session: Any = paid) -> None:
        await socket.accept()
        while True:
            await socket.send_text(await socket.receive_text())

    read.__annotations__ = {"session": Any}
    talk.__annotations__ = {"socket": fastapi.WebSocket, "session": Any}
    app.add_api_route("/", read)
    app.add_api_websocket_route("/", talk)
    return app


FORMS: dict[str, Callable[[Any, str], Any]] = {
    "asgi": lambda gate, kind: gate.asgi(stream if kind == "http" else echo),
    "fastapi": fastapi_app,
}


@pytest.fixture(params=FORMS)
def site(request: pytest.FixtureRequest) -> Callable[[Any, str], Any]:
    return FORMS[request.param]


@contextlib.contextmanager
def streaming(port: int) -> Iterator[socket.socket]:
    """Begin to read an answer that does not end."""
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        connection.sendall(b"GET / HTTP/1.1\r\nHost: a\r\nX-Session-Id: paid\r\n\r\n")
        received = b""
        while b"part" not in received:
            some = connection.recv(65536)
            assert some, received
            received += some
        yield connection


def rest_of(connection: socket.socket) -> bytes:
    received = b""
    with contextlib.suppress(ConnectionError):
        while some := connection.recv(65536):
            received += some
    return received


def test_an_answer_is_broken_off_when_the_session_ends(site: Any, space: Space) -> None:
    app = site(gate_of(space), "http")
    with uvicorn_in_thread(app, lifespan="off") as port, streaming(port) as connection:
        end(space)
        rest = rest_of(connection)

    assert not rest.endswith(b"0\r\n\r\n")  # the chunk that would say that the body is whole


def test_an_answer_goes_on_while_the_session_is_valid(space: Space) -> None:
    app = gate_of(space).asgi(stream)
    with uvicorn_in_thread(app, lifespan="off") as port, streaming(port) as connection:
        assert space.sandbox.journal.wait(provider="tiun", at_least=4)
        assert connection.recv(65536)
        end(space)


@pytest.mark.parametrize(("on_outage", "goes_on"), [("serve", True), ("deny", False)])
def test_an_outage_at_a_recheck_follows_on_outage(
    on_outage: Any, goes_on: bool, space: Space
) -> None:
    app = gate_of(space, on_outage=on_outage).asgi(stream)
    with uvicorn_in_thread(app, lifespan="off") as port, streaming(port) as connection:
        space.faults({"kind": "status", "http_status": 503, "times": 1})
        asked = space.sandbox.journal.count(provider="tiun")
        if goes_on:
            assert space.sandbox.journal.wait(provider="tiun", at_least=asked + 3)
            end(space)
        rest_of(connection)  # which ends


def test_what_has_not_begun_is_refused_properly(space: Space) -> None:
    app = gate_of(space).asgi(quiet)
    with uvicorn_in_thread(app, lifespan="off") as port:
        space.faults(
            {"kind": "status", "http_status": 200, "times": 1},
            {"kind": "status", "http_status": 404, "times": 1},
        )
        status, _, body = ask(port, "/", "X-Session-Id: paid")

    assert status == 402
    assert b"denied" in body


def test_an_application_that_ends_by_itself_is_asked_about_no_more(space: Space) -> None:
    app = gate_of(space).asgi(quiet)
    with uvicorn_in_thread(app, lifespan="off") as port:
        assert b"late" in ask(port, "/", "X-Session-Id: paid")[2]
        asked = space.sandbox.journal.count(provider="tiun")
        assert ask(port, "/")[0] == 402

        assert space.sandbox.journal.count(provider="tiun") == asked


def test_work_behind_a_whole_answer_is_not_cut(space: Space) -> None:
    done = []

    async def with_background(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"whole"})
        end(space)
        await asyncio.sleep(3 * OFTEN)
        done.append(True)

    headers = [("X-Session-Id", "paid")]
    gate = gate_of(space)
    asyncio.run(call_asgi(gate.asgi(with_background), scope_of("GET", headers, "")))

    assert done == [True]


def test_an_application_that_ignores_being_cancelled_sends_nothing_more(space: Space) -> None:
    caught: list[type[BaseException]] = []
    sent: list[Any] = []

    async def stubborn(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        while True:
            try:
                await send({"type": "http.response.body", "body": b"part", "more_body": True})
                await asyncio.sleep(0.01)
            except asyncio.CancelledError:
                caught.append(asyncio.CancelledError)
            except OSError as error:
                caught.append(type(error))
                return

    async def run() -> None:
        async def send(message: Any) -> None:
            sent.append(message)
            if len(sent) == 3:
                end(space)

        scope = scope_of("GET", [("X-Session-Id", "paid")], "")
        with pytest.raises(ReaderCutOff):
            await gate_of(space).asgi(stubborn)(scope, asyncio.Event().wait, send)

    asyncio.run(run())

    assert caught == [asyncio.CancelledError, ReaderCutOff]
    bodies = [each for each in sent if each["type"] == "http.response.body"]
    assert all(each["more_body"] for each in bodies)


def test_nothing_is_asked_after_a_request_that_was_cancelled_twice(space: Space) -> None:
    async def run() -> set[Any]:
        steps = {name: asyncio.Event() for name in ("begun", "cancelled", "tidied up")}

        async def slow_to_end(scope: Any, receive: Any, send: Any) -> None:
            try:
                steps["begun"].set()
                await asyncio.Event().wait()
            finally:
                steps["cancelled"].set()
                await steps["tidied up"].wait()

        gate = gate_of(space)
        gate.recheck = 999.0
        scope = scope_of("GET", [("X-Session-Id", "paid")], "")
        request = asyncio.create_task(gate.asgi(slow_to_end)(scope, asyncio.Event().wait, None))
        await steps["begun"].wait()
        request.cancel()
        await steps["cancelled"].wait()
        request.cancel()
        await asyncio.wait({request})
        steps["tidied up"].set()
        rest = asyncio.all_tasks() - {asyncio.current_task()}
        return (await asyncio.wait(rest, timeout=30))[1]

    assert asyncio.run(run()) == set()


def test_a_websocket_is_open_only_for_who_has_paid(site: Any, space: Space) -> None:
    gate = gate_of(space, source=from_cookie("sid"))
    with uvicorn_in_thread(site(gate, "websocket"), lifespan="off") as port:
        url = f"ws://127.0.0.1:{port}/"
        with pytest.raises(websockets.exceptions.InvalidStatus) as refused:
            connect(url)
        with pytest.raises(websockets.exceptions.InvalidStatus):
            connect(url, additional_headers={"Cookie": "sid=nobody"})
        with connect(url, additional_headers={"Cookie": "a=b; sid=paid"}) as socket:
            socket.send("hello")
            assert socket.recv(10) == "hello"
            end(space)
            with pytest.raises(websockets.exceptions.ConnectionClosedError) as closed:
                socket.recv(10)

    assert refused.value.response.status_code == 402  # by ASGI's extension for refusals
    assert b"missing" in refused.value.response.body
    assert closed.value.rcvd.code == 1008


def test_a_websocket_is_closed_where_the_server_knows_no_refusals(space: Space) -> None:
    sent: list[Any] = []

    async def run() -> None:
        async def send(message: Any) -> None:
            sent.append(message)

        await gate_of(space).asgi(echo)(scope_of("GET", [], "", "websocket"), None, send)

    asyncio.run(run())

    assert sent == [{"type": "websocket.close", "code": 1008}]


def test_a_wsgi_answer_is_broken_off_between_its_parts(space: Space) -> None:
    space.add_session("tiun", "paid", "valid")
    gate: Any = TiunGate(TiunClient(**client_of(space)))
    gate.recheck = 0.0
    closed = []

    class Parts:
        def __iter__(self) -> Iterator[bytes]:
            yield b"one"
            end(space)
            yield b"two"

        def close(self) -> None:
            closed.append(True)

    def application(environ: Any, start_response: Any) -> Any:
        start_response("200 OK", [])
        return Parts()

    environ = {"REQUEST_METHOD": "GET", "HTTP_X_SESSION_ID": "paid"}
    parts = gate.wsgi(application)(environ, lambda *_: None)
    got: list[bytes] = []
    with pytest.raises(ReaderCutOff):
        got.extend(parts)
    parts.close()

    assert (got, closed) == ([b"one"], [True])
