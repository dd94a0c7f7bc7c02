"""The native program sessionvitals-mock: where it is, and running one beside a program."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import sysconfig
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib import resources
from pathlib import Path
from typing import Any

from .errors import ConfigurationError, SessionVitalsError

NAME = "sessionvitals-mock"

#: Names another build of the program, one under a sanitizer for instance.
VARIABLE = "SESSIONVITALS_MOCK"


def find_scenario(name: str) -> Path:
    """Return the file of a scenario that comes with the package.

    Raises:
        ConfigurationError: There is none of that name; the message lists those that there are.
    """
    # Not beside this file: an editable install leaves the sources where they are.
    folder = resources.files(__package__) / "scenarios"
    names = sorted(
        file.name.removesuffix(".json")
        for file in folder.iterdir()
        if file.name.endswith(".json") and file.name != "schema.json"
    )
    if name not in names:
        raise ConfigurationError(f"no scenario {name!r}; there are: {', '.join(names)}")
    return Path(str(folder / f"{name}.json"))


def find_mock() -> Path:
    """Return the path of the mock server's program.

    Raises:
        SessionVitalsError: It is nowhere; the message names every place looked at.
    """
    if given := os.environ.get(VARIABLE):
        return Path(given)
    places = [Path(sysconfig.get_path("scripts")), Path(sys.executable).parent]
    places += [Path(place) for place in os.get_exec_path()]
    for place in places:
        if os.access(place / NAME, os.X_OK):
            return place / NAME
    tried = ", ".join(dict.fromkeys(map(str, places)))
    raise SessionVitalsError(
        f"the program {NAME} is in none of {tried}; it comes with the package "
        f"(pip install sessionvitals), or set {VARIABLE} to its path"
    )


@contextmanager
def running_mock(arguments: Sequence[str | Path] = ()) -> Iterator[dict[str, Any]]:
    """Run a mock on a free port of this machine; give what it says when it is ready.

    It stops when the block is left and when this process dies: both close its standard input.

    Raises:
        SessionVitalsError: It did not start; what it had to say is on standard error.
    """
    command = [find_mock(), "--port", "0", "--exit-with-parent", *arguments]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        line = process.stdout.readline()
        if not line:
            raise SessionVitalsError(f"{NAME} ended before it was ready; see what it said above")
        yield json.loads(line)
