"""Every curl line of the mock's README is run, in order, against one mock."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest
from tests.support.consumers import ENVIRONMENT
from tests.support.sandbox import start_mock

ROOT = Path(__file__).parents[2]
LINES = re.findall(r"^curl .*$", (ROOT / "mocks/README.md").read_text(), re.MULTILINE)


@pytest.mark.skipif(not shutil.which("curl"), reason="the examples are curl's")
def test_every_example_does_what_its_comment_says() -> None:
    with start_mock() as mock:
        for line in LINES:
            command, _, said = line.partition("  # ")
            status = re.match(r"\d{3}\b", said)
            words = said[len(status[0]) :].strip() if status else said
            ran = subprocess.run(
                [
                    "sh",
                    "-c",
                    command.replace("curl -s", "curl -sS --noproxy '*' -w '\n%{http_code}'"),
                ],
                env={**ENVIRONMENT, "URL": mock.url},
                capture_output=True,
                text=True,
                check=True,
                cwd=ROOT,
            )
            body, _, http_status = ran.stdout.rpartition("\n")
            wanted = status[0] if status else "201" if http_status == "201" else "200"
            assert http_status == wanted, f"{line}\n{ran.stdout}"
            assert words in body, f"{line}\n{ran.stdout}"
