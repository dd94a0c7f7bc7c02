"""The command `watch`: one line or record a change, or a table that a terminal keeps up to date."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import sys
from collections.abc import Callable, Sequence
from contextlib import ExitStack, closing
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from .. import CLIENTS
from ..errors import ConfigurationError
from ..states import SessionState
from ..watching.changes import Change
from . import EXIT_DEADLINE, EXIT_OK
from .clients import Decorator
from .failures import CommandError
from .forms import print_csv
from .ids import Ids, text_of
from .token_file import Saver, TokenFile
from .words import printable, say

CLIENT_BY_NAME = {client.provider: client for client in CLIENTS}

EXIT_ENDED_OTHERWISE = 1
#: The forms of ``-o``; no JSON array, since a watch may have no end.
FORMS = ("table", "tsv", "csv", "ndjson")
HELP = "The form of a change. A terminal gets a table if not said, other programs lines of words."
COLUMNS = ("observed_at", "id", "reason", "before", "state", "provider_state", "missed", "error")
UNITS = {"": 1.0, "ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}


if TYPE_CHECKING:
    FloatType = click.ParamType[float]
    ShardType = click.ParamType[tuple[int, int]]
else:
    FloatType = ShardType = click.ParamType


class Duration(FloatType):
    """Seconds, also with a unit: 90, 5s, 10m, 1.5h, 2d."""

    name = "duration"

    def convert(
        self, value: Any, param: click.Parameter | None, context: click.Context | None
    ) -> float:
        if isinstance(value, float):
            return value
        found = re.fullmatch(r"([0-9]+(?:\.[0-9]+)?)(ms|s|m|h|d|)", str(value))
        if found is None:
            self.fail(f"{value!r} is no duration: write 90, 5s, 10m, 2h or 1d.", param, context)
        return float(found[1]) * UNITS[found[2]]


def print_json(change: Change) -> None:
    print(json.dumps(change.to_dict()), flush=True)  # ASCII: no terminal obeys it


def line_of(change: Change) -> str:
    """Return the change as one line: when, which, from what, to what, and what is to be known."""
    moment = change.observed_at.strftime("%Y-%m-%dT%H:%M:%SZ")
    words = [moment, text_of(change.session_id)]
    if change.reason == "trouble":
        words.append(f"trouble: {change.error}")
    else:
        if change.before is not None:
            words += [change.before.state.value, "->"]
        words.append(change.after.state.value)
        if change.inferred is not None and change.inferred != change.after.state:
            words.append(f"({change.inferred.value})")
        if change.missed:
            words.append("(more may have happened in between)")
        if change.error is not None:
            words.append(f"error: {change.error}")
    return printable(" ".join(words))


def print_line(change: Change) -> None:
    print(line_of(change), flush=True)


def cells_of(change: Change) -> list[str]:
    """Return the change in the order of COLUMNS; empty is what it has not."""
    return [
        change.observed_at.isoformat(),
        text_of(change.session_id),
        change.reason,
        change.before.state.value if change.before else "",
        change.after.state.value,
        change.after.provider_state,
        "missed" if change.missed else "",
        type(change.error).__name__ if change.error else "",
    ]


def print_fields(change: Change) -> None:
    print("\t".join(map(printable, cells_of(change))), flush=True)


def print_record(change: Change) -> None:
    print_csv(cells_of(change))
    sys.stdout.flush()


class Table:
    """The latest of each session, drawn anew in place: a row a session, as many as fit."""

    def __init__(self) -> None:
        self._rows: dict[str, str] = {}
        self._drawn = 0

    def show(self, change: Change) -> None:
        self._rows.pop(change.session_id, None)
        self._rows[change.session_id] = line_of(change)
        size = shutil.get_terminal_size()
        rows = list(self._rows.values())[-max(size.lines - 2, 1) :]
        left_out = len(self._rows) - len(rows)
        if left_out:
            rows[0] = f"... and {left_out + 1} more"
        up = f"\x1b[{self._drawn}A" if self._drawn else ""
        text = "".join(f"\x1b[2K{row[: size.columns - 1]}\n" for row in rows)
        sys.stdout.write(f"{up}{text}\x1b[J")
        sys.stdout.flush()
        self._drawn = len(rows)


def printer_for(form: str | None) -> Callable[[Change], None]:
    """Return what prints a change: without a form a table on a terminal, else lines of words.

    Raises:
        CommandError: A table is asked for, and standard output is no terminal.
    """
    if form is None and sys.stdout.isatty() and os.environ.get("TERM", "dumb") != "dumb":
        form = "table"
    if form == "table" and not sys.stdout.isatty():
        raise CommandError(
            "a table is drawn on a terminal, and the output is none: leave -o table out for lines"
        )
    if form == "csv":
        print_csv(COLUMNS)
    shows = {"tsv": print_fields, "csv": print_record, "ndjson": print_json, None: print_line}
    return Table().show if form == "table" else shows[form]


class Shard(ShardType):
    """One part of many, as 3/8."""

    name = "shard"

    def convert(
        self, value: Any, param: click.Parameter | None, context: click.Context | None
    ) -> tuple[int, int]:
        if isinstance(value, tuple):
            return value
        found = re.fullmatch(r"([0-9]{1,6})/([0-9]{1,6})", str(value))
        number, of = (int(found[1]), int(found[2])) if found else (0, 0)
        if not 1 <= number <= of:
            self.fail(f"{value!r} is no shard: write 1/8 for the first of eight.", param, context)
        return number, of


shard_option: Decorator = click.option(
    "--shard",
    type=Shard(),
    metavar="K/N",
    help="Only the K-th part of N of the ids, for N processes with the same ids.",
)


def follow(watch: Any, show: Callable[[Change], None], file: TokenFile | None) -> int:
    """Print every change until the watch ends; return the exit code."""
    saver = Saver(watch, file) if file is not None else None
    tell = partial(saver.show, show) if saver is not None else show
    try:
        for change in watch:
            tell(change)
    finally:
        # Ctrl-C as well: what was printed is told no second time.
        if saver is not None:
            saver.end()
    if watch.outcome == "deadline":
        say("the deadline has passed")
        return EXIT_DEADLINE
    return EXIT_OK if watch.outcome == "reached" else EXIT_ENDED_OTHERWISE


def check_watch(provider: str, ids: Sequence[str]) -> None:
    """Refuse status --watch of a vendor whose watch has to say how often. Raises CommandError."""
    if CLIENT_BY_NAME[provider].probe_is_unsafe:
        words = " ".join(shlex.quote(each) for each in ids[:2]) + (" ..." if len(ids) > 2 else "")
        raise CommandError(
            f"--watch: each look at {provider} is a call that it may count, so say how often: "
            f"sessionvitals watch {provider} {printable(words)} --every SECONDS --forever"
        )


def ids_to_watch(words: Sequence[str], shard: tuple[int, int] | None) -> list[str]:
    """Return each id once, of the shard if there is one. Raises CommandError if none is left."""
    wanted = Ids(words, lambda session_id: False)
    found: dict[str, None] = {}
    while wanted.wait():
        found.update(dict.fromkeys(wanted.ready()))
    ids = list(found)
    if not ids:
        raise CommandError("no ids to watch")
    if shard is not None:
        from ..fleet import partition_of  # the hash that sorts a fleet's ids, too

        number, of = shard
        ids = [each for each in ids if partition_of(each, of) == number - 1]
        if not ids:
            raise CommandError(f"none of the {len(found)} ids is in the shard {number}/{of}")
    return ids


def make_watch(
    client: Any, ids: list[str], resume: Path | None, events: str, options: dict[str, Any]
) -> Any:
    """Return the watch of one id or of many. Raises CommandError if ``resume`` is not theirs."""
    try:
        if len(ids) == 1:
            return client.watch(ids[0], **options)
        return client.watch_many(ids, events=events, **options)
    except ConfigurationError as error:
        if options["resume"] is None or not str(error).startswith("resume "):
            raise
        reason = str(error).removeprefix("resume ").partition(":")[0]
        raise CommandError(
            f"--resume {resume} {reason}: name a file that a watch of these sessions has written"
        ) from error


def watch_sessions(
    client: Any,
    words: Sequence[str],
    *,
    until: Sequence[str] = (),
    forever: bool = False,
    deadline: float | None = None,
    events: str = "auto",
    form: str | None = None,
    resume: Path | None = None,
    shard: tuple[int, int] | None = None,
    **options: Any,
) -> int:
    """Follow the ids. Raises CommandError, and what a watch raises."""
    if forever == (deadline is not None):
        raise CommandError("give --deadline, for example --deadline 10m, or --forever")
    options["deadline"] = deadline
    if until:
        options["until"] = [SessionState(each) for each in until]
    elif forever:
        options["until"] = ()
    with ExitStack() as stack:
        file = stack.enter_context(closing(TokenFile(resume))) if resume else None
        options["resume"] = file.read() if file else None
        ids = ids_to_watch(words, shard)
        watch = stack.enter_context(make_watch(client, ids, resume, events, options))
        return follow(watch, printer_for(form), file)
