"""max_age: equal probes share one request, and an answer that came a moment ago."""

from __future__ import annotations

import asyncio
import concurrent.futures
import threading
import time
from typing import TYPE_CHECKING, Any

import pytest
from tests.support.asking import asked, async_client, seed
from tests.support.vendors import VENDORS

from sessionvitals import (
    CallCancelled,
    CancelToken,
    Client,
    ConfigurationError,
    DeadlineExceeded,
    ServerError,
    single_flight,
)

if TYPE_CHECKING:
    from tests.support.sandbox import Space


def at_once(count: int, work: Any) -> list[Any]:
    """Run the work in that many threads at once; return results, or the errors in their place."""
    with concurrent.futures.ThreadPoolExecutor(count) as workers:
        futures = [workers.submit(work) for _ in range(count)]
        return [future.exception() or future.result() for future in futures]


def slow(space: Space, seconds: float, times: int = 99) -> None:
    space.faults({"kind": "delay", "delay": seconds, "times": times})


def wait_until_asked(client: Client, session_id: str) -> None:
    end = time.monotonic() + 5
    while session_id not in client._recent:
        assert time.monotonic() < end
        time.sleep(0.001)


def test_every_probe_is_a_request_of_its_own_unless_asked(space: Space) -> None:
    seed(space, 1)
    slow(space, 0.2)
    with space.client("ping") as client:
        assert len(at_once(5, lambda: client.probe("s-0"))) == 5
        client.probe("s-0")
    assert asked(space) == 6


def test_equal_probes_at_once_share_one_request(space: Space) -> None:
    seed(space, 1)
    slow(space, 0.4)
    with space.client("ping") as client:
        sessions = at_once(8, lambda: client.probe("s-0", max_age=30))
    assert asked(space) == 1
    assert all(session.live for session in sessions)


def test_equal_awaited_probes_share_one_request(space: Space) -> None:
    seed(space, 1)
    slow(space, 0.2)

    async def ask() -> list[Any]:
        async with async_client(space) as client:
            return await asyncio.gather(*(client.probe("s-0", max_age=30) for _ in range(50)))

    assert all(session.live for session in asyncio.run(ask()))
    assert asked(space) == 1


def test_an_answer_is_reused_until_it_is_too_old(
    space: Space, monkeypatch: pytest.MonkeyPatch
) -> None:
    seed(space, 1)
    now = [1000.0]
    monkeypatch.setattr(single_flight, "monotonic", lambda: now[0])
    with space.client("ping") as client:
        first = client.probe("s-0", max_age=5)
        now[0] += 5
        assert client.probe("s-0", max_age=5) is first
        assert asked(space) == 1
        now[0] += 0.1
        assert client.probe("s-0", max_age=5) is not first
        assert asked(space) == 2
        client.probe("s-0", max_age=0)
        assert asked(space) == 2, "the clock stood still: it is 0 seconds old"
        client.probe("s-0")
        assert asked(space) == 3, "who names no age gets a new one"


def test_age_counts_from_when_it_was_asked(space: Space, monkeypatch: pytest.MonkeyPatch) -> None:
    seed(space, 1)
    slow(space, 0.3, times=1)
    now = [1000.0]
    monkeypatch.setattr(single_flight, "monotonic", lambda: now[0])
    with space.client("ping") as client:
        thread = threading.Thread(target=lambda: client.probe("s-0", max_age=5))
        thread.start()
        wait_until_asked(client, "s-0")
        now[0] += 6
        client.probe("s-0", max_age=5)
        thread.join()
    assert asked(space) == 2, "what was asked 6 seconds ago is too old, though it is on its way"


def test_views_share_answers_and_other_clients_do_not(space: Space) -> None:
    seed(space, 1)
    with space.client("ping") as client, space.client("ping") as other:
        client.probe("s-0", max_age=30)
        client.with_options(timeout=5).probe("s-0", max_age=30)
        assert asked(space) == 1
        other.probe("s-0", max_age=30)
        assert asked(space) == 2


def test_answers_never_cross_credentials(space: Space) -> None:
    seed(space, 1)
    with space.client("ping") as client:
        assert client.probe("s-0", max_age=30).live
    with (
        VENDORS["ping"].open(space.base_url("ping"), "wrong", "raw", max_retries=0) as other,
        pytest.raises(Exception, match="401"),
    ):
        other.probe("s-0", max_age=30)


def test_tiun_is_asked_every_time_unless_told_otherwise(space: Space) -> None:
    space.add_session("tiun", "reader", "valid")
    with space.client("tiun") as client:
        with pytest.raises(ConfigurationError, match="reuse_patch"):
            client.probe("reader", max_age=30)
        assert asked(space) == 0
        for _ in range(3):
            assert client.probe("reader", max_age=30, reuse_patch=True).live
        assert asked(space) == 1

    async def ask() -> None:
        async with async_client(space, "tiun") as client:
            with pytest.raises(ConfigurationError, match="reuse_patch"):
                await client.probe("reader", max_age=30)

    asyncio.run(ask())


