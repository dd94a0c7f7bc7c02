"""The dashboard in a browser, and axe-core."""

from __future__ import annotations

import importlib.resources
from collections.abc import Iterator
from typing import Any

import pytest
from tests.support.sandbox import Space


@pytest.fixture
def shown(tab: Any, space: Space) -> Iterator[Any]:
    """The dashboard of the test's space, live."""
    space.clock(set="2026-01-01T00:00:00Z", freeze=True)
    show(tab, space)
    yield tab
    assert not tab.problems


def show(tab: Any, space: Space) -> None:
    tab.goto(f"{space.url}/__admin/")
    tab.get_by_text("live, version").wait_for()
    tab.get_by_text(" sessions", exact=False).last.wait_for()


def open_request(tab: Any, number: int) -> Any:
    """Open a request of the table; give what is shown of it."""
    details = tab.locator(f'[data-detail="{number}"]')
    if details.count() == 0:
        tab.locator(f'button[data-number="{number}"]').click()
    details.wait_for()
    return details


@pytest.fixture(scope="session")
def axe() -> str:
    """axe-core's script, as a package of Python brings it."""
    package = pytest.importorskip("axe_playwright_python", reason="it has axe-core")
    script = importlib.resources.files(package) / "axe.min.js"
    return script.read_text(encoding="utf-8")
