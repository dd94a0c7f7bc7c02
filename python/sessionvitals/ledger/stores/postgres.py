"""PostgreSQL, by psycopg 3."""

from __future__ import annotations

import contextlib
import re
import time
from collections.abc import Iterator, Sequence
from typing import Any
from urllib.parse import SplitResult, urlsplit

from ..errors import LedgerError
from . import schema
from .sql import Row, Store

#: How long the lock of a writer that has just died is waited for, in seconds.
PATIENCE = 5.0
#: Within a database each ledger, which is a schema, has a lock of its own.
LOCK = "SELECT pg_try_advisory_lock(1398161479, hashtext(current_schema()))"
UNLOCK = "SELECT pg_advisory_unlock(1398161479, hashtext(current_schema()))"
TABLES = "SELECT COUNT(*) FROM pg_tables WHERE schemaname = current_schema() AND tablename LIKE ?"

#: What no URL has. libpq quotes the word that has it, which may be the password.
ODD = re.compile(r"\s|%(?![0-9A-Fa-f]{2})")

INSERT = (
    "INSERT INTO ledger_observations (session, source, event_id, vendor_at, seen_at, state, client, "
    f"duration, uploaded, downloaded) SELECT {', '.join(f'c{n}' for n in range(10))} "
    f"FROM unnest({', '.join(['%s::bigint[]'] * 10)}) WITH ORDINALITY "
    f"AS rows ({', '.join(f'c{n}' for n in range(10))}, place) ORDER BY place "
    "ON CONFLICT DO NOTHING"
)


class PostgresStore(Store):
    """The tables ``ledger_*`` of the first schema in the connection's search_path."""

    SNAPSHOT = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"

    def __init__(self, url: str, *, create: bool) -> None:
        super().__init__()
        parts = parts_of(url)
        self.name: str = f"postgresql://{parts.hostname or ''}{parts.path}"
        try:
            import psycopg
        except ModuleNotFoundError as error:
            raise LedgerError(
                "a ledger in PostgreSQL needs psycopg; install it with pip install "
                "'sessionvitals[postgres]'"
            ) from error
        self._errors: Any = psycopg.Error
        self._streams = 0
        with self._explained():
            self._connection: Any = psycopg.connect(url, autocommit=True, connect_timeout=10)
        try:
            self._open(create)
        except BaseException:
            self.close()
            raise

    def _open(self, create: bool) -> None:
        ((current,),) = self.execute("SELECT current_schema()")
        if current is None:
            raise LedgerError(f"{self.name}: the schema of its search_path does not exist")
        ((tables,),) = self.execute(TABLES, ("ledger\\_%",))
        ((marked,),) = self.execute(TABLES, ("ledger\\_schema",))
        if tables and not marked:
            raise LedgerError(
                f"{self.name}: the schema {current} has tables ledger_* that are no ledger's; "
                "nothing was changed"
            )
        if not marked and not create:
            raise LedgerError(f"{self.name}: there is no ledger in the schema {current}")
        if not marked:
            self.become_writer()
            with self.transaction():
                self.execute("CREATE TABLE IF NOT EXISTS ledger_schema (version BIGINT NOT NULL)")
                if not self.execute("SELECT version FROM ledger_schema"):
                    self.execute("INSERT INTO ledger_schema VALUES (0)")
        if (version := self._version()) > schema.VERSION:
            raise LedgerError(
                f"{self.name}: a ledger of version {version}, made by a newer sessionvitals; this "
                f"one knows up to version {schema.VERSION}. Upgrade sessionvitals"
            )
        if version < schema.VERSION:
            self.become_writer()
            self._migrate()
            self.stop_writing()
        self.check_tables()

    def _version(self) -> int:
        rows = self.execute("SELECT version FROM ledger_schema")
        if len(rows) != 1 or rows[0][0] < 0:
            raise LedgerError(f"{self.name}: ledger_schema is no ledger's; nothing was changed")
        return int(rows[0][0])

    def _migrate(self) -> None:
        key = "BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY"
        with self.transaction():
            for each in schema.statements(self._version(), key=key, integer="BIGINT", strict=""):
                self.execute(each)
            self.execute("UPDATE ledger_schema SET version = ?", (schema.VERSION,))

    def lock(self) -> None:
        end = time.monotonic() + PATIENCE
        while not self.execute(LOCK)[0][0]:
            if time.monotonic() > end:
                raise LedgerError(f"{self.name}: another process is writing this ledger")
            time.sleep(0.05)

    def unlock(self) -> None:
        self.execute(UNLOCK)

    @contextlib.contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except self._errors as error:
            words = " ".join(str(error).split())
            raise LedgerError(f"{self.name}: {words}") from error

    def execute(self, sql: str, parameters: Sequence[object] = ()) -> list[Row]:
        with self._explained():
            cursor = self._connection.execute(sql.replace("?", "%s"), parameters or None)
            return list(cursor.fetchall()) if cursor.description else []

    def execute_many(self, sql: str, rows: Sequence[Sequence[object]]) -> int:
        with self._explained(), self._connection.cursor() as cursor:
            cursor.executemany(sql.replace("?", "%s"), rows)
            return int(cursor.rowcount)

    def insert(self, rows: Sequence[Sequence[int | None]]) -> int:
        # One statement with a column a parameter: ten times as fast as one a row.
        with self._explained():
            columns = [list(column) for column in zip(*rows, strict=True)]
            return int(self._connection.execute(INSERT, columns).rowcount)

    def insert_sessions(self, ids: Sequence[str]) -> None:
        sql = "INSERT INTO ledger_sessions (session_id) SELECT unnest(?::text[])"
        self.execute(sql, (list(ids),))

    def stream(self, sql: str, parameters: Sequence[object] = ()) -> Iterator[Row]:
        self._streams += 1
        name = f"ledger_{self._streams}"
        with self._explained(), self._connection.cursor(name) as cursor:
            cursor.itersize = 4096
            cursor.execute(sql.replace("?", "%s"), parameters or None)
            yield from cursor

    def close(self) -> None:
        if self._is_writer:
            with contextlib.suppress(LedgerError):  # the server does so too, a moment later
                self.stop_writing()
        self._connection.close()


def parts_of(url: str) -> SplitResult:
    """Return the URL's parts. Raises LedgerError, of whose words none are the URL's."""
    user, _, _ = url.partition("://")[2].partition("?")[0].rpartition("@")
    try:
        # A password ends at a slash, and libpq takes what is before it for a port, and quotes it. It
        # ends at the first @ as well, and libpq takes what follows for a host.
        if not ODD.search(url) and "/" not in user.partition(":")[2] and "@" not in user:
            return urlsplit(url)
    except ValueError:
        pass
    raise LedgerError(
        "postgresql://...: the URL cannot be read; what is special in a password is written as % "
        "and two digits, / as %2F and @ as %40"
    )
