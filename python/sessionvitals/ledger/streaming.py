"""A source of looks and events: Ping's stream is read meanwhile, in a thread of its own."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Generator, Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from .._core import CancelToken
from ..errors import ContractError, SessionVitalsError
from .following import BATCH_ROWS, BATCH_SECONDS, Looks
from .observed import Note, Observation, now

if TYPE_CHECKING:
    from datetime import timedelta

    from .. import Client, PingClient
    from .following import Batch, Followed

#: How many items wait to be recorded; beyond that the stream is read no further.
MOST_WAITING = 10_000
#: So many ContractErrors in a row are no odd events: what answers is not Ping's stream.
MOST_ODD = 100


@dataclass(frozen=True)
class Broken:
    """A stream that has ended with this error."""

    error: ContractError


class LooksAndEvents(Looks):
    """Looks at sessions, and records the events of the account's stream besides.

    With ``ids`` None every session that the stream names is followed, and looked at once at once:
    its client is told by a look only. After a gap of the stream every session is looked at.
    """

    def __init__(
        self,
        client: Client,
        ids: Iterable[str] | None,
        every: float | timedelta,
        rounds: int | None,
        deadline: float | timedelta | None,
        concurrency: int,
    ) -> None:
        super().__init__(client, () if ids is None else ids, every, rounds, deadline, concurrency)
        self._takes_all = ids is None
        self._waiting: queue.Queue[Any] = queue.Queue(MOST_WAITING)
        self._cancel = CancelToken()
        self._named: set[str] = set(self.ids)
        self._is_reading = True

    def batches(
        self, on_round: Callable[[Followed], object] | None
    ) -> Generator[Batch, None, None]:
        stream = cast("PingClient", self.client).events(cancel=self._cancel)
        reader = threading.Thread(target=self._read, args=[stream], daemon=True)
        reader.start()
        try:
            yield from super().batches(on_round)
        finally:
            self._cancel.cancel()
            while reader.is_alive():  # it may wait for room
                self._take(0.01)
            reader.join()

    def is_over(self) -> bool:
        return not self.ids and not (self._takes_all and self._is_reading)

    def _read(self, stream: Any) -> None:
        """Pass on what the stream gives. Runs in the thread."""
        odd = 0
        while True:
            try:
                item = next(stream)
            except ContractError as error:  # one event is none of Ping's; the next may be
                odd += 1
                if odd == MOST_ODD:
                    self._waiting.put(Broken(error))
                    self._waiting.put(None)
                    return
                self._waiting.put(error)
            except StopIteration:
                self._waiting.put(None)
                return
            except BaseException as error:  # noqa: BLE001 raised by who takes it
                self._waiting.put(error)
                self._waiting.put(None)
                return
            else:
                odd = 0
                self._waiting.put((item, now()))

    def _take(self, seconds: float) -> Any:
        """Return what has come; False if nothing has within the time."""
        try:
            return self._waiting.get(timeout=seconds) if seconds else self._waiting.get_nowait()
        except queue.Empty:
            return False

    def pause(self, seconds: float) -> Iterator[Batch]:
        """Record events until the next round; a gap of the stream makes that one come at once."""
        end = time.monotonic() + seconds
        batch: Batch = []
        new: dict[str, None] = {}
        due = 0.0
        while True:
            rest = end - time.monotonic()
            taken = self._take(max(min(rest, due - time.monotonic()) if batch else rest, 0.0))
            if taken not in (False, None):
                due = due if batch else time.monotonic() + BATCH_SECONDS
                try:
                    rows = self._rows(taken)
                except BaseException:
                    if batch:
                        yield batch  # what came before it
                    raise
                batch += rows
                for row in rows:
                    if isinstance(row, Note):
                        end = 0.0
                    elif row.session_id not in self._named:
                        new[row.session_id] = None
            elif taken is None:
                self._is_reading = False
                end = 0.0 if self._takes_all else end
            if batch and (len(batch) >= BATCH_ROWS or time.monotonic() >= min(due, end)):
                yield batch
                batch = []
                self._named.update(new)
                self.ids.update(new)
                if new:
                    yield from self.look(list(new))
                    new = {}
            if not batch and time.monotonic() >= end:
                return

    def _rows(self, taken: Any) -> list[Observation | Note]:
        if isinstance(taken, Broken):
            taken = taken.error
        elif isinstance(taken, ContractError):
            self.progress.failures["ContractError"] += 1
            return []
        if isinstance(taken, SessionVitalsError):
            if self._takes_all:
                raise taken
            self.progress.failures[type(taken).__name__] += 1
            return [Note("stream", now(), now())]
        if isinstance(taken, BaseException):
            raise taken
        item, seen_at = taken
        rows = [
            row
            for row in self.rows_of(item, seen_at) or ()
            if isinstance(row, Note) or self._takes_all or row.session_id in self._named
        ]
        self.progress.events += sum(isinstance(row, Observation) for row in rows)
        return rows
