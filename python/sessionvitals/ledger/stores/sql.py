"""What both databases have in common: rows in, rows out, each append one durable transaction."""

from __future__ import annotations

import os
from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any

from ..errors import LedgerError
from ..observed import SOURCES, Note, Observation, time_of
from . import schema

Row = tuple[Any, ...]

#: How many session ids are remembered with their keys; about 150 MB.
MOST_REMEMBERED = 1_000_000


class Store(ABC):
    """A ledger's tables in a database. One thread uses it."""

    #: What to call it in messages; never with a password.
    name: str

    def __init__(self) -> None:
        #: The file on this machine's disk, if the ledger is one.
        self.file: str | None = None
        self._process = os.getpid()
        self._is_writer = False
        self._texts: dict[str, int] = {}
        self._sessions: dict[str, int] = {}

    @abstractmethod
    def execute(self, sql: str, parameters: Sequence[object] = ()) -> list[Row]:
        """Run a statement; return its rows. Raises LedgerError."""

    @abstractmethod
    def execute_many(self, sql: str, rows: Sequence[Sequence[object]]) -> int:
        """Run a statement once a row; return how many rows it has added. Raises LedgerError."""

    @abstractmethod
    def stream(self, sql: str, parameters: Sequence[object] = ()) -> Iterator[Row]:
        """Yield a statement's rows without holding them all. Raises LedgerError."""

    @abstractmethod
    def lock(self) -> None:
        """Become the only writer until close(). Raises LedgerError if there is another."""

    @abstractmethod
    def unlock(self) -> None:
        """Let others write."""

    @abstractmethod
    def close(self) -> None:
        """Give back the connection and the lock."""

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing, and on the disk when the block has ended."""
        self._check_process()
        self.execute(self.BEGIN)
        try:
            yield
            self.commit()
        except BaseException:
            self._texts.clear()  # the keys may be of rows that are rolled back
            self._sessions.clear()
            self.roll_back()
            raise

    BEGIN = "BEGIN"
    SNAPSHOT = "BEGIN"

    @contextmanager
    def snapshot(self) -> Iterator[None]:
        """Have all that the block reads be of one moment."""
        self.execute(self.SNAPSHOT)
        try:
            yield
        finally:
            self.roll_back()

    def check_tables(self) -> None:
        """Raise LedgerError if a table is not there, or is not as this version has it."""
        added = schema.TABLES[: schema.VERSION]
        for table, columns in (each for tables in added for each in tables.items()):
            try:
                self.execute(f"SELECT {columns} FROM {table} LIMIT 0")
            except LedgerError as error:
                raise LedgerError(
                    f"{self.name}: the ledger is damaged: {table} is missing, or has not the columns "
                    f"of version {schema.VERSION}"
                ) from error

    @contextmanager
    def whole(self) -> Iterator[None]:
        """Have a row that refers to one that is not there be a LedgerError."""
        try:
            yield
        except (KeyError, IndexError) as error:
            raise LedgerError(
                f"{self.name}: the ledger is damaged: a row refers to one that is not there"
            ) from error

    def commit(self) -> None:
        self.execute("COMMIT")

    def roll_back(self) -> None:
        with suppress(LedgerError):  # the database may have done so already
            self.execute("ROLLBACK")

    def _check_process(self) -> None:
        if self._process != os.getpid():
            raise LedgerError(f"{self.name} was opened before fork(); open it anew in the child")

    def become_writer(self) -> None:
        self._check_process()
        if not self._is_writer:
            self.lock()
            self._is_writer = True

    def stop_writing(self) -> None:
        self.unlock()
        self._is_writer = False

    def append(self, items: Sequence[Observation | Note]) -> int:
        """Add the rows in one transaction; return how many were new. Raises LedgerError."""
        self.become_writer()
        with self.transaction():
            rows = [item for item in items if isinstance(item, Observation)]
            notes = [item for item in items if isinstance(item, Note)]
            self.know_sessions({row.session_id for row in rows})
            added = self.insert([self._keyed(row) for row in rows]) if rows else 0
            if notes:
                self.execute_many(schema.INSERT_NOTE, notes)
        return added

    def insert(self, rows: Sequence[Sequence[int | None]]) -> int:
        """Add observations whose words are keys; return how many were new."""
        return self.execute_many(schema.INSERT_OBSERVATION, rows)

    def _keyed(self, row: Observation) -> Sequence[int | None]:
        client = row.client_id
        return (
            self._sessions[row.session_id],
            *row[1:5],
            self._texts.get(row.state) or self._key_of_text(row.state),
            None if client is None else self._texts.get(client) or self._key_of_text(client),
            *row[7:],
        )

    def know_sessions(self, ids: set[str]) -> None:
        """Have the keys of these sessions, and make those that are missing."""
        if len(self._sessions) >= MOST_REMEMBERED:
            self._sessions.clear()
        self._find_sessions([each for each in ids if each not in self._sessions])
        if missing := [each for each in ids if each not in self._sessions]:
            self.insert_sessions(missing)
            self._find_sessions(missing)

    def insert_sessions(self, ids: Sequence[str]) -> None:
        sql = "INSERT INTO ledger_sessions (session_id) VALUES (?)"
        self.execute_many(sql, [(each,) for each in ids])

    def _find_sessions(self, ids: list[str]) -> None:
        if ids:
            marks = ", ".join("?" * len(ids))
            found = f"SELECT session_id, key FROM ledger_sessions WHERE session_id IN ({marks})"
            self._sessions.update((text, int(key)) for text, key in self.execute(found, ids))

    def _key_of_text(self, text: str) -> int:
        found = self.execute("SELECT key FROM ledger_texts WHERE text = ?", (text,))
        if not found:
            found = self.execute(
                "INSERT INTO ledger_texts (text) VALUES (?) RETURNING key", (text,)
            )
        key = self._texts[text] = int(found[0][0])
        return key

    def close_period(self, until: int, at: int) -> bool:
        """Have the observations so far, and no others, count before ``until``.

        Returns False if that time is closed already.
        """
        self.become_writer()
        with self.transaction():
            # Asked here, and not before: another process may have closed a later one meanwhile.
            if any(closed >= until for closed, _ in self.closings()):
                return False
            ((last,),) = self.execute(schema.LAST)
            self.execute_many(schema.INSERT_CLOSING, [(until, last or 0, at)])
        return True

    def closings(self) -> list[tuple[int, int]]:
        return [(int(until), int(seq)) for until, seq in self.execute(schema.CLOSINGS)]

    def notes(self) -> list[Note]:
        return [Note(*row) for row in self.execute(schema.NOTES)]

    def last_seen(self, now: int) -> int | None:
        """Return when the newest observation was made, by our clock.

        One that is later than ``now`` was made by a clock that was wrong.
        """
        ((seen_at,),) = self.execute(schema.LAST_SEEN, (now,))
        return None if seen_at is None else int(seen_at)

    def rows_from(self, start: int, after: int | None) -> Iterator[Row]:
        """Yield the rows of the sessions that a window from ``start`` on concerns, by session.

        ``after`` is the seq after which a row is late for a period that ends in the window.
        """
        if self.execute(schema.HAS_EARLIER, (start,)):
            return self.stream(schema.ROWS, (start, 2**63 - 1 if after is None else after))
        return self.stream(schema.ALL_ROWS)

    def observations(self) -> Iterator[Row]:
        """Yield every observation for people, in the order of recording."""
        for row in self.stream(schema.OBSERVATIONS):
            seq, session_id, client_id, source, event_id, vendor_at, seen_at, *rest = row
            if session_id is None or rest[0] is None:
                raise KeyError(seq)
            times = time_of(vendor_at), time_of(seen_at)
            yield (seq, session_id, client_id, SOURCES[source], event_id, *times, *rest)

    def texts(self) -> dict[int, str]:
        """Return the client ids and states by their keys."""
        return {int(key): text for key, text in self.execute("SELECT key, text FROM ledger_texts")}

    def session_id(self, key: int) -> str:
        rows = self.execute("SELECT session_id FROM ledger_sessions WHERE key = ?", (key,))
        return str(rows[0][0])
