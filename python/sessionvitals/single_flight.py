"""Answers that equal probes share: those in flight, and those that came a moment ago.

Only for calls that say ``max_age=``. By default every probe is a request of its own, because an
answer in flight may be older than a change that the caller has just made: after ending a session,
a caller must not be told that it still runs. Errors are never shared: a caller's timeout, cancel
and retries are its own.

A client and its views share one memory of answers, and no other client, so that none crosses
credentials.

There is no lock. A signal handler may run between any two steps of a thread, and may probe or fork
itself: a lock that its own thread holds would never be free. Each change of the shared dict is one
operation, which CPython does whole. Threads that meet in between make one request more at worst.
"""

from __future__ import annotations

import os
from _thread import allocate_lock, get_ident
from _weakref import ref  # weakref costs more to import
from time import monotonic

from .errors import CallCancelled, ConfigurationError, DeadlineExceeded

TYPE_CHECKING = False
if TYPE_CHECKING:
    from asyncio import AbstractEventLoop
    from collections.abc import Awaitable, Callable

    from ._core import CancelToken, Session

#: Answers kept at most, the oldest forgotten first: some 20 MB.
MAX_KEPT = 10_000
#: A waiting thread checks its token, and whether it is in a forked child, so often, in seconds.
CHECK_INTERVAL = 0.05


class SharedCall:
    """One request, and the callers that wait for its answer."""

    __slots__ = (
        "_loop",
        "_process",
        "_thread",
        "answer",
        "is_given_up",
        "is_over",
        "started",
        "wakers",
    )

    def __init__(self, started: float, loop: AbstractEventLoop | None) -> None:
        self.started: float = started
        self.answer: Session | None = None
        self.is_over: bool = False
        #: Its caller ended it, or had no more time. That says nothing of what the vendor answers,
        #: so the callers that wait share another one.
        self.is_given_up: bool = False
        #: Called when it is over, each once.
        self.wakers: list[Callable[[], object]] = []
        self._loop = None if loop is None else ref(loop)
        self._thread = get_ident()
        self._process = os.getpid()

    @property
    def can_end(self) -> bool:
        """Whether anybody is left to answer: not in a fork's child, nor once its loop is closed."""
        if self._loop is not None:
            loop = self._loop()
            if loop is None or loop.is_closed():
                return False
        return self._process == os.getpid()

    def can_serve(self, max_age: float, now: float, loop: AbstractEventLoop | None) -> bool:
        """Return whether a caller may wait for its answer, or has it already."""
        if now - self.started > max_age:
            return False
        if self.answer is not None or self.is_over or not self.can_end:
            return self.answer is not None
        # A thread that makes the call cannot wait for itself, as a signal handler or another loop
        # would have it; tasks of one event loop can.
        if self._thread != get_ident():
            return True
        return self.is_of(loop)

    def is_of(self, loop: AbstractEventLoop | None) -> bool:
        """Return whether a task of this loop makes the call; False if a thread does."""
        return self._loop is not None and self._loop() is loop


def join_or_start(
    calls: dict[str, SharedCall],
    session_id: str,
    max_age: float,
    loop: AbstractEventLoop | None,
) -> tuple[SharedCall, bool]:
    """Return the call to share, and whether the caller has to make it."""
    now = monotonic()
    mine = SharedCall(now, loop)
    while True:
        shared = calls.setdefault(session_id, mine)
        if shared is mine:
            forget_oldest(calls)
            return mine, True
        if shared.can_serve(max_age, now, loop):
            return shared, False
        removed = calls.pop(session_id, None)
        if removed is not None and removed is not shared:
            calls.setdefault(session_id, removed)  # another thread was faster


