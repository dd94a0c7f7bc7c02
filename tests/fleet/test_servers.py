"""Which server's answers a run is of, and which ids a ledger's own files are lists of."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from tests.support.asking import seed
from tests.support.fleet.clients import ping_of, published
from tests.support.vendors import VENDORS

from sessionvitals import fleet
from sessionvitals.fleet import FleetError
from sessionvitals.ledger import Ledger

if TYPE_CHECKING:
    from tests.support.sandbox import Space

pytest.importorskip("pyarrow")


@pytest.fixture(autouse=True)
def _key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PING_API_KEY", str(VENDORS["ping"].key))


def test_a_run_is_of_one_server(space: Space, tmp_path: Path) -> None:
    ids = seed(space, 20)
    sandbox = space.sibling("sandbox")
    fleet.partition(ids, tmp_path, run_id="r", partitions=2)
    fleet.poll_partition(tmp_path, 0, ping_of(sandbox), run_id="r")
    with pytest.raises(FleetError, match=f"ping at .*{sandbox.name}.*: give another run_id"):
        fleet.run(ids, ping_of(space), tmp_path, run_id="r")
    assert fleet.run(ids, ping_of(sandbox), tmp_path, run_id="r").committed
    with pytest.raises(FleetError, match="of one server's sessions"):  # and not "done before"
        fleet.run(ids, ping_of(space), tmp_path, run_id="r")


def test_a_guarded_id_of_the_ledgers_own_files_is_asked_for_as_it_is(
    space: Space, tmp_path: Path
) -> None:
    space.add_session("ping", "-old", "connected", client_id="c", uploaded_bytes=7)
    with Ledger(tmp_path / "u.sqlite") as ledger, ping_of(space)() as ping:
        ledger.follow(ping, ["-old"], rounds=1)
        ledger.export(tmp_path / "seen.csv")
        moment = datetime.now(timezone.utc)
        day = timedelta(days=1)
        ledger.usage(moment - day, moment + day, by="session").export(tmp_path / "used.csv")
    for name in ("seen.csv", "used.csv"):
        assert "'-old" in (tmp_path / name).read_text()
        fleet.run(str(tmp_path / name), ping_of(space), tmp_path, run_id=name)
        assert [row["state"] for row in published(tmp_path, name)] == ["active"]
