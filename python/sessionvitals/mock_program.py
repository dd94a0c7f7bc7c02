"""Find the native program sessionvitals-mock, run it beside a program, and ask its admin interface."""

from __future__ import annotations

import json
import os
import select
import signal
import ssl
import subprocess
import sys
import sysconfig
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from http.client import HTTPException
from importlib import resources
from pathlib import Path
from typing import IO, Any

from .errors import ConfigurationError, SessionVitalsError

NAME = "sessionvitals-mock"

#: Has the token of a mock's --admin-token.
ADMIN_TOKEN = "SESSIONVITALS_ADMIN_TOKEN"

#: Names another build of the program, one under a sanitizer for instance.
VARIABLE = "SESSIONVITALS_MOCK"


#: A mock is ready in some milliseconds; scenarios of 100,000 sessions take seconds.
READY_SECONDS = 60


def find_scenario(scenario: str) -> Path:
    """Return a scenario's file: one of the package by its name, any other by its path.

    Raises:
        ConfigurationError: There is no such scenario; the message lists those of the package.
    """
    if scenario.endswith(".json"):
        if not (file := Path(scenario)).is_file():
            raise ConfigurationError(f"no scenario {scenario}: there is no such file")
        return file
    # Not beside this file: an editable install leaves the sources where they are.
    folder = resources.files(__package__) / "scenarios"
    names = sorted(
        file.name.removesuffix(".json")
        for file in folder.iterdir()
        if file.name.endswith(".json") and file.name != "schema.json"
    )
    if scenario not in names:
        raise ConfigurationError(
            f"no scenario {scenario!r}; known: {', '.join(names)}, or the path of a .json file"
        )
    return Path(str(folder / f"{scenario}.json"))


def with_scenario_file(arguments: Sequence[str]) -> list[str]:
    """Return the mock's arguments with a scenario's name replaced by its file.

    Raises:
        ConfigurationError: --scenario names neither a file nor a scenario of the package.
    """
    given = list(arguments)
    if "--scenario" in given[:-1]:
        value = given.index("--scenario") + 1
        path = Path(given[value])
        if path.is_dir() or not path.exists():  # a pipe is read as a file is
            given[value] = str(find_scenario(given[value]))
    return given


def find_mock() -> Path:
    """Return the path of the mock server's program.

    Raises:
        SessionVitalsError: It was not found; the message names every place searched.
    """
    if given := os.environ.get(VARIABLE):
        if not (os.access(given, os.X_OK) and Path(given).is_file()):
            raise SessionVitalsError(
                f"{VARIABLE} is {given}, which is no program: set it to {NAME}'s path, or unset it"
            )
        return Path(given)
    places = [*_beside_this_package(), Path(sysconfig.get_path("scripts"))]
    places.append(Path(sys.executable).parent)
    places += [Path(place) for place in os.get_exec_path()]
    for place in places:
        if os.access(place / NAME, os.X_OK):
            return place / NAME
    tried = ", ".join(dict.fromkeys(map(str, places)))
    raise SessionVitalsError(
        f"the program {NAME} is in none of {tried}; it comes with the package "
        f"(pip install sessionvitals), or set {VARIABLE} to its path"
    )


def _beside_this_package() -> Iterator[Path]:
    """Yield where pip puts the programs of a package that is installed where this one is.

    That is not where Python's own programs are after ``--user``, ``--prefix`` and ``--target``.
    """
    site = Path(__file__).parents[1]
    if site.name in ("site-packages", "dist-packages"):  # of PREFIX/lib/pythonX.Y
        yield site.parents[2] / "bin"
    yield site / "bin"  # of --target


def become_mock(arguments: Sequence[str]) -> None:
    """Replace this process by the mock; returns only by raising.

    ``--open`` is taken out: then a process beside it copies the mock's output, says the dashboard's
    address on standard error once the mock is ready, and opens it if that is a terminal.

    Raises:
        ConfigurationError: There is no such scenario.
        SessionVitalsError: The program was not found.
    """
    program = find_mock()
    given = with_scenario_file([each for each in arguments if each != "--open"])
    if "--open" in arguments:
        _open_when_ready()
    os.execv(program, [str(program), *given])


def _open_when_ready() -> None:
    reader, writer = os.pipe()
    sys.stdout.flush()
    if os.fork() != 0:
        os.dup2(writer, 1)
        os.close(reader)
        os.close(writer)
        return
    # Ctrl-C is for the mock: its last lines are still to be copied.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    os.close(writer)
    try:
        with os.fdopen(reader, encoding="utf-8") as output:
            for line in output:
                print(line, end="", flush=True)
                if '"dashboard"' in line:
                    _show(json.loads(line)["dashboard"])
    finally:
        os._exit(0)


