"""What a gate decides, and what it tells the site's own functions."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

from .._core import Session
from ..errors import SessionVitalsError

Reason = Literal["valid", "missing", "malformed", "denied", "outage", "busy", "key"]


@dataclass(frozen=True)
class GateDecision:
    """Whether to serve, and why.

    ``reason`` is "valid"; or "missing" or "malformed", and nothing was asked; "denied", tiun said
    no; "outage", tiun gave no verdict; "busy", too many questions were in flight, or an equal one
    left too little time to ask anew; "key", tiun refuses the site's own key, or the client cannot be
    used.

    The session's id is a secret of the reader who pays: ``repr()`` shows neither it nor the error.
    """

    allowed: bool
    reason: Reason
    session: Session | None = field(default=None, repr=False)
    #: Whether the verdict came before the question did; only with ``max_age``.
    from_cache: bool = False
    #: Why there is no verdict, with reason "outage" or "key"; or "busy", if the time was up.
    error: SessionVitalsError | None = field(default=None, repr=False, compare=False)


@dataclass(frozen=True)
class GateRefusal:
    """What ``respond`` is told: the answer that the reader would get, and the request."""

    status: int
    reason: Reason
    #: The ASGI scope, the WSGI environ or Django's request.
    request: Any = field(default=None, repr=False)


@dataclass(frozen=True)
class Outage:
    """What ``on_outage`` is told: why tiun gave no verdict, and about which session."""

    error: SessionVitalsError | None = field(repr=False)
    session_id: str = field(repr=False)
