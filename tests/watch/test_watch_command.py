"""`sessionvitals watch`, as a user at a shell has it."""

from __future__ import annotations

import json
import os
import subprocess
import threading
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import Any

import pytest
from tests.support.asking import asked, seed
from tests.support.sandbox import Space
from tests.support.shell import COMMAND, environment_of, open_terminal, read_terminal, run

pytest.importorskip("click")

from sessionvitals import fleet
from sessionvitals.cli import EXIT_IO
from sessionvitals.cli.failures import CommandError
from sessionvitals.cli.token_file import TokenFile
from sessionvitals.cli.watch import COLUMNS, follow

WATCH = ("watch", "ping", "--every", "20ms")


def test_a_line_a_change_and_0_once_all_have_ended(space: Space) -> None:
    seed(space, 2)
    environment = environment_of(space)
    command = [*COMMAND, *WATCH, "--deadline", "1m", "s-0", "s-1"]
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        lines = [process.stdout.readline() for _ in range(2)]
        for session_id in ("s-0", "s-1"):
            space.admin("PATCH", f"sessions/ping/{session_id}", {"state": "disconnected"})
        lines += process.stdout.readlines()

    assert process.returncode == 0
    assert sorted(line.split()[1:] for line in lines) == [
        ["s-0", "active"], ["s-0", "active", "->", "ended"],
        ["s-1", "active"], ["s-1", "active", "->", "ended"],
    ]  # fmt: skip


@pytest.mark.parametrize("events", ["auto", "never"])
def test_events_say_when_to_look(space: Space, events: str) -> None:
    ids = seed(space, 3)
    command = [*COMMAND, "watch", "ping", "--every", "1h", "--events", events, "--deadline", "2s"]
    with subprocess.Popen(
        [*command, *ids], env=environment_of(space), stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        for _ in ids:
            process.stdout.readline()
        if events == "auto":
            assert space.sandbox.journal.wait(operation="events")
        for session_id in ids:
            space.admin("PATCH", f"sessions/ping/{session_id}", {"state": "disconnected"})
        ended = process.stdout.read().count("active -> ended")
    assert (process.returncode, ended) == ((0, 3) if events == "auto" else (124, 0))


def test_json_and_ids_from_standard_input(space: Space) -> None:
    space.add_session("ping", "s-0", "disconnected")
    done = run(environment_of(space), *WATCH, "--deadline", "60", "--json", "-", given="s-0\n")

    (change,) = map(json.loads, done.stdout.splitlines())
    assert (done.returncode, change["reason"], change["after"]["state"]) == (0, "final", "ended")


@pytest.mark.parametrize(("form", "sign"), [("tsv", "\t"), ("csv", ",")])
def test_a_change_as_fields(space: Space, form: str, sign: str) -> None:
    space.add_session("ping", "=1", "disconnected")
    done = run(environment_of(space), *WATCH, "--deadline", "60", "-o", form, "=1")

    lines = done.stdout.splitlines()
    if form == "csv":
        assert lines.pop(0) == ",".join(COLUMNS)
    guarded = "'=1" if form == "csv" else "=1"
    (change,) = lines
    assert change.split(sign)[1:] == [guarded, "final", "", "ended", "disconnected", "", ""]


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["--deadline", "60", "--until", "active"], 1),
        (["--deadline", "60", "--until", "active", "--until", "ended"], 0),
        (["--deadline", "200ms", "--missing", "wait", "none"], 124),
        ([], 2),
        (["--forever", "--deadline", "1"], 2),
        (["--deadline", "soon"], 2),
        (["--deadline", "60", "-o", "table"], 2),
    ],
    ids=str,
)
def test_the_exit_code_says_how_it_ended(space: Space, arguments: list[str], code: int) -> None:
    space.add_session("ping", "s-0", "disconnected")

    assert run(environment_of(space), *WATCH, *arguments, "s-0").returncode == code


def test_a_file_to_go_on_from(space: Space, tmp_path: Path) -> None:
    seed(space, 1)
    file = tmp_path / "token"
    command = [*WATCH, "--deadline", "300ms", "--resume", str(file), "s-0"]
    first = run(environment_of(space), *command)
    assert (first.returncode, first.stdout.split()[1:]) == (124, ["s-0", "active"])
    assert file.stat().st_mode & 0o777 == 0o600
    assert list(tmp_path.iterdir()) == [file]
    assert "ping-sandbox-key" not in file.read_text()

    assert run(environment_of(space), *command).stdout == "", "nothing is new"
    space.admin("PATCH", "sessions/ping/s-0", {"state": "disconnected"})
    told = run(environment_of(space), *command)
    assert told.stdout.split(maxsplit=1)[1] == (
        "s-0 active -> ended (more may have happened in between)\n"
    )
    file.write_text("{}")
    refused = run(environment_of(space), *command)
    assert (refused.returncode, refused.stdout) == (2, "")
    assert "token" in refused.stderr


def test_a_file_that_cannot_be_written_is_refused_before_the_watch(
    space: Space, tmp_path: Path
) -> None:
    seed(space, 1)
    for path, reason in (
        (tmp_path / "nosuch" / "token", "No such file or directory"),
        (Path("/dev/zero"), "not a regular file"),  # whose end nobody reads
    ):
        words = [*WATCH, "--deadline", "20ms", "--resume", str(path), "s-0"]
        done = run(environment_of(space), *words)
        assert (done.returncode, done.stdout) == (2, "")
        assert done.stderr == f"sessionvitals: --resume {path}: {reason}\n"
    assert asked(space) == 0


