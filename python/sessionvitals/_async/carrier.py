"""How a call is carried for asyncio: by a thread of the compiled core, which never touches Python.

The thread puts answers in a channel and makes a descriptor readable, once for many. A loop has one
channel for all its clients; a client works from any loop.
"""

from __future__ import annotations

import asyncio
import weakref
from time import monotonic
from typing import TYPE_CHECKING, Any

from .._core import CancelToken, Channel, cancel_begun
from ..bulk import feeder, fill
from ..errors import AuthenticationError
from ..options import given
from ..rotating import RotatingClient

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Iterable
    from datetime import timedelta

    from .._core import Outcome, OutcomeTable
    from .client import AsyncClient


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


class Hub:
    """What one event loop has for all calls begun from it."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.loop = weakref.ref(loop)
        self.channel = Channel()
        self._futures: dict[int, asyncio.Future[Any]] = {}
        self._watched: dict[int, set[int]] = {}  # by a token's descriptor: the calls that it ends
        self._last_token = 0
        loop.add_reader(self.channel.descriptor, self._deliver)

    def expect(self, future: asyncio.Future[Any]) -> int:
        self._last_token += 1
        self._futures[self._last_token] = future
        return self._last_token

    def forget(self, token: int) -> None:
        self._futures.pop(token, None)

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
        loop = self.loop()
        assert loop is not None
        loop.remove_reader(descriptor)
        for number in self._watched.pop(descriptor, ()):
            cancel_begun(number)

    def _deliver(self) -> None:
        for token, answer, error in self.channel.take():
            future = self._futures.pop(token, None)
            if future is None or future.done():
                continue
            if error is not None:
                future.set_exception(error)
            else:
                future.set_result(answer)


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
        hub = _hubs[loop] = Hub(loop)
    _latest = weakref.ref(hub)
    return hub


async def carry(
    client: AsyncClient,
    operation: str,
    question: tuple[object, ...],
    timeout: float | timedelta | None,
    max_retries: int | None,
    resend_unsafe: bool | None,
    cancel: CancelToken | None,
    has_new_key: bool = False,
) -> Any:
    """Make one call of the client's, and return its answer. `question` has its arguments in order.

    A cancelled task ends the call and gives its connection back at once.
    """
    options: dict[str, Any] = {}
    if timeout is not None or max_retries is not None or resend_unsafe is not None:
        options = given(timeout=timeout, max_retries=max_retries, resend_unsafe=resend_unsafe)
    loop = running_loop()
    hub = hub_of(loop)
    future: asyncio.Future[Any] = loop.create_future()
    token = hub.expect(future)
    number = 0
    rotating = client._compiled if type(client._compiled) is RotatingClient else None
    if rotating is not None:
        key, begun = rotating.present()[0], monotonic()
    try:
        # Not kept in a variable, which a call in flight would keep alive.
        number = getattr(client._compiled, "begin_" + operation)(
            hub.channel, token, *question, **options
        )
        watched = cancel or client._cancel
        if watched is None:
            return await future
        hub.watch(watched, number)
        try:
            return await future
        finally:
            hub.unwatch(watched, number)
    except BaseException as error:
        # Cancelled, or never begun. An error of the call itself has been delivered already.
        hub.forget(token)
        cancel_begun(number)
        if rotating is None or has_new_key or not isinstance(error, AuthenticationError):
            raise
        again = rotating.options_after_refusal(key, operation, options, begun)
        if again is None:
            raise
    return await carry(
        client, operation, question, again["timeout"], max_retries, resend_unsafe, cancel, True
    )


async def run_bulk(
    client: AsyncClient,
    ids: Iterable[str],
    concurrency: int,
    ordered: bool,
    on_progress: Callable[[int], object] | None,
    options: dict[str, Any],
) -> AsyncGenerator[Outcome, None]:
    """Yield the outcome of every id."""
    loop = running_loop()
    channel = Channel()
    bulk = client._compiled.bulk_probe(concurrency, ordered, channel=channel, **options)
    ready = asyncio.Event()

    def wake() -> None:
        channel.take()
        ready.set()

    loop.add_reader(channel.descriptor, wake)
    done = 0
    try:
        feed = feeder(bulk, ids, must_return=True)
        may_have_more = True
        have_waited = True
        while not bulk.is_done:
            may_have_more = may_have_more and feed()
            ready.clear()
            outcomes = bulk.take_ready()
            if not outcomes:
                if may_have_more and bulk.room:
                    await asyncio.sleep(0)  # the ids come slowly
                elif not bulk.is_done:
                    await ready.wait()
                have_waited = True
                continue
            if not have_waited:
                await asyncio.sleep(0)  # other tasks have their turn, however fast answers come
            have_waited = False
            done += len(outcomes)
            if on_progress is not None:
                on_progress(done)
            for outcome in outcomes:
                yield outcome
    finally:
        loop.remove_reader(channel.descriptor)
        bulk.close()


async def fill_table(
    client: AsyncClient,
    table: OutcomeTable,
    ids: Iterable[str],
    concurrency: int,
    ordered: bool,
    on_progress: Callable[[int], object] | None,
    options: dict[str, Any],
) -> None:
    """Add the outcome of every id to the table, from a thread of its own.

    The thread draws the ids. ``on_progress`` is called in the event loop.
    """
    loop = running_loop()
    stop = options.setdefault("cancel", CancelToken())
    tell = None
    if on_progress is not None:
        said = on_progress

        def tell(count: int) -> None:
            loop.call_soon_threadsafe(said, count)

    bulk = client._compiled.bulk_probe(concurrency, ordered, **options)
    filling = loop.run_in_executor(None, fill, table, bulk, ids, tell)
    try:
        await asyncio.shield(filling)
    except asyncio.CancelledError:
        stop.cancel()
        raise
