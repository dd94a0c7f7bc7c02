"""Where a ledger is kept: a file of SQLite, or a database of PostgreSQL."""

from __future__ import annotations

import os
from pathlib import Path

from .sql import Store

POSTGRES = ("postgresql://", "postgres://")


def open_store(where: str | os.PathLike[str], *, create: bool) -> Store:
    """Open the ledger at a path or a URL. Raises LedgerError."""
    text = os.fspath(where)
    if text.startswith(POSTGRES):
        from .postgres import PostgresStore

        return PostgresStore(text, create=create)
    from .sqlite import SqliteStore

    return SqliteStore(Path(text), create=create)


__all__ = ["Store", "open_store"]
