"""``sessionvitals fleet``: asking for more sessions than one process should."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timezone
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from .. import CLIENTS
from . import EXIT_IO, EXIT_OK, EXIT_UNAVAILABLE
from .clients import Decorator, auth_scheme_option, client_options, first_line_of, key_file_option
from .failures import CommandError
from .output import Progress
from .shell.completing import offer_files, offer_folders
from .words import say

if TYPE_CHECKING:
    from .._sync.client import Client
    from ..fleet import FleetStatus
    from ..pacing.pace import Pace

CLIENT_BY_NAME = {client.provider: client for client in CLIENTS}


def make_client(provider: str, key_file: str | None, options: dict[str, Any]) -> Client:
    """Make a worker's client, with the key of its environment or of a file."""
    key = first_line_of(Path(key_file)) if key_file else None
    return CLIENT_BY_NAME[provider](key, **options)


@click.group(short_help="Millions of sessions, by many processes.")
def fleet() -> None:
    """Ask for millions of sessions, by processes that may be killed and run twice.

    A run's answers are in DIR/run=ID, one Parquet file a partition; _SUCCESS says that all are
    there. DIR is a folder, or a URL that fsspec knows, as s3://bucket/folder.
    """


@contextmanager
def told() -> Iterator[None]:
    """Have a FleetError end the command with its words."""
    from ..fleet import FleetError  # as much as a fleet needs is not for every command

    try:
        yield
    except FleetError as error:
        raise CommandError(str(error), EXIT_IO) from error


ids_argument: Decorator = click.argument("ids", metavar="IDS", shell_complete=offer_files)
out_option: Decorator = click.option(
    "--out",
    required=True,
    metavar="DIR",
    help="Where the run's files are.",
    shell_complete=offer_folders,
)
partitions_option: Decorator = click.option(
    "--partitions", type=int, metavar="N", help="One for each 50,000 ids by default."
)


@fleet.command("partition", short_help="Sort ids into partitions, for workers of your own.")
@ids_argument
@out_option
@click.option("--run-id", required=True, metavar="ID", help="The run's name.")
@partitions_option
def partition_command(ids: str, out: str, run_id: str, partitions: int | None) -> int:
    """Sort the ids of IDS, a .parquet, .csv, .ndjson or .txt file, into partitions."""
    from ..fleet import partition

    with told():
        plan = partition(ids, out, run_id=run_id, partitions=partitions)
    say(f"run {plan.run_id}: {plan.ids} ids in {plan.partitions} partitions")
    return EXIT_OK


@fleet.command("run", short_help="Ask for every id, and go on with a run that was cut.")
@click.argument("provider", type=click.Choice(sorted(CLIENT_BY_NAME)))
@ids_argument
@out_option
@click.option("--run-id", metavar="ID", help="The run to go on with; a new one by default.")
@partitions_option
@click.option("--workers", type=int, default=1, metavar="N", help="Processes; 1 by default.")
@click.option(
    "--ray",
    metavar="ADDRESS",
    help="The workers are tasks of the Ray cluster there; auto for this machine's.",
)
@click.option("--rate", type=float, metavar="R", help="At most so many ids a second, in all.")
@click.option("--burst", type=int, metavar="N", help="How many of them at once; R / 10 by default.")
@click.option("--redis", metavar="URL", help="Share --rate with all runs that use this Redis.")
@click.option(
    "--redis-key", metavar="NAME", help="What the limit is called there; ping by default."
)
@click.option("--timeout", type=float, metavar="SECONDS", help="For each id; 10 by default.")
@click.option("--max-retries", type=int, metavar="N", help="For each id; 2 by default.")
@click.option(
    "--concurrency",
    type=click.IntRange(1, 4096),
    default=64,
    metavar="N",
    help="How many ids each worker asks for at once; 64 by default.",
)
@click.option("--base-url", metavar="URL", help="Another server, a mock for instance.")
@click.option("--json", "as_json", is_flag=True, help="Print the status as one JSON object.")
@key_file_option
@auth_scheme_option
def run_command(
    provider: str,
    ids: str,
    out: str,
    run_id: str | None,
    partitions: int | None,
    workers: int,
    ray: str | None,
    rate: float | None,
    burst: int | None,
    redis: str | None,
    redis_key: str | None,
    timeout: float | None,
    max_retries: int | None,
    concurrency: int,
    base_url: str | None,
    as_json: bool,
    key_file: Path | None,
    auth_scheme: str | None,
) -> int:
    """Ask for the state of every id of IDS, a .parquet, .csv, .ndjson or .txt file.

    Ctrl-C ends it; the same command with --run-id goes on. The exit code is 0 when every partition
    is there, and 6 when some are missing. The nodes of a Ray cluster have the key, and REDIS_URL,
    in their own environment, and see the same DIR.
    """
    options: dict[str, Any] = {
        **client_options(provider, auth_scheme, concurrency),
        "base_url": base_url,
    }
    options.update({"timeout": timeout, "max_retries": max_retries})
    options = {name: value for name, value in options.items() if value is not None}
    if key_file:
        first_line_of(key_file)
    hint = ""
    if run_id is None:
        run_id = datetime.now(timezone.utc).strftime("%Y-%m-%dT%H%M%SZ")
        hint = f"run {run_id}; to go on with it later: --run-id {run_id}"
    progress = Progress(True)

    def show(done: int, partitions: int, rows: int) -> None:
        nonlocal hint
        if hint:  # now that there is a run to go on with
            say(hint)
            hint = ""
        progress.show(f"{done} of {partitions} partitions, {rows} rows")

    try:
        with told():
            found = runner(ray)(
                ids,
                partial(
                    make_client, provider, str(key_file.resolve()) if key_file else None, options
                ),
                out,
                run_id=run_id,
                partitions=partitions,
                workers=workers,
                pace=pace_of(provider, rate, burst, redis, redis_key),
                concurrency=concurrency,
                on_progress=show,
            )
    finally:
        progress.clear()
    if not found.rows and not found.missing:
        say(f"{ids} has no ids")
    return tell(found, as_json)


