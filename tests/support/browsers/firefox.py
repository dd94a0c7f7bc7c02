"""Debian's firefox-esr, driven by the protocol it speaks itself: WebDriver BiDi."""

from __future__ import annotations

import contextlib
import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.consumers import ENVIRONMENT

# No page of its own at the start, and no request to Mozilla.
SETTINGS = """
user_pref("browser.startup.page", 0);
user_pref("browser.startup.homepage_override.mstone", "ignore");
user_pref("datareporting.policy.dataSubmissionEnabled", false);
user_pref("toolkit.telemetry.enabled", false);
user_pref("app.normandy.enabled", false);
user_pref("app.update.disabledForTesting", true);
user_pref("extensions.getAddons.cache.enabled", false);
user_pref("network.captive-portal-service.enabled", false);
user_pref("network.connectivity-service.enabled", false);
user_pref("services.settings.server", "http://127.0.0.1:1/");
user_pref("remote.active-protocols", 1);
"""

PORT = ["--remote-debugging-port", "0"]


class Firefox:
    """One window. Only what the tests need of the protocol."""

    def __init__(self, connection: Any) -> None:
        self._connection = connection
        self._number = 0
        self._call("session.new", capabilities={})
        self._context = self._call("browsingContext.getTree")["contexts"][0]["context"]

    def goto(self, url: str) -> None:
        self._call("browsingContext.navigate", context=self._context, url=url, wait="complete")

    def evaluate(self, expression: str) -> Any:
        """Return what the expression gives: a text, a number, a boolean or None."""
        found = self._call(
            "script.evaluate",
            expression=expression,
            target={"context": self._context},
            awaitPromise=True,
        )
        if found["type"] != "success":
            raise AssertionError(found["exceptionDetails"]["text"])
        return found["result"].get("value")

    def _call(self, method: str, **params: object) -> dict[str, Any]:
        self._number += 1
        call = {"id": self._number, "method": method, "params": params}
        self._connection.send(json.dumps(call))
        while True:
            said = json.loads(self._connection.recv(timeout=30))
            if said.get("id") != self._number:
                continue  # an event
            if said["type"] == "error":
                raise AssertionError(f"{method}: {said['message']}")
            return dict(said["result"])


@contextlib.contextmanager
def running_firefox(program: str, folder: Path) -> Iterator[Firefox]:
    client = pytest.importorskip("websockets.sync.client")
    (folder / "user.js").write_text(SETTINGS)
    command = [program, "--headless", "--no-remote", "--profile", str(folder), *PORT]
    process = subprocess.Popen(
        command,
        env=ENVIRONMENT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        errors="replace",
    )
    try:
        assert process.stderr is not None
        start = "WebDriver BiDi listening on "
        lines = iter(process.stderr.readline, "")
        address = next((line for line in lines if line.startswith(start)), None)
        if address is None:
            pytest.fail("firefox-esr ended before it listened")
        url = address.removeprefix(start).strip() + "/session"
        with client.connect(url, max_size=None) as connection:
            yield Firefox(connection)
    finally:
        process.terminate()
        with process:
            pass
