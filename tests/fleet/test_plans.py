"""Plans: lists of ids in any form, and the partitions that they are sorted into."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.support.fleet.lists import as_text
from tests.support.vendors import VENDORS

from sessionvitals import fleet
from sessionvitals.cli import main
from sessionvitals.fleet import FleetError, stores
from sessionvitals.fleet import plan as plans

if TYPE_CHECKING:
    from tests.support.sandbox import Space

pa = pytest.importorskip("pyarrow")
parquet = pytest.importorskip("pyarrow.parquet")


@pytest.fixture(autouse=True)
def _key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PING_API_KEY", str(VENDORS["ping"].key))


@settings(max_examples=20, deadline=None)
@given(ids=st.lists(st.text(max_size=20)), partitions=st.integers(1, 20))
def test_a_partition_depends_on_the_id_alone(ids: list[str], partitions: int) -> None:
    places = {each: fleet.partition_of(each, partitions) for each in ids}
    assert all(0 <= place < partitions for place in places.values())
    assert places == {each: fleet.partition_of(each, partitions) for each in reversed(ids)}


def test_partitions_are_the_same_for_ever() -> None:
    found = [fleet.partition_of(each, 1000) for each in ("vpn-1", "vpn-2", "gr\u00fc\u00df", "")]
    assert found == PARTITIONS


PARTITIONS = [115, 296, 72, 876]


def as_parquet(path: Path, ids: list[str]) -> Path:
    parquet.write_table(pa.table({"other": ids, "session_id": ids}), path)
    return path


def as_csv(path: Path, ids: list[str]) -> Path:
    path.write_text("n,id\n" + "".join(f'1,"{each}"\n' for each in ids))
    return path


def as_ndjson(path: Path, ids: list[str]) -> Path:
    lines = [
        json.dumps(each if n % 2 else {"id": each, "error": None}) for n, each in enumerate(ids)
    ]
    path.write_text("\n".join(lines))
    return path


@pytest.mark.parametrize(
    ("name", "write"),
    [("i.parquet", as_parquet), ("i.txt", as_text), ("i.csv", as_csv), ("i.ndjson", as_ndjson)],
)
def test_every_form_of_ids_is_one_plan(
    tmp_path: Path, name: str, write: Callable[[Path, list[str]], Path]
) -> None:
    ids = [f"s-{number}" for number in range(100)]
    plan = fleet.partition(ids, tmp_path, run_id="r", partitions=7)
    assert fleet.partition(write(tmp_path / name, ids), tmp_path, run_id="r") == plan
    assert plan.ids == 100


def test_what_status_has_written_can_be_asked_for_again(space: Space, tmp_path: Path) -> None:
    space.add_session("ping", "=1+1", "connected")
    for form in ("csv", "ndjson", "parquet"):
        out = tmp_path / f"out.{form}"
        words = ["status", "ping", "=1+1", "--base-url", space.base_url("ping"), "--out", str(out)]
        assert main(words) == 0
        plan = fleet.partition(out, tmp_path, run_id=form, partitions=1)
        assert (tmp_path / plan.ids_name(0)).read_text() == '"=1+1"\n'


def test_a_text_file_and_the_command_ask_for_the_same_ids(space: Space, tmp_path: Path) -> None:
    ids = [f"{blank}s{blank}1{blank}" for blank in ("\xa0", "\x85", "\u2028", "\u3000", "\x1c")]
    path = tmp_path / "ids.txt"
    lines = "".join(f" \t{session_id}\v\f\r\n" for session_id in ids)
    path.write_bytes(f"\ufeff{lines} \n\n{ids[0]}".encode())
    words = ["status", "ping", "-", "-o", "ndjson", "--base-url", space.base_url("ping")]
    command = subprocess.run(
        [sys.executable, "-m", "sessionvitals", *words],
        input=path.read_bytes(),
        capture_output=True,
    )
    plan = fleet.partition(path, tmp_path, run_id="r", partitions=1)

    rows = [json.loads(line) for line in command.stdout.splitlines()]
    assert {row["id"] for row in rows} == set(ids)
    assert plans.read_part(stores.store_of(tmp_path), plan, 0) == [*ids, ids[0]]


BAD_FILES: list[tuple[str, bytes, str]] = [
    ("i.parquet", b"PAR1 not", "not a parquet file"),
    ("i.csv", b"a,b\n1,2\n", "none of its columns"),
    ("i.csv", b'id,b\n"1\n', "not a csv file"),
    ("i.csv", b"id,b\n1,2\n3\n", "line 3"),
    ("i.csv", b"s-1\ns-2\n", "its first line is 's-1' and not the name"),
    ("i.csv", b"", "it is empty"),
    ("i.ndjson", b'{"a": 1}\n', "no member"),
    ("i.ndjson", b"{\n", "not a ndjson file"),
    ("i.ndjson", b"[" * 100_000, "not a ndjson file"),
    ("i.txt", b"\xff\xfe", "not a txt file"),
    ("none.txt", b"", "No such file"),
]


@pytest.mark.parametrize(("name", "content", "words"), BAD_FILES)
def test_a_bad_list_of_ids_is_said(tmp_path: Path, name: str, content: bytes, words: str) -> None:
    if not name.startswith("none"):
        (tmp_path / name).write_bytes(content)
    with pytest.raises(FleetError, match=words):
        fleet.partition(tmp_path / name, tmp_path, run_id="r")
    assert not (tmp_path / "run=r" / "_plan.json").exists()


def test_a_run_is_of_one_list(tmp_path: Path) -> None:
    fleet.partition(["a", "b"], tmp_path, run_id="r", partitions=2)
    for other in (["a"], ["b", "a"], ["a", "b", "b"]):
        with pytest.raises(FleetError, match="other ids"):
            fleet.partition(other, tmp_path, run_id="r")
    with pytest.raises(FleetError, match="2 partitions, not 3"):
        fleet.partition(["a", "b"], tmp_path, run_id="r", partitions=3)
    assert fleet.status(tmp_path, "r").missing == (0, 1)


def test_a_list_that_changes_while_it_is_read_is_refused(tmp_path: Path) -> None:
    class Growing(list[str]):
        def __iter__(self) -> Iterator[str]:
            self.append(f"s-{len(self)}")
            return super().__iter__()

    with pytest.raises(FleetError, match=r"changed while it was read \(1 ids, and then 2\)"):
        fleet.partition(Growing(), tmp_path, run_id="r")
    plan = fleet.partition(["s-0", "s-1"], tmp_path, run_id="r")
    assert plans.read_part(stores.store_of(tmp_path), plan, 0) == ["s-0", "s-1"]


def test_a_pipe_is_no_list_of_ids(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "ids.txt")  # to open it would wait for ever
    with pytest.raises(FleetError, match="no regular file"):
        fleet.partition(tmp_path / "ids.txt", tmp_path, run_id="r")
