"""Parent and children over one inherited client, plain and with TLS."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from typing import Any

import pytest
from tests.support.listening import listening
from tests.support.peers.secure import AUTHORITY, answering, secure_peer

#: A program of its own, since it forks: asks in three children and in itself, who each check that
#: every answer is theirs; then lets children exit in all the ways there are between its own calls.
PROGRAM = """
import gc, json, os, sys
from sessionvitals import PingClient
url, ca_file, calls = sys.argv[1], sys.argv[2], int(sys.argv[3])
client = PingClient(api_key="ping-sandbox-key", base_url=url, ca_file=ca_file or None, timeout=60)

def ask(session_id):
    return client.session_status(session_id)

def wrong_of(who):
    names = [f"{who}-{i}" for i in range(calls)]
    return sum(ask(name).client_id != name for name in names)

ask("warm")
children = []
for child in range(3):
    pid = os.fork()
    if pid == 0:
        first = ask("first").call.attempts[0].reused
        os._exit(100 if first else min(wrong_of(f"child{child}"), 99))
    children.append(pid)
wrong = [wrong_of("parent")]
wrong += [os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) for pid in children]

disturbed = 0
for turn in range(100):
    pid = os.fork()
    if pid == 0:
        if turn % 3 == 0:
            os._exit(0)
        if turn % 3 == 1:
            del client
            gc.collect()
        sys.exit(0)
    os.waitpid(pid, 0)
    attempts = ask("after").call.attempts
    disturbed += len(attempts) != 1 or not attempts[0].reused
print(json.dumps({"wrong": wrong, "disturbed": disturbed}))
"""

#: Forks while other threads are in the middle of handshakes, each over a connection of its own.
HANDSHAKES = """
import os, sys, threading
from sessionvitals import PingClient
url, ca_file, forks = sys.argv[1], sys.argv[2], int(sys.argv[3])
over = threading.Event()

def ask(session_id):
    with PingClient(api_key="ping-sandbox-key", base_url=url, ca_file=ca_file) as client:
        assert client.session_status(session_id).client_id == session_id

def keep_asking(session_id):
    while not over.is_set():
        ask(session_id)

threads = [threading.Thread(target=keep_asking, args=[f"thread{i}"]) for i in range(3)]
for thread in threads:
    thread.start()
exits = set()
for _ in range(forks):
    pid = os.fork()
    if pid == 0:
        ask("child")
        os._exit(0)
    exits.add(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
over.set()
for thread in threads:
    thread.join()
print(list(exits))
"""


#: Forks beside threads that look a name up again and again, for ports that refuse; each child makes
#: three calls by name.
LOOKUPS = """
import os, sys, threading
from sessionvitals import PingClient, TransportError
url, _, forks = sys.argv[1], sys.argv[2], int(sys.argv[3])
over = threading.Event()

def keep_looking_up(first_port):
    port = first_port
    while not over.is_set():
        port = first_port + (port + 1 - first_port) % 200
        try:
            PingClient(api_key="k", base_url=f"http://localhost:{port}", max_retries=0).probe("s")
        except TransportError:
            pass

threads = [threading.Thread(target=keep_looking_up, args=[1 + 200 * i]) for i in range(4)]
for thread in threads:
    thread.start()
failed = []
for _ in range(forks):
    pid = os.fork()
    if pid == 0:
        code = 0
        for number in range(3):
            with PingClient(api_key="k", base_url=url, timeout=20, max_retries=0) as client:
                code += client.session_status(f"child{number}").client_id != f"child{number}"
        os._exit(code)
    failed.append(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
over.set()
for thread in threads:
    thread.join()
print([code for code in failed if code])
"""

#: Makes a call that stays on its way, forks, and drops it in the child while a call of the child's own
#: is on its way, which is answered after that.
INHERITED = """
import asyncio, json, os, sys
from sessionvitals import AsyncPingClient, SessionVitalsError
url = sys.argv[1]

async def ask_and_drop(inherited, dropped):
    client = AsyncPingClient("ping-sandbox-key", base_url=url, timeout=60)
    own = asyncio.ensure_future(client.session_status("child"))
    await asyncio.sleep(0)
    inherited.close()
    os.write(dropped, b"x")
    try:
        return (await own).client_id
    except SessionVitalsError as error:
        return type(error).__name__

async def fork():
    inherited = AsyncPingClient("ping-sandbox-key", base_url=url).session_status("parent")
    task = asyncio.ensure_future(inherited)
    await asyncio.sleep(0)
    answer, told = os.pipe()
    pid = os.fork()
    if pid == 0:
        said = asyncio.run(ask_and_drop(inherited, int(sys.argv[2])))
        os.write(told, said.encode())
        os._exit(0)
    os.waitpid(pid, 0)
    task.cancel()
    print(json.dumps(os.read(answer, 100).decode()))

asyncio.run(fork())
"""


def echo(request: bytes) -> bytes:
    """Answer with the id that was asked for as the client's."""
    session_id = request.split(b"/")[2].decode()
    return json.dumps({"client_id": session_id, "status": "connected"}).encode()


def run(program: str, count: int, url: str, ca_file: str = "") -> Any:
    # From 3.12 on Python warns of every fork beside threads, which is what is tried here.
    quiet = ["-W", "error", "-W", "ignore:This process:DeprecationWarning"]
    command = [sys.executable, *quiet, "-c", program, url, ca_file, str(count)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.mark.parametrize("is_secure", [False, True], ids=["plain", "TLS"])
def test_nobody_gets_anothers_answer_and_no_exit_disturbs_the_parent(is_secure: bool) -> None:
    requests: list[bytes] = []
    if is_secure:
        with secure_peer("server", echo) as peer:
            result = run(PROGRAM, 1000, peer.url(host="127.0.0.1"), str(AUTHORITY))
    else:
        with listening(answering(echo, requests)) as port:
            result = run(PROGRAM, 1000, f"http://127.0.0.1:{port}")
    assert result == {"wrong": [0, 0, 0, 0], "disturbed": 0}


def test_a_child_made_during_other_threads_handshakes_shakes_its_own() -> None:
    with secure_peer("server", echo) as peer:
        assert run(HANDSHAKES, 100, peer.url(host="127.0.0.1"), str(AUTHORITY)) == [0]


def test_a_child_made_during_other_threads_lookups_can_look_names_up() -> None:
    with listening(answering(echo, [])) as port:
        assert run(LOOKUPS, 60, f"http://localhost:{port}") == []


def test_a_child_that_drops_an_inherited_call_ends_none_of_its_own() -> None:
    is_dropped, dropped = os.pipe()

    def answer(request: bytes) -> bytes:
        if b"/child/" in request:
            os.read(is_dropped, 1)
        else:
            parent.wait(60)
        return echo(request)

    parent = threading.Event()
    with listening(answering(answer, [])) as port:
        command = [sys.executable, "-c", INHERITED, f"http://127.0.0.1:{port}", str(dropped)]
        done = subprocess.run(
            command, pass_fds=[dropped], stdout=subprocess.PIPE, text=True, timeout=60
        )
        parent.set()
    os.close(is_dropped)
    os.close(dropped)
    assert json.loads(done.stdout) == "child"
