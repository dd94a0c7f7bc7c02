"""Where no asyncio loop runs, as under trio and gevent: what is refused, and the way out."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import pytest
from tests.support.asking import threads
from tests.support.sandbox import Space

from sessionvitals import AsyncPingClient

CALLS: dict[str, Callable[[AsyncPingClient], Any]] = {
    "one call": lambda client: client.session_status("s"),
    "a shared probe": lambda client: client.probe("s", max_age=1.0),
    "many": lambda client: client.probe_many(["s"]).__anext__(),
    "a table": lambda client: client.probe_table(["s"]),
}


@pytest.mark.parametrize("begin", CALLS.values(), ids=CALLS)
def test_without_an_asyncio_loop_the_refusal_names_the_way_out(
    begin: Callable[[AsyncPingClient], Coroutine[Any, Any, Any]],
) -> None:
    client = AsyncPingClient(api_key="k", base_url="http://127.0.0.1:1")
    before = threads()
    call = begin(client)
    with pytest.raises(RuntimeError, match=r"trio\.to_thread\.run_sync\(client\.probe"):
        call.send(None)
    assert threads() <= before, "something was begun all the same"


PAGE = Path(__file__).parents[2] / "docs/how-to/other-loops.md"
PROGRAMS = re.findall(r"```{code-block} python\n:skip: .*?\n(.*?)```", PAGE.read_text(), re.DOTALL)

#: What others do takes 0.01 s, and a call 0.5: a busy machine has fifty times as long.
OTHERS_WORK = {
    "trio": """
async def work():
    for _ in range(10):
        await trio.sleep(0.001)
    print("worked", flush=True)

async def both():
    async with trio.open_nursery() as nursery:
        nursery.start_soon(work)
        await main()

trio.run(both)
""",
    "gevent": """
def work():
    for _ in range(10):
        gevent.sleep(0.001)
    print("worked", flush=True)

gevent.spawn(work)
print(gevent.get_hub().threadpool.apply(ping.probe, ("vpn-1",)).state)
print(len(gevent.get_hub().threadpool.apply(list, (ping.probe_many(["vpn-1", "b"]),))))
""",
}


@pytest.mark.parametrize("library", OTHERS_WORK)
def test_the_way_out_lets_others_work_meanwhile(
    library: str, space: Space, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip(library)
    monkeypatch.setenv("PING_API_KEY", "ping-sandbox-key")
    monkeypatch.setenv("PING_BASE_URL", space.base_url("ping"))
    space.add_session("ping", "vpn-1", "connected")
    (program,) = (each for each in PROGRAMS if f"import {library}" in each)
    space.faults(*[{"kind": "delay", "delay": 0.5}] * 3)

    done = subprocess.run(
        [sys.executable, "-c", program + OTHERS_WORK[library]],
        capture_output=True,
        text=True,
        timeout=60,
    )

    assert done.returncode == 0, done.stderr
    assert done.stdout.split()[:3] == ["active", "worked", "active"]
