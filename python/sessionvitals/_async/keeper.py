"""Keeping an elizaOS session alive."""

from __future__ import annotations

from .._core import ElizaSession
from ..errors import ConfigurationError, SessionVitalsError
from ..options import check_callback
from ..watching.options import seconds
from .following import begin_keeper

TYPE_CHECKING = False  # typing itself is not imported: `import sessionvitals` is to be cheap
if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import timedelta
    from typing import Any

    from typing_extensions import Self

    from .client import AsyncClient


class AsyncKeeper:
    """Keeps a session alive until it is closed. See ``AsyncElizaClient.keep_alive``."""

    def __init__(
        self,
        client: AsyncClient,
        session_id: str,
        margin: float | timedelta,
        on_lost: Callable[[ElizaSession | None], object] | None,
        calls: dict[str, Any],
    ) -> None:
        check_callback("on_lost", on_lost)
        given = seconds("margin", margin)
        if given is None:
            raise ConfigurationError("margin must be seconds, or a datetime.timedelta.")
        self._keeping = begin_keeper(client, session_id, given, on_lost, calls)

    @property
    def session(self) -> ElizaSession | None:
        """The session as it was seen last; None before the first answer."""
        session: ElizaSession | None = self._keeping.keeper.session
        return session

    @property
    def error(self) -> SessionVitalsError | None:
        """Why the last request failed; None if it did not.

        After an error that may pass the request is made again.
        """
        error: SessionVitalsError | None = self._keeping.keeper.error
        return error

    @property
    def is_lost(self) -> bool:
        """True once the session is gone: at its maximum duration, deleted, or never there."""
        return bool(self._keeping.keeper.is_lost)

    @property
    def is_over(self) -> bool:
        """True once no request is made any more."""
        return bool(self._keeping.keeper.is_over)

    def check(self) -> None:
        """Look at the session now, as after a time in which the machine slept."""
        self._keeping.keeper.check()

    async def close(self) -> None:
        """Keep the session alive no more. It is not ended by that."""
        self._keeping.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *exception: object) -> None:
        await self.close()

    def __reduce__(self) -> tuple[object, ...]:
        raise TypeError("a keeper is not pickled or copied: make one where it is needed")
