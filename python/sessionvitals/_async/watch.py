"""Following sessions until they end."""

from __future__ import annotations

from ..errors import ConfigurationError
from ..watching.changes import Change
from ..watching.options import Until, judged, read_options, read_until, to_change
from .following import Changes

TYPE_CHECKING = False  # typing itself is not imported: `import sessionvitals` is to be cheap
if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import timedelta
    from typing import Any

    from typing_extensions import Self

    from ..pacing.pace import Pace
    from .watching import AsyncWatchingClient


class AsyncWatch:
    """The changes of some sessions, as they are seen. See ``AsyncClient.watch``.

    It is an iterator, for one loop, and a context manager, which closes it at the end of the block:
    no further request is made then, and one on its way is cancelled.
    """

    _is_of_many = False

    def __init__(
        self,
        client: AsyncWatchingClient,
        session_ids: Iterable[str],
        calls: dict[str, Any],
        *,
        until: Until | None,
        deadline: float | timedelta | None,
        every: float | timedelta | None,
        rate: float | None,
        missing: str,
        counters: bool,
        expiry: bool,
        resume: str | None,
        pace: Pace | None = None,
        **events: Any,
    ) -> None:
        options = read_options(
            until, deadline, every, rate, missing, counters, expiry, resume, pace=pace, **events
        )
        self._provider = client.provider
        self._judge = read_until(until)[1]
        self._has_unwanted = False  # an end that the caller's function does not want
        self._has_iterator = False
        self._changes = Changes(
            client, list(session_ids), {**options, "is_of_many": self._is_of_many, **calls}, pace
        )

    def __aiter__(self) -> Self:
        if self._has_iterator:
            raise ConfigurationError("a watch is read by one loop: make another watch.")
        self._has_iterator = True
        return self

    async def __anext__(self) -> Change:
        told = await self._changes.next()
        if told is None:
            raise StopAsyncIteration
        change = to_change(self._provider, told)
        if self._judge is None or change.reason == "trouble":
            return change
        had_unwanted = self._has_unwanted
        self._has_unwanted = had_unwanted or change.reason == "final"  # also if judging raises
        # With an error, the session is the last that was seen, or none: nothing to be judged.
        if change.error is not None or not judged(self._judge, change.after):
            return change
        self._has_unwanted = had_unwanted
        self._changes.watch.discard(change.session_id, True)
        return change.as_final()

    @property
    def _has_other_key(self) -> bool:
        return self._changes.client.has_other_key

    def token(self) -> str:
        """Return what a later watch, in any process, needs to go on: its ``resume``.

        It is JSON with the ids and states of the sessions that are followed, and no credential. A
        change that was not read yet is told by the later watch, and one that was read just before
        may be told twice.
        """
        return self._changes.watch.token()

    @property
    def outcome(self) -> str | None:
        """How the watch ended; None while it has not.

        ``reached``: every session came into a state of ``until``. ``ended``: some came to another
        end. ``deadline``: the time was over. ``closed``: by ``close``, or by an error.
        """
        outcome = self._changes.watch.outcome
        if self._judge is not None and outcome in ("reached", "ended"):
            return "ended" if self._has_unwanted else "reached"
        return outcome

    async def close(self) -> None:
        """End the watch: no further request is made. What was not read is dropped."""
        self._changes.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *exception: object) -> None:
        await self.close()

    def __reduce__(self) -> tuple[object, ...]:
        raise TypeError("a watch is not pickled or copied: pass its token() to resume=")


class AsyncManyWatch(AsyncWatch):
    """A watch of many sessions, which may come and go. See ``AsyncClient.watch_many``."""

    _is_of_many = True

    def add(self, session_id: str) -> None:
        """Follow one more session. One that is followed already is left as it is.

        Raises:
            ConfigurationError: The id cannot be sent.
        """
        self._changes.watch.add(session_id)

    def discard(self, session_id: str) -> None:
        """Follow the session no more, and drop its changes. Nothing if it is not followed."""
        self._changes.watch.discard(session_id, False)

    def __len__(self) -> int:
        return len(self._changes.watch)

    def __bool__(self) -> bool:
        return True

    @property
    def lag(self) -> float:
        """By how many seconds looks of the client's are late against their plan."""
        return self._changes.watch.lag
