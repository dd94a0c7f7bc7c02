"""How a call is carried for asyncio: by a thread of the compiled core, which never touches Python.

The thread puts answers in an inbox and makes a descriptor readable, once for many. A loop has one
inbox for all its clients; a client works from any loop.
"""

from __future__ import annotations

import asyncio
import os
import weakref
from contextlib import nullcontext
from time import monotonic
from typing import TYPE_CHECKING, Any

from .. import observing
from .._core import CancelToken, Inbox, cancel_begun
from ..bulk import feeder, fill, raisable
from ..errors import AuthenticationError, ConfigurationError
from ..options import check_callback, given
from ..rotating import PinnedClient, RotatingClient

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable
    from datetime import timedelta

    from .._core import Outcome, OutcomeTable
    from ..pacing.ids import PermitDue
    from ..pacing.pace import Pace
    from .client import AsyncClient

#: The longest that a task which reads outcomes waits for a permit only, in seconds.
LONGEST_WAIT = 0.01


def running_loop() -> asyncio.AbstractEventLoop:
    """Return the event loop that runs here. Raises RuntimeError with the way out if none does."""
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        raise RuntimeError(
            "the asynchronous clients need a running asyncio event loop; under trio, or another "
            "library without one, call the synchronous client in a thread: "
            "await trio.to_thread.run_sync(client.probe, session_id)"
        ) from None


def stop_reading(loop: asyncio.AbstractEventLoop | None, descriptor: int, process: int) -> None:
    """Have the loop listen no more, unless it is closed, or of another process than given.

    The child of a fork shares what the loop waits by: its parent would hear no more.
    """
    if loop is not None and not loop.is_closed() and os.getpid() == process:
        loop.remove_reader(descriptor)


class Hub:
    """What one event loop has for all calls begun from it."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.loop = weakref.ref(loop)
        self._process = os.getpid()
        self.inbox = Inbox(loop)
        self._watched: dict[int, set[int]] = {}  # by a token's descriptor: the calls that it ends
        loop.add_reader(self.inbox.descriptor, self.inbox.deliver)

    def watch(self, cancel: CancelToken, number: int) -> None:
        """End that call when the token is cancelled. The token must outlive the call."""
        numbers = self._watched.setdefault(cancel._descriptor, set())
        numbers.add(number)
        if len(numbers) == 1:
            loop = self.loop()
            assert loop is not None
            loop.add_reader(cancel._descriptor, self._end_watched, cancel._descriptor)

    def unwatch(self, cancel: CancelToken, number: int) -> None:
        numbers = self._watched.get(cancel._descriptor)
        if numbers is None:
            return
        numbers.discard(number)
        if not numbers:
            self._end_watched(cancel._descriptor)

    def _end_watched(self, descriptor: int) -> None:
        stop_reading(self.loop(), descriptor, self._process)
        for number in self._watched.pop(descriptor, ()):
            cancel_begun(number)


# Weak, so that a closed loop takes its hub along; answers that come later go nowhere.
_hubs: weakref.WeakKeyDictionary[asyncio.AbstractEventLoop, Hub] = weakref.WeakKeyDictionary()


# The hub that was asked for last: with one loop, the only one.
_latest: weakref.ref[Hub] | None = None


def hub_of(loop: asyncio.AbstractEventLoop) -> Hub:
    global _latest
    latest = _latest
    hub = latest() if latest is not None else None
    if hub is not None and hub.loop() is loop:
        return hub
    hub = _hubs.get(loop)
    if hub is None:
        # One that was closed while its calls were on their way is kept by its hub.
        for reference in _hubs.keyrefs():
            other = reference()
            if other is not None and other.is_closed():
                _hubs.pop(other, None)
        hub = _hubs[loop] = Hub(loop)
    _latest = weakref.ref(hub)
    return hub


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
    pending = getattr(client._compiled, begin)(hub.inbox, *question, **options)
    number = pending.number
    hub.watch(cancel, number)
    try:
        return await pending
    finally:
        hub.unwatch(cancel, number)
        del pending


async def run_bulk(
    client: AsyncClient,
    ids: Iterable[str],
    concurrency: int,
    ordered: bool,
    on_progress: Callable[[int], object] | None,
    pace: Pace | None,
    options: dict[str, Any],
) -> AsyncGenerator[Outcome, None]:
    """Yield the outcome of every id."""
    check_callback("on_progress", on_progress)
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
            feed = feeder(bulk, ids, must_return=True, pace=pace)
            may_have_more = True
            have_waited = True
            while not bulk.is_done:
                due = None
                if may_have_more:
                    may_have_more, due = feed()
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
                if on_progress is not None:
                    on_progress(done)
                if pinned.may_change_key and any(
                    isinstance(outcome.error, AuthenticationError) for outcome in outcomes
                ):
                    pinned.note_refusal()
                for outcome in outcomes:
                    yield outcome
        finally:
            stop_reading(loop, inbox.descriptor, process)
            bulk.close()


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

    with observed or nullcontext():
        filling = loop.run_in_executor(None, fill, table, bulk, ids, tell, pace)
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
