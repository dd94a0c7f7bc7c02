"""The unit of work: it may run twice and be killed anywhere, and every id has one row."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
from datetime import datetime, timezone
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from tests.support.asking import asked, seed
from tests.support.fleet.clients import ROOT, ping_of, published
from tests.support.fleet.redis import free_port
from tests.support.vendors import VENDORS

from sessionvitals import (
    AsyncPingClient,
    AuthenticationError,
    ConfigurationError,
    PingClient,
    TiunClient,
    fleet,
)
from sessionvitals.fleet import FleetError, points, stores, unit

if TYPE_CHECKING:
    from tests.support.sandbox import Space

pytest.importorskip("pyarrow")


@pytest.fixture(autouse=True)
def _key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PING_API_KEY", str(VENDORS["ping"].key))


PROGRAM = """
import os, resource, signal, sys
from functools import partial
from sessionvitals import PingClient, fleet
from sessionvitals.fleet import points

out, base_url, point, limit = sys.argv[1:]

def reached(name):
    if name == point:
        os.kill(os.getpid(), signal.SIGKILL)

points.reached = reached
if int(limit):
    resource.setrlimit(resource.RLIMIT_FSIZE, (int(limit), int(limit)))
try:
    fleet.poll_partition(out, 0, partial(PingClient, base_url=base_url), run_id="r")
except fleet.FleetError as error:
    print(error)
