"""What is logged, by ``logging.getLogger("sessionvitals")``: one record a call.

DEBUG    a call that went as it should, and each attempt of every call
INFO     a call that was tried again, or that failed
WARNING  a failure that time does not mend and a person should see to: a refused key, a
         certificate that does not verify, an answer that breaks its contract, a wrong clock; once
         a minute for each kind and origin, and as INFO in between

A record holds no header, no body and no credential. ``record.sessionvitals`` is a dict of what its
message says: provider, operation, session_id, origin, outcome, http_status, attempts, elapsed_ms, and
for a failure error, phase, request_id and may_have_taken_effect. A session's id, where
the call was about one, is in there and not in the message: with some vendors, who knows it may use
the session.

A call's record is made in the thread that made the call, when it is over. This module is imported
once somebody has imported ``logging`` and made a call, or when SESSIONVITALS_LOG is set.
"""

from __future__ import annotations

import logging
import os
import time

from ._core import MAX_CLOCK_SKEW

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TextIO

    from ._core import Attempt, CallReport
    from .errors import SessionVitalsError

    Handler = logging.StreamHandler[TextIO]
else:
    Handler = logging.StreamHandler  # which has no [] before Python 3.11

VARIABLE = "SESSIONVITALS_LOG"
LEVELS = {"debug": logging.DEBUG, "info": logging.INFO, "warning": logging.WARNING}

#: How often the same warning is said, in seconds.
BETWEEN_WARNINGS = 60.0

# Who is to act on what: these are the operator's.
FOR_A_PERSON = frozenset({"AuthenticationError", "PermissionDeniedError", "ContractError"})

logger: logging.Logger = logging.getLogger("sessionvitals")
# Without it, Python prints warnings of a program that has not set logging up.
logger.addHandler(logging.NullHandler())

#: Whether records of a level are shown. Asked by the compiled half for each call.
is_enabled: Callable[[int], bool] = logger.isEnabledFor

#: What it has said since a level changed last: logging's own memory, where this Python has it. Read
#: in place of a call, which would cost four times as much; what is logged asks once more.
known_levels: dict[int, bool] | None = getattr(logger, "_cache", None)

# When each warning was said last.
_said: dict[tuple[str, str], float] = {}


class StandardError(Handler):
    """Writes to standard error, unless the program has set logging up itself."""

    def emit(self, record: logging.LogRecord) -> None:
        if not logging.getLogger().handlers:
            super().emit(record)


def listen_as_told() -> None:
    """Show records on standard error, if SESSIONVITALS_LOG says so."""
    wanted = os.environ.get(VARIABLE, "").strip().lower()
    if not wanted:
        return
    handler = StandardError()
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    logger.addHandler(handler)
    logger.setLevel(LEVELS.get(wanted, logging.INFO))
    if wanted not in LEVELS:
        logger.warning("%s is none of %s: taken for info", VARIABLE, ", ".join(LEVELS))


def note(
    provider: str,
    operation: str,
    session_id: str | None,
    call: CallReport | None,
    error: SessionVitalsError | None,
) -> None:
    """Log a call that is over."""
    if call is None and not hasattr(error, "call"):
        return  # nothing was asked, and the caller has the error
    attempts = call.attempts if call is not None else ()
    elapsed = call.elapsed.total_seconds() * 1000 if call is not None else 0.0
    facts: dict[str, object] = {
        "provider": provider,
        "operation": operation,
        "session_id": session_id,
        "origin": call.origin if call is not None else "",
        "outcome": "answered" if error is None else "failed",
        "http_status": (attempts[-1].http_status if attempts else 0) or None,
        "attempts": len(attempts),
        "elapsed_ms": round(elapsed, 3),
    }
    if logger.isEnabledFor(logging.DEBUG):
        for number, one in enumerate(attempts, 1):
            _log_attempt(facts, number, one, is_last=number == len(attempts))
    if error is None:
        level = logging.INFO if len(attempts) > 1 else logging.DEBUG
        words = "%s %s: answered %s in %.1f ms"
        given: tuple[object, ...] = (provider, operation, facts["http_status"], elapsed)
    else:
        kind = type(error).__name__
        facts["error"] = kind
        facts["phase"] = getattr(error, "phase", None)
        facts["request_id"] = _printable(getattr(error, "request_id", None) or "") or None
        facts["may_have_taken_effect"] = getattr(error, "may_have_taken_effect", False)
        level = logging.INFO
        if _needs_a_person(kind, attempts) and _is_due(kind, str(facts["origin"])):
            level = logging.WARNING
        words = "%s %s: %s in %.1f ms: %s"
        given = (provider, operation, kind, elapsed, _printable(str(error)))
        if facts["may_have_taken_effect"]:
            words += " The call may have taken effect."
    if len(attempts) > 1:
        words += " (%d attempts)"
        given += (len(attempts),)
    logger.log(level, words, *given, extra={"sessionvitals": facts})
    _check_clock(provider, call)


def _log_attempt(facts: dict[str, object], number: int, one: Attempt, *, is_last: bool) -> None:
    logger.debug(
        "%s %s: attempt %d to %s (%s%s): %s in %.1f ms%s",
        facts["provider"],
        facts["operation"],
        number,
        one.address or facts["origin"],
        "reused" if one.reused else "new",
        f", {one.tls_version}" if one.tls_version else "",
        one.http_status or f"{one.phase}: {_printable(one.error)}",
        one.duration.total_seconds() * 1000,
        _next_step(one, is_last=is_last),
        extra={"sessionvitals": {**facts, "attempt": one.to_dict()}},
    )


def _next_step(one: Attempt, *, is_last: bool) -> str:
    """Return what followed the attempt, where the report says why."""
    if not one.wait_reason:
        return ""
    if is_last:
        return f"; not tried again: {one.wait_reason}"
    return f"; tried again after {one.wait.total_seconds():.3f} s: {one.wait_reason}"


def _needs_a_person(kind: str, attempts: tuple[Attempt, ...]) -> bool:
    if kind in FOR_A_PERSON:
        return True
    return kind == "TransportError" and bool(attempts) and attempts[-1].phase == "tls"


def _is_due(kind: str, origin: str) -> bool:
    now = time.monotonic()
    if len(_said) > 256:  # a program with that many origins; better said twice than kept for ever
        _said.clear()
    last = _said.get((kind, origin))
    if last is not None and now - last < BETWEEN_WARNINGS:
        return False
    _said[kind, origin] = now
    return True


def _check_clock(provider: str, call: CallReport | None) -> None:
    if call is None or call.clock_skew is None:
        return
    skew = call.clock_skew.total_seconds()
    if abs(skew) > MAX_CLOCK_SKEW and _is_due("clock", call.origin):
        logger.warning(
            "%s: our clock is %.0f s %s the server's: times of sessions will look wrong",
            provider,
            abs(skew),
            "ahead of" if skew > 0 else "behind",
            extra={"sessionvitals": {"provider": provider, "clock_skew_seconds": skew}},
        )


def _printable(text: str) -> str:
    """Return the text with every character escaped that could forge a line of the log."""
    return "".join(
        c if c.isprintable() else c.encode("unicode_escape", "backslashreplace").decode()
        for c in text
    )
