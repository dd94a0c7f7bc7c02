"""What a command needs to know of an operation, and the command that is made of it."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ...errors import ContractError, SessionVitalsError
from .. import EXIT_NOT_LIVE, EXIT_OK
from ..asking import code_of
from ..clients import (
    AUTH_SCHEMES,
    auth_scheme_option,
    client_options,
    first_line_of,
    key_file_option,
)
from ..failures import CommandError
from ..forms import form_of, form_option
from ..words import MAY_HAVE_TAKEN_EFFECT, printable, say, say_call_error
from .answers import Show, print_error, printer_for, printer_of_lines

HELP = "The form of the output. A terminal gets a table if not said, other programs a line a field."

if TYPE_CHECKING:
    from ..._sync.client import Client


@dataclass(frozen=True)
class Operation:
    """One command of a vendor."""

    #: The words that follow the vendor's: "verify-user", or "limits get" where groups nest.
    command: str
    #: The client's method. The parameters are its arguments, by their names.
    method: str
    #: One line, and after an empty one whatever else is to be known.
    help: str
    parameters: Sequence[click.Parameter] = ()
    #: Makes the call with what the parameters gave, where they are not the method's arguments.
    call: Callable[[Any, dict[str, Any]], Any] | None = None
    #: What other methods ``call`` may call.
    also: Sequence[str] = ()
    #: Which fields of a list's items a terminal shows; all if empty.
    columns: Sequence[str] = ()
    #: Whether the call changes something at the vendor.
    acts: bool = False
    #: What the call deletes, with arguments by name: "session {session_id}". Empty: nothing.
    deletes: str = ""
    #: Whether the answer is a yes or a no, which --check makes the exit code.
    is_yes_or_no: bool = False
    #: Of a call that returns a stream: what one item's line consists of, if not JSON.
    fields_of: Callable[[Any], Sequence[str]] | None = None


def options_with(timeout: str) -> list[click.Option]:
    return [
        click.Option(
            ["--json", "as_json"], is_flag=True, help="One JSON object a line: -o ndjson."
        ),
        click.Option(["--timeout"], type=float, metavar="SECONDS", help=timeout),
        click.Option(["--max-retries"], type=int, metavar="N", help="2 by default."),
        click.Option(["--base-url"], metavar="URL", help="Another server, a mock for instance."),
    ]


OPTIONS = options_with("For the whole call; 10 by default.")
OPTIONS_OF_STREAMS = [
    click.Option(
        ["--deadline"], type=float, metavar="SECONDS", help="For the whole stream; none by default."
    ),
    click.Option(
        ["--idle-timeout"],
        type=float,
        metavar="SECONDS",
        help="How long the server may say nothing; 90 by default.",
    ),
    *options_with("For the answer to begin; 10 by default."),
]
YES = click.Option(["--yes"], is_flag=True, help="Delete without asking.")
CHECK = click.Option(["--check"], is_flag=True, help="Exit with 1 when the answer is no.")

#: What is given to a command and is no argument of the client's method.
COMMON = (
    *("form", "as_json", "timeout", "max_retries", "base_url"),
    *("key_file", "auth_scheme", "yes", "check"),
)


def group_of(
    kind: type[Client], operations: Sequence[Operation], groups: Mapping[str, str]
) -> click.Group:
    """Return the vendor's command, which has one for each operation. `groups` says what is nested."""
    title = f"Make a call that {kind.provider} documents."
    group = click.Group(kind.provider, help=title)
    for operation in operations:
        *path, name = operation.command.split()
        parent = group
        for depth, word in enumerate(path, 1):
            nested = parent.commands.get(word)
            if nested is None:
                nested = click.Group(word, help=groups[" ".join(path[:depth])])
                parent.add_command(nested)
            assert isinstance(nested, click.Group)
            parent = nested
        parent.add_command(command_of(kind, operation, name))
    return group


