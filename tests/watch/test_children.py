"""What a forked child loses of its parent's event loop, the parent goes on with."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from tests.support.asking import seed

if TYPE_CHECKING:
    from tests.support.sandbox import Space

LOST_IN_CHILD = """
import asyncio, gc, os, sys
from sessionvitals import AsyncPingClient, CancelToken

def begin(client, kind):
    if kind == "watch":
        watch = client.watch("s-0", deadline=None, every=0.02)
        return watch, lambda: anext(watch)
    if kind == "bulk":
        outcomes = client.probe_many(["s-0", "s-1"])
        return outcomes, lambda: anext(outcomes)
    return None, lambda: client.probe("s-1", cancel=token)

token = CancelToken()

async def follow():
    timeout = 1 if sys.argv[3] == "bulk" else 60  # of the call that is stalled
    client = AsyncPingClient(sys.argv[2], base_url=sys.argv[1], timeout=timeout, max_retries=0)
    held, ask = begin(client, sys.argv[3])
    if held is not None:
        await anext(held)

    async def read():
        return await ask()

    reading = read()
    task = asyncio.create_task(reading)
    await asyncio.sleep(0)
    child = os.fork()
    if child == 0:
        reading.close()
        del held, ask
        gc.collect()
        os._exit(0)
    assert os.waitpid(child, 0)[1] == 0
    print("ready", flush=True)
    sys.stdin.readline()
    token.cancel()
    done, _ = await asyncio.wait({task}, timeout=10)
    print("done" if done else "deaf", flush=True)
    os._exit(0)

asyncio.run(follow())
"""


@pytest.mark.parametrize("kind", ["watch", "bulk", "call with a token"])
def test_a_child_that_loses_what_its_parent_reads_leaves_it_alone(space: Space, kind: str) -> None:
    seed(space, 2)
    space.faults({"kind": "stall", "times": 99}, scope={"session_id": "s-1"})
    with subprocess.Popen(
        [sys.executable, "-c", LOST_IN_CHILD, space.base_url("ping"), "ping-sandbox-key", kind],
        text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    ) as parent:  # fmt: skip
        assert parent.stdout is not None
        assert parent.stdout.readline() == "ready\n"
        space.admin("DELETE", "sessions/ping/s-0")
        rest, errors = parent.communicate("go\n", timeout=60)
    assert rest == "done\n", errors
