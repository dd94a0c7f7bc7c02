"""The ledger: observations go in, sums come out."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timezone
from itertools import groupby, islice
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from ..errors import ConfigurationError
from ..options import check_callback
from . import deriving
from .exporting import OBSERVATION, check_form, export
from .following import Followed, Looks, check_client
from .observed import (
    Note,
    Observation,
    microseconds,
    now,
    observations,
    time_of,
)
from .periods import Session
from .report import Gap, Usage, UsageReport
from .stores import open_store
from .streaming import LooksAndEvents

if TYPE_CHECKING:
    from datetime import timedelta

    from typing_extensions import Self

    from .. import Client

#: The most rows of one transaction.
BATCH = 1000

BY = ("client", "session", "day")
FIRST = ("count", "skip")


class Ledger:
    """A ledger in a file of SQLite, or in PostgreSQL by its URL.

    ``Ledger("usage.sqlite")``; ``Ledger("postgresql://user@host/database")``, which needs the extra
    ``[postgres]`` and uses the first schema of the connection's search_path. One process writes
    at a time, and any number read. A Ledger is used in one thread, and not across a fork.

    With ``create=False`` there has to be a ledger already. One of an older version is migrated.

    Raises:
        ConfigurationError: ``where`` is empty, ":memory:" or a "file:" address of SQLite.
        LedgerError: It cannot be opened, is no ledger, or was made by a newer sessionvitals.
    """

    def __init__(self, where: str | os.PathLike[str], *, create: bool = True) -> None:
        self._store = open_store(where, create=create)

    def record(self, observed: object, *, at: datetime | None = None) -> int:
        """Add what was observed; return how many rows are new. They are then on the disk.

        ``observed`` is a Session, an Outcome (an error adds nothing), a PingSessionStatus, a
        PingSession that was just created, a change of a watch, or an event or a gap of Ping's
        stream. Without ``at`` the time is now, by the vendor's clock where its answer tells it:
        record looks in the order in which they were made, or pass ``at``, an aware datetime.
        An event that comes again is not added again.

        Raises:
            ConfigurationError: It is not Ping's, is none of these, or a counter is not from 0 to
                2^63 - 1. Nothing was recorded.
            LedgerError: It cannot be written, or another process writes this ledger. Nothing was
                recorded.
        """
        return self.record_many((observed,), at=at)

    def record_many(self, observed: Iterable[object], *, at: datetime | None = None) -> int:
        """Add many, in transactions of up to 1000; return how many rows are new.

        Raises as ``record`` does; what was recorded by transactions before stays recorded.
        """
        rows = self._rows_of(observed, at)
        added = 0
        while batch := list(islice(rows, BATCH)):
            added += self._store.append(batch)
        return added

    def _rows_of(
        self, observed: Iterable[object], at: datetime | None
    ) -> Iterator[Observation | Note]:
        for each in observed:
            yield from observations(each, at, now())

    def follow(
        self,
        client: Client,
        ids: Iterable[str] | None = None,
        *,
        events: bool | None = None,
        every: float | timedelta = 60.0,
        rounds: int | None = None,
        deadline: float | timedelta | None = None,
        concurrency: int = 64,
        on_round: Callable[[Followed], object] | None = None,
    ) -> Followed:
        """Look at every session each ``every``, and record what is seen; return how it went.

        With ``events`` the account's stream of events is recorded besides. Without ``ids`` it is
        so, and every session that the stream names is followed. A session that the vendor does not
        know is recorded so, and is not asked for again. A look that fails is counted, and the next
        round looks again.

        Returns when no session is left, after ``rounds`` rounds, or when the next round would begin
        after ``deadline``, which holds the calls as well. ``every`` and ``deadline`` are seconds or a
        timedelta. ``on_round`` is called after each round. The span since the last observation is
        recorded as a gap, "not_following".

        Raises:
            ConfigurationError: The client is no PingClient, or an option cannot be.
            AuthenticationError, PermissionDeniedError: The key is refused.
            SessionVitalsError: The stream has ended, and there are no ``ids``.
            LedgerError: As by ``record``. What was seen before is recorded.
        """
        check_client(client)
        has_events = ids is None if events is None else events
        check_callback("on_round", on_round)
        if ids is None and not has_events:
            raise ConfigurationError("without ids there is nothing to follow but events")
        source: Looks
        if has_events:
            source = LooksAndEvents(client, ids, every, rounds, deadline, concurrency)
        else:
            source = Looks(client, () if ids is None else ids, every, rounds, deadline, concurrency)
        began = now()
        last = self._store.last_seen(began)
        if last is not None and began > last:
            self._store.append([Note("not_following", last, began)])
        with contextlib.closing(source.batches(on_round)) as batches:
            for batch in batches:
                source.progress.rows += self._store.append(batch)
        return source.progress

    def usage(
        self,
        start: datetime,
        end: datetime,
        *,
        by: str = "client",
        split: str = "later",
        first: str = "count",
    ) -> UsageReport:
        """Return what was used from ``start`` (included) to ``end`` (excluded), exactly.

        ``by`` is "client", "session" or "day" (of UTC). Rows without use or flags are left out.
        Adjacent windows add up to the whole.

        ``split`` says where use between two observations belongs that a window's edge parts:
        "later" (the window of the second one: what comes later never changes a window that is
        over), "earlier" or "linear" (in proportion to the time). ``first`` says what becomes of
        the use before a session was first seen: "count" it, or "skip" it.

        Raises:
            ConfigurationError: A time is naive, the window is empty, or an option is unknown.
            LedgerError: The ledger cannot be read.
        """
        _check("by", by, BY)
        _check("split", split, deriving.SPLITS)
        _check("first", first, FIRST)
        begin, stop = _window(start, end)
        sums: dict[tuple[int, str | None, int | None], list[Any]] = {}
        with self._store.snapshot(), self._store.whole():
            closings = self._store.closings()
            cuts = _cuts(begin, stop, closings, by)
            windows = [_midnight(cut) if by == "day" else begin for cut in cuts[:-1]]
            for key, rows in self._sessions(begin, closings):
                session = Session(rows, closings, split, first == "count")
                used = session.used_before(cuts)
                flags = session.flags()
                in_sums = set()
                for index, window in enumerate(windows):
                    low, high = used[index], used[index + 1]
                    kinds = {f.kind for f in flags if f.is_in(cuts[index], cuts[index + 1])}
                    if low == high and not kinds:
                        continue
                    client = None if by == "day" else session.client(cuts[index + 1])
                    name = (window, client, key if by == "session" else None)
                    row = sums.setdefault(name, [0, 0, 0, 0, set()])
                    for place in (0, 1, 2):
                        row[place] += high[place] - low[place]
                    row[3] += name not in in_sums
                    in_sums.add(name)
                    row[4] |= kinds
            names = {key: self._store.session_id(key) for _, _, key in sums if key is not None}
        found = [
            Usage(
                time_of(max(window, begin)),
                time_of(min(window + DAY, stop) if by == "day" else stop),
                client,
                None if key is None else names[key],
                row[3],
                row[1],
                row[2],
                row[0],
                tuple(sorted(row[4])),
            )
            for (window, client, key), row in sums.items()
        ]
        found.sort(key=lambda each: (each.start, each.client_id or "", each.session_id or ""))
        utc = timezone.utc
        return UsageReport(start.astimezone(utc), end.astimezone(utc), by, found)

    def gaps(self, start: datetime, end: datetime) -> list[Gap]:
        """Return the gaps that end in the window, by their end: why its sums may be too low.

        Those of a wrong clock are listed if they overlap the window, and so are gaps of all sessions,
        in which nobody followed or the stream was cut.

        Raises as ``usage`` does.
        """
        begin, stop = _window(start, end)
        found = []
        with self._store.snapshot(), self._store.whole():
            closings = self._store.closings()
            for note in self._store.notes():
                if note.began < stop and note.at >= begin:
                    found.append(Gap(note.kind, time_of(note.began), time_of(note.at)))
            for key, rows in self._sessions(begin, closings):
                session = Session(rows, closings)
                for flag in session.flags():
                    if flag.is_in(begin, stop):
                        since = None if flag.began is None else time_of(flag.began)
                        name, client = self._store.session_id(key), session.client(stop)
                        found.append(Gap(flag.kind, since, time_of(flag.at), name, client))
        return sorted(found, key=lambda gap: (gap.end, gap.session_id or "", gap.kind))

    def _sessions(
        self, begin: int, closings: list[tuple[int, int]]
    ) -> Iterator[tuple[int, list[deriving.Seen]]]:
        """Yield the sessions that a window from ``begin`` on concerns, and all their rows."""
        texts = self._store.texts()
        after = next((seq for until, seq in closings if until >= begin), None)
        for key, rows in groupby(self._store.rows_from(begin, after), key=itemgetter(0)):
            yield key, [deriving.seen(row, texts) for row in rows]

    def export(self, path: str | os.PathLike[str]) -> int:
        """Write every observation, in the order of recording; return how many.

        The name says the form: .csv, .ndjson or .parquet, which needs pyarrow (extra ``[table]``).
        The file replaces one that is there when it is whole. Sums are written by
        ``usage(...).export(path)``.

        Raises:
            ConfigurationError: The name does not say a form or is the ledger's own, or pyarrow is
                not installed.
            LedgerError: The ledger cannot be read, or the file cannot be written.
        """
        check_form(path)
        if os.path.realpath(path) == self._store.file:
            raise ConfigurationError(f"{os.fspath(path)} is the ledger itself: name another file")
        with self._store.snapshot(), self._store.whole():
            return export(self._store.observations(), OBSERVATION, path)

    def close_period(self, until: datetime) -> None:
        """Close all time before ``until``: its figures stay the same for ever.

        What is recorded later for a time before ``until`` counts from ``until`` on, and is flagged
        ``late``. It cannot be undone.

        Raises:
            ConfigurationError: ``until`` is naive, in the future, or not after the last closing.
            LedgerError: It cannot be written, or another process writes this ledger.
        """
        end = microseconds(until, "until")
        if end > now():
            raise ConfigurationError(f"until {until.isoformat()} is in the future")
        if not self._store.close_period(end, now()):
            raise ConfigurationError(f"the period before {until.isoformat()} is closed already")

    @property
    def closed_until(self) -> datetime | None:
        """The end of the last period that was closed, in UTC; None if none was."""
        closings = self._store.closings()
        return time_of(closings[-1][0]) if closings else None

    def close(self) -> None:
        """Give back the file or the connection. What was recorded is safe without it, too."""
        self._store.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"Ledger({self._store.name!r})"


def _check(name: str, value: str, known: tuple[str, ...]) -> None:
    if value not in known:
        raise ConfigurationError(f"{name} has to be one of {', '.join(known)}, not {value!r}")


def _window(start: datetime, end: datetime) -> tuple[int, int]:
    begin, stop = microseconds(start, "start"), microseconds(end, "end")
    if begin >= stop:
        raise ConfigurationError(
            f"the window is empty: it starts {start.isoformat()} and ends {end.isoformat()}"
        )
    return begin, stop


DAY = 86_400_000_000


def _midnight(time: int) -> int:
    return time - time % DAY


def _cuts(begin: int, stop: int, closings: list[tuple[int, int]], by: str) -> list[int]:
    """Return the edges of the windows, and the ends of closed periods: their clients may differ."""
    cuts = {begin, stop, *(until for until, _ in closings if begin < until < stop)}
    if by == "day":
        cuts |= set(range(_midnight(begin) + DAY, stop, DAY))
    return sorted(cuts)
