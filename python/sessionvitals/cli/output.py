"""What the commands print: answers on standard output, words on standard error.

One row a session, in one of three forms: a table for people, tab-separated
fields for other programs, JSON when asked. A field the vendor did not send is
empty, never zero.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING

from ..errors import CallError, SessionVitalsError

if TYPE_CHECKING:
    from rich.table import Table

    from .. import Session

#: Prints one provider's answer about one id, or the error in its place.
Show = Callable[[str, str, "Session | SessionVitalsError"], None]

COLUMNS = ("provider", "id", "state", "vendor's word", "remaining", "duration", "up", "down")
NUMBERS = frozenset(COLUMNS[4:])
COLOURS = {"active": "green", "pending": "cyan", "ended": "dim", "unknown": "magenta"}
WIDTH_WITHOUT_TERMINAL = 100


def say(words: str) -> None:
    print(f"sessionvitals: {printable(words)}", file=sys.stderr)


def printable(text: str) -> str:
    """Return the text with every character escaped that could move the cursor or break a row.

    Ids and vendors' words come from outside; a terminal would obey them.
    """
    return "".join(
        c if c.isprintable() else c.encode("unicode_escape", "backslashreplace").decode()
        for c in text
    )


@contextmanager
def printer_for(as_json: bool) -> Iterator[Show]:
    """Choose the form: JSON if asked, a table on a terminal, else tab-separated fields."""
    if as_json:
        yield print_json
    elif not sys.stdout.isatty():
        yield print_fields
    else:
        with printed_table() as show:
            yield show


def say_error(session_id: str, error: SessionVitalsError) -> None:
    say(f"{session_id}: {error}")
    if isinstance(error, CallError) and error.may_have_taken_effect:
        say(f"{session_id}: the call may have taken effect: look before you repeat it")


def print_json(provider: str, session_id: str, outcome: Session | SessionVitalsError) -> None:
    if isinstance(outcome, SessionVitalsError):
        say_error(session_id, outcome)
        row = {"provider": provider, "id": session_id, "error": outcome.to_dict()}
    else:
        row = outcome.to_dict()
    print(json.dumps(row), flush=True)  # ASCII, so that no terminal obeys it


def print_fields(provider: str, session_id: str, outcome: Session | SessionVitalsError) -> None:
    """Print id, state, vendor's word, expiry, seconds left, seconds used, bytes up and down."""
    if isinstance(outcome, SessionVitalsError):
        say_error(session_id, outcome)
        fields: list[object] = [session_id, "error", type(outcome).__name__]
    else:
        row = outcome.to_dict()
        remaining = row.get("time_remaining_milliseconds")
        fields = [
            session_id,
            outcome.state.value,
            outcome.provider_state,
            row.get("expires_at"),
            remaining / 1000 if remaining is not None else None,
            outcome.duration_seconds,
            outcome.uploaded_bytes,
            outcome.downloaded_bytes,
        ]
    print("\t".join("" if f is None else printable(str(f)) for f in fields), flush=True)


@contextmanager
def printed_table() -> Iterator[Show]:
    """Collect rows, and print them as one table when the block is left, however it is left."""
    from rich.console import Console
    from rich.table import Table

    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in COLUMNS:
        table.add_column(name, justify="right" if name in NUMBERS else "left", overflow="fold")

    def show(provider: str, session_id: str, outcome: Session | SessionVitalsError) -> None:
        if isinstance(outcome, SessionVitalsError):
            say_error(session_id, outcome)
        add_row(table, provider, session_id, outcome)

    try:
        yield show
    finally:
        width = None if sys.stdout.isatty() else WIDTH_WITHOUT_TERMINAL
        if table.row_count:
            Console(width=width, highlight=False).print(table)


def add_row(
    table: Table, provider: str, session_id: str, outcome: Session | SessionVitalsError
) -> None:
    from rich.text import Text

    if isinstance(outcome, SessionVitalsError):
        state, cells = "error", [type(outcome).__name__, "", "", "", ""]
    else:
        state = outcome.state.value
        cells = [
            printable(outcome.provider_state),
            span(outcome.time_remaining),
            span(outcome.duration),
            size(outcome.uploaded_bytes),
            size(outcome.downloaded_bytes),
        ]
    # Text, so that rich takes nothing in a vendor's word for markup.
    style = COLOURS.get(state, "red")
    table.add_row(
        provider, Text(printable(session_id)), Text(state, style=style), *map(Text, cells)
    )


def span(time: timedelta | None) -> str:
    """Return "1:02:03" for a time, with days if there are any; empty for none."""
    return "" if time is None else str(timedelta(seconds=int(time.total_seconds())))


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
