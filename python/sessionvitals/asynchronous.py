"""What the clients for asyncio have in common: the same methods, awaited.

Calls are carried by a thread of the compiled core, which never touches Python:
it puts answers in a channel and makes a descriptor readable, once for many. A
loop has one channel for all its clients; a client works from any loop.

Imported only when an asynchronous client is used, because asyncio costs more to
import than all the rest.
"""

from __future__ import annotations

import asyncio
import weakref
from itertools import islice
from typing import TYPE_CHECKING, Any, Generic, TypeVar, cast

from . import single_flight
from ._core import Channel, cancel_begun, is_log_enabled, is_noteworthy
from .bulk import repeated_in
from .client import Client, check_names
from .errors import CallError
from .lazily import importing

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable

    from typing_extensions import Self, TypedDict, Unpack

    from ._core import BulkThread, CallReport, Outcome, Session
    from .client import ViewOptions

    class AsyncCallOptions(TypedDict, total=False):
        """For one call. What is left out or None is the client's."""

        deadline: float | None  #: seconds for the whole call, retries and waits included
        max_retries: int | None  #: 0 to 10
        resend_unsafe: bool | None  #: also resend what may act twice, once a byte may have left


ASYNC_CALL_OPTIONS = frozenset({"deadline", "max_retries", "resend_unsafe"})


class Hub:
    """What one event loop has for all calls begun from it."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.loop = weakref.ref(loop)
        self.channel = Channel()
        self._futures: dict[int, asyncio.Future[Any]] = {}
        self._last_token = 0
        loop.add_reader(self.channel.descriptor, self._deliver)

    def expect(self, future: asyncio.Future[Any]) -> int:
        self._last_token += 1
        self._futures[self._last_token] = future
        return self._last_token

    def forget(self, token: int) -> None:
        self._futures.pop(token, None)

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


AnyClient = TypeVar("AnyClient", bound=Client)


class AsyncClient(Generic[AnyClient]):
    """Asks one vendor about sessions, for asyncio. See AsyncTiunClient and the others.

    One client may be used from several event loops, at once or one after the other. A cancelled
    task gives its connection back at once.
    """

    __slots__ = ("_client",)

    _client: AnyClient

    async def _ask(self, name: str, session_id: str, options: AsyncCallOptions) -> Any:
        if options:
            check_names(options, ASYNC_CALL_OPTIONS)
        loop = asyncio.get_running_loop()
        hub = hub_of(loop)
        future: asyncio.Future[Any] = loop.create_future()
        token = hub.expect(future)
        number = 0
        try:
            begin = getattr(self._client._compiled, name)
            number = begin(hub.channel, token, session_id, **options)
            answer = await future
        except BaseException as error:
            # Cancelled, or never begun. An error of the call itself has been delivered already.
            hub.forget(token)
            cancel_begun(number)
            if isinstance(error, CallError) and is_log_enabled(30):  # a warning is the most it says
                self._log(name, session_id, error.call, error)
            raise
        if is_noteworthy(answer):
            self._log(name, session_id, answer.call, None)
        return answer

    def _log(
        self, name: str, session_id: str, call: CallReport | None, error: CallError | None
    ) -> None:
        with importing:
            from .logs import note
        note(self._client.provider, name.removeprefix("begin_"), session_id, call, error)

    async def probe(
        self,
        session_id: str,
        *,
        max_age: float | None = None,
        reuse_patch: bool = False,
        **options: Unpack[AsyncCallOptions],
    ) -> Session:
        """Ask for one session's state; see ``Client.probe``."""
        if max_age is None or not isinstance(session_id, str):
            return cast("Session", await self._ask("begin_probe", session_id, options))
        check_names(options, ASYNC_CALL_OPTIONS)
        age = single_flight.check_sharing(max_age, self._client.asks_by_patch, reuse_patch)
        deadline = options.pop("deadline", None)

        def ask(seconds: float) -> Awaitable[Session]:
            return self._ask("begin_probe", session_id, {**options, "deadline": seconds})

        if deadline is None:
            deadline = self._client._compiled.deadline
        return await single_flight.probe_async(self._client._recent, session_id, age, ask, deadline)

    async def probe_many(
        self,
        session_ids: Iterable[str],
        *,
        concurrency: int = 64,
        ordered: bool = False,
        on_progress: Callable[[int], object] | None = None,
        **options: Unpack[AsyncCallOptions],
    ) -> AsyncGenerator[Outcome, None]:
        """Ask for the state of many sessions at once; see ``Client.probe_many``."""
        check_names(options, ASYNC_CALL_OPTIONS)
        channel = Channel()
        bulk = self._client._compiled.begin_bulk_probe(channel, concurrency, ordered, **options)
        loop = asyncio.get_running_loop()
        ready = asyncio.Event()

        def wake() -> None:
            channel.take()
            ready.set()

        loop.add_reader(channel.descriptor, wake)
        done = 0
        try:
            feed = _feeder(bulk, session_ids)
            while not bulk.is_done:
                feed()
                ready.clear()
                outcomes = bulk.take()
                if not outcomes:
                    if not bulk.is_done:
                        await ready.wait()
                    continue
                done += len(outcomes)
                if on_progress is not None:
                    on_progress(done)
                for outcome in outcomes:
                    yield outcome
                await asyncio.sleep(0)  # other tasks have their turn, however fast answers come
        finally:
            loop.remove_reader(channel.descriptor)
            bulk.close()

    def with_options(self, **options: Unpack[ViewOptions]) -> Self:
        """Return a client that differs in these options, and shares everything else."""
        view = object.__new__(type(self))
        view._client = self._client.with_options(**options)
        return view

    async def close(self) -> None:
        """End the client: every later call is a ConfigurationError."""
        self._client.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *exception: object) -> None:
        await self.close()

    def __reduce__(self) -> tuple[object, ...]:
        return self._client.__reduce__()  # which says why not

    def __repr__(self) -> str:
        return f"Async{self._client!r}"


def _feeder(bulk: BulkThread, ids: Iterable[str]) -> Callable[[], None]:
    """Return what gives the bulk as many ids as it has room for, and says when there are no more."""
    bulk.keep(repeated_in(ids))
    waiting = iter(ids)
    has_end = hasattr(ids, "__len__")

    def feed() -> None:
        if not has_end and bulk.is_over:
            bulk.finish()
            return
        room = bulk.room()
        more = list(islice(waiting, room))
        bulk.add(more)
        if len(more) < room:
            bulk.finish()

    return feed
