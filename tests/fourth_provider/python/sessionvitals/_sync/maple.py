"""Maple, which does not exist: is this tree's sap running?"""

from __future__ import annotations

from typing import Any

from .. import _core
from ..options import check_optional_text, to_settings
from .client import Client


class MapleClient(Client):
    """Asks Maple."""

    __slots__ = ()

    provider = "maple"

    def __init__(
        self, api_key: str | None = None, *, base_url: str | None = None, **options: Any
    ) -> None:
        check_optional_text(api_key=api_key, base_url=base_url)
        self._cancel = None
        self._compiled = _core.MapleClient(api_key, base_url, to_settings(**options))

    def sap(self, session_id: str, **options: Any) -> Any:
        """Ask what the tree's sap does."""
        return self._compiled.sap(session_id, **options)
