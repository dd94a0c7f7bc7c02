"""Maple, which does not exist: is this tree's sap running?"""

from __future__ import annotations

from datetime import timedelta

from .. import _core
from .._core import CancelToken, MapleSap
from ..options import given
from .carrier import carry
from .client import AsyncClient

__all__ = ["AsyncMapleClient", "MapleSap"]


class AsyncMapleClient(AsyncClient):
    """Asks Maple."""

    __slots__ = ()

    provider = "maple"

    _compiled: _core.MapleClient

    def __init__(
        self,
        api_key: str | None = None,
        *,
        base_url: str | None = None,
        timeout: float | timedelta | None = None,
        max_retries: int | None = None,
        cancel: CancelToken | None = None,
    ) -> None:
        self._cancel = cancel
        self._compiled = _core.MapleClient(
            api_key,
            base_url=base_url,
            **given(timeout=timeout, max_retries=max_retries, cancel=cancel),
        )

    async def sap(
        self,
        session_id: str,
        *,
        timeout: float | timedelta | None = None,
        max_retries: int | None = None,
        resend_unsafe: bool | None = None,
        cancel: CancelToken | None = None,
    ) -> MapleSap:
        """Ask what the tree's sap does."""
        answer: MapleSap = await carry(
            self, "sap", (session_id,), timeout, max_retries, resend_unsafe, cancel
        )
        return answer
