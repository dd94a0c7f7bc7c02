"""The mock beside a program: its block ends it, in the process that began it and in no other."""

from __future__ import annotations

from tests.support.asking import last_line, run_python

START = """
import json, os, signal, urllib.request
from sessionvitals.mock_program import running_mock

signal.alarm(20)  # of a block that does not end
out, into = os.pipe()

def answers(url):
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:
            return answer.status == 200
    except OSError:
        return False
"""

CHILD_LIVES_ON = """
with running_mock() as ready:
    child = os.fork()
    if child == 0:
        os.close(into)
        os.read(out, 1)  # until its parent has left the block
        os._exit(0)
os.close(into)
os.waitpid(child, 0)
print(json.dumps(answers(ready["url"])))
"""

CHILD_LEAVES = """
child = 0
try:
    with running_mock() as ready:
        child = os.fork()
        if child == 0:
            raise SystemExit
        os.waitpid(child, 0)
        print(json.dumps(answers(ready["url"])))
finally:
    if child == 0:
        os._exit(0)
"""


def test_the_block_ends_while_a_child_that_was_forked_in_it_lives() -> None:
    assert last_line(run_python(START + CHILD_LIVES_ON, [])) is False


def test_a_child_that_leaves_the_block_does_not_end_its_parents_mock() -> None:
    assert last_line(run_python(START + CHILD_LEAVES, [])) is True
