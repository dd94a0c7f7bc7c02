"""The rule by which permits are given: GCRA, the generic cell rate algorithm. Pure.

Its state is one time, ``used_up``: when the permits given so far would be used up at the rate. The
script of ``redis_pace.py`` is the same rule in Lua. Times are numbers of one unit, whichever it is.
"""

from __future__ import annotations


def give(
    used_up: float, now: float, interval: float, burst: int, want: int, horizon: float
) -> tuple[int, float, float]:
    """Give up to ``want`` permits, of which each may be used within the horizon from now.

    Returns how many, the time from now to the first, and the next state. The others follow the
    first at the interval. A first below zero could have been used before now, and so could as many
    of the others as there are intervals in it: all these may be used at once.
    """
    used_up = max(used_up, now)
    first = used_up - (burst - 1) * interval - now
    if first > horizon:
        return 0, first, used_up
    permits = min(want, int((horizon - first) / interval) + 1)
    return permits, first, used_up + permits * interval


def close(used_up: float, until: float, interval: float, burst: int) -> float:
    """Return the state in which no permit is given until then, and no burst at once after it."""
    return max(used_up, until + (burst - 1) * interval)
