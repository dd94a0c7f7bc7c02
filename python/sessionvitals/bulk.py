"""Many sessions at once: the ids go in by windows, the outcomes come out as they come."""

from __future__ import annotations

from time import sleep

from ._core import repeated_in
from .pacing.ids import PacedIds, PermitDue
from .pacing.pace import check_pace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable, Iterator

    from ._core import BulkProbe, Outcome, OutcomeTable
    from .pacing.pace import Pace


BYTE_ORDER_MARK = b"\xef\xbb\xbf"


def id_in_line(line: bytes, *, is_first: bool) -> bytes:
    """Return the id in a line of a list of ids, or nothing.

    Lines end with a line feed. ASCII's blanks around an id are not part of it; other characters
    are, such as a no-break space.
    """
    return (line.removeprefix(BYTE_ORDER_MARK) if is_first else line).strip()


def run(
    bulk: BulkProbe,
    ids: Iterable[str],
    on_progress: Callable[[int], object] | None,
    pace: Pace | None = None,
) -> Generator[Outcome, None, None]:
    """Yield the outcome of every id. Never takes more of ``ids`` than the bulk has room for.

    If ``ids`` raises, the outcomes of those that came are yielded before that is raised.
    """
    try:
        feeder = Feeder(bulk, ids, pace=pace)
        done = 0
        while True:
            _, due = feeder.feed()
            outcomes = bulk.take() if due is None else bulk.take_ready()
            if not outcomes:
                if due is None:
                    feeder.raise_failure()
                    return
                await_permit(due, pace)
                continue
            done += len(outcomes)
            feeder.tell(on_progress, done)
            yield from outcomes
            if feeder.must_end:
                feeder.raise_failure()
    finally:
        bulk.close()


def fill(
    table: OutcomeTable,
    bulk: BulkProbe,
    ids: Iterable[str],
    on_progress: Callable[[int], object] | None,
    pace: Pace | None = None,
) -> OutcomeTable:
    """Await the outcome of every id in the bulk's table, and return it. As ``run`` otherwise."""
    try:
        feeder = Feeder(bulk, ids, pace=pace)
        while True:
            _, due = feeder.feed()
            if not bulk.take_rows(must_wait=due is None):
                if due is None:
                    feeder.raise_failure(table)
                    return table
                await_permit(due, pace)
                continue
            feeder.tell(on_progress, len(table))
            if feeder.must_end:
                feeder.raise_failure(table)
    finally:
        bulk.close()


def await_permit(due: PermitDue, pace: Pace | None) -> None:
    if due.seconds is not None:
        sleep(due.seconds)
    elif pace is not None:
        pace.renew()


class Feeder:
    """Gives a bulk as many ids as it has room for and permits for.

    Once the deadline has passed, what was taken is answered, and so is the rest of a list; a
    generator, which may have no end, is not asked for more. Neither is one that has raised:
    what it raised waits until the outcomes of the ids that came are taken. What is no
    ``Exception``, as Ctrl-C, ends all at once.

    Raises:
        TypeError: ``ids`` is one text, whose letters would be asked for.
        ConfigurationError: ``pace`` is not one.
    """

    __slots__ = ("_bulk", "_failure", "_has_end", "_must_return", "_paced", "_waiting", "must_end")

    def __init__(
        self,
        bulk: BulkProbe,
        ids: Iterable[str],
        must_return: bool = False,
        pace: Pace | None = None,
    ) -> None:
        repeated = repeated_in(ids)
        bulk.expect(repeated)
        waiting = iter(ids)
        self._bulk = bulk
        self._failure: Exception | None = None
        #: Whether ``on_progress`` has raised: no more outcomes are waited for.
        self.must_end: bool = False
        self._has_end = hasattr(ids, "__len__")
        self._must_return = must_return
        self._paced: PacedIds | None = None
        self._waiting: Iterator[str] = waiting
        if pace is not None:
            check_pace(pace)
            self._waiting = self._paced = PacedIds(waiting, repeated, bulk, pace)

    def feed(self) -> tuple[bool, PermitDue | None]:
        """Return whether there may be more, and what says when, if the next has no permit yet."""
        if not self._has_end and self._bulk.is_over:
            if self._paced is None:
                self._bulk.finish()
                return False, None
            self._paced.end()
        if self._failure is not None:
            return False, None
        try:
            return self._bulk.feed(self._waiting, self._must_return), None
        except PermitDue as due:
            return True, due
        except Exception as error:  # noqa: BLE001 - raise_failure() raises it
            self._bulk.finish()
            self._failure = error
            return False, None

    def tell(self, on_progress: Callable[[int], object] | None, done: int) -> None:
        """Call ``on_progress``. What it raises is for ``raise_failure``, behind what it was told of."""
        if on_progress is not None:
            try:
                on_progress(done)
            except Exception as error:  # noqa: BLE001 - raise_failure() raises it
                self._failure, self.must_end = raisable(error), True

    def raise_failure(self, table: OutcomeTable | None = None) -> None:
        """Raise what the ids raised, if they did, with the table of the outcomes on it."""
        failure, self._failure = self._failure, None
        if failure is None:
            return
        if table is not None:
            from contextlib import suppress  # costs more to import than all of this

            with suppress(AttributeError, TypeError):  # of a class that takes no attribute
                failure.outcome_table = table  # type: ignore[attr-defined]
        try:
            raise failure
        finally:
            del failure  # its traceback has this frame


def raisable(error: Exception) -> Exception:
    """Return what a future can raise: not StopIteration, which a coroutine cannot either."""
    if not isinstance(error, StopIteration):
        return error
    other = RuntimeError("on_progress raised StopIteration")
    other.__cause__ = error
    return other
