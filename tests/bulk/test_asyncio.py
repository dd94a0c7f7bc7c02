"""One call at a time, awaited: many tasks, many loops, and tasks that are given up."""

from __future__ import annotations

import asyncio
import concurrent.futures
import gc
import threading
import time
from collections.abc import Callable, Coroutine, Iterator
from typing import TYPE_CHECKING, Any

import pytest
from tests.support.asking import (
    ASYNC_CLIENTS,
    asked,
    async_client,
    descriptors,
    last_line,
    run_python,
    seed,
    sockets_to,
)
from tests.support.vendors import VENDORS

from sessionvitals import (
    AuthenticationError,
    CallError,
    ConfigurationError,
    DeadlineExceeded,
    NotFoundError,
    RateLimitError,
    ServerError,
    SessionState,
    _core,
)

if TYPE_CHECKING:
    from tests.support.sandbox import Space

Run = Callable[[Coroutine[Any, Any, Any]], Any]


def run_with_uvloop(work: Coroutine[Any, Any, Any]) -> Any:
    uvloop = pytest.importorskip("uvloop")
    loop = uvloop.new_event_loop()
    try:
        return loop.run_until_complete(work)
    finally:
        loop.run_until_complete(loop.shutdown_asyncgens())
        loop.close()


@pytest.fixture(params=[asyncio.run, run_with_uvloop], ids=["asyncio", "uvloop"])
def run(request: pytest.FixtureRequest) -> Run:
    if request.param is run_with_uvloop:
        pytest.importorskip("uvloop")
    way: Run = request.param
    return way


@pytest.mark.parametrize("provider", ["eliza", "ping", "tiun"])
def test_every_vendor_is_asked_in_its_own_words(space: Space, run: Run, provider: str) -> None:
    state = {"eliza": "active", "ping": "connected", "tiun": "valid"}[provider]
    space.add_session(provider, "here", state)
    vendor = VENDORS[provider]

    async def ask() -> tuple[Any, Any]:
        async with async_client(space, provider) as client:
            return await getattr(client, vendor.operation)("here"), await client.probe("here")

    typed, session = run(ask())
    with space.client(provider) as client:
        awaited = vendor.ask(client, "here")
        assert type(typed) is type(awaited)
        assert typed.session_id == awaited.session_id
    assert session.state is SessionState.ACTIVE
    assert session.call.attempts[0].http_status == 200


def test_gather_asks_for_all_at_once(space: Space, run: Run) -> None:
    ids = seed(space, 200)
    space.faults(script="delay(0.02)*")

    async def ask() -> list[Any]:
        async with async_client(space, max_connections=200) as client:
            begun = time.monotonic()
            sessions = await asyncio.gather(*(client.probe(id_) for id_ in ids))
            assert time.monotonic() - begun < 0.02 * 200, "one after the other"
            return sessions

    assert [session.id for session in run(ask())] == ids


def test_more_tasks_than_connections_wait_their_turn(space: Space, run: Run) -> None:
    ids = seed(space, 300)

    async def ask() -> list[Any]:
        async with async_client(space, max_connections=2) as client:
            sessions = await asyncio.gather(*(client.probe(id_) for id_ in ids))
            assert sockets_to(space.port) - before <= 2
            return sessions

    before = sockets_to(space.port)  # of clients that other tests have left
    assert [session.id for session in run(ask())] == ids


REFUSALS = [
    ("401", AuthenticationError),
    ("404", NotFoundError),
    ("429", RateLimitError),
    ("500", ServerError),
]


@pytest.mark.parametrize(("word", "kind"), REFUSALS)
def test_errors_are_those_of_the_synchronous_client(
    space: Space, run: Run, word: str, kind: type[CallError]
) -> None:
    seed(space, 1)
    space.faults(script=f"{word}*2")

    async def ask() -> CallError:
        async with async_client(space) as client:
            with pytest.raises(kind) as raised:
                await client.session_status("s-0")  # type: ignore[attr-defined]
            return raised.value

    error = run(ask())
    with space.client("ping") as client, pytest.raises(kind) as raised:
        VENDORS["ping"].ask(client, "s-0")
    assert type(error) is type(raised.value)
    assert str(error) == str(raised.value)
    assert error.call is not None
    assert [one.http_status for one in error.call.attempts] == [int(word)]


