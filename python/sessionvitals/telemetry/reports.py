"""What reports say, in the words of spans and metrics."""

from __future__ import annotations

from functools import lru_cache
from urllib.parse import urlsplit

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from .._core import Attempt, CallReport


@lru_cache(maxsize=64)
def server_of(base_url: str) -> tuple[str, int]:
    """Return the host and the port of a client's base URL."""
    parts = urlsplit(base_url)
    return parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80)


def nanoseconds(duration: Any) -> int:
    """Return a timedelta's, exactly."""
    whole: int = (duration.days * 86_400 + duration.seconds) * 1_000_000 + duration.microseconds
    return whole * 1000


def outcomes(report: CallReport, error: BaseException | None) -> Iterator[tuple[Attempt, str]]:
    """Yield the attempts that were made, each with its ``error.type``: empty for an answer.

    A 404 or 410 that says something of the session is an answer. What only waited was never sent.
    """
    attempts = report.attempts
    for number, one in enumerate(attempts, 1):
        if one.phase == "wait":
            continue
        is_last = number == len(attempts)
        if is_last and error is None:
            yield one, ""
        elif one.phase == "done" and one.http_status >= 400:
            yield one, str(one.http_status)
        else:
            yield one, type(error).__name__ if is_last else "TransportError"


def short_text(error: BaseException) -> str:
    """Return what failed. Not the error's own text, which quotes the vendor's words."""
    kind = type(error).__name__
    if status := getattr(error, "http_status", 0):
        return f"{kind}: HTTP status {status}"
    if phase := getattr(error, "phase", ""):
        return f"{kind} in phase {phase}"
    return kind


def reason_of_wait(one: Attempt) -> str:
    """Return why the next attempt waited, in a word."""
    reason = one.wait_reason
    if one.phase == "wait" or reason == "Retry-After" or reason.endswith("RateLimit-Reset"):
        return "rate_limit"
    return "retry" if reason == "backoff" else "connection"


def seconds_of_rate_limit(report: CallReport) -> float:
    """Return how long a call waited because a vendor asked for it."""
    attempts = report.attempts
    return sum(
        one.wait.total_seconds()
        for number, one in enumerate(attempts, 1)
        if (one.phase == "wait" or number < len(attempts)) and reason_of_wait(one) == "rate_limit"
    )
