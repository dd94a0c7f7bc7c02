"""The dashboard in a browser, and axe-core."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.support.sandbox import Space

#: Where the test set-up puts axe-core: beside the packages that pip installed.
TOOLS = Path(__file__).parents[2] / ".venv/npm"


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
    """axe-core's script, from npm at the first use."""
    script = TOOLS / "node_modules/axe-core/axe.min.js"
    if not script.is_file():
        npm = shutil.which("npm")
        if npm is None:
            pytest.skip("npm, which has axe-core, is not installed")
        TOOLS.mkdir(parents=True, exist_ok=True)
        done = subprocess.run(
            [npm, "install", "--silent", "--no-save", "--prefix", str(TOOLS), "axe-core@4"],
            capture_output=True,
            text=True,
            timeout=120,
        )
        if done.returncode != 0:
            pytest.skip(f"npm cannot install axe-core: {done.stderr[-200:]}")
    return script.read_text(encoding="utf-8")
