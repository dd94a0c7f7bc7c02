"""Ping Network, for asyncio."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from .asynchronous import AsyncClient
from .ping import PingClient

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from ._core import PingSessionStatus
    from .asynchronous import AsyncCallOptions
    from .client import ClientOptions


class AsyncPingClient(AsyncClient[PingClient]):
    """Asks Ping Network, for asyncio. Its arguments are those of PingClient."""

    __slots__ = ()

    def __init__(
        self,
        api_key: str | None = None,
        *,
        base_url: str | None = None,
        authorization_scheme: str = "raw",
        **options: Unpack[ClientOptions],
    ) -> None:
        self._client = PingClient(
            api_key, base_url=base_url, authorization_scheme=authorization_scheme, **options
        )

    async def session_status(
        self, session_id: str, **options: Unpack[AsyncCallOptions]
    ) -> PingSessionStatus:
        """Ask what the session is doing and has used; see ``PingClient.session_status``."""
        return cast(
            "PingSessionStatus", await self._ask("begin_session_status", session_id, options)
        )
