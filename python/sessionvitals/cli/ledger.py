"""``sessionvitals ledger``: following sessions into a ledger, and what it says was used."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timezone
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from .. import CLIENTS
from ..ledger.errors import LedgerError
from . import EXIT_IO, EXIT_OK, EXIT_UNAVAILABLE
from .clients import Decorator, auth_scheme_option, client_options, first_line_of, key_file_option
from .failures import CommandError
from .forms import FORMS, JsonArray, form_of, print_csv
from .forms import HELP as HELP_ON_FORMS
from .ids import Ids
from .output import Progress, cells_across
from .shell.completing import offer_files
from .words import printable, say

if TYPE_CHECKING:
    from ..ledger import Followed, Ledger

    TimeType = click.ParamType[datetime]
else:
    TimeType = click.ParamType

#: How many ids that cannot be sent are named.
MOST_NAMED = 3

CLIENT_BY_NAME = {client.provider: client for client in CLIENTS}


@click.group(short_help="What Ping's sessions have used, as evidence for a bill.")
def ledger() -> None:
    """Keep what Ping's sessions have used, and say it for any window.

    LEDGER is a file, or the URL of a PostgreSQL database: postgresql://user@host/database. A
    password is better in ~/.pgpass or PGPASSWORD than in the URL.
    """


@contextmanager
def opened(where: str, *, create: bool = False) -> Iterator[Ledger]:
    from ..ledger import Ledger

    try:
        with Ledger(where, create=create) as found:
            yield found
    except LedgerError as error:
        raise CommandError(str(error), EXIT_IO) from error


class Time(TimeType):
    """A date, or a time as ISO 8601 has it; UTC where it has no offset."""

    name = "time"

    def convert(self, value: Any, parameter: Any, context: Any) -> datetime:
        if isinstance(value, datetime):
            return value
        try:
            time = datetime.fromisoformat(str(value).replace("Z", "+00:00"))
        except ValueError:
            self.fail(f"{value} is no date or time such as 2026-11-01 or 2026-11-01T12:00:00Z")
        return time if time.tzinfo else time.replace(tzinfo=timezone.utc)


def start_of_month() -> datetime:
    today = datetime.now(timezone.utc)
    return today.replace(day=1, hour=0, minute=0, second=0, microsecond=0)


ledger_argument: Decorator = click.argument("where", metavar="LEDGER", shell_complete=offer_files)
from_option: Decorator = click.option(
    "--from",
    "start",
    type=Time(),
    default=start_of_month,
    metavar="TIME",
    help="A date or time, UTC without an offset; the start of this month by default.",
)
to_option: Decorator = click.option(
    "--to",
    "end",
    type=Time(),
    default=lambda: datetime.now(timezone.utc),
    metavar="TIME",
    help="Not included; now by default.",
)
json_option: Decorator = click.option(
    "--json", "as_json", is_flag=True, help="One JSON object a line: -o ndjson."
)
form_choice: Decorator = click.option(
    "-o", "--output", "form", type=click.Choice(FORMS), help=HELP_ON_FORMS
)


@ledger.command(short_help="Look at sessions at an interval, and record what is seen.")
@click.argument("provider", type=click.Choice(sorted(CLIENT_BY_NAME)))
@ledger_argument
@click.argument("ids", nargs=-1, metavar="[ID... | -]")
@click.option("--events", is_flag=True, help="Record the account's stream of events besides.")
@click.option(
    "--every", type=float, default=60.0, metavar="SECONDS", help="Between looks; 60 by default."
)
@click.option("--rounds", type=int, metavar="N", help="End after N looks at each; 1 for cron.")
@click.option("--deadline", type=float, metavar="SECONDS", help="For all; none by default.")
@click.option("--timeout", type=float, metavar="SECONDS", help="For each look; 10 by default.")
@click.option(
    "--concurrency", type=click.IntRange(1, 4096), default=64, metavar="N", help="64 by default."
)
@click.option("--base-url", metavar="URL", help="Another server, a mock for instance.")
@key_file_option
@auth_scheme_option
def follow(
    provider: str,
    where: str,
    ids: Sequence[str],
    events: bool,
    every: float,
    rounds: int | None,
    deadline: float | None,
    timeout: float | None,
    concurrency: int,
    base_url: str | None,
    key_file: Path | None,
    auth_scheme: str | None,
) -> int:
    """Look at each session ID every so many seconds, until the vendor knows none of them.

    With - the ids are the lines of standard input. Without any, every session that the account's
    stream of events names is followed. Ctrl-C ends it; what was seen up to a second before is kept.
    """
    from ..ledger.observed import check_provider

    check_provider(provider)
    key = first_line_of(key_file) if key_file else None
    options: dict[str, Any] = {
        **client_options(provider, auth_scheme, concurrency),
        "base_url": base_url,
        "timeout": timeout,
    }
    source = Ids(ids, lambda session_id: False)
    wanted: list[str] = []
    while source.wait():
        wanted.extend(source.ready())
    progress = Progress(True)

    def show(so_far: Followed) -> None:
        progress.show(words_of(so_far))

    with CLIENT_BY_NAME[provider](key, **options) as client, opened(where, create=True) as into:
        done = into.follow(
            client,
            wanted if ids else None,
            events=events or not ids,
            every=every,
            rounds=rounds,
            deadline=deadline,
            concurrency=concurrency,
            on_round=show,
        )
    progress.clear()
    say(words_of(done))
    return EXIT_OK if done.looks or done.events or not wanted else EXIT_UNAVAILABLE


def words_of(done: Followed) -> str:
    words = f"{done.rounds} rounds, {done.looks} looks recorded"
    if done.events:
        words += f", {done.events} events"
    if done.failures:
        kinds = ", ".join(f"{count} {kind}" for kind, count in done.failures.most_common())
        words += f", {done.failures.total()} failed ({kinds})"
    if done.unsent:
        named = ", ".join(repr(each) for each in islice(done.unsent, MOST_NAMED))
        more = len(done.unsent) - MOST_NAMED
        words += f"; cannot be sent: {named}" + (f" and {more} more" if more > 0 else "")
    return f"{words}; {done.left} sessions left"


@ledger.command(short_help="What was used in a window.")
@ledger_argument
@from_option
@to_option
@click.option(
    "--by",
    type=click.Choice(("client", "session", "day")),
    default="client",
    help="A row for each; client by default.",
)
@click.option(
    "--split",
    type=click.Choice(("later", "earlier", "linear")),
    default="later",
    help="Where use over the window's edge belongs; later by default.",
)
@click.option(
    "--first",
    type=click.Choice(("count", "skip")),
    default="count",
    help="What was used before a session was first seen; count by default.",
)
@form_choice
@json_option
@click.option(
    "--plot", type=click.Path(path_type=Path), help="Draw it to an .svg, .png or .pdf file."
)
@click.option(
    "--out", type=click.Path(path_type=Path), help="Write it to a .csv, .ndjson or .parquet file."
)
def usage(
    where: str,
    start: datetime,
    end: datetime,
    by: str,
    split: str,
    first: str,
    form: str | None,
    as_json: bool,
    plot: Path | None,
    out: Path | None,
) -> int:
    """Say what was used from --from to --to: bytes up, bytes down, seconds.

    Figures are exact, and never above the truth; a flag says why one may be below it.
    """
    form = form_of(form, as_json=as_json)
    with opened(where) as found:
        report = found.usage(start, end, by=by, split=split, first=first)
        if out is not None:
            report.export(out)
        if plot is not None:
            report.plot(plot)
    if form is not None or out is None:
        head = (by, "sessions", "bytes up", "bytes down", "seconds", "flags")
        rows = [
            (
                report.label(each),
                each.sessions,
                each.uploaded_bytes,
                each.downloaded_bytes,
                each.duration_seconds,
                ",".join(each.flags),
            )
            for each in report
        ]
        print_in(form, head, rows, [each.to_dict() for each in report])
    return EXIT_OK


@ledger.command(short_help="Where use may have been missed.")
@ledger_argument
@from_option
@to_option
@form_choice
@json_option
def gaps(where: str, start: datetime, end: datetime, form: str | None, as_json: bool) -> int:
    """List the gaps that end from --from to --to: why the sums there may be too low."""
    form = form_of(form, as_json=as_json)
    with opened(where) as found:
        objects = [each.to_dict() for each in found.gaps(start, end)]
    rows = [[each[name] or "" for name in GAP_COLUMNS] for each in objects]
    print_in(form, GAP_COLUMNS, rows, objects)
    return EXIT_OK


GAP_COLUMNS = ("kind", "start", "end", "session_id", "client_id", "meaning")


@ledger.command(short_help="Write every observation to a file.")
@ledger_argument
@click.argument("out", type=click.Path(path_type=Path), metavar="OUT")
def export(where: str, out: Path) -> int:
    """Write every observation to OUT, a .csv, .ndjson or .parquet file, in one step."""
    with opened(where) as found:
        count = found.export(out)
    say(f"{out} has {count} observations")
    return EXIT_OK


@ledger.command(short_help="Have a period's figures stay the same for ever.")
@ledger_argument
@click.option("--until", type=Time(), required=True, metavar="TIME", help="Not included.")
def close(where: str, until: datetime) -> int:
    """Close all time before --until; what is recorded later for it counts from there on.

    It cannot be undone.
    """
    with opened(where) as found:
        found.close_period(until)
    say(f"closed until {until.isoformat()}")
    return EXIT_OK


def print_in(
    form: str | None,
    head: Sequence[str],
    rows: Sequence[Sequence[object]],
    objects: Sequence[dict[str, Any]],
) -> None:
    """Print the rows, or the same as objects; without a form as status does, without a head."""
    form = form or ("table" if sys.stdout.isatty() else "tsv")
    if form == "ndjson":
        for each in objects:
            print(json.dumps(each))
        return
    if form == "json":
        array = JsonArray()
        for each in objects:
            array.add(each)
        array.end()
        return
    if form == "csv":
        for record in [head, *rows]:
            print_csv(record)
        return
    cells = [[printable(str(cell)) for cell in row] for row in rows]
    if form == "tsv":
        for row in cells:
            print("\t".join(row))
        return
    cells.insert(0, list(head))
    widths = [max(map(cells_across, column)) for column in zip(*cells, strict=True)]
    for row in cells:
        padded = [c + " " * (w - cells_across(c)) for c, w in zip(row, widths, strict=True)]
        print("  ".join(padded).rstrip())
