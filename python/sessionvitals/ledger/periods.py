"""One session over periods, some of which are closed. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

from .deriving import LATE, ZERO, Counters, Flag, Seen, Sources, greatest


class Session:
    """One session's rows, in the order of their seq, and the periods that are closed."""

    def __init__(
        self,
        rows: Sequence[Seen],
        closings: Sequence[tuple[int, int]],
        split: str = "later",
        counts_first: bool = True,
    ) -> None:
        self._rows = rows
        self._closings = closings
        self._split = split
        self._counts_first = counts_first
        self._known: dict[int | None, Sources] = {}
        self._clients = [row for row in rows if row.client is not None]
        #: The ends of the periods for which rows came too late, by the row's place.
        self.late: list[tuple[Seen, int]] = [
            (row, until) for row in rows if (until := self._closed_before(row)) is not None
        ]

    def _closed_before(self, row: Seen) -> int | None:
        """Return the end of the last period that was closed before this row came into it."""
        found = None
        for until, seq in self._closings:
            if row.seq > seq and row.vendor_at < until:
                found = until
        return found

    def client(self, time: int) -> str | None:
        """Return the client, as it was known for a window that ends at ``time``.

        It is the first that a status named: a closed period keeps the one that it had.
        """
        limit = next((seq for until, seq in self._closings if until >= time), None)
        first = self._clients[0] if self._clients else None
        return first.client if first and (limit is None or first.seq <= limit) else None

    def used_before(self, times: Sequence[int]) -> list[Counters]:
        """Return what was used before each of the times, which are in order."""
        whole = self._sources(None)
        is_stable = self._split == "later" and not self.late and not whole.clocks
        if not self._closings or is_stable:
            return whole.used_before(times, self._split)
        found: list[Counters] = []
        floor = ZERO
        left = list(times)
        for until, seq in [*self._closings, (None, None)]:
            inside = [time for time in left if until is None or time <= until]
            left = left[len(inside) :]
            asked = inside if until is None else [*inside, until]
            sums = self._sources(seq).used_before(asked, self._split)
            sums = [greatest((floor, each)) for each in sums]
            found += sums[: len(inside)]
            floor = sums[-1] if sums else floor
        return found

    def flags(self) -> list[Flag]:
        """Return the flags; those of a closed period as they were when it was closed."""
        whole = self._sources(None)
        is_stable = not self.late and not whole.clocks and len(whole.steps) < 2
        if not self._closings or is_stable:
            return whole.flags()
        found = [Flag(LATE, row.vendor_at, until) for row, until in self.late]
        found += [Flag(LATE, None, until) for until in self._settled_late()]
        since = None
        for until, seq in [*self._closings, (None, None)]:
            found += [
                flag.cut(since, until)
                for flag in self._sources(seq).flags()
                if flag.is_in(since, until)
            ]
            since = until
        return found

    def _settled_late(self) -> Iterator[int]:
        """Yield the ends of closed periods into which later rows have moved a wrong time."""
        if self._sources(None).clocks:
            known = {until for _, until in self.late}
            for (until, seq), (_, later) in pairwise([*self._closings, (None, None)]):
                if until is not None and until not in known:
                    then, now = self._sources(seq), self._sources(later)
                    if then.used_before([until], "later") != now.used_before([until], "later"):
                        yield until

    def _sources(self, seq: int | None) -> Sources:
        """Return the sources of the rows up to that seq; of all rows for None."""
        if seq not in self._known:
            rows = [row for row in self._rows if row.seq <= seq] if seq is not None else self._rows
            self._known[seq] = Sources(rows, self._counts_first)
        return self._known[seq]
