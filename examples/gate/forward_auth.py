"""The answer for a proxy: may this reader have the page?

uvicorn --port 8081 forward_auth:nginx
uvicorn --port 8081 forward_auth:app     for Caddy and Traefik, which pass 402 on
"""

from __future__ import annotations

from sessionvitals import AsyncTiunClient
from sessionvitals.gate import TiunGate, from_cookie, from_header

gate = TiunGate(AsyncTiunClient(), source=[from_header("X-Session-Id"), from_cookie("sid")])
app = gate.forward_auth()
nginx = gate.forward_auth(deny_status=403)  # nginx makes an error 500 of 402
