"""Watches of the mock: all that changes is told, and nothing is asked that is not to be."""

from __future__ import annotations

import asyncio
import itertools
import json
import pickle
from typing import TYPE_CHECKING, Any

import pytest
from tests.support.asking import async_client, seed

from sessionvitals import (
    AuthenticationError,
    CallCancelled,
    CancelToken,
    Change,
    ConfigurationError,
    ContractError,
    PingClient,
    SessionState,
    StateImpossible,
    WatchTimeout,
)

if TYPE_CHECKING:
    from tests.support.sandbox import Space

EVERY = 0.02
DEADLINE = 60.0


def change_session(space: Space, session_id: str, state: str, **fields: object) -> None:
    space.admin("PATCH", "sessions/ping/" + session_id, {"state": state, **fields})


def requests_of(space: Space) -> int:
    return space.sandbox.journal.count()


@pytest.mark.parametrize("provider", ["ping", "eliza"])
def test_a_watch_tells_the_first_look_and_the_end(space: Space, provider: str) -> None:
    if provider == "ping":
        seed(space, 1)
    else:
        space.add_session("eliza", "s-0", "active")
    with (
        space.client(provider) as client,
        client.watch("s-0", deadline=DEADLINE, every=EVERY) as watch,
    ):
        first = next(watch)
        space.admin("DELETE", f"sessions/{provider}/s-0")
        (last,) = watch
    assert (first.reason, first.before, first.after.state) == ("first", None, "active")
    assert (last.reason, last.before, last.after.state) == ("final", first.after, "not_found")
    assert (watch.outcome, last.provider, last.session_id) == ("reached", provider, "s-0")


def test_every_state_that_lasts_longer_than_a_look_is_seen(space: Space) -> None:
    seed(space, 1)
    with (
        space.client("ping") as client,
        client.watch("s-0", deadline=DEADLINE, every=EVERY, until=()) as watch,
    ):
        seen = [next(watch).after.state]
        for state in ["disconnected", "connected"] * 5:
            change_session(space, "s-0", state)
            seen.append(next(watch).after.state)
    assert seen == ["active", *["ended", "active"] * 5]


def test_asyncio_tells_the_same(space: Space) -> None:
    seed(space, 3)

    async def follow() -> list[Change]:
        async with (
            async_client(space) as client,
            client.watch_many(["s-0", "s-1", "s-2"], deadline=DEADLINE, every=EVERY) as many,
        ):
            seen = [await anext(many) for _ in range(3)]
            for session_id in ("s-0", "s-1", "s-2"):
                change_session(space, session_id, "disconnected")
            return seen + [change async for change in many]

    seen = asyncio.run(follow())

    assert [change.reason for change in seen] == ["first"] * 3 + ["final"] * 3
    assert {change.session_id for change in seen[3:]} == {"s-0", "s-1", "s-2"}


def test_two_waits_at_once_are_refused(space: Space) -> None:
    seed(space, 1)

    async def follow() -> Change:
        async with async_client(space) as client, client.watch("s-0", deadline=DEADLINE) as watch:
            assert (await anext(watch)).reason == "first"
            waiting = asyncio.ensure_future(anext(watch))
            await asyncio.sleep(0)
            with pytest.raises(ConfigurationError, match="one change at a time"):
                await asyncio.wait_for(anext(watch), DEADLINE / 4)
            change_session(space, "s-0", "disconnected")
            return await waiting

    assert asyncio.run(follow()).reason == "final"


def test_a_deadline_must_be_given(space: Space) -> None:
    with space.client("ping") as client:
        begin: Any
        for begin in (client.watch, client.watch_many):
            with pytest.raises(TypeError, match="deadline"):
                begin("s-0")
        begin = client.wait_for
        with pytest.raises(TypeError, match="deadline"):
            begin("s-0", SessionState.ENDED)


def test_the_deadline_ends_it(space: Space) -> None:
    seed(space, 1)
    space.faults(script="stall*")
    with space.client("ping") as client, client.watch("s-0", deadline=0.2) as watch:
        assert list(watch) == []
        assert watch.outcome == "deadline"


def test_wait_for_returns_the_session_or_says_why_not(space: Space) -> None:
    seed(space, 1)
    with space.client("ping") as client:
        wait: Any = {"deadline": DEADLINE, "every": EVERY}
        assert client.wait_for("s-0", SessionState.ACTIVE, **wait).live
        with pytest.raises(WatchTimeout) as late:
            client.wait_for("s-0", SessionState.ENDED, deadline=0.1, every=EVERY)
        assert late.value.session is not None
        with pytest.raises(StateImpossible, match="not_found"):
            client.wait_for("none", SessionState.ACTIVE, **wait)
        change_session(space, "s-0", "disconnected")
        with pytest.raises(StateImpossible) as ended:
            client.wait_for("s-0", "active", **wait)
    assert ended.value.session is not None
    assert ended.value.session.state == "ended"


