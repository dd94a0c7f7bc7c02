"""Whatever goes wrong on the way: what a watch said last is what is so, and it asks no more than it may."""

from __future__ import annotations

import random
import time
from typing import TYPE_CHECKING

import pytest
from tests.support.asking import seed
from tests.watch.test_watch import DEADLINE, change_session, requests_of

if TYPE_CHECKING:
    from tests.support.sandbox import Space

    from sessionvitals import ManyWatch, SessionState

#: Broken answers are not among them: the third ends a session that was not read yet.
FAULTS = ["500", "503", "reset", "close", "cut(30)", "ok"]
STATES = {"connected": "active", "disconnected": "ended", "created": "pending"}


def read_until_said(many: ManyWatch, truth: dict[str, str]) -> None:
    """Read changes until the last one of each session is what is so; the deadline ends it else."""
    said: dict[str, SessionState] = {}
    while said != {each: STATES[word] for each, word in truth.items()}:
        change = next(many)
        said[change.session_id] = change.after.state


@pytest.mark.parametrize("chance", range(8))
def test_the_last_change_is_what_is_so(space: Space, chance: int) -> None:
    choose = random.Random(chance)
    ids = seed(space, 4)
    truth = dict.fromkeys(ids, "connected")
    with (
        space.client("ping", max_retries=0) as client,
        client.watch_many(ids, deadline=DEADLINE, every=0.01, until=(), rate=5000) as many,
    ):
        for _ in range(6):
            space.faults(script=", ".join(choose.choices(FAULTS, k=3)))
            session_id = choose.choice(ids)
            truth[session_id] = choose.choice(list(STATES))
            change_session(space, session_id, truth[session_id])
        read_until_said(many, truth)


#: Of a stream of events, each behind so many of them.
STREAM_FAULTS = [
    "cut",
    "reset",
    "stall",
    "duplicate",
    "reorder",
    "drop-event",
    "bad-line",
    "big-event",
]


@pytest.mark.parametrize("chance", range(16))
def test_whatever_befalls_the_stream_the_last_change_is_what_is_so(
    space: Space, chance: int
) -> None:
    choose = random.Random(chance)
    ids = seed(space, 5)
    truth = dict.fromkeys(ids, "connected")
    streams = [f"{choose.choice(STREAM_FAULTS)}(events={choose.randrange(3)})" for _ in range(4)]
    if chance % 4 == 0:
        streams.insert(choose.randrange(4), choose.choice(["401", "503", "429(retry-after=1)"]))
    begun = time.monotonic()
    rate = 200
    with (
        space.client("ping", max_retries=0) as client,
        client.watch_many(
            ids, deadline=DEADLINE, every=choose.choice([0.02, 0.5]), until=(), rate=rate,
            events_idle_timeout=0.2,
        ) as many,
    ):  # fmt: skip
        space.faults(script=", ".join(streams), scope={"operation": "events"})
        for _ in range(8):
            space.faults(
                script=", ".join(choose.choices(FAULTS, k=2)), scope={"operation": "session_status"}
            )
            session_id = choose.choice(ids)
            truth[session_id] = choose.choice(list(STATES))
            change_session(space, session_id, truth[session_id])
        read_until_said(many, truth)
        took = time.monotonic() - begun
        asked = space.sandbox.journal.count(operation="session_status")
        asked += space.sandbox.journal.count(operation="events")
    assert asked <= rate * took + rate


def test_requests_stay_within_the_budget(space: Space) -> None:
    ids = seed(space, 200)
    begun = time.monotonic()
    with (
        space.client("ping") as client,
        client.watch_many(ids, deadline=1.0, every=0.001, until=(), rate=50) as many,
    ):
        changes = sum(1 for _ in many)
        took = time.monotonic() - begun
        assert many.outcome == "deadline"
    assert requests_of(space) <= 50 * took + 50
    assert 50 <= changes <= requests_of(space)


def test_all_watches_of_a_client_share_a_budget(space: Space) -> None:
    ids = seed(space, 3)
    begun = time.monotonic()
    with space.client("ping") as client:
        watches = [
            client.watch_many([each], deadline=0.5, every=0.001, until=(), rate=40) for each in ids
        ]
        for watch in watches:
            list(watch)
    took = time.monotonic() - begun
    assert requests_of(space) <= 40 * took + 40


def test_a_closed_gate_delays_all_looks(space: Space) -> None:
    ids = seed(space, 3)
    with (
        space.client("ping", max_retries=0) as client,
        client.watch_many(ids, deadline=DEADLINE, every=0.01, until=()) as many,
    ):
        for _ in ids:
            next(many)
        space.faults(script="429(retry-after=1)")
        assert space.sandbox.journal.wait(http_status=429)
        begun = time.monotonic()
        change_session(space, "s-0", "disconnected")
        while next(many).after.state != "ended":
            pass
        assert time.monotonic() - begun > 0.5


@pytest.mark.parametrize(
    ("fault", "says"),
    [
        (
            {"kind": "status", "http_status": 200, "headers": {"Content-Length": "16777217"}},
            "16 MiB",
        ),
        ({"kind": "status", "http_status": 200, "body": "[]"}, "expected an object"),
        ({"kind": "status", "http_status": 501, "body": ""}, "501"),
        ({"kind": "status", "http_status": 404, "body": ""}, "404"),
    ],
    ids=["too long", "no list", "501", "404"],
)
def test_a_list_that_is_of_no_use_is_said_and_each_session_looked_at(
    space: Space, fault: dict[str, object], says: str
) -> None:
    """It would fail at the next time, too."""
    ids = [f"s-{number}" for number in range(4)]
    for each in ids:
        space.add_session("eliza", each, "active")
    space.faults({**fault, "times": 1000}, scope={"operation": "list_sessions"})
    with (
        space.client("eliza", max_retries=0) as client,
        client.watch_many(ids, deadline=DEADLINE, every=0.02, rate=1000) as many,
    ):
        seen = [next(many)]
        while {each.session_id for each in seen if each.after.state == "active"} != set(ids):
            seen.append(next(many))
        for each in ids:
            space.admin("DELETE", f"sessions/eliza/{each}")
        seen += many
        assert many.outcome == "reached"
    (trouble,) = [each for each in seen if each.reason == "trouble"]
    assert says in str(trouble.error)
    assert sorted(each.session_id for each in seen if each.reason == "final") == ids
    assert space.sandbox.journal.count(operation="list_sessions") == 1


def test_a_list_that_keeps_failing_is_replaced_by_looks_until_it_is_back(space: Space) -> None:
    ids = [f"s-{number}" for number in range(4)]
    for each in ids:
        space.add_session("eliza", each, "active")
    journal = space.sandbox.journal
    space.faults(script="500*", scope={"operation": "list_sessions"})
    with (
        space.client("eliza", max_retries=0) as client,
        client.watch_many(ids, deadline=DEADLINE, every=0.02, until=(), rate=1000) as many,
    ):
        assert sorted(next(many).session_id for _ in ids) == ids
        assert journal.count(operation="list_sessions") >= 3
        space.add_session("eliza", "s-late", "active")
        many.add("s-late")
        assert next(many).session_id == "s-late"
        space.admin("DELETE", "faults")
        lists = journal.count(operation="list_sessions")
        assert journal.wait(operation="list_sessions", at_least=lists + 2)
        looks = journal.count(operation="get_session")
        assert journal.wait(operation="list_sessions", at_least=lists + 6)
        space.admin("DELETE", "sessions/eliza/s-1")
        assert next(many).session_id == "s-1"
        assert journal.count(operation="get_session") <= looks + len(ids)
