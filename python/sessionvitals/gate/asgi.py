"""The gate as ASGI: around an application, and as an answer for proxies.

Pure ASGI: middleware that sees requests only lets WebSockets past. The decision comes before the
application is called and before anything is received, so that a refused client sends no body.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from contextlib import suppress
from typing import Any

from .._async.tiun import AsyncTiunClient
from ..errors import ConfigurationError
from . import answers
from .answers import Answer
from .gate import TiunGate
from .sources import Query, ScopeRequest
from .values import GateDecision, GateRefusal

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]
AsyncGate = TiunGate[AsyncTiunClient]

#: How long an application may take to end after its reader was cut off, in seconds.
GRACE = 1.0


class ReaderCutOff(ConnectionError):
    """The answer was broken off, because the session of its reader is no longer valid.

    The server logs it and closes the connection without a final chunk: a return would let
    middleware around the gate end the body as if it were whole.
    """


class GatedApp:
    """An ASGI application behind a gate."""

    def __init__(self, gate: AsyncGate, app: App) -> None:
        self._gate = gate
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        kind = scope["type"]
        if kind == "lifespan":
            await self._app(scope, receive, send)
            return
        if kind not in ("http", "websocket"):
            raise RuntimeError(
                f"the gate does not know ASGI's scope {kind!r}, so it lets none pass"
            )
        gate = self._gate
        if gate.allow_preflight and is_preflight(scope):
            await send_answer(answers.preflight(gate.vary), send)
            return
        session_id = gate.find_id(ScopeRequest(scope))
        decision = await gate.decide_async(session_id)
        if not decision.allowed:
            await refuse(gate, decision, scope, send)
            return
        exchange = Exchange(gate, scope, receive, send)
        exchange.admit(session_id or "", decision)
        await exchange.run(self._app)


class ForwardAuth:
    """Answers 204 or the refusal, and nothing else."""

    def __init__(self, gate: AsyncGate, deny_status: int) -> None:
        if any(isinstance(source, Query) for source in gate.sources):
            raise ConfigurationError(
                "forward_auth() reads a header or a cookie: a proxy's question has no query of the "
                "reader's."
            )
        self._gate = gate
        self._deny_status = deny_status

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await _live(receive, send)
            return
        if scope["type"] != "http":
            raise RuntimeError("forward_auth() answers HTTP only")
        gate = self._gate
        decision = await gate.decide_async(gate.find_id(ScopeRequest(scope)))
        if decision.allowed:
            await send_answer(answers.preflight(gate.vary), send)
            return
        told = GateRefusal(
            answers.status_of(decision.reason, self._deny_status), decision.reason, scope
        )
        # A status of success would let the reader in.
        answer = answers.refusal(
            told,
            vary=gate.vary,
            is_head=scope["method"] == "HEAD",
            respond=gate.respond,
            least_status=300,
        )
        await send_answer(answer, send)


class Exchange:
    """One request or WebSocket: what the application sends, and whether it may go on."""

    def __init__(self, gate: AsyncGate, scope: Scope, receive: Receive, send: Send) -> None:
        self._gate = gate
        self._scope = scope
        self._receive = receive
        self._send = send
        self._decision: GateDecision | None = None
        self._session_id = ""
        self._has_started = False
        self._is_cut = False
        self._is_over = False
        self._changed: asyncio.Event | None = None

    def admit(self, session_id: str, decision: GateDecision) -> None:
        """Let it pass: from now on its answer is the reader's alone."""
        self._session_id, self._decision = session_id, decision
        self._scope.setdefault("state", {})["tiun_session"] = decision.session
        query = self._scope.get("query_string", b"")
        if query:
            stripped = self._gate.stripped(query.decode("latin-1"))
            self._scope["query_string"] = stripped.encode("latin-1")
        self._tell()

    async def run(self, app: App) -> None:
        """Run the application, and ask again in between where the gate says so."""
        if self._gate.recheck is None:
            await app(self._scope, self._receive, self.send)
            return
        self._changed = asyncio.Event()
        running = asyncio.ensure_future(app(self._scope, self.receive, self.send))
        watching = asyncio.ensure_future(self._watch(self._gate.recheck))
        try:
            await asyncio.wait({running, watching}, return_when=asyncio.FIRST_COMPLETED)
            if not running.done():
                refused = watching.result()
                if refused is not None:
                    await self._cut(refused, running)
                    return
            await running
        finally:
            # All of them first: this task may be cancelled again while it waits.
            left = {task for task in (running, watching) if not task.done()}
            for task in left:
                task.cancel()
            if left:
                await asyncio.wait(left, timeout=GRACE)

    async def send(self, message: Message) -> None:
        if self._is_cut:
            raise ReaderCutOff("the session is no longer valid")
        kind = message["type"]
        if kind in ("http.response.start", "websocket.http.response.start"):
            if self._decision is not None:
                keeps = self._gate.keeps_age_of(self._decision)
                headers = answers.private_raw(
                    message.get("headers", ()), vary=self._gate.vary, keeps_age=keeps
                )
                message = {**message, "headers": headers}
            self._has_started = True
        elif kind == "websocket.accept":
            self._has_started = True
        await self._send(message)
        is_last = kind.endswith("http.response.body") and not message.get("more_body", False)
        if is_last or kind in ("websocket.close", "http.response.pathsend"):
            self._is_over = True
            self._tell()

    async def receive(self) -> Message:
        message = await self._receive()
        if message["type"] in ("http.disconnect", "websocket.disconnect"):
            self._is_over = True
            self._tell()
        return message

    def _tell(self) -> None:
        if self._changed is not None:
            self._changed.set()

    async def _watch(self, recheck: float) -> GateDecision | None:
        """Ask again and again; return the decision that ends it, or None if it is over before."""
        assert self._changed is not None
        while not self._is_over:
            self._changed.clear()
            is_due = await _is_quiet_for(
                self._changed, recheck if self._decision is not None else None
            )
            if is_due:
                decision = await self._gate.decide_async(self._session_id, is_recheck=True)
                if not decision.allowed and not self._is_over:
                    return decision
        return None

    async def _cut(self, decision: GateDecision, running: asyncio.Future[None]) -> None:
        self._is_cut = True
        running.cancel()
        await asyncio.wait({running}, timeout=GRACE)
        if self._is_over:
            return
        if not self._has_started:
            await refuse(self._gate, decision, self._scope, self._send)
        elif self._scope["type"] == "websocket":
            reason = "the session is no longer valid"
            await self._send({"type": "websocket.close", "code": 1008, "reason": reason})
        else:
            # Starlette's BaseHTTPMiddleware, around the gate, ends a body as if it were whole and
            # raises after that; not so for a message that it does not know. Servers refuse it too.
            with suppress(Exception):
                await self._send({"type": "sessionvitals.gate.reader_cut_off"})
            raise ReaderCutOff("the session is no longer valid: the answer was broken off")


