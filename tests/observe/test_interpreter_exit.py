"""A process ends when its main thread does, whatever daemon threads still wait for.

CPython ends a daemon thread where it asks for the GIL again: by pthread_exit, which runs up through
C++ frames, and takes the whole process down at the first one that must not throw.
"""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
import textwrap
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import pytest
from tests.support.peers import Peer, Talk, answer, peer, says_and_stays, says_in_turn

# How soon a program must be gone. Far more than it needs, far less than the calls' deadlines.
SOON = 20.0
DEADLINE = 120

PROGRAM = """
import asyncio, sys, threading
import sessionvitals
from sessionvitals import ElizaClient, AsyncElizaClient

client = ElizaClient(base_url=sys.argv[1], timeout={timeout}, max_retries=10, max_connections={connections})
begun = threading.Semaphore(0)

def call():
    begun.release()
    {call}

threads = [threading.Thread(target=call, daemon=True) for _ in range({threads})]
for thread in threads:
    thread.start()
for _ in threads:
    begun.acquire()
print("begun", flush=True)
sys.stdin.readline()
{end}
"""

ENDS = {
    "the end of the file": "",
    "sys.exit": "sys.exit(0)",
    "busy finalizers": """
class Slow:
    def __del__(self, sum=sum, range=range):
        sum(range(3_000_000))
slow = Slow()
slow.itself = slow
""",
}

CALLS = {
    "a call": "client.probe('s')",
    "a call that is asked again and again": "while True:\n        client.probe('s')",
    "many at once": "list(client.probe_many(map(str, range(100)), concurrency=8))",
    "an event loop": "asyncio.run(AsyncElizaClient(base_url=sys.argv[1], timeout=120).probe('s'))",
}


STALLS = says_and_stays(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{")
BUSY = says_in_turn(b"HTTP/1.1 503 Busy\r\nRetry-After: 50\r\nContent-Length: 0\r\n\r\n")


@contextmanager
def counting(talk: Talk) -> Iterator[tuple[str, threading.Semaphore]]:
    """Run a server; give its URL, and what is released once for every request it got."""
    arrived = threading.Semaphore(0)

    def count(told: Peer, connection: socket.socket, request: bytes) -> object:
        arrived.release()
        return talk(told, connection, request)

    with peer(count) as told:
        yield told.url, arrived


def run(
    url: str,
    arrived: threading.Semaphore,
    requests: int,
    call: str,
    end: str,
    connections: int = 64,
    more: Sequence[str] = (),
) -> str:
    """Run a program that ends while its daemon threads are in calls; return what it said then."""
    program = textwrap.dedent(PROGRAM).format(
        timeout=DEADLINE, call=call, end=end, threads=8, connections=connections
    )
    with subprocess.Popen(
        [sys.executable, "-X", "faulthandler", "-c", program, url, *more],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline() == "begun\n"
            for _ in range(requests):
                assert arrived.acquire(timeout=SOON)
            said, errors = process.communicate("\n", timeout=SOON)
        finally:
            process.kill()
    assert (process.returncode, errors) == (0, ""), signal_of(process.returncode)
    return said


def signal_of(code: int) -> str:
    return signal.Signals(-code).name if code < 0 else str(code)


@pytest.mark.parametrize("end", ENDS.values(), ids=ENDS)
@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
def test_a_process_ends_while_daemon_threads_wait_for_answers(call: str, end: str) -> None:
    with counting(STALLS) as (url, arrived):
        run(url, arrived, 8, call, end)


@pytest.mark.parametrize("end", ENDS.values(), ids=ENDS)
def test_a_process_ends_while_daemon_threads_wait_to_retry(end: str) -> None:
    with counting(BUSY) as (url, arrived):
        run(url, arrived, 1, CALLS["a call"], end)


def test_a_process_ends_while_daemon_threads_wait_for_a_connection() -> None:
    with counting(STALLS) as (url, arrived):
        run(url, arrived, 1, CALLS["a call"], "", connections=1)


BUSY_CALLS = {
    "answers": "while True: client.probe('s')",
    "errors": """while True:
        try:
            client.get_session('s')
        except sessionvitals.NotFoundError:
            pass""",
    "outcomes": "while True: list(client.probe_many(list('abcdefgh')))",
    "logged calls": """import logging
    logging.getLogger('sessionvitals').setLevel('DEBUG')
    while True: client.probe('s')""",
}
MISSING = answer(
    b'{"success":false,"error":{"code":"SESSION_NOT_FOUND","message":"Session not found"}}',
    b"HTTP/1.1 404 Not Found",
    b"Content-Type: application/json",
)


@pytest.mark.parametrize("call", BUSY_CALLS.values(), ids=BUSY_CALLS)
def test_a_process_ends_while_daemon_threads_are_busy_with(call: str) -> None:
    with counting(says_in_turn(MISSING)) as (url, arrived):
        for _ in range(3):
            run(url, arrived, 100, call, ENDS["busy finalizers"])


def test_calls_may_be_made_at_exit_and_daemon_threads_do_not_hold_them_up() -> None:
    last = """
import atexit
def at_exit():
    print(sessionvitals.ElizaClient(base_url=sys.argv[2]).probe('s').state)
    print(asyncio.run(AsyncElizaClient(base_url=sys.argv[2]).probe('s')).state, flush=True)
atexit.register(at_exit)
"""
    with counting(STALLS) as (url, arrived), peer(says_in_turn(MISSING)) as told:
        said = run(url, arrived, 8, CALLS["a call"], last, more=[told.url])
    assert said.split() == ["not_found", "not_found"]
