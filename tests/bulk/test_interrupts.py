"""Ctrl-C, the end of the interpreter and fork, with many calls on their way."""

from __future__ import annotations

import selectors
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest
from tests.support.asking import asked, last_line, run_python, seed

if TYPE_CHECKING:
    from tests.support.sandbox import Space

INTERRUPTED = """
import json, sys, threading, time
import sessionvitals

client = sessionvitals.PingClient("ping-sandbox-key", base_url=sys.argv[1], timeout=30.0)
begun = time.monotonic()
try:
    for outcome in client.probe_many(["stalled"] + ["s-%d" % n for n in range(50)]):
        if outcome.id == "s-0":
            print("going", flush=True)
except KeyboardInterrupt:
    print(json.dumps({"raised": time.time(), "threads": threading.active_count()}), flush=True)
"""

INTERRUPTED_LOOP = INTERRUPTED.replace(
    'try:\n    for outcome in client.probe_many(["stalled"]',
    """
import asyncio
client = sessionvitals.AsyncPingClient("ping-sandbox-key", base_url=sys.argv[1], timeout=30.0)

async def ask():
    async for outcome in client.probe_many(["stalled"] + ["s-%d" % n for n in range(50)]):
        if outcome.id == "s-0":
            print("going", flush=True)
try:
    asyncio.run(ask())
    for outcome in ([]""",
)


def press_ctrl_c(program: subprocess.Popen[str]) -> str:
    """Press Ctrl-C until the program says something, as a person does; return that.

    CPython itself may not notice the first: a signal that comes between its last look for one and
    the wait in the kernel does not end the wait of a loop of asyncio.
    """
    assert program.stdout is not None
    with selectors.DefaultSelector() as selector:
        selector.register(program.stdout, selectors.EVENT_READ)
        for _ in range(5):
            program.send_signal(signal.SIGINT)
            if selector.select(2):
                break
    return program.stdout.readline()


@pytest.mark.parametrize("code", [INTERRUPTED, INTERRUPTED_LOOP], ids=["sync", "asyncio"])
def test_ctrl_c_ends_probe_many_at_once(space: Space, code: str) -> None:
    seed(space, 50)
    space.faults({"kind": "stall"}, scope={"session_id": "stalled"})
    program = subprocess.Popen(
        ["env", "--default-signal=INT", sys.executable, "-c", code, space.base_url("ping")],
        stdout=subprocess.PIPE,
        text=True,
    )
    assert program.stdout is not None
    with program.stdout:
        assert program.stdout.readline() == "going\n"
        space.admin("GET", "requests/wait?session_id=stalled&timeout=5")
        sent = time.time()
        line = press_ctrl_c(program)
        assert program.wait(timeout=10) == 0
    assert '"raised"' in line
    assert float(line.split()[1].rstrip(",")) - sent < 12, "it waited for the stalled call"


EXITS = """
import asyncio, sys
import sessionvitals

client = sessionvitals.AsyncPingClient("ping-sandbox-key", base_url=sys.argv[1], timeout=30.0)
loop = asyncio.new_event_loop()

async def begin():
    tasks = [asyncio.ensure_future(client.probe("stalled")) for _ in range(20)]
    await asyncio.sleep(0)
    return tasks

tasks = loop.run_until_complete(begin())
tasks_of_many = None
{more}
print("{{}}")
{end}
"""
MANY = """
many = client.probe_many(["stalled-%d" % n for n in range(20)])
async def take():
    await asyncio.wait_for(anext(many), 0.2)
try:
    loop.run_until_complete(take())
except asyncio.TimeoutError:
    pass
"""
ENDS = {
    "sys.exit": "sys.exit(0)",
    "the end of the file": "",
    "sys.exit with the loop closed": "loop.close(); sys.exit(0)",
}


@pytest.mark.parametrize("end", ENDS)
@pytest.mark.parametrize("more", ["", MANY], ids=["single calls", "a bulk too"])
def test_the_interpreter_exits_with_work_in_flight(space: Space, end: str, more: str) -> None:
    space.faults(script="stall*")
    code = EXITS.format(more=more, end=ENDS[end])
    begun = time.monotonic()
    finished = run_python(code.replace("{}", "done"), [space.base_url("ping")])
    assert finished.returncode == 0, finished.stderr
    assert finished.stdout == "done\n"
    assert "Fatal" not in finished.stderr
    assert time.monotonic() - begun < 20, "the exit waited for the stalled calls"


