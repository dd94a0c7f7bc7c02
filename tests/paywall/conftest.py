"""The example's site over a space of the mock, and two browsers to read it in."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Protocol

import pytest
from tests.gate.serving import running
from tests.support.browsers import UNTIL
from tests.support.consumers import ROOT
from tests.support.sandbox import Space
from tests.support.shell import environment_of


class Page(Protocol):
    """What both browsers can."""

    def goto(self, url: str) -> object: ...
    def evaluate(self, expression: str) -> Any: ...


@pytest.fixture
def site(space: Space, tmp_path: Path) -> Iterator[int]:
    """The port of the example's site, whose readers meet the script of the test's space."""
    pytest.importorskip("fastapi")
    space.clock(set="2026-01-01T00:00:00Z", freeze=True)
    folder = shutil.copytree(ROOT / "examples/paywall", tmp_path / "paywall")
    environment = {**environment_of(space), "TIUN_SCRIPT": space.sandbox.tiun.script_url}
    server = [
        sys.executable,
        "-m",
        "uvicorn",
        "--fd",
        "{fd}",
        "--log-level=warning",
        "paywall_site:app",
    ]
    with running([*server], Path(folder), environment) as port:
        yield port


@pytest.fixture(params=["chromium", "firefox"])
def page(request: pytest.FixtureRequest) -> Page:
    """A page of each browser in turn."""
    name = {"chromium": "tab", "firefox": "firefox"}[request.param]
    opened: Page = request.getfixturevalue(name)
    return opened


@pytest.fixture
def until(page: Page) -> Callable[[str], None]:
    def wait(expression: str) -> None:
        page.evaluate(UNTIL % expression)

    return wait
