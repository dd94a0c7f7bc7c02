"""What the commands print on standard output: answers.

One row a session, as it comes, in one of three forms: aligned columns for people, tab-separated
fields for other programs, JSON when asked. A field the vendor did not send is empty, never zero.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import sys
import time
import unicodedata
from collections.abc import Callable, Iterable
from datetime import timedelta
from typing import TYPE_CHECKING

from ..errors import SessionVitalsError
from .forms import JsonArray, print_csv
from .ids import text_of
from .rows import COLUMNS, row_of
from .words import printable, say_error

if TYPE_CHECKING:
    from .. import Session

#: Prints one provider's answer about one id, or the error in its place.
Show = Callable[[str, str, "Session | SessionVitalsError"], None]

#: The columns for people, and how wide each is; the id's is as wide as the ids.
WIDTHS = {
    "provider": 8,
    "id": 0,
    "state": 9,
    "provider state": 14,
    "remaining": 9,
    "duration": 9,
    "up": 8,
    "down": 8,
}
NUMBERS = frozenset(("remaining", "duration", "up", "down"))
GAP = "  "
COLOURS = {"active": 32, "pending": 36, "ended": 2, "unknown": 35}  # as ANSI has them
RED = 31
BOLD = 1
WIDTH_WITHOUT_TERMINAL = 100
#: How often the line of progress is written, in seconds.
PROGRESS_INTERVAL = 0.1


def printer_for(
    form: str | None, width_of_ids: Callable[[], int]
) -> tuple[Show, Callable[[], None]]:
    """Return what prints an answer in the form, and what is called after the last.

    What is printed may stay in Python's buffer until standard output is flushed.
    Without a form a terminal gets columns, and other programs get tab-separated fields.
    """
    form = form or ("table" if sys.stdout.isatty() else "tsv")
    if form == "json":
        array = JsonArray()
        return lambda *answer: array.add(json_of(*answer)), array.end
    if form == "csv":
        print_csv(COLUMNS)
    shows: dict[str, Callable[[], Show]] = {
        "table": lambda: Columns(width_of_ids).show,
        "tsv": lambda: print_fields,
        "csv": lambda: print_record,
        "ndjson": lambda: print_json,
    }
    return shows[form](), lambda: None


def print_record(provider: str, session_id: str, outcome: Session | SessionVitalsError) -> None:
    if isinstance(outcome, SessionVitalsError):
        say_error(session_id, outcome)
    row = row_of(provider, session_id, outcome)
    time = row["expires_at"]
    print_csv(
        [(time and time.isoformat()) if name == "expires_at" else row[name] for name in COLUMNS]
    )


def print_json(provider: str, session_id: str, outcome: Session | SessionVitalsError) -> None:
    # ASCII: no terminal obeys it.
    print(json.dumps(json_of(provider, session_id, outcome)))


def json_of(
    provider: str, session_id: str, outcome: Session | SessionVitalsError
) -> dict[str, object]:
    if isinstance(outcome, SessionVitalsError):
        say_error(session_id, outcome)
        row: dict[str, object] = {"provider": provider, "id": "", "error": outcome.to_dict()}
    else:
        row = outcome.to_dict()
    return {**row, "id": text_of(session_id)}


def print_fields(provider: str, session_id: str, outcome: Session | SessionVitalsError) -> None:
    """Print id, state, provider state, expiry, seconds left, seconds used, bytes up and down."""
    shown = text_of(session_id)
    if isinstance(outcome, SessionVitalsError):
        say_error(session_id, outcome)
        fields: list[object] = [shown, "error", type(outcome).__name__]
    else:
        row = outcome.to_dict()
        remaining = row.get("time_remaining_milliseconds")
        fields = [
            shown,
            outcome.state.value,
            outcome.provider_state,
            row.get("expires_at"),
            remaining / 1000 if remaining is not None else None,
            outcome.duration_seconds,
            outcome.uploaded_bytes,
            outcome.downloaded_bytes,
        ]
    print("\t".join("" if f is None else printable(str(f)) for f in fields))


class Columns:
    """Rows for people, each printed as it comes.

    A column that no row has filled yet is left out; once one fills it, a new header has it. The
    provider's own word for the state is left out where the terminal is too narrow for it.
    """

    def __init__(
        self, width_of_ids: Callable[[], int], filled: Iterable[str] = ("id", "state")
    ) -> None:
        self._width_of_ids = width_of_ids
        self._filled = set(filled)
        self._shown: list[str] = []
        self._fits: list[str] = []
        self._fitted = (0, 0)
        self._fitted_until = 0.0
        self._width_of_id = 0
        self._has_colours = sys.stdout.isatty() and not (
            os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb"
        )

    def show(self, provider: str, session_id: str, outcome: Session | SessionVitalsError) -> None:
        cells = cells_of(provider, session_id, outcome)
        if isinstance(outcome, SessionVitalsError):
            say_error(session_id, outcome)
        if not self._shown:
            self._width_of_id = self._width_of_ids()
        self._width_of_id = max(self._width_of_id, cells_across(cells["id"]))
        self._filled.update(
            name for name, cell in cells.items() if cell and name != "provider" and name in WIDTHS
        )
        shown = self._fitting_now()
        if shown != self._shown:
            self._shown = shown
            self._print({name: name for name in shown}, dict.fromkeys(shown, BOLD))
        if cells["state"] == "unknown" and "provider state" not in shown:
            cells["state"] = f"unknown: {cells['provider state']}"
        if error := cells.get("error"):
            cells["state"] = f"error: {error}"
        self._print(cells, {"state": COLOURS.get(cells["state"].partition(":")[0], RED)})

    def _fitting_now(self) -> list[str]:
        """Return the columns that fit; worked out anew when a row or the terminal may change it."""
        filled, now = (len(self._filled), self._width_of_id), time.monotonic()
        if filled != self._fitted or now >= self._fitted_until:
            self._fitted, self._fitted_until = filled, now + PROGRESS_INTERVAL
            self._fits = self._fitting()
        return self._fits

    def _fitting(self) -> list[str]:
        shown = [name for name in WIDTHS if name in self._filled]
        across = sum(self._width(name) for name in shown) + len(GAP) * (len(shown) - 1)
        if across > shutil.get_terminal_size((WIDTH_WITHOUT_TERMINAL, 24)).columns:
            shown = [name for name in shown if name != "provider state"]
        return shown

    def _width(self, name: str) -> int:
        return self._width_of_id if name == "id" else WIDTHS[name]

    def _print(self, cells: dict[str, str], styles: dict[str, int]) -> None:
        row = []
        for name in self._shown:
            cell = cells.get(name, "")
            blanks = " " * (self._width(name) - cells_across(cell))
            if self._has_colours and name in styles and cell:
                cell = f"\x1b[{styles[name]}m{cell}\x1b[0m"
            row.append(blanks + cell if name in NUMBERS else cell + blanks)
        print(GAP.join(row).rstrip())


def cells_of(
    provider: str, session_id: str, outcome: Session | SessionVitalsError
) -> dict[str, str]:
    cells = {"provider": provider, "id": printable(text_of(session_id))}
    if isinstance(outcome, SessionVitalsError):
        return {**cells, "state": "error", "error": type(outcome).__name__}
    return {
        **cells,
        "state": outcome.state.value,
        "provider state": printable(outcome.provider_state),
        "remaining": span(outcome.time_remaining),
        "duration": span(outcome.duration),
        "up": size(outcome.uploaded_bytes),
        "down": size(outcome.downloaded_bytes),
    }


def cells_across(text: str) -> int:
    """Return how many cells of a terminal the text takes."""
    if text.isascii():
        return len(text)
    return sum(
        0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1
        for c in text
    )


def span(span_of_time: timedelta | None) -> str:
    """Return "1:02:03" for a time, in hours however many there are; empty for none."""
    if span_of_time is None:
        return ""
    seconds = int(span_of_time.total_seconds())
    return f"{seconds // 3600}:{seconds // 60 % 60:02}:{seconds % 60:02}"


def size(count: int | None) -> str:
    """Return "1.2 MB" for a number of bytes, in thousands as networks count; empty for none."""
    if count is None:
        return ""
    amount = float(count)
    for unit in ("B", "kB", "MB", "GB", "TB"):
        if amount < 999.5 or unit == "TB":
            break
        amount /= 1000
    return f"{count} B" if unit == "B" else f"{amount:.1f} {unit}"


class Progress:
    """A line on standard error that says how far a run has come; nothing where nobody sees it."""

    def __init__(self, is_wanted: bool) -> None:
        self._is_shown = is_wanted and sys.stderr is not None and sys.stderr.isatty()
        self._due = 0.0

    def show(self, words: str) -> None:
        if self._is_shown and time.monotonic() >= self._due:
            self._due = time.monotonic() + PROGRESS_INTERVAL
            self._write(f"\r{words}\x1b[K")

    def clear(self) -> None:
        if self._is_shown:
            self._write("\r\x1b[K")

    def _write(self, words: str) -> None:
        with contextlib.suppress(OSError):
            print(words, end="", file=sys.stderr, flush=True)
