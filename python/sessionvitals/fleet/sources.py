"""Reading a list of ids: a file of any of the forms that ``sessionvitals status --out`` writes, too."""

from __future__ import annotations

import csv
import json
import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from ..bulk import id_in_line
from ..errors import ConfigurationError
from ..showing.spreadsheets import unguard
from .errors import FleetError

FORMS = (".parquet", ".csv", ".ndjson", ".txt")
#: What a column of ids is called; the only column of a Parquet file may have any name.
NAMES = ("session_id", "id")


def ids_of(source: str | os.PathLike[str] | Iterable[str]) -> Iterator[str]:
    """Yield the ids of a file, or of an iterable of them, in their order.

    Raises:
        ConfigurationError: The file's name has none of the endings, or what comes is no text.
        FleetError: The file cannot be read as what its name says.
    """
    if not isinstance(source, str | os.PathLike):
        return _checked(source)
    path = Path(source)
    read = {".parquet": _parquet, ".csv": _csv, ".ndjson": _ndjson, ".txt": _text}.get(path.suffix)
    if read is None:
        raise ConfigurationError(f"{path}: name a {', '.join(FORMS)} file with the ids")
    if path.exists() and not path.is_file():
        raise FleetError(f"{path}: no regular file, which a list has to be: it is read twice")
    return _of_file(path, read(path))


def _checked(ids: Iterable[Any]) -> Iterator[str]:
    for number, session_id in enumerate(ids):
        if not isinstance(session_id, str):
            kind = type(session_id).__name__
            raise ConfigurationError(f"ids are texts; number {number} is of the type {kind}")
        yield session_id


def _of_file(path: Path, ids: Iterator[Any]) -> Iterator[str]:
    try:
        yield from _checked(ids)
    except OSError as error:
        raise FleetError(f"{path}: {error.strerror or error}") from error
    except (ValueError, KeyError, RecursionError, csv.Error) as error:
        raise FleetError(f"{path}: not a {path.suffix[1:]} file of ids ({error})") from error


def _text(path: Path) -> Iterator[str]:
    with path.open("rb") as file:
        for number, line in enumerate(file):
            if session_id := id_in_line(line, is_first=not number):
                yield session_id.decode()


def _csv(path: Path) -> Iterator[str]:
    from ..cli.rows import COLUMNS
    from ..ledger.exporting import OBSERVATION, USAGE

    ours = (list(COLUMNS), list(OBSERVATION), list(USAGE))
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = csv.reader(file, strict=True)
        header = next(rows, None)
        if header is None:
            raise ValueError("it is empty, without even the names of its columns")
        if header[:1] == header and header[0] not in NAMES:
            # It may be the first id of a file without names, which would be lost.
            raise ValueError(
                f"its first line is {header[0]!r} and not the name {' or '.join(NAMES)}; "
                "a list of ids alone is a .txt file"
            )
        place = _column(header)
        for row in rows:
            if row:
                if len(row) != len(header):
                    raise ValueError(f"line {rows.line_num} has not as many cells as the first")
                yield unguard(row[place]) if header in ours else row[place]


def _ndjson(path: Path) -> Iterator[Any]:
    with path.open("rb") as file:
        for number, line in enumerate(file, 1):
            if not line.strip():
                continue
            row = json.loads(line)
            if isinstance(row, dict):
                name = next((name for name in NAMES if name in row), None)
                if name is None:
                    raise ValueError(f"line {number} has no member {' or '.join(NAMES)}")
                row = row[name]
            yield row


def _parquet(path: Path) -> Iterator[Any]:
    from .tables import arrow

    pyarrow = arrow()
    with path.open("rb") as opened:
        file = pyarrow.parquet.ParquetFile(opened)
        name = file.schema_arrow.names[_column(file.schema_arrow.names)]
        for batch in file.iter_batches(columns=[name]):
            yield from batch.column(0).to_pylist()


def _column(names: list[str]) -> int:
    for name in NAMES:
        if name in names:
            return names.index(name)
    if len(names) == 1:
        return 0
    raise ValueError(f"none of its columns is called {' or '.join(NAMES)}")
