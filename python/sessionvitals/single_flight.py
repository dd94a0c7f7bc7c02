"""Answers that equal probes share: those on their way, and those that came a moment ago.

Only for calls that say ``max_age=``. By default every probe is a request of its own, because an
answer on its way may have been read by the vendor before the caller changed something: who ends a
session and then asks must not be told that it still runs. Nor is an error ever shared: a caller's
deadline, cancel and retries are its own.

A client and its views share one memory of answers, and no other client, so that none crosses
credentials.
"""

from __future__ import annotations

import os
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeout
from threading import Lock
from time import monotonic

from .errors import CallCancelled, ConfigurationError, DeadlineExceeded

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from ._core import CancelToken, Session

#: Answers kept at most, the oldest forgotten first: some 20 MB.
MOST = 10_000
#: A token is looked at this often while another caller's answer is waited for, in seconds.
BETWEEN_LOOKS = 0.05

# One for all, held for a few steps at a time, so that a fork can wait for it.
_lock = Lock()
os.register_at_fork(
    before=_lock.acquire, after_in_parent=_lock.release, after_in_child=_lock.release
)


class Asked:
    """One request: who asked waits for its answer in the usual way, others for ``done``."""

    __slots__ = ("answer", "at", "done", "process")

    def __init__(self, at: float) -> None:
        self.at = at
        self.process = os.getpid()
        self.answer: Session | None = None
        self.done: Future[None] = Future()


def join(known: dict[str, Asked], session_id: str, max_age: float) -> tuple[Asked, bool]:
    """Return the request to share, and whether it is the caller's own to make."""
    now = monotonic()
    with _lock:
        asked = known.pop(session_id, None)
        # In a forked child, nobody is left to answer what the parent asked.
        can_answer = asked is not None and (asked.answer or asked.process == os.getpid())
        is_own = asked is None or not can_answer or now - asked.at > max_age
        if asked is None or is_own:
            asked = Asked(now)
        while len(known) >= MOST:
            del known[next(iter(known))]
        known[session_id] = asked
    return asked, is_own


def settle(known: dict[str, Asked], session_id: str, asked: Asked, answer: Session | None) -> None:
    """Tell those who wait; None if there is no answer to share."""
    asked.answer = answer
    if answer is None:
        with _lock:
            if known.get(session_id) is asked:
                del known[session_id]
    asked.done.set_result(None)


def check_sharing(max_age: object, asks_by_patch: bool, reuse_patch: bool) -> float:
    """Return the age. Raises ConfigurationError if it is none, or must not be given."""
    is_number = isinstance(max_age, (int, float)) and not isinstance(max_age, bool)
    if not is_number or not 0 <= float(max_age) <= 86_400:  # type: ignore[arg-type]
        raise ConfigurationError("max_age must be from 0 to 86400 seconds.")
    if asks_by_patch and not reuse_patch:
        raise ConfigurationError(
            "max_age is not for this vendor: its question is a PATCH, which may do more than ask. "
            "Pass reuse_patch=True as well if an answer to an earlier one will do."
        )
    return float(max_age)  # type: ignore[arg-type]


def probe(
    known: dict[str, Asked],
    session_id: str,
    max_age: float,
    ask: Callable[[float], Session],
    deadline: float,
    cancel: CancelToken | None,
) -> Session:
    """Return an answer at most that old; ``ask(seconds left)`` makes a request for it."""
    end = monotonic() + deadline
    asked, is_own = join(known, session_id, max_age)
    if is_own:
        answer = None
        try:
            answer = ask(deadline)
        finally:
            settle(known, session_id, asked, answer)
        return answer
    while asked.answer is None and not asked.done.done():
        rest = end - monotonic()
        if cancel is not None and cancel.is_cancelled:
            raise CallCancelled(
                "The call was cancelled while it waited for another's answer.", phase="queue"
            )
        if rest <= 0:
            raise out_of_time()
        try:
            asked.done.result(rest if cancel is None else min(rest, BETWEEN_LOOKS))
        except FutureTimeout:
            continue
    return asked.answer if asked.answer is not None else ask(max(end - monotonic(), 1e-6))


async def probe_async(
    known: dict[str, Asked],
    session_id: str,
    max_age: float,
    ask: Callable[[float], Awaitable[Session]],
    deadline: float,
) -> Session:
    """Return an answer at most that old, as ``probe`` does."""
    import asyncio

    end = monotonic() + deadline
    asked, is_own = join(known, session_id, max_age)
    if is_own:
        answer = None
        try:
            answer = await ask(deadline)
        finally:
            settle(known, session_id, asked, answer)
        return answer
    if asked.answer is None:
        # Shielded: who gives up waiting must not cancel what others wait for.
        waiting = asyncio.shield(asyncio.wrap_future(asked.done))
        try:
            await asyncio.wait_for(waiting, end - monotonic())
        except asyncio.TimeoutError:
            raise out_of_time() from None
    return asked.answer if asked.answer is not None else await ask(max(end - monotonic(), 1e-6))


def out_of_time() -> DeadlineExceeded:
    return DeadlineExceeded(
        "The deadline passed while it waited for the answer to another's equal call. Allow more "
        "time by deadline=, or ask without max_age=.",
        phase="queue",
    )
