"""Pace: never more permits than the rate allows, in one process."""

from __future__ import annotations

import asyncio
import copy
import itertools
import os
import threading
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.pace.model import STEPS, Bucket, Clock
from tests.support.asking import Ask, ask_async, ask_sync, asked, async_client, seed

from sessionvitals import CancelToken, ConfigurationError, Pace, _core
from sessionvitals.pacing.gcra import close, give

if TYPE_CHECKING:
    from tests.support.sandbox import Space

BOTH = pytest.mark.parametrize("ask", [ask_sync, ask_async], ids=["sync", "asyncio"])


@settings(max_examples=200, deadline=None)
@given(interval=st.integers(1, 500), burst=st.integers(1, 50), steps=STEPS)
def test_the_rule_gives_what_a_bucket_of_tokens_gives(
    interval: int, burst: int, steps: list[tuple[int, int, int | None]]
) -> None:
    model, state, now = Bucket(interval, burst), float("-inf"), 0
    for later, want, closed_for in steps:
        now += later
        if closed_for is not None and now >= model.closed_until:
            model.close(now, closed_for)
            state = close(max(state, now), now + closed_for, interval, burst)
        permits, first, state = give(state, now, interval, burst, want, 0)
        assert permits == model.take(now, want)
        assert permits or first > 0


def test_a_burst_comes_at_once_and_the_rest_at_the_rate() -> None:
    clock = Clock()
    pace = Pace(10, burst=3, clock=clock)
    assert [pace.try_take() for _ in range(3)] == [0.0] * 3
    wait = pace.try_take()
    assert wait == pytest.approx(0.1)
    clock.now += 0.05
    assert pace.try_take() == pytest.approx(0.05)
    clock.now += 0.051
    assert pace.try_take() == 0.0
    clock.now += 100
    assert [pace.try_take() == 0.0 for _ in range(5)] == [True] * 3 + [False] * 2


def test_a_closed_pace_opens_without_a_burst() -> None:
    clock = Clock()
    pace = Pace(10, burst=5, clock=clock)
    pace.close_for(2.0)
    assert pace.try_take() == pytest.approx(2.0)
    pace.close_for(1.0)
    assert pace.try_take() == pytest.approx(2.0), "the longer one counts"
    clock.now += 2.001
    assert pace.try_take() == 0.0
    assert pace.try_take() == pytest.approx(0.1, abs=0.01)


def test_threads_and_tasks_share_one_limit() -> None:
    pace = Pace(400, burst=1)
    begun = time.monotonic()

    def take() -> None:
        for _ in range(20):
            pace.take()

    async def take_too() -> None:
        await asyncio.gather(*(pace.take_async() for _ in range(40)))

    threads = [threading.Thread(target=take) for _ in range(3)]
    for thread in threads:
        thread.start()
    asyncio.run(take_too())
    for thread in threads:
        thread.join()
    assert time.monotonic() - begun >= 99 / 400


@BOTH
def test_a_bulk_keeps_to_the_pace(space: Space, ask: Ask) -> None:
    ids = seed(space, 60)
    begun = time.monotonic()
    outcomes = ask(space, ids, pace=Pace(200, burst=10))
    assert time.monotonic() - begun >= 49 / 200
    assert sorted(outcome.id for outcome in outcomes) == sorted(ids)
    assert asked(space) == 60


@BOTH
def test_an_id_that_comes_again_takes_no_permit(space: Space, ask: Ask) -> None:
    clock = Clock()  # it stands still, so there are never more permits than the burst
    ids = seed(space, 5)
    outcomes = ask(space, ids * 20, pace=Pace(1, burst=5, clock=clock))
    assert len(outcomes) == 100
    assert asked(space) == 5


@BOTH
def test_outcomes_come_while_the_next_permit_does_not(space: Space, ask: Ask) -> None:
    ids = seed(space, 4)
    cancel = CancelToken()
    seen: list[int] = []

    def note(done: int) -> None:
        seen.append(done)
        if done == 3:
            cancel.cancel()

    outcomes = ask(
        space, ids, pace=Pace(1, burst=3, clock=Clock()), on_progress=note, cancel=cancel
    )
    assert 3 in seen
    errors = [type(outcome.error).__name__ for outcome in outcomes if outcome.error]
    assert errors == ["CallCancelled"]
    assert asked(space) == 3


@BOTH
def test_a_deadline_ends_the_wait_for_a_permit(space: Space, ask: Ask) -> None:
    ids = seed(space, 300)
    pace = Pace(1, burst=2, clock=Clock())
    outcomes = ask(space, ids, pace=pace, deadline=0.2)
    assert len(outcomes) == 300
    assert asked(space) == 2
    drawn: list[str] = []

    def endless() -> Iterator[str]:
        for number in itertools.count():
            drawn.append(f"s-{number}")
            yield drawn[-1]

    outcomes = ask(space, endless(), pace=Pace(1, burst=2, clock=Clock()), deadline=0.2)
    assert sum(outcome.session is not None for outcome in outcomes) == 2
    assert sorted(outcome.id for outcome in outcomes) == sorted(drawn), "one was drawn and waited"


