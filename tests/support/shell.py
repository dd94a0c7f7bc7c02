"""A user at a shell, whose vendors are all the mock."""

from __future__ import annotations

import os
import pty
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.sandbox import Space

COMMAND = [sys.executable, "-m", "sessionvitals"]
OF_THE_TERMINAL = {"NO_COLOR", "FORCE_COLOR", "COLUMNS", "TERM"}


def environment_of(space: Space) -> dict[str, str]:
    """Return the environment of a user who has set all there is to set."""
    return {
        **{name: value for name, value in os.environ.items() if name not in OF_THE_TERMINAL},
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        "TIUN_ACCESS_TOKEN": "tiun-sandbox-token",
        "TIUN_BASE_URL": space.base_url("tiun"),
        "PING_API_KEY": "ping-sandbox-key",
        "PING_BASE_URL": space.base_url("ping"),
        "ELIZA_BASE_URL": space.base_url("eliza"),
    }


def run(
    environment: dict[str, str], *arguments: str, given: str = ""
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*COMMAND, *arguments], env=environment, input=given, capture_output=True, text=True
    )


def interrupted(environment: dict[str, str], *arguments: str) -> tuple[int, str]:
    """Press Ctrl-C while the command waits for an answer; return its exit code and its words."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        # A shell has what it starts in the background ignore Ctrl-C: these tests, perhaps.
        heeding = ["env", "--default-signal=INT"]
        with subprocess.Popen(
            [*heeding, *COMMAND, *arguments, "--base-url", url],
            env=environment,
            stderr=subprocess.PIPE,
            text=True,
        ) as process:
            connection, _ = silent.accept()
            connection.recv(1)  # the call is on its way
            process.send_signal(signal.SIGINT)
            _, words = process.communicate()
            connection.close()
    return process.returncode, words


def open_terminal() -> tuple[int, int]:
    """Return the two ends of a terminal; skips the test where there is none."""
    try:
        return pty.openpty()
    except OSError as error:
        pytest.skip(f"this machine has no terminals to give: {error}")


def read_terminal(ours: int) -> Iterator[bytes]:
    """Yield what a terminal is sent, until the other side closes it."""
    try:
        while part := os.read(ours, 4096):
            yield part
    except OSError:  # how Linux says that the other side has closed
        pass


def on_a_terminal(
    environment: dict[str, str], *arguments: str, columns: int = 120, stream: str = "stdout"
) -> str:
    """Run the command on a terminal of its own; return all that the terminal was sent."""
    ours, theirs = open_terminal()
    streams: dict[str, Any] = {"stdout": subprocess.DEVNULL, stream: theirs}
    with subprocess.Popen(
        [*COMMAND, *arguments],
        env={**environment, "TERM": "xterm", "COLUMNS": str(columns)},
        **streams,
    ):
        os.close(theirs)
        sent = b"".join(read_terminal(ours))
    os.close(ours)
    return sent.decode()
