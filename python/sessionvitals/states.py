"""What a session is doing, in one vocabulary for all providers."""

from __future__ import annotations

import enum


class SessionState(str, enum.Enum):
    """What a session is doing. Each compares equal to its name in lower case."""

    #: Running now: serve, bill, talk.
    ACTIVE = "active"
    #: Accepted, not started.
    PENDING = "pending"
    #: Finished, for whatever reason.
    ENDED = "ended"
    #: Finished by running out of time.
    EXPIRED = "expired"
    #: The provider knows no such session.
    NOT_FOUND = "not_found"
    #: The provider says no, and does not say why.
    DENIED = "denied"
    #: A word we do not know yet; ``Session.provider_state`` has it.
    UNKNOWN = "unknown"

    def __str__(self) -> str:
        return self.value


#: The states after which no other is expected. ``SessionState.UNKNOWN`` is none of them.
FINAL = frozenset(
    {SessionState.ENDED, SessionState.EXPIRED, SessionState.NOT_FOUND, SessionState.DENIED}
)
