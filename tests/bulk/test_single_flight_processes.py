"""Shared answers, forks and signal handlers: programs of their own."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest
from tests.support.asking import asked, last_line, run_python, seed

if TYPE_CHECKING:
    from tests.support.sandbox import Space


FORKED = """
import json, os, sys, threading, time
import sessionvitals

client = sessionvitals.PingClient("ping-sandbox-key", base_url=sys.argv[1], timeout=5.0)
kept = client.probe("kept", max_age=60)
thread = threading.Thread(target=lambda: client.probe("s-0", max_age=60))
thread.start()
while "s-0" not in client._recent:
    time.sleep(0.001)
child = os.fork()
if child == 0:
    ok = client.probe("kept", max_age=60) == kept
    ok = ok and client.probe("s-0", max_age=60).live  # nobody is left to answer the parent's
    os._exit(0 if ok else 3)
code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
thread.join()
print(json.dumps(code))
"""


def test_a_forked_child_does_not_wait_for_the_parents_call(space: Space) -> None:
    seed(space, 1)
    space.add_session("ping", "kept", "connected", client_id="c")
    space.faults({"kind": "delay", "delay": 0.5, "times": 1}, scope={"session_id": "s-0"})
    begun = time.monotonic()
    assert last_line(run_python(FORKED, [space.base_url("ping")])) == 0
    assert time.monotonic() - begun < 20
    assert asked(space, session_id="kept") == 1


# A signal comes at each line of the module in turn, and its handler probes or forks. A lock that it
# waited for would never be free: then the alarm ends the program.
HANDLERS = """
import json, os, signal, sys, threading
from itertools import count

import sessionvitals
from sessionvitals import single_flight

url, what, part = sys.argv[1:]
signal.alarm(30)
last_child = 0


def handle(number, frame):
    global last_child
    sys.settrace(None)
    if what == "probes":
        assert client.probe("other", max_age=60).live
        assert client.probe("s-0", max_age=60).live
        return
    last_child = os.fork()
    if last_child == 0:
        signal.alarm(10)
        if what == "forks":
            ok = client.probe("other", max_age=60).live and client.probe("s-0", max_age=60).live
            os._exit(0 if ok else 3)


def at_line(number):
    lines = count()

    def trace(frame, event, argument):
        if frame.f_code.co_filename != single_flight.__file__:
            return None
        if event == "line" and next(lines) == number:
            signal.raise_signal(signal.SIGUSR1)
        return trace

    return trace


signal.signal(signal.SIGUSR1, handle)
for number in count():
    parent = os.getpid()
    last_child = None
    client = sessionvitals.PingClient("ping-sandbox-key", base_url=url)
    if part == "waits":
        maker = threading.Thread(target=client.probe, args=["s-0"], kwargs={"max_age": 60})
        maker.start()
        while "s-0" not in client._recent:
            pass
    sys.settrace(at_line(number))
    session = client.probe("s-0", max_age=60)
    was_traced = sys.gettrace() is not None
    sys.settrace(None)
    assert session.live
    if os.getpid() != parent:
        os._exit(0)  # the child of a handler, which has returned into the call
    if last_child:
        code = os.waitstatus_to_exitcode(os.waitpid(last_child, 0)[1])
        assert code == 0, (number, code)
    if part == "waits":
        maker.join()
    if was_traced:  # no line was the last
        break
print(json.dumps(number))
"""


@pytest.mark.parametrize("part", ["asks", "waits"])
@pytest.mark.parametrize("what", ["probes", "forks", "forks and returns"])
def test_a_signal_handler_may_probe_and_fork_at_any_line(
    what: str, part: str, space: Space
) -> None:
    seed(space, 1)
    space.add_session("ping", "other", "connected", client_id="c")
    if part == "waits":
        space.faults({"kind": "delay", "delay": 0.1, "times": 0}, scope={"session_id": "s-0"})

    assert last_line(run_python(HANDLERS, [space.base_url("ping"), what, part])) > 20
