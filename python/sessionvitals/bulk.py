"""Many sessions at once: the ids go in by windows, the outcomes come out as they come."""

from __future__ import annotations

from itertools import islice

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable

    from ._core import BulkProbe, Outcome, OutcomeTable


def repeated_in(ids: Iterable[str]) -> list[str]:
    """Return the ids that occur more than once, as far as ``ids`` can be looked through twice.

    Raises:
        TypeError: ``ids`` is one text, whose letters would be asked for.
    """
    if isinstance(ids, (str, bytes)):
        raise TypeError("session_ids is one id: pass a list of them, or use probe")
    can_be_read_again = hasattr(ids, "__len__") and hasattr(ids, "__getitem__")
    if not can_be_read_again or isinstance(ids, dict):
        return []
    try:
        if len(set(ids)) == len(ids):  # type: ignore[arg-type]
            return []
    except TypeError:  # something that is no id, and fails alone
        pass
    seen: set[str] = set()
    repeated: set[str] = set()
    for id_ in ids:
        if isinstance(id_, str):
            (repeated if id_ in seen else seen).add(id_)
    return [id_ for id_ in repeated if not any("\ud800" <= c <= "\udfff" for c in id_)]


def run(
    bulk: BulkProbe,
    ids: Iterable[str],
    on_progress: Callable[[int], object] | None,
) -> Generator[Outcome, None, None]:
    """Yield the outcome of every id. Never takes more of ``ids`` than the bulk has room for.

    Once the deadline has passed, what was taken is answered, and so is the rest of a list; a
    generator, which may have no end, is not asked for more.
    """
    give = feeder(bulk, ids)
    done = 0
    while True:
        give()
        outcomes = bulk.take()
        if not outcomes:
            return
        done += len(outcomes)
        if on_progress is not None:
            on_progress(done)
        yield from outcomes


def fill(
    table: OutcomeTable,
    bulk: BulkProbe,
    ids: Iterable[str],
    on_progress: Callable[[int], object] | None,
) -> OutcomeTable:
    """Add the outcome of every id to the table, and return it. As ``run`` does otherwise."""
    give = feeder(bulk, ids)
    while True:
        give()
        if not bulk.take_into(table):
            return table
        if on_progress is not None:
            on_progress(len(table))


def feeder(bulk: BulkProbe, ids: Iterable[str]) -> Callable[[], None]:
    """Return what gives the bulk as many ids as it has room for."""
    bulk.keep(repeated_in(ids))
    waiting = iter(ids)
    has_end = hasattr(ids, "__len__")

    def give() -> None:
        if has_end or not bulk.is_over:
            bulk.add(list(islice(waiting, bulk.room())))

    return give
