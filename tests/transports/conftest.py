"""The programs of this folder: built once for a run against the library as it is installed.

$SESSIONVITALS_HTTPLIB_DIR names a folder with another httplib.h than the machine's.
"""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from tests.support.consumers import ENVIRONMENT, ROOT, install, run


@pytest.fixture(scope="session")
def programs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the programs, and of the examples."""
    httplib = os.environ.get("SESSIONVITALS_HTTPLIB_DIR", "")
    build = ROOT / "build" / ("transports-other" if httplib else "transports")
    build.mkdir(parents=True, exist_ok=True)
    generator = ["-G", "Ninja"] if shutil.which("ninja") else []
    with (build / "lock").open("w") as lock:  # the workers of a run share it
        fcntl.flock(lock, fcntl.LOCK_EX)
        install(build / "prefix", tmp_path_factory.mktemp("library"))
        where = [f"-S{Path(__file__).parent / 'native'}", f"-B{build}", *generator]
        prefix = f"-DCMAKE_PREFIX_PATH={build / 'prefix'}"
        run("cmake", *where, prefix, f"-DSESSIONVITALS_HTTPLIB_DIR={httplib}")
        run("cmake", "--build", build)
    return build


@dataclass
class Calls:
    """The program that makes a call a line."""

    process: subprocess.Popen[str]

    def make(self, transport: str, base_url: str, **line: Any) -> dict[str, Any]:
        line = {"method": "GET", "target": "/", **line}
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(
            json.dumps({"transport": transport, "base_url": base_url, **line}) + "\n"
        )
        self.process.stdin.flush()
        said = self.process.stdout.readline()
        assert said, f"the program ended with {self.process.wait(10)}"
        result: dict[str, Any] = json.loads(said)
        return result


@pytest.fixture
def calls(programs: Path) -> Iterator[Calls]:
    command = [programs / "calls"]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen(command, env=ENVIRONMENT, text=True, **pipes) as process:  # type: ignore[call-overload]
        yield Calls(process)
        assert process.stdin is not None
        process.stdin.close()
        assert process.wait(10) == 0
