"""The gate in Django: middleware that is closed by default, and decorators.

    MIDDLEWARE = [..., "sessionvitals.gate.django.TiunGateMiddleware"]
    TIUN_GATE = {"source": from_cookie("sid"), "max_age": 5}

``TIUN_GATE`` has the options of ``TiunGate``, and ``client``, the options of its client; without
them the client takes the environment's. ``@public`` exempts a view, as Django's
``login_not_required`` does. Without the middleware, ``@paywalled`` guards single views.

The decision is made when Django knows the view, so no pattern of paths can be got around. What
answers before that is not behind the gate: middleware that answers by itself, wherever it stands,
files that the server or WhiteNoise serves, and flatpages, which answer after a 404. The cache of a
whole site is such a middleware, and would serve paid pages to everybody, so it is refused;
``cache_page`` is within the view, which the gate stands in front of.
"""

from __future__ import annotations

import asyncio
import functools
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import suppress
from http.cookies import CookieError, Morsel
from time import monotonic
from typing import Any, TypeVar

from asgiref.sync import iscoroutinefunction, markcoroutinefunction
from django import conf
from django.core.signals import setting_changed
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.middleware.cache import FetchFromCacheMiddleware
from django.utils.module_loading import import_string

from .._async.tiun import AsyncTiunClient
from .._sync.tiun import TiunClient
from ..errors import ConfigurationError
from . import answers, wsgi
from .answers import Answer
from .asgi import AsyncGate, ReaderCutOff
from .gate import TiunGate
from .sources import EnvironRequest, Request, ScopeRequest
from .values import GateDecision

View = TypeVar("View", bound=Callable[..., Any])

#: Where a request has its decision; the session itself is in ``request.tiun_session``.
DECISION = "_tiun_gate"


class TiunGateMiddleware:
    """Asks before each view that is not public; for sync and async Django."""

    sync_capable = True
    async_capable = True

    def __init__(self, get_response: Callable[[HttpRequest], Any]) -> None:
        self.get_response = get_response
        self.is_async: bool = iscoroutinefunction(get_response)
        gate_of_settings(self.is_async)  # what is wrong in the settings is said at start
        _refuse_cache_of_site()
        self.process_view: Callable[..., Any] = (
            self._view_async if self.is_async else self._view_sync
        )
        if self.is_async:
            markcoroutinefunction(self)

    def __call__(self, request: HttpRequest) -> Any:
        if self.is_async:
            return self._call_async(request)
        return _guarded(request, self.get_response(request))

    async def _call_async(self, request: HttpRequest) -> HttpResponseBase:
        return _guarded(request, await self.get_response(request))

    def _view_sync(
        self, request: HttpRequest, view: Callable[..., Any], _args: object, _kwargs: object
    ) -> HttpResponse | None:
        return None if _is_public(view) else _enter_sync(request)

    async def _view_async(
        self, request: HttpRequest, view: Callable[..., Any], _args: object, _kwargs: object
    ) -> HttpResponse | None:
        return None if _is_public(view) else await _enter_async(request)


def public(view: View) -> View:
    """Return the view, exempt from the middleware's gate. The view that was given stays behind it.

    Raises:
        ConfigurationError: It is a class; what its ``as_view()`` returns is a view.
    """
    if isinstance(view, type):
        name = view.__name__
        raise ConfigurationError(f"public() takes a view: write public({name}.as_view())")
    if iscoroutinefunction(view):

        @functools.wraps(view)
        async def exempt_async(*args: Any, **kwargs: Any) -> Any:
            return await view(*args, **kwargs)

        exempt: Any = exempt_async
    else:

        @functools.wraps(view)
        def exempt_sync(*args: Any, **kwargs: Any) -> Any:
            return view(*args, **kwargs)

        exempt = exempt_sync
    exempt.tiun_gate_public = True
    return exempt  # type: ignore[no-any-return]


