"""Answers into a file, for billing: CSV, newline-delimited JSON or Parquet by the file's name.

Without ``--resume`` a file gets its name when it is whole; until then it is FILE.partial. With
``--resume NOTES`` it grows in place, over as many runs as it takes: the row of an answered id is
written, then it is on the disk, and only then is the id noted, so a noted id has its row. A run
that ends between the two leaves a row without a note, which the next run finds in the file.
"""

from __future__ import annotations

import contextlib
import importlib.util
import io
import os
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Protocol

from ..errors import SessionVitalsError
from .failures import CommandError, write_error
from .files import Appender, Target, open_locked, sync
from .ids import text_of
from .notes import Notes
from .rows import Csv, LineForm, Ndjson, NotOurs, Row, row_of

if TYPE_CHECKING:
    from .. import Session

    Answer = Session | SessionVitalsError

LINE_FORMS: dict[str, Callable[[], LineForm]] = {".csv": Csv, ".ndjson": Ndjson}
PARQUET = ".parquet"

#: How often rows are waited for on their way to the disk, in seconds.
SYNC_INTERVAL = 1.0
#: Rows of Parquet that are written at once.
ROWS_OF_BATCH = 10_000


class Sink(Protocol):
    """Where answers go."""

    #: Whether it says on standard error what each failure was.
    says_failures: ClassVar[bool]

    def take(self, session_id: str, answer: Answer) -> None:
        """Write one answer; it may be kept until the next ``flush``. Raises CommandError."""

    def flush(self) -> None:
        """Let others see what was taken: no further answer is there yet. Raises CommandError."""

    def finish(self, *, is_whole: bool, answered: int, failed: int) -> str:
        """Write what is left; return a sentence on what there is now, empty if there is none.

        ``is_whole`` says that no id is left. Raises CommandError.
        """

    def close(self) -> None:
        """Give up what it holds."""


@contextlib.contextmanager
def _writing(what: str) -> Iterator[None]:
    """Have a failure to write be a CommandError, but for a reader that has gone."""
    try:
        yield
    except BrokenPipeError:
        raise
    except OSError as error:
        raise write_error(what, error) from error


def open_sink(
    provider: str, out: Path | None, notes: Notes | None, show: Callable[[str, Answer], None]
) -> Sink:
    """Return where answers go: the file ``out`` if there is one, else ``show``.

    Raises:
        CommandError: The file cannot be written.
    """
    if out is None:
        return Printed(show, notes)
    if out.suffix not in LINE_FORMS and out.suffix != PARQUET:
        raise CommandError(f"--out {out}: name a {', '.join(LINE_FORMS)} or {PARQUET} file")
    if out.suffix == PARQUET:
        if notes:
            raise CommandError("--resume cannot add to a Parquet file: name a .csv or .ndjson file")
        if importlib.util.find_spec("pyarrow") is None:
            raise CommandError("Parquet needs pyarrow: pip install 'sessionvitals[table]'")
        return Whole(provider, out, ParquetRows)
    form = LINE_FORMS[out.suffix]()
    if notes:
        if out.exists() and out.samefile(notes.path):
            raise CommandError(f"--resume {out}: this is the file of --out; name one of its own")
        return Growing(provider, out, form, notes)
    return Whole(provider, out, lambda target: Lines(target, form))


class Printed:
    """Answers on standard output, each noted once it is written.

    Answers that have come together are written together: a reader woken for each row costs more
    than the row.
    """

    says_failures: ClassVar[bool] = True

    def __init__(self, show: Callable[[str, Answer], None], notes: Notes | None) -> None:
        self._show = show
        self._notes = notes
        self._answered: list[str] = []
        if isinstance(sys.stdout, io.TextIOWrapper):  # which a test may have replaced
            sys.stdout.reconfigure(line_buffering=False)

    def take(self, session_id: str, answer: Answer) -> None:
        with _writing("standard output"):
            self._show(session_id, answer)
        if self._notes and not isinstance(answer, SessionVitalsError):
            self._answered.append(text_of(session_id))

    def flush(self) -> None:
        with _writing("standard output"):
            sys.stdout.flush()
        if self._notes:
            answered, self._answered = self._answered, []
            self._notes.add(answered)

    def finish(self, *, is_whole: bool, answered: int, failed: int) -> str:
        self.flush()
        return ""

    def close(self) -> None:
        pass


