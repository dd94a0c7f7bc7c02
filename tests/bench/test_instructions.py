"""How many instructions the pure functions take: a number that no busy machine changes.

A change of more than 5 % is either a mistake or worth a new line in instructions.json: set
SESSIONVITALS_WRITE_INSTRUCTIONS=1 to write it. The numbers are of one compiler and one library, so
other versions of them are not compared.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

KEPT = Path(__file__).with_name("instructions.json")
NATIVE = Path(__file__).with_name("native")
FEW, MANY = 200, 1_200


def toolchain() -> str:
    """Return what the numbers depend on, in words."""
    compiler = subprocess.run(["c++", "--version"], capture_output=True, text=True).stdout
    json_header = Path("/usr/include/nlohmann/detail/abi_macros.hpp")
    found = re.findall(
        r"define NLOHMANN_JSON_VERSION_\w+ (\d+)",
        json_header.read_text() if json_header.exists() else "",
    )
    return f"{compiler.splitlines()[0]}, {os.uname().machine}, nlohmann/json {'.'.join(found)}"


def count(program: Path, function: str, times: int, folder: Path) -> int:
    command = ["valgrind", "--tool=callgrind", f"--callgrind-out-file={folder / 'out'}"]
    command += [str(program), function, str(times)]
    finished = subprocess.run(command, capture_output=True, text=True)
    found = re.search(r"Collected : (\d+)", finished.stderr)
    assert found, finished.stderr
    return int(found[1])


@pytest.fixture(scope="module")
def program() -> Path:
    """The program that runs the functions: that of the benchmarks, where they have been run."""
    if shutil.which("valgrind") is None:
        pytest.skip("no valgrind is installed, which counts the instructions")
    if not KEPT.exists() and not os.environ.get("SESSIONVITALS_WRITE_INSTRUCTIONS"):
        pytest.skip("no numbers are kept yet")
    if KEPT.exists() and json.loads(KEPT.read_text())["toolchain"] != toolchain():
        pytest.skip("the numbers kept are of another compiler or library")
    build = os.environ.get("SESSIONVITALS_BENCH_BUILD", NATIVE.parents[2] / "build" / "bench")
    built = Path(build) / "bench_parse"
    if not built.exists():
        pytest.skip(f"no {built}: make bench builds it")
    return built


def test_the_pure_functions_take_no_more_instructions_than_they_did(
    program: Path, tmp_path: Path
) -> None:
    names = subprocess.run([str(program)], capture_output=True, text=True).stdout.split()
    taken = {
        name: (count(program, name, MANY, tmp_path) - count(program, name, FEW, tmp_path))
        / (MANY - FEW)
        for name in names
    }
    if os.environ.get("SESSIONVITALS_WRITE_INSTRUCTIONS"):
        kept = {"toolchain": toolchain(), "instructions": {n: round(v) for n, v in taken.items()}}
        KEPT.write_text(json.dumps(kept, indent=1) + "\n")
    expected = json.loads(KEPT.read_text())["instructions"]
    assert sorted(taken) == sorted(expected)
    for name, instructions in taken.items():
        assert instructions == pytest.approx(expected[name], rel=0.05), name
