"""Maple, which does not exist: is this tree's sap running?"""

from __future__ import annotations

from typing import Any

from .. import _core
from ..options import given
from .client import Client


class MapleClient(Client):
    """Asks Maple."""

    __slots__ = ()

    provider = "maple"

    def __init__(
        self, api_key: str | None = None, *, base_url: str | None = None, **options: Any
    ) -> None:
        self._cancel = None
        self._compiled = _core.MapleClient(api_key, base_url=base_url, **given(**options))

    def sap(self, session_id: str, **options: Any) -> Any:
        """Ask what the tree's sap does."""
        return self._compiled.sap(session_id, **options)
