"""The end of a run: its commit, from one process or from two at once."""

from __future__ import annotations

import errno
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from tests.support.asking import seed
from tests.support.fleet.clients import ping_of
from tests.support.vendors import VENDORS

from sessionvitals import fleet
from sessionvitals.fleet import FleetError, points

if TYPE_CHECKING:
    from tests.support.sandbox import Space


@pytest.fixture(autouse=True)
def _key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PING_API_KEY", str(VENDORS["ping"].key))


def test_two_commits_at_once_both_say_that_it_is_done(
    space: Space, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fleet.partition(seed(space, 5), tmp_path, run_id="r", partitions=1)
    fleet.poll_partition(tmp_path, 0, ping_of(space), run_id="r")
    others: list[fleet.FleetStatus] = []

    def reached(name: str) -> None:
        if name == "synced":  # the file is written, and not published yet
            monkeypatch.setattr(points, "reached", lambda name: None)
            others.append(fleet.commit(tmp_path, "r"))

    monkeypatch.setattr(points, "reached", reached)
    assert fleet.commit(tmp_path, "r").committed
    assert [other.committed for other in others] == [True]
    assert not (tmp_path / "run=r" / ".tmp").exists()


def test_a_commit_that_fails_is_none(
    space: Space, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fleet.partition(seed(space, 5), tmp_path, run_id="r", partitions=1)
    fleet.poll_partition(tmp_path, 0, ping_of(space), run_id="r")

    def reached(name: str) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(points, "reached", reached)
    with pytest.raises(FleetError, match="No space left"):
        fleet.commit(tmp_path, "r")