def is_preflight(scope: Scope) -> bool:
    """Whether a browser asks by CORS if it may send a request."""
    if scope["type"] != "http" or scope["method"] != "OPTIONS":
        return False
    return {b"origin", b"access-control-request-method"} <= {name for name, _ in scope["headers"]}


async def refuse(gate: AsyncGate, decision: GateDecision, scope: Scope, send: Send) -> None:
    """Refuse a request, or a WebSocket that is not accepted yet."""
    if scope["type"] == "http":
        await send_answer(gate.refusal(decision, scope, scope["method"]), send)
    elif "websocket.http.response" in (scope.get("extensions") or {}):
        await send_answer(gate.refusal(decision, scope, "GET"), send, "websocket.")
    else:  # the server answers 403
        await send({"type": "websocket.close", "code": 1008})


async def send_answer(answer: Answer, send: Send, prefix: str = "") -> None:
    start = {"status": answer.status, "headers": answer.raw_headers}
    await send({"type": f"{prefix}http.response.start", **start})
    await send({"type": f"{prefix}http.response.body", "body": answer.body, "more_body": False})


async def _live(receive: Receive, send: Send) -> None:
    """Take part in the server's start and end."""
    while True:
        message = await receive()
        await send({"type": f"{message['type']}.complete"})
        if message["type"] == "lifespan.shutdown":
            return


async def _is_quiet_for(event: asyncio.Event, seconds: float | None) -> bool:
    """Wait for the event; return whether so many seconds passed without it.

    ``asyncio.wait_for`` loses, until Python 3.11, a cancel that comes with the event.
    """
    waiting = asyncio.ensure_future(event.wait())
    try:
        done, _ = await asyncio.wait({waiting}, timeout=seconds)
    finally:
        waiting.cancel()
    return not done