def command_of(kind: type[Client], operation: Operation, name: str) -> click.Command:
    def callback(**given: Any) -> int:
        common = {option: given.pop(option, None) for option in COMMON}
        return perform(kind, operation, common, without_nothing(given))

    callback = key_file_option(callback)
    if kind.provider in AUTH_SCHEMES:
        callback = auth_scheme_option(callback)
    options = [*operation.parameters]
    options += (
        [
            form_option(("tsv", "ndjson"), "The form of each line; tsv by default."),
            *OPTIONS_OF_STREAMS,
        ]
        if operation.fields_of
        else [form_option(words=HELP), *OPTIONS]
    )
    if operation.deletes:
        options.append(YES)
    if operation.is_yes_or_no:
        options.append(CHECK)
    return click.command(
        name,
        params=options,
        help=operation.help,
        short_help=operation.help.partition("\n")[0],
    )(callback)


def without_nothing(given: dict[str, Any]) -> dict[str, Any]:
    """Return what was given: a call has its own defaults for the rest."""
    return {name: value for name, value in given.items() if value is not None and value != ()}


def perform(
    kind: type[Client], operation: Operation, common: dict[str, Any], arguments: dict[str, Any]
) -> int:
    """Make the call and print its answer; return the exit code."""
    if operation.deletes:
        confirm(operation.deletes.format_map(arguments), is_sure=common["yes"])
    form = form_of(common["form"], as_json=common["as_json"])
    show = printer_of(operation, form)
    options: dict[str, Any] = {
        **client_options(kind.provider, common["auth_scheme"]),
        **{name: common[name] for name in ("base_url", "timeout", "max_retries")},
    }
    key_file: Path | None = common["key_file"]
    key = first_line_of(key_file) if key_file else None
    try:
        with kind(key, **options) as client:
            answer = call_and_show(client, operation, arguments, form, show)
    except SessionVitalsError as error:  # a client that cannot be made is one, too
        if form in ("json", "ndjson"):
            print_error(error)
        say_call_error(error)
        return code_of(error)
    if isinstance(answer, Followed) and answer.trouble is not None:
        return code_of(answer.trouble)
    return EXIT_NOT_LIVE if common["check"] and not answer else EXIT_OK


def call_and_show(
    client: Client, operation: Operation, arguments: dict[str, Any], form: str | None, show: Show
) -> Any:
    """Make the call, print its answer and return it."""
    try:
        answer = (operation.call or call_method(operation.method))(client, arguments)
        if operation.fields_of is not None:
            answer = Followed(answer, as_json=form in ("json", "ndjson"))
        show(answer)
    except KeyboardInterrupt:
        if operation.acts:
            say(f"interrupted: {MAY_HAVE_TAKEN_EFFECT}")
        raise
    except OSError:  # of standard output: a call's own errors are none
        if operation.acts and not operation.fields_of:  # a stream has shown its first lines
            say("the call has taken effect, and its answer could not be written")
        raise
    return answer


class Followed(Iterator[Any]):
    """The items of a stream. An event that breaks the contract is said, and the stream goes on."""

    def __init__(self, stream: Any, *, as_json: bool) -> None:
        self._stream = stream
        self._as_json = as_json
        #: The last of such events; None if there was none.
        self.trouble: ContractError | None = None

    def __next__(self) -> Any:
        while True:
            try:
                return next(self._stream)
            except ContractError as error:
                if self._stream.is_over:
                    raise
                self.trouble = error
                if self._as_json:
                    print_error(error)
                say_call_error(error)


def printer_of(operation: Operation, form: str | None) -> Show:
    if operation.fields_of is not None and form != "ndjson":
        return printer_of_lines(operation.fields_of)
    return printer_for(form, operation.columns)


def call_method(name: str) -> Callable[[Any, dict[str, Any]], Any]:
    return lambda client, arguments: getattr(client, name)(**arguments)


def confirm(what: str, *, is_sure: bool) -> None:
    """Ask whether to delete it. Raises CommandError if not, or if nobody can be asked."""
    if is_sure:
        return
    if sys.stdin is None or not sys.stdin.isatty():
        raise CommandError(f"this deletes {what}: give --yes, as nobody can be asked here")
    print(f"sessionvitals: delete {printable(what)}? [y/N] ", end="", file=sys.stderr, flush=True)
    if sys.stdin.readline().strip().lower() not in ("y", "yes"):
        raise CommandError("nothing was deleted")
