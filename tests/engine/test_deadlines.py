"""A deadline is kept to 50 ms, whatever a peer sends: by the engine's own clock, and no later
than that beyond how late a control process is on the same machine.
"""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from typing import Any

import pytest
from tests.support.lateness import control
from tests.support.listening import listening
from tests.support.peers import answer
from tests.support.peers.secure import AUTHORITY, TlsByHand

from sessionvitals import AsyncPingClient, CallError, CancelToken, DeadlineExceeded, PingClient

PROMISE = 50.0  # milliseconds
BODY = b'{"client_id":"c","status":"connected"}'


class Dripping:
    """Sends an answer in one TLS record byte by byte, slowly, and never to its end."""

    def __init__(self) -> None:
        self.over = threading.Event()
        self.has_begun = threading.Event()

    def serve(self, connection: socket.socket) -> None:
        tls = TlsByHand(connection)
        tls.read_head()
        for byte in tls.records(answer(BODY + b" " * 4000)):
            connection.sendall(bytes([byte]))
            self.has_begun.set()
            if self.over.wait(0.02):
                return
        self.over.wait(60)


def ask_sync(options: dict[str, Any]) -> CallError:
    with pytest.raises(CallError) as caught, PingClient(**options) as client:
        client.session_status("s")
    return caught.value


def ask_cancellable(options: dict[str, Any]) -> CallError:
    return ask_sync({**options, "cancel": CancelToken()})


def ask_bulk(options: dict[str, Any]) -> CallError:
    with PingClient(**options) as client:
        (outcome,) = client.probe_many(["s"])
    assert isinstance(outcome.error, CallError)
    return outcome.error


def ask_async(options: dict[str, Any]) -> CallError:
    async def ask() -> CallError:
        async with AsyncPingClient(**options) as client:
            with pytest.raises(CallError) as caught:
                await client.session_status("s")
        return caught.value

    return asyncio.run(ask())


def overrun(error: CallError, deadline: float) -> float:
    """Return how many milliseconds past its deadline a call has ended, by the engine's clock."""
    assert isinstance(error, DeadlineExceeded), error
    assert error.call is not None
    return (error.call.elapsed.total_seconds() - deadline) * 1000


WAYS = [ask_sync, ask_cancellable, ask_bulk, ask_async]


@pytest.mark.parametrize("ask", WAYS)
def test_a_tls_record_that_comes_byte_by_byte_keeps_no_call_past_its_deadline(
    ask: Callable[[dict[str, Any]], CallError],
) -> None:
    told = Dripping()
    with listening(told.serve) as port, control() as machine:
        over = []
        for deadline in (0.05, 0.3, 0.5, 1.0):
            url = f"https://localhost:{port}"
            options = {"base_url": url, "ca_file": AUTHORITY, "max_retries": 0}
            error = ask({**options, "api_key": "k", "timeout": deadline})
            over.append(overrun(error, deadline))
        told.over.set()
    assert max(over) < PROMISE + machine.worst()


@pytest.mark.parametrize("ask", WAYS)
def test_a_flood_of_one_byte_records_keeps_no_call_past_its_deadline(
    ask: Callable[[dict[str, Any]], CallError],
) -> None:
    """The records are encrypted beforehand, so that the peer is faster than who reads them.

    Before the first answer even, which waits for that: a busy machine takes more than the 4 s after
    which its connection would not be used again.
    """

    def serve(connection: socket.socket) -> None:
        tls = TlsByHand(connection)
        tls.read_head()
        first = tls.records(answer(BODY))
        flood = tls.records(answer(BODY + b" " * 400_000), size=1)
        connection.sendall(first)
        tls.read_head()
        connection.sendall(flood)

    with listening(serve) as port, control() as machine:
        options: dict[str, Any] = {
            "api_key": "k",
            "base_url": f"https://localhost:{port}",
            "ca_file": AUTHORITY,
            "max_retries": 0,
        }
        with PingClient(**options, timeout=60.0) as client:
            client.session_status("s")
            # On the same connection. The whole answer takes a fast machine less than 0.2 s.
            error = ask({**options, "timeout": 0.05})
    assert overrun(error, 0.05) < PROMISE + machine.worst()


#: A program of its own: is interrupted, or forks, while another thread of it is in the drip.
PROGRAM = """
import os, sys, threading, time
from sessionvitals import PingClient
url, ca_file, how = sys.argv[1:]
client = PingClient(api_key="k", base_url=url, ca_file=ca_file, timeout=30, max_retries=0)

def ask():
    try:
        client.session_status("s")
    except KeyboardInterrupt:
        print(time.time(), flush=True)

if how == "is interrupted":
    ask()
else:
    threading.Thread(target=ask, daemon=True).start()
    sys.stdin.readline()
    begun = time.monotonic()
    pid = os.fork()
    if pid == 0:
        os._exit(0)
    print(time.monotonic() - begun, flush=True)
    os.waitpid(pid, 0)
os._exit(0)
"""


@pytest.mark.parametrize(("how", "promise"), [("is interrupted", 100.0), ("forks", 100.0)])
def test_a_tls_record_that_comes_byte_by_byte_holds_up_neither_ctrl_c_nor_a_fork(
    how: str, promise: float
) -> None:
    told = Dripping()
    with listening(told.serve) as port, control() as machine:
        command = [sys.executable, "-W", "ignore", "-c", PROGRAM, f"https://localhost:{port}"]
        with subprocess.Popen(
            [*command, str(AUTHORITY), how],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        ) as program:
            assert program.stdin is not None
            assert program.stdout is not None
            assert told.has_begun.wait(30)
            sent = time.time()
            if how == "is interrupted":
                os.kill(program.pid, signal.SIGINT)
                took = float(program.stdout.readline()) - sent
            else:
                program.stdin.write("\n")
                program.stdin.flush()
                took = float(program.stdout.readline())
            told.over.set()
    assert took * 1000 < promise + machine.worst()