def _show(address: str) -> None:
    print(f"sessionvitals: the dashboard is {address}", file=sys.stderr, flush=True)
    if sys.stderr.isatty():
        import webbrowser

        webbrowser.open(address)


def _ready_line(output: IO[bytes]) -> dict[str, Any]:
    """Return what the mock says when it can be connected to."""
    if not select.select([output], [], [], READY_SECONDS)[0]:
        raise SessionVitalsError(
            f"{NAME} was not ready after {READY_SECONDS} s: is {VARIABLE} another program?"
        )
    line = output.readline()
    if not line:
        raise SessionVitalsError(
            f"{NAME} ended before it was ready; its message is on standard error"
        )
    try:
        return dict(json.loads(line))
    except (ValueError, TypeError) as error:
        raise SessionVitalsError(
            f"{NAME} said {line[:80]!r} instead of its address: is {VARIABLE} another program?"
        ) from error


@contextmanager
def running_mock(arguments: Sequence[str | Path] = ()) -> Iterator[dict[str, Any]]:
    """Run a mock on a free port of this machine; give its ready line, read.

    It is ended when the block is left. When this process dies it ends by itself, as nobody has its
    standard input open any more.

    Raises:
        SessionVitalsError: It did not start; its own message is on standard error.
    """
    command = [find_mock(), "--port", "0", "--exit-with-parent", *arguments]
    owner = os.getpid()
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        try:
            yield _ready_line(process.stdout)
        finally:
            # A child that was forked in the block may have its standard input open for long yet; and
            # one that leaves the block itself leaves the mock to its parent.
            if os.getpid() == owner:
                process.terminate()


def admin_headers(token: str | None) -> dict[str, str]:
    """Return the headers of admin calls; the token is the environment's if there is none.

    Raises:
        ConfigurationError: The token cannot be sent.
    """
    headers = {"Content-Type": "application/json"}
    found = (token or os.environ.get(ADMIN_TOKEN, "")).strip()
    if not found.isascii() or not found.isprintable() or " " in found:
        raise ConfigurationError(
            f"the admin token, admin_token or {ADMIN_TOKEN}, has to be visible ASCII without "
            "spaces: it is sent in a header"
        )
    if found:
        headers["Authorization"] = f"Bearer {found}"
    return headers


@cache
def opener_for(ca_file: str | None) -> urllib.request.OpenerDirector:
    """Return what reaches a mock. Raises ConfigurationError if its CA cannot be read."""
    # The mock is on this machine or near: no proxy of the environment is asked to reach it.
    handlers: list[urllib.request.BaseHandler] = [urllib.request.ProxyHandler({})]
    if ca_file:
        try:
            context = ssl.create_default_context(cafile=ca_file)
        except OSError as error:
            raise ConfigurationError(f"the mock's ca_file {ca_file}: {error}") from error
        handlers.append(urllib.request.HTTPSHandler(context=context))
    return urllib.request.build_opener(*handlers)


def ask_admin(
    url: str,
    method: str,
    body: object,
    headers: dict[str, str],
    ca_file: str | None,
    timeout: float,
) -> Any:
    """Make a call to the admin interface; return its JSON.

    Raises:
        ConfigurationError: The mock refused, or does not answer; the message says why.
    """
    where, _, path = url.rpartition("/__admin/")
    data = None if body is None else json.dumps(body).encode()
    try:
        request = urllib.request.Request(url, method=method, data=data, headers=headers)
        with opener_for(ca_file).open(request, timeout=timeout) as response:
            answer = response.read()
    except urllib.error.HTTPError as refusal:
        with refusal:
            said = refusal.read().decode(errors="replace").strip()
        raise ConfigurationError(
            f"the mock refused {method} __admin/{path} ({refusal.code}): {said}"
        ) from None
    except (OSError, HTTPException, ValueError) as error:
        why = getattr(error, "reason", error)
        # Without the frames of urllib, whose variables are the token.
        raise ConfigurationError(f"no mock answers at {where}: {why}") from None
    try:
        return json.loads(answer)
    except (ValueError, RecursionError) as error:
        what = "no JSON" if isinstance(error, ValueError) else "nested deeper than Python reads"
        raise ConfigurationError(f"the answer to {method} __admin/{path} is {what}") from None
