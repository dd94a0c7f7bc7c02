"""What a watch is told, and what it makes of it."""

from __future__ import annotations

from _collections_abc import Callable, Iterable

from .._core import Session
from ..errors import ConfigurationError, SessionVitalsError
from ..options import check_callback
from ..pacing.pace import check_pace
from .changes import Change, StateImpossible, WatchTimeout

TYPE_CHECKING = False  # typing itself is not imported: `import sessionvitals` is to be cheap
if TYPE_CHECKING:
    from datetime import timedelta
    from typing import Any

    from ..pacing.pace import Pace

#: The highest rate of looks, a second.
MOST_LOOKS = 10_000.0

#: What a watch waits for: a SessionState or its name, some of them, or a function that says yes to
#: a session.
Until = str | Iterable[str] | Callable[[Session], bool]


def seconds(name: str, given: float | timedelta | None) -> float | None:
    """Return a time in seconds. Raises ConfigurationError for what is none."""
    from datetime import timedelta

    if given is None:
        return None
    if isinstance(given, timedelta):
        return given.total_seconds()
    if isinstance(given, (int, float)) and not isinstance(given, bool):
        try:
            return float(given)
        except OverflowError:
            return float("inf")  # which no option allows
    raise ConfigurationError(
        f"{name} is of type {type(given).__name__}: pass seconds, or a datetime.timedelta."
    )


def read_until(until: Until | None) -> tuple[list[str], Callable[[Session], bool] | None]:
    """Return the states that are waited for, and the function that says which sessions are."""
    from ..states import FINAL, SessionState

    if until is None:
        until = FINAL
    if isinstance(until, str):
        until = (until,)
    if callable(until):
        check_callback("until", until)
        return [], until
    try:
        return [SessionState(each).value for each in until], None
    except (TypeError, ValueError):
        raise ConfigurationError(
            "until must be a SessionState, some of them, or a function of a Session."
        ) from None


def read_options(
    until: Until | None,
    deadline: float | timedelta | None,
    every: float | timedelta | None,
    rate: float | None,
    missing: str,
    counters: bool,
    expiry: bool,
    resume: str | None,
    events: str = "never",
    events_idle_timeout: float | timedelta | None = None,
    pace: Pace | None = None,
) -> dict[str, Any]:
    """Return what the compiled core takes in place of these. Raises ConfigurationError."""
    if missing not in ("end", "wait"):
        raise ConfigurationError("missing must be 'end' or 'wait'.")
    if events not in ("auto", "never"):
        raise ConfigurationError("events must be 'auto' or 'never'.")
    if resume is not None and (not isinstance(resume, str) or not resume):
        raise ConfigurationError("resume must be the text that token() has returned, or None.")
    if pace is not None:
        check_pace(pace)
        if rate is not None:
            raise ConfigurationError(
                "pass a rate or a pace: the looks of a paced watch have no other."
            )
    states, judge = read_until(until)
    return {
        "is_paced": pace is not None,
        "until": states,
        "judges": judge is not None,
        "deadline": seconds("deadline", deadline),
        "every": seconds("every", every),
        "rate": seconds("rate", rate) if pace is None else min(pace.rate, MOST_LOOKS),
        "waits": missing == "wait",
        "counters": bool(counters),
        "expiry": bool(expiry),
        "resume": resume or "",
        "hears_events": events == "auto",
        "events_idle_timeout": seconds("events_idle_timeout", events_idle_timeout),
    }


def judged(judge: Callable[[Session], bool], session: Session) -> bool:
    """Return what the caller's function says of a session.

    Raises:
        ConfigurationError: It says nothing before it is awaited.
        RuntimeError: It raised StopIteration, which would end the loop that reads the watch.
    """
    try:
        verdict: Any = judge(session)
    except (StopIteration, StopAsyncIteration) as error:
        raise RuntimeError("the function given as until raised StopIteration") from error
    if hasattr(verdict, "__await__"):
        if hasattr(verdict, "close"):
            verdict.close()  # or Python warns that nobody has awaited it
        raise ConfigurationError(
            "the function given as until returned what has to be awaited: return true or false."
        )
    return bool(verdict)


def to_change(provider: str, told: tuple[Any, ...]) -> Change:
    """Return the change that the compiled core has told."""
    session_id, before, after, reason, missed, word, observed_at, error = told
    inferred = None
    if word is not None:
        from ..states import SessionState

        inferred = SessionState(word)
    return Change(
        provider,
        session_id,
        before,
        after,
        reason,
        missed,
        inferred,
        observed_at,
        error,
    )


def ended_otherwise(
    session_id: str, outcome: str | None, last: Change | None
) -> SessionVitalsError:
    """Return what ``wait_for`` raises when a watch has ended without the state."""
    session = None if last is None else last.after
    if last is not None and last.error is not None and last.reason == "final":
        return last.error
    if outcome == "deadline":
        seen = "it was not seen" if session is None else f"it was {session.state} at last"
        return WatchTimeout(
            f"the session {session_id!r} did not come into the state in time: {seen}. Allow more "
            "by deadline=.",
            session=session,
        )
    if outcome == "closed" or session is None:
        return WatchTimeout(f"the watch of the session {session_id!r} was closed.", session=session)
    return StateImpossible(
        f"the session {session_id!r} is {session.state}, and no other state is expected after that.",
        session=session,
    )
