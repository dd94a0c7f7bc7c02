"""The commands, as click has them."""

from __future__ import annotations

import os
from collections.abc import Sequence
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from click.shell_completion import get_completion_class

from .. import CLIENTS, __version__
from ..errors import SessionVitalsError
from ..states import SessionState
from . import EXIT_OK
from .asking import Run, code_of
from .clients import auth_scheme_option, client_options, first_line_of, key_file_option
from .doctor import doctor
from .export import open_sink
from .failures import CommandError
from .fleet import fleet
from .forms import FORMS, form_of
from .forms import HELP as HELP_ON_FORMS
from .ids import Ids
from .ledger import ledger
from .notes import Notes
from .operations import GROUPS, OPERATIONS
from .operations.operation import group_of
from .output import Progress, printer_for
from .shell.completing import (
    COMPLETION_VARIABLE,
    SHELLS,
    MockCommand,
    answer_shell,
    offer_paths_of_mock,
)
from .shell.manual import add_examples, man_page
from .watch import FORMS as FORMS_OF_WATCH
from .watch import HELP as HELP_ON_CHANGES
from .watch import Duration, check_watch, shard_option, watch_sessions
from .words import name_key_file, say

if TYPE_CHECKING:
    from .. import Client

CLIENT_BY_NAME = {client.provider: client for client in CLIENTS}


def run(arguments: Sequence[str]) -> int:
    """Run one command; return its exit code. Raises KeyboardInterrupt on Ctrl-C."""
    if instruction := os.environ.get(COMPLETION_VARIABLE):
        return answer_shell(program, instruction)
    name_key_file("")
    try:
        # Not program.main(), which would make a broken pipe look like --check's 1.
        with program.make_context("sessionvitals", list(arguments)) as context:
            code = program.invoke(context)
    except click.exceptions.Exit as end:  # --help and --version
        return end.exit_code
    except click.ClickException as error:
        with suppress(OSError):
            error.show()
        return error.exit_code
    except CommandError as error:
        say(str(error))
        return error.code
    except SessionVitalsError as error:
        say(str(error))
        return code_of(error)
    assert isinstance(code, int)
    return code


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="sessionvitals")
def program() -> None:
    """Ask tiun, Ping Network and elizaOS what their sessions are doing, and make their calls."""


program.add_command(doctor)
program.add_command(ledger)
program.add_command(fleet)
kind: type[Client]
for kind in CLIENTS:
    if kind.provider in OPERATIONS:
        program.add_command(
            group_of(kind, OPERATIONS[kind.provider], GROUPS.get(kind.provider, {}))
        )


@program.command(short_help="Ask for the state of sessions.")
@click.argument("provider", type=click.Choice(sorted(CLIENT_BY_NAME)))
@click.argument("ids", nargs=-1, required=True, metavar="ID... | -")
@click.option("-o", "--output", "form", type=click.Choice(FORMS), help=HELP_ON_FORMS)
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line: -o ndjson.")
@click.option("-w", "--watch", "watches", is_flag=True, help="Go on, and show every change.")
@click.option("--check", is_flag=True, help="Exit with 1 when some session is not live.")
@click.option("--timeout", type=float, metavar="SECONDS", help="For each id; 10 by default.")
@click.option("--max-retries", type=int, metavar="N", help="For each id; 2 by default.")
@click.option(
    "--concurrency",
    type=click.IntRange(1, 4096),
    default=64,
    metavar="N",
    help="How many ids to ask for at once; 64 by default.",
)
@click.option("--base-url", metavar="URL", help="Another server, a mock for instance.")
@key_file_option
@auth_scheme_option
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    help="Write the answers to a .csv, .ndjson or .parquet file.",
)
@click.option(
    "--resume",
    type=click.Path(path_type=Path),
    help="Note each answered id in this file, and leave out those noted there.",
)
def status(
    provider: str,
    ids: Sequence[str],
    form: str | None,
    as_json: bool,
    watches: bool,
    check: bool,
    timeout: float | None,
    max_retries: int | None,
    concurrency: int,
    base_url: str | None,
    key_file: Path | None,
    auth_scheme: str | None,
    out: Path | None,
    resume: Path | None,
) -> int:
    """Ask PROVIDER for the state of each session ID; - reads ids from standard input.

    The key comes from TIUN_ACCESS_TOKEN, PING_API_KEY or ELIZA_API_KEY, never from a flag, which
    every user of the machine could read.

    Exit codes: 0 every id was answered, whatever its state; 1 with --check when some session is
    not live; 2 usage; 3 refused; 4 authentication; 5 rate limit; 6 unavailable, or a broken contract; 74 a
    file or stream failed; 124 deadline; 130 Ctrl-C; 143 SIGTERM.
    """
    form = form_of(form, as_json=as_json)
    if watches:
        check_watch(provider, ids)
    if out and form:
        raise CommandError("-o is for standard output: the name of --out says its form")
    key = first_line_of(key_file) if key_file else None
    options: dict[str, Any] = {
        **client_options(provider, auth_scheme, concurrency),
        "base_url": base_url,
        "timeout": timeout,
        "max_retries": max_retries,
    }
    with ExitStack() as stack:
        client = stack.enter_context(CLIENT_BY_NAME[provider](key, **options))
        if watches:
            if out or resume or check or form == "json":
                raise CommandError("--watch goes with no file, no --check, and no -o json")
            return watch_sessions(client, ids, forever=True, form=form)
        if check and resume:
            raise CommandError(
                "--check goes with no --resume: what was answered before is not asked again, and may "
                "be over by now"
            )
        notes = Notes(resume) if resume else None
        wanted = Ids(ids, notes.is_left_out if notes else lambda session_id: False)
        show, end_output = printer_for(form, wanted.longest)
        try:
            sink = open_sink(provider, out, notes, lambda *answer: show(provider, *answer))
        except BaseException:
            if notes:
                notes.discard()
            raise
        if notes:
            stack.callback(notes.close)
        stack.callback(sink.close)
        asking = Run(client, wanted, sink, Progress(out is not None))
        code = ask(asking, concurrency, check)
        if out is None:
            end_output()
        return code


