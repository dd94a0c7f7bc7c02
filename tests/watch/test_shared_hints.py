"""The watches of a client share one stream of events, whichever of them comes and goes."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from tests.support.asking import seed
from tests.watch.test_hints import RARE, harm, streams
from tests.watch.test_watch import DEADLINE, change_session

if TYPE_CHECKING:
    from tests.support.sandbox import Space

    from sessionvitals import ManyWatch

FAST: dict[str, Any] = {"deadline": DEADLINE, "every": RARE, "until": (), "rate": 9999}


def open_files() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


def read_first(many: ManyWatch, count: int) -> None:
    """Read the first change of that many sessions."""
    assert {next(many).reason for _ in range(count)} == {"first"}


def test_a_hundred_watches_have_one_stream_and_each_hears_of_its_sessions(space: Space) -> None:
    ids = seed(space, 3)
    with space.client("ping") as client:
        watches = [client.watch_many(ids, **FAST) for _ in range(100)]
        for many in watches:
            read_first(many, 3)
        streams(space, 1)
        change_session(space, "s-1", "disconnected")
        for many in watches:
            change = next(many)
            assert (change.session_id, change.after.state) == ("s-1", "ended")
        assert streams(space) == 1
        for many in watches:
            many.close()


def test_views_of_a_client_share_it_and_other_clients_do_not(space: Space) -> None:
    ids = seed(space, 3)
    with space.client("ping") as client, space.client("ping") as other:
        view = client.with_options(timeout=7.0)
        watches = [each.watch_many(ids, **FAST) for each in (client, view, other)]
        for many in watches:
            read_first(many, 3)
        assert streams(space, 2) == 2
        change_session(space, "s-1", "disconnected")
        assert [next(many).session_id for many in watches] == ["s-1"] * 3
        assert streams(space) == 2
        for many in watches:
            many.close()


def test_a_watch_that_comes_later_hears_of_its_own(space: Space) -> None:
    ids = seed(space, 6)
    with space.client("ping") as client, client.watch_many(ids[:3], **FAST) as first:
        read_first(first, 3)
        streams(space, 1)
        with client.watch_many(ids[3:], **FAST) as later:
            read_first(later, 3)
            for session_id, many in (("s-4", later), ("s-1", first)):
                change_session(space, session_id, "disconnected")
                assert next(many).session_id == session_id
    assert streams(space) == 1


def test_a_watch_that_joins_an_open_stream_looks_at_what_it_has_seen_before(space: Space) -> None:
    ids = seed(space, 6)
    with space.client("ping") as client, client.watch_many(ids[:3], **FAST) as first:
        read_first(first, 3)
        streams(space, 1)
        with client.watch_many(ids[3:5], **FAST) as two:  # which are too few to listen
            read_first(two, 2)
            change_session(space, "s-3", "disconnected")
            two.add("s-5")
            seen = {change.session_id: change for change in (next(two), next(two))}
            assert (seen["s-3"].after.state, seen["s-3"].missed) == ("ended", True)
            assert seen["s-5"].reason == "first"
    assert streams(space) == 1


def test_it_outlives_the_watch_that_opened_it_and_ends_with_the_last(space: Space) -> None:
    ids = seed(space, 3)
    with space.client("ping") as client:
        opener, other = client.watch_many(ids, **FAST), client.watch_many(ids, **FAST)
        for many in (opener, other):
            read_first(many, 3)
        streams(space, 1)
        opener.close()
        change_session(space, "s-1", "disconnected")
        assert next(other).session_id == "s-1"
        assert streams(space) == 1
        before = open_files()
        other.close()
        assert open_files() < before, "its connection is closed"
        with client.watch_many(ids, **FAST) as late:
            read_first(late, 3)
            assert streams(space, 2) == 2


def test_watches_of_another_idle_timeout_have_a_stream_of_their_own(space: Space) -> None:
    ids = seed(space, 3)
    with space.client("ping") as client:
        watches = [
            client.watch_many(ids, **FAST, events_idle_timeout=idle) for idle in (30, 40, 30, 40)
        ]
        for many in watches:
            read_first(many, 3)
        assert streams(space, 2) == 2
        change_session(space, "s-0", "disconnected")
        assert [next(many).session_id for many in watches] == ["s-0"] * 4
        for many in watches:
            many.close()
    assert streams(space) == 2


def test_a_refused_stream_is_told_to_each_watch_and_asked_for_by_the_next(space: Space) -> None:
    ids = seed(space, 3)
    # Late, so that all five have come.
    fault = {"kind": "status", "http_status": 404, "delay": 1.0}
    space.faults(fault, scope={"operation": "events"})
    with space.client("ping") as client:
        watches = [client.watch_many(ids, **FAST) for _ in range(5)]
        for many in watches:
            seen = [next(many) for _ in range(4)]
            assert sum(change.reason == "trouble" for change in seen) == 1
        assert streams(space) == 1
        with client.watch_many(ids, **FAST) as fresh:
            read_first(fresh, 3)
            assert streams(space, 2) == 2
            change_session(space, "s-2", "disconnected")
            assert next(fresh).session_id == "s-2"
        for many in watches:
            many.close()


@pytest.mark.parametrize("fault", ["cut(events=1)", "reset(events=1)", "bad-line(events=1)"])
def test_after_a_gap_every_watch_looks_at_all_again(space: Space, fault: str) -> None:
    ids = seed(space, 6)
    harm(space, fault)
    with (
        space.client("ping") as client,
        client.watch_many(ids[:3], **FAST) as one,
        client.watch_many(ids[3:], **FAST) as other,
    ):
        for many in (one, other):
            read_first(many, 3)
        streams(space, 1)
        change_session(space, "s-0", "disconnected")
        change_session(space, "s-0", "connected")  # what harms the next event needs one
        change_session(space, "s-2", "disconnected")  # of which no event is sent, or heard
        change_session(space, "s-5", "disconnected")
        for many, session_id in ((one, "s-2"), (other, "s-5")):
            changes = (each for each in many if each.reason != "trouble")
            assert next(each for each in changes if each.session_id == session_id).missed
        assert streams(space, 2) == 2