def paywalled(view: View) -> View:
    """Put a single view behind the gate of the settings."""
    if iscoroutinefunction(view):

        @functools.wraps(view)
        async def guarded_async(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
            refused = await _enter_async(request)
            return refused or _guarded(request, await view(request, *args, **kwargs))

        return guarded_async  # type: ignore[return-value]

    @functools.wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        return _enter_sync(request) or _guarded(request, view(request, *args, **kwargs))

    return guarded  # type: ignore[return-value]


@functools.cache
def gate_of_settings(is_async: bool) -> TiunGate[Any]:
    """Return the gate that ``settings.TIUN_GATE`` describes.

    Raises:
        ConfigurationError: An option is wrong, or there is no key.
    """
    options = getattr(conf.settings, "TIUN_GATE", {})
    if not isinstance(options, Mapping):
        raise ConfigurationError("settings.TIUN_GATE must be a dict of the gate's options.")
    options = dict(options)
    of_client = options.pop("client", {})
    if not isinstance(of_client, Mapping):
        raise ConfigurationError(
            "settings.TIUN_GATE's client must be a dict of options: sync and async views need "
            "clients of their own."
        )
    try:
        if is_async:
            return TiunGate(AsyncTiunClient(**of_client), **options)
        return TiunGate(TiunClient(**of_client), **options)
    except TypeError as error:
        raise ConfigurationError(f"settings.TIUN_GATE: {error}") from None


def _refuse_cache_of_site() -> None:
    for name in conf.settings.MIDDLEWARE:
        with suppress(ImportError):  # Django says so itself
            found = import_string(name)
            if isinstance(found, type) and issubclass(found, FetchFromCacheMiddleware):
                raise ConfigurationError(
                    f"settings.MIDDLEWARE has {name}, which answers before the gate is asked and "
                    "would serve paid pages to everybody: leave it out, and cache views by cache_page."
                )


def _forget(setting: str, **_: object) -> None:
    if setting == "TIUN_GATE":
        gate_of_settings.cache_clear()


setting_changed.connect(_forget)  # which only Django's tests send


def _is_public(view: Callable[..., Any]) -> bool:
    return getattr(view, "tiun_gate_public", False) is True


def _enter_sync(request: HttpRequest) -> HttpResponse | None:
    """Let the request in, or return the refusal."""
    gate = gate_of_settings(False)
    if _is_preflight(gate, request):
        return _response(answers.preflight(gate.vary))
    session_id = gate.find_id(_readable(request))
    decision = gate.decide_sync(session_id)
    return _entered(gate, request, decision, session_id)


async def _enter_async(request: HttpRequest) -> HttpResponse | None:
    """Let the request in, or return the refusal."""
    gate = gate_of_settings(True)
    if _is_preflight(gate, request):
        return _response(answers.preflight(gate.vary))
    session_id = gate.find_id(_readable(request))
    decision = await gate.decide_async(session_id)
    return _entered(gate, request, decision, session_id)


def _readable(request: HttpRequest) -> Request:
    # Django joins the lines of a header; the scope has them apart.
    scope = getattr(request, "scope", None)
    return EnvironRequest(request.META) if scope is None else ScopeRequest(scope)


def _is_preflight(gate: TiunGate[Any], request: HttpRequest) -> bool:
    return gate.allow_preflight and wsgi.is_preflight(request.META)


def _entered(
    gate: TiunGate[Any], request: HttpRequest, decision: GateDecision, session_id: str | None
) -> HttpResponse | None:
    if not decision.allowed:
        return _response(gate.refusal(decision, request, request.method or "GET"))
    wsgi.admit(gate, request.META, decision)
    request.__dict__.pop("GET", None)  # read anew, from the query that is left
    request.tiun_session = decision.session
    setattr(request, DECISION, (gate, decision, session_id))
    return None


class _CookieLine(Morsel):  # type: ignore[type-arg]
    """A Set-Cookie as the site's own page has it: Morsel does not know all attributes."""

    def __init__(self, line: str) -> None:
        super().__init__()
        self.line: str = line
        name, _, value = (each.strip() for each in line.partition(";")[0].partition("="))
        with suppress(CookieError):  # then only its line can be read
            self.set(name, value.strip('"'), value)

    def OutputString(self, attrs: object = None) -> str:
        return self.line

    def __reduce__(self) -> tuple[object, ...]:
        return _CookieLine, (self.line,)


def _response(answer: Answer) -> HttpResponse:
    kind = next((v for n, v in answer.headers if n.lower() == "content-type"), "")
    response = HttpResponse(answer.body, status=answer.status, content_type=kind)
    if not kind:
        del response.headers["Content-Type"]
    for name, value in answer.headers:
        lower = name.lower()
        if lower == "content-type":
            continue
        if lower == "set-cookie" and value.isascii():  # as Django writes its cookies
            cookie = _CookieLine(value)
            key = cookie.key if cookie.key and cookie.key not in response.cookies else value
            response.cookies[key] = cookie
        elif lower in response.headers and lower != "set-cookie":
            response.headers[name] = f"{response.headers[name]}, {value}"
        else:
            response.headers[name] = value
    return response


def _guarded(request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
    """Return the view's response as it may leave."""
    entered = getattr(request, DECISION, None)
    if entered is None:
        return response
    gate, decision, session_id = entered
    before = list(response.headers.items())
    for name, _ in before:
        del response.headers[name]
    keeps = gate.keeps_age_of(decision)
    for name, value in answers.private(before, vary=gate.vary, keeps_age=keeps):
        response.headers[name] = value
    if gate.recheck is not None and response.streaming:
        _watch(response, gate, session_id)
    return response


def _watch(response: Any, gate: TiunGate[Any], session_id: str) -> None:
    """Have the gate asked again while a response streams."""
    if getattr(response, "_is_tiun_watched", False):
        return
    response._is_tiun_watched = True
    if not gate.is_async:
        if not response.is_async:
            watch = wsgi.Watch(gate, session_id)
            response.streaming_content = _checked(response.streaming_content, watch)
    elif response.is_async:
        response.streaming_content = _checked_async(response.streaming_content, gate, session_id)


def _checked(parts: Any, watch: wsgi.Watch) -> Iterator[bytes]:
    for part in parts:
        watch.check()
        yield part


async def _checked_async(parts: Any, gate: AsyncGate, session_id: str) -> AsyncIterator[bytes]:
    assert gate.recheck is not None
    due = monotonic() + gate.recheck
    following: asyncio.Future[bytes] | None = None
    iterator = parts.__aiter__()
    try:
        while True:
            following = asyncio.ensure_future(iterator.__anext__())
            while not following.done():
                await asyncio.wait({following}, timeout=max(due - monotonic(), 0))
                if monotonic() >= due:
                    if not (await gate.decide_async(session_id, is_recheck=True)).allowed:
                        raise ReaderCutOff("the session is no longer valid")
                    due = monotonic() + gate.recheck
            try:
                yield following.result()
            except StopAsyncIteration:
                return
    finally:
        if following is not None and not following.done():
            following.cancel()
