"""How a call is carried for asyncio: by a thread of the compiled core, which never touches Python."""

from __future__ import annotations

import asyncio
import os
from contextlib import nullcontext
from datetime import timedelta
from time import monotonic
from typing import TYPE_CHECKING, Any

from .. import observing
from .._core import CancelToken, Inbox
from ..bulk import Feeder, fill, raisable
from ..errors import AuthenticationError, ConfigurationError
from ..options import check_callback, given
from ..rotating import PinnedClient, RotatingClient
from .hub import hub_of, running_loop, stop_reading

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable

    from .._core import Outcome, OutcomeTable
    from ..pacing.ids import PermitDue
    from ..pacing.pace import Pace
    from .client import AsyncClient
    from .hub import Hub

#: No deadline is as long; what is more may be no float either.
MOST_SECONDS = 1e12
#: The longest that a task which reads outcomes waits for a permit only, in seconds.
LONGEST_WAIT = 0.01


def carry(
    client: AsyncClient,
    operation: str,
    question: tuple[object, ...],
    timeout: float | timedelta | None,
    max_retries: int | None,
    resend_unsafe: bool | None,
    cancel: CancelToken | None,
) -> Awaitable[Any]:
    """Make one call of the client's; return what to await its answer by, at once and in this task.

    `question` has the call's arguments in order. A cancelled task ends the call and gives its
    connection back at once.
    """
    options: dict[str, Any] = {}
    if timeout is not None or max_retries is not None or resend_unsafe is not None:
        options = given(timeout=timeout, max_retries=max_retries, resend_unsafe=resend_unsafe)
    hub = hub_of(running_loop())
    compiled = client._compiled
    if (
        cancel is not None
        or client._cancel is not None
        or type(compiled) is RotatingClient
        or observing.observer is not None
    ):
        if not isinstance(cancel, CancelToken | None):
            raise ConfigurationError(
                f"cancel is of type {type(cancel).__name__}: pass a CancelToken."
            )
        return carry_watched(client, operation, question, options, cancel or client._cancel, hub)
    pending: Awaitable[Any] = getattr(compiled, "begin_" + operation)(
        hub.inbox, *question, **options
    )
    return pending


def carry_plain(client: AsyncClient, operation: str, *question: object) -> Awaitable[Any]:
    """Make a call that has no option of its own, while nothing observes calls.

    In _sync, the compiled client's method stands in its place: see generate_sync.py.
    """
    return carry(client, operation, question, None, None, None, None)


async def carry_watched(
    client: AsyncClient,
    operation: str,
    question: tuple[object, ...],
    options: dict[str, Any],
    cancel: CancelToken | None,
    hub: Hub,
) -> Any:
    """Make a call that a token may end, that is recorded, or made again once its key is refused."""
    rotating = client._compiled if type(client._compiled) is RotatingClient else None
    if rotating is None:
        return await begin_watched(client, operation, question, options, cancel, hub)
    key, begun = rotating.present()[0], monotonic()
    try:
        return await begin_watched(client, operation, question, options, cancel, hub)
    except AuthenticationError:
        again = rotating.options_after_refusal(key, operation, options, begun)
        if again is None:
            raise
    return await begin_watched(client, operation, question, again, cancel, hub)


async def begin_watched(
    client: AsyncClient,
    operation: str,
    question: tuple[object, ...],
    options: dict[str, Any],
    cancel: CancelToken | None,
    hub: Hub,
) -> Any:
    observer = observing.observer
    call = observer.begin(client, operation, question) if observer is not None else None
    if call is None:
        return await await_watched(client, operation, question, options, cancel, hub)
    try:
        answer = await await_watched(
            client, operation, question, {**options, **call.options}, cancel, hub
        )
    except BaseException as error:
        call.end(None, error)
        raise
    call.end(answer, None)
    return answer


async def await_watched(
    client: AsyncClient,
    operation: str,
    question: tuple[object, ...],
    options: dict[str, Any],
    cancel: CancelToken | None,
    hub: Hub,
) -> Any:
    # No variable keeps the compiled half, which a call in flight would keep alive, nor, once a call
    # has failed, what was awaited: that has the error, whose traceback has this frame.
    begin = "begin_" + operation
    if cancel is None:
        return await getattr(client._compiled, begin)(hub.inbox, *question, **options)
    if cancel.is_cancelled:
        # Once begun, its request may leave before anything can end it. The method that waits looks
        # at the token first, and refuses arguments and options as this one does.
        return getattr(client._compiled, operation)(*question, **options, cancel=cancel)
    pending = getattr(client._compiled, begin)(hub.inbox, *question, **options)
    number = pending.number
    hub.watch(cancel, number)
    try:
        return await pending
    finally:
        hub.unwatch(cancel, number)
        del pending


def run_bulk(
    client: AsyncClient,
    ids: Iterable[str],
    concurrency: int,
    ordered: bool,
    on_progress: Callable[[int], object] | None,
    pace: Pace | None,
    options: dict[str, Any],
) -> AsyncGenerator[Outcome, None]:
    """Return a generator of the outcome of every id, whose deadline counts from now."""
    return begin_bulk(client, ids, concurrency, ordered, on_progress, pace, options, monotonic())


