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

    #: Gives the bulk ids; returns whether there may be more, and, if the next has no permit yet,
    #: what says when it may have one.
    Feed = Callable[[], tuple[bool, PermitDue | None]]


def run(
    bulk: BulkProbe,
    ids: Iterable[str],
    on_progress: Callable[[int], object] | None,
    pace: Pace | None = None,
) -> Generator[Outcome, None, None]:
    """Yield the outcome of every id. Never takes more of ``ids`` than the bulk has room for."""
    try:
        feed = feeder(bulk, ids, pace=pace)
        done = 0
        while True:
            _, due = feed()
            outcomes = bulk.take() if due is None else bulk.take_ready()
            if not outcomes:
                if due is None:
                    return
                await_permit(due, pace)
                continue
            done += len(outcomes)
            if on_progress is not None:
                on_progress(done)
            yield from outcomes
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
        feed = feeder(bulk, ids, pace=pace)
        while True:
            _, due = feed()
            if not bulk.take_rows(must_wait=due is None):
                if due is None:
                    return table
                await_permit(due, pace)
            elif on_progress is not None:
                on_progress(len(table))
    finally:
        bulk.close()


def await_permit(due: PermitDue, pace: Pace | None) -> None:
    if due.seconds is not None:
        sleep(due.seconds)
    elif pace is not None:
        pace.renew()


def feeder(
    bulk: BulkProbe, ids: Iterable[str], must_return: bool = False, pace: Pace | None = None
) -> Feed:
    """Return what gives the bulk as many ids as it has room for and permits for.

    Once the deadline has passed, what was taken is answered, and so is the rest of a list; a
    generator, which may have no end, is not asked for more.

    Raises:
        TypeError: ``ids`` is one text, whose letters would be asked for.
        ConfigurationError: ``pace`` is not one.
    """
    repeated = repeated_in(ids)
    bulk.expect(repeated)
    waiting: Iterator[str] = iter(ids)
    has_end = hasattr(ids, "__len__")

    if pace is None:

        def feed() -> tuple[bool, PermitDue | None]:
            if has_end or not bulk.is_over:
                return bulk.feed(waiting, must_return), None
            bulk.finish()
            return False, None

        return feed

    check_pace(pace)
    paced = PacedIds(waiting, repeated, bulk, pace)

    def feed_paced() -> tuple[bool, PermitDue | None]:
        if not has_end and bulk.is_over:
            paced.end()
        try:
            return bulk.feed(paced, must_return), None
        except PermitDue as due:
            return True, due

    return feed_paced


def raisable(error: Exception) -> Exception:
    """Return what a future can raise: not StopIteration, which a coroutine cannot either."""
    if not isinstance(error, StopIteration):
        return error
    other = RuntimeError("on_progress raised StopIteration")
    other.__cause__ = error
    return other
