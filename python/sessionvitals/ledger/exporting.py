"""Rows into files: CSV, newline-delimited JSON or Parquet, by the file's name.

A file gets its name when it is whole, and replaces one that is there in one step. Of two exports
to one name the last to end stays.
"""

from __future__ import annotations

import csv
import json
import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime
from itertools import islice
from pathlib import Path
from secrets import token_hex
from typing import IO, TYPE_CHECKING, Any

from ..errors import ConfigurationError
from ..showing.spreadsheets import guard
from .errors import LedgerError

if TYPE_CHECKING:
    from .report import UsageReport

FORMS = (".csv", ".ndjson", ".parquet")

#: How many rows are in memory at once, and in a row group of Parquet.
ROWS_AT_ONCE = 65_536

Row = Sequence[Any]

#: Each column of an exported observation, and whether it is a number, a time or text.
OBSERVATION: dict[str, Any] = {
    "seq": int,
    "session_id": str,
    "client_id": str,
    "source": str,
    "event_id": int,
    "vendor_at": datetime,
    "seen_at": datetime,
    "state": str,
    "duration_seconds": int,
    "uploaded_bytes": int,
    "downloaded_bytes": int,
}
USAGE: dict[str, Any] = {
    "start": datetime,
    "end": datetime,
    "client_id": str,
    "session_id": str,
    "sessions": int,
    "uploaded_bytes": sum,
    "downloaded_bytes": sum,
    "duration_seconds": sum,
    "flags": str,
}


def check_form(path: str | os.PathLike[str]) -> str:
    """Return the form that the file's name says. Raises ConfigurationError."""
    form = Path(path).suffix.lower()
    if form not in FORMS:
        raise ConfigurationError(
            f"{os.fspath(path)}: the name has to end in one of {', '.join(FORMS)}"
        )
    return form


def export_usage(report: UsageReport, path: str | os.PathLike[str]) -> None:
    rows = (
        (*(getattr(each, name) for name in list(USAGE)[:-1]), " ".join(each.flags))
        for each in report
    )
    export(rows, USAGE, path)


def export(rows: Iterable[Row], columns: dict[str, Any], path: str | os.PathLike[str]) -> int:
    """Write the rows; return how many. Raises ConfigurationError and LedgerError."""
    write = {".csv": _csv, ".ndjson": _ndjson, ".parquet": _parquet}[check_form(path)]
    with _target(Path(path)) as file:
        return write(file, rows, columns)


@contextmanager
def _target(path: Path) -> Iterator[IO[bytes]]:
    real = Path(os.path.realpath(path))  # a link stays one
    # A name of its own: another export to the same file may run.
    partial = real.with_name(f"{real.name}.{token_hex(8)}.partial")
    try:
        with partial.open("xb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        partial.replace(real)
    except BaseException as error:
        with suppress(OSError):
            partial.unlink()
        if isinstance(error, OSError):
            raise LedgerError(f"{path}: {error.strerror or error}") from error
        raise


def _text(cell: Any) -> Any:
    return cell.isoformat() if isinstance(cell, datetime) else cell


def _csv(file: IO[bytes], rows: Iterable[Row], columns: dict[str, Any]) -> int:
    count = 0
    lines = _Lines(file)
    writer = csv.writer(lines)
    writer.writerow(columns)
    for row in rows:
        writer.writerow([guard(_text(cell)) for cell in row])
        count += 1
    return count


class _Lines:
    def __init__(self, file: IO[bytes]) -> None:
        self._file = file

    def write(self, line: str) -> int:
        return self._file.write(line.encode())


def _ndjson(file: IO[bytes], rows: Iterable[Row], columns: dict[str, Any]) -> int:
    count = 0
    for row in rows:
        members = {name: _text(cell) for name, cell in zip(columns, row, strict=True)}
        file.write(json.dumps(members).encode() + b"\n")
        count += 1
    return count


def _parquet(file: IO[bytes], rows: Iterable[Row], columns: dict[str, Any]) -> int:
    try:
        import pyarrow
        import pyarrow.parquet
    except ModuleNotFoundError as error:
        raise ConfigurationError(
            "Parquet needs pyarrow; install it with pip install 'sessionvitals[table]'"
        ) from error
    types = {
        int: pyarrow.int64(),
        str: pyarrow.string(),
        datetime: pyarrow.timestamp("us", tz="UTC"),
        sum: pyarrow.decimal128(38, 0),
    }
    schema = pyarrow.schema([(name, types[kind]) for name, kind in columns.items()])
    count = 0
    left = iter(rows)
    with pyarrow.parquet.ParquetWriter(file, schema, compression="zstd") as writer:
        while batch := list(islice(left, ROWS_AT_ONCE)):
            cells = [
                pyarrow.array(column, field.type)
                for column, field in zip(zip(*batch, strict=False), schema, strict=False)
            ]
            writer.write_table(pyarrow.Table.from_arrays(cells, schema=schema))
            count += len(batch)
    return count
