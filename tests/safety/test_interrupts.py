"""Ctrl-C, in every phase of a call, of a program of its own.

How long it takes is printed (pytest -s) rather than judged: 100 ms is the promise, and a slow day
must not fail a test. What is judged is that it comes at all, long before the deadline.
"""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from tests.support.listening import listening, read_request

#: The program: says when it is about to call, and how the call ended.
PROGRAM = """
import sys, threading, time
from sessionvitals import PingClient
url, phase, connections = sys.argv[1], sys.argv[2], int(sys.argv[3])
client = PingClient(api_key="k-0123456789", base_url=url, max_connections=connections, timeout=30)
if phase == "queue":
    threading.Thread(target=lambda: client.session_status("first"), daemon=True).start()
    sys.stdin.readline()
print("calling", flush=True)
try:
    client.session_status("s")
except KeyboardInterrupt:
    print("interrupted", time.time(), flush=True)
import os
os._exit(0)  # the daemon thread's own call is still in the engine
"""


@contextlib.contextmanager
def black_hole() -> Iterator[int]:
    """Give a port on which a connect never completes, as its queue is full."""
    with contextlib.ExitStack() as stack:
        server = stack.enter_context(socket.create_server(("127.0.0.1", 0), backlog=0))
        for _ in range(4):
            filler = stack.enter_context(socket.socket())
            filler.setblocking(False)
            filler.connect_ex(server.getsockname())
        yield server.getsockname()[1]


def start(url: str, phase: str, connections: int = 8) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", PROGRAM, url, phase, str(connections)]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def interrupt(program: subprocess.Popen[str], is_there: Callable[[], object]) -> float:
    """Interrupt the program once it is where it should be; return how long it took, in seconds."""
    assert program.stdout is not None
    assert program.stdout.readline() == "calling\n"
    is_there()
    begun = time.time()
    os.kill(program.pid, signal.SIGINT)
    words = program.stdout.readline().split()
    program.communicate(timeout=60)
    assert words[:1] == ["interrupted"], words
    return float(words[1]) - begun


def a_moment_in_the_kernel(program: subprocess.Popen[str]) -> None:
    """Wait until the program's main thread sleeps: it has nothing to do but to wait."""
    end = time.monotonic() + 30
    while time.monotonic() < end:
        if Path(f"/proc/{program.pid}/stat").read_text().rpartition(")")[2].split()[0] == "S":
            return
    pytest.fail("it never waits")


@pytest.mark.parametrize("phase", ["connect", "tls", "receive", "wait", "queue"])
def test_ctrl_c_ends_a_call_in(phase: str) -> None:
    over, arrived = threading.Event(), threading.Event()

    def serve(connection: socket.socket) -> None:
        if phase == "tls":
            connection.recv(65536)
        elif phase == "wait":
            read_request(connection)
            connection.sendall(b"HTTP/1.1 503 Busy\r\nRetry-After: 20\r\nContent-Length: 0\r\n\r\n")
        else:
            read_request(connection)
        arrived.set()
        over.wait(60)

    with contextlib.ExitStack() as stack:
        enter = black_hole() if phase == "connect" else listening(serve)
        port = stack.enter_context(enter)
        scheme = "https" if phase == "tls" else "http"
        program = start(f"{scheme}://127.0.0.1:{port}", phase, 1 if phase == "queue" else 8)
        if phase == "queue":
            assert arrived.wait(30)
            assert program.stdin is not None
            program.stdin.write("\n")
            program.stdin.flush()

        def is_there() -> None:
            if phase != "connect":
                assert arrived.wait(30)
            a_moment_in_the_kernel(program)

        took = interrupt(program, is_there)
        over.set()
    print(f"\nCtrl-C in {phase}: {took * 1000:.0f} ms")
    assert took < 15, "it came with the deadline, not with Ctrl-C"


#: Starts a thread of each kind, and prints which of them a signal could be given to.
THREADS = """
import asyncio, signal
from pathlib import Path
from sessionvitals import AsyncPingClient, PingClient, TransportError

TASKS = Path("/proc/self/task")
before = {task.name for task in TASKS.iterdir()}

def takes_signals(task):
    try:
        lines = (TASKS / task / "status").read_text().splitlines()
    except OSError:  # it has ended
        return False
    blocked = next(line for line in lines if line.startswith("SigBlk:")).split()[1]
    return not int(blocked, 16) & 1 << signal.SIGINT - 1

def look_up():
    try:
        PingClient("k", base_url="http://localhost:1", max_retries=0).probe("s")
    except TransportError:
        pass

async def call():
    client = AsyncPingClient("k", base_url="http://127.0.0.1:1", max_retries=0)
    await asyncio.gather(client.probe("s"), return_exceptions=True)
    async for _ in client.probe_many(["s"]):
        look_up()
        found = {task.name for task in TASKS.iterdir()} - before
        print(len(found), sum(map(takes_signals, found)))

asyncio.run(call())
"""


def test_no_thread_of_the_librarys_takes_a_signal() -> None:
    done = subprocess.run(
        [sys.executable, "-c", THREADS], stdout=subprocess.PIPE, text=True, timeout=60
    )
    started, takers = map(int, done.stdout.split())
    assert started >= 2
    assert takers == 0