def test_a_table_keeps_to_the_pace_and_tells_how_far_it_is(space: Space) -> None:
    ids = seed(space, 40)
    seen: list[int] = []
    begun = time.monotonic()
    with space.client("ping") as client:
        table = client.probe_table(ids, pace=Pace(200, burst=1), on_progress=seen.append)
    assert time.monotonic() - begun >= 39 / 200
    assert len(table) == 40
    assert len(seen) > 5

    async def ask() -> int:
        async with async_client(space) as client:
            return len(await client.probe_table(ids, pace=Pace(1000)))

    assert asyncio.run(ask()) == 40


@BOTH
def test_a_429_closes_the_pace(space: Space, ask: Ask) -> None:
    ids = seed(space, 30)
    space.faults(script="429(retry-after=1), ok*")

    class Noting(Pace):
        closed: list[float]

        def close_for(self, seconds: float) -> None:
            self.closed.append(seconds)
            super().close_for(seconds)

    pace = Noting(300, burst=1)
    pace.closed = []
    begun = time.monotonic()
    outcomes = ask(space, ids, pace=pace, client_options={"max_retries": 2})
    assert [outcome for outcome in outcomes if outcome.error] == []
    assert time.monotonic() - begun >= 1.0
    assert pace.closed
    assert max(pace.closed) <= 1.0


def test_a_slow_vendor_is_asked_by_as_many_as_there_are_permits_for(space: Space) -> None:
    ids = seed(space, 40)
    space.faults(script="delay(0.2)*")
    begun = time.monotonic()
    outcomes = ask_sync(space, ids, pace=Pace(200, burst=1))
    assert len(outcomes) == 40
    assert time.monotonic() - begun < 40 * 0.2 / 4, "one after the other"


def test_ids_that_cannot_be_sent_take_no_permit(space: Space) -> None:
    bad: list[Any] = [None, 7, [], {}]
    outcomes = ask_sync(space, bad, pace=Pace(1, burst=1, clock=Clock()))
    assert len(outcomes) == 4


def test_the_draw_of_ids_goes_on_where_it_was(space: Space) -> None:
    ids = seed(space, 20)
    drawn: list[str] = []

    def draw() -> Iterator[str]:
        for each in ids:
            drawn.append(each)
            yield each

    outcomes = ask_sync(space, draw(), pace=Pace(500, burst=1), ordered=True)
    assert [outcome.id for outcome in outcomes] == drawn == ids


BAD: list[dict[str, Any]] = [
    {"rate": 0},
    {"rate": -1},
    {"rate": float("nan")},
    {"rate": float("inf")},
    {"rate": "2000"},
    {"rate": True},
    {"rate": 1e7},
    {"rate": 1, "burst": 0},
    {"rate": 1, "burst": 1.5},
    {"rate": 1, "burst": True},
]


@pytest.mark.parametrize("options", BAD, ids=str)
def test_what_is_no_pace_is_refused(options: dict[str, Any]) -> None:
    with pytest.raises(ConfigurationError, match=r"rate|burst"):
        Pace(**options)


def test_a_bulk_refuses_what_is_no_pace(space: Space) -> None:
    with pytest.raises(ConfigurationError, match="pace must be"):
        ask_sync(space, ["s"], pace=2000)
    assert asked(space) == 0


def test_a_pace_is_not_copied_and_its_parts_make_it_up() -> None:
    pace = Pace(1000, 100)
    with pytest.raises(TypeError, match="RedisPace"):
        copy.copy(pace)
    assert repr(pace.share(4)) == "Pace(rate=250, burst=25)"
    assert Pace(1).burst == 1


def test_a_handler_in_the_middle_of_a_take_does_not_hang() -> None:
    asked: list[None] = []

    def clock() -> float:
        asked.append(None)
        if len(asked) == 1:
            assert pace.try_take() == 0.0
        return 1.0

    pace = Pace(10, 2, clock=clock)
    assert [pace.try_take(), pace.try_take()] == [0.0, pytest.approx(0.1)]


def test_a_fork_beside_a_thread_that_takes_does_not_hang() -> None:
    pace = Pace(1e6, burst=1)
    stop = threading.Event()

    def take() -> None:
        while not stop.is_set():
            pace.try_take()

    thread = threading.Thread(target=take)
    thread.start()
    try:
        for _ in range(20):
            child = os.fork()
            if child == 0:
                pace.take()
                os._exit(0)
            assert os.waitpid(child, 0)[1] == 0
    finally:
        stop.set()
        thread.join()


def test_the_core_says_how_long_it_is_closed(space: Space) -> None:
    with space.client("ping") as client:
        bulk: _core.BulkProbe = client._compiled.bulk_probe(1, False)
        assert bulk.closed_for == 0.0
        assert not bulk.is_over
        bulk.close()
