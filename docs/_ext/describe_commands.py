"""Print every command of the installed `sessionvitals` as JSON, as click has them."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from typing import Any

import click


def commands(command: click.Command, path: tuple[str, ...]) -> Iterator[dict[str, Any]]:
    context = click.Context(command, info_name=path[-1])
    yield {
        "path": " ".join(path),
        "is_group": isinstance(command, click.Group),
        "usage": " ".join(["sessionvitals", *path[1:], *command.collect_usage_pieces(context)]),
        "help": command.help or "",
        "options": [option(each, context) for each in command.params if _shown(each)],
    }
    if isinstance(command, click.Group):
        for name in command.list_commands(context):
            nested = command.get_command(context, name)
            assert nested is not None
            if not nested.hidden:
                yield from commands(nested, (*path, name))


def _shown(parameter: click.Parameter) -> bool:
    return isinstance(parameter, click.Option) and not parameter.hidden


def option(parameter: click.Parameter, context: click.Context) -> dict[str, Any]:
    assert isinstance(parameter, click.Option)
    takes = "" if parameter.is_flag else parameter.make_metavar(context)
    return {
        "names": [*parameter.opts, *parameter.secondary_opts],
        "takes": takes,
        "help": parameter.help or "",
        "required": parameter.required,
    }


if __name__ == "__main__":
    from sessionvitals.cli.commands import program

    json.dump(list(commands(program, ("sessionvitals",))), sys.stdout)