FORKS = """
import asyncio, json, os, sys, threading
import sessionvitals

url = sys.argv[1]
client = sessionvitals.AsyncPingClient("ping-sandbox-key", base_url=url, timeout=20.0)
sync = sessionvitals.PingClient("ping-sandbox-key", base_url=url, timeout=20.0)
ids = ["s-%d" % n for n in range(20)]

async def probe_all():
    return [s.id for s in await asyncio.gather(*(client.probe(i) for i in ids))]

async def probe_many():
    return sorted([o.id async for o in client.probe_many(ids)])

async def parent():
    slow = [asyncio.ensure_future(client.probe(i)) for i in ids]
    many = client.probe_many(ids)
    await anext(many)
    bulk = sync.probe_many(ids, concurrency=2)
    next(bulk)
    child = os.fork()
    if child == 0:
        code = 1
        def work():
            nonlocal code
            ok = asyncio.run(probe_all()) == ids
            ok = ok and asyncio.run(probe_many()) == sorted(ids)
            ok = ok and sorted(o.id for o in sync.probe_many(ids)) == sorted(ids)
            code = 0 if ok else 3
        worker = threading.Thread(target=work)  # the child's own loop: this one is the parent's
        worker.start()
        worker.join()
        os._exit(code)
    answers = [s.id for s in await asyncio.gather(*slow)]
    rest = sorted([o.id async for o in many] )
    _, status = await asyncio.to_thread(os.waitpid, child, 0)
    return {"parent": answers == ids and len(rest) == 19 and len(list(bulk)) == 19,
            "child": os.waitstatus_to_exitcode(status)}

print(json.dumps(asyncio.run(parent())))
"""


def test_a_child_forked_while_calls_are_in_flight_makes_its_own(space: Space) -> None:
    seed(space, 20)
    space.faults(script="delay(0.05)*40, ok*")
    assert last_line(run_python(FORKS, [space.base_url("ping")])) == {"parent": True, "child": 0}
    assert asked(space) >= 60


PARENT_WAITS = """
import json, os, sys
import sessionvitals

url = sys.argv[1]
client = sessionvitals.PingClient("ping-sandbox-key", base_url=url, timeout=0.4)
ids = ["s-%d" % n for n in range(280)]
bulk = client.probe_many(ids)
outcomes = [next(bulk)]
child = os.fork()
if child == 0:  # which takes longer than a call of its parent may
    other = sessionvitals.PingClient("ping-sandbox-key", base_url=url)
    try:
        other.probe("stalled", timeout=0.8)
    except sessionvitals.DeadlineExceeded:
        os._exit(0)
    os._exit(1)
_, status = os.waitpid(child, 0)
outcomes += bulk
lost = [str(outcome.error) for outcome in outcomes if outcome.error]
print(json.dumps([len(outcomes), lost, os.waitstatus_to_exitcode(status)]))
"""


def test_a_parent_that_waits_for_its_child_loses_no_answer(space: Space) -> None:
    seed(space, 280)
    space.faults({"kind": "stall", "times": 9}, scope={"session_id": "stalled"})
    assert last_line(run_python(PARENT_WAITS, [space.base_url("ping")])) == [280, [], 0]


BOTH_READ = """
import json, os, sys
import sessionvitals

client = sessionvitals.PingClient("ping-sandbox-key", base_url=sys.argv[1], timeout=10.0)
ids = ["s-%d" % n for n in range(600)]
bulk = client.probe_many(ids)
outcomes = [next(bulk)]
out, into = os.pipe()
child = os.fork()
if child == 0:
    try:
        for _ in range(3):
            list(bulk)
        words = "nothing was raised"
    except sessionvitals.ConfigurationError as error:
        words = str(error)
    anew = sum(outcome.session.live for outcome in client.probe_many(ids[:50]))
    os.write(into, json.dumps([words, anew]).encode())
    os._exit(0)
outcomes += bulk
os.close(into)
with open(out) as pipe:
    said, anew = json.load(pipe)
_, status = os.waitpid(child, 0)
lost = [str(outcome.error) for outcome in outcomes if outcome.error]
print(json.dumps([len(outcomes), lost, said, anew, os.waitstatus_to_exitcode(status)]))
"""


def test_a_child_that_reads_on_costs_its_parent_nothing(space: Space) -> None:
    seed(space, 600)
    count, lost, said, anew, status = last_line(run_python(BOTH_READ, [space.base_url("ping")]))
    assert (count, lost, anew, status) == (600, [], 50, 0)
    assert "belong to the process that this one was forked from" in said


NOT_YET_READ = """
import json, os, sys
import sessionvitals

client = sessionvitals.PingClient("ping-sandbox-key", base_url=sys.argv[1], timeout=10.0)
bulk = client.probe_many(["s-%d" % n for n in range(50)])
child = os.fork()
answers = sum(outcome.session.live for outcome in bulk)
if child == 0:
    os._exit(0 if answers == 50 else 1)
_, status = os.waitpid(child, 0)
print(json.dumps([answers, os.waitstatus_to_exitcode(status)]))
"""


def test_a_bulk_that_nobody_has_read_is_both_the_parents_and_the_childs(space: Space) -> None:
    seed(space, 50)
    assert last_line(run_python(NOT_YET_READ, [space.base_url("ping")])) == [50, 0]
