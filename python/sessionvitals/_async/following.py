"""How a watch and a keeper are read from an event loop."""

from __future__ import annotations

import os
import weakref
from typing import TYPE_CHECKING, Any

from .._core import Inbox
from .._core import begin_keeper as compiled_keeper
from ..errors import AuthenticationError, ConfigurationError
from ..rotating import PinnedClient, compiled_of
from ..watching.permits import Permits
from .hub import running_loop, stop_reading

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable

    from .._core import Watch
    from ..pacing.pace import Pace
    from .client import AsyncClient
    from .watching import AsyncWatchingClient


class Changes:
    """The changes of a compiled watch, for asyncio."""

    def __init__(
        self,
        client: AsyncWatchingClient,
        session_ids: list[str],
        options: dict[str, Any],
        pace: Pace | None,
    ) -> None:
        loop = running_loop()
        self._inbox = Inbox(loop)
        self.client = PinnedClient(client._compiled)
        self.watch: Watch = self.client.compiled.bulk_watch(
            session_ids=session_ids, inbox=self._inbox, **options
        )
        loop.add_reader(self._inbox.descriptor, self._inbox.deliver)
        self._end = weakref.finalize(
            self, _end_reading, weakref.ref(loop), self._inbox.descriptor, self.watch, os.getpid()
        )
        self._end.atexit = False  # the core ends its own
        self._permits = None if pace is None else Permits(self.watch, pace)
        self._is_awaited = False  # the inbox wakes one task

    async def next(self) -> tuple[Any, ...] | None:
        """Return the next change; None at the end."""
        while True:
            try:
                told: tuple[Any, ...] | None = self.watch.take_ready()
            except AuthenticationError:
                self.client.note_refusal()
                raise
            if told is not None:
                return told
            if self.watch.is_done:
                if self._permits is not None and self._permits.error is not None:
                    raise self._permits.error
                return None
            if self._is_awaited:
                raise ConfigurationError(
                    "This watch is being waited for already: ask for one change at a time."
                )
            self._is_awaited = True
            try:
                await self._inbox.wait()
            finally:
                self._is_awaited = False

    def close(self) -> None:
        if self._end.alive:
            self._end()
            self._inbox.end_wait()  # of a task that reads


# The inbox, which the descriptor is of, is kept by the loop, and leads back to who reads.
def _end_reading(
    loop: weakref.ref[asyncio.AbstractEventLoop], descriptor: int, reading: Any, process: int
) -> None:
    stop_reading(loop(), descriptor, process)
    reading.close()


class Keeping:
    """A compiled keeper, for asyncio."""

    def __init__(
        self, make: Callable[[Inbox], Any], on_lost: Callable[[Any], object] | None
    ) -> None:
        loop = running_loop()
        inbox = Inbox(loop)
        keeper = self.keeper = make(inbox)
        self._end = weakref.finalize(
            self, _end_reading, weakref.ref(loop), inbox.descriptor, keeper, os.getpid()
        )
        self._end.atexit = False  # the core ends its own
        was_told = False

        def tell() -> None:
            nonlocal was_told
            inbox.deliver()
            if keeper.is_lost and not was_told and on_lost is not None:
                was_told = True
                on_lost(keeper.session)

        loop.add_reader(inbox.descriptor, tell)

    def close(self) -> None:
        self._end()


def begin_keeper(
    client: AsyncClient,
    session_id: str,
    margin: float,
    on_lost: Callable[[Any], object] | None,
    calls: dict[str, Any],
) -> Keeping:
    """Return a keeper of the client's."""
    compiled = compiled_of(client._compiled)
    return Keeping(
        lambda inbox: compiled_keeper(compiled, session_id, margin, inbox, **calls), on_lost
    )
