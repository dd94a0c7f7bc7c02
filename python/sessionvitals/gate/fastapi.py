"""The gate as a dependency of FastAPI.

A dependency can neither answer by itself nor reach the headers of what the route returns. So each
app that uses one gets a handler for the refusal, and middleware, pure ASGI, for the headers and for
asking again. Without them the dependency raises: a page without them could land in a cache.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from fastapi import FastAPI
from starlette.requests import HTTPConnection, Request
from starlette.responses import Response
from starlette.websockets import WebSocket

from .._core import Session
from ..errors import ConfigurationError
from . import answers
from .answers import Answer
from .asgi import App, AsyncGate, Exchange, Receive, Scope, Send, is_preflight, refuse
from .sources import ScopeRequest
from .values import GateDecision

#: Where middleware leaves its exchange for the dependency: by gate and app.
KEY = "sessionvitals.gate"


class Answered(Exception):
    """Ends the route: the gate answers in its place."""

    def __init__(self, gate: AsyncGate, answer: Answer, decision: GateDecision) -> None:
        super().__init__(f"the gate answers {answer.status}")
        self.gate = gate
        self.answer = answer
        self.decision = decision


class Guard:
    """Middleware that keeps answers private once the dependency has let a request in."""

    def __init__(self, app: App, gate: AsyncGate, owner: FastAPI) -> None:
        self._app = app
        self._gate = gate
        self._key = (id(gate), id(owner))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        exchange = Exchange(self._gate, scope, receive, send)
        scope[KEY] = {**scope.get(KEY, {}), self._key: exchange}
        await exchange.run(self._app)


def guard(gate: AsyncGate, app: FastAPI) -> Callable[..., Awaitable[Session | None]]:
    """Return the dependency, and give the app what it needs besides."""
    if not isinstance(app, FastAPI):
        raise ConfigurationError("fastapi() needs the FastAPI app whose routes depend on it.")
    if not any(each.kwargs.get("gate") is gate for each in app.user_middleware):
        app.add_middleware(Guard, gate=gate, owner=app)
        app.add_exception_handler(Answered, _answer)  # type: ignore[arg-type]  # of both kinds

    async def session_of_reader(connection: HTTPConnection) -> Session | None:
        scope = connection.scope
        exchange = scope.get(KEY, {}).get((id(gate), id(scope["app"])))
        if exchange is None:
            raise ConfigurationError(
                "A route of this app depends on a gate that the app does not know: call "
                "gate.fastapi(app) for it, as for each sub-application."
            )
        session_id = gate.find_id(ScopeRequest(scope))
        if gate.allow_preflight and is_preflight(scope):
            raise Answered(gate, answers.preflight(gate.vary), GateDecision(False, "missing"))
        decision = await gate.decide_async(session_id)
        if not decision.allowed:
            method = scope.get("method", "GET")
            raise Answered(gate, gate.refusal(decision, scope, method), decision)
        exchange.admit(session_id or "", decision)
        return decision.session

    return session_of_reader


async def _answer(connection: Any, answered: Exception) -> Response | None:
    assert isinstance(answered, Answered)
    if isinstance(connection, WebSocket):
        await refuse(answered.gate, answered.decision, connection.scope, connection.send)
        return None
    assert isinstance(connection, Request)
    answer = answered.answer
    response = Response(answer.body, answer.status)
    response.raw_headers = answer.raw_headers
    return response