def test_what_cannot_be_sent_is_raised_where_it_was_asked(space: Space, run: Run) -> None:
    async def ask() -> None:
        async with async_client(space) as client:
            for bad in ("", "..", None, "\ud800"):
                with pytest.raises(ConfigurationError):
                    await client.probe(bad)  # type: ignore[arg-type]
            with pytest.raises(ConfigurationError, match="timeout"):
                await client.probe("s", timeout=0)
        with pytest.raises(ConfigurationError, match="closed"):
            await client.probe("s")

    run(ask())
    assert asked(space) == 0


def test_a_deadline_is_kept(space: Space, run: Run) -> None:
    space.faults(script="stall*")

    async def ask() -> None:
        async with async_client(space) as client:
            with pytest.raises(DeadlineExceeded) as raised:
                await client.probe("s", timeout=0.2)
            assert raised.value.phase == "receive"

    run(ask())


def test_a_deadline_is_kept_in_the_queue_too(space: Space, run: Run) -> None:
    space.faults(script="stall*")

    async def ask() -> None:
        async with async_client(space, max_connections=1) as client:
            first = asyncio.ensure_future(client.probe("s", timeout=5.0))
            await asyncio.sleep(0)
            with pytest.raises(DeadlineExceeded) as raised:
                await client.probe("t", timeout=0.2)
            assert raised.value.phase == "queue"
            first.cancel()

    run(ask())


def test_a_cancelled_task_gives_its_slot_and_socket_back(space: Space, run: Run) -> None:
    seed(space, 1)
    space.faults({"kind": "stall", "times": 99}, scope={"session_id": "stalled"})

    async def ask() -> None:
        of_others = sockets_to(space.port)
        async with async_client(space, max_connections=1) as client:
            for _ in range(5):
                task = asyncio.ensure_future(client.probe("stalled"))
                await asyncio.sleep(0.02)
                task.cancel()
                with pytest.raises(asyncio.CancelledError):
                    await task
                # The only connection there may be: were it kept, this would wait for ever.
                assert (await client.probe("s-0", timeout=5.0)).live
            assert sockets_to(space.port) <= of_others + 1

    run(ask())


def test_a_task_cancelled_in_the_queue_never_asks(space: Space, run: Run) -> None:
    seed(space, 1)
    space.faults({"kind": "stall", "times": 99}, scope={"session_id": "stalled"})

    async def ask() -> None:
        async with async_client(space, max_connections=1) as client:
            stalled = asyncio.ensure_future(client.probe("stalled"))
            await asyncio.sleep(0)
            queued = [asyncio.ensure_future(client.probe("queued")) for _ in range(20)]
            await asyncio.sleep(0)
            for task in [*queued, stalled]:
                task.cancel()
            await asyncio.gather(*queued, stalled, return_exceptions=True)
            assert (await client.probe("s-0", timeout=5.0)).live

    run(ask())
    assert asked(space, session_id="queued") == 0


def test_cancelled_calls_of_short_lived_clients_leave_no_queue(space: Space) -> None:
    seed(space, 1)
    space.faults({"kind": "stall", "times": 999}, scope={"session_id": "stalled"})

    async def ask() -> None:
        for count in range(1, 21):
            async with async_client(space, max_connections=count) as client:
                task = asyncio.ensure_future(client.probe("stalled"))
                await asyncio.to_thread(
                    space.admin, "GET", f"requests/wait?session_id=stalled&at_least={count}"
                )
                task.cancel()
                await asyncio.gather(task, return_exceptions=True)
        async with async_client(space) as client:
            assert (await client.probe("s-0")).live

    asyncio.run(ask())
    assert _core.inspect_queues() == 0


def test_asyncios_own_timeouts_work(space: Space, run: Run) -> None:
    seed(space, 1)
    space.faults({"kind": "stall", "times": 99}, scope={"session_id": "stalled"})

    async def ask() -> None:
        async with async_client(space, max_connections=1) as client:
            with pytest.raises(asyncio.TimeoutError):
                await asyncio.wait_for(client.probe("stalled"), 0.1)
            assert (await client.probe("s-0", timeout=5.0)).live

    run(ask())


def test_one_client_serves_several_loops_one_after_the_other(space: Space, run: Run) -> None:
    ids = seed(space, 20)
    client = async_client(space)

    async def ask() -> list[str]:
        single = await asyncio.gather(*(client.probe(id_) for id_ in ids))
        many = [outcome.id async for outcome in client.probe_many(ids, ordered=True)]
        assert many == ids
        return [session.id for session in single]

    for _ in range(5):
        assert run(ask()) == ids