def ask(run: Run, concurrency: int, check: bool) -> int:
    """Ask for all ids, and say at the end how it went, whatever ends it."""
    ended: BaseException | None = None
    try:
        run.ask_all(concurrency)
    except BaseException as error:  # noqa: BLE001 Ctrl-C too, and raised again below
        ended = error
    if isinstance(ended, BrokenPipeError):
        raise ended  # who has stopped reading wants no words
    try:
        words = run.finish()
    except CommandError as error:
        ended = ended or error
        words = run.summary()
    if isinstance(ended, CommandError):
        say(str(ended))
    if words:
        say(f"interrupted: {words}" if isinstance(ended, KeyboardInterrupt) else words)
    if isinstance(ended, CommandError):
        return ended.code
    if ended is not None:
        raise ended
    return run.exit_code(check)


@program.command(short_help="Follow sessions until they end.")
@click.argument("provider", type=click.Choice(sorted(CLIENT_BY_NAME)))
@click.argument("ids", nargs=-1, required=True, metavar="ID... | -")
@click.option(
    "--until",
    type=click.Choice([state.value for state in SessionState]),
    multiple=True,
    help="What to wait for, once or more; by default any end.",
)
@click.option("--deadline", type=Duration(), metavar="TIME", help="For all of it: 90, 10m, 2h.")
@click.option(
    "--forever",
    is_flag=True,
    help="No deadline; without --until, also past an end that may not be the last.",
)
@click.option("--every", type=Duration(), metavar="TIME", help="From look to look; tiun wants it.")
@click.option(
    "--missing",
    type=click.Choice(("end", "wait")),
    default="end",
    help="What a session that is not found at first means; the end by default.",
)
@click.option("--counters", is_flag=True, help="Numbers that change are changes, too.")
@click.option(
    "--events",
    type=click.Choice(("auto", "never")),
    default="auto",
    help="Whether Ping's events say when to look, for three ids and more; auto by default.",
)
@click.option("-o", "--output", "form", type=click.Choice(FORMS_OF_WATCH), help=HELP_ON_CHANGES)
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line: -o ndjson.")
@click.option("--timeout", type=float, metavar="SECONDS", help="For each look; 10 by default.")
@click.option("--base-url", metavar="URL", help="Another server, a mock for instance.")
@key_file_option
@auth_scheme_option
@click.option(
    "--resume",
    type=click.Path(path_type=Path),
    help="Go on from what is in this file, and keep it there.",
)
@shard_option
def watch(
    provider: str,
    ids: Sequence[str],
    form: str | None,
    as_json: bool,
    timeout: float | None,
    base_url: str | None,
    key_file: Path | None,
    auth_scheme: str | None,
    **how: Any,
) -> int:
    """Follow each session ID of PROVIDER, and print every change; - reads ids from standard input.

    A terminal shows a table, with the latest of each session; anything else gets a line a change.
    The fields of -o tsv and csv are when, which, why, the state before and now, the vendor's own
    word, whether more may have happened in between, and an error's name.

    Exit codes: 0 every session came into a state of --until, or to an end where none was named; 1
    some came to another end; 2 usage; 4 authentication; 6 a broken contract; 74 a file or stream
    failed; 124 deadline; 130 Ctrl-C; 143 SIGTERM.
    """
    form = form_of(form, as_json=as_json)
    key = first_line_of(key_file) if key_file else None
    options: dict[str, Any] = {
        **client_options(provider, auth_scheme),
        "base_url": base_url,
        "timeout": timeout,
    }
    with CLIENT_BY_NAME[provider](key, **options) as client:
        return watch_sessions(client, ids, form=form, **how)


@program.command(short_help="Start a mock, and ask it for a dozen sessions.")
def demo() -> int:
    """Start a mock, ask it for every session of a scenario, and stop it again."""
    from .demo import show_demo

    return show_demo()


@program.command(
    cls=MockCommand,
    short_help="Run the sandbox of all three vendors.",
    add_help_option=False,
    context_settings={"ignore_unknown_options": True},
)
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED, shell_complete=offer_paths_of_mock)
def mock(arguments: Sequence[str]) -> int:
    """Become the mock server: sessionvitals mock --help."""
    from . import hand_over_to_mock

    return hand_over_to_mock(arguments)


@program.command(short_help="Print what makes a shell complete this command.")
@click.argument("shell", type=click.Choice(SHELLS))
def completion(shell: str) -> int:
    """Print a script that makes SHELL complete this command.

    \b
    bash   eval "$(sessionvitals completion bash)"     in ~/.bashrc
    zsh    eval "$(sessionvitals completion zsh)"      in ~/.zshrc, after compinit
    fish   sessionvitals completion fish | source      in ~/.config/fish/config.fish
    """
    kind = get_completion_class(shell)
    assert kind is not None
    print(kind(program, {}, "sessionvitals", COMPLETION_VARIABLE).source())
    return EXIT_OK


@program.command(short_help="Print the man page.")
def man() -> int:
    """Print the manual of all commands in the form that man reads."""
    print(man_page(program))
    return EXIT_OK


add_examples(program)