@pytest.mark.parametrize("bad", [-1, float("nan"), 86_401, "5", True, 10**400])
def test_an_age_that_is_none_is_said(space: Space, bad: Any) -> None:
    with space.client("ping") as client, pytest.raises(ConfigurationError, match="max_age"):
        client.probe("s-0", max_age=bad)


def test_an_error_is_nobody_elses(space: Space) -> None:
    seed(space, 1)
    space.faults({"kind": "status", "http_status": 500, "delay": 0.4, "times": 1})
    with space.client("ping") as client:
        outcomes = at_once(5, lambda: client.probe("s-0", max_age=30))
        failed = [outcome for outcome in outcomes if isinstance(outcome, Exception)]
        assert [type(error) for error in failed] == [ServerError]
        assert sum(outcome.live for outcome in outcomes if outcome not in failed) == 4


def first_and_second(client: Client, first: Any, second: Any) -> tuple[Any, Any]:
    """Run the first, and the second once the first is on its way."""
    with concurrent.futures.ThreadPoolExecutor(2) as workers:
        one = workers.submit(first)
        wait_until_asked(client, "s-0")
        two = workers.submit(second)
        return (one.exception() or one.result(), two.exception() or two.result())


def test_the_deadline_of_who_asked_does_not_fail_who_waits(space: Space) -> None:
    seed(space, 1)
    slow(space, 1.0, times=1)
    with space.client("ping") as client:
        one, two = first_and_second(
            client,
            lambda: client.probe("s-0", max_age=30, timeout=0.4),
            lambda: client.probe("s-0", max_age=30, timeout=8),
        )
    assert isinstance(one, DeadlineExceeded)
    assert two.live


def test_the_deadline_of_who_waits_is_its_own(space: Space) -> None:
    seed(space, 1)
    slow(space, 1.0)
    with space.client("ping") as client:
        one, two = first_and_second(
            client,
            lambda: client.probe("s-0", max_age=30, timeout=8),
            lambda: client.with_options(timeout=0.2).probe("s-0", max_age=30),
        )
    assert one.live
    assert isinstance(two, DeadlineExceeded)
    assert two.phase == "queue"
    assert asked(space) == 1


def test_the_cancel_of_who_asked_does_not_fail_who_waits(space: Space) -> None:
    seed(space, 1)
    slow(space, 1.0, times=1)
    token = CancelToken()
    threading.Timer(0.5, token.cancel).start()
    with space.client("ping") as client:
        one, two = first_and_second(
            client,
            lambda: client.probe("s-0", max_age=30, cancel=token),
            lambda: client.probe("s-0", max_age=30),
        )
    assert isinstance(one, CallCancelled)
    assert two.live


def test_the_cancel_of_who_waits_is_its_own(space: Space) -> None:
    seed(space, 1)
    slow(space, 1.0)
    token = CancelToken()
    threading.Timer(0.4, token.cancel).start()
    with space.client("ping") as client:
        view = client.with_options(cancel=token)
        one, two = first_and_second(
            client,
            lambda: client.probe("s-0", max_age=30),
            lambda: view.probe("s-0", max_age=30),
        )
    assert one.live
    assert isinstance(two, CallCancelled)


def test_a_cancelled_task_fails_no_other(space: Space) -> None:
    seed(space, 1)
    slow(space, 0.3, times=1)

    async def ask() -> None:
        async with async_client(space) as client:
            tasks = [asyncio.ensure_future(client.probe("s-0", max_age=30)) for _ in range(5)]
            await asyncio.sleep(0.05)
            tasks[0].cancel()  # who asked
            tasks[1].cancel()  # who waits
            outcomes = await asyncio.gather(*tasks, return_exceptions=True)
            assert [type(one) for one in outcomes[:2]] == [asyncio.CancelledError] * 2
            assert all(not isinstance(one, BaseException) for one in outcomes[2:])
            slow(space, 1.0, times=1)
            with pytest.raises(DeadlineExceeded):
                await asyncio.gather(
                    client.probe("t", max_age=30), client.probe("t", max_age=30, timeout=0.1)
                )

    asyncio.run(ask())


def test_who_waits_for_a_call_that_is_given_up_shares_another(space: Space) -> None:
    seed(space, 1)
    slow(space, 0.5, times=2)

    async def ask() -> None:
        async with async_client(space) as client:
            tasks = [asyncio.ensure_future(client.probe("s-0", max_age=30)) for _ in range(10)]
            await asyncio.sleep(0)  # all have begun, and the first asks
            tasks[0].cancel()
            first, *others = await asyncio.gather(*tasks, return_exceptions=True)
            assert isinstance(first, asyncio.CancelledError)
            assert all(each is others[0] for each in others)

    asyncio.run(ask())
    assert asked(space) <= 2


def test_threads_that_wait_for_a_call_that_is_given_up_share_another(space: Space) -> None:
    seed(space, 1)
    slow(space, 2.0, times=1)
    token = CancelToken()
    with space.client("ping") as client, concurrent.futures.ThreadPoolExecutor(6) as pool:
        first = pool.submit(client.probe, "s-0", max_age=30, cancel=token)
        wait_until_asked(client, "s-0")
        others = [pool.submit(client.probe, "s-0", max_age=30) for _ in range(5)]
        end = time.monotonic() + 5
        while len(client._recent["s-0"].wakers) < 5:
            assert time.monotonic() < end
            time.sleep(0.001)
        token.cancel()
        assert isinstance(first.exception(), CallCancelled)
        assert len({id(each.result()) for each in others}) == 1
    assert asked(space) <= 2


