"""Following sessions: what is observed of them, batch by batch, for a ledger.

A source yields batches of rows, and a ledger records each in one transaction. ``Looks`` asks for
every session at an interval. It is not ``watch_many``, which leaves out the looks that found nothing
new: the ledger needs them to know that no counter started anew meanwhile.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Generator, Iterable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ..errors import (
    AuthenticationError,
    ConfigurationError,
    ContractError,
    PermissionDeniedError,
)
from ..watching.options import seconds
from .observed import NOT_FOUND, Note, Observation, check_provider, now, observations

if TYPE_CHECKING:
    from datetime import timedelta

    from .. import Client

    Batch = list[Observation | Note]

#: A transaction holds at most so many rows, of at most so many seconds.
BATCH_ROWS = 1000
BATCH_SECONDS = 1.0

MOST_SECONDS = 10.0**9

#: Nothing about the next id would be answered either.
REFUSED = (AuthenticationError, PermissionDeniedError)


@dataclass
class Followed:
    """How far a follow has come.

    ``looks`` is how many looks gave an answer, ``events`` how many events came, ``rows`` how many
    rows are recorded, ``failures`` how many looks failed, by the name of the error, and ``left`` how
    many sessions are still followed: one that the vendor no longer knows is not. A look or an event
    with a counter that cannot be, a negative one, has failed with a ContractError. ``unsent`` has the
    ids that cannot be sent, and why.
    """

    rounds: int = 0
    looks: int = 0
    events: int = 0
    rows: int = 0
    left: int = 0
    failures: Counter[str] = field(default_factory=Counter)
    unsent: dict[str, str] = field(default_factory=dict)


def check_client(client: object) -> None:
    """Raise ConfigurationError for what is no client whose calls wait, or is not Ping's."""
    from .. import Client

    if not isinstance(client, Client):
        raise ConfigurationError(
            f"client is of type {type(client).__name__}: pass a PingClient, whose calls wait"
        )
    check_provider(client.provider)


def _seconds(name: str, given: float | timedelta | None) -> float | None:
    found = seconds(name, given)
    if found is not None and not 0 < found <= MOST_SECONDS:
        raise ConfigurationError(f"{name} has to be above 0 and up to 1e9 seconds, not {found}")
    return found


class Looks:
    """A source: every session is looked at, every so many seconds, until the vendor knows none."""

    def __init__(
        self,
        client: Client,
        ids: Iterable[str],
        every: float | timedelta,
        rounds: int | None,
        deadline: float | timedelta | None,
        concurrency: int,
    ) -> None:
        pause, limit = _seconds("every", every), _seconds("deadline", deadline)
        if pause is None:
            raise ConfigurationError("every is None: pass seconds, or a datetime.timedelta.")
        if rounds is not None:
            if not isinstance(rounds, int) or isinstance(rounds, bool):
                raise ConfigurationError(f"rounds has to be a whole number, not {rounds!r}")
            if rounds < 1:
                raise ConfigurationError(f"rounds has to be at least 1, not {rounds}")
        if isinstance(ids, str):
            raise ConfigurationError("ids has to be an iterable of ids, not one text")
        if isinstance(ids, bytes) or not isinstance(ids, Iterable):
            raise ConfigurationError(f"ids has to be an iterable of ids, not {type(ids).__name__}")
        self.client = client
        #: The ids that are followed, in order.
        self.ids: dict[str, None] = dict.fromkeys(ids)
        self._every: float = pause
        self._rounds = rounds
        self._end = None if limit is None else time.monotonic() + limit
        self._concurrency = concurrency
        self.progress: Followed = Followed(left=len(self.ids))

    def batches(
        self, on_round: Callable[[Followed], object] | None
    ) -> Generator[Batch, None, None]:
        """Yield what is observed, until no session, round or time is left."""
        while not self.is_over():
            began = time.monotonic()
            yield from self.look(list(self.ids))
            self.progress.rounds += 1
            if on_round is not None:
                on_round(self.progress)
            if self.progress.rounds == self._rounds or self.is_over():
                return
            rest = max(began + self._every - time.monotonic(), 0.0)
            left = self.left()
            if left is not None and left <= rest:
                yield from self.pause(left)
                return
            yield from self.pause(rest)

    def is_over(self) -> bool:
        return not self.ids

    def pause(self, seconds: float) -> Iterator[Batch]:
        """Wait for the next round; yield what is observed meanwhile."""
        if seconds:
            time.sleep(seconds)
        yield from ()

    def left(self) -> float | None:
        """Return the seconds until the deadline; None if there is none."""
        return None if self._end is None else max(self._end - time.monotonic(), 0.0)

    def rows_of(self, observed: object, seen_at: int) -> Batch | None:
        """Return the rows of a look or an event; None, and it has failed, for impossible counters."""
        try:
            return list(observations(observed, None, seen_at))
        except ConfigurationError:  # what no ledger can hold is the vendor's mistake here
            self.progress.failures[ContractError.__name__] += 1
            return None

    def look(self, ids: list[str]) -> Iterator[Batch]:
        """Look at each of these sessions once."""
        batch: Batch = []
        due = time.monotonic() + BATCH_SECONDS
        left = self.left()
        deadline = None if left is None else max(left, 0.001)
        for outcome in self.client.probe_many(
            ids, concurrency=self._concurrency, deadline=deadline
        ):
            if outcome.error is not None:
                self.progress.failures[type(outcome.error).__name__] += 1
                if isinstance(outcome.error, ConfigurationError):
                    self.progress.unsent[outcome.id] = str(outcome.error)
                if isinstance(outcome.error, REFUSED):
                    yield batch
                    raise outcome.error
                continue
            rows = self.rows_of(outcome, now())
            if rows is None:
                continue
            if any(isinstance(row, Observation) and row.state == NOT_FOUND for row in rows):
                self.ids.pop(outcome.id, None)
            self.progress.looks += 1
            self.progress.left = len(self.ids)
            batch += rows
            if len(batch) >= BATCH_ROWS or time.monotonic() >= due:
                yield batch
                batch = []
                due = time.monotonic() + BATCH_SECONDS
        if batch:
            yield batch
