"""Every block of the README, run as it stands there."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
from tests.support.consumers import ROOT, build_consumer, installed_and_moved
from tests.support.sandbox import Space
from tests.support.shell import environment_of

import sessionvitals
from sessionvitals import cli

README = (ROOT / "README.md").read_text()
BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```", README, re.MULTILINE | re.DOTALL)
COMMANDS = [
    line.partition("#")[0].strip()
    for language, text in BLOCKS
    if language == "sh"
    for line in text.splitlines()
]
PROGRAMS = [text for language, text in BLOCKS if language == "python" and "def test_" not in text]
TESTS = [text for language, text in BLOCKS if language == "python" and "def test_" in text]


def title(program: str) -> str:
    return program.partition("\n")[0]


@pytest.fixture
def environment(space: Space) -> dict[str, str]:
    """The environment of the README's reader, whose vendors are all the mock."""
    space.add_session("tiun", "reader-1", "valid")
    space.add_session("ping", "vpn-1", "connected")
    space.add_session("ping", "vpn-2", "disconnected")
    space.add_session("eliza", "chat-1", "active")
    space.sandbox.ping.zones("de", "us-east")
    return environment_of(space)


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_works(command: str, environment: dict[str, str]) -> None:
    if command.startswith("make "):
        # These two run the tests and the demo that has a test of its own; here, that they exist.
        command = command.replace("make", "make -n", 1)
    done = subprocess.run(
        command, shell=True, env=environment, cwd=ROOT, capture_output=True, text=True
    )

    assert done.returncode == 0, done.stderr
    assert done.stdout


@pytest.mark.parametrize("program", PROGRAMS, ids=title)
def test_a_python_program_works(program: str, environment: dict[str, str], tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", program],
        env=environment,
        cwd=tmp_path,
        capture_output=True,
        text=True,
    )

    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("tests", TESTS, ids=title)
def test_a_test_passes(tests: str, environment: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "test_readers.py").write_text(tests)

    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-c", "/dev/null", "--rootdir=.", "test_readers.py"],
        env=environment,
        cwd=tmp_path,
        capture_output=True,
        text=True,
    )

    assert f"{tests.count('def test_')} passed" in done.stdout, done.stdout


def test_the_cpp_program_works(tmp_path: Path, environment: dict[str, str]) -> None:
    (text,) = [text for language, text in BLOCKS if language == "cpp"]
    (tmp_path / "program.cpp").write_text(text)

    prefix = installed_and_moved(tmp_path)
    program = build_consumer(tmp_path / "program.cpp", prefix, tmp_path)

    environment.pop("LD_PRELOAD", None)
    done = subprocess.run([program], env=environment, capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (0, "connected 0\n")


def test_the_make_targets_it_names_are_there() -> None:
    targets = set(re.findall(r"^([a-z-]+):.*##", (ROOT / "Makefile").read_text(), re.MULTILINE))
    guides = README + (ROOT / "CONTRIBUTING.md").read_text()

    named = set(re.findall(r"`make ([a-z-]+)", guides))

    assert named
    assert named <= targets


def test_the_packages_it_names_are_those_that_are_installed() -> None:
    (named,) = re.findall(r"which needs\n`([^`]+)`", README)
    (installed,) = re.findall(r"^PACKAGES := (.*)$", (ROOT / "Makefile").read_text(), re.MULTILINE)

    assert named.split() == installed.split()


def test_every_state_is_in_its_table() -> None:
    rows = re.findall(r"^\| .* \| `(\w+)` \| (?:yes|no) \|$", README, re.MULTILINE)

    assert set(rows) == {state.name.lower() for state in sessionvitals.SessionState}


def test_every_error_is_in_its_table() -> None:
    table = README.partition("## Errors")[2].partition("```")[0]
    classes = {name for name in sessionvitals.__all__ if name.endswith(("Error", "Exceeded"))}

    assert classes - set(re.findall(r"`(\w+)`", table)) == {
        "SessionVitalsError",
        "CallError",
        "HttpStatusError",
    }


def test_the_exit_codes_it_names_are_those_of_the_command() -> None:
    codes = {value for name, value in vars(cli).items() if name.startswith("EXIT_")}

    rows = re.findall(r"^\| ([\d, ]+) \|", README, re.MULTILINE)

    assert {int(code) for row in rows for code in row.split(",")} == codes
