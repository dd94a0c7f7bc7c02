"""What a session has used, from what was observed of it. Pure: rows in, sums out.

Counters only ever show "now", so a rise between two observations is what was used between them. A
fall is a reset: the new value was used since, and what was used before it and after the last
observation is lost. Hence a sum is never above the truth, and each way to fall below it has a flag.

Three rules make windows add up, and a closed period stay as it was:

1. Each source of observations (looks, events, looks with times of the caller's) is followed by
   itself, in its own order and by its own clock: clocks that differ cannot make a reset. The order
   of looks is that of recording. A look whose time contradicts it counts at the next look's time,
   and is flagged. Events are ordered by their ids; one whose time contradicts that is flagged, and
   its counters are left out.
2. ``U(t)``, what was used before ``t``, is the greatest of what the sources say. A window
   ``[a, b)`` has ``U(b) - U(a)``.
3. At the end of a closed period ``U`` counts only what was recorded before it was closed. What
   comes later for that period counts from its end on.

It is assumed that a counter falls only because it starts anew, and is not an older value that a
vendor shows once more; that a session restarts its three counters together; that one that was seen
before its first use is not reset before the next observation; that one seen as ended, and then
gone, used nothing between; and that a reset does not come back to exactly the same numbers. Where
the vendor leaves out ``duration``, a reset that the other counters overtake is not seen.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Any, NamedTuple

from .observed import ENDED, EVENT, GIVEN, NOT_FOUND, SOURCES, STATUS, UNUSED
from .ordering import settle

Counters = tuple[int, int, int]  # seconds, bytes up, bytes down
ZERO: Counters = (0, 0, 0)

#: What a gap can be. The first ones are flags of a step.
START_UNKNOWN = "start_unknown"
RESET = "reset"
RESET_POSSIBLE = "reset_possible"
ORDER = "order"
CLOCK = "clock"
VANISHED = "vanished"
DISAGREES = "disagrees"
LATE = "late"

SECOND = 1_000_000
#: Durations are whole seconds, and a look takes a moment.
TOLERANCE = 2 * SECOND

SPLITS = ("later", "earlier", "linear")


class Seen(NamedTuple):
    """An observation, as ``schema.COLUMNS`` has it, with words in place of keys."""

    session: int
    seq: int
    source: int
    event_id: int | None
    vendor_at: int
    seen_at: int
    state: str
    client: str | None
    duration: int | None
    uploaded: int | None
    downloaded: int | None


class Step(NamedTuple):
    """What was used between two observations of one source."""

    began: int
    at: int
    used: Counters
    flag: str | None


class Flag(NamedTuple):
    """Why a sum may be below the truth, and between which times."""

    kind: str
    began: int | None
    at: int

    def is_in(self, start: int | None, end: int | None) -> bool:
        """Return whether it flags a window; a wrong clock flags all windows of its span."""
        first = self.at if self.began is None or self.kind != CLOCK else self.began
        return (start is None or self.at >= start) and (end is None or first < end)

    def cut(self, start: int | None, end: int | None) -> Flag:
        """Return the part of it that is in a window."""
        if self.kind != CLOCK or self.began is None:
            return self
        began = self.began if start is None else max(self.began, start)
        return Flag(self.kind, began, self.at if end is None else min(self.at, end - 1))


def settled(rows: list[Seen], source: int) -> tuple[list[Seen], list[Flag]]:
    """Return one source's rows, in order, with times in order; and flags for those that were not.

    An event that is out of order is left out: whether its time or its id is wrong is not known.
    """
    told = [row.vendor_at for row in rows]
    times, runs = settle(told, SECOND if source == STATUS else 0)
    if times is told:
        return rows, []
    flags = []
    for run in runs:
        flags.append(Flag(CLOCK, run.began, run.at))
        if not run.began <= run.first <= run.last <= run.at:
            flags.append(Flag(CLOCK, run.first, run.last))
    left_out = {place for run in runs for place in run.places} if source == EVENT else ()
    return [
        row._replace(vendor_at=time)
        for place, (row, time) in enumerate(zip(rows, times, strict=True))
        if place not in left_out
    ], flags


def steps_of(rows: Sequence[Seen], source: int, is_started: bool, counts_first: bool) -> list[Step]:
    """Return the steps of one source's rows, in order; those without use or flag are left out."""
    steps: list[Step] = []
    levels: list[int | None] = [None, None, None]
    last_at: int | None = None  # of the last row with counters
    told_at = 0  # of the last row with a duration
    for row in rows:
        at = row[4]
        flag = None
        counters = row[8:11]
        if counters == (None, None, None):
            continue
        used = [0, 0, 0]
        before = levels[0]
        changed = False
        for index in (0, 1, 2):
            value = counters[index]
            if value is None:
                continue
            level = levels[index]
            if level is None:
                if last_at is not None or is_started or counts_first:
                    used[index] = value
            elif value >= level:
                used[index] = value - level
            elif at == last_at and source != STATUS:
                flag = ORDER  # two of one moment: which came first is not known, the greater wins
                continue
            else:
                used[index] = value
                flag = RESET
            changed = changed or value != level
            levels[index] = value
        if last_at is None:
            if not is_started:
                flag = START_UNKNOWN
        elif changed and flag is None and may_hide_reset(before, counters[0], at - told_at):
            flag = RESET_POSSIBLE
        if counters[0] is not None:
            told_at = at
        if flag or used != [0, 0, 0]:
            began = at if last_at is None else last_at
            steps.append(Step(began, at, (used[0], used[1], used[2]), flag))
        last_at = at
    return steps


