"""How the tests of this folder ask for many sessions, by both ways, and look at what it cost."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sessionvitals import (
    AsyncElizaClient,
    AsyncPingClient,
    AsyncTiunClient,
    Outcome,
    Session,
)
from sessionvitals._async.client import AsyncClient
from tests.support.vendors import VENDORS

if TYPE_CHECKING:
    from tests.support.sandbox import Space

#: (space, ids, **options) -> every outcome, in the order they came.
Ask = Callable[..., list[Outcome]]

ASYNC_CLIENTS: dict[str, Callable[..., AsyncClient]] = {
    "eliza": AsyncElizaClient,
    "ping": AsyncPingClient,
    "tiun": AsyncTiunClient,
}


def seed(space: Space, count: int, prefix: str = "s", **fields: object) -> list[str]:
    """Make that many connected Ping sessions; return their ids."""
    ids = [f"{prefix}-{number}" for number in range(count)]
    session = {"provider": "ping", "state": "connected", "client_id": "c", **fields}
    space.admin("POST", "sessions", {"sessions": [{**session, "id": id_} for id_ in ids]})
    return ids


def async_client(space: Space, provider: str = "ping", **options: Any) -> AsyncClient:
    options = {"max_retries": 0, "timeout": 10.0, **options}
    key = VENDORS[provider].key
    return ASYNC_CLIENTS[provider](key, base_url=space.base_url(provider), **options)


def ask_sync(
    space: Space,
    ids: Iterable[Any],
    provider: str = "ping",
    client_options: dict[str, Any] | None = None,
    **options: Any,
) -> list[Outcome]:
    with space.client(provider, **(client_options or {})) as client:
        return list(client.probe_many(ids, **options))


def ask_async(
    space: Space,
    ids: Iterable[Any],
    provider: str = "ping",
    client_options: dict[str, Any] | None = None,
    **options: Any,
) -> list[Outcome]:
    async def ask() -> list[Outcome]:
        async with async_client(space, provider, **(client_options or {})) as client:
            return [outcome async for outcome in client.probe_many(ids, **options)]

    return asyncio.run(ask())


def session_of(outcome: Outcome) -> Session:
    assert outcome.session is not None, outcome.error
    return outcome.session


def asked(space: Space, **fields: object) -> int:
    """Return how many requests of that kind the mock has had."""
    query = "&".join(f"{name}={value}" for name, value in fields.items())
    return int(space.admin("GET", f"requests/count?{query}")["count"])


def descriptors() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


def threads() -> int:
    return len(list(Path("/proc/self/task").iterdir()))


def sockets_to(port: int) -> int:
    """Return how many connections to that port this process has open."""
    ours = set()
    for entry in Path("/proc/self/fd").iterdir():
        try:
            ours.add(str(entry.readlink()))
        except OSError:
            continue  # the one that lists them
    to_port = set()  # as the table may list a socket twice while others come and go
    for line in Path("/proc/net/tcp").read_text().splitlines()[1:]:
        fields = line.split()
        if int(fields[2].partition(":")[2], 16) == port:
            to_port.add(f"socket:[{fields[9]}]")
    return len(ours & to_port)


def run_python(
    code: str, arguments: Sequence[str], **options: Any
) -> subprocess.CompletedProcess[str]:
    """Run a program of its own, with warnings as errors and a word from every fatal signal."""
    return subprocess.run(
        [sys.executable, "-X", "faulthandler", "-W", "error", "-c", code, *arguments],
        capture_output=True,
        text=True,
        timeout=60,
        env={**os.environ, "PING_API_KEY": str(VENDORS["ping"].key)},
        **options,
    )


def last_line(finished: subprocess.CompletedProcess[str]) -> Any:
    """Return the JSON of the last line that a program printed, which ended well."""
    assert finished.returncode == 0, finished.stderr
    assert finished.stderr == ""
    return json.loads(finished.stdout.splitlines()[-1])
