"""A user's own test run: pytest in a process of its own."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from textwrap import dedent

# Those of others that the tests' environment has take most of a run's start.
_OTHERS = ("cacheprovider", "schemathesis", "anyio", "hypothesispytest")
_WITHOUT = [f"-pno:{name}" for name in _OTHERS]


class Run:
    """What a run of pytest said."""

    def __init__(self, folder: Path, test: str, *arguments: str) -> None:
        (folder / "test_users.py").write_text(dedent(test))
        (folder / "pytest.ini").write_text("[pytest]\naddopts = --strict-markers\n")
        done = subprocess.run(
            [sys.executable, "-m", "pytest", *_WITHOUT, *arguments],
            cwd=folder,
            capture_output=True,
            text=True,
            timeout=120,
        )
        self.exit_code = done.returncode
        self.output = done.stdout + done.stderr