def may_hide_reset(before: int | None, after: int | None, elapsed: int) -> bool:
    """Return whether a reset may have been overtaken by the counters between two observations.

    It can only if all of ``after`` fits between the two. It cannot if the session has run on
    without a break, nor if nothing was there to be reset.
    """
    if not before or after is None:
        return False
    return after * SECOND <= elapsed + TOLERANCE and (
        (after - before) * SECOND < elapsed - TOLERANCE or before * SECOND <= TOLERANCE
    )


def is_unused(row: Seen) -> bool:
    return row.state in UNUSED and not any(row[8:11])


class Sources:
    """One session's observations by source, in the order of each."""

    def __init__(self, rows: Sequence[Seen], counts_first: bool = True) -> None:
        groups: list[list[Seen]] = [[] for _ in SOURCES]
        for row in rows:
            groups[row[2]].append(row)
        groups[EVENT].sort(key=lambda row: (row[3] or 0, row[4]))
        groups[GIVEN].sort(key=lambda row: row[4])
        was_new = bool(rows) and is_unused(rows[0])
        #: Of each time that contradicts the order, where it is and where it counts.
        self.clocks: list[Flag] = []
        for source in (STATUS, EVENT):
            groups[source], flags = settled(groups[source], source)
            self.clocks += flags
        if self.clocks:
            rows = sorted((row for group in groups for row in group), key=lambda row: row.seq)
        #: Of each source that says something, its steps.
        self.steps: list[list[Step]] = [
            steps_of(group, source, was_new or is_unused(group[0]), counts_first)
            for source, group in enumerate(groups)
            if group
        ]
        self._rows = rows
        self._groups = groups

    def used_before(self, times: Sequence[int], split: str) -> list[Counters]:
        """Return what was used before each time, the greatest that a source says."""
        by_source = [before(steps, times, split) for steps in self.steps]
        if len(by_source) == 1:
            return by_source[0]
        return [greatest(each) for each in zip(*by_source, strict=True)] or [ZERO] * len(times)

    def flags(self) -> list[Flag]:
        found = [
            Flag(step.flag, None if step.flag == START_UNKNOWN else step.began, step.at)
            for steps in self.steps
            for step in steps
            if step.flag
        ]
        return found + self.clocks + self._vanished() + self._disagreeing()

    def _vanished(self) -> list[Flag]:
        found = []
        last: Seen | None = None
        for row in self._rows:
            is_expected = last is not None and last.state in ENDED | {NOT_FOUND}
            if row.state == NOT_FOUND and not is_expected:
                began = last and last.vendor_at
                found.append(Flag(VANISHED, began, max(row.vendor_at, began or 0)))
            last = row
        return found

    def _disagreeing(self) -> list[Flag]:
        """Compare the last sums of the sources: the later one should be the greater."""
        if len(self.steps) < 2:
            return []
        ends = sorted(
            (max(row.vendor_at for row in group), total(steps), group)
            for group, steps in zip(filter(None, self._groups), self.steps, strict=True)
        )
        return [
            Flag(DISAGREES, early, late)
            for (early, sum_before, _), (late, sum_after, group) in pairwise(ends)
            if late - early > TOLERANCE
            and any(
                sum_before[place] > sum_after[place]
                for place in (0, 1, 2)
                if any(row[8 + place] is not None for row in group)
            )
        ]


def total(steps: Iterable[Step]) -> Counters:
    return add(step.used for step in steps)


def add(counters: Iterable[Counters]) -> Counters:
    seconds = up = down = 0
    for each in counters:
        seconds += each[0]
        up += each[1]
        down += each[2]
    return seconds, up, down


def greatest(counters: Sequence[Counters]) -> Counters:
    return (
        max(each[0] for each in counters),
        max(each[1] for each in counters),
        max(each[2] for each in counters),
    )


def before(steps: Sequence[Step], times: Sequence[int], split: str) -> list[Counters]:
    """Return what the steps have used before each of the times, which are in order."""
    if split == "linear":
        return [add(part(step, time) for step in steps) for time in times]
    sums = [[0, 0, 0] for _ in range(len(times) + 1)]
    for began, at, used, _ in steps:
        place = sums[bisect_right(times, at if split == "later" else began)]
        place[0] += used[0]
        place[1] += used[1]
        place[2] += used[2]
    found: list[Counters] = []
    seconds = up = down = 0
    for place in sums[:-1]:
        seconds += place[0]
        up += place[1]
        down += place[2]
        found.append((seconds, up, down))
    return found


def part(step: Step, time: int) -> Counters:
    """Return what the step has used before the time, in proportion, in whole units."""
    if time > step.at or (time == step.at > step.began):
        return step.used
    if time <= step.began:
        return ZERO
    share, whole = time - step.began, step.at - step.began
    seconds, up, down = step.used
    return seconds * share // whole, up * share // whole, down * share // whole


def seen(row: Sequence[Any], texts: dict[int, str]) -> Seen:
    """Return a row of the store with the words of its keys."""
    client = row[7]
    return Seen._make(
        (*row[:6], texts[row[6]], None if client is None else texts[client], *row[8:])
    )
