"""Django: every view is closed, unless it is marked public.

A whole site in one file. In yours, MIDDLEWARE and TIUN_GATE go into the settings.

gunicorn --bind 127.0.0.1:8080 django_site:application
uvicorn --port 8080 django_site:async_application
"""

from __future__ import annotations

from django.conf import settings
from django.core.asgi import get_asgi_application
from django.core.wsgi import get_wsgi_application
from django.http import HttpRequest, HttpResponse
from django.urls import path

from sessionvitals.gate import from_cookie, from_header

settings.configure(
    ALLOWED_HOSTS=["127.0.0.1"],
    MIDDLEWARE=["sessionvitals.gate.django.TiunGateMiddleware"],
    ROOT_URLCONF=__name__,
    SECRET_KEY="change me",
    TIUN_GATE={"source": [from_header("X-Session-Id"), from_cookie("sid")]},
)
application = get_wsgi_application()
async_application = get_asgi_application()

from sessionvitals.gate.django import public


def article(request: HttpRequest) -> HttpResponse:
    return HttpResponse(f"the paid article, {request.tiun_session.state}\n")


async def article_async(request: HttpRequest) -> HttpResponse:
    return HttpResponse(f"the paid article, {request.tiun_session.state}\n")


@public
def front_page(request: HttpRequest) -> HttpResponse:
    return HttpResponse("the free article\n")


urlpatterns = [
    path("article", article),
    path("async-article", article_async),
    path("", front_page),
]
