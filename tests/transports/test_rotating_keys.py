"""Keys that change, as a C++ user has them, against the mock."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import pytest
from tests.support.sandbox import Space
from tests.support.shell import environment_of

pytestmark = pytest.mark.slow


@pytest.fixture
def rotating(programs: Path, space: Space) -> Any:
    space.add_session("ping", "s", "connected")
    space.admin("PUT", "keys", {"ping": "second"})
    environment = {**environment_of(space), "PING_API_KEY": ""}

    def run(command: str, *words: str) -> list[str]:
        program = [str(programs / "rotating"), command, "s", *words]
        done = subprocess.run(program, env=environment, capture_output=True, text=True, timeout=30)
        assert done.returncode == 0, done.stderr
        return done.stdout.splitlines()

    return run


@pytest.mark.parametrize(
    ("steps", "came"),
    [
        (["second"], ["connected asked 1"]),
        (["first", "second"], ["connected asked 2"]),
        (["first", "first"], ["AuthenticationError asked 2"]),
        (["first", "third", "second"], ["AuthenticationError asked 2", "connected asked 3"]),
        (["!", "second"], ["no key asked 1", "connected asked 2"]),
        (["first", "!", "second"], ["no key asked 2", "connected asked 3"]),
        (["first", "!", "!", "second"], ["no key asked 2", "no key asked 3", "connected asked 4"]),
        (["", "second"], ["ConfigurationError asked 1", "connected asked 2"]),
        (["a\nkey", "second"], ["ConfigurationError asked 1", "connected asked 2"]),
        (["first", "a\nkey", "second"], ["ConfigurationError asked 2", "connected asked 3"]),
    ],
    ids=" ".join,
)
def test_what_a_function_gives_in_turn(rotating: Any, steps: list[str], came: list[str]) -> None:
    assert rotating("plan", *steps) == came


def test_other_threads_go_on_with_the_last_key_while_one_asks(rotating: Any, space: Space) -> None:
    assert rotating("meanwhile") == ["AuthenticationError", "connected asked 2"]
    assert space.sandbox.journal.count() == 3


def test_many_threads_whose_key_is_refused_ask_once_and_all_have_the_other(rotating: Any) -> None:
    for _ in range(5):
        assert rotating("threads") == ["16 asked 2"]
