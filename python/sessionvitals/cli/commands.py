"""The commands, as click has them. What they print is in ``output.py``."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import click

from .. import CLIENTS, Session, __version__
from ..client import Client
from ..errors import (
    AuthenticationError,
    ConfigurationError,
    DeadlineExceeded,
    PermissionDeniedError,
    RateLimitError,
    SessionVitalsError,
)
from . import (
    EXIT_AUTHENTICATION,
    EXIT_DEADLINE,
    EXIT_NOT_LIVE,
    EXIT_OK,
    EXIT_RATE_LIMIT,
    EXIT_UNAVAILABLE,
    EXIT_USAGE,
)
from .doctor import doctor
from .export import answered_in, exporter, left_of
from .output import Show, printer_for, say

CLIENT_BY_NAME = {client.provider: client for client in CLIENTS}

# When ids failed in different ways, the first of these that occurred is the exit code.
CODES: Sequence[tuple[type[SessionVitalsError], int]] = (
    (AuthenticationError, EXIT_AUTHENTICATION),
    (PermissionDeniedError, EXIT_AUTHENTICATION),
    (RateLimitError, EXIT_RATE_LIMIT),
    (DeadlineExceeded, EXIT_DEADLINE),
    (ConfigurationError, EXIT_USAGE),
    (SessionVitalsError, EXIT_UNAVAILABLE),
)


def run(arguments: Sequence[str]) -> int:
    """Run one command; return its exit code. Raises KeyboardInterrupt on Ctrl-C."""
    try:
        # Not program.main(), which would make a broken pipe look like --check's 1.
        with program.make_context("sessionvitals", list(arguments)) as context:
            code = program.invoke(context)
    except click.exceptions.Exit as end:  # --help and --version
        return end.exit_code
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except SessionVitalsError as error:
        say(str(error))
        return code_of(error)
    assert isinstance(code, int)
    return code


def code_of(error: SessionVitalsError) -> int:
    return next(code for kind, code in CODES if isinstance(error, kind))


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="sessionvitals")
def program() -> None:
    """Ask tiun, Ping Network and elizaOS what their sessions are doing."""


program.add_command(doctor)


@program.command()
@click.argument("provider", type=click.Choice(sorted(CLIENT_BY_NAME)))
@click.argument("ids", nargs=-1, required=True, metavar="ID... | -")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
@click.option("--check", is_flag=True, help="Exit with 1 when some session is not live.")
@click.option("--deadline", type=float, metavar="SECONDS", help="For each id; 10 by default.")
@click.option("--max-retries", type=int, metavar="N", help="For each id; 2 by default.")
@click.option(
    "--concurrency",
    type=click.IntRange(1, 4096),
    default=64,
    metavar="N",
    help="How many ids to ask for at once; 64 by default. With 1, each is answered as it comes.",
)
@click.option("--base-url", metavar="URL", help="Another server, a mock for instance.")
@click.option(
    "--key-file",
    type=click.Path(dir_okay=False, path_type=Path),
    help="A file whose first line is the key, in place of the environment's.",
)
@click.option(
    "--out",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write the answers to a .csv, .ndjson or .parquet file.",
)
@click.option(
    "--resume",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Note each answered id in this file, and leave out those noted there.",
)
def status(
    provider: str,
    ids: Sequence[str],
    as_json: bool,
    check: bool,
    deadline: float | None,
    max_retries: int | None,
    concurrency: int,
    base_url: str | None,
    key_file: Path | None,
    out: Path | None,
    resume: Path | None,
) -> int:
    """Ask PROVIDER for the state of each session ID; - reads ids from standard input.

    The key comes from TIUN_ACCESS_TOKEN, PING_API_KEY or ELIZA_API_KEY, never from a flag, which
    every user of the machine could read.

    Exit codes: 0 every id was answered, whatever its state; 1 with --check when some session is
    not live; 2 usage; 4 authentication; 5 rate limit; 6 unavailable, or a broken contract; 124
    deadline; 130 Ctrl-C.
    """
    key = first_line_of(key_file) if key_file else None
    kind = CLIENT_BY_NAME[provider]
    client = kind(key, base_url=base_url, deadline=deadline, max_retries=max_retries)
    wanted = left_of(ids_from(ids), answered_in(resume))
    with client, printer_for(as_json) as show, exporter(out, resume, show) as take:
        return show_all(client.provider, answers(client, wanted, concurrency), take, check)


@program.command()
def demo() -> int:
    """Start a mock, ask it for every session of a scenario, and stop it again."""
    from .demo import show_demo

    return show_demo()


@program.command(add_help_option=False, context_settings={"ignore_unknown_options": True})
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def mock(arguments: Sequence[str]) -> int:
    """Become the mock server: sessionvitals mock --help."""
    from . import _hand_over_to_mock

    return _hand_over_to_mock(arguments)


def first_line_of(key_file: Path) -> str:
    try:
        return key_file.read_text(encoding="utf-8").partition("\n")[0].strip()
    except (OSError, UnicodeDecodeError) as error:
        raise click.UsageError(f"--key-file cannot be read: {error}") from error


def ids_from(words: Iterable[str]) -> Iterator[str]:
    """Yield each word, and in the place of a ``-`` each line of standard input that is not empty."""
    for word in words:
        if word != "-":
            yield word
            continue
        for line in sys.stdin:
            if line := line.strip():
                yield line


def answers(
    client: Client, ids: Iterable[str], concurrency: int
) -> Iterator[tuple[str, Session | SessionVitalsError]]:
    """Yield what became of each id, in the order of the ids."""
    if concurrency > 1:
        for outcome in client.probe_many(ids, concurrency=concurrency, ordered=True):
            yield outcome.id, outcome.error or outcome.session
        return
    # Not probe_many, which takes some ids ahead: standard input may be someone at a keyboard.
    for session_id in ids:
        try:
            yield session_id, client.probe(session_id)
        except SessionVitalsError as error:
            yield session_id, error


def show_all(
    provider: str,
    answers: Iterable[tuple[str, Session | SessionVitalsError]],
    show: Show,
    check: bool,
) -> int:
    failures: list[int] = []
    all_live = True
    for session_id, answer in answers:
        show(provider, session_id, answer)
        if isinstance(answer, SessionVitalsError):
            failures.append(code_of(answer))
            if isinstance(answer, AuthenticationError):
                break  # the same key would be refused for every other id
        else:
            all_live = all_live and answer.live
    if failures:
        return next(code for _, code in CODES if code in failures)
    return EXIT_NOT_LIVE if check and not all_live else EXIT_OK
