"""What was observed of a session, as a row of the ledger."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from time import time_ns
from typing import Any, NamedTuple

from .._core import Outcome, PingSession, PingSessionStatus, Session
from ..errors import ConfigurationError

EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
MICROSECOND = timedelta(microseconds=1)

#: Where an observation comes from. Each source has a clock and an order of its own.
STATUS = 0  # a look of ours: ordered as they were recorded
EVENT = 1  # an event of the vendor's: ordered by the vendor's time, then by the event's id
GIVEN = 2  # a look whose time the caller gave: ordered by that time
SOURCES = ("status", "event", "given")

#: The vendor says in these words that a session exists and has not been used.
UNUSED = frozenset({"pending", "session_start"})
#: After these a session uses nothing until it connects again.
ENDED = frozenset({"ended", "session_end"})
NOT_FOUND = "not_found"

MOST = 2**63 - 1
#: A clock skew below this is within the precision of the Date header.
LEAST_SKEW_SECONDS = 2


class Observation(NamedTuple):
    """One row. Times are microseconds since 1970 in UTC; counters are cumulative or None."""

    session_id: str
    source: int
    event_id: int | None
    vendor_at: int
    seen_at: int
    state: str
    client_id: str | None
    duration: int | None
    uploaded: int | None
    downloaded: int | None


class Note(NamedTuple):
    """A span in which nothing was observed, for all sessions."""

    kind: str
    began: int
    at: int


def now() -> int:
    """Return microseconds since 1970 by this machine's clock."""
    return time_ns() // 1000


def microseconds(time: datetime, name: str) -> int:
    """Return microseconds since 1970, exactly.

    Raises:
        ConfigurationError: The datetime is naive, or is none.
    """
    if not isinstance(time, datetime):
        raise ConfigurationError(f"{name} has to be a datetime, not {type(time).__name__}")
    if time.tzinfo is None or time.utcoffset() is None:
        raise ConfigurationError(
            f"{name} {time.isoformat()} has no time zone; pass an aware datetime, such as "
            "datetime(2026, 11, 1, tzinfo=timezone.utc)"
        )
    try:
        return (time.astimezone(timezone.utc) - EPOCH) // MICROSECOND
    except OverflowError as error:  # in UTC it is before the year 1, or after 9999
        raise ConfigurationError(f"{name} {time.isoformat()} is out of range") from error


def time_of(count: int) -> datetime:
    return EPOCH + count * MICROSECOND


def observations(observed: object, at: datetime | None, now: int) -> Iterator[Observation | Note]:
    """Yield the rows of a Session, an Outcome, a status, a new session, a change or an event.

    Raises:
        ConfigurationError: It is not Ping's, or is none of these.
    """
    if isinstance(observed, Outcome):
        if observed.session is not None:
            yield _of_session(observed.session, at, now)
    elif isinstance(observed, Session):
        yield _of_session(observed, at, now)
    elif isinstance(observed, PingSessionStatus):
        yield _of_status(observed, at, now)
    elif isinstance(observed, PingSession):
        state = "pending"
        yield _row(observed.id, state, None, (None, None, None), _times(at, now, observed.call))
    else:
        yield from _of_stream(observed, at, now)


def _of_stream(observed: Any, at: datetime | None, now: int) -> Iterator[Observation | Note]:
    if hasattr(observed, "event_type"):
        created_at = microseconds(observed.created_at, "created_at of the event")
        yield Observation(
            _storable(observed.session_id),
            EVENT,
            observed.id,
            created_at,
            now,
            _storable(str(observed.event_type)),
            getattr(observed, "client_id", None),
            *_checked(
                observed.duration_seconds, observed.uploaded_bytes, observed.downloaded_bytes
            ),
        )
    elif hasattr(observed, "since") and hasattr(observed, "until"):
        since = microseconds(observed.since, "since of the gap")
        yield Note("stream", since, microseconds(observed.until, "until of the gap"))
    elif isinstance(getattr(observed, "after", None), Session):
        yield _of_session(observed.after, at, now)
    else:
        raise ConfigurationError(
            f"the ledger records sessions, outcomes, statuses, changes and events of Ping, not "
            f"{type(observed).__name__}"
        )


def _of_session(session: Session, at: datetime | None, now: int) -> Observation:
    check_provider(session.provider)
    counters = (session.duration_seconds, session.uploaded_bytes, session.downloaded_bytes)
    client_id = getattr(session.detail, "client_id", None)
    times = _times(at, now, session.call)
    return _row(session.id, session.state.value, client_id, counters, times)


def _of_status(status: PingSessionStatus, at: datetime | None, now: int) -> Observation:
    state = {"created": "pending", "connected": "active", "disconnected": "ended"}
    counters = (status.duration_seconds, status.uploaded_bytes, status.downloaded_bytes)
    return _row(
        status.session_id,
        state.get(status.status, "unknown"),
        status.client_id,
        counters,
        _times(at, now, status.call),
    )


def _row(
    session_id: str,
    state: str,
    client_id: str | None,
    counters: tuple[int | None, int | None, int | None],
    times: tuple[int, int, int],
) -> Observation:
    source, vendor_at, seen_at = times
    client_id = client_id and _storable(client_id)
    return Observation(
        _storable(session_id),
        source,
        None,
        vendor_at,
        seen_at,
        state,
        client_id,
        *_checked(*counters),
    )


def _times(at: datetime | None, now: int, call: Any) -> tuple[int, int, int]:
    """Return the source, the vendor's time and ours. The vendor's is told by its Date header."""
    if at is not None:
        return GIVEN, microseconds(at, "at"), now
    skew = getattr(call, "clock_skew_seconds", None) or 0  # our clock less the vendor's
    return STATUS, now - (skew * 1_000_000 if abs(skew) >= LEAST_SKEW_SECONDS else 0), now


def _storable(text: str) -> str:
    """Return the text without what UTF-8 or PostgreSQL cannot have, written as escapes."""
    return text.encode("utf-8", "backslashreplace").decode().replace("\0", "\\x00")


def _checked(*counters: int | None) -> tuple[int | None, ...]:
    for counter in counters:
        if counter is not None and not 0 <= counter <= MOST:
            raise ConfigurationError(f"a counter has to be from 0 to 2^63 - 1, not {counter}")
    return counters


def check_provider(provider: str) -> None:
    """Refuse vendors whose sessions have no counters. Raises ConfigurationError."""
    if provider != "ping":
        raise ConfigurationError(
            f"{provider} does not count what a session uses, so there is nothing to keep in a "
            "ledger; only Ping does"
        )
