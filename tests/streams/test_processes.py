"""Streams whose peer is stopped, whose process ends, and whose process forks: nothing hangs."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from tests.support.peers import Peer, peer
from tests.support.peers.streaming import HEAD, STAYS, session_event, sse, streams

from sessionvitals import DeadlineExceeded, ElizaClient, PingClient

# How soon a program must be gone. Far more than it needs, far less than the streams' limits.
SOON = 30.0

#: Takes what it says as its argument, and says it to each that connects.
SERVER = """
import socket, sys
listener = socket.create_server(("127.0.0.1", 0))
print(listener.getsockname()[1], flush=True)
kept = []
while True:
    connection, _ = listener.accept()
    print("accepted", flush=True)
    kept.append(connection)
    try:
        if connection.recv(65536):
            connection.sendall(sys.argv[1].encode())
    except OSError:
        pass
"""


class Stoppable:
    """A server in a process of its own. One that is stopped keeps its connections, and is silent."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process
        self.url = f"http://127.0.0.1:{int(self.read())}"

    def read(self) -> str:
        assert self._process.stdout is not None
        return self._process.stdout.readline()

    def stop(self) -> None:
        os.kill(self._process.pid, signal.SIGSTOP)
        _, status = os.waitpid(self._process.pid, os.WUNTRACED)
        assert os.WIFSTOPPED(status)

    def go_on(self) -> None:
        os.kill(self._process.pid, signal.SIGCONT)


@pytest.fixture
def server(request: pytest.FixtureRequest) -> Iterator[Stoppable]:
    says: bytes = request.param
    with subprocess.Popen(
        [sys.executable, "-c", SERVER, says.decode()], stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            yield Stoppable(process)
        finally:
            process.kill()


@pytest.mark.parametrize("server", [HEAD + sse(session_event(1))], indirect=True, ids=["events"])
def test_a_peer_that_is_stopped_is_left_after_the_idle_timeout(server: Stoppable) -> None:
    events: Any = PingClient("a-key", base_url=server.url, timeout=0.2).events(
        idle_timeout=0.2, reconnect_after=0.001, deadline=1.5
    )
    assert next(events).id == 1
    assert server.read() == "accepted\n"
    server.stop()
    with pytest.raises(DeadlineExceeded):
        next(events)
    server.go_on()
    assert server.read() == "accepted\n"  # the stream was opened again meanwhile


@pytest.mark.parametrize(
    "server",
    [HEAD + sse({"messageId": "r-1", "chunk": "Hel", "index": 0}, event="chunk")],
    indirect=True,
    ids=["a reply"],
)
def test_a_reply_of_a_peer_that_is_stopped_fails_after_the_idle_timeout(server: Stoppable) -> None:
    reply = ElizaClient(base_url=server.url).stream_message("s", "hi", idle_timeout=0.2)
    assert next(reply).text == "Hel"
    server.stop()
    with pytest.raises(DeadlineExceeded, match=r"silent.*1 chunk"):
        next(reply)


HELD = {
    "a stream": "stream = PingClient('k', base_url=sys.argv[1]).events()\nnext(stream)",
    "a stream of an event loop that is gone": """
async def first():
    global stream
    stream = AsyncPingClient("k", base_url=sys.argv[1]).events()
    await stream.__anext__()

asyncio.run(first())
""",
    "a stream that a daemon thread waits for": """
stream = PingClient("k", base_url=sys.argv[1]).events()
next(stream)
threading.Thread(target=next, args=[stream], daemon=True).start()
""",
    "a stream that an event loop of a daemon thread waits for": """
begun = threading.Event()

async def follow():
    async for _ in AsyncPingClient("k", base_url=sys.argv[1]).events():
        begun.set()

threading.Thread(target=lambda: asyncio.run(follow()), daemon=True).start()
begun.wait()
""",
    "a stream in a cycle": """
stream = PingClient("k", base_url=sys.argv[1]).events()
next(stream)
cycle = [stream]
cycle.append(cycle)
""",
}
IMPORTS = "import asyncio, os, sys, threading\nfrom sessionvitals import *\n"


def run(program: str, url: str) -> None:
    done = subprocess.run(
        # Python 3.12 and later warn of os.fork() beside threads.
        [
            *(sys.executable, "-X", "faulthandler", "-W", "ignore::DeprecationWarning"),
            *("-c", IMPORTS + program, url),
        ],
        capture_output=True,
        text=True,
        timeout=SOON,
    )
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("program", HELD.values(), ids=HELD)
def test_a_process_ends_with_a_stream_open(program: str) -> None:
    with peer(streams([HEAD, sse(session_event(1)), STAYS])) as told:
        run(program, told.url)


FORKS = """
client = PingClient("k", base_url=sys.argv[1])
stream = client.events()
assert next(stream).id == 1
got = []
thread = threading.Thread(target=lambda: got.append(next(stream).id))
thread.start()
child = os.fork()
if child == 0:
    try:
        next(stream)
    except ConfigurationError as error:
        assert "belongs to the process" in str(error), error
    else:
        sys.exit(1)
    sys.exit(next(client.events()).id != 2)
assert os.waitpid(child, 0)[1] == 0
assert next(client.events()).id == 3
thread.join()
assert got == [9], got
"""


def test_a_stream_goes_on_in_the_parent_of_a_fork_and_not_in_the_child() -> None:
    third = threading.Event()

    def talk(told: Peer, connection: socket.socket, request: bytes) -> None:
        number = len(told.requests)
        connection.sendall(HEAD + sse(session_event(number)))
        if number == 1:
            assert third.wait(SOON)
            connection.sendall(sse(session_event(9)))
        elif number == 3:
            third.set()
        told.over.wait(SOON)

    with peer(talk) as told:
        run(FORKS, told.url)
