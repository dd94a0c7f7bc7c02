"""Serve only those who have paid, with tiun: a gate around a web application.

>>> from sessionvitals import TiunClient
>>> from sessionvitals.gate import TiunGate
>>> gate = TiunGate(TiunClient())
>>> gate.decide("nobody")
GateDecision(allowed=False, reason='denied', from_cache=False)

``gate.asgi``, ``.wsgi``, ``.fastapi`` and ``sessionvitals.gate.django`` put it around an
application; ``gate.forward_auth`` serves nginx, Caddy and Traefik. No framework is imported, or
needed, before its form is used.
"""

from __future__ import annotations

from .gate import TiunGate
from .sources import from_cookie, from_header, from_query
from .values import GateDecision, GateRefusal, Outage

__all__ = [
    "GateDecision",
    "GateRefusal",
    "Outage",
    "TiunGate",
    "from_cookie",
    "from_header",
    "from_query",
]
