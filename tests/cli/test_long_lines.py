"""Texts longer than anybody expects: in the files that a run goes on with, and in the lines of ids."""

from __future__ import annotations

import io
import os
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.support.peers import answer, peer, says
from tests.support.shell import COMMAND
from tests.support.vendors import VENDORS

pytest.importorskip("click")

from sessionvitals.cli.ids import Ids
from sessionvitals.cli.rows import Csv


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


def seconds(work: Callable[[], object]) -> float:
    """Return the processor time that it takes, at best."""
    taken = []
    for _ in range(3):
        begun = time.process_time()
        work()
        taken.append(time.process_time() - begun)
    return min(taken)


def test_a_file_with_an_odd_quote_is_read_in_a_time_that_grows_as_it_does() -> None:
    def read(count: int) -> None:
        lines = io.BytesIO(b'x,"y\r\n' + b"a,b,c,d,e,f,g,h,i,j,k,l,m\r\n" * count)
        assert list(Csv().records(lines)) == []

    assert seconds(lambda: read(32_000)) < 40 * seconds(lambda: read(4_000)), "8 times the lines"


def test_quotes_of_a_record_are_counted_over_its_lines() -> None:
    whole = [b'a,"b\n', b'""c""\n', b'd",e\n'], [b"f,g\n"], [b'"h""\n', b'i"\n']
    lines = [line for record in whole for line in record]
    assert list(Csv().records([*lines, b'"cut\n', b"off"])) == [b"".join(each) for each in whole]
    assert list(Csv().records([*lines, b"cut"])) == [b"".join(each) for each in whole]


@pytest.mark.parametrize("end", [b"", b"\n"], ids=["no end", "an end"])
def test_a_line_above_1_mib_is_refused_in_words(end: bytes) -> None:
    longest = b"x" * (1 << 20)
    with peer(says(answer(b'{"client_id": "c", "status": "connected"}'))) as told:
        done = status(told.url, "-", given=b"s-1\n" + longest + b"y" + end)
        assert done.returncode == 2
        assert done.stdout.startswith(b"s-1\t"), "what came before it is answered"
        assert done.stderr.startswith(b"sessionvitals: standard input: a line is longer than 1 MiB")
        assert len(done.stderr) < 200


def test_a_line_may_come_in_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    pieces = [b"\xef\xbb", b"\xbfa", b"b\nc\n", b"d", b"e", b"\nf\n\ng", b"h", b""]
    monkeypatch.setattr("os.read", lambda descriptor, most: pieces.pop(0))
    monkeypatch.setattr("sessionvitals.cli.ids.has_something", lambda descriptor: True)
    wanted = Ids(["-"], lambda session_id: False)
    assert list(wanted.ready()) == ["ab", "c", "de", "f", "gh"]
    assert not pieces
