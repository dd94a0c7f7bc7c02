"""Every line of what a right client does has a test that proves it."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
from tests.support.rules import RULES

TESTS = Path(__file__).parent.parent


def _marked(source: str) -> set[tuple[str, int]]:
    """Return the rules that tests in this source are marked with."""
    found = set()
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.FunctionDef) or not node.name.startswith("test_"):
            continue
        for mark in node.decorator_list:
            if isinstance(mark, ast.Call) and ast.unparse(mark.func) == "pytest.mark.rule":
                vendor, line = (ast.literal_eval(argument) for argument in mark.args)
                found.add((vendor, line))
    return found


@pytest.mark.parametrize("vendor", RULES)
def test_every_line_of_what_a_right_client_does_has_a_test(vendor: str) -> None:
    marked: set[tuple[str, int]] = set()
    for path in TESTS.rglob("test_*.py"):
        marked |= _marked(path.read_text(encoding="utf-8"))

    assert {line for name, line in marked if name == vendor} == set(RULES[vendor])