def test_one_client_serves_several_loops_at_once(space: Space, run: Run) -> None:
    ids = seed(space, 50)
    client = async_client(space, max_connections=8, timeout=30.0)

    async def ask() -> int:
        sessions = await asyncio.gather(*(client.probe(id_) for id_ in ids * 4))
        many = [outcome async for outcome in client.probe_many(ids)]
        return sum(session.live for session in sessions) + len(many)

    with concurrent.futures.ThreadPoolExecutor(4) as workers:
        assert list(workers.map(lambda _: run(ask()), range(8))) == [250] * 8


def test_loops_that_came_and_went_leave_nothing_behind(space: Space, run: Run) -> None:
    ids = seed(space, 5)
    client = async_client(space, max_connections=4)

    async def ask() -> None:
        await asyncio.gather(*(client.probe(id_) for id_ in ids))
        assert len([outcome async for outcome in client.probe_many(ids, concurrency=2)]) == 5
        cancelled = asyncio.ensure_future(read())
        await asyncio.sleep(0)
        cancelled.cancel()
        await asyncio.gather(cancelled, return_exceptions=True)

    async def read() -> None:
        async for _ in client.probe_many(ids):
            pass

    for _ in range(3):
        run(ask())
    gc.collect()
    before, threads_before = descriptors(), threading.active_count()
    for _ in range(20):
        run(ask())
    gc.collect()
    assert descriptors() <= before + 4  # kept-alive connections
    assert threading.active_count() == threads_before


def test_a_loop_closed_with_work_in_flight_hurts_nobody(space: Space) -> None:
    ids = seed(space, 10)
    space.faults({"kind": "delay", "delay": 0.2}, scope={"session_id": "late"})
    client = async_client(space)

    def leave_behind() -> None:
        loop = asyncio.new_event_loop()

        async def begin() -> None:
            tasks = [asyncio.ensure_future(client.probe("late")) for _ in range(10)]
            await asyncio.sleep(0.02)
            for task in tasks:
                task._log_destroy_pending = False  # type: ignore[attr-defined]

        loop.run_until_complete(begin())
        loop.close()

    async def ask() -> list[str]:
        return [session.id for session in await asyncio.gather(*map(client.probe, ids))]

    for _ in range(5):
        leave_behind()
        assert asyncio.run(ask()) == ids
    gc.collect()
    space.admin("GET", "requests/wait?session_id=late&at_least=50&timeout=5")
    assert asyncio.run(ask()) == ids


def test_other_tasks_have_their_turn_while_many_are_probed(space: Space, run: Run) -> None:
    ids = seed(space, 3000)

    async def ask() -> int:
        turns = 0

        async def tick() -> None:
            nonlocal turns
            while True:
                turns += 1
                await asyncio.sleep(0)

        async with async_client(space) as client:
            ticking = asyncio.ensure_future(tick())
            async for _ in client.probe_many(ids):
                pass
            ticking.cancel()
        return turns

    assert run(ask()) > 10


def test_views_carry_the_options_and_share_the_rest(space: Space, run: Run) -> None:
    space.faults(script="stall*")

    async def ask() -> None:
        async with async_client(space) as client:
            view = client.with_options(timeout=0.1)
            assert type(view) is type(client)
            with pytest.raises(DeadlineExceeded):
                await view.probe("s")

    run(ask())


def test_asynchronous_clients_cover_all_vendors() -> None:
    assert sorted(ASYNC_CLIENTS) == sorted(VENDORS)


NO_ASYNCIO = """
import json, sys
import sessionvitals
sessionvitals.PingClient("key", base_url=sys.argv[1])
print(json.dumps("asyncio" in sys.modules))
"""


def test_asyncio_is_not_imported_for_those_who_do_not_use_it() -> None:
    assert last_line(run_python(NO_ASYNCIO, ["http://127.0.0.1:9"])) is False


def test_repr_shows_no_key(space: Space) -> None:
    shown = repr(async_client(space))
    assert shown.startswith("AsyncPingClient(base_url='http://127.0.0.1")
    assert str(VENDORS["ping"].key) not in shown


@pytest.fixture(autouse=True)
def _no_connections_of_the_test_before(mock: Any) -> Iterator[None]:
    """Wait for the connections of the last test's clients to be closed: they go with them."""
    yield
    gc.collect()
