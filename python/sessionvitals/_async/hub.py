"""What an event loop has to hear from the compiled core's thread.

The thread puts answers in an inbox and makes a descriptor readable, once for many. A loop has one
inbox for all its clients; a client works from any loop.
"""

from __future__ import annotations

import asyncio
import os
import weakref
from typing import TYPE_CHECKING

from .._core import Inbox, cancel_begun

if TYPE_CHECKING:
    from .._core import CancelToken


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