def test_a_task_that_gives_up_waiting_disturbs_nobody(space: Space) -> None:
    seed(space, 1)
    slow(space, 0.3, times=1)

    async def ask() -> None:
        async with async_client(space) as client:
            tasks = [asyncio.ensure_future(client.probe("s-0", max_age=30)) for _ in range(3)]
            await asyncio.sleep(0.05)
            tasks[1].cancel()
            first, given_up, last = await asyncio.gather(*tasks, return_exceptions=True)
            assert isinstance(given_up, asyncio.CancelledError)
            assert first is last

    asyncio.run(ask())
    assert asked(space) == 1


def test_threads_and_loops_share_too(space: Space) -> None:
    seed(space, 1)
    slow(space, 0.4, times=1)
    client = async_client(space)
    synchronous = VENDORS["ping"].client(space.base_url("ping"))
    synchronous._recent = client._recent

    async def ask() -> Any:
        return await client.probe("s-0", max_age=30)

    one, two = first_and_second(
        synchronous, lambda: synchronous.probe("s-0", max_age=30), lambda: asyncio.run(ask())
    )
    assert one is two
    assert asked(space) == 1


def test_a_thread_never_waits_for_a_call_of_its_own(space: Space) -> None:
    seed(space, 1)
    slow(space, 0.3, times=1)

    async def ask() -> None:
        async with async_client(space) as client:
            task = asyncio.ensure_future(client.probe("s-0", max_age=30))
            await asyncio.sleep(0)  # the task has begun its call
            synchronous = VENDORS["ping"].client(space.base_url("ping"))
            synchronous._recent = client._recent
            assert synchronous.probe("s-0", max_age=30, timeout=5).live
            assert not task.done()
            assert (await task).live

    asyncio.run(ask())
    assert asked(space) == 2


def test_no_more_answers_are_kept_than_a_bound(
    space: Space, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(single_flight, "MAX_KEPT", 10)
    with space.client("ping") as client:
        for number in range(50):
            client.probe(f"nobody-{number}", max_age=30)
        assert len(client._recent) <= 10
        client.probe("nobody-49", max_age=30)
        assert asked(space) == 50


def test_bad_ids_are_refused_as_ever(space: Space) -> None:
    with space.client("ping") as client:
        bad_ids: list[Any] = ["", "..", None, [], "\ud800"]
        for bad in bad_ids:
            with pytest.raises(ConfigurationError):
                client.probe(bad, max_age=30)
        assert client._recent == {}
    with pytest.raises(ConfigurationError, match="closed"):
        client.probe("s", max_age=30)


@pytest.mark.parametrize("is_closed", [True, False])
def test_a_loop_that_does_not_run_leaves_no_call_to_wait_for(space: Space, is_closed: bool) -> None:
    seed(space, 1)
    space.faults({"kind": "stall"})
    client = async_client(space)
    loop = asyncio.new_event_loop()
    loop.set_exception_handler(lambda *_: None)  # the task was destroyed while it waited
    begun = []

    async def begin() -> None:
        begun.append(asyncio.create_task(client.probe("s-0", max_age=60)))
        await asyncio.to_thread(space.admin, "GET", "requests/wait?session_id=s-0&at_least=1")

    loop.run_until_complete(begin())
    loop.run_until_complete(loop.shutdown_default_executor())
    if is_closed:
        loop.close()
    assert asyncio.run(client.probe("s-0", max_age=60)).live
    if not is_closed:
        begun[0].cancel()
        loop.run_until_complete(asyncio.wait(begun))
        loop.close()


def test_a_task_waits_for_no_call_of_a_loop_that_is_closed(space: Space) -> None:
    seed(space, 1)
    space.faults({"kind": "stall"})
    client = async_client(space, timeout=2.0)
    loop = asyncio.new_event_loop()
    loop.set_exception_handler(lambda *_: None)  # the task was destroyed while it waited
    begun, waits = [], threading.Event()

    async def begin() -> None:
        begun.append(asyncio.create_task(client.probe("s-0", max_age=60)))
        await asyncio.to_thread(space.admin, "GET", "requests/wait?session_id=s-0&at_least=1")
        await asyncio.to_thread(waits.wait)

    async def wait() -> bool:
        waiter = asyncio.create_task(client.probe("s-0", max_age=60))
        while not client._recent["s-0"].wakers:
            await asyncio.sleep(0)
        waits.set()
        return (await waiter).live

    def own() -> None:
        loop.run_until_complete(begin())
        loop.run_until_complete(loop.shutdown_default_executor())
        loop.close()

    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        pool.submit(own)
        space.admin("GET", "requests/wait?session_id=s-0&at_least=1")
        assert asyncio.run(wait())
    assert asked(space) == 2
