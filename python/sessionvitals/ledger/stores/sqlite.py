"""The embedded database: SQLite, of the standard library."""

from __future__ import annotations

import contextlib
import fcntl
import os
import sqlite3
from collections.abc import Iterator, Sequence
from pathlib import Path

from ..errors import LedgerError
from . import schema
from .sql import Row, Store

#: In the header of each of our files: "SVLG".
APPLICATION_ID = 0x53564C47
LEAST_VERSION = (3, 37, 0)  # STRICT tables, RETURNING


class SqliteStore(Store):
    """A file. Beside it, ``FILE.lock`` is held by the one that writes."""

    BEGIN = "BEGIN IMMEDIATE"

    def __init__(self, path: Path, *, create: bool) -> None:
        super().__init__()
        self.name: str = str(path)
        self._path = path.absolute()  # a program may go to another folder
        self.file = os.path.realpath(path)
        self._lock: int | None = None
        if sqlite3.sqlite_version_info < LEAST_VERSION:
            raise LedgerError(
                f"a ledger needs SQLite 3.37 or newer, and this Python has {sqlite3.sqlite_version}"
            )
        if not path.exists():
            if not create:
                raise LedgerError(f"{path}: there is no ledger")
            # SQLite would delete it for the new file, which it is not of.
            if Path(f"{self.file}-wal").exists():
                raise LedgerError(
                    f"{path}: the file has gone, and {self.file}-wal has what was recorded last: put "
                    "the file back beside it"
                )
        # SQLite reads through files beside this one, and a disk that is read only lets it make none.
        # Nobody writes there either, so what is in the file is all, unless a -wal was copied with it.
        self._is_archived = (
            path.exists() and is_read_only(path) and not Path(f"{path}-wal").exists()
        )
        uri = f"{path.resolve().as_uri()}?mode=ro&immutable=1"
        with self._explained():
            self._connection = sqlite3.connect(
                # Absolute, or SQLite reads the names :memory: and file:... its own way.
                uri if self._is_archived else self._path,
                isolation_level=None,
                timeout=10,
                uri=self._is_archived,
            )
        try:
            self._opened = path.stat()
            self._open(create)
        except BaseException as error:
            self.close()
            if "readonly" in str(error.__cause__) and not may_write(Path(self.file).parent):
                raise LedgerError(
                    f"{path}: SQLite reads a ledger through files that it makes beside it, and this "
                    "user may make none there: get the right to write in the folder, or read a copy"
                ) from error
            raise

    def _open(self, create: bool) -> None:
        ((application,),) = self.execute("PRAGMA application_id")
        ((version,),) = self.execute("PRAGMA user_version")
        ((tables,),) = self.execute("SELECT COUNT(*) FROM sqlite_master")
        is_new = not application and not version and not tables
        if is_new and not create:
            raise LedgerError(f"{self.name}: the file is empty and no ledger")
        if not is_new and application != APPLICATION_ID:
            raise LedgerError(f"{self.name}: a database, but no ledger; nothing was changed")
        if not is_new and version < 1:
            raise LedgerError(
                f"{self.name}: the ledger is damaged: its version is {version}; nothing was changed"
            )
        if version > schema.VERSION:
            raise LedgerError(
                f"{self.name}: a ledger of version {version}, made by a newer sessionvitals; this "
                f"one knows up to version {schema.VERSION}. Upgrade sessionvitals"
            )
        # WAL lets others read while one writes. FULL: what was committed survives a power cut.
        if not self._is_archived:
            self.execute("PRAGMA journal_mode = WAL")
        self.execute("PRAGMA synchronous = FULL")
        self.execute("PRAGMA cache_size = -65536")
        if version < schema.VERSION:
            self.become_writer()
            self._migrate()
            self.stop_writing()
        self.check_tables()

    def _migrate(self) -> None:
        with self.transaction():
            ((version,),) = self.execute("PRAGMA user_version")
            for each in schema.statements(
                version, key="INTEGER PRIMARY KEY", integer="INTEGER", strict=" STRICT"
            ):
                self.execute(each)
            self.execute(f"PRAGMA application_id = {APPLICATION_ID}")
            self.execute(f"PRAGMA user_version = {schema.VERSION}")

    @contextlib.contextmanager
    def transaction(self) -> Iterator[None]:
        self._require_in_place()
        with super().transaction():
            yield

    def _require_in_place(self) -> None:
        """Raise LedgerError if what is written would not be found again."""
        with contextlib.suppress(OSError):
            if os.path.samestat(self._path.stat(), self._opened):
                return
        raise LedgerError(
            f"{self.name}: the file was moved or deleted while it was open; nothing more is recorded"
        )

    def lock(self) -> None:
        # Not the database itself: closing any descriptor of it would drop SQLite's own locks.
        path = f"{os.path.realpath(self._path)}.lock"
        try:
            descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)
        except OSError as error:
            raise LedgerError(f"{path}: {error.strerror or error}") from error
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(descriptor)
            raise LedgerError(f"{self.name}: another process is writing this ledger") from None
        self._lock = descriptor

    def unlock(self) -> None:
        if self._lock is not None:
            # A child that was forked meanwhile has the descriptor too, and closing ours would leave
            # it the lock. In the child itself the lock is the parent's.
            if self._process == os.getpid():
                fcntl.flock(self._lock, fcntl.LOCK_UN)
            os.close(self._lock)
            self._lock = None

    @contextlib.contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            raise LedgerError(f"{self.name}: {error}") from error

    def execute(self, sql: str, parameters: Sequence[object] = ()) -> list[Row]:
        with self._explained():
            return self._connection.execute(sql, parameters).fetchall()

    def execute_many(self, sql: str, rows: Sequence[Sequence[object]]) -> int:
        with self._explained():
            return self._connection.executemany(sql, rows).rowcount

    def stream(self, sql: str, parameters: Sequence[object] = ()) -> Iterator[Row]:
        with self._explained():
            cursor = self._connection.cursor()
            try:
                cursor.execute(sql, parameters)
                while rows := cursor.fetchmany(4096):
                    yield from rows
            finally:
                with contextlib.suppress(sqlite3.Error):  # the ledger may be closed by now
                    cursor.close()

    def close(self) -> None:
        self._connection.close()
        self.unlock()


def is_read_only(path: Path) -> bool:
    """Return whether the file is on a disk that is mounted to be read only."""
    return bool(os.statvfs(path).f_flag & os.ST_RDONLY)


def may_write(folder: Path) -> bool:
    """Return whether this process may make files in the folder."""
    return os.access(folder, os.W_OK, effective_ids=True)
