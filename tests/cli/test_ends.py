"""``--out FILE --resume NOTES``: whatever ends a run, no row is lost and none is doubled."""

from __future__ import annotations

import csv
import errno
import io
import json
import os
import random
import signal
import socket
import subprocess
import threading
from collections import Counter
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pytest
from tests.support.asking import last_line, run_python, seed
from tests.support.peers import KEEP_OPEN, Peer, answer, peer
from tests.support.sandbox import Space
from tests.support.shell import COMMAND
from tests.support.vendors import PING

pytest.importorskip("click")

from sessionvitals import Session
from sessionvitals.cli.export import open_sink
from sessionvitals.cli.failures import CommandError
from sessionvitals.cli.notes import Notes

NAMES = ["usage.csv", "usage.ndjson"]


def ids_in(path: Path) -> Counter[str]:
    """Return how often each id has a row."""
    if path.suffix == ".csv":
        with path.open(newline="", encoding="utf-8") as file:
            return Counter(row["id"] for row in csv.DictReader(file))
    return Counter(json.loads(line)["id"] for line in path.read_text().split("\n") if line)


# Runs the command in forked children, so that hundreds of runs cost no more than some seconds. A
# child kills itself at its n-th call to the system that changes a file: before it, or half-way.
CRASHES = """
import csv, errno, json, os, resource, signal, sys
from collections import Counter
from itertools import count
from pathlib import Path

from sessionvitals import cli
from sessionvitals.cli import commands, export

url, folder, name, interval, how = sys.argv[1:]
out, notes, ids = (Path(folder) / each for each in (name, "notes", "ids"))
export.SYNC_INTERVAL = float(interval)
wanted = ids.read_text().split()
arguments = ["status", "ping", "-", "--base-url", url, "--out", str(out), "--resume", str(notes)]
os.dup2(os.open(os.devnull, os.O_WRONLY), 2)


def end_at(number, half, how):
    calls = count()

    def ending(function):
        def call(*given, **named):
            if next(calls) == number:
                if half and function is write:
                    write(given[0], given[1][: len(given[1]) // 2])
                if how == "fails":
                    raise OSError(errno.ENOSPC, "No space left on device")
                os.kill(os.getpid(), signal.SIGKILL)
            return function(*given, **named)

        return call

    write = os.write
    for each in ("open", "write", "fsync", "ftruncate"):
        setattr(os, each, ending(getattr(os, each)))


def run(prepare=lambda: None):
    child = os.fork()
    if child == 0:
        os.dup2(os.open(ids, os.O_RDONLY), 0)
        prepare()
        os._exit(cli.main(arguments))
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def rows():
    lines = [line for line in out.read_bytes().split(b"\\n")[:-1]] if out.exists() else []
    if out.suffix == ".csv":
        return Counter(line.split(b",")[0].decode() for line in lines[1:])
    return Counter(json.loads(line)["id"] for line in lines)


def check(point, code):
    noted = set(notes.read_text().split("\\n")[:-1]) if notes.exists() else set()
    assert noted <= set(rows()), (point, code, "noted without a row", noted - set(rows()))
    again = run()
    assert again == 0, (point, code, again)
    assert rows() == Counter(wanted), (point, code, rows() - Counter(wanted), Counter(wanted) - rows())
    assert sorted(notes.read_text().split()) == sorted(wanted), (point, code)


points = unharmed = 0
for number in count():
    for half in (False, True):
        out.unlink(missing_ok=True), notes.unlink(missing_ok=True)
        if how == "limited":
            limit = number * 20 + 10 * half
            code = run(lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit)))
        else:
            code = run(lambda: end_at(number, half, how))
        if how in ("limited", "fails"):
            assert code in (0, 74), code
        elif how == "killed twice":
            run(lambda: end_at(number % 7, not half, how))
        check((number, half), code)
        points += 1
    unharmed = 0 if code else unharmed + 1
    if unharmed == 5:  # in a row: some calls may fail without harm
        break
print(json.dumps(points))
"""