class Growing:
    """Answers at the end of a file that earlier runs have begun. A failed id gets no row."""

    says_failures: ClassVar[bool] = False

    def __init__(self, provider: str, out: Path, form: LineForm, notes: Notes) -> None:
        self._provider = provider
        self._form = form
        self._notes = notes
        self._due = 0.0
        descriptor = open_locked("--out", out, os.O_RDWR | os.O_CREAT | os.O_APPEND)
        try:
            known, end = _read(out, descriptor, form)
            if end > len(form.header) and not notes.was_there:
                raise CommandError(
                    f"--out {out}: it has rows already, and {notes.path} does not exist; name "
                    f"another file, or make an empty {notes.path} to leave those ids out"
                )
            if rowless := notes.answered.difference(known):
                raise CommandError(
                    f"--out {out}: it has no row of {len(rowless)} ids that {notes.path} says were "
                    "answered: name the file that has them, or another --resume to ask anew"
                )
        except BaseException:
            os.close(descriptor)
            raise
        self._file = Appender(out, descriptor, end)
        self._unnoted = [text for text in known if text not in notes.answered]
        notes.answered.update(known)
        if end == 0:
            self._file.append(form.header)
        self._commit()

    def take(self, session_id: str, answer: Answer) -> None:
        if isinstance(answer, SessionVitalsError):
            return
        self._file.append(self._form.record(row_of(self._provider, session_id, answer)))
        self._unnoted.append(text_of(session_id))
        if time.monotonic() >= self._due:
            self._commit()

    def flush(self) -> None:
        """Do nothing: rows are on the disk once a second."""

    def _commit(self) -> None:
        self._file.sync()
        self._notes.add(self._unnoted)
        self._unnoted.clear()
        self._due = time.monotonic() + SYNC_INTERVAL

    def finish(self, *, is_whole: bool, answered: int, failed: int) -> str:
        self._commit()
        if is_whole and not failed:
            return f"{self._file.path} is complete"
        return f"{self._file.path} is incomplete: the same command asks for the rest"

    def close(self) -> None:
        self._file.close()


def _read(out: Path, descriptor: int, form: LineForm) -> tuple[list[str], int]:
    """Return the ids of the rows that are no errors, and where the last whole row ends."""
    ids: list[str] = []
    end = number = 0
    try:
        with os.fdopen(descriptor, "rb", closefd=False) as file:
            for number, record in enumerate(form.records(file), 1):
                if number == 1 and form.header:
                    if record != form.header:
                        raise NotOurs("it has not the columns of this command")
                elif (text := form.answered_id(record)) is not None:
                    ids.append(text)
                end += len(record)
            if end == 0:
                file.seek(0)
                begun = file.read(len(form.start))
                if not form.start.startswith(begun):
                    raise NotOurs("it does not begin as a file of this command does")
    except NotOurs as problem:
        raise CommandError(f"--out {out}, row {max(number, 1)}: {problem}") from problem
    except OSError as error:
        raise write_error(out, error) from error
    return ids, end


class RowWriter(Protocol):
    def write(self, row: Row) -> None: ...
    def finish(self) -> None:
        """Have all rows on the disk."""

    def close(self) -> None: ...


class Whole:
    """Answers and failures in a file of their own, which gets its name when it is whole."""

    says_failures: ClassVar[bool] = False

    def __init__(self, provider: str, out: Path, writer: Callable[[Target], RowWriter]) -> None:
        self._provider = provider
        self._target = Target(out)
        self._writer = writer(self._target)

    def take(self, session_id: str, answer: Answer) -> None:
        self._writer.write(row_of(self._provider, session_id, answer))

    def flush(self) -> None:
        """Do nothing: the file is read once it is whole."""

    def finish(self, *, is_whole: bool, answered: int, failed: int) -> str:
        self._writer.finish()
        return self._target.finish(is_whole=is_whole, answered=answered, failed=failed)

    def close(self) -> None:
        self._writer.close()
        self._target.close()


class Lines:
    """Rows as lines, each written at once."""

    def __init__(self, target: Target, form: LineForm) -> None:
        self._form = form
        self._file = Appender(target.path, target.descriptor)
        self._file.append(form.header)

    def write(self, row: Row) -> None:
        self._file.append(self._form.record(row))

    def finish(self) -> None:
        self._file.sync()

    def close(self) -> None:
        self._file.close()


class ParquetRows:
    """Rows of Parquet, in batches. The file can be read once it is finished."""

    def __init__(self, target: Target) -> None:
        import pyarrow
        from pyarrow import parquet

        from .._core import OutcomeTable

        self._target = target
        self._to_table: Any = pyarrow.Table.from_pylist
        self._schema = pyarrow.schema(OutcomeTable(""))
        self._rows: list[Row] = []
        with contextlib.suppress(OSError):  # a pipe
            os.ftruncate(target.descriptor, 0)
        self._file = os.fdopen(target.descriptor, "wb")
        self._writer: Any = parquet.ParquetWriter(self._file, self._schema)

    def write(self, row: Row) -> None:
        self._rows.append(row)
        if len(self._rows) == ROWS_OF_BATCH:
            self._flush()

    def _flush(self) -> None:
        try:
            self._writer.write_table(self._to_table(self._rows, self._schema))
        except OSError as error:
            raise write_error(self._target.path, error) from error
        self._rows.clear()

    def finish(self) -> None:
        self._flush()
        try:
            self._writer.close()
            self._file.flush()
        except OSError as error:
            raise write_error(self._target.path, error) from error
        sync(self._target.path, self._target.descriptor)

    def close(self) -> None:
        with contextlib.suppress(OSError, ValueError):
            self._writer.close()
        with contextlib.suppress(OSError):
            self._file.close()
