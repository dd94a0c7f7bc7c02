"""The gate: whether a request may be served, and how it is asked."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Iterable, Mapping
from time import monotonic
from typing import TYPE_CHECKING, Any, Generic, Literal, TypeVar, overload

from .._async.tiun import AsyncTiunClient
from .._core import Session
from .._sync.tiun import TiunClient
from ..errors import (
    AuthenticationError,
    CallError,
    ConfigurationError,
    PermissionDeniedError,
)
from ..options import check_callback
from . import answers, notes, questions
from .answers import Answer, Respond
from .checks import flag, is_of_the_id, number, one_of, serves, too_late, whole
from .questions import Flight, Questions
from .sources import Request, Source, checked_sources, find, from_header, is_possible
from .values import GateDecision, GateRefusal, Outage

if TYPE_CHECKING:
    from fastapi import FastAPI

    from .asgi import App, ForwardAuth, GatedApp
    from .wsgi import Application, GatedApplication

AnyClient = TypeVar("AnyClient", TiunClient, AsyncTiunClient)
OnOutage = Literal["deny", "serve"] | Callable[[Outage], Literal["deny", "serve"]]

MISSING = GateDecision(allowed=False, reason="missing")
MALFORMED = GateDecision(allowed=False, reason="malformed")
BUSY = GateDecision(allowed=False, reason="busy")


class TiunGate(Generic[AnyClient]):
    """Lets in who has paid: asks tiun before a request reaches the application.

    A gate wraps a whole application, router, mount or view. It has no patterns of paths, methods or
    hosts to be got around, and reads no X-Forwarded header. It fails closed.

    ``source`` says where the id is: ``from_header``, ``from_cookie``, ``from_query`` or a list of
    them, of which the first that the request has decides. ``deny_status`` is 402 or 403.
    ``on_outage`` is "deny", "serve", or a function of an ``Outage`` that returns one of them; it is
    not asked when tiun refuses the site's own key, nor of a question that had less time than
    ``timeout``. ``max_age``, 0 to 60 seconds, is how long a
    positive verdict may be used again by this gate in this process; denials never are. tiun
    documents no such time, and a session can end within it. ``timeout`` bounds the wait of one
    request in seconds. ``max_in_flight`` questions are asked at once, and one for an id; beyond
    that the answer is 503. ``recheck``, at least 10 seconds, asks again while an answer or a
    WebSocket is open, and breaks it off; each time is a PATCH. ``respond``, a function of a
    ``GateRefusal`` that returns status, headers and body, gives the site's own page.
    ``allow_preflight`` answers CORS preflights with 204. ``cache="private"`` keeps the application's
    max-age for browsers; no shared cache keeps an answer in any case.

    Raises:
        ConfigurationError: An option is out of range.
    """

    def __init__(
        self,
        client: AnyClient,
        *,
        source: Source | Iterable[Source] | None = None,
        deny_status: Literal[402, 403] = 402,
        on_outage: OnOutage = "deny",
        max_age: float = 0.0,
        timeout: float = 3.0,
        max_in_flight: int = 64,
        recheck: float | None = None,
        respond: Respond | None = None,
        allow_preflight: bool = False,
        cache: Literal["no-store", "private"] = "no-store",
    ) -> None:
        if not isinstance(client, (TiunClient, AsyncTiunClient)):
            raise ConfigurationError("A gate needs a TiunClient or an AsyncTiunClient.")
        self.timeout: float = number("timeout", timeout, 0, 86_400)
        client.with_options(timeout=timeout)  # refuses 0
        self.client: AnyClient = client
        self.is_async: bool = isinstance(client, AsyncTiunClient)
        self.sources: tuple[Source, ...] = checked_sources(
            from_header("X-Session-Id") if source is None else source
        )
        self.deny_status: int = one_of("deny_status", deny_status, (402, 403))
        self.on_outage: Any = (
            on_outage if callable(on_outage) else one_of("on_outage", on_outage, ("deny", "serve"))
        )
        self.max_age: float = number("max_age", max_age, 0, 60)
        self.recheck: float | None = (
            None if recheck is None else number("recheck", recheck, 10, 86_400)
        )
        check_callback("respond", respond)
        if callable(on_outage):
            check_callback("on_outage", on_outage)
        self.respond = respond
        self.allow_preflight: bool = flag("allow_preflight", allow_preflight)
        self.keeps_age: bool = one_of("cache", cache, ("no-store", "private")) == "private"
        self.vary: str = ", ".join(dict.fromkeys(each.vary for each in self.sources if each.vary))
        self._questions = Questions(whole("max_in_flight", max_in_flight, 1, 65_536))

    def asgi(self, app: App) -> GatedApp:
        """Return the ASGI application behind this gate: HTTP and WebSockets.

        Raises:
            ConfigurationError: The gate's client is not an AsyncTiunClient.
        """
        from .asgi import GatedApp

        return GatedApp(self._of_async("asgi"), app)

    def forward_auth(self, *, deny_status: Literal[402, 403] | None = None) -> ForwardAuth:
        """Return an ASGI application that only answers: 204, or the refusal.

        For a server of one's own behind nginx's auth_request, Caddy's or Traefik's forward_auth.
        nginx takes 403, and makes an error of 402. The method and the headers that tell the original
        URL are not looked at, and neither is a query.

        Raises:
            ConfigurationError: The gate's client is not an AsyncTiunClient, or a source is a query.
        """
        from .asgi import ForwardAuth

        status = self.deny_status if deny_status is None else deny_status
        return ForwardAuth(
            self._of_async("forward_auth"), one_of("deny_status", status, (402, 403))
        )

    def fastapi(self, app: FastAPI) -> Callable[..., Awaitable[Session | None]]:
        """Return a dependency for ``Depends``, whose value is the session.

        None if the request is served in an outage. The app gets what a dependency cannot do: the
        headers of the answer and the refusal. Call it for each app, sub-applications too.
        Dependencies guard no mounted applications and no static files: ``asgi`` does. FastAPI reads
        the request's body before it calls dependencies.

        Raises:
            ConfigurationError: The gate's client is not an AsyncTiunClient.
        """
        from .fastapi import guard

        return guard(self._of_async("fastapi"), app)

    def wsgi(self, application: Application) -> GatedApplication:
        """Return the WSGI application behind this gate.

        ``recheck`` asks again between the parts of an answer that it iterates over.

        Raises:
            ConfigurationError: The gate's client is not a TiunClient.
        """
        from .wsgi import GatedApplication

        if self.is_async:
            raise ConfigurationError("wsgi() needs a gate with a TiunClient.")
        return GatedApplication(self, application)  # type: ignore[arg-type]

    @overload
    def decide(self: TiunGate[TiunClient], session_id: str | None) -> GateDecision: ...
    @overload
    def decide(
        self: TiunGate[AsyncTiunClient], session_id: str | None
    ) -> Awaitable[GateDecision]: ...
    def decide(self, session_id: str | None) -> GateDecision | Awaitable[GateDecision]:
        """Return whether to serve that session, or with an AsyncTiunClient an awaitable of it.

        None is an id that is missing. No failure of tiun raises; it is the decision's reason.
        """
        return self.decide_async(session_id) if self.is_async else self.decide_sync(session_id)

    @property
    def counts(self) -> Mapping[str, int]:
        """How many decisions this process has made: by reason, "from_cache", "outage_served"."""
        return dict(self._questions.counts)

    def decide_sync(self, session_id: str | None, *, is_recheck: bool = False) -> GateDecision:
        """Decide with a TiunClient; a recheck takes no verdict that is kept."""
        arrived, max_age, until = self._terms(is_recheck)
        flight: Flight | None = None
        decision = self._without_asking(session_id, arrived, max_age)
        while decision is None:
            assert session_id is not None
            flight, is_own = self._questions.join_or_begin(session_id, is_recheck, flight)
            if flight is None:
                return self._counted(BUSY)
            if is_own:
                seconds = flight.seconds(until, self.timeout)
                try:
                    flight.session = self.client.probe(session_id, timeout=seconds)  # type: ignore[assignment]
                except Exception as error:  # noqa: BLE001 it is raised to each who waits
                    flight.error = error
                except BaseException:
                    flight.is_abandoned = True
                    raise
                finally:
                    self._questions.finish(session_id, flight, self.max_age > 0)
            else:
                questions.wait(self._questions, flight, until - monotonic())
            decision = self._of_flight(session_id, flight, is_own, arrived, max_age, until)
        return decision

    async def decide_async(
        self, session_id: str | None, *, is_recheck: bool = False
    ) -> GateDecision:
        """Decide with an AsyncTiunClient; a recheck takes no verdict that is kept."""
        arrived, max_age, until = self._terms(is_recheck)
        flight: Flight | None = None
        decision = self._without_asking(session_id, arrived, max_age)
        while decision is None:
            assert session_id is not None
            flight, is_own = self._questions.join_or_begin(session_id, is_recheck, flight)
            if flight is None:
                return self._counted(BUSY)
            if is_own:
                seconds = flight.seconds(until, self.timeout)
                try:
                    flight.session = await self.client.probe(session_id, timeout=seconds)  # type: ignore[misc]
                except Exception as error:  # noqa: BLE001 it is raised to each who waits
                    flight.error = error
                except BaseException:
                    flight.is_abandoned = True
                    raise
                finally:
                    self._questions.finish(session_id, flight, self.max_age > 0)
            else:
                await questions.wait_async(self._questions, flight, until - monotonic())
            decision = self._of_flight(session_id, flight, is_own, arrived, max_age, until)
        return decision

    def find_id(self, request: Request) -> str | None:
        """Return the request's id; None if there is none, "" if it cannot be one."""
        return find(self.sources, request)

    def stripped(self, query: str) -> str:
        """Return the query as the application is to see it."""
        for source in self.sources:
            query = source.strip(query)
        return query

    def refusal(self, decision: GateDecision, request: Any, method: str) -> Answer:
        """Return the answer to a reader who is refused."""
        told = GateRefusal(
            answers.status_of(decision.reason, self.deny_status), decision.reason, request
        )
        return answers.refusal(told, vary=self.vary, is_head=method == "HEAD", respond=self.respond)

    def keeps_age_of(self, decision: GateDecision) -> bool:
        """Whether the browser may keep an answer; never one that was served in an outage."""
        return self.keeps_age and decision.reason == "valid"

    def _of_async(self, form: str) -> TiunGate[AsyncTiunClient]:
        if not self.is_async:
            raise ConfigurationError(
                f"{form}() needs a gate with an AsyncTiunClient: a TiunClient would hold the event "
                "loop up."
            )
        return self  # type: ignore[return-value]

    def _terms(self, is_recheck: bool) -> tuple[float, float, float]:
        """Return when a request arrived, how old its verdict may be, and how long it may wait.

        A recheck keeps nobody at the door: after another's question it has time for a whole one.
        """
        arrived = monotonic()
        if is_recheck:
            return arrived, 0.0, arrived + 2 * self.timeout
        return arrived, self.max_age, arrived + self.timeout

    def _without_asking(
        self, session_id: str | None, arrived: float, max_age: float
    ) -> GateDecision | None:
        if session_id is None:
            return self._counted(MISSING)
        if not is_possible(session_id):
            return self._counted(MALFORMED)
        session = self._questions.kept(session_id, arrived, max_age)
        if session is None:
            return None
        return self._counted(GateDecision(True, "valid", session, from_cache=True))

    def _of_flight(
        self,
        session_id: str,
        flight: Flight,
        is_own: bool,
        arrived: float,
        max_age: float,
        until: float,
    ) -> GateDecision | None:
        """Return the decision by a question; None if it says nothing about this request."""
        if not (flight.is_over and flight.counts_for(arrived, max_age)):
            if monotonic() < until and not (is_own and flight.is_cut_short):
                return None
            error = flight.error if is_own and flight.error is not None else too_late()
            return self._counted(GateDecision(False, "busy", error=error))  # type: ignore[arg-type]
        if flight.error is not None:
            return self._without_verdict(session_id, flight.error)
        assert flight.session is not None
        if not flight.session.live:
            return self._counted(GateDecision(False, "denied", flight.session))
        is_older = flight.asked < arrived
        return self._counted(GateDecision(True, "valid", flight.session, from_cache=is_older))

    def _without_verdict(self, session_id: str, error: Exception) -> GateDecision:
        if isinstance(error, ConfigurationError) and is_of_the_id(session_id):
            return self._counted(MALFORMED)
        if isinstance(error, (AuthenticationError, PermissionDeniedError, ConfigurationError)):
            notes.say(
                logging.ERROR,
                "key",
                "no reader is served, because the gate cannot ask tiun: %s: %s",
                type(error).__name__,
                error,
            )
            return self._counted(GateDecision(False, "key", error=error))
        if not isinstance(error, CallError):
            raise error  # of the site's own function that returns the key, for one
        notes.say(
            logging.WARNING, "outage", "tiun gives no verdict: %s: %s", type(error).__name__, error
        )
        is_served = serves(self.on_outage, Outage(error, session_id))
        decision = GateDecision(is_served, "outage", error=error)
        return self._counted(decision, *(["outage_served"] if is_served else []))

    def _counted(self, decision: GateDecision, *more: str) -> GateDecision:
        self._questions.count(
            decision.reason, *more, *(["from_cache"] if decision.from_cache else [])
        )
        return decision

    def __repr__(self) -> str:
        return f"TiunGate({self.client!r})"
