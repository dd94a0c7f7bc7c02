"""Where a ledger is kept: a file of SQLite, or a database of PostgreSQL."""

from __future__ import annotations

import os
import re
from pathlib import Path

from ...errors import ConfigurationError
from ..errors import LedgerError
from .sql import Store

POSTGRES = ("postgresql://", "postgres://")
URL = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*)://")


def open_store(where: str | os.PathLike[str], *, create: bool) -> Store:
    """Open the ledger at a path or a URL. Raises LedgerError, ConfigurationError."""
    text = os.fspath(where)
    if text.startswith(POSTGRES):
        from .postgres import PostgresStore

        return PostgresStore(text, create=create)
    if scheme := URL.match(text):
        raise LedgerError(
            f"{scheme[1]}:// is no place for a ledger: name a file, or a postgresql:// URL"
        )
    if text in ("", ":memory:") or text.startswith("file:"):
        raise ConfigurationError(
            f"{text!r} is no place for a ledger, which has to be on a disk: pass the path of a file, "
            "in a temporary folder for a test"
        )
    from .sqlite import SqliteStore

    return SqliteStore(Path(text), create=create)


__all__ = ["Store", "open_store"]
