"""Ping's stream of events has sessions looked at, and is never believed: the looks are far apart."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest
from tests.support.asking import async_client, seed
from tests.watch.test_watch import DEADLINE, EVERY, change_session

from sessionvitals import Change, ConfigurationError, DeadlineExceeded, HttpStatusError

if TYPE_CHECKING:
    from tests.support.sandbox import Space

#: No look comes by itself within a test.
RARE = 3600.0


def streams(space: Space, at_least: int = 0) -> int:
    """Return how many streams were opened, once it is so many."""
    if at_least:
        assert space.sandbox.journal.wait(operation="events", at_least=at_least)
    return space.sandbox.journal.count(operation="events")


def harm(space: Space, script: str) -> None:
    space.faults(script=script, scope={"operation": "events"})


def changes_of(many: Iterator[Change], session_id: str) -> Iterator[Change]:
    return (change for change in many if change.session_id == session_id)


def test_an_event_has_its_session_looked_at_at_once(space: Space) -> None:
    ids = seed(space, 3)
    with (
        space.client("ping") as client,
        client.watch_many(ids, deadline=DEADLINE, every=RARE, until=()) as many,
    ):
        assert {next(many).session_id for _ in ids} == set(ids)
        streams(space, 1)
        for state in ["disconnected", "connected"] * 5:
            change_session(space, "s-1", state)
            change = next(many)
            assert (change.session_id, change.after.provider_state) == ("s-1", state)
        assert not change.missed
        assert change.after.call is not None, "it was looked at"
    assert streams(space) == 1


def test_asyncio_hears_events_too(space: Space) -> None:
    ids = seed(space, 3)

    async def follow() -> list[str]:
        async with (
            async_client(space) as client,
            client.watch_many(ids, deadline=DEADLINE, every=RARE) as many,
        ):
            for _ in ids:
                await anext(many)
            await asyncio.to_thread(streams, space, 1)
            for session_id in ids:
                change_session(space, session_id, "disconnected")
            return [change.session_id async for change in many]

    assert set(asyncio.run(follow())) == set(ids)


def test_events_of_others_cause_no_look(space: Space) -> None:
    ids = seed(space, 3)
    others = seed(space, 20, prefix="other")
    with (
        space.client("ping") as client,
        client.watch_many(ids, deadline=DEADLINE, every=RARE) as many,
    ):
        for _ in ids:
            next(many)
        streams(space, 1)
        for session_id in [*others, *ids]:
            change_session(space, session_id, "disconnected")
        assert {change.session_id for change in many} == set(ids)
    assert space.sandbox.journal.count(operation="session_status", session_id="other-0") == 0


@pytest.mark.parametrize(("count", "options"), [(3, {"events": "never"}), (2, {})])
def test_no_stream_is_opened(space: Space, count: int, options: dict[str, Any]) -> None:
    ids = seed(space, count)
    with (
        space.client("ping") as client,
        client.watch_many(ids, deadline=0.2, every=EVERY, **options) as many,
    ):
        assert len(list(many)) == count
    assert streams(space) == 0


def test_an_id_that_is_added_opens_it(space: Space) -> None:
    ids = seed(space, 3)
    with (
        space.client("ping") as client,
        client.watch_many(ids[:2], deadline=DEADLINE, every=RARE) as many,
    ):
        many.add("s-2")
        for _ in ids:
            next(many)
        streams(space, 1)
        many.discard("s-2")
        many.discard("s-1")
        change_session(space, "s-0", "disconnected")
        assert next(many).reason == "final", "once open, it is for the last of them, too"


@pytest.mark.parametrize("status", [401, 403, 404, 501])
def test_a_refused_stream_is_told_once_and_looks_go_on(space: Space, status: int) -> None:
    ids = seed(space, 3)
    harm(space, f"{status}*")
    with (
        space.client("ping") as client,
        client.watch_many(ids, deadline=DEADLINE, every=EVERY) as many,
    ):
        seen = [next(many) for _ in range(4)]
        change_session(space, "s-0", "disconnected")
        seen.append(next(many))
    (trouble,) = [change for change in seen if change.reason == "trouble"]
    assert isinstance(trouble.error, HttpStatusError)
    assert trouble.error.call is not None
    assert trouble.error.call.operation == "events"
    assert (seen[-1].session_id, seen[-1].reason) == ("s-0", "final")
    assert streams(space) == 1


def test_what_is_no_stream_is_told(space: Space) -> None:
    ids = seed(space, 3)
    space.faults(
        {"kind": "status", "http_status": 200, "body": "{}"}, scope={"operation": "events"}
    )
    with (
        space.client("ping") as client,
        client.watch_many(ids, deadline=DEADLINE, every=RARE) as many,
    ):
        seen = [next(many) for _ in range(4)]
    (trouble,) = [change for change in seen if change.reason == "trouble"]
    assert "expected a stream of events" in str(trouble.error)


@pytest.mark.parametrize(
    "fault", ["cut(events=1)", "reset(events=1)", "bad-line(events=1)", "big-event(events=1)"]
)
def test_after_a_gap_all_is_looked_at_again(space: Space, fault: str) -> None:
    ids = seed(space, 3)
    harm(space, fault)
    with (
        space.client("ping") as client,
        client.watch_many(ids, deadline=DEADLINE, every=RARE, until=()) as many,
    ):
        for _ in ids:
            next(many)
        streams(space, 1)
        change_session(space, "s-0", "disconnected")
        change_session(space, "s-0", "connected")  # what harms the next event needs one
        change_session(space, "s-2", "disconnected")  # of which no event is sent, or heard
        change = next(changes_of((each for each in many if each.reason != "trouble"), "s-2"))
        assert change.after.state == "ended"
        streams(space, 2)


def test_a_lost_event_is_made_up_for(space: Space) -> None:
    ids = seed(space, 3)
    harm(space, "drop-event(events=0)")
    with (
        space.client("ping") as client,
        client.watch_many(ids, deadline=DEADLINE, every=0.2) as many,
    ):
        for _ in ids:
            next(many)
        streams(space, 1)
        change_session(space, "s-1", "disconnected")
        assert next(many).after.state == "ended"


def test_a_half_open_stream_is_noticed_told_and_opened_again(space: Space) -> None:
    ids = seed(space, 3)
    harm(space, "stall(events=0)")
    with (
        space.client("ping") as client,
        client.watch_many(ids, deadline=DEADLINE, every=RARE, events_idle_timeout=0.3) as many,
    ):
        for _ in ids:
            next(many)
        streams(space, 1)
        change_session(space, "s-1", "disconnected")  # nothing of it comes
        seen = {change.reason: change for change in (next(many), next(many))}
        assert isinstance(seen["trouble"].error, DeadlineExceeded)
        assert "silent" in str(seen["trouble"].error)
        assert (seen["final"].session_id, seen["final"].missed) == ("s-1", True)


@pytest.mark.parametrize(
    "options", [{"events": "always"}, {"events": None}, {"events_idle_timeout": 0}], ids=str
)
def test_what_cannot_be_used_is_refused(space: Space, options: dict[str, Any]) -> None:
    with space.client("ping") as client, pytest.raises(ConfigurationError, match="events"):
        client.watch_many([], deadline=None, **options)
