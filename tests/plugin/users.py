"""A user's own test run: pytest in a process of its own."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from textwrap import dedent


class Run:
    """What a run of pytest said."""

    def __init__(self, folder: Path, test: str, *arguments: str) -> None:
        (folder / "test_users.py").write_text(dedent(test))
        (folder / "pytest.ini").write_text("[pytest]\naddopts = --strict-markers\n")
        done = subprocess.run(
            [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *arguments],
            cwd=folder,
            capture_output=True,
            text=True,
            timeout=120,
        )
        self.exit_code = done.returncode
        self.output = done.stdout + done.stderr
