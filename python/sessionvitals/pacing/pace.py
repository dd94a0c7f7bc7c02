"""A limit on how many sessions one process asks for a second."""

from __future__ import annotations

import time
from _collections_abc import Callable
from _thread import RLock  # threading costs more to import than all of this
from os import getpid

from ..errors import ConfigurationError
from .gcra import close, give

#: The longest sleep, in seconds, as another thread may have closed the pace longer.
_LONGEST_SLEEP = 0.05


def check_pace(pace: object) -> None:
    """Raises ConfigurationError for what is no pace."""
    if not isinstance(pace, Pace):
        raise ConfigurationError(f"pace must be a Pace or a RedisPace, not {type(pace).__name__}.")


class Pace:
    """At most ``rate`` permits a second, of which ``burst`` may be taken at once.

    ``probe_many(ids, pace=pace)`` and ``probe_table`` take a permit for each id that they hand to
    the core; an id that comes again in a list takes none. What is sent again after a failure takes
    no further permit: with ``max_retries=0`` the limit is exact. A 429 that names a wait closes the
    pace for that long, and after it permits come at the rate, without a burst.

    One pace may be shared by many threads, event loops and clients of a process. It goes by the
    monotonic clock. A copy in a forked child is a limit of its own: ``RedisPace`` is for many
    processes.

    Raises:
        ConfigurationError: ``rate`` is not above 0 and at most 1,000,000, or ``burst``, a tenth of
            a second's permits if left out, is not an int from 1 to 1,000,000.
    """

    def __init__(
        self,
        rate: float,
        burst: int | None = None,
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._rate = read_number("rate", rate, 0, 1e6)
        self._burst = read_burst(burst, self._rate)
        self._clock = clock
        self._used_up = float("-inf")
        # A signal handler may take a permit while its own thread does.
        self._lock, self._process = RLock(), getpid()

    @property
    def rate(self) -> float:
        """Permits a second."""
        return self._rate

    @property
    def burst(self) -> int:
        """How many permits may be taken at once after a pause."""
        return self._burst

    def take(self) -> None:
        """Wait for a permit, and take it."""
        while not self._take_or_wait():
            pass

    def _take_or_wait(self) -> bool:
        """Take a permit and return True, or wait a moment for one and return False."""
        wait = self.try_take()
        if wait is None:
            self.renew()
        elif wait:
            time.sleep(min(wait, _LONGEST_SLEEP))
        return wait == 0.0

    async def take_async(self) -> None:
        """Wait for a permit, and take it. The event loop goes on meanwhile."""
        import asyncio

        while (wait := self.try_take()) != 0.0:
            if wait is None:
                await asyncio.get_running_loop().run_in_executor(None, self.renew)
            else:
                await asyncio.sleep(min(wait, _LONGEST_SLEEP))

    def try_take(self) -> float | None:
        """Take a permit if there is one, without waiting; return 0.0 if so.

        Otherwise the result is after how many seconds to ask again, or None if ``renew`` has to be
        called before.
        """
        with self._locked():
            now = self._clock()
            permits, first, self._used_up = give(
                self._used_up, now, 1 / self._rate, self._burst, 1, 0.0
            )
        return 0.0 if permits else first

    def renew(self) -> None:
        """Ask for permits where they come from. It may take the time of a request over the network."""

    def close_for(self, seconds: float) -> None:
        """Give no permit for that long from now, as after a 429."""
        with self._locked():
            until = self._clock() + seconds
            self._used_up = close(self._used_up, until, 1 / self._rate, self._burst)

    def share(self, parts: int) -> Pace:
        """Return a pace for one of so many processes that keep to this limit together."""
        return Pace(self._rate / parts, max(1, self._burst // parts))

    def _locked(self) -> RLock:
        if self._process != getpid():  # forked, perhaps while another thread had the lock
            self._lock, self._process = RLock(), getpid()
        return self._lock

    def __reduce__(self) -> tuple[object, ...]:
        raise TypeError(
            "a Pace is a limit of one process and is not pickled or copied: make a RedisPace, or "
            "one Pace for each process with its share of the rate"
        )

    def __repr__(self) -> str:
        return f"{type(self).__name__}(rate={self._rate:g}, burst={self._burst})"


def read_number(name: str, value: float, above: float, most: float) -> float:
    """Return the number. Raises ConfigurationError."""
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if not is_number or not above < value <= most:
        shown = f"{value!r}" if is_number else type(value).__name__
        raise ConfigurationError(
            f"{name} must be a number above {above:g} and at most {most:g}, not {shown}."
        )
    return float(value)


def read_burst(burst: int | None, rate: float) -> int:
    """Return it, or what it is when left out. Raises ConfigurationError."""
    if burst is None:
        return max(1, int(rate / 10))
    if not isinstance(burst, int) or isinstance(burst, bool) or not 1 <= burst <= 1_000_000:
        shown = f"{burst!r}" if isinstance(burst, int) else type(burst).__name__
        raise ConfigurationError(f"burst must be an int from 1 to 1000000, not {shown}.")
    return burst
