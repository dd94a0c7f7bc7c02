"""Types of what commands are given that click has no type for."""

from __future__ import annotations

import json
import os
import sys
from datetime import datetime
from pathlib import Path
from typing import Any

import click

from .. import EXIT_IO
from ..failures import CommandError, path_error, write_error


def id_argument(name: str, metavar: str = "ID") -> click.Argument:
    return click.Argument([name], metavar=metavar)


def json_of(text: str) -> Any:
    """Return what the JSON says. Raises BadParameter."""
    try:
        return json.loads(text, parse_constant=_refuse)
    except (ValueError, RecursionError) as error:
        raise click.BadParameter(f"not JSON: {error}") from None


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is none")


def time_of(text: str) -> datetime | int:
    """Return milliseconds since 1970, or an aware time. Raises BadParameter."""
    try:
        time = (
            int(text) if text.isdecimal() else datetime.fromisoformat(text.replace("Z", "+00:00"))
        )
    except ValueError:
        raise click.BadParameter("neither ISO 8601 nor milliseconds since 1970") from None
    if isinstance(time, datetime) and time.tzinfo is None:
        raise click.BadParameter("it has no time zone: end it with Z, or with +01:00")
    return time


class SecretFile(click.Path):
    """A file, or - for standard input, whose one line is a secret: no flag takes it itself."""

    def __init__(self) -> None:
        super().__init__(allow_dash=True)

    def convert(
        self, value: Any, parameter: click.Parameter | None, context: click.Context | None
    ) -> Any:
        if context is not None and context.resilient_parsing:  # a shell completes a line
            return value
        return read_text(os.fspath(value), parameter.opts[0] if parameter else "").strip()


def read_text(path: str, option: str) -> str:
    """Return the file's text, or that of standard input for -.

    Raises:
        CommandError: It cannot be read, or is not UTF-8; what is in it is not shown.
    """
    named = "standard input" if path == "-" else f"{option} {path}"
    try:
        if path != "-":
            return Path(path).read_text(encoding="utf-8")
        if sys.stdin is None:
            raise CommandError("standard input is closed", EXIT_IO)
        return sys.stdin.buffer.read().decode("utf-8")
    except UnicodeDecodeError:
        raise CommandError(f"{named}: not text in UTF-8") from None
    except OSError as error:
        raise (
            write_error(named, error) if path == "-" else path_error(option, path, error)
        ) from error
