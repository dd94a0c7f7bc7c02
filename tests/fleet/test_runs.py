"""Runs: processes of one machine, status, and the commands."""

from __future__ import annotations

import json
import sys
import threading
import time
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from tests.support.asking import asked, seed
from tests.support.fleet.clients import dying, ping_of, published
from tests.support.fleet.lists import as_text
from tests.support.fleet.redis import free_port, running_redis
from tests.support.vendors import VENDORS

from sessionvitals import AuthenticationError, ConfigurationError, ElizaClient, Pace, fleet
from sessionvitals.cli import main
from sessionvitals.fleet import FleetError, running

if TYPE_CHECKING:
    from tests.support.sandbox import Space

pa = pytest.importorskip("pyarrow")
parquet = pytest.importorskip("pyarrow.parquet")


@pytest.fixture(autouse=True)
def _settings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PING_API_KEY", str(VENDORS["ping"].key))
    monkeypatch.setattr(running, "WAITS", (0.01, 0.02, 0.03))


def test_a_run_goes_on_when_a_worker_is_killed(space: Space, tmp_path: Path) -> None:
    ids = seed(space, 60)
    mark = tmp_path / "killed"
    factory = partial(dying, space.base_url("ping"), "written", str(mark))
    seen: list[tuple[int, int, int]] = []

    done = fleet.run(
        ids,
        factory,
        tmp_path / "out",
        run_id="r",
        partitions=4,
        on_progress=lambda *progress: seen.append(progress),
    )

    assert mark.exists()
    assert (done.done, done.missing, done.rows, done.committed) == (4, (), 60, True)
    assert done.failures == {}
    assert sorted(row["id"] for row in published(tmp_path / "out", "r")) == sorted(ids)
    assert seen[0] == (0, 4, 0)
    assert seen[-1] == (4, 4, 60)
    assert fleet.run(ids, factory, tmp_path / "out", run_id="r") == done, "nothing is left to do"


def test_two_runs_at_once_share_a_pace_and_do_no_harm(space: Space, tmp_path: Path) -> None:
    ids = seed(space, 120)
    ends: list[fleet.FleetStatus] = []

    def work() -> None:
        pace = Pace(100, burst=1)
        ends.append(fleet.run(ids, ping_of(space), tmp_path, run_id="r", partitions=3, pace=pace))

    begun = time.monotonic()
    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert time.monotonic() - begun >= 60 / 100, "each at its pace"
    assert [end.committed for end in ends] == [True, True]
    assert sorted(row["id"] for row in published(tmp_path, "r")) == sorted(ids)


