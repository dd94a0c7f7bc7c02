"""tiun, for asyncio."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from .asynchronous import AsyncClient
from .tiun import TiunClient

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from ._core import TiunVerdict
    from .asynchronous import AsyncCallOptions
    from .client import ClientOptions


class AsyncTiunClient(AsyncClient[TiunClient]):
    """Asks tiun, for asyncio. Its arguments are those of TiunClient."""

    __slots__ = ()

    def __init__(
        self,
        access_token: str | None = None,
        *,
        base_url: str | None = None,
        sandbox: bool = False,
        header_name: str = "X-ACCESS-TOKEN",
        **options: Unpack[ClientOptions],
    ) -> None:
        self._client = TiunClient(
            access_token, base_url=base_url, sandbox=sandbox, header_name=header_name, **options
        )

    async def verify(self, session_id: str, **options: Unpack[AsyncCallOptions]) -> TiunVerdict:
        """Ask whether the session's content may be served; see ``TiunClient.verify``."""
        return cast("TiunVerdict", await self._ask("begin_verify", session_id, options))
