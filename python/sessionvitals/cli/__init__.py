"""The command ``sessionvitals``.

This file needs nothing but Python: ``sessionvitals mock`` hands over to the
native program at once, and without the extra ``[cli]`` the rest says how to
install it. The commands proper are in ``commands.py``.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from io import TextIOWrapper

#: What each exit code says; the README has the same table.
EXIT_OK = 0
EXIT_NOT_LIVE = 1  # with --check
EXIT_USAGE = 2
EXIT_AUTHENTICATION = 4
EXIT_RATE_LIMIT = 5
EXIT_UNAVAILABLE = 6  # the network, the vendor's server, or a broken contract
EXIT_DEADLINE = 124  # as timeout(1) has it
EXIT_INTERRUPTED = 130  # as shells have it for Ctrl-C
EXIT_BROKEN_PIPE = 141  # as shells have it for SIGPIPE

#: An id may be any bytes in, and whatever comes out has to be shown somehow.
STREAMS = (
    (sys.stdin, "surrogateescape"),
    (sys.stdout, "backslashreplace"),
    (sys.stderr, "backslashreplace"),
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; return the exit code."""
    arguments = sys.argv[1:] if arguments is None else list(arguments)
    for stream, errors in STREAMS:
        if isinstance(stream, TextIOWrapper):  # which a test may have replaced
            stream.reconfigure(errors=errors)
    try:
        code = _run(arguments)
        sys.stdout.flush()
    except KeyboardInterrupt:
        return EXIT_INTERRUPTED
    except BrokenPipeError:
        # The reader has gone. Python would flush once more at exit, and complain.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return EXIT_BROKEN_PIPE
    return code


def _run(arguments: Sequence[str]) -> int:
    if arguments[:1] == ["mock"]:
        return _hand_over_to_mock(arguments[1:])
    try:
        from .commands import run
    except ModuleNotFoundError as error:
        if error.name not in {"click", "rich"}:
            raise
        print(
            "sessionvitals: this command needs click and rich; install them with\n"
            "    pip install 'sessionvitals[cli]'",
            file=sys.stderr,
        )
        return EXIT_USAGE
    return run(arguments)


def _hand_over_to_mock(arguments: Sequence[str]) -> int:
    """Become the native program; returns only if there is none."""
    from ..errors import SessionVitalsError
    from ..mock_program import find_mock

    try:
        program = find_mock()
        os.execv(program, [str(program), *arguments])
    except (SessionVitalsError, OSError) as error:
        print(f"sessionvitals: {error}", file=sys.stderr)
    return EXIT_UNAVAILABLE
