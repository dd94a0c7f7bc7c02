"""The ids of a bulk, each with a permit of a pace."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from .._core import BulkProbe
    from .pace import Pace

#: The longest that a wait for a permit goes without a look at the bulk, in seconds.
LONGEST_WAIT = 0.05
#: Permits are waited for so long, if the burst holds them meanwhile: to wake for each costs more
#: than to ask for a session.
GATHER = 0.005


class PermitDue(Exception):
    """The next id has no permit yet. The iterator goes on where it was."""

    def __init__(self, seconds: float | None) -> None:
        super().__init__()
        #: When to draw again; None if the pace is to be renewed before.
        self.seconds: float | None = seconds if seconds is None else min(seconds, LONGEST_WAIT)


class PacedIds:
    """An iterator over ids that raises PermitDue in place of an id that has no permit.

    An id that occurs more than once takes a permit the first time, as the bulk asks for it once.
    Once the bulk is over nothing is asked for, and nothing takes a permit.
    """

    def __init__(
        self, ids: Iterator[str], repeated: dict[str, int], bulk: BulkProbe, pace: Pace
    ) -> None:
        self._ids = ids
        self._not_again = dict.fromkeys(repeated, False)
        self._bulk = bulk
        self._pace = pace
        self._held: list[str] = []
        self._gather = min(GATHER, (pace.burst - 1) / pace.rate / 2)

    def __iter__(self) -> PacedIds:
        return self

    def __next__(self) -> str:
        session_id = self._held[0] if self._held else next(self._ids)
        if self._takes_permit(session_id):
            closed_for = self._bulk.closed_for
            if closed_for > 0:
                self._pace.close_for(closed_for)
            wait = self._pace.try_take()
            if wait != 0.0:
                self._held = [session_id]
                raise PermitDue(None if wait is None else max(wait, self._gather))
            if session_id in self._not_again:
                self._not_again[session_id] = True
        self._held = []
        return session_id

    def end(self) -> None:
        """Draw no more ids. One that was drawn and waits for a permit still comes."""
        self._ids = iter(())

    def _takes_permit(self, session_id: object) -> bool:
        # What is no text is not sent.
        if self._bulk.is_over or not isinstance(session_id, str):
            return False
        return not self._not_again.get(session_id, False)
