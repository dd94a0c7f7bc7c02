"""Python that has no memory left for an object of the core's raises MemoryError."""

from __future__ import annotations

import subprocess
import sys

import pytest

pytest.importorskip("_testcapi", reason="CPython's own tests are not installed")

#: Makes an object after all the memory for it but that of the object itself was had.
PROGRAM = """
import sys, _testcapi
from sessionvitals import PingClient
from sessionvitals._core import BulkTally, CancelToken, OutcomeTable
client = PingClient("k", base_url="http://127.0.0.1:1")
make = {
    "by a call": CancelToken,
    "by another class's call": BulkTally,
    "of an argument": lambda: OutcomeTable("ping"),
    "by the core": lambda: client._compiled.with_options(),
}[sys.argv[1]]
make()
for number in range(10):
    _testcapi.set_nomemory(number, number + 1)
    try:
        make()
    except MemoryError:
        pass
    finally:
        _testcapi.remove_mem_hooks()
"""


@pytest.mark.parametrize(
    "way", ["by a call", "by another class's call", "of an argument", "by the core"]
)
def test_no_object_is_made_of_no_memory(way: str) -> None:
    done = subprocess.run([sys.executable, "-c", PROGRAM, way], capture_output=True, timeout=60)
    assert done.returncode == 0, done.stderr
