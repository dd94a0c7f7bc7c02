"""``sessionvitals status ping - --out FILE --resume NOTES``: usage for the bill."""

from __future__ import annotations

import csv
import fcntl
import json
import os
import subprocess
import threading
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from tests.support.asking import asked, run_python, seed
from tests.support.peers import answer, peer, says
from tests.support.shell import COMMAND
from tests.support.vendors import VENDORS

if TYPE_CHECKING:
    from tests.support.sandbox import Space

pytest.importorskip("click")

LINE_FORMS = ["usage.csv", "usage.ndjson"]


def status(
    where: Space | str, ids: list[str] | bytes, *arguments: str, code: int = 0
) -> subprocess.CompletedProcess[bytes]:
    url = where if isinstance(where, str) else where.base_url("ping")
    finished = subprocess.run(
        [*COMMAND, "status", "ping", "-", "--max-retries", "0", "--base-url", url, *arguments],
        input=ids if isinstance(ids, bytes) else "\n".join(ids).encode(),
        capture_output=True,
        env={**os.environ, "PING_API_KEY": str(VENDORS["ping"].key)},
    )
    assert finished.returncode == code, finished.stderr
    return finished


def test_notes_without_their_rows_are_refused(space: Space, tmp_path: Path) -> None:
    ids, notes = seed(space, 3), tmp_path / "notes"
    january, february = tmp_path / "january.csv", tmp_path / "february.csv"
    status(space, ids, "--out", str(january), "--resume", str(notes))
    refused = status(space, ids, "--out", str(february), "--resume", str(notes), code=2)
    assert "has no row of 3 ids" in words_of(refused)
    january.unlink()
    status(space, ids, "--out", str(january), "--resume", str(notes), code=2)
    status(space, ids, "--out", str(february), "--resume", str(tmp_path / "of february"))
    assert ids_in(february) == ids


def test_a_closed_standard_input_is_not_the_file_of_notes(space: Space, tmp_path: Path) -> None:
    seed(space, 1)
    command = [*COMMAND, "status", "ping", "s-0", "--base-url", space.base_url("ping")]
    command += ["--resume", str(tmp_path / "notes")]
    finished = subprocess.run(
        ["bash", "-c", '"$@" <&-', "bash", *command],
        capture_output=True,
        env={**os.environ, "PING_API_KEY": str(VENDORS["ping"].key)},
    )
    assert finished.returncode == 0, finished.stderr
    assert (tmp_path / "notes").read_text() == "s-0\n"


def words_of(finished: subprocess.CompletedProcess[bytes]) -> str:
    return finished.stderr.decode()


def read(path: Path) -> list[dict[str, Any]]:
    if path.suffix == ".parquet":
        rows: list[dict[str, Any]] = (
            pytest.importorskip("pyarrow.parquet").read_table(path).to_pylist()
        )
        return rows
    if path.suffix == ".csv":
        with path.open(newline="", encoding="utf-8") as file:
            return list(csv.DictReader(file))
    return [json.loads(line) for line in path.read_text().split("\n") if line]


def ids_in(path: Path) -> list[str]:
    return [row["id"] for row in read(path)]


@pytest.mark.parametrize("name", ["usage.csv", "usage.ndjson", "usage.parquet"])
def test_answers_go_into_a_file(space: Space, tmp_path: Path, name: str) -> None:
    if name.endswith("parquet"):
        pytest.importorskip("pyarrow")
    exact = 2**53 + 1
    space.add_session("ping", "done", "disconnected", uploaded_bytes=exact, duration=60)
    ids = [*seed(space, 30), "done", "nobody"]
    finished = status(space, ids, "--out", str(tmp_path / name))
    assert finished.stdout == b""
    assert f"32 answered; {tmp_path / name} has a row for each id" in words_of(finished)
    assert ids_in(tmp_path / name) == ids
    by_id = {row["id"]: row for row in read(tmp_path / name)}
    assert int(by_id["done"]["uploaded_bytes"]) == exact
    assert by_id["done"]["downloaded_bytes"] in (None, "", "0", 0)
    assert by_id["nobody"]["state"] == "not_found"
    assert {row["provider"] for row in by_id.values()} == {"ping"}
    assert [each.name for each in tmp_path.iterdir()] == [name]


def test_a_failure_is_a_row_too(space: Space, tmp_path: Path) -> None:
    ids = seed(space, 3)
    space.faults({"kind": "status", "http_status": 500}, scope={"session_id": ids[1]})
    finished = status(space, ids, "--out", str(tmp_path / "usage.ndjson"), code=6)
    errors = [row["error"] for row in read(tmp_path / "usage.ndjson")]
    assert errors == [None, "ServerError", None]
    assert "2 answered, 1 failed (1 ServerError);" in words_of(finished)
    assert "has a row for each id, 1 of them errors" in words_of(finished)


