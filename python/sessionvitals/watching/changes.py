"""What a watch tells, and how it can end."""

from __future__ import annotations

from datetime import datetime

from .._core import Session
from ..errors import SessionVitalsError
from ..lazy_import import Any

TYPE_CHECKING = False  # typing itself is not imported: `import sessionvitals` is to be cheap
if TYPE_CHECKING:
    from typing import NoReturn

    from ..states import SessionState


class Change:
    """What a watch tells of one session. It does not change."""

    __slots__ = (
        "after",
        "before",
        "error",
        "inferred",
        "missed",
        "observed_at",
        "provider",
        "reason",
        "session_id",
    )

    provider: str
    session_id: str
    #: None if the session had not been seen before.
    before: Session | None
    #: Of a trouble, the session as it was seen last; of state ``unknown`` if it never was.
    after: Session
    #: ``first``: as it was found. ``changed``. ``final``: it is not followed any more. ``trouble``:
    #: it could not be looked at for some time, see ``error``. ``recovered``: it can be again.
    reason: str
    #: True if there was a gap between ``before`` and ``after`` in which more may have happened.
    #: False does not promise that nothing did: a state that is shorter than the time between looks
    #: is not seen.
    missed: bool
    #: ``expired`` if the vendor no longer knows the session and its known end had passed.
    inferred: SessionState | None
    #: By this machine's clock.
    observed_at: datetime
    #: Why the session could not be looked at; None if it could.
    error: SessionVitalsError | None

    def __init__(
        self,
        provider: str,
        session_id: str,
        before: Session | None,
        after: Session,
        reason: str,
        missed: bool,
        inferred: SessionState | None,
        observed_at: datetime,
        error: SessionVitalsError | None = None,
    ) -> None:
        for name, value in (
            ("provider", provider),
            ("session_id", session_id),
            ("before", before),
            ("after", after),
            ("reason", reason),
            ("missed", missed),
            ("inferred", inferred),
            ("observed_at", observed_at),
            ("error", error),
        ):
            object.__setattr__(self, name, value)

    def _parts(self) -> tuple[Any, ...]:
        return (
            self.provider,
            self.session_id,
            self.before,
            self.after,
            self.reason,
            self.missed,
            self.inferred,
            self.observed_at,
            self.error,
        )

    def to_dict(self) -> dict[str, object]:
        """Return the change as JSON has it."""
        return {
            "provider": self.provider,
            "session_id": self.session_id,
            "before": None if self.before is None else self.before.to_dict(),
            "after": self.after.to_dict(),
            "reason": self.reason,
            "missed": self.missed,
            "inferred": None if self.inferred is None else self.inferred.value,
            "observed_at": self.observed_at.isoformat(),
            "error": None if self.error is None else self.error.to_dict(),
        }

    def _repr_html_(self) -> str:
        from ..showing.notebook import html_of_value

        return html_of_value(self)

    def as_final(self) -> Change:
        """Return the same change with the reason ``final``."""
        return Change(
            self.provider,
            self.session_id,
            self.before,
            self.after,
            "final",
            self.missed,
            self.inferred,
            self.observed_at,
            self.error,
        )

    def __setattr__(self, name: str, value: object) -> NoReturn:
        raise AttributeError(f"a Change does not change: cannot set {name}")

    def __delattr__(self, name: str) -> NoReturn:
        raise AttributeError(f"a Change does not change: cannot delete {name}")

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Change):
            return NotImplemented
        return self._parts() == other._parts()

    def __hash__(self) -> int:
        return hash((self.provider, self.session_id, self.reason, self.observed_at))

    def __reduce__(self) -> tuple[object, ...]:
        return Change, self._parts()

    def __repr__(self) -> str:
        before = None if self.before is None else self.before.state
        return f"Change({self.session_id!r}, {before} -> {self.after.state}, {self.reason!r})"


class WatchTimeout(SessionVitalsError, TimeoutError):
    """The session did not come into the state that was waited for, in the time allowed."""

    def __init__(self, text: str = "", /, *, session: Session | None = None) -> None:
        super().__init__(text)
        #: As it was seen last; None if it was not seen.
        self.session = session


class StateImpossible(SessionVitalsError):
    """The session has come to another end than the one that was waited for."""

    def __init__(self, text: str = "", /, *, session: Session | None = None) -> None:
        super().__init__(text)
        #: As it was seen last.
        self.session = session
