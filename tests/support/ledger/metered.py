"""Sessions whose true usage is known, and what a vendor and a network make of it."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone

from sessionvitals import Session

START = datetime(2026, 11, 1, tzinfo=timezone.utc)


def at(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


def session(
    session_id: str, state: str = "active", counters: tuple[int, int, int] | None = None
) -> Session:
    """Return a session of Ping; its counters are seconds, bytes up, bytes down."""
    if counters is None:
        return Session(provider="ping", id=session_id, state=state)
    seconds, up, down = counters
    return Session(
        provider="ping",
        id=session_id,
        state=state,
        duration_seconds=seconds,
        uploaded_bytes=up,
        downloaded_bytes=down,
    )


@dataclass(frozen=True)
class Event:
    """An event of Ping's stream."""

    id: int
    event_type: str
    session_id: str
    created_at: datetime
    duration_seconds: int | None = None
    uploaded_bytes: int | None = None
    downloaded_bytes: int | None = None


@dataclass
class Metered:
    """A session that is used, restarts its counters at times, and knows what it truly used."""

    name: str
    random: random.Random
    now: int = 0  # seconds since START
    counters: list[int] = field(default_factory=lambda: [0, 0, 0])
    used: list[int] = field(default_factory=lambda: [0, 0, 0])
    truth: list[tuple[int, tuple[int, int, int]]] = field(default_factory=list)

    def run(self, seconds: int) -> None:
        """Use the session for some time."""
        for place, amount in enumerate(
            (
                seconds,
                seconds * self.random.randint(1, 10**9),
                seconds * self.random.randint(1, 10**12),
            )
        ):
            self.counters[place] += amount
            self.used[place] += amount
        self.now += seconds

    def reset(self) -> None:
        self.counters = [0, 0, 0]

    def look(self) -> tuple[int, int, int]:
        """Return the counters as the vendor shows them; note what the truth is now."""
        self.truth.append((self.now, (self.used[0], self.used[1], self.used[2])))
        return self.counters[0], self.counters[1], self.counters[2]


@dataclass(frozen=True)
class Sample:
    """What the vendor showed at a time, in seconds since START."""

    at: int
    state: str
    counters: tuple[int, int, int]


def samples(metered: Metered, count: int) -> Iterator[Sample]:
    """Yield what a vendor shows of a session from its creation to its end, with resets."""
    draw = metered.random
    restarts = draw.random() < 0.3
    yield Sample(0, "pending", metered.look())
    metered.now += draw.randint(0, 30)
    for number in range(count):
        # A session that nobody has yet seen in use is not reset: see the module deriving.
        for _ in range(draw.choice((0, 0, 0, 0, 1, 2)) if number and restarts else 0):
            metered.run(draw.randint(1, 90))
            if draw.random() < 0.6:
                metered.now += draw.randint(0, 60)  # it is off before it starts anew
            metered.reset()
        if draw.random() < 0.2:
            metered.now += draw.randint(1, 3600)  # paused
        metered.run(draw.randint(1, 120))
        yield Sample(metered.now, "active", metered.look())
    yield Sample(metered.now, "ended", metered.look())
