"""Texts longer than anybody expects: in the files that a run goes on with, and in the lines of ids."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest
from tests.support.peers import answer, peer, says
from tests.support.shell import COMMAND
from tests.support.vendors import VENDORS

pytest.importorskip("click")


def status(url: str, *arguments: str, given: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [*COMMAND, "status", "ping", "--base-url", url, *arguments],
        input=given,
        capture_output=True,
        env={**os.environ, "PING_API_KEY": str(VENDORS["ping"].key)},
    )


@pytest.mark.parametrize("name", ["usage.csv", "usage.ndjson"])
def test_a_run_goes_on_behind_a_row_with_a_long_text(tmp_path: Path, name: str) -> None:
    word = b"w" * 140_000  # Python's csv reads 131,072 characters unless told otherwise
    files = ["--out", str(tmp_path / name), "--resume", str(tmp_path / "notes")]
    with peer(says(answer(b'{"client_id": "c", "status": "' + word + b'"}'))) as told:
        first = status(told.url, "s-1", *files)
        assert first.returncode == 0, first.stderr
        asked = len(told.requests)
        second = status(told.url, "s-1", "s-2", *files)
        assert second.returncode == 0, second.stderr
        assert len(told.requests) == asked + 1
    assert (tmp_path / name).read_bytes().count(word) == 2
