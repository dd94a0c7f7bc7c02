"""One answer as a row of a file: its columns, and how a line is written and read back.

The columns are those of ``probe_table``. What a vendor did not send is empty or null, never zero.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any, Protocol

from .._core import OutcomeTable
from ..errors import SessionVitalsError
from ..showing.spreadsheets import guard, unguard
from .ids import text_of

if TYPE_CHECKING:
    from .. import Session

Row = dict[str, Any]
COLUMNS: list[str] = list(OutcomeTable("").column_names)

# What this module writes it must read. csv refuses a text above 131,072 characters, and a vendor's
# answer may have a longer one. csv has one limit for the process, so it is lifted and never lowered:
# it guards nothing here, as a record is in memory whole before csv sees it.
csv.field_size_limit(max(csv.field_size_limit(), 2**31 - 1))


def row_of(provider: str, session_id: str, answer: Session | SessionVitalsError) -> Row:
    row: Row = dict.fromkeys(COLUMNS)
    if isinstance(answer, SessionVitalsError):
        row.update(error=type(answer).__name__, error_message=str(answer))
    else:
        fields = answer.to_dict()
        row.update({name: fields[name] for name in row if fields.get(name) not in (None, "")})
        row["expires_at"] = answer.expires_at
    row.update(id=text_of(session_id), provider=provider)
    return row


class NotOurs(ValueError):
    """A line that no command of ours has written."""


class LineForm(Protocol):
    """A form of rows in which each is written by itself."""

    @property
    def header(self) -> bytes:
        """The first record of a file; empty if there is none."""

    @property
    def start(self) -> bytes:
        """What each file of this form begins with."""

    def record(self, row: Row) -> bytes:
        """Return the row as it is written, its line end included."""

    def records(self, lines: Iterable[bytes]) -> Iterator[bytes]:
        """Yield each whole record. Lines are split at line feeds; what is cut at the end is left."""

    def answered_id(self, record: bytes) -> str | None:
        """Return a record's id as ``text_of`` writes it, or None if the row is an error.

        Raises:
            NotOurs: It is no row of this command.
        """


class Csv:
    """RFC 4180, in UTF-8. A text that a spreadsheet would compute begins with an apostrophe."""

    def __init__(self) -> None:
        self.header: bytes = self._line(COLUMNS)
        self.start: bytes = self.header

    def record(self, row: Row) -> bytes:
        time = row["expires_at"]
        cells = {**row, "expires_at": time and time.isoformat()}
        return self._line([guard(cells[name]) for name in COLUMNS])

    def records(self, lines: Iterable[bytes]) -> Iterator[bytes]:
        record: list[bytes] = []
        is_within_text = False
        for line in lines:
            record.append(line)
            # A line feed within a text is between two quotes; quotes within it are doubled.
            is_within_text ^= line.count(b'"') % 2 == 1
            if line.endswith(b"\n") and not is_within_text:
                yield b"".join(record)
                record.clear()

    def answered_id(self, record: bytes) -> str | None:
        try:
            rows = list(csv.reader(io.StringIO(record.decode("utf-8"), newline=""), strict=True))
        except (UnicodeDecodeError, csv.Error) as error:
            raise NotOurs(str(error)) from error
        if len(rows) != 1 or len(rows[0]) != len(COLUMNS):
            raise NotOurs(f"it has not the {len(COLUMNS)} columns of this command")
        row = dict(zip(COLUMNS, map(unguard, rows[0]), strict=True))
        return None if row["error"] else row["id"]

    @staticmethod
    def _line(cells: list[Any]) -> bytes:
        text = io.StringIO()
        csv.writer(text).writerow(cells)
        return text.getvalue().encode("utf-8", "backslashreplace")


class Ndjson:
    """One JSON object a line, in ASCII."""

    header = b""
    start = b'{"id": '

    def record(self, row: Row) -> bytes:
        time = row["expires_at"]
        return json.dumps({**row, "expires_at": time and time.isoformat()}).encode() + b"\n"

    def records(self, lines: Iterable[bytes]) -> Iterator[bytes]:
        return (line for line in lines if line.endswith(b"\n"))

    def answered_id(self, record: bytes) -> str | None:
        try:
            row = json.loads(record)
            session_id, error = row["id"], row["error"]
        except (ValueError, KeyError, TypeError, RecursionError) as problem:
            raise NotOurs("it is no JSON object with an id and an error") from problem
        if not isinstance(session_id, str):
            raise NotOurs("its id is not text")
        return None if error else session_id
