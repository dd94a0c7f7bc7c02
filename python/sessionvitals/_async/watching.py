"""What the clients of all vendors have for following sessions."""

from __future__ import annotations

# What annotations name is imported for those who look at them at run time; from where it is
# defined, as collections costs more to import than all of this.
from _collections_abc import Iterable
from datetime import timedelta
from time import monotonic

from .._core import CancelToken, Session
from ..errors import AuthenticationError
from ..lazy_import import Any, ClassVar
from ..options import given
from ..pacing.pace import Pace
from ..watching.options import Until, ended_otherwise, read_until, seconds
from .watch import AsyncManyWatch, AsyncWatch

TYPE_CHECKING = False


class AsyncWatchingClient:
    """What AsyncClient has for following sessions."""

    __slots__ = ()

    if TYPE_CHECKING:
        provider: ClassVar[str]
        _compiled: Any

    def watch(
        self,
        session_id: str,
        *,
        deadline: float | timedelta | None,
        until: Until | None = None,
        every: float | timedelta | None = None,
        missing: str = "end",
        counters: bool = False,
        expiry: bool = False,
        resume: str | None = None,
        timeout: float | timedelta | None = None,
        max_retries: int | None = None,
        cancel: CancelToken | None = None,
    ) -> AsyncWatch:
        """Follow a session until it ends: an iterator of every Change, and a context manager.

        The first change comes at once and tells how the session was found. After it, a change is
        another ``state`` or ``provider_state``; with ``counters`` also other numbers, with
        ``expiry`` another ``expires_at``. Looks can miss a state that is shorter than the time
        between them.

        ``deadline`` must be given: for the whole watch, calls and waits included, in seconds or as
        a timedelta; None for none. When it passes the iterator ends.

        ``until`` is a SessionState, some of them, or a function that is asked of the session of
        every change and says yes to the one that is wanted. Left out, it is any state after which
        no other is expected: ended, expired, not_found, denied. Where one of those comes that is
        not wanted, the watch ends as well: ``outcome`` tells. With ``until=()`` it goes on, for
        Ping's reusable sessions, which connect again; only a session that the vendor no longer
        knows is over then, too.

        ``missing`` says what "not found" means at first: "end", or "wait" for a session that is
        expected to appear. ``every`` is the time from look to look. Left out, it begins with 1 s for
        Ping and 5 s for elizaOS, and grows to 60 s while nothing changes; a session that says when
        it ends is looked at then. tiun wants ``every``, at least 1 s: each look is a PATCH, which the
        vendor may count. All watches of a client share one thread, and one budget of looks.

        A look that fails is made again later. That is told as a ``trouble`` once it has lasted 30 s,
        and the end of it as ``recovered``. An outage does not end a watch; its deadline does.
        ``resume`` is the ``token()`` of an earlier watch: only what is different is told.
        ``timeout`` and ``max_retries`` are those of each look.

        Raises:
            ConfigurationError: The id cannot be sent, or an option cannot be used.

        The iterator raises:
            AuthenticationError: The vendor does not know the key.
            PermissionDeniedError: The vendor does not let the key ask.
            CallCancelled: ``cancel`` was cancelled.
        """
        return AsyncWatch(
            self,
            [session_id],
            given(timeout=timeout, max_retries=max_retries, cancel=cancel),
            until=until,
            deadline=deadline,
            every=every,
            rate=None,
            missing=missing,
            counters=counters,
            expiry=expiry,
            resume=resume,
        )

    def watch_many(
        self,
        session_ids: Iterable[str] = (),
        *,
        deadline: float | timedelta | None,
        until: Until | None = None,
        every: float | timedelta | None = None,
        rate: float | None = None,
        missing: str = "end",
        counters: bool = False,
        expiry: bool = False,
        resume: str | None = None,
        events: str = "auto",
        events_idle_timeout: float | timedelta | None = None,
        pace: Pace | None = None,
        timeout: float | timedelta | None = None,
        max_retries: int | None = None,
        cancel: CancelToken | None = None,
    ) -> AsyncManyWatch:
        """Follow many sessions, as ``watch`` does one. ``add`` and ``discard`` change which.

        The iterator ends when none is left to follow. ``rate`` is how many looks a second there are
        at most, for all watches of the client together; the lowest of those that are open holds.
        Left out, it is 20, and 1 for elizaOS, whose server allows no more. ``lag`` is how late looks
        are for it. tiun wants an ``every`` of at least 10 s.

        With a ``pace``, in place of ``rate``, each look takes a permit of it, from a thread of the
        watch's; what is sent again after a failure takes no further one, and neither does a stream
        of events. A 429 closes the pace for as long as it says. A ``RedisPace`` is shared by
        processes. What a pace raises, the iterator raises.

        While its changes are not read a watch holds 1,000 of them, and beyond that one a session,
        merged: its ``before`` is that of the first, ``after`` that of the last, and it is ``missed``.
        elizaOS is asked for the list of all live sessions, once for three sessions and more.

        Ping's stream of events is open for three sessions and more, with ``events="auto"``; "never"
        is to look only. The watches of a client share one. An event is a reason to look at its
        session at once, and is no answer itself. After a heartbeat the next look is 60 s later, and
        5 minutes after the last look at the latest; not with ``every`` or ``counters``. When the
        stream opens, and after each gap, all sessions are looked at again, and what has changed is
        ``missed``. A stream that says nothing for ``events_idle_timeout`` (90 s), not even a
        comment, is opened again. That, a stream that is refused, and one that is away for 30 s, is
        told once, as a ``trouble`` with the stream's error, of any of the sessions; looks go on.

        Raises:
            ConfigurationError: An id cannot be sent, or an option cannot be used.

        The iterator raises, beside the errors of ``watch``:
            ContractError: None of three sessions or more is known: they are another account's.
        """
        if isinstance(session_ids, str):
            raise TypeError("session_ids is one id: pass a list of them, or use watch")
        return AsyncManyWatch(
            self,
            session_ids,
            given(timeout=timeout, max_retries=max_retries, cancel=cancel),
            until=until,
            deadline=deadline,
            every=every,
            rate=rate,
            missing=missing,
            counters=counters,
            expiry=expiry,
            resume=resume,
            events=events,
            events_idle_timeout=events_idle_timeout,
            pace=pace,
        )

    async def wait_for(
        self,
        session_id: str,
        until: Until,
        *,
        deadline: float | timedelta | None,
        every: float | timedelta | None = None,
        missing: str = "end",
        timeout: float | timedelta | None = None,
        max_retries: int | None = None,
        cancel: CancelToken | None = None,
    ) -> Session:
        """Follow a session until it is in that state, and return it. As ``watch``, in short.

        Raises:
            WatchTimeout: It did not come into the state within ``deadline``.
            StateImpossible: It came to another end, after which no other state is expected.
            ConfigurationError: The id cannot be sent, or an option cannot be used.
            AuthenticationError: The vendor does not know the key.
            PermissionDeniedError: The vendor does not let the key ask.
            CallCancelled: ``cancel`` was cancelled.
        """
        states, judge = read_until(until)
        left = seconds("deadline", deadline)
        end = None if left is None else monotonic() + left
        may_begin_anew = True
        while True:
            last = None
            async with self.watch(
                session_id,
                deadline=left,
                until=states if judge is None else judge,
                every=every,
                missing=missing,
                timeout=timeout,
                max_retries=max_retries,
                cancel=cancel,
            ) as watch:
                try:
                    async for change in watch:
                        last = change
                except AuthenticationError:
                    if not (may_begin_anew and watch._has_other_key):
                        raise
                    may_begin_anew = False
                    left = None if end is None else max(end - monotonic(), 0.001)
                    continue
                if watch.outcome == "reached" and last is not None:
                    return last.after
                raise ended_otherwise(session_id, watch.outcome, last)