def test_a_wait_with_keys_that_rotate_ends_in_time(space: Space) -> None:
    seed(space, 1)
    asked = []

    def key() -> str:
        asked.append(True)
        return "ping-sandbox-key"

    with PingClient(key, base_url=space.base_url("ping")) as client:
        assert client.wait_for("s-0", "active", deadline=DEADLINE, every=EVERY).live
        with pytest.raises(WatchTimeout) as late:
            client.wait_for("s-0", SessionState.ENDED, deadline=0.1, every=EVERY)
    assert late.value.session is not None
    assert late.value.session.state == "active"
    assert len(asked) == 1


def test_a_watch_keeps_the_key_that_it_began_with(space: Space) -> None:
    seed(space, 1)
    keys = iter(["ping-sandbox-key", "another"])
    client = PingClient(lambda: next(keys), base_url=space.base_url("ping"))
    with client, client.watch("s-0", deadline=DEADLINE, every=EVERY) as watch:
        assert next(watch).reason == "first"
        space.admin("PUT", "keys", {"ping": "another"})
        with pytest.raises(AuthenticationError):
            next(watch)
        token = watch.token()
        # A watch that goes on has the other key.
        change_session(space, "s-0", "disconnected")
        with client.watch("s-0", deadline=DEADLINE, every=EVERY, resume=token) as again:
            (change,) = again
            assert (change.reason, change.after.state, change.missed) == ("final", "ended", True)


def test_a_function_says_what_is_wanted(space: Space) -> None:
    seed(space, 1, uploaded_bytes=10)
    with space.client("ping") as client:
        with client.watch(
            "s-0", deadline=DEADLINE, every=EVERY, counters=True,
            until=lambda session: (session.uploaded_bytes or 0) > 100,
        ) as watch:  # fmt: skip
            assert next(watch).reason == "first"
            change_session(space, "s-0", "connected", uploaded_bytes=101)
            assert [change.reason for change in watch] == ["final"]
        assert watch.outcome == "reached"


def test_a_function_is_not_asked_about_a_session_that_could_not_be_read(space: Space) -> None:
    space.faults(script="garbage*")
    with space.client("ping") as client, pytest.raises(ContractError):
        client.wait_for(
            "s-0", lambda session: session.state != "active", deadline=DEADLINE, every=EVERY
        )


def test_a_function_whose_answer_has_to_be_awaited_is_refused(space: Space) -> None:
    seed(space, 1)
    functions: list[Any] = [lambda session: asyncio.Queue().join(), asyncio.sleep]
    with space.client("ping") as client:
        for until in functions:
            with pytest.raises(ConfigurationError, match="await"):
                client.wait_for("s-0", until, deadline=DEADLINE)


def test_an_awaited_session_may_appear(space: Space) -> None:
    with (
        space.client("ping") as client,
        client.watch("s-0", deadline=DEADLINE, every=EVERY, missing="wait") as watch,
    ):
        assert next(watch).after.state == "not_found"
        seed(space, 1)
        assert next(watch).after.state == "active"


def test_ids_come_and_go(space: Space) -> None:
    seed(space, 3)
    with (
        space.client("ping") as client,
        client.watch_many(["s-0"], deadline=DEADLINE, every=EVERY) as many,
    ):
        assert next(many).session_id == "s-0"
        many.add("s-1")
        many.add("s-1")
        assert (next(many).session_id, len(many)) == ("s-1", 2)
        many.discard("s-0")
        many.discard("unknown")
        assert len(many) == 1
        change_session(space, "s-1", "disconnected")
        assert next(many).reason == "final"
        many.add("s-2")
        assert next(many).session_id == "s-2", "a loop may go on with another session"
        with pytest.raises(ConfigurationError):
            many.add("")


def test_none_of_many_sessions_is_known_elsewhere(space: Space) -> None:
    with space.client("ping") as client:
        with (
            client.watch_many(["a", "b", "c"], deadline=DEADLINE) as many,
            pytest.raises(ContractError, match="right account"),
        ):
            list(many)
        seed(space, 1)
        with client.watch_many(["a", "b", "c", "s-0"], deadline=DEADLINE, every=EVERY) as many:
            seen = [next(many) for _ in range(4)]
    assert sorted(change.reason for change in seen) == ["final", "final", "final", "first"]