@pytest.mark.parametrize("how", ["killed", "killed twice", "fails", "limited"])
@pytest.mark.parametrize("interval", [0, 1000], ids=["synced each time", "synced at the end"])
@pytest.mark.parametrize("name", NAMES)
def test_no_row_is_lost_or_doubled_by_an_end_at_any_point(
    name: str, interval: int, how: str, space: Space, tmp_path: Path
) -> None:
    ids = seed(space, 5)
    (tmp_path / "ids").write_text("\n".join(ids))
    arguments = [space.base_url("ping"), str(tmp_path), name, str(interval), how]

    assert last_line(run_python(CRASHES, arguments)) > 20


class Killer:
    """A vendor that has a signal sent to whoever asks, at the n-th question."""

    def __init__(self, at: int, number: signal.Signals) -> None:
        self._at = at
        self._signal = number
        self._asked = 0
        self._lock = threading.Lock()
        self.process: subprocess.Popen[str] | None = None
        self.is_known = threading.Event()

    def __call__(self, told: Peer, connection: socket.socket, request: bytes) -> object:
        with self._lock:
            self._asked += 1
            is_time = self._asked == self._at
        if is_time:
            assert self.is_known.wait(30)
            assert self.process is not None
            self.process.send_signal(self._signal)
        connection.sendall(answer(PING.good_body))
        return KEEP_OPEN


def status(url: str, ids: Path, *arguments: str, killer: Killer | None = None) -> tuple[int, str]:
    command = [*COMMAND, "status", "ping", "-", "--base-url", url, "--max-retries", "0"]
    with (
        ids.open() as given,
        subprocess.Popen(
            [*command, *arguments],
            stdin=given,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, "PING_API_KEY": "k"},
        ) as process,
    ):
        if killer is not None:
            killer.process = process
            killer.is_known.set()
        _, words = process.communicate(timeout=60)
    return process.returncode, words


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    ("number", "code"),
    [(signal.SIGKILL, -9), (signal.SIGTERM, 143), (signal.SIGINT, 130)],
    ids=["SIGKILL", "SIGTERM", "Ctrl-C"],
)
def test_signals_at_random_moments_lose_no_row(
    number: signal.Signals, code: int, name: str, tmp_path: Path
) -> None:
    ids = [f"session-{n}" for n in range(1500)]
    (tmp_path / "ids").write_text("\n".join(ids))
    files = ("--out", str(tmp_path / name), "--resume", str(tmp_path / "notes"))
    chance = random.Random(number)
    for _ in range(3):
        for each in (tmp_path / name, tmp_path / "notes"):
            each.unlink(missing_ok=True)
        killer = Killer(chance.randrange(1, 1400), number)
        with peer(killer) as vendor:
            ended, words = status(vendor.url, tmp_path / "ids", *files, killer=killer)
            assert ended == code, words
            if number != signal.SIGKILL:
                assert f"{name} is incomplete" in words
                assert len(words.splitlines()) == 1
            finished, words = status(vendor.url, tmp_path / "ids", *files)
        assert finished == 0, words
        assert ids_in(tmp_path / name) == Counter(ids)
        assert sorted((tmp_path / "notes").read_text().split()) == sorted(ids)


@pytest.mark.parametrize("wants_error", [False, True], ids=["written", "full disk"])
def test_rows_leave_together_and_an_id_is_noted_behind_its_row(
    wants_error: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = Session(provider="ping", id="any", state="active")
    ids = ["vpn-1", "vpn-2", "vpn-3"]
    is_full = wants_error
    writes: list[bytes] = []

    class Output(io.RawIOBase):
        def writable(self) -> bool:
            return True

        def write(self, data: Any) -> int:
            if is_full and not self.closed:
                raise OSError(errno.ENOSPC, "No space left on device")
            writes.append(bytes(data))
            return len(data)

    buffer = io.BufferedWriter(Output())
    monkeypatch.setattr("sys.stdout", io.TextIOWrapper(buffer, line_buffering=True))
    notes = Notes(tmp_path / "notes")
    sink = open_sink("ping", None, notes, lambda session_id, answer: print(session_id))
    for each in ids:
        sink.take(each, session)
    assert (writes, notes.path.read_text()) == ([], "")
    with pytest.raises(CommandError, match="No space") if wants_error else nullcontext():
        sink.flush()
    is_full = False  # what is left in the buffer goes somewhere
    assert (len(writes), notes.path.read_text().split()) == ((0, []) if wants_error else (1, ids))
    notes.close()