def forget_oldest(calls: dict[str, SharedCall]) -> None:
    if len(calls) > MAX_KEPT:
        for session_id in list(calls)[: MAX_KEPT // 10 + 1]:
            calls.pop(session_id, None)


def publish(
    calls: dict[str, SharedCall], session_id: str, shared: SharedCall, answer: Session | None
) -> None:
    """Wake the callers that wait; None says that there is no answer to share."""
    shared.answer = answer
    shared.is_over = True
    if answer is None and calls.get(session_id) is shared:
        calls.pop(session_id, None)
    while shared.wakers:
        shared.wakers.pop()()


def is_of_the_caller(error: BaseException) -> bool:
    """Return whether a call ended for its caller's sake, as a cancelled task does."""
    return not isinstance(error, Exception) or isinstance(error, (CallCancelled, DeadlineExceeded))


def check_sharing(max_age: object, probe_is_unsafe: bool, reuse_patch: bool) -> float:
    """Return the age. Raises ConfigurationError if it is none, or must not be given."""
    is_number = isinstance(max_age, (int, float)) and not isinstance(max_age, bool)
    if not is_number or not 0 <= max_age <= 86_400:  # type: ignore[operator]
        raise ConfigurationError("max_age must be a number of seconds from 0 to 86400.")
    if probe_is_unsafe and not reuse_patch:
        raise ConfigurationError(
            "max_age is not for this vendor: its question is a PATCH, which may do more than ask. "
            "Pass reuse_patch=True as well if an answer to an earlier one will do."
        )
    return float(max_age)  # type: ignore[arg-type]


def probe(
    calls: dict[str, SharedCall],
    session_id: str,
    max_age: float,
    ask: Callable[[float], Session],
    timeout: float,
    cancel: CancelToken | None,
) -> Session:
    """Return an answer at most that old; ``ask(seconds left)`` makes a request for it."""
    end = monotonic() + timeout
    left = timeout
    while True:
        shared, is_own = join_or_start(calls, session_id, max_age, None)
        if is_own:
            answer = None
            try:
                answer = ask(left)
            except BaseException as error:
                shared.is_given_up = is_of_the_caller(error)
                raise
            finally:
                publish(calls, session_id, shared, answer)
            return answer
        if shared.answer is None:
            wait(shared, end, cancel)
        if shared.answer is not None:
            return shared.answer
        left = max(end - monotonic(), 1e-6)
        if not shared.is_given_up:
            return ask(left)


def wait(shared: SharedCall, end: float, cancel: CancelToken | None) -> None:
    """Wait until the call is over. Raises DeadlineExceeded at ``end``, CallCancelled on cancel."""
    is_over = allocate_lock()
    is_over.acquire()
    shared.wakers.append(is_over.release)
    while not shared.is_over and shared.can_end:
        if cancel is not None and cancel.is_cancelled:
            raise cancelled()
        rest = end - monotonic()
        if rest <= 0:
            raise out_of_time()
        is_over.acquire(timeout=min(rest, CHECK_INTERVAL))


async def probe_async(
    calls: dict[str, SharedCall],
    session_id: str,
    max_age: float,
    ask: Callable[[float], Awaitable[Session]],
    timeout: float,
    cancel: CancelToken | None,
) -> Session:
    """Return an answer at most that old, as ``probe`` does."""
    from ._async.hub import running_loop

    loop = running_loop()
    end = monotonic() + timeout
    left = timeout
    while True:
        shared, is_own = join_or_start(calls, session_id, max_age, loop)
        if is_own:
            answer = None
            try:
                answer = await ask(left)
            except BaseException as error:
                shared.is_given_up = is_of_the_caller(error)
                raise
            finally:
                publish(calls, session_id, shared, answer)
            return answer
        if shared.answer is None:
            await wait_async(shared, end, cancel, loop)
        if shared.answer is not None:
            return shared.answer
        left = max(end - monotonic(), 1e-6)
        if not shared.is_given_up:
            return await ask(left)


async def wait_async(
    shared: SharedCall, end: float, cancel: CancelToken | None, loop: AbstractEventLoop
) -> None:
    """Wait until the call is over, as ``wait`` does."""
    import asyncio
    from contextlib import suppress

    over: asyncio.Future[None] = loop.create_future()

    def end_wait() -> None:
        if not over.done():
            over.set_result(None)

    def wake() -> None:
        with suppress(RuntimeError):  # the loop is closed
            loop.call_soon_threadsafe(end_wait)

    shared.wakers.append(wake)
    # A loop that is closed, or that another process has, wakes nobody; this task's own runs.
    must_look = cancel is not None or not shared.is_of(loop)
    while not shared.is_over and shared.can_end:
        if cancel is not None and cancel.is_cancelled:
            raise cancelled()
        rest = end - monotonic()
        if rest <= 0:
            raise out_of_time()
        longest = min(rest, CHECK_INTERVAL) if must_look else rest
        # Not wait_for(), which until Python 3.11 loses a cancel that comes with the end.
        await asyncio.wait({over}, timeout=longest)


def cancelled() -> CallCancelled:
    return CallCancelled(
        "The call was cancelled while it waited for an equal call's answer.", phase="queue"
    )


def out_of_time() -> DeadlineExceeded:
    return DeadlineExceeded(
        "The time allowed passed while the call waited for an equal call's answer. Allow more by "
        "timeout=, or ask without max_age=.",
        phase="queue",
    )
