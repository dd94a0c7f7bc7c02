"""A call that has no memory left raises, MemoryError or of it, and does not end the interpreter."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import pytest
from tests.support.consumers import run

#: Has every allocation of a call fail in turn, by `fail`, and then none by `stop`.
PROGRAM = """
from sessionvitals import PingClient
from sessionvitals._core import BulkTally, CancelToken, OutcomeTable
client = PingClient("k", base_url="http://127.0.0.1:1")
make = {
    "by a call": CancelToken,
    "by another class's call": BulkTally,
    "of an argument": lambda: OutcomeTable("ping"),
    "by the core": lambda: client._compiled.with_options(),
    "by the core, and owned": lambda: client._compiled.bulk_probe(1, False),
    "a client": lambda: PingClient("k", base_url="http://127.0.0.1:1"),
}[sys.argv[1]]
make()
errors = 0
for number in range(60):
    fail(number)
    try:
        made = make()
    except (MemoryError, SystemError):
        errors += 1
    finally:
        stop()
assert errors
"""
OF_PYTHON = """
import sys, _testcapi
stop = _testcapi.remove_mem_hooks
def fail(number):
    _testcapi.set_nomemory(number, number + 1)
"""
OF_CPP = """
import ctypes, sys
fail = ctypes.CDLL(None).fail_after
def stop():
    fail(-1)
"""
WAYS = [
    "by a call",
    "by another class's call",
    "of an argument",
    "by the core",
    "by the core, and owned",
]


@pytest.fixture(scope="session")
def failing_new(tmp_path_factory: pytest.TempPathFactory) -> Path:
    library = tmp_path_factory.mktemp("failing") / "failing_new.so"
    source = Path(__file__).with_name("failing_new.cpp")
    run(os.environ.get("CXX", "c++"), "-shared", "-fPIC", "-o", library, source)
    return library


def attempt(program: str, way: str, **environment: str) -> None:
    command = [sys.executable, "-c", program + PROGRAM, way]
    done = subprocess.run(
        command, capture_output=True, text=True, timeout=60, env={**os.environ, **environment}
    )
    assert done.returncode == 0, done.stderr


# Not a client: pybind11 makes objects of its arguments' names, and looks at none before its use.
@pytest.mark.skipif(
    importlib.util.find_spec("_testcapi") is None, reason="CPython's own tests are not installed"
)
@pytest.mark.parametrize("way", WAYS)
def test_where_python_has_none(way: str) -> None:
    attempt(OF_PYTHON, way)


@pytest.mark.skipif("LD_PRELOAD" in os.environ, reason="a sanitizer has a `new` of its own")
@pytest.mark.parametrize("way", [*WAYS, "a client"])
def test_where_cpp_has_none(failing_new: Path, way: str) -> None:
    attempt(OF_CPP, way, LD_PRELOAD=str(failing_new))
