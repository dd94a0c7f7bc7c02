"""The dashboard in a browser, and axe-core."""

from __future__ import annotations

import http.server
import importlib.resources
import re
import threading
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


def wait_for_state(tab: Any, state: str) -> None:
    """Wait until a session's row says that it is in that state; its chooser names them all."""
    tab.locator("#sessions td:nth-child(2)", has_text=re.compile(f"^{state}$")).wait_for()


@pytest.fixture(scope="session")
def axe() -> str:
    """axe-core's script, as a package of Python brings it."""
    package = pytest.importorskip("axe_playwright_python", reason="it has axe-core")
    script = importlib.resources.files(package) / "axe.min.js"
    return script.read_text(encoding="utf-8")


class _Foreign(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(b"<!DOCTYPE html><title>foreign</title>")

    def log_message(self, *arguments: object) -> None:
        pass


@pytest.fixture
def foreign() -> Iterator[int]:
    """The port of a server of another origin."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Foreign)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield server.server_port
    server.shutdown()
    thread.join()
    server.server_close()


#: What a page tries: gives what came of each, by its name.
ATTACK = """async base => {
  const outcomes = {};
  const attempt = async (name, path, options) => {
    try { const answer = await fetch(base + path, options); outcomes[name] = answer.type + (await answer.text()); }
    catch (error) { outcomes[name] = 'refused'; }
  };
  for (const path of ['clock', 'requests', 'scenario', 'events?timeout=0', 'keys', 'metrics', 'browser', '', 'spaces']) await attempt(path, path, {});
  await attempt('opaque', 'requests', {mode: 'no-cors'});
  for (const path of ['metrics', 'browser', 'scenario']) await attempt('opaque ' + path, path, {mode: 'no-cors'});
  for (const method of ['POST', 'PUT', 'PATCH', 'DELETE']) await attempt(method, 'sessions', {method});
  await attempt('form', 'clock', {method: 'POST', mode: 'no-cors', body: '{"advance": 3600}'});
  await attempt('drop', 'sessions', {method: 'DELETE', mode: 'no-cors'});
  const frame = document.createElement('iframe');
  frame.src = base;
  await new Promise(done => { frame.onload = done; document.body.append(frame); });
  try { outcomes.frame = frame.contentDocument ? 'read' : 'refused'; } catch { outcomes.frame = 'refused'; }
  return outcomes;
}"""
