"""The machine's chromium and firefox; tests that need one are skipped, and say so, without it."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from typing import Any

import pytest

from tests.support.browsers.firefox import Firefox, running_firefox
from tests.support.consumers import ENVIRONMENT

# Resolves once the expression is true, and fails the test when that takes long.
UNTIL = """new Promise((done, failed) => {
  const end = Date.now() + 15000;
  const look = () => {
    if (%s) return done(true);
    if (Date.now() > end) return failed(new Error('still not: ' + document.body.innerText));
    setTimeout(look, 10);
  };
  look();
})"""


@pytest.fixture(scope="session")
def firefox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Firefox]:
    """One window for all tests: what a page stores is under the address of its test's space."""
    program = shutil.which("firefox-esr")
    if program is None:
        pytest.skip("needs Debian's firefox-esr")
    with running_firefox(program, tmp_path_factory.mktemp("firefox")) as page:
        yield page


@pytest.fixture(scope="module")  # while it is there, no other test of the worker can use asyncio
def browser() -> Iterator[Any]:
    program = shutil.which("chromium") or shutil.which("chromium-browser")
    if program is None:
        pytest.skip("chromium is not installed")
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright drives the browser")
    with playwright.sync_playwright() as driver:
        # Its own sandbox does not start as root; the only pages shown are ours.
        options = ["--no-sandbox"] if os.getuid() == 0 else []
        options.append("--host-resolver-rules=MAP evil.example 127.0.0.1")
        running = driver.chromium.launch(executable_path=program, args=options, env={**ENVIRONMENT})
        yield running
        running.close()


@pytest.fixture
def tab(browser: Any) -> Iterator[Any]:
    """A page in a browser's profile of its own; a script that fails, or breaks the policy, fails
    the test."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    context.set_default_timeout(30_000)  # a bound, also for a machine that is busy
    page = context.new_page()
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on("console", lambda said: problems.append(said.text) if said.type == "error" else None)
    page.problems = problems
    yield page
    context.close()