def test_the_list_is_asked_for_three_sessions_and_more(space: Space) -> None:
    for number in range(5):
        space.add_session("eliza", f"s-{number}", "active")
    ids = [f"s-{number}" for number in range(5)]
    with (
        space.client("eliza") as client,
        client.watch_many(ids, deadline=DEADLINE, every=EVERY, rate=1000) as many,
    ):
        for _ in range(5):
            next(many)
        journal = space.sandbox.journal
        assert journal.count(operation="get_session") == 0
        space.admin("DELETE", "sessions/eliza/s-3")
        gone = next(many)
    assert (gone.session_id, gone.reason, gone.after.state) == ("s-3", "final", "not_found")
    assert journal.count(operation="get_session", session_id="s-3") == 1
    assert journal.count(operation="get_session") == 1


def test_a_refused_key_is_raised(space: Space) -> None:
    seed(space, 1)
    space.faults(script="401*")
    with space.client("ping") as client, client.watch("s-0", deadline=DEADLINE) as watch:
        with pytest.raises(AuthenticationError):
            next(watch)
        assert watch.outcome == "closed"


def test_a_cancelled_token_is_raised(space: Space) -> None:
    seed(space, 1)
    cancel = CancelToken()
    with (
        space.client("ping") as client,
        client.watch("s-0", deadline=DEADLINE, cancel=cancel) as watch,
    ):
        next(watch)
        cancel.cancel()
        with pytest.raises(CallCancelled):
            next(watch)


@pytest.mark.parametrize(
    "options",
    [
        {"deadline": -1}, {"deadline": 0}, {"deadline": "soon"}, {"deadline": float("nan")},
        {"every": 0}, {"every": -1}, {"until": "gone"}, {"until": 7}, {"missing": "maybe"},
        {"resume": ""}, {"resume": 7}, {"resume": "{}"}, {"resume": "no JSON"}, {"timeout": -1},
    ],
    ids=str,
)  # fmt: skip
def test_what_cannot_be_used_is_refused(space: Space, options: dict[str, Any]) -> None:
    with space.client("ping") as client, pytest.raises(ConfigurationError):
        client.watch("s-0", **{"deadline": None, **options})


def test_tiun_says_how_often_it_is_asked(space: Space) -> None:
    with space.client("tiun") as client:
        with pytest.raises(ConfigurationError, match="every must be given for tiun"):
            client.watch("s-0", deadline=None)
        with pytest.raises(ConfigurationError, match="at least 1 "):
            client.watch("s-0", deadline=None, every=0.9)
        with pytest.raises(ConfigurationError, match="at least 10 "):
            client.watch_many(["s-0"], deadline=None, every=9)
        space.add_session("tiun", "s-0", "valid")
        with client.watch("s-0", deadline=None, every=1) as watch:
            assert next(watch).after.state == "active"


def test_a_watch_is_read_by_one_loop(space: Space) -> None:
    seed(space, 1)
    with space.client("ping") as client, client.watch("s-0", deadline=DEADLINE) as watch:
        for _ in watch:
            break
        with pytest.raises(ConfigurationError, match="one loop"):
            iter(watch)
        with pytest.raises(TypeError, match="token"):
            pickle.dumps(watch)


def test_a_change_is_pickled_and_does_not_change(space: Space) -> None:
    seed(space, 1)
    with space.client("ping") as client, client.watch("s-0", deadline=DEADLINE) as watch:
        change = next(watch)
    assert pickle.loads(pickle.dumps(change)) == change
    assert json.loads(json.dumps(change.to_dict()))["after"]["state"] == "active"
    with pytest.raises(AttributeError):
        change.missed = True


def test_a_slow_reader_gets_merged_changes(space: Space) -> None:
    ids = seed(space, 600)
    with (
        space.client("ping") as client,
        client.watch_many(ids, deadline=DEADLINE, every=EVERY, until=(), rate=9999) as many,
    ):
        probe = client.watch_many(ids, deadline=DEADLINE, every=EVERY, until=(), rate=9999)
        rounds = itertools.cycle(["disconnected", "connected"])
        with probe:
            for _ in range(600):
                next(probe)
            for state in itertools.islice(rounds, 3):
                space.admin("POST", "sessions", {"sessions": [
                    {"provider": "ping", "id": each, "state": state, "client_id": "c"}
                    for each in ids
                ]})  # fmt: skip
                for _ in range(600):
                    next(probe)
        seen = [next(many) for _ in range(1000)]
    last = {change.session_id: change for change in seen}
    assert any(change.missed for change in seen)
    assert len(seen) < 600 * 4
    assert last
