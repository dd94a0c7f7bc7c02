"""Every example in a docstring of the packages works, against the mock."""

from __future__ import annotations

import doctest
import importlib
import pkgutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.support.sandbox import Mock

import pytest_sessionvitals
import sessionvitals
from sessionvitals import sandbox as sandboxes

SKIPPED = {"sessionvitals.__main__"}  # which runs the command


def examples() -> Iterator[doctest.DocTest]:
    finder = doctest.DocTestFinder(exclude_empty=True)
    for package in (sessionvitals, pytest_sessionvitals):
        names = [
            module.name
            for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}.")
            if module.name not in SKIPPED
        ]
        for name in [package.__name__, *names]:
            yield from finder.find(importlib.import_module(name), name)


EXAMPLES = [each for each in examples() if each.examples]


def test_there_are_examples() -> None:
    assert len(EXAMPLES) > 5


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.name)
def test_an_example_works(
    example: doctest.DocTest, mock: Mock, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)  # some write files
    sandbox = sandboxes.Sandbox(mock.ready, f"docstring-{example.name}")
    for variable, value in sandbox.env.items():
        monkeypatch.setenv(variable, value)
    sandbox.ping.add_session("vpn-1", "connected", uploaded_bytes=9007199254740993)
    example.globs = {**vars(sandboxes), **vars(sessionvitals), "sandbox": sandbox}
    said: list[str] = []

    failed = doctest.DocTestRunner().run(example, out=said.append).failed

    assert failed == 0, "".join(said)
    assert not any(doctest.SKIP in each.options for each in example.examples)
