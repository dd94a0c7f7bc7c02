"""Answers into a file, for billing: CSV, newline-delimited JSON or Parquet by the file's name.

The columns are those of ``probe_table``. What a vendor did not say is empty or null, never zero.
"""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from .._core import OutcomeTable
from ..errors import SessionVitalsError

if TYPE_CHECKING:
    from .. import Session
    from .output import Show

Write = Callable[[dict[str, Any]], None]

#: Rows of Parquet that are written at once.
ROWS_OF_BATCH = 10_000


def row_of(provider: str, session_id: str, answer: Session | SessionVitalsError) -> dict[str, Any]:
    row: dict[str, Any] = dict.fromkeys(OutcomeTable(provider).column_names)
    row.update(id=session_id, provider=provider)
    if isinstance(answer, SessionVitalsError):
        row.update(error=type(answer).__name__, error_message=str(answer))
        return row
    said = answer.to_dict()
    row.update({name: said[name] for name in row if said.get(name) not in (None, "")})
    row["expires_at"] = answer.expires_at
    return row


@contextmanager
def csv_writer(path: Path, is_more: bool) -> Iterator[Write]:
    with path.open("a" if is_more else "w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, OutcomeTable("").column_names)
        if not is_more:
            writer.writeheader()

        def write(row: dict[str, Any]) -> None:
            time = row["expires_at"]
            writer.writerow({**row, "expires_at": time and time.isoformat()})

        yield write


@contextmanager
def ndjson_writer(path: Path, is_more: bool) -> Iterator[Write]:
    with path.open("a" if is_more else "w", encoding="utf-8") as file:

        def write(row: dict[str, Any]) -> None:
            time = row["expires_at"]
            print(json.dumps({**row, "expires_at": time and time.isoformat()}), file=file)

        yield write


@contextmanager
def parquet_writer(path: Path, is_more: bool) -> Iterator[Write]:
    if is_more:
        raise click.UsageError("--resume cannot add to a Parquet file: name another, or use .csv")
    try:
        import pyarrow
        from pyarrow import parquet
    except ModuleNotFoundError:
        raise click.UsageError(
            "Parquet needs pyarrow: pip install 'sessionvitals[table]'"
        ) from None
    schema = pyarrow.schema(OutcomeTable(""))
    rows: list[dict[str, Any]] = []
    with parquet.ParquetWriter(path, schema) as file:

        def flush() -> None:
            file.write_table(pyarrow.Table.from_pylist(rows, schema))
            rows.clear()

        def write(row: dict[str, Any]) -> None:
            rows.append(row)
            if len(rows) == ROWS_OF_BATCH:
                flush()

        try:
            yield write
        finally:
            flush()  # what was answered before Ctrl-C too


WRITERS = {
    ".csv": csv_writer,
    ".ndjson": ndjson_writer,
    ".parquet": parquet_writer,
}


def answered_in(resume: Path | None) -> set[str]:
    """Return the ids that an earlier run has written down as answered."""
    if resume is None or not resume.exists():
        return set()
    return set(resume.read_text(encoding="utf-8").splitlines())


def left_of(ids: Iterable[str], answered: set[str]) -> Iterator[str]:
    return (session_id for session_id in ids if session_id not in answered)


@contextmanager
def exporter(out: Path | None, resume: Path | None, show: Show) -> Iterator[Show]:
    """Yield what takes each answer: into the file if there is one, else to ``show``.

    An id that was answered is written to ``resume`` after its row, so that none is lost; one that
    failed is not, so that the next run asks it again.
    """
    is_more = bool(answered_in(resume))
    with ExitStack() as stack:
        write: Write | None = None
        if out is not None:
            if out.suffix not in WRITERS:
                raise click.UsageError(f"--out takes a file named {', '.join(WRITERS)}")
            write = stack.enter_context(WRITERS[out.suffix](out, is_more and out.exists()))
        done = (
            stack.enter_context(resume.open("a", buffering=1, encoding="utf-8")) if resume else None
        )
        advance = stack.enter_context(progress()) if write else None

        def take(provider: str, session_id: str, answer: Session | SessionVitalsError) -> None:
            has_failed = isinstance(answer, SessionVitalsError)
            if write is None:
                show(provider, session_id, answer)
            elif not (has_failed and done):
                write(row_of(provider, session_id, answer))
            if done is not None and not has_failed:
                print(session_id, file=done)
            if advance is not None:
                advance()

        yield take


@contextmanager
def progress() -> Iterator[Callable[[], None] | None]:
    """Yield what moves a bar on standard error; None where that is no terminal."""
    if not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import MofNCompleteColumn, Progress, SpinnerColumn, TimeElapsedColumn

    columns = (SpinnerColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("asking", total=None)
        yield lambda: bar.advance(task)
