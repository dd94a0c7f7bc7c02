"""``sessionvitals demo``: three vendors, end to end, on this machine.

A mock is started with a scenario. Its sessions are asked for as any user of this package would ask,
and two more are made, used and ended.
"""

from __future__ import annotations

import json
import time
from typing import Any

from .. import CLIENTS
from .._sync.client import Client
from ..errors import SessionVitalsError
from ..mock_program import find_scenario, running_mock
from ..sandbox import Sandbox
from . import EXIT_OK, EXIT_UNAVAILABLE
from .output import GAP, WIDTHS, Columns
from .walk import walk_a_chat, walk_a_tunnel
from .words import say


def show_demo() -> int:
    scenario = find_scenario("demo")
    ids = ids_by_provider(json.loads(scenario.read_text(encoding="utf-8")))
    failed = False
    longest = max(len(session_id) for known in ids.values() for session_id in known)
    with running_mock(["--scenario", scenario]) as ready:
        say(f"a mock of {len(CLIENTS)} vendors runs at {ready['url']}")
        show = Columns(lambda: longest, WIDTHS).show
        started = time.perf_counter()
        for kind in CLIENTS:
            with client_of(kind, ready) as client:
                for session_id in ids.get(kind.provider, []):
                    try:
                        show(kind.provider, session_id, client.probe(session_id))
                    except SessionVitalsError as error:
                        show(kind.provider, session_id, error)
                        failed = True
        elapsed = time.perf_counter() - started
        say(f"{sum(map(len, ids.values()))} sessions asked for in {elapsed * 1000:.1f} ms")
        show_walks(Sandbox(ready))
    return EXIT_UNAVAILABLE if failed else EXIT_OK


def client_of(kind: type[Client], ready: dict[str, Any]) -> Client:
    """Return a client of the mock, whatever the environment holds for the real vendors."""
    base_url = ready["base_urls"][kind.provider]
    return kind(ready["keys"][kind.provider], base_url=base_url, trust_env=False)


def show_walks(sandbox: Sandbox) -> None:
    """Print each call of two lives, and what came of it."""
    with sandbox.eliza.client() as eliza, sandbox.ping.client() as ping:
        for vendor, steps in (
            ("eliza", walk_a_chat(eliza, sandbox)),
            ("ping", walk_a_tunnel(ping)),
        ):
            print()
            for call, words in steps:
                print(f"{vendor:8}{GAP}{call:14}{GAP}{words}", flush=True)


def ids_by_provider(scenario: dict[str, Any]) -> dict[str, list[str]]:
    """Return the ids of the scenario's sessions, and one a vendor that is in no scenario."""
    ids: dict[str, list[str]] = {}
    for session in scenario["sessions"]:
        ids.setdefault(session["provider"], []).append(session["id"])
    return {provider: [*known, "no-such-session"] for provider, known in ids.items()}