def test_a_list_without_ids_does_not_replace_the_file_before(space: Space, tmp_path: Path) -> None:
    out = tmp_path / "usage.csv"
    status(space, b"", "--out", str(out))
    assert read(out) == []
    ids = seed(space, 1)
    status(space, ids, "--out", str(out))
    finished = status(space, b"", "--out", str(out), code=2)
    assert "no id to ask for, and the file is as it was" in words_of(finished)
    assert ids_in(out) == ids
    assert [each.name for each in tmp_path.iterdir()] == [out.name]


@pytest.mark.parametrize("name", ["usage.csv", "usage.ndjson", "usage.parquet"])
def test_a_file_that_is_not_whole_does_not_replace_the_one_before(
    space: Space, tmp_path: Path, name: str
) -> None:
    if name.endswith("parquet"):
        pytest.importorskip("pyarrow")
    out = tmp_path / name
    ids = seed(space, 400)
    status(space, ids[:3], "--out", str(out))

    space.faults({"kind": "status", "http_status": 401}, scope={"session_id": ids[5]})
    finished = status(space, ids, "--concurrency", "1", "--out", str(out), code=4)

    assert ids_in(out) == ids[:3]
    words = words_of(finished)
    assert f"{ids[5]}: ping answered HTTP 401" in words
    assert "5 answered, 1 failed (1 AuthenticationError), 394 not asked or not waited" in words
    assert "incomplete: the rows are in " in words
    assert f"{out} is as it was" in words
    assert ids_in_partial(out) == ids[:6]


def ids_in_partial(out: Path) -> list[str]:
    partial = out.with_name(f"{out.name}.partial")
    partial.rename(renamed := out.with_name(f"partial{out.suffix}"))
    return ids_in(renamed)


def test_a_dead_server_does_not_replace_the_file_before(tmp_path: Path) -> None:
    out = tmp_path / "usage.csv"
    out.write_text("of yesterday")
    with peer(says(answer(b"", b"HTTP/1.1 503 Service Unavailable"))) as vendor:
        finished = status(vendor.url, ["a", "b"], "--out", str(out), code=6)
    assert out.read_text() == "of yesterday"
    assert "a: ping answered HTTP 503" in words_of(finished), "why, once for each kind"
    assert "b: ping answered" not in words_of(finished)
    assert "0 answered, 2 failed (2 ServerError); incomplete" in words_of(finished)


def test_a_link_stays_a_link_and_a_pipe_is_written_as_it_is(space: Space, tmp_path: Path) -> None:
    ids = seed(space, 3)
    link, pipe = tmp_path / "link.csv", tmp_path / "pipe.csv"
    link.symlink_to(tmp_path / "usage.csv")
    status(space, ids, "--out", str(link))
    assert link.is_symlink()
    assert ids_in(tmp_path / "usage.csv") == ids

    os.mkfifo(pipe)
    lines: list[str] = []
    reader = threading.Thread(target=lambda: lines.extend(pipe.read_text().splitlines()))
    reader.start()
    status(space, ids, "--out", str(pipe))
    reader.join()
    assert [line.partition(",")[0] for line in lines] == ["id", *ids]


@pytest.mark.parametrize("name", LINE_FORMS)
def test_a_second_run_asks_only_what_is_left(space: Space, tmp_path: Path, name: str) -> None:
    ids = seed(space, 40)
    space.faults({"kind": "status", "http_status": 500}, scope={"session_id": ids[7]})
    out = tmp_path / name
    arguments = ("--out", str(out), "--resume", str(tmp_path / "answered"))
    finished = status(space, ids, *arguments, code=6)
    assert f"39 answered, 1 failed (1 ServerError); {out} is incomplete" in words_of(finished)
    assert asked(space) == 40
    finished = status(space, [*ids, "new"], *arguments)
    words = f"2 answered, 39 left out as answered before; {out} is complete"
    assert words in words_of(finished)
    assert asked(space) == 42, "the one that failed, and the one that is new"
    assert sorted(ids_in(out)) == sorted([*ids, "new"])
    assert all(not row["error"] for row in read(out))
    status(space, ids, *arguments)
    assert asked(space) == 42


def test_resume_works_for_what_is_printed_too(space: Space, tmp_path: Path) -> None:
    ids = seed(space, 5)
    arguments = ("--json", "--resume", str(tmp_path / "answered"))
    assert len(status(space, ids, *arguments).stdout.splitlines()) == 5
    assert status(space, ids, *arguments).stdout == b""