def test_a_wrong_key_ends_the_run_and_publishes_nothing(
    space: Space, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PING_API_KEY", "wrong")
    with pytest.raises(AuthenticationError):
        fleet.run(seed(space, 40), ping_of(space), tmp_path, run_id="r", partitions=2)
    assert published(tmp_path, "r") == []
    assert not fleet.status(tmp_path, "r").committed


def test_a_redis_that_is_not_there_is_said_at_once(
    space: Space, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("redis")
    ids = as_text(tmp_path / "ids.txt", seed(space, 3))
    words = ["fleet", "run", "ping", str(ids), "--out", str(tmp_path), "--run-id", "r"]
    words += ["--base-url", space.base_url("ping"), "--rate", "10"]
    assert main([*words, "--redis", f"redis://127.0.0.1:{free_port()}"]) == 6
    assert "never has" in capfd.readouterr().err
    assert not (tmp_path / "run=r").exists()


def test_a_redis_with_a_password_is_shared_by_the_workers(
    space: Space,
    tmp_path: Path,
    capfd: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("REDIS_URL", "")
    ids = as_text(tmp_path / "ids.txt", seed(space, 3))
    words = ["fleet", "run", "ping", str(ids), "--out", str(tmp_path), "--run-id", "r"]
    words += ["--base-url", space.base_url("ping"), "--rate", "100", "--partitions", "2"]
    with running_redis(tmp_path) as server:
        from redis import Redis

        with Redis(port=server.port) as admin:
            admin.config_set("requirepass", "hidden")
        assert main([*words, "--redis", f"redis://:hidden@127.0.0.1:{server.port}"]) == 0
        wrong = words.index("r")
        words[wrong] = "other"
        assert main([*words, "--redis", f"redis://:other@127.0.0.1:{server.port}"]) == 2
    said = capfd.readouterr().err
    assert "refuses the password" in said
    assert "hidden" not in said


def test_what_no_process_can_be_given_is_refused(space: Space, tmp_path: Path) -> None:
    ping = ping_of(space)
    with pytest.raises(ConfigurationError, match="client_factory cannot go to the workers"):
        fleet.run(["a"], lambda: ping(), tmp_path, run_id="r")
    with pytest.raises(ConfigurationError, match="pace cannot go to the workers"):
        fleet.run(["a"], ping, tmp_path, run_id="r", pace=lambda: Pace(1))
    assert list(tmp_path.iterdir()) == []


def test_a_list_without_ids_is_said(
    space: Space, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "none.txt").write_text("\r\n\n")
    words = ["fleet", "run", "ping", str(tmp_path / "none.txt"), "--out", str(tmp_path)]
    assert main([*words, "--base-url", space.base_url("ping")]) == 0
    assert "none.txt has no ids" in capfd.readouterr().err


def test_how_to_go_on_is_said_once_there_is_a_run(
    space: Space, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    words = ["fleet", "run", "ping", str(tmp_path / "ids.txt"), "--out", str(tmp_path / "out")]
    words += ["--base-url", space.base_url("ping")]
    assert main(words) == 74
    assert "--run-id" not in capfd.readouterr().err
    as_text(tmp_path / "ids.txt", seed(space, 3))
    assert main(words) == 0
    told = capfd.readouterr().err
    (run,) = (tmp_path / "out").iterdir()
    assert told.count(f"to go on with it later: --run-id {run.name.removeprefix('run=')}") == 1


def test_what_is_given_up_is_said(space: Space, tmp_path: Path) -> None:
    space.faults(script="503*")
    done = fleet.run(seed(space, 20), ping_of(space), tmp_path, run_id="r", partitions=1)
    assert (done.done, done.missing, done.committed) == (0, (0,), False)
    assert "most with ServerError" in done.failures[0]
    assert asked(space) == 80, "once, and three times more"
    with pytest.raises(FleetError, match="1 of 1 partitions are missing"):
        fleet.commit(tmp_path, "r")


def test_foreign_files_and_formats_are_refused(space: Space, tmp_path: Path) -> None:
    ids = seed(space, 4)
    fleet.run(ids, ping_of(space), tmp_path, run_id="r", partitions=1)
    run = tmp_path / "run=r"
    part = run / "part-00000-of-00001.parquet"
    kept = part.read_bytes()
    for content in (b"PAR1", b"", kept[:-20]):
        part.write_bytes(content)
        with pytest.raises(FleetError, match="not a file that a fleet wrote"):
            fleet.status(tmp_path, "r")
    foreign: list[Any] = [[], {}, {"format": 1}, {"format": 1, "rows": 4, "run_id": 7}]
    foreign.append("[" * 100_000)  # deeper than Python reads
    for said in foreign:
        text = said if isinstance(said, str) else json.dumps(said)
        table = pa.table({"id": ids}, metadata={"sessionvitals.fleet": text})
        parquet.write_table(table, part)
        with pytest.raises(FleetError, match="not a file that a fleet wrote"):
            fleet.status(tmp_path, "r")
    parquet.write_table(pa.table({"id": ids}), part)
    with pytest.raises(FleetError, match="not a file that a fleet wrote"):
        fleet.status(tmp_path, "r")
    part.write_bytes(kept)
    fleet.partition(ids, tmp_path, run_id="s", partitions=1)
    (tmp_path / "run=s" / part.name).write_bytes(kept)
    with pytest.raises(FleetError, match="of another run"):
        fleet.status(tmp_path, "s")
    (run / "notes.txt").touch()
    with pytest.raises(FleetError, match=r"notes\.txt is no file"):
        fleet.status(tmp_path, "r")
    plan = json.loads((run / "_plan.json").read_text())
    (run / "_plan.json").write_text(json.dumps({**plan, "format": 2}))
    with pytest.raises(FleetError, match="of the format 2"):
        fleet.status(tmp_path, "r")
    for member, value in (
        ("parts", []),
        ("parts", [1]),
        ("partitions", 2),
        ("partitions", "1"),
        ("partitions", 10**9),
        ("ids", None),
    ):
        (run / "_plan.json").write_text(json.dumps({**plan, member: value}))
        with pytest.raises(FleetError, match="not a plan"):
            fleet.status(tmp_path, "r")
    (run / "_plan.json").write_text(json.dumps({**plan, "run_id": "s"}))
    with pytest.raises(FleetError, match="of the run s"):
        fleet.status(tmp_path, "r")
    for text in ("{", "[" * 100_000):
        (run / "_plan.json").write_text(text)
        with pytest.raises(FleetError, match="not a plan"):
            fleet.status(tmp_path, "r")


def test_a_run_is_of_one_vendor(space: Space, tmp_path: Path) -> None:
    ids = seed(space, 20)
    fleet.partition(ids, tmp_path, run_id="r", partitions=2)
    fleet.poll_partition(tmp_path, 0, ping_of(space), run_id="r")
    eliza = partial(ElizaClient, base_url=space.base_url("eliza"), max_retries=0)
    with pytest.raises(FleetError, match=r"not of eliza at .* and ping at "):
        fleet.run(ids, eliza, tmp_path, run_id="r")
    fleet.poll_partition(tmp_path, 1, eliza, run_id="r")  # as another scheduler may
    with pytest.raises(FleetError, match=r"not of eliza at .* and ping at "):
        fleet.commit(tmp_path, "r")
    assert not (tmp_path / "run=r" / "_SUCCESS").exists()


def test_a_partition_that_is_gone_again_is_missing(space: Space, tmp_path: Path) -> None:
    ids = seed(space, 20)
    assert fleet.run(ids, ping_of(space), tmp_path, run_id="r", partitions=2).committed
    (tmp_path / "run=r" / "part-00001-of-00002.parquet").unlink()
    found = fleet.status(tmp_path, "r")
    assert (found.committed, found.missing) == (False, (1,))
    assert main(["fleet", "status", str(tmp_path), "--run-id", "r"]) == 6
    assert fleet.run(ids, ping_of(space), tmp_path, run_id="r").committed
    assert sorted(row["id"] for row in published(tmp_path, "r")) == sorted(ids)


BAD: list[dict[str, Any]] = [
    {"run_id": "../x"},
    {"run_id": ""},
    {"run_id": "a/b"},
    {"partitions": 0},
    {"partitions": 1.5},
    {"workers": 0},
    {"workers": 1000},
    {"pace": 2000},
    {"ids": "ids.xls"},
    {"ids": [1]},
]


@pytest.mark.parametrize("options", BAD, ids=str)
def test_bad_arguments_are_refused(space: Space, tmp_path: Path, options: dict[str, Any]) -> None:
    given_ = {"ids": ["a"], "run_id": "r", **options}
    with pytest.raises(ConfigurationError):
        fleet.run(given_.pop("ids"), ping_of(space), tmp_path, **given_)
    assert asked(space) == 0


def test_a_cluster_without_ray_says_what_to_install(
    space: Space,
    tmp_path: Path,
    capfd: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "ray", None)
    ids = as_text(tmp_path / "ids.txt", ["a"])
    words = ["fleet", "run", "ping", str(ids), "--out", str(tmp_path), "--ray", "auto"]
    assert main([*words, "--base-url", space.base_url("ping")]) == 2
    assert "pip install 'sessionvitals[ray]'" in capfd.readouterr().err
    assert asked(space) == 0


def test_the_commands(space: Space, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    ids = as_text(tmp_path / "ids.txt", seed(space, 30))
    out = str(tmp_path / "out")
    at = ["--out", out, "--run-id", "r"]
    assert main(["fleet", "partition", str(ids), *at, "--partitions", "2"]) == 0
    assert main(["fleet", "status", out, "--run-id", "r"]) == 6
    assert "0 of 2 partitions, 0 rows; not committed" in capfd.readouterr().err
    where = ["--base-url", space.base_url("ping"), "--rate", "1000"]
    assert main(["fleet", "run", "ping", str(ids), *at, *where, "--json"]) == 0
    printed = json.loads(capfd.readouterr().out)
    assert (printed["done"], printed["rows"], printed["committed"]) == (2, 30, True)
    assert main(["fleet", "status", out, "--run-id", "r"]) == 0
    assert main(["fleet", "status", out, "--run-id", "s"]) == 74
    assert main(["fleet", "run", "ping", str(ids), *at, "--burst", "2"]) == 2
    assert main(["fleet", "run", "ping", str(ids), *at, *where, "--redis-key", "k"]) == 2
    assert main(["fleet", "run", "tiun", str(ids), *at]) == 2
