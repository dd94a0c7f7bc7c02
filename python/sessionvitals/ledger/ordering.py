"""Times that contradict the order in which observations were made. Pure.

A clock can be wrong for one answer, or for a while. Of a sequence whose order is known, the fewest
times are taken to be wrong with which the others are in order.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple


class Wrong(NamedTuple):
    """A run of times that are wrong."""

    places: list[int]
    #: The times between which they are in truth.
    began: int
    at: int
    #: The first and the last of them, as they were told.
    first: int
    last: int


def settle(times: Sequence[int], slack: int) -> tuple[Sequence[int], list[Wrong]]:
    """Return the times without a step back, and the runs of them that were wrong.

    A wrong time becomes the next one that is in order; the last one, if none comes after it. A time
    that is out of order by no more than ``slack`` is moved, and is not wrong.
    """
    if all(early <= late for early, late in pairwise(times)):
        return times, []
    latest = times[0]
    moved = [latest := max(latest, time) for time in times]
    if all(after - before <= slack for before, after in zip(times, moved, strict=True)):
        return moved, []
    wrong: list[Wrong] = []
    settled: list[int] = []
    for before, after in pairwise([-1, *in_order(times), len(times)]):
        low = times[before if before >= 0 else after]
        high = times[after] if after < len(times) else low
        places = [
            place
            for place in range(before + 1, after)
            if not low - slack <= times[place] <= high + slack
        ]
        for place in range(before + 1, after):
            time = high if place in places else min(max(times[place], low), high)
            settled.append(max(time, settled[-1]) if settled else time)
        if places:
            told = [times[place] for place in places]
            wrong.append(Wrong(places, low, high, min(told), max(told)))
        settled += times[after : after + 1]
    return settled, wrong


def in_order(times: Sequence[int]) -> list[int]:
    """Return the places of the longest sequence of times without a step back.

    Of several as long the one that ends first, and whose other times are the latest.
    """
    # levels[n] has the places at which a sequence of n + 1 times can end; their times fall.
    levels: list[list[int]] = []
    ends: list[int] = []
    for place, time in enumerate(times):
        level = bisect_right(ends, time)
        if level == len(ends):
            levels.append([])
            ends.append(time)
        levels[level].append(place)
        ends[level] = time
    found = [levels[-1][-1]]
    for level_before in reversed(levels[:-1]):
        end = times[found[-1]]
        found.append(next(place for place in level_before if times[place] <= end))
    return found[::-1]