def runner(ray_address: str | None) -> Callable[..., FleetStatus]:
    """Return what runs a fleet, on processes of this machine or on a cluster. Raises CommandError."""
    if ray_address is None:
        from ..fleet import run

        return run
    from ..fleet import ray as on_ray

    try:
        import ray
    except ModuleNotFoundError:
        return on_ray.run  # which says what to install
    try:
        ray.init(ray_address, log_to_driver=False, logging_level="error")
    except (ConnectionError, RuntimeError, ValueError) as error:
        first = str(error).strip().partition("\n")[0]
        raise CommandError(f"no Ray cluster was found at {ray_address}: {first}") from error
    return on_ray.run


def pace_of(
    provider: str, rate: float | None, burst: int | None, redis: str | None, key: str | None
) -> Pace | None:
    """Return the pace of the options. Raises CommandError."""
    if rate is None and (burst is not None or redis is not None):
        raise CommandError("--burst and --redis need --rate")
    if key is not None and redis is None:
        raise CommandError("--redis-key needs --redis")  # else the limit would be shared by nobody
    if rate is None:
        return None
    if redis is None:
        from ..pacing.pace import Pace

        return Pace(rate, burst)
    from ..pacing.redis_pace import RedisPace, has_password

    if has_password(redis):
        os.environ["REDIS_URL"] = redis  # where the workers find it: it is in no task's arguments
        return RedisPace(key=key or provider, rate=rate, burst=burst)
    return RedisPace(redis, key=key or provider, rate=rate, burst=burst)


@fleet.command("status", short_help="How far a run is.")
@click.argument("out", metavar="DIR", shell_complete=offer_folders)
@click.option("--run-id", required=True, metavar="ID", help="The run's name.")
@click.option("--json", "as_json", is_flag=True, help="Print it as one JSON object.")
def status_command(out: str, run_id: str, as_json: bool) -> int:
    """Say what of a run is published. The exit code is 0 when all is, else 6."""
    from ..fleet import status

    with told():
        found = status(out, run_id)
    return tell(found, as_json)


def tell(found: FleetStatus, as_json: bool) -> int:
    if as_json:
        print(json.dumps(found.to_dict()))
    else:
        say(words_of(found))
    for number, words in sorted(found.failures.items()):
        say(f"partition {number}: {words}")
    return EXIT_OK if found.committed else EXIT_UNAVAILABLE


def words_of(found: FleetStatus) -> str:
    words = f"run {found.run_id}: {found.done} of {found.partitions} partitions, {found.rows} rows"
    if found.errors_by_kind:
        kinds = ", ".join(f"{count} {kind}" for kind, count in found.errors_by_kind.items())
        words += f", of which failed {sum(found.errors_by_kind.values())} ({kinds})"
    return words + ("; committed" if found.committed else "; not committed")
