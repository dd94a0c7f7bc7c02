"""Many sessions at once: the ids go in by windows, the outcomes come out as they come."""

from __future__ import annotations

from itertools import islice

from ._core import is_log_enabled

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from ._core import BulkProbe, Outcome


def log_outcomes(provider: str, outcomes: list[Outcome]) -> None:
    """Log what became of some ids, if anybody listens; never imports logging otherwise."""
    if is_log_enabled(30):  # logging.WARNING: the most that is ever said
        from .logs import note_outcomes

        note_outcomes(provider, outcomes)


def run(
    provider: str,
    bulk: BulkProbe,
    ids: Iterable[str],
    on_progress: Callable[[int], object] | None,
) -> Iterator[Outcome]:
    """Yield the outcome of every id. Never takes more of ``ids`` than the bulk has room for.

    Once the deadline has passed, what was taken is answered, and so is the rest of a list; a
    generator, which may have no end, is not asked for more.
    """
    waiting = iter(ids)
    has_end = hasattr(ids, "__len__")
    done = 0
    while True:
        if has_end or not bulk.is_over:
            more = list(islice(waiting, bulk.room()))
            bulk.add(more)
        outcomes = bulk.take()
        if not outcomes:
            return
        log_outcomes(provider, outcomes)
        done += len(outcomes)
        if on_progress is not None:
            on_progress(done)
        yield from outcomes
