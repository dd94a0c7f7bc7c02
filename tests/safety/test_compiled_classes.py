"""No Python code, however odd, ends the interpreter or changes a value: each class is abused.

A class that is new is covered by itself. An object of it is made by compiled_classes.LIVE.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from tests.safety.compiled_classes import LIVE, VALUES

from sessionvitals import _core

ABUSE = Path(__file__).with_name("compiled_classes.py")
CLASSES = sorted(name for name, found in vars(_core).items() if isinstance(found, type))
#: Nobody can make one of these.
WITHOUT_OBJECTS = {"Detail"}


def test_an_object_of_each_class_is_abused() -> None:
    assert sorted(LIVE.keys() | WITHOUT_OBJECTS) == CLASSES


@pytest.mark.parametrize("name", [*CLASSES, "functions"])
def test_odd_code_gets_an_exception_at_worst(name: str) -> None:
    finished = subprocess.run(
        [sys.executable, "-W", "ignore", str(ABUSE), name],
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert (finished.returncode, finished.stdout) == (0, "done\n"), finished.stderr[-3000:]


def test_a_value_has_no_state_to_set() -> None:
    assert [name for name in VALUES if hasattr(getattr(_core, name), "__setstate__")] == []


# Each number of allocations after which the next one fails, until all go well.
WITHOUT_MEMORY = """
import pickle
import _testcapi
from tests.safety.compiled_classes import LIVE, VALUES

for name in sorted(VALUES):
    value = LIVE[name]()
    fields, kept = value.to_dict(), pickle.dumps(value)
    for make in (lambda: type(value).from_dict(fields), lambda: pickle.loads(kept), value.to_dict):
        made, count = None, 0
        while made is None:
            _testcapi.set_nomemory(count, count + 1)
            try:
                made = make()
            except SystemError:
                raise
            except Exception:  # MemoryError, or what CPython makes of it
                count += 1
            finally:
                _testcapi.remove_mem_hooks()
print("done")
"""


def test_memory_that_runs_out_is_an_exception() -> None:
    pytest.importorskip("_testcapi")
    finished = subprocess.run(
        [sys.executable, "-X", "faulthandler", "-c", WITHOUT_MEMORY],
        cwd=ABUSE.parents[2],
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert (finished.returncode, finished.stdout) == (0, "done\n"), finished.stderr[-3000:]
