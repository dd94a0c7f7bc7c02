"""Bare WSGI: Flask, Bottle and Pyramid are such applications too.

gunicorn --bind 127.0.0.1:8080 wsgi_site:application
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sessionvitals import TiunClient
from sessionvitals.gate import TiunGate, from_cookie, from_header


def paid_application(environ: dict[str, Any], start_response: Callable[..., Any]) -> list[bytes]:
    session = environ["sessionvitals.session"]
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [f"the paid article, {session.state}\n".encode()]


gate = TiunGate(TiunClient(), source=[from_header("X-Session-Id"), from_cookie("sid")])
application = gate.wsgi(paid_application)
