"""One client across processes: forked, spawned, preloaded. No answer is another process's."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from tests.support.sandbox import Space

# Every process asks for ids of its own and sees its own answers; the parent goes on meanwhile.
HEAD = """
import json, multiprocessing, os, sys
from concurrent.futures import ProcessPoolExecutor
from sessionvitals import PingClient

client = None

def ask(number):
    global client
    if client is None:  # spawned: nothing was inherited
        client = PingClient("ping-sandbox-key", base_url=sys.argv[1])
    return client.session_status(f"s{number}").client_id

def check(got, numbers):
    assert got == [f"client-{n}" for n in numbers], got
"""

PROGRAMS = {
    "a process pool by fork after first use": """
client = PingClient("ping-sandbox-key", base_url=sys.argv[1])
check([ask(n) for n in range(3)], range(3))
with ProcessPoolExecutor(2, mp_context=multiprocessing.get_context("fork")) as pool:
    answers = pool.map(ask, range(40))
    check([ask(n) for n in range(40)], range(40))
    check(list(answers), range(40))
""",
    "multiprocessing by spawn": """
if __name__ == "__main__":
    check([ask(n) for n in range(3)], range(3))
    with multiprocessing.get_context("spawn").Pool(2) as pool:
        check(pool.map(ask, range(20)), range(20))
    check([ask(n) for n in range(3)], range(3))
""",
    "workers forked by a server that has asked already": """
client = PingClient("ping-sandbox-key", base_url=sys.argv[1])
check([ask(n) for n in range(8)], range(8))
workers = []
for _ in range(4):
    worker = os.fork()
    if worker == 0:
        check([o.session.detail.client_id for o in client.probe_many(
            [f"s{n}" for n in range(40)], ordered=True)], range(40))
        sys.exit(0)
    workers.append(worker)
check([ask(n) for n in range(40)], range(40))
for worker in workers:
    assert os.waitpid(worker, 0)[1] == 0
check([ask(n) for n in range(8)], range(8))
""",
    "a child of a thread while others are in calls": """
import threading
client = PingClient("ping-sandbox-key", base_url=sys.argv[1])
over = threading.Event()

def keep_asking():
    while not over.is_set():
        check([ask(n) for n in range(10)], range(10))

threads = [threading.Thread(target=keep_asking) for _ in range(4)]
for thread in threads:
    thread.start()
codes = []
for _ in range(10):
    child = os.fork()
    if child == 0:
        check([ask(n) for n in range(10)], range(10))
        os._exit(0)
    codes.append(os.waitpid(child, 0)[1])
over.set()
for thread in threads:
    thread.join()
assert codes == [0] * 10, codes
""",
    "asyncio in a parent and its child": """
import asyncio
from sessionvitals import AsyncPingClient

async def ask_all(asking):
    return [s.client_id for s in await asyncio.gather(
        *(asking.session_status(f"s{n}") for n in range(20)))]

asking = AsyncPingClient("ping-sandbox-key", base_url=sys.argv[1])
check(asyncio.run(ask_all(asking)), range(20))
child = os.fork()
check(asyncio.run(ask_all(asking)), range(20))
if child == 0:
    sys.exit(0)
assert os.waitpid(child, 0)[1] == 0
""",
}


@pytest.mark.parametrize("name", PROGRAMS)
def test_a_client_answers_right_in(name: str, space: Space, tmp_path: Path) -> None:
    if "threading" in PROGRAMS[name] and "LD_PRELOAD" in os.environ:
        pytest.skip("the sanitizer's allocator may be locked by another thread at a fork")
    space.admin(
        "POST",
        "sessions",
        {
            "sessions": [
                {
                    "provider": "ping",
                    "id": f"s{n}",
                    "state": "connected",
                    "client_id": f"client-{n}",
                }
                for n in range(40)
            ]
        },
    )
    program = tmp_path / "program.py"
    program.write_text(HEAD + PROGRAMS[name])  # a file, which spawn imports anew

    done = subprocess.run(
        # From 3.12 on Python warns of every fork beside threads, which is what is tried here.
        [
            sys.executable,
            "-X",
            "faulthandler",
            "-W",
            "ignore::DeprecationWarning",
            program,
            space.base_url("ping"),
        ],
        capture_output=True,
        text=True,
        timeout=120,
    )

    assert (done.returncode, done.stderr) == (0, "")
