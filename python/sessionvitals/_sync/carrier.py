"""How a call is carried in the caller's own thread."""

from __future__ import annotations

from time import monotonic

from .. import observing
from ..bulk import fill, run
from ..errors import AuthenticationError
from ..options import check_callback, given
from ..rotating import PinnedClient, RotatingClient

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable
    from datetime import timedelta
    from typing import Any

    from .._core import CancelToken, Outcome, OutcomeTable
    from ..pacing.pace import Pace
    from ..telemetry.observer import ObservedBulk
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
    if observing.observer is not None:
        options = given(
            timeout=timeout, max_retries=max_retries, resend_unsafe=resend_unsafe, cancel=cancel
        )
        return carry_observed(client, operation, question, options)
    method = getattr(client._compiled, operation)
    if timeout is None and max_retries is None and resend_unsafe is None and cancel is None:
        return method(*question)
    options = given(
        timeout=timeout, max_retries=max_retries, resend_unsafe=resend_unsafe, cancel=cancel
    )
    return method(*question, **options)


def carry_observed(
    client: Client, operation: str, question: tuple[object, ...], options: dict[str, Any]
) -> Any:
    """Make a call that is recorded; two, each recorded, where a key that changes is refused."""
    compiled = client._compiled
    if type(compiled) is not RotatingClient:
        return observe(client, compiled, operation, question, options)
    (key, present), begun = compiled.present(), monotonic()
    try:
        return observe(client, present, operation, question, options)
    except AuthenticationError:
        again = compiled.options_after_refusal(key, operation, options, begun)
        if again is None:
            raise
    return observe(client, compiled.present()[1], operation, question, again)


def observe(
    client: Client,
    compiled: Any,
    operation: str,
    question: tuple[object, ...],
    options: dict[str, Any],
) -> Any:
    observer = observing.observer
    call = observer.begin(client, operation, question) if observer is not None else None
    if call is None:
        return getattr(compiled, operation)(*question, **options)
    try:
        answer = getattr(compiled, operation)(*question, **options, **call.options)
    except BaseException as error:
        call.end(None, error)
        raise
    call.end(answer, None)
    return answer


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
    check_callback("on_progress", on_progress)
    observer = observing.observer
    observed = observer.begin_bulk(client, options) if observer is not None else None
    pinned = PinnedClient(client._compiled)
    bulk = pinned.compiled.bulk_probe(concurrency, ordered, **options)
    outcomes = run(bulk, ids, on_progress, pace)
    if pinned.may_change_key:
        outcomes = note_refusals(pinned, outcomes)
    return outcomes if observed is None else follow(observed, outcomes)


def note_refusals(
    pinned: PinnedClient, outcomes: Generator[Outcome, None, None]
) -> Generator[Outcome, None, None]:
    from contextlib import closing  # costs more to import than all of this

    with closing(outcomes):
        for outcome in outcomes:
            if isinstance(outcome.error, AuthenticationError):
                pinned.note_refusal()
            yield outcome


def follow(
    observed: ObservedBulk, outcomes: Generator[Outcome, None, None]
) -> Generator[Outcome, None, None]:
    with observed:
        yield from outcomes


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
    check_callback("on_progress", on_progress)
    observer = observing.observer
    observed = observer.begin_bulk(client, options) if observer is not None else None
    pinned = PinnedClient(client._compiled)
    pinned.count_refusals(options)
    bulk = pinned.compiled.bulk_probe(concurrency, ordered, table=table, **options)
    try:
        if observed is None:
            fill(table, bulk, ids, on_progress, pace)
            return
        with observed:
            fill(table, bulk, ids, on_progress, pace)
    finally:
        pinned.note_counted_refusals()
