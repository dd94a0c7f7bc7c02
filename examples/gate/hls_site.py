"""A live stream by HLS: a playlist and its segments, asked for every few seconds by each player.

A verdict is used again for 10 seconds, so a player costs tiun a question in that time and not one a
segment. The price: who stops paying sees up to 10 seconds more, from each worker.

uvicorn --port 8080 hls_site:app
"""

from __future__ import annotations

from pathlib import Path

from starlette.staticfiles import StaticFiles

from sessionvitals import AsyncTiunClient
from sessionvitals.gate import TiunGate, from_cookie, from_header

MEDIA = Path(__file__).parent / "site" / "media"
gate = TiunGate(
    AsyncTiunClient(), source=[from_header("X-Session-Id"), from_cookie("sid")], max_age=10
)
app = gate.asgi(StaticFiles(directory=MEDIA))
