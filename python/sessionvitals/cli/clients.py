"""Making a client from the options of a command."""

from __future__ import annotations

import resource
from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol, TypeVar

import click

from .failures import CommandError, path_error
from .words import name_key_file, say

FC = TypeVar("FC", bound="Callable[..., Any] | click.Command")


class Decorator(Protocol):
    """What ``click.option`` and ``click.argument`` return."""

    def __call__(self, function: FC, /) -> FC: ...


#: The library's own, which a higher --concurrency raises.
DEFAULT_MAX_CONNECTIONS = 128
#: How many files a command opens beside its connections, at most.
OTHER_FILES = 64
#: What each vendor's client calls the way its key is sent, as far as there is a choice.
AUTH_SCHEMES = {"ping": "authorization_scheme", "tiun": "header_name"}

key_file_option: Decorator = click.option(
    "--key-file",
    type=click.Path(path_type=Path),
    help="A file whose first line is the key, in place of the environment's.",
)
auth_scheme_option: Decorator = click.option(
    "--auth-scheme",
    metavar="NAME",
    help="How the key is sent. ping: raw (default) or bearer; tiun: X-ACCESS-TOKEN (default) or "
    "X-TIUN-API-KEY.",
)


def client_options(
    provider: str, auth_scheme: str | None, concurrency: int = DEFAULT_MAX_CONNECTIONS
) -> dict[str, Any]:
    """Return the arguments of the vendor's client. Raises CommandError."""
    options: dict[str, Any] = {}
    if concurrency > DEFAULT_MAX_CONNECTIONS:
        options["max_connections"] = connections_for(concurrency)
    if auth_scheme is None:
        return options
    if provider not in AUTH_SCHEMES:
        raise CommandError(f"--auth-scheme: {provider} has one way to send a key")
    return {AUTH_SCHEMES[provider]: auth_scheme, **options}


def connections_for(concurrency: int) -> int:
    """Return how many connections there may be, after raising the limit of open files for them."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    needed = concurrency + OTHER_FILES
    if soft == resource.RLIM_INFINITY or needed <= soft:
        return concurrency
    if hard == resource.RLIM_INFINITY or needed <= hard:
        resource.setrlimit(resource.RLIMIT_NOFILE, (needed, hard))
        return concurrency
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    fewer = max(hard - OTHER_FILES, DEFAULT_MAX_CONNECTIONS)
    say(f"--concurrency {concurrency}: ulimit -n allows {fewer} connections")
    return fewer


def first_line_of(key_file: Path) -> str:
    """Return the key. Raises CommandError, which never shows what is in the file."""
    try:
        # With or without a byte order mark, as a file of ids may be.
        with key_file.open(encoding="utf-8-sig") as file:
            key = file.readline().strip()
    except OSError as error:
        raise path_error("--key-file", key_file, error) from error
    except UnicodeDecodeError:
        raise CommandError(f"--key-file {key_file}: not text in UTF-8") from None
    if not key:
        raise CommandError(f"--key-file {key_file}: its first line is empty; it must be the key")
    name_key_file(f"--key-file {key_file}")
    return key