async def begin_bulk(
    client: AsyncClient,
    ids: Iterable[str],
    concurrency: int,
    ordered: bool,
    on_progress: Callable[[int], object] | None,
    pace: Pace | None,
    options: dict[str, Any],
    called: float,
) -> AsyncGenerator[Outcome, None]:
    """Yield the outcome of every id that came, and then raise what ``ids`` raised."""
    check_callback("on_progress", on_progress)
    if "deadline" in options:
        options = {**options, "deadline": rest_of(options["deadline"], called)}
    loop = running_loop()
    inbox, process = Inbox(loop), os.getpid()
    observer = observing.observer
    observed = observer.begin_bulk(client, options) if observer is not None else None
    pinned = PinnedClient(client._compiled)
    bulk = pinned.compiled.bulk_probe(concurrency, ordered, inbox=inbox, **options)
    with observed or nullcontext():
        loop.add_reader(inbox.descriptor, inbox.deliver)
        done = 0
        try:
            feeder = Feeder(bulk, ids, must_return=True, pace=pace)
            may_have_more = True
            have_waited = True
            while not bulk.is_done:
                due = None
                if may_have_more:
                    may_have_more, due = feeder.feed()
                outcomes = bulk.take_ready()
                if not outcomes:
                    if due is not None:
                        await await_permit(due, pace)
                    elif may_have_more and bulk.room:
                        await asyncio.sleep(0)  # the ids come slowly
                    elif not bulk.is_done:
                        await inbox.wait()
                    have_waited = True
                    continue
                if not have_waited:
                    await asyncio.sleep(0)  # other tasks have their turn, however fast answers come
                have_waited = False
                done += len(outcomes)
                feeder.tell(on_progress, done)
                if pinned.may_change_key and any(
                    isinstance(outcome.error, AuthenticationError) for outcome in outcomes
                ):
                    pinned.note_refusal()
                for outcome in outcomes:
                    yield outcome
                if feeder.must_end:
                    break
            feeder.raise_failure()
        finally:
            stop_reading(loop, inbox.descriptor, process)
            bulk.close()


def rest_of(deadline: object, called: float) -> object:
    """Return what is left of a deadline, as seconds; what is none is left to be refused."""
    if isinstance(deadline, timedelta):
        deadline = deadline.total_seconds()
    is_number = isinstance(deadline, (int, float)) and not isinstance(deadline, bool)
    if not is_number or not 0 < deadline < MOST_SECONDS:  # type: ignore[operator]
        return deadline
    return max(deadline - (monotonic() - called), 1e-6)  # type: ignore[operator]


async def await_permit(due: PermitDue, pace: Pace | None) -> None:
    """Wait until the next id may have a permit, or for so long that no outcome is seen late."""
    if due.seconds is not None:
        await asyncio.sleep(min(due.seconds, LONGEST_WAIT))
    elif pace is not None:
        await asyncio.get_running_loop().run_in_executor(None, pace.renew)


async def fill_table(
    client: AsyncClient,
    table: OutcomeTable,
    ids: Iterable[str],
    concurrency: int,
    ordered: bool,
    on_progress: Callable[[int], object] | None,
    pace: Pace | None,
    options: dict[str, Any],
) -> None:
    """Add the outcome of every id to the table, from a thread of its own.

    The thread draws the ids. ``on_progress`` is called in the event loop.
    """
    check_callback("on_progress", on_progress)
    loop = running_loop()
    failed: asyncio.Future[None] = loop.create_future()  # by on_progress
    tell = None
    if on_progress is not None:
        said = on_progress

        def say(count: int) -> None:
            if failed.done():
                return
            try:
                said(count)
            except Exception as error:  # noqa: BLE001 raised where the table is awaited
                failed.set_exception(raisable(error))
            except BaseException:  # which asyncio lets through, SystemExit for one
                failed.cancel()
                raise

        def tell(count: int) -> None:
            loop.call_soon_threadsafe(say, count)

    observer = observing.observer
    observed = observer.begin_bulk(client, options) if observer is not None else None
    pinned = PinnedClient(client._compiled)
    pinned.count_refusals(options)
    bulk = pinned.compiled.bulk_probe(concurrency, ordered, table=table, **options)

    from concurrent.futures import ThreadPoolExecutor  # costs more to import than a call

    # Not the loop's own executor, whose threads may all be busy while the deadline passes.
    executor = ThreadPoolExecutor(1, "sessionvitals-table")
    with observed or nullcontext():
        filling = loop.run_in_executor(executor, fill, table, bulk, ids, tell, pace)
        executor.shutdown(wait=False)
        try:
            ends: set[asyncio.Future[Any]] = {filling, failed}
            await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
            if failed.done():
                await failed
            filling.result()
        finally:
            failed.cancel()
            if not filling.done():
                # Not by a token: the caller's may end other calls, too. What becomes of a thread
                # whose bulk is closed under it is asked of nobody.
                filling.add_done_callback(asyncio.Future.exception)
                bulk.close()
        pinned.note_counted_refusals()
