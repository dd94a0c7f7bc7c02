"""Many sessions at once: the ids go in by windows, the outcomes come out as they come."""

from __future__ import annotations

from ._core import repeated_in

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable

    from ._core import BulkProbe, Outcome, OutcomeTable


def run(
    bulk: BulkProbe,
    ids: Iterable[str],
    on_progress: Callable[[int], object] | None,
) -> Generator[Outcome, None, None]:
    """Yield the outcome of every id. Never takes more of ``ids`` than the bulk has room for."""
    try:
        feed = feeder(bulk, ids)
        done = 0
        while True:
            feed()
            outcomes = bulk.take()
            if not outcomes:
                return
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
) -> OutcomeTable:
    """Add the outcome of every id to the table, and return it. As ``run`` does otherwise."""
    try:
        feed = feeder(bulk, ids)
        while True:
            feed()
            if not bulk.take_into(table):
                return table
            if on_progress is not None:
                on_progress(len(table))
    finally:
        bulk.close()


def feeder(bulk: BulkProbe, ids: Iterable[str], must_return: bool = False) -> Callable[[], bool]:
    """Return what gives the bulk as many ids as it has room for, and says if there may be more.

    Once the deadline has passed, what was taken is answered, and so is the rest of a list; a
    generator, which may have no end, is not asked for more.

    Raises:
        TypeError: ``ids`` is one text, whose letters would be asked for.
    """
    bulk.expect(repeated_in(ids))
    waiting = iter(ids)
    has_end = hasattr(ids, "__len__")

    def feed() -> bool:
        if has_end or not bulk.is_over:
            return bulk.feed(waiting, must_return)
        bulk.finish()
        return False

    return feed
