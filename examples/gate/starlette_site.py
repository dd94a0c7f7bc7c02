"""Starlette: a folder of files behind the gate, and a page of the site's own for others.

A dependency would not guard mounted files; the gate around them does.

uvicorn --port 8080 starlette_site:app
"""

from __future__ import annotations

from pathlib import Path

from starlette.applications import Starlette
from starlette.routing import Mount
from starlette.staticfiles import StaticFiles

from sessionvitals import AsyncTiunClient
from sessionvitals.gate import GateRefusal, TiunGate, from_cookie, from_header

SITE = Path(__file__).parent / "site"


def pay_page(refusal: GateRefusal) -> tuple[int, dict[str, str], bytes]:
    page = SITE / ("pay.html" if refusal.status == 402 else "later.html")
    return refusal.status, {"Content-Type": "text/html"}, page.read_bytes()


gate = TiunGate(
    AsyncTiunClient(),
    source=[from_header("X-Session-Id"), from_cookie("sid")],
    respond=pay_page,
    recheck=60,  # a long download is asked about again
)
app = Starlette(routes=[Mount("/", gate.asgi(StaticFiles(directory=SITE)))])