ODD_IDS = ["line\u2028separator", "next\x85line", "=1+1", "'=1+1", "-5", "@x", "a,\"b\"", "back\\slash",
           "\\x41", "\\\\x41", "'plain"]  # fmt: skip


@pytest.mark.parametrize("name", LINE_FORMS)
def test_odd_ids_have_one_row_each_however_often_they_are_asked(
    space: Space, tmp_path: Path, name: str
) -> None:
    for each in ODD_IDS:
        space.add_session("ping", each, "connected")
    arguments = ("--out", str(tmp_path / name), "--resume", str(tmp_path / "notes"))
    for left in (ODD_IDS[:6], [*ODD_IDS, *ODD_IDS]):
        status(space, left, *arguments)
    (tmp_path / "notes").write_text("")
    status(space, ODD_IDS, *arguments)  # which finds all of them in the file
    rows = ids_in(tmp_path / name)
    assert len(rows) == len(set(rows)) == len(ODD_IDS)
    assert {"line\u2028separator", "next\x85line", "back\\slash"} < set(rows)
    assert asked(space) == len(ODD_IDS)


def test_no_spreadsheet_takes_a_cell_for_a_formula(tmp_path: Path) -> None:
    body = b'{"client_id":"c","status":"=cmd|calc","uploaded_bytes":7}'
    with peer(says(answer(body))) as vendor:
        ids = ["=1+1", "+1", "-1", "@x", "\uff1d1"]
        status(vendor.url, ids, "--out", str(tmp_path / "usage.csv"))
    cells = [cell for row in read(tmp_path / "usage.csv") for cell in row.values() if cell]
    assert [cell for cell in cells if cell[0] in "=+-@\t\r"] == []
    assert ids_in(tmp_path / "usage.csv") == [f"'{each}" for each in ids]


@pytest.mark.parametrize("concurrency", ["1", "64"])
@pytest.mark.parametrize("name", LINE_FORMS)
def test_an_id_that_is_not_utf_8_is_written_so_that_it_can_be_read_back(
    space: Space, tmp_path: Path, name: str, concurrency: str
) -> None:
    out = str(tmp_path / name)
    status(space, b"a\xffb\n\xe9\\x\n", "--out", out, "--concurrency", concurrency, code=2)
    assert not (tmp_path / name).exists(), "no id was answered"
    assert ids_in_partial(tmp_path / name) == ["a\\xffb", "\\xe9\\\\x"]


@pytest.mark.parametrize("name", LINE_FORMS)
def test_a_cut_last_line_of_the_notes_is_no_other_id(
    space: Space, tmp_path: Path, name: str
) -> None:
    ids = [f"s-{number}" for number in range(20)]
    seed(space, 20)
    notes = tmp_path / "notes"
    arguments = ("--out", str(tmp_path / name), "--resume", str(notes))
    status(space, ids[:15], *arguments)
    cut = notes.read_bytes()
    notes.write_bytes(cut[: cut.rindex(b"s-14") + len(b"s-1")])
    status(space, ids, *arguments)
    assert Counter(ids_in(tmp_path / name)) == Counter(ids)
    assert sorted(notes.read_text().split("\n")) == sorted([*ids, ""])
    assert asked(space) == 20


@pytest.mark.parametrize("name", LINE_FORMS)
def test_a_cut_last_row_is_asked_again(space: Space, tmp_path: Path, name: str) -> None:
    ids = seed(space, 20)
    out, notes = tmp_path / name, tmp_path / "notes"
    arguments = ("--out", str(out), "--resume", str(notes))
    status(space, ids[:15], *arguments)
    whole = out.read_bytes()
    for cut in (1, 2, 10, len(whole.splitlines()[-1])):
        out.write_bytes(whole[:-cut])
        notes.write_text("\n".join(ids[:14]) + "\n")
        status(space, ids[:15], *arguments)
        assert out.read_bytes() == whole


def test_a_second_run_says_what_it_left_out_and_judges_nothing(
    space: Space, tmp_path: Path
) -> None:
    ids, notes = seed(space, 2), ("--resume", str(tmp_path / "notes"))
    status(space, ids, *notes)
    assert words_of(status(space, ids, *notes)).endswith(
        "0 answered, 2 left out as answered before\n"
    )
    refused = status(space, ids, "--check", *notes, code=2)
    assert "--check goes with no --resume" in words_of(refused)


