"""Following sessions: what is observed of them, round by round, into a ledger.

A source yields batches of what was observed; a ledger records each batch in one transaction. Today's
source looks at every session by ``probe_many`` at an interval.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ..errors import AuthenticationError, ConfigurationError, PermissionDeniedError
from ..states import SessionState

if TYPE_CHECKING:
    from .. import Client, Outcome

#: A transaction holds at most so many rows, of at most so many seconds.
BATCH_ROWS = 1000
BATCH_SECONDS = 1.0

MOST_SECONDS = 10.0**9

#: Nothing about the next id would be answered either.
REFUSED = (AuthenticationError, PermissionDeniedError)


@dataclass
class Followed:
    """How far a follow has come.

    ``looks`` is how many looks gave an answer, ``rows`` how many rows are recorded, ``failures`` how
    many looks failed, by the name of the error, and ``left`` how many sessions are still followed:
    one that the vendor no longer knows is not.
    """

    rounds: int = 0
    looks: int = 0
    rows: int = 0
    left: int = 0
    failures: Counter[str] = field(default_factory=Counter)


class Looks:
    """A source: every session is looked at, every so many seconds, until the vendor knows none."""

    def __init__(
        self,
        client: Client,
        ids: Iterable[str],
        every: float,
        rounds: int | None,
        deadline: float | None,
        concurrency: int,
    ) -> None:
        if not 0 < every <= MOST_SECONDS:
            raise ConfigurationError(f"every has to be above 0 and up to 1e9 seconds, not {every}")
        if rounds is not None and rounds < 1:
            raise ConfigurationError(f"rounds has to be at least 1, not {rounds}")
        if deadline is not None and not 0 < deadline <= MOST_SECONDS:
            raise ConfigurationError(
                f"deadline has to be above 0 and up to 1e9 seconds, not {deadline}"
            )
        if isinstance(ids, str):
            raise ConfigurationError("ids has to be an iterable of ids, not one text")
        self._client = client
        self._ids = list(dict.fromkeys(ids))
        self._every = every
        self._rounds = rounds
        self._end = None if deadline is None else time.monotonic() + deadline
        self._concurrency = concurrency
        self.progress = Followed(left=len(self._ids))

    def batches(self, on_round: Callable[[Followed], object] | None) -> Iterator[list[Outcome]]:
        while self._ids:
            began = time.monotonic()
            yield from self._round()
            self.progress.rounds += 1
            self.progress.left = len(self._ids)
            if on_round is not None:
                on_round(self.progress)
            if self.progress.rounds == self._rounds or not self._ids:
                return
            rest = began + self._every - time.monotonic()
            left = self._left()
            if left is not None and left <= max(rest, 0):
                return
            if rest > 0:
                time.sleep(rest)

    def _left(self) -> float | None:
        return None if self._end is None else max(self._end - time.monotonic(), 0.0)

    def _round(self) -> Iterator[list[Outcome]]:
        gone = set()
        batch: list[Outcome] = []
        due = time.monotonic() + BATCH_SECONDS
        left = self._left()
        deadline = None if left is None else max(left, 0.001)
        for outcome in self._client.probe_many(
            self._ids, concurrency=self._concurrency, deadline=deadline
        ):
            if outcome.error is not None:
                self.progress.failures[type(outcome.error).__name__] += 1
                if isinstance(outcome.error, REFUSED):
                    yield batch
                    raise outcome.error
                continue
            assert outcome.session is not None
            if outcome.session.state == SessionState.NOT_FOUND:
                gone.add(outcome.id)
            self.progress.looks += 1
            batch.append(outcome)
            if len(batch) >= BATCH_ROWS or time.monotonic() >= due:
                yield batch
                batch = []
                due = time.monotonic() + BATCH_SECONDS
        if batch:
            yield batch
        self._ids = [each for each in self._ids if each not in gone]
