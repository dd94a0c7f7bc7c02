"""probe_many, by both ways: one deadline, one gate, one window, and nothing left behind."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Iterator
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from tests.support.asking import (
    Ask,
    ask_async,
    ask_sync,
    asked,
    async_client,
    descriptors,
    seed,
    session_of,
    sockets_to,
    threads,
)

from sessionvitals import CallCancelled, CancelToken, DeadlineExceeded, RateLimitError

if TYPE_CHECKING:
    from tests.support.sandbox import Space


@pytest.fixture(params=[ask_sync, ask_async], ids=["sync", "asyncio"])
def ask(request: pytest.FixtureRequest) -> Ask:
    way: Ask = request.param
    return way


def counted(ids: Iterator[str], pulled: list[int]) -> Iterator[str]:
    for id_ in ids:
        pulled[0] += 1
        yield id_


def test_one_deadline_is_for_all_and_what_was_done_is_kept(space: Space, ask: Ask) -> None:
    quick, stalled = seed(space, 40), seed(space, 40, "stalled")
    for id_ in stalled:
        space.faults({"kind": "stall"}, scope={"session_id": id_})
    begun = time.monotonic()
    outcomes = ask(space, [*quick, *stalled, *quick], deadline=0.5, concurrency=16)
    took = time.monotonic() - begun
    assert len(outcomes) == 120
    by_id = {outcome.id: outcome for outcome in outcomes}
    assert all(session_of(by_id[id_]).live for id_ in quick)
    assert {type(by_id[id_].error) for id_ in stalled} == {DeadlineExceeded}
    assert took < 5, "each stalled call had a deadline of its own"


def test_the_clients_own_deadline_is_each_calls(space: Space, ask: Ask) -> None:
    ids = seed(space, 30)
    space.faults({"kind": "stall", "times": 9}, scope={"session_id": ids[0]})
    outcomes = {o.id: o for o in ask(space, ids, client_options={"timeout": 0.3})}
    assert isinstance(outcomes.pop(ids[0]).error, DeadlineExceeded)
    assert all(session_of(outcome).live for outcome in outcomes.values())


def test_a_timeout_is_for_each_id_and_not_for_all(space: Space, ask: Ask) -> None:
    ids = seed(space, 6)
    space.faults({"kind": "stall"}, scope={"session_id": ids[0]})

    outcomes = ask(space, ids, timeout=timedelta(seconds=0.3), concurrency=1, ordered=True)

    assert isinstance(outcomes[0].error, DeadlineExceeded)
    assert "timeout=" in str(outcomes[0].error)
    assert all(outcome.session for outcome in outcomes[1:])


def test_a_generator_is_not_asked_for_more_after_the_deadline(space: Space, ask: Ask) -> None:
    seed(space, 1)
    space.faults(script="stall*")
    pulled = [0]

    def endless() -> Iterator[str]:
        while True:
            yield f"s-{pulled[0]}"

    outcomes = ask(space, counted(endless(), pulled), deadline=0.3, concurrency=4)
    assert len(outcomes) == pulled[0]
    assert {type(outcome.error) for outcome in outcomes} == {DeadlineExceeded}


def test_a_429_makes_all_wait_together_and_none_fails(space: Space, ask: Ask) -> None:
    ids = seed(space, 100)
    space.faults(script="ok*20, 429(retry-after=1)*5, ok*")
    outcomes = ask(space, ids, max_retries=2, concurrency=16)
    assert all(session_of(outcome).live for outcome in outcomes)
    # 16 were on their way when the first was refused: no later one has tried in vain.
    assert asked(space, http_status=429) == 5
    assert asked(space) == 105
    waited = [
        one_attempt.wait_reason
        for outcome in outcomes
        for one_attempt in (session_of(outcome).call or pytest.fail("no report")).attempts
        if one_attempt.wait_reason
    ]
    assert "an earlier 429 asked all calls to wait" in waited


def test_a_429_that_asks_for_longer_than_there_is_fails_all_at_once(space: Space, ask: Ask) -> None:
    ids = seed(space, 50)
    space.faults(script="429(retry-after=30)*")
    begun = time.monotonic()
    outcomes = ask(space, ids, max_retries=2, deadline=3.0, concurrency=4)
    assert time.monotonic() - begun < 2.5
    assert {type(outcome.error) for outcome in outcomes} == {RateLimitError}
    assert asked(space) <= 4


@pytest.mark.parametrize("ordered", [False, True])
def test_a_generator_is_never_pulled_more_than_a_window_ahead(
    space: Space, ask: Ask, ordered: bool
) -> None:
    pulled, done, ahead = [0], [0], [0]

    def note(count: int) -> None:
        done[0] = count

    def ids() -> Iterator[str]:
        for number in range(5000):
            pulled[0] += 1
            ahead[0] = max(ahead[0], pulled[0] - done[0])
            yield f"nobody-{number}"

    outcomes = ask(space, ids(), ordered=ordered, concurrency=8, on_progress=note)
    assert len(outcomes) == 5000
    # A window of 256, and as many again that have been handed over but not yet counted.
    assert ahead[0] <= 512


def test_a_consumer_that_does_not_come_holds_the_generator_back(space: Space) -> None:
    pulled = [0]
    ids = counted((f"nobody-{number}" for number in range(100_000)), pulled)
    with space.client("ping") as client:
        outcomes = client.probe_many(ids, concurrency=4)
        assert pulled[0] == 0, "nothing is pulled before the first outcome is wanted"
        for _ in range(600):
            next(outcomes)
        assert pulled[0] <= 600 + 512


def test_a_slow_loop_holds_the_generator_back(space: Space) -> None:
    pulled = [0]
    ids = counted((f"nobody-{number}" for number in range(100_000)), pulled)

    async def take_some() -> None:
        async with async_client(space) as client:
            outcomes = client.probe_many(ids, concurrency=4)
            for _ in range(600):
                await anext(outcomes)
            before = asked(space)
            assert pulled[0] <= 600 + 512
            assert before <= pulled[0]
            await outcomes.aclose()

    asyncio.run(take_some())


def test_a_consumer_that_stops_early_leaves_nothing_behind(space: Space) -> None:
    ids = seed(space, 2000)
    with space.client("ping", max_connections=4) as client:
        client.probe(ids[0])
        threads_before, descriptors_before = threads(), descriptors()
        for take in (1, 5, 300):
            outcomes = client.probe_many(ids, concurrency=4)
            for _ in range(take):
                next(outcomes)
            outcomes.close()
        assert threads() == threads_before
        assert descriptors() <= descriptors_before + 3  # kept-alive connections, of 4 at most
        # Were a connection still leased, these would have to wait for it in vain.
        assert len(list(client.probe_many(ids[:50], concurrency=4, deadline=5.0))) == 50
        assert client.probe(ids[0], timeout=5.0).live


def test_a_consumer_that_just_forgets_leaves_nothing_behind(space: Space) -> None:
    ids = seed(space, 500)
    of_other_tests = sockets_to(space.port)  # which may keep idle ones to the same mock
    with space.client("ping", max_connections=2) as client:
        for _ in range(20):
            assert session_of(next(iter(client.probe_many(ids, concurrency=2)))).live
        assert client.probe(ids[0], timeout=5.0).live
        assert sockets_to(space.port) <= of_other_tests + 2


def test_an_asynchronous_consumer_that_stops_early_leaves_nothing_behind(space: Space) -> None:
    ids = seed(space, 2000)

    async def stop_early() -> None:
        async with async_client(space, max_connections=4) as client:
            await client.probe(ids[0])
            threads_before, descriptors_before = threads(), descriptors()
            for take in (1, 5, 300):
                outcomes = client.probe_many(ids, concurrency=4)
                for _ in range(take):
                    await anext(outcomes)
                await outcomes.aclose()
            await asyncio.sleep(0)  # the loop may have what was about to deliver the last outcomes
            assert threads() == threads_before
            assert descriptors() <= descriptors_before + 3
            some = [o async for o in client.probe_many(ids[:50], concurrency=4, deadline=5.0)]
            assert len(some) == 50
            assert (await client.probe(ids[0], timeout=5.0)).live

    asyncio.run(stop_early())


def test_a_token_cancels_what_is_left(space: Space) -> None:
    ids = seed(space, 200)
    space.faults({"kind": "stall", "times": 99}, scope={"session_id": ids[100]})
    token = CancelToken()
    done = []
    with space.client("ping") as client:
        begun = time.monotonic()
        for outcome in client.probe_many(ids, cancel=token, concurrency=8):
            done.append(outcome)
            if len(done) == 199:  # all but the stalled one
                token.cancel()
        assert time.monotonic() - begun < 5
        failed = [outcome for outcome in done if outcome.session is None]
        assert [type(outcome.error) for outcome in failed] == [CallCancelled]
        assert len(done) == 200
        assert client.probe(ids[0]).live, "the token was that bulk's, not the client's"


def test_a_token_cancels_from_another_thread(space: Space) -> None:
    ids = seed(space, 64)
    space.faults(script="stall*")
    token = CancelToken()
    timer = threading.Timer(0.2, token.cancel)
    timer.start()
    begun = time.monotonic()
    with space.client("ping") as client:
        outcomes = list(client.probe_many(ids, cancel=token))
    assert time.monotonic() - begun < 5
    assert {type(outcome.error) for outcome in outcomes} == {CallCancelled}
    assert len(outcomes) == 64
    timer.join()


def test_a_token_that_is_cancelled_already_asks_nothing(space: Space) -> None:
    token = CancelToken()
    token.cancel()
    with space.client("ping") as client:
        outcomes = list(client.probe_many(seed(space, 30), cancel=token))
    assert {type(outcome.error) for outcome in outcomes} == {CallCancelled}
    assert asked(space) == 0


def test_several_threads_probe_many_with_one_client(space: Space) -> None:
    ids = seed(space, 300)
    results: list[Any] = []
    with space.client("ping", max_connections=8) as client:

        def ask_all() -> None:
            results.append(len(list(client.probe_many(ids, concurrency=8, deadline=30.0))))

        workers = [threading.Thread(target=ask_all) for _ in range(4)]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
    assert results == [300] * 4
