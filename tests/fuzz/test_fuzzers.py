"""Each fuzzer is built and has a corpus; `make fuzz` runs them."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path
from types import ModuleType

import pytest

HERE = Path(__file__).parent


@pytest.fixture(scope="module")
def runner() -> ModuleType:
    spec = importlib.util.spec_from_file_location("run_fuzzers", HERE / "run.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_each_fuzzer_is_built_and_has_a_corpus(runner: ModuleType) -> None:
    text = (HERE / "CMakeLists.txt").read_text()
    lists = re.findall(r"foreach\(name ([\w ]+)\)", text) + re.findall(r"add_fuzzer\((\w+) ", text)
    corpora = [folder for folder in (HERE / "corpus").iterdir() if folder.is_dir()]

    assert sorted(" ".join(lists).split()) == runner.FUZZERS
    assert sorted(folder.name for folder in corpora) == runner.FUZZERS
    assert [folder.name for folder in corpora if len([*folder.iterdir()]) < 5] == []


def test_an_input_of_the_corpus_is_small() -> None:
    inputs = [file for file in (HERE / "corpus").rglob("*") if file.is_file()]

    assert [file.name for file in inputs if file.stat().st_size > 8192] == []