def test_a_file_has_one_watch_at_a_time(space: Space, tmp_path: Path) -> None:
    seed(space, 2)
    file = tmp_path / "token"
    command = [*WATCH, "--resume", str(file)]
    with subprocess.Popen(
        [*COMMAND, *command, "--forever", "s-0"],
        env=environment_of(space),
        stdout=subprocess.PIPE,
    ) as process:
        assert process.stdout is not None
        process.stdout.readline()
        second = run(environment_of(space), *command, "--deadline", "1m", "s-1")
        process.terminate()
    words = f"sessionvitals: --resume {file}: another run is writing it\n"
    assert (second.returncode, second.stderr) == (2, words)
    assert list(json.loads(file.read_text())["sessions"]) == ["s-0"]


def test_a_file_is_held_after_it_was_saved(tmp_path: Path) -> None:
    held = TokenFile(tmp_path / "token")
    held.save("first")
    with pytest.raises(CommandError, match="another run is writing it"):
        TokenFile(tmp_path / "token")
    held.save("second")
    held.close()
    free = TokenFile(tmp_path / "token")
    assert free.read() == "second"
    free.close()


def test_a_watch_that_did_not_begin_leaves_no_file(space: Space, tmp_path: Path) -> None:
    words = [*WATCH, "--deadline", "1m", "--resume", str(tmp_path / "token"), "--shard", "1/99"]
    assert run(environment_of(space), *words, "s-0").returncode == 2
    assert list(tmp_path.iterdir()) == []


class WaitingWatch:
    """A watch that goes on to the next change only once the one before is in the file."""

    outcome = "reached"

    def __init__(self, count: int, file: Path, saved: threading.Event) -> None:
        self.left = count
        self._count = count
        self._file = file
        self._saved = saved

    def token(self) -> str:
        return str(self._count - self.left)

    def __iter__(self) -> Iterator[Any]:
        while self.left:
            self.left -= 1
            yield self.left
            while not self._file.exists() or self._file.read_text().strip() != self.token():
                assert self._saved.wait(10), "no change was saved while the watch waited"
                self._saved.clear()

    def close(self) -> None:
        self.left = 0


def test_each_change_is_saved_while_no_other_comes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    saved = threading.Event()
    save = TokenFile.save

    def note(file: TokenFile, token: str) -> None:
        save(file, token)
        saved.set()

    monkeypatch.setattr(TokenFile, "save", note)
    monkeypatch.setattr("sessionvitals.cli.token_file.SAVE_INTERVALS", (0.001, 0.002))
    path = tmp_path / "token"

    assert follow(WaitingWatch(3, path, saved), lambda change: None, TokenFile(path)) == 0


def test_a_failure_to_save_ends_the_watch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    failed = threading.Event()

    def fail(file: TokenFile, token: str) -> None:
        failed.set()
        raise CommandError("no space", EXIT_IO)

    monkeypatch.setattr(TokenFile, "save", fail)
    path = tmp_path / "token"
    path.write_text("other")
    watch = WaitingWatch(1, path, failed)
    monkeypatch.setattr(watch, "token", lambda: "other")
    with pytest.raises(CommandError, match="no space"):
        follow(watch, lambda change: None, TokenFile(path))


def test_status_watch_of_tiun_says_what_to_run(space: Space) -> None:
    environment = environment_of(space)
    del environment["TIUN_ACCESS_TOKEN"]  # it is said before a key is looked for
    done = run(environment, "status", "tiun", "--watch", "a b", "c")

    assert (done.returncode, done.stdout) == (2, "")
    assert "sessionvitals watch tiun 'a b' c --every SECONDS --forever" in done.stderr
    assert asked(space) == 0


def test_a_table_on_a_terminal(space: Space) -> None:
    space.add_session("ping", "s-0", "disconnected")
    ours, theirs = open_terminal()
    environment = {**environment_of(space), "TERM": "xterm"}
    with subprocess.Popen(
        [*COMMAND, *WATCH, "--deadline", "60", "s-0"], env=environment, stdout=theirs
    ) as process:
        os.close(theirs)
        shown = b"".join(read_terminal(ours)).decode()
    os.close(ours)
    assert process.returncode == 0
    assert "s-0 ended" in shown
    assert "\x1b[2K" in shown


def test_ctrl_c_writes_the_file_first(space: Space, tmp_path: Path) -> None:
    seed(space, 1)
    file = tmp_path / "token"
    command = ["env", "--default-signal=INT", *COMMAND, *WATCH, "--forever", "s-0"]
    with subprocess.Popen(
        [*command, "--resume", str(file)], env=environment_of(space), stdout=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        process.stdout.readline()
        process.send_signal(2)
        process.communicate()
    assert process.returncode == 130
    assert json.loads(file.read_text())["sessions"]["s-0"]["state"] == "active"


def test_shards_share_out_the_ids(space: Space) -> None:
    ids = [f"s-{number}" for number in range(12)]
    for each in ids:
        space.add_session("ping", each, "disconnected")
    words = [*WATCH, "--deadline", "1m", "--json", *ids]
    parts = []
    for shard in ("1/3", "2/3", "3/3"):
        done = run(environment_of(space), *words, "--shard", shard)
        assert done.returncode == 0
        parts.append([json.loads(line)["session_id"] for line in done.stdout.splitlines()])
        assert {fleet.partition_of(each, 3) for each in parts[-1]} == {len(parts) - 1}
    assert sorted(chain.from_iterable(parts)) == sorted(ids)
    for bad in ("0/3", "4/3", "3", "a/b", "1/0"):
        done = run(environment_of(space), *words, "--shard", bad)
        assert (done.returncode, "is no shard" in done.stderr) == (2, True)
    done = run(environment_of(space), *WATCH, "--deadline", "1m", "s-0", "--shard", "1/99")
    assert (done.returncode, "none of the 1 ids is in the shard 1/99" in done.stderr) == (2, True)