@pytest.mark.parametrize("text", [b"x" * 40_000, b"\0" * 4096, b"s-0\ns-1\0\ns-2"])
def test_a_file_that_is_none_of_ids_is_left_as_it_is(
    space: Space, tmp_path: Path, text: bytes
) -> None:
    notes = tmp_path / "thesis.json"
    notes.write_bytes(text)
    refused = status(space, ["s-0"], "--resume", str(notes), code=2)
    assert "not a file of ids, one a line" in words_of(refused)
    assert notes.read_bytes() == text


def test_the_notes_are_a_file_of_their_own(space: Space, tmp_path: Path) -> None:
    ids, out = tmp_path / "ids", tmp_path / "usage.csv"
    ids.write_text("vpn-1\n")
    same = "name one of its own"
    for shell, words in (
        (f"--resume {ids} < {ids}", "this is the list of ids itself, so that none would be asked"),
        (f"--resume {ids} < {ids} > {out}", "this is the list of ids itself"),
        (f"--json --resume {out} < {ids} >> {out}", "this is where standard output goes"),
        (f"--out {out} --resume {out} < {ids}", f"this is the file of --out; {same}"),
    ):
        command = " ".join([*COMMAND, "status ping - --base-url", space.base_url("ping"), shell])
        refused = subprocess.run(
            ["sh", "-c", command],
            capture_output=True,
            text=True,
            env={**os.environ, "PING_API_KEY": str(VENDORS["ping"].key)},
        )
        assert (refused.returncode, words in refused.stderr) == (2, True), refused.stderr
    assert ids.read_text() == "vpn-1\n"
    assert asked(space) == 0


@pytest.mark.parametrize("which", ["--out", "--resume"])
def test_a_second_run_on_the_same_files_is_refused(
    space: Space, tmp_path: Path, which: str
) -> None:
    files = {"--out": tmp_path / "usage.csv", "--resume": tmp_path / "notes"}
    arguments = [word for option, path in files.items() for word in (option, str(path))]
    status(space, seed(space, 3), *arguments)
    with files[which].open() as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        finished = status(space, ["new"], *arguments, code=2)
        expected = f"sessionvitals: {which} {files[which]}: another run is writing it\n"
        assert words_of(finished) == expected
        if which == "--out":
            status(space, ["new"], "--out", str(files["--out"]), code=2)
    assert asked(space) == 3


def test_rows_of_an_unknown_run_are_neither_overwritten_nor_left_out(
    space: Space, tmp_path: Path
) -> None:
    out = tmp_path / "usage.csv"
    ids = seed(space, 3)
    status(space, ids[:2], "--out", str(out))
    before = out.read_bytes()
    arguments = ("--out", str(out), "--resume", str(tmp_path / "notes"))

    assert "has rows already" in words_of(status(space, ids, *arguments, code=2))

    assert out.read_bytes() == before
    (tmp_path / "notes").touch()
    status(space, ids, *arguments)
    assert ids_in(out) == ids


@pytest.mark.parametrize("name", LINE_FORMS)
@pytest.mark.parametrize("content", ["some, other\nfile, here\n", "no end", "{}\n", "[]\n"])
def test_a_file_of_another_kind_is_left_as_it_is(
    space: Space, tmp_path: Path, name: str, content: str
) -> None:
    (tmp_path / name).write_text(content)
    (tmp_path / "notes").touch()
    arguments = ("--out", str(tmp_path / name), "--resume", str(tmp_path / "notes"))

    finished = status(space, ["s"], *arguments, code=2)

    assert (tmp_path / name).read_text() == content
    assert len(words_of(finished).splitlines()) == 1


ORDER = """
import json, os, sys
from pathlib import Path
from sessionvitals import cli
from sessionvitals.cli import export

export.SYNC_INTERVAL = 0.0
calls = []


def told(name, function):
    def call(descriptor, *rest):
        calls.append((name, Path(f"/proc/self/fd/{descriptor}").readlink().name))
        return function(descriptor, *rest)

    return call


os.write, os.fsync = told("write", os.write), told("fsync", os.fsync)
code = cli.main(["status", "ping", "--base-url", *sys.argv[1:]])
assert code == 0, code
os.write = lambda descriptor, data: None
print(json.dumps(calls))
"""


def test_a_row_is_on_the_disk_before_its_id_is_noted(space: Space, tmp_path: Path) -> None:
    files = ["--out", str(tmp_path / "usage.csv"), "--resume", str(tmp_path / "notes")]
    done = run_python(ORDER, [space.base_url("ping"), *files, *seed(space, 2)])

    calls = json.loads(done.stdout.splitlines()[-1])
    row = [["write", "usage.csv"], ["fsync", "usage.csv"], ["write", "notes"]]
    assert calls == [["write", "usage.csv"], ["fsync", "usage.csv"], *row, *row, row[1]]
