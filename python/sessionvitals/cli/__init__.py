"""The command ``sessionvitals``.

This file needs nothing but Python: ``sessionvitals mock`` hands over to the
native program at once, and without the extra ``[cli]`` the rest says how to
install it. The commands proper are in ``commands.py``.
"""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import threading
import traceback
from collections.abc import Iterator, Sequence
from io import TextIOWrapper

#: What each exit code says; the README has the same table.
EXIT_OK = 0
EXIT_NOT_LIVE = 1  # the answer to --check or --until is no, and never anything else
EXIT_USAGE = 2
EXIT_REFUSED = 3  # there is no such thing, or the vendor takes no such argument
EXIT_AUTHENTICATION = 4
EXIT_RATE_LIMIT = 5
EXIT_UNAVAILABLE = 6  # the network, the vendor's server, or a broken contract
EXIT_BUG = 70  # as sysexits.h has it
EXIT_IO = 74  # as sysexits.h has it: a file, or a stream
EXIT_DEADLINE = 124  # as timeout(1) has it
# As shells have it for a signal:
EXIT_HANG_UP = 129
EXIT_INTERRUPTED = 130  # Ctrl-C
EXIT_BROKEN_PIPE = 141
EXIT_TERMINATED = 143

#: Signals that end a run as Ctrl-C does: what was answered is written first.
ENDING_SIGNALS = {signal.SIGTERM: EXIT_TERMINATED, signal.SIGHUP: EXIT_HANG_UP}


class Ended(KeyboardInterrupt):
    """A signal that ends the process has come."""

    def __init__(self, number: int) -> None:
        super().__init__()
        self.exit_code: int = ENDING_SIGNALS[signal.Signals(number)]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; return the exit code. Nothing is raised."""
    arguments = sys.argv[1:] if arguments is None else list(arguments)
    if sys.stdout is None:
        return _fail("standard output is closed", EXIT_IO)
    # Whatever comes out has to be shown somehow.
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):  # which a test may have replaced
            stream.reconfigure(errors="backslashreplace")
    try:
        with _ending_signals():
            code = _run(arguments)
            sys.stdout.flush()
    except Ended as end:
        code = end.exit_code
    except KeyboardInterrupt:
        code = EXIT_INTERRUPTED
    except BrokenPipeError:
        code = EXIT_BROKEN_PIPE
    except OSError as error:
        what = error.filename or "standard output"
        code = _fail(f"{what}: {error.strerror or error}", EXIT_IO)
    except Exception as error:  # noqa: BLE001 its traceback would end in 1, which says "not live"
        code = _fail(f"a bug of sessionvitals: {type(error).__name__}: {error}", EXIT_BUG)
        if os.environ.get("SESSIONVITALS_LOG"):
            traceback.print_exc()
    _release_output()
    return code


def _fail(words: str, code: int) -> int:
    if sys.stderr is not None:
        with contextlib.suppress(OSError):
            print(f"sessionvitals: {words}", file=sys.stderr)
    return code


@contextlib.contextmanager
def _ending_signals() -> Iterator[None]:
    """Have the signals that end a process raise Ended, unless who started it has them ignored."""

    def end(number: int, frame: object) -> None:
        raise Ended(number)

    former = {}
    if threading.current_thread() is threading.main_thread():
        for each in ENDING_SIGNALS:
            if signal.getsignal(each) is signal.SIG_DFL:
                former[each] = signal.signal(each, end)
    try:
        yield
    finally:
        for each, handler in former.items():
            signal.signal(each, handler)


def _release_output() -> None:
    """Give up what cannot be written: Python would try once more at its end, and complain."""
    for stream in (sys.stdout, sys.stderr):
        if stream is None:
            continue
        try:
            stream.flush()
        except OSError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def _run(arguments: Sequence[str]) -> int:
    if arguments[:1] == ["mock"]:
        return hand_over_to_mock(arguments[1:])
    try:
        from .commands import run
    except ModuleNotFoundError as error:
        if error.name != "click":
            raise
        print(
            "sessionvitals: this command needs click; install it with\n"
            "    pip install 'sessionvitals[cli]'",
            file=sys.stderr,
        )
        return EXIT_USAGE
    return run(arguments)


def hand_over_to_mock(arguments: Sequence[str]) -> int:
    """Become the native program; returns only if that fails.

    A scenario of the package may be named: sessionvitals mock --scenario demo. With --open, a
    terminal's browser shows the dashboard.
    """
    from ..errors import ConfigurationError, SessionVitalsError
    from ..mock_program import become_mock

    try:
        become_mock(arguments)
    except ConfigurationError as error:
        print(f"sessionvitals: {error}", file=sys.stderr)
        return EXIT_USAGE
    except (SessionVitalsError, OSError) as error:
        print(f"sessionvitals: {error}", file=sys.stderr)
    return EXIT_UNAVAILABLE
