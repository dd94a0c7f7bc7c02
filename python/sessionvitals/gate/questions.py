"""The questions of a gate: at most one in flight for an id, and verdicts that may be used again.

The client's own sharing (``probe(max_age=)``) shares whatever comes. A gate may not: a reader who
has just paid must be in at the next request. So two rules hold for a request that arrived at t:

- A positive verdict counts if it was asked for at t - max_age or later.
- A denial counts only if it was asked for at t or later.

Neither a denial nor an outage is kept. A request for which the question in flight does not count
waits until that is over. Then one of those who wait asks anew, for all of them. So no id has two
questions in flight, whatever max_age.

Whoever asks anew has less than the gate's timeout left. That such a question fails says nothing of
tiun: whoever asked it is refused as "busy", and one of those who wait asks anew. An outage is only
what a question with the whole timeout ends in, and it counts for all who wait for that one. A gate
that serves in an outage would otherwise let in who asks twice at once, for the second question had
too little time to be denied.

When the caller who asks is cancelled, one of those who wait asks anew.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from contextlib import suppress
from time import monotonic
from weakref import WeakSet

from .._core import Session
from ..errors import AuthenticationError, CallError, DeadlineExceeded, PermissionDeniedError

#: Positive verdicts kept at most; the least recently used go.
MAX_KEPT = 10_000
#: A question in flight that is due ends so much later at most, in seconds: its asker has to wake up.
OVERDUE = 0.2


class Flight:
    """One question, and the callers who wait for it."""

    __slots__ = (
        "asked",
        "error",
        "following",
        "is_abandoned",
        "is_first",
        "is_over",
        "is_whole",
        "session",
        "wakers",
    )

    def __init__(self, asked: float, is_first: bool = True) -> None:
        self.asked: float = asked
        #: Whether its asker has waited for no other before.
        self.is_first: bool = is_first
        #: Whether it has the gate's whole timeout.
        self.is_whole: bool = True
        self.is_over: bool = False
        self.is_abandoned: bool = False
        self.session: Session | None = None
        self.error: Exception | None = None
        self.wakers: list[Callable[[], object]] = []
        #: The question that those asked for whom this one did not count; perhaps over by now.
        self.following: Flight | None = None

    def seconds(self, until: float, timeout: float) -> float:
        """Return how long its asker may ask, whose time is up at ``until``."""
        rest = timeout if self.is_first else min(until - monotonic(), timeout)
        self.is_whole = rest == timeout
        return max(rest, 1e-3)

    @property
    def is_outage(self) -> bool:
        """Whether tiun gave no verdict, for whatever reason but the site's own key."""
        is_of_the_key = isinstance(self.error, (AuthenticationError, PermissionDeniedError))
        return isinstance(self.error, CallError) and not is_of_the_key

    @property
    def is_cut_short(self) -> bool:
        """Whether tiun might have given a verdict if there had been more time to ask."""
        is_queued = isinstance(self.error, DeadlineExceeded) and self.error.phase == "queue"
        return self.is_outage and (is_queued or not self.is_whole)

    def counts_for(self, arrived: float, max_age: float) -> bool:
        """Whether its outcome is one for a request of that time."""
        if self.is_abandoned or self.is_cut_short:
            return False
        if self.is_outage:
            return True
        is_positive = self.session is not None and self.session.live
        return self.asked >= (arrived - max_age if is_positive else arrived)


class Questions:
    """What is in flight and what is kept, for the callers of one gate in one process."""

    def __init__(self, max_in_flight: int) -> None:
        self._max_in_flight = max_in_flight
        self._begin()
        _everyones.add(self)

    def _begin(self) -> None:
        self._lock = threading.RLock()  # a signal handler may meet what its own thread holds
        self._flights: dict[str, Flight] = {}
        self._kept: dict[str, tuple[float, Session]] = {}
        self.counts: dict[str, int] = {}

    def count(self, *names: str) -> None:
        with self._lock:
            for name in names:
                self.counts[name] = self.counts.get(name, 0) + 1

    def kept(self, session_id: str, arrived: float, max_age: float) -> Session | None:
        """Return a positive verdict that counts, if one is kept."""
        if not max_age:
            return None
        with self._lock:
            found = self._kept.pop(session_id, None)
            if found is None or found[0] < arrived - max_age:
                return None
            self._kept[session_id] = found  # the most recently used is the last
            return found[1]

    def join_or_begin(
        self, session_id: str, may_exceed: bool, waited_for: Flight | None = None
    ) -> tuple[Flight | None, bool]:
        """Return a question, and whether the caller has to ask it; None if busy.

        Whoever waited for one that did not count gets the one that followed it.
        """
        with self._lock:
            flight = self._flights.get(session_id)
            if waited_for is not None and waited_for.following is not None:
                flight = waited_for.following
            if flight is not None:
                return flight, False
            if len(self._flights) >= self._max_in_flight and not may_exceed:
                return None, False
            flight = self._flights[session_id] = Flight(monotonic(), waited_for is None)
            if waited_for is not None:
                waited_for.following = flight
            return flight, True

    def listen(self, flight: Flight, waker: Callable[[], object]) -> None:
        """Have the waker called when the question is over, once; perhaps at once."""
        with self._lock:
            if not flight.is_over:
                flight.wakers.append(waker)
                return
        waker()

    def finish(self, session_id: str, flight: Flight, keeps: bool) -> None:
        """End the question, whose outcome is in the flight, and wake those who wait."""
        session = flight.session
        with self._lock:
            flight.is_over = True
            if self._flights.get(session_id) is flight:
                del self._flights[session_id]
            if session is not None:
                self._kept.pop(session_id, None)
                if session.live and keeps:
                    self._kept[session_id] = (flight.asked, session)
                    if len(self._kept) > MAX_KEPT:
                        del self._kept[next(iter(self._kept))]
            wakers, flight.wakers = flight.wakers, []
        for wake in wakers:
            wake()


_everyones: WeakSet[Questions] = WeakSet()


def _begin_in_child() -> None:
    # A lock or a question of the parent's threads ends nowhere in the child.
    for questions in list(_everyones):
        questions._begin()


os.register_at_fork(after_in_child=_begin_in_child)


def wait(questions: Questions, flight: Flight, seconds: float) -> None:
    """Wait in this thread until the question is over, or for so long."""
    is_over = threading.Lock()
    is_over.acquire()
    questions.listen(flight, is_over.release)
    is_over.acquire(timeout=max(seconds, 0) + OVERDUE)


async def wait_async(questions: Questions, flight: Flight, seconds: float) -> None:
    """Wait in this event loop until the question is over, or for so long."""
    import asyncio

    loop = asyncio.get_running_loop()
    is_over: asyncio.Future[None] = loop.create_future()

    def set_over() -> None:
        if not is_over.done():
            is_over.set_result(None)

    def wake() -> None:
        # Gates are shared between loops, one a thread; of a loop that is closed nobody waits, and
        # it may be closed by its thread at any moment.
        with suppress(RuntimeError):
            loop.call_soon_threadsafe(set_over)

    questions.listen(flight, wake)
    await asyncio.wait({is_over}, timeout=max(seconds, 0) + OVERDUE)