"""


def run_unit(
    out: Path, space: Space, point: str = "", limit: int = 0
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", PROGRAM, out, space.base_url("ping"), point, str(limit)],
        capture_output=True,
        text=True,
        cwd=ROOT,
        timeout=60,
    )


@pytest.mark.parametrize("point", points.POINTS)
def test_a_unit_survives_kill_9_at_every_point(space: Space, tmp_path: Path, point: str) -> None:
    ids = seed(space, 30)
    fleet.partition(ids, tmp_path, run_id="r", partitions=2)

    done = run_unit(tmp_path, space, point)

    assert done.returncode == -signal.SIGKILL, done.stderr
    was_linked = point in ("linked", "published")
    assert fleet.status(tmp_path, "r").done == (1 if was_linked else 0)
    for number in (0, 1):
        report = fleet.poll_partition(tmp_path, number, ping_of(space), run_id="r")
        assert report.was_done == (was_linked and number == 0)
    committed = fleet.commit(tmp_path, "r")
    assert committed.committed
    assert sorted(row["id"] for row in published(tmp_path, "r")) == sorted(ids)
    assert committed.rows == 30
    left = [each.name for each in (tmp_path / "run=r").iterdir() if each.name.startswith(".")]
    assert left == [], "what the killed worker left is gone"


def test_a_full_disk_publishes_nothing(space: Space, tmp_path: Path) -> None:
    ids = seed(space, 30)
    fleet.partition(ids, tmp_path, run_id="r", partitions=1)

    done = run_unit(tmp_path, space, limit=1000)

    assert done.returncode == 0, done.stderr
    assert "File too large" in done.stdout
    assert fleet.status(tmp_path, "r").done == 0
    fleet.poll_partition(tmp_path, 0, ping_of(space), run_id="r")
    assert sorted(row["id"] for row in published(tmp_path, "r")) == sorted(ids)


def test_two_at_once_publish_one(
    space: Space, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = seed(space, 20)
    fleet.partition(ids, tmp_path, run_id="r", partitions=1)
    both = threading.Barrier(2, timeout=30)

    def reached(name: str) -> None:
        if name == "written":
            both.wait()

    monkeypatch.setattr(points, "reached", reached)
    reports: list[fleet.UnitReport] = []

    def work() -> None:
        reports.append(fleet.poll_partition(tmp_path, 0, ping_of(space), run_id="r"))

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(report.was_done for report in reports) == [False, True]
    assert sorted(row["id"] for row in published(tmp_path, "r")) == sorted(ids)
    assert asked(space) == 40, "both asked"


def test_a_row_is_that_of_probe_table_with_its_time(space: Space, tmp_path: Path) -> None:
    space.add_session("ping", "vpn", "connected", uploaded_bytes=2**53 + 1, downloaded_bytes=0)
    space.faults({"kind": "status", "http_status": 500}, scope={"session_id": "broken"})
    before = datetime.now(timezone.utc)
    fleet.partition(["vpn", "nobody", "broken", "", "vpn"], tmp_path, run_id="r", partitions=1)

    report = fleet.poll_partition(tmp_path, 0, ping_of(space), run_id="r")

    rows = {row["id"]: row for row in published(tmp_path, "r")}
    assert report == fleet.UnitReport(0, 4, {"ServerError": 1, "ConfigurationError": 1})
    assert set(rows) == {"vpn", "nobody", "broken", ""}
    assert rows["vpn"]["uploaded_bytes"] == 2**53 + 1
    assert rows["nobody"]["state"] == "not_found"
    assert rows["broken"]["error"] == "ServerError"
    assert rows["vpn"]["duration_seconds"] is None or rows["vpn"]["duration_seconds"] >= 0
    assert all(before <= row["answered_at"] <= datetime.now(timezone.utc) for row in rows.values())
    assert fleet.commit(tmp_path, "r").rows == 4


def test_a_wrong_key_publishes_nothing(
    space: Space, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = seed(space, 2000)
    monkeypatch.setenv("PING_API_KEY", "wrong")
    fleet.partition(ids, tmp_path, run_id="r", partitions=1)
    with pytest.raises(AuthenticationError):
        fleet.poll_partition(tmp_path, 0, ping_of(space), run_id="r")
    assert published(tmp_path, "r") == []
    assert asked(space) < 1000, "the other ids are not asked for"


@pytest.mark.parametrize(("failing", "fails"), [(500, True), (100, False)])
def test_a_unit_fails_when_too_much_of_it_does(
    space: Space, tmp_path: Path, failing: int, fails: bool
) -> None:
    ids = seed(space, 1000)
    space.faults(script=f"503*{failing}, ok*")
    fleet.partition(ids, tmp_path, run_id="r", partitions=1)
    if fails:
        with pytest.raises(FleetError, match="most with ServerError"):
            fleet.poll_partition(tmp_path, 0, ping_of(space), run_id="r")
        assert published(tmp_path, "r") == []
        fleet.poll_partition(tmp_path, 0, ping_of(space), run_id="r")
    else:
        report = fleet.poll_partition(tmp_path, 0, ping_of(space), run_id="r")
        assert report.errors == {"ServerError": 100}
    assert sorted(row["id"] for row in published(tmp_path, "r")) == sorted(ids)


#: What the ids of a small partition meet: (an error's words, or the errors that are published)
SMALL: dict[str, tuple[list[str], str | dict[str, int]]] = {
    "the only one": (["cut"], "1 of the last 1"),
    "both": (["cut", "500"], "2 of the last 2"),
    "two of three": (["500", "500", "ok"], "2 of the last 3"),
    "all of those that can be sent": (["500", "none", "none"], "1 of the last 1"),
    "three of fourteen": (["500"] * 3 + ["ok"] * 11, "3 of the last 14"),
    "one of two": (["cut", "ok"], {"TransportError": 1}),
    "one of three": (["500", "ok", "ok"], {"ServerError": 1}),
    "two of ten": (["500"] * 2 + ["ok"] * 8, {"ServerError": 2}),
    "none can be sent": (["none"], {"ConfigurationError": 1}),
}


@pytest.mark.parametrize("case", SMALL)
def test_a_small_unit_fails_when_too_much_of_it_does(
    space: Space, tmp_path: Path, case: str
) -> None:
    fates, expected = SMALL[case]
    ids = []
    for number, fate in enumerate(fates):
        ids.append(f"s-{number}\n" if fate == "none" else f"s-{number}")
        scope = {"session_id": ids[-1]}
        if fate == "500":
            space.faults({"kind": "status", "http_status": 500}, scope=scope)
        if fate == "cut":
            # Again on a fresh connection: one that was kept open may have ended by itself.
            space.faults({"kind": "close", "times": 5}, scope=scope)
    fleet.partition(ids, tmp_path, run_id="r", partitions=1)
    factory = partial(PingClient, base_url=space.base_url("ping"), max_retries=0)
    if isinstance(expected, str):
        with pytest.raises(FleetError, match=f"{expected} answers failed"):
            fleet.poll_partition(tmp_path, 0, factory, run_id="r")
        assert published(tmp_path, "r") == []
    else:
        assert fleet.poll_partition(tmp_path, 0, factory, run_id="r").errors == expected


def test_tiun_is_refused_with_words(space: Space, tmp_path: Path) -> None:
    fleet.partition(["reader"], tmp_path, run_id="r", partitions=1)

    def tiun() -> TiunClient:
        return TiunClient("key", base_url=space.base_url("tiun"))

    with pytest.raises(ConfigurationError, match="PATCH"):
        fleet.poll_partition(tmp_path, 0, tiun, run_id="r")
    with pytest.raises(ConfigurationError, match="PATCH"):
        fleet.run(["reader"], tiun, tmp_path, run_id="r")
    assert asked(space) == 0


def test_an_object_store_publishes_without_overwriting(space: Space) -> None:
    fsspec = pytest.importorskip("fsspec")
    out = f"memory://{space.name}"
    ids = seed(space, 20)
    fleet.partition(ids, out, run_id="r", partitions=2)
    first = [fleet.poll_partition(out, n, ping_of(space), run_id="r") for n in (0, 1)]
    assert [fleet.poll_partition(out, n, ping_of(space), run_id="r").was_done for n in (0, 1)]
    assert sum(report.rows for report in first) == fleet.commit(out, "r").rows == 20
    store = stores.store_of(out)
    assert not stores.publish_bytes(store, "run=r/_SUCCESS", b"another")
    names = {name.rpartition("/")[2] for name in fsspec.filesystem("memory").find(space.name)}
    assert {"_SUCCESS", "_plan.json", "part-00000-of-00002.parquet"} <= names


@pytest.mark.parametrize(
    ("out", "kind"),
    [
        ("nosuch://user:hidden@127.0.0.1/out", ConfigurationError),
        (f"ftp://user:hidden@127.0.0.1:{free_port()}/out", FleetError),
    ],
    ids=["unknown", "not there"],
)
def test_a_store_that_cannot_be_opened_is_said_without_its_password(
    out: str, kind: type[Exception]
) -> None:
    pytest.importorskip("fsspec")
    with pytest.raises(kind, match=r"://127\.0\.0\.1") as raised:
        fleet.partition(["a"], out, run_id="r")
    assert "hidden" not in str(raised.value)


def test_bad_partitions_and_files_are_refused(space: Space, tmp_path: Path) -> None:
    ids = seed(space, 10)
    plan = fleet.partition(ids, tmp_path, run_id="r", partitions=2)
    for bad in (-1, 2, "0"):
        with pytest.raises(ConfigurationError, match="from 0 to 1"):
            fleet.poll_partition(tmp_path, bad, ping_of(space), run_id="r")  # type: ignore[arg-type]
    with pytest.raises(FleetError, match="no run"):
        fleet.poll_partition(tmp_path, 0, ping_of(space), run_id="other")
    (tmp_path / plan.ids_name(0)).write_text('"changed"\n')
    with pytest.raises(FleetError, match="not those of the plan"):
        fleet.poll_partition(tmp_path, 0, ping_of(space), run_id="r")
    (tmp_path / plan.ids_name(1)).unlink()
    with pytest.raises(FleetError, match="No such file"):
        fleet.poll_partition(tmp_path, 1, ping_of(space), run_id="r")
    assert asked(space) == 0


def test_what_is_no_factory_is_refused(space: Space) -> None:
    bad: list[Any] = ["ping", partial(PingClient, "key"), partial(PingClient, api_key="key")]
    for each in bad:
        with pytest.raises(ConfigurationError, match="client_factory"):
            unit.check_factory(each)


def test_a_factory_of_no_plain_client_is_refused(
    space: Space, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PING_BASE_URL", space.base_url("ping"))
    fleet.partition(["a"], tmp_path, run_id="r")
    factories: list[Any] = [AsyncPingClient, dict]
    for factory in factories:
        expected = f"client_factory must make a client .* not a {factory.__name__}"
        with pytest.raises(ConfigurationError, match=expected):
            fleet.run(["a"], factory, tmp_path, run_id="r")
        with pytest.raises(ConfigurationError, match=expected):
            fleet.poll_partition(tmp_path, 0, factory, run_id="r")
    assert asked(space) == 0
