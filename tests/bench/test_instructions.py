"""How many instructions the pure functions take: a number that no busy machine changes.

A change of more than 5 % is either a mistake or worth a new line in instructions.json: set
SESSIONVITALS_WRITE_INSTRUCTIONS=1 to write it. The numbers are of one compiler and one library, so
other versions of them are not compared.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
from pathlib import Path

import pytest
from tests.support.consumers import ROOT, install, run

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
def program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The program that runs the functions of the library as it is installed."""
    if KEPT.exists() and json.loads(KEPT.read_text())["toolchain"] != toolchain():
        pytest.skip("the numbers kept are of another compiler or library")
    build = ROOT / "build" / "instructions"
    install(build / "prefix", tmp_path_factory.mktemp("library"))
    run(
        *("cmake", "-S", NATIVE, "-B", build, "-G", "Ninja"),
        f"-DSESSIONVITALS_INSTALLED={build / 'prefix'}",
    )
    run("cmake", "--build", build, "--target", "bench_parse")
    return build / "bench_parse"


@pytest.mark.slow
@pytest.mark.skipif("LD_PRELOAD" in os.environ, reason="valgrind runs no sanitizer")
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
