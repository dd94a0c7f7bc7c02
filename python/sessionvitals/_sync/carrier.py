"""How a call is carried in the caller's own thread."""

from __future__ import annotations

from ..bulk import fill, run
from ..options import given

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable
    from datetime import timedelta
    from typing import Any

    from .._core import CancelToken, Outcome, OutcomeTable
    from ..pacing.pace import Pace
    from .client import Client


def carry(
    client: Client,
    operation: str,
    question: tuple[object, ...],
    timeout: float | timedelta | None,
    max_retries: int | None,
    resend_unsafe: bool | None,
    cancel: CancelToken | None,
) -> Any:
    """Make one call of the client's, and return its answer. `question` has its arguments in order."""
    method = getattr(client._compiled, operation)
    if timeout is None and max_retries is None and resend_unsafe is None and cancel is None:
        return method(*question)
    options = given(
        timeout=timeout, max_retries=max_retries, resend_unsafe=resend_unsafe, cancel=cancel
    )
    return method(*question, **options)


def run_bulk(
    client: Client,
    ids: Iterable[str],
    concurrency: int,
    ordered: bool,
    on_progress: Callable[[int], object] | None,
    pace: Pace | None,
    options: dict[str, Any],
) -> Generator[Outcome, None, None]:
    """Return a generator of the outcome of every id."""
    return run(client._compiled.bulk_probe(concurrency, ordered, **options), ids, on_progress, pace)


def fill_table(
    client: Client,
    table: OutcomeTable,
    ids: Iterable[str],
    concurrency: int,
    ordered: bool,
    on_progress: Callable[[int], object] | None,
    pace: Pace | None,
    options: dict[str, Any],
) -> None:
    """Add the outcome of every id to the table."""
    fill(
        table, client._compiled.bulk_probe(concurrency, ordered, **options), ids, on_progress, pace
    )
