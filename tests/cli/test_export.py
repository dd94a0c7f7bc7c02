"""``sessionvitals status ping - --out FILE --resume FILE``: usage for the bill."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from tests.support.asking import asked, seed
from tests.support.vendors import VENDORS

if TYPE_CHECKING:
    from tests.support.sandbox import Space

pytest.importorskip("click")


def status(
    space: Space, ids: list[str], *arguments: str, code: int = 0
) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "sessionvitals", "status", "ping", "-", "--max-retries", "0"]
    finished = subprocess.run(
        [*command, "--base-url", space.base_url("ping"), *arguments],
        input="\n".join(ids),
        capture_output=True,
        text=True,
        env={"PING_API_KEY": str(VENDORS["ping"].key), "PYTHONPATH": ":".join(sys.path)},
    )
    assert finished.returncode == code, finished.stderr
    return finished


def read(path: Path) -> list[dict[str, Any]]:
    if path.suffix == ".parquet":
        rows: list[dict[str, Any]] = (
            pytest.importorskip("pyarrow.parquet").read_table(path).to_pylist()
        )
        return rows
    if path.suffix == ".csv":
        with path.open(newline="", encoding="utf-8") as file:
            return list(csv.DictReader(file))
    return [json.loads(line) for line in path.read_text().splitlines()]


@pytest.mark.parametrize("name", ["usage.csv", "usage.ndjson", "usage.parquet"])
def test_answers_go_into_a_file(space: Space, tmp_path: Path, name: str) -> None:
    if name.endswith("parquet"):
        pytest.importorskip("pyarrow")
    exact = 2**53 + 1
    space.add_session("ping", "done", "disconnected", uploaded_bytes=exact, duration=60)
    ids = [*seed(space, 30), "done", "nobody"]
    finished = status(space, ids, "--out", str(tmp_path / name))
    assert finished.stdout == ""
    rows = read(tmp_path / name)
    assert [row["id"] for row in rows] == ids
    by_id = {row["id"]: row for row in rows}
    assert int(by_id["done"]["uploaded_bytes"]) == exact
    assert by_id["done"]["downloaded_bytes"] in (None, "", "0", 0)
    assert by_id["nobody"]["state"] == "not_found"
    assert {row["provider"] for row in rows} == {"ping"}


def test_a_failure_is_a_row_too(space: Space, tmp_path: Path) -> None:
    ids = seed(space, 3)
    space.faults({"kind": "status", "http_status": 500}, scope={"session_id": ids[1]})
    status(space, ids, "--out", str(tmp_path / "usage.ndjson"), code=6)
    errors = [row["error"] for row in read(tmp_path / "usage.ndjson")]
    assert errors == [None, "ServerError", None]


@pytest.mark.parametrize("name", ["usage.csv", "usage.ndjson"])
def test_a_second_run_asks_only_what_is_left(space: Space, tmp_path: Path, name: str) -> None:
    ids = seed(space, 40)
    space.faults({"kind": "status", "http_status": 500}, scope={"session_id": ids[7]})
    arguments = ("--out", str(tmp_path / name), "--resume", str(tmp_path / "answered"))
    status(space, ids, *arguments, code=6)
    assert asked(space) == 40
    status(space, [*ids, "new"], *arguments)
    assert asked(space) == 42, "the one that failed, and the one that is new"
    rows = read(tmp_path / name)
    assert sorted(row["id"] for row in rows) == sorted([*ids, "new"])
    assert all(not row["error"] for row in rows)
    status(space, ids, *arguments)
    assert asked(space) == 42


def test_resume_works_for_what_is_printed_too(space: Space, tmp_path: Path) -> None:
    ids = seed(space, 5)
    arguments = ("--json", "--resume", str(tmp_path / "answered"))
    assert len(status(space, ids, *arguments).stdout.splitlines()) == 5
    assert status(space, ids, *arguments).stdout == ""


def test_a_file_of_another_kind_is_said_before_anything_is_asked(
    space: Space, tmp_path: Path
) -> None:
    finished = status(space, ["s"], "--out", str(tmp_path / "usage.xlsx"), code=2)
    assert ".parquet" in finished.stderr
    assert asked(space) == 0
