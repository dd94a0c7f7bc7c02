"""elizaOS, for asyncio."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from .asynchronous import AsyncClient
from .eliza import ElizaClient

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from ._core import ElizaSession
    from .asynchronous import AsyncCallOptions
    from .client import ClientOptions


class AsyncElizaClient(AsyncClient[ElizaClient]):
    """Asks an elizaOS server, for asyncio. Its arguments are those of ElizaClient."""

    __slots__ = ()

    def __init__(
        self,
        api_key: str | None = None,
        *,
        base_url: str | None = None,
        **options: Unpack[ClientOptions],
    ) -> None:
        self._client = ElizaClient(api_key, base_url=base_url, **options)

    async def get_session(
        self, session_id: str, **options: Unpack[AsyncCallOptions]
    ) -> ElizaSession:
        """Ask for the session, its expiry and the time left; see ``ElizaClient.get_session``."""
        return cast("ElizaSession", await self._ask("begin_get_session", session_id, options))
