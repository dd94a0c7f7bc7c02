"""A Django site whose views would like to be cached."""

from __future__ import annotations

from typing import Any

import django
from django.conf import settings
from django.core.handlers.asgi import ASGIHandler
from django.core.handlers.wsgi import WSGIHandler
from django.http import HttpRequest, HttpResponse
from django.test import override_settings
from django.urls import path
from django.views import View
from tests.gate.forms import BODY, PUBLIC

from sessionvitals.gate.django import gate_of_settings, paywalled, public

GATE = "sessionvitals.gate.django.TiunGateMiddleware"

if not settings.configured:
    settings.configure(
        ALLOWED_HOSTS=["*"],
        LOGGING_CONFIG=None,
        MIDDLEWARE=[GATE],
        ROOT_URLCONF=__name__,
        SECRET_KEY="of a test",
        TIUN_GATE={},
    )
    django.setup()

calls: list[Any] = []


def article(request: HttpRequest) -> HttpResponse:
    calls.append((request.tiun_session, request.GET.urlencode()))
    return HttpResponse(BODY, headers=PUBLIC)


async def article_async(request: HttpRequest) -> HttpResponse:
    calls.append((request.tiun_session, request.GET.urlencode()))
    return HttpResponse(BODY, headers=PUBLIC)


@public
def health(request: HttpRequest) -> HttpResponse:
    return HttpResponse("well", headers={"Cache-Control": "public"})


def teaser(request: HttpRequest) -> HttpResponse:
    return HttpResponse("the first lines")


async def teaser_async(request: HttpRequest) -> HttpResponse:
    return HttpResponse("the first lines")


class Teaser(View):  # type: ignore[misc]
    def get(self, request: HttpRequest) -> HttpResponse:
        return teaser(request)


urlpatterns = [
    path("free/teaser", public(teaser)),
    path("paid/teaser", teaser),
    path("free/async-teaser", public(teaser_async)),
    path("paid/async-teaser", teaser_async),
    path("free/class-teaser", public(Teaser.as_view())),
    path("paid/class-teaser", Teaser.as_view()),
    path("paid/article", article),
    path("paid/async", article_async),
    path("health", health),
    path("single", paywalled(article)),
    path("single-async", paywalled(article_async)),
]


def _with(options: dict[str, Any], handler: type[Any], **more: Any) -> Any:
    change = override_settings(TIUN_GATE=options, **more)
    change.enable()
    try:
        made = handler()
        gate_of_settings(handler is ASGIHandler)
    finally:
        change.disable()

    def wsgi(environ: Any, start_response: Any) -> Any:
        with override_settings(TIUN_GATE=options, **more):
            return made(environ, start_response)

    async def asgi(scope: Any, receive: Any, send: Any) -> None:
        with override_settings(TIUN_GATE=options, **more):
            await made(scope, receive, send)

    return asgi if handler is ASGIHandler else wsgi


def wsgi_handler(options: dict[str, Any], **more: Any) -> Any:
    return _with(options, WSGIHandler, **more)


def asgi_handler(options: dict[str, Any], **more: Any) -> Any:
    return _with(options, ASGIHandler, **more)
