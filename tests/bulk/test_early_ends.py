"""What ends many calls early: what is answered all the same, and what goes on no longer."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest
from tests.support.asking import asked, async_client, seed

from sessionvitals import ConfigurationError, DeadlineExceeded, Outcome

if TYPE_CHECKING:
    from tests.support.sandbox import Space


told: list[int] = []


def fail(done: int) -> None:
    told.append(done)
    raise LookupError("the bar is gone")


def test_progress_that_fails_costs_no_outcome(space: Space) -> None:
    ids = seed(space, 50)
    given: list[Outcome] = []
    with space.client("ping") as client, pytest.raises(LookupError, match="the bar is gone"):
        given.extend(client.probe_many(ids, on_progress=fail))
    # extend() takes each as it comes.
    assert len(given) == told[-1] >= 1


def test_progress_that_fails_costs_no_outcome_of_asyncio(space: Space) -> None:
    ids = seed(space, 50)
    given: list[Outcome] = []

    async def ask() -> None:
        async with async_client(space) as client:
            async for outcome in client.probe_many(ids, on_progress=fail):
                given.append(outcome)

    with pytest.raises(LookupError, match="the bar is gone"):
        asyncio.run(ask())
    assert len(given) == told[-1] >= 1


def test_a_table_whose_progress_fails_is_on_the_exception(space: Space) -> None:
    ids = seed(space, 50)
    with space.client("ping") as client, pytest.raises(LookupError) as raised:
        client.probe_table(ids, on_progress=fail)
    assert len(raised.value.outcome_table) >= told[-1] >= 1  # type: ignore[attr-defined]


def test_a_cancelled_table_draws_no_more_ids(space: Space) -> None:
    drawn: list[int] = []
    has_drawn, may_draw, has_ended = (threading.Event() for _ in range(3))

    def ids() -> Iterator[str]:
        for number in range(300):
            time.sleep(0.002)  # a source that is slow, as the bulk judges it
            drawn.append(number)
            if number == 3:
                has_drawn.set()
                may_draw.wait(10)
            yield "s-0"
        has_ended.set()

    async def ask() -> None:
        async with async_client(space) as client:
            table = asyncio.ensure_future(client.probe_table(ids()))
            await asyncio.to_thread(has_drawn.wait, 10)
            table.cancel()
            await asyncio.wait({table})
            may_draw.set()

    asyncio.run(ask())
    for thread in threading.enumerate():
        if thread.name.startswith("sessionvitals-table"):
            thread.join(10)
    assert len(drawn) <= 5
    assert not has_ended.is_set()


def test_a_table_needs_no_thread_of_the_loops_executor(space: Space) -> None:
    seed(space, 1)
    may_end = threading.Event()

    async def ask() -> int:
        loop = asyncio.get_running_loop()
        for _ in range(64):  # more than it has threads
            loop.run_in_executor(None, may_end.wait, 10)
        try:
            async with async_client(space) as client:
                return len(await asyncio.wait_for(client.probe_table(["s-0"]), 5))
        finally:
            may_end.set()

    assert asyncio.run(ask()) == 1


def test_a_deadline_counts_from_the_call(space: Space) -> None:
    seed(space, 1)

    async def ask() -> list[Outcome]:
        async with async_client(space) as client:
            outcomes = client.probe_many(["s-0"], deadline=0.001)
            await asyncio.sleep(0.01)
            return [outcome async for outcome in outcomes]

    with space.client("ping") as client:
        waiting = client.probe_many(["s-0"], deadline=0.001)
        time.sleep(0.01)
        late = list(waiting)
    for (outcome,) in (late, asyncio.run(ask())):
        assert isinstance(outcome.error, DeadlineExceeded)
    assert asked(space) == 0


@pytest.mark.parametrize(
    "deadline",
    [10**400, float("inf"), float("nan"), 0, -1, True, "1"],
    ids=["huge", "inf", "nan", "zero", "negative", "bool", "text"],
)
def test_what_is_no_deadline_is_refused_in_both_faces(space: Space, deadline: Any) -> None:
    async def ask() -> None:
        async with async_client(space) as client:
            async for _ in client.probe_many(["s-0"], deadline=deadline):
                pass

    with space.client("ping") as client, pytest.raises(ConfigurationError, match="deadline"):
        list(client.probe_many(["s-0"], deadline=deadline))
    with pytest.raises(ConfigurationError, match="deadline"):
        asyncio.run(ask())
