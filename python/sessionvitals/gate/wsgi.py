"""The gate as WSGI, around an application (PEP 3333)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, MutableMapping
from time import monotonic
from typing import Any

from .._sync.tiun import TiunClient
from . import answers
from .answers import Answer
from .asgi import ReaderCutOff
from .gate import TiunGate
from .sources import EnvironRequest
from .values import GateDecision

Environ = MutableMapping[str, Any]
StartResponse = Callable[..., Callable[[bytes], object]]
Application = Callable[[Any, Any], Iterable[bytes]]
SyncGate = TiunGate[TiunClient]


class GatedApplication:
    """A WSGI application behind a gate."""

    def __init__(self, gate: SyncGate, application: Application) -> None:
        self._gate = gate
        self._application = application

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        gate = self._gate
        if gate.allow_preflight and is_preflight(environ):
            return send_answer(answers.preflight(gate.vary), start_response)
        session_id = gate.find_id(EnvironRequest(environ))
        decision = gate.decide_sync(session_id)
        if not decision.allowed:
            return send_answer(
                gate.refusal(decision, environ, environ["REQUEST_METHOD"]), start_response
            )
        admit(gate, environ, decision)
        watch = None if gate.recheck is None else Watch(gate, session_id or "")
        keeps = gate.keeps_age_of(decision)

        def start(
            status: str, headers: list[tuple[str, str]], *exc_info: Any
        ) -> Callable[[bytes], object]:
            guarded = answers.private(headers, vary=gate.vary, keeps_age=keeps)
            write = start_response(status, guarded, *exc_info)
            return write if watch is None else watch.guarding(write)

        parts = self._application(environ, start)
        return parts if watch is None else Watched(parts, watch)


class Watch:
    """Asks again when it is time to, in between the parts of an answer."""

    def __init__(self, gate: SyncGate, session_id: str) -> None:
        assert gate.recheck is not None
        self._gate = gate
        self._session_id = session_id
        self._every = gate.recheck
        self._next = monotonic() + gate.recheck

    def check(self) -> None:
        """Raise ReaderCutOff if it is time to ask again and the session is no longer valid."""
        if monotonic() < self._next:
            return
        if not self._gate.decide_sync(self._session_id, is_recheck=True).allowed:
            raise ReaderCutOff("the session is no longer valid: the answer was broken off")
        self._next = monotonic() + self._every

    def guarding(self, write: Callable[[bytes], object]) -> Callable[[bytes], object]:
        def checked(part: bytes) -> object:
            self.check()
            return write(part)

        return checked


class Watched:
    """The parts of an answer; before one is sent, the watch is asked."""

    def __init__(self, parts: Iterable[bytes], watch: Watch) -> None:
        self._parts = parts
        self._watch = watch

    def __iter__(self) -> Iterator[bytes]:
        for part in self._parts:
            self._watch.check()
            yield part

    def close(self) -> None:
        close = getattr(self._parts, "close", None)
        if close is not None:
            close()


def is_preflight(environ: Environ) -> bool:
    """Whether a browser asks by CORS if it may send a request."""
    if environ["REQUEST_METHOD"] != "OPTIONS":
        return False
    return "HTTP_ORIGIN" in environ and "HTTP_ACCESS_CONTROL_REQUEST_METHOD" in environ


def admit(gate: TiunGate[Any], environ: Environ, decision: GateDecision) -> None:
    """Tell the application of the session, and remove what it is not to see."""
    environ["sessionvitals.session"] = decision.session
    query = environ.get("QUERY_STRING", "")
    stripped = gate.stripped(query)
    if stripped == query:
        return
    environ["QUERY_STRING"] = stripped
    for name in ("REQUEST_URI", "RAW_URI"):  # some servers' own, which have the query as well
        if name in environ:
            path = environ[name].partition("?")[0]
            environ[name] = f"{path}?{stripped}" if stripped else path


def send_answer(answer: Answer, start_response: StartResponse) -> list[bytes]:
    start_response(answer.status_line, answer.headers)
    return [answer.body] if answer.body else []
