"""A call is a coroutine like any other: tasks of every kind await it, end it and are gone on with."""

from __future__ import annotations

import asyncio
import contextvars
import gc
import inspect
import logging
import sys
import weakref
from typing import TYPE_CHECKING, Any

import pytest
from tests.support.asking import asked, async_client, seed

from sessionvitals import AsyncPingClient, CancelToken, NotFoundError, _core, observing

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from tests.support.sandbox import Space

    from sessionvitals._async.client import AsyncClient

    Way = Callable[[AsyncClient], Coroutine[Any, Any, object]]


def stall(space: Space) -> None:
    space.faults({"kind": "stall", "times": 999}, scope={"session_id": "stalled"})


async def until_stalled(space: Space, count: int) -> None:
    wait = f"requests/wait?session_id=stalled&at_least={count}"
    await asyncio.to_thread(space.admin, "GET", wait)


def test_a_call_is_a_coroutine(space: Space) -> None:
    client = async_client(space)
    call = client.probe("s-0")
    assert inspect.iscoroutinefunction(client.probe)
    assert inspect.iscoroutine(call)
    assert asyncio.iscoroutine(call)
    calls = [call]
    del call
    with pytest.warns(RuntimeWarning, match="never awaited"):
        calls.clear()
    assert asked(space) == 0


def test_tasks_of_every_kind_get_their_answers(space: Space) -> None:
    ids = seed(space, 4)

    async def ask() -> list[str]:
        async with async_client(space) as client:
            task = asyncio.create_task(client.probe(ids[0]))
            python_task = asyncio.tasks._PyTask(client.probe(ids[1]))  # type: ignore[attr-defined]
            shielded = asyncio.shield(client.probe(ids[2]))
            waited = await asyncio.wait_for(client.probe(ids[3]), 10)
            done, _ = await asyncio.wait([task, python_task, shielded])
            return sorted([waited.id, *(one.result().id for one in done)])

    assert asyncio.run(ask()) == ids
    assert asyncio.run(ask(), debug=True) == ids


def test_an_error_is_raised_where_it_is_awaited_by_tasks_of_every_kind(space: Space) -> None:
    async def ask() -> None:
        async with async_client(space) as client:
            assert isinstance(client, AsyncPingClient)
            for make in (asyncio.create_task, asyncio.tasks._PyTask):  # type: ignore[attr-defined]
                with pytest.raises(NotFoundError) as raised:
                    await make(client.session_status("gone"))
                assert "session_status" in [entry.name for entry in raised.traceback]

    asyncio.run(ask())


def test_a_task_goes_on_in_its_own_context(space: Space) -> None:
    ids = seed(space, 20)
    name = contextvars.ContextVar("name", default="none")

    async def ask() -> None:
        async with async_client(space) as client:

            async def one(id_: str) -> tuple[str, str, bool]:
                name.set(id_)
                session = await client.probe(id_)
                return name.get(), session.id, asyncio.current_task() is not None

            seen = await asyncio.gather(*map(one, ids))
            assert seen == [(id_, id_, True) for id_ in ids]
            assert name.get() == "none"
            # Two tasks of one context, which both wait at once.
            if sys.version_info >= (3, 11):
                shared = contextvars.copy_context()
                tasks = [asyncio.create_task(client.probe(id_), context=shared) for id_ in ids]
                assert [session.id for session in await asyncio.gather(*tasks)] == ids

    asyncio.run(ask())


def test_a_cancelled_task_says_why(space: Space) -> None:
    stall(space)

    async def ask() -> None:
        async with async_client(space) as client:
            task = asyncio.create_task(client.probe("stalled"))
            await until_stalled(space, 1)
            assert task.cancel("no use")
            with pytest.raises(asyncio.CancelledError) as raised:
                await task
            if sys.version_info >= (3, 11):
                assert raised.value.args == ("no use",)
            assert not task.cancel()

    asyncio.run(ask())


def test_a_task_that_another_ends_in_the_same_round_is_cancelled(space: Space) -> None:
    ids = seed(space, 30)

    async def ask() -> None:
        async with async_client(space) as client:
            tasks: list[asyncio.Task[Any]] = []

            async def first_one(id_: str) -> str:
                await client.probe(id_)
                for task in tasks:
                    if task is not asyncio.current_task():
                        task.cancel()
                return id_

            tasks += [asyncio.create_task(first_one(id_)) for id_ in ids]
            ends = await asyncio.gather(*tasks, return_exceptions=True)
            answered = [end for end in ends if isinstance(end, str)]
            assert len(answered) == 1
            assert sum(isinstance(end, asyncio.CancelledError) for end in ends) == 29

    asyncio.run(ask())


@pytest.mark.parametrize("way", ["close", "throw"])
def test_a_coroutine_that_is_ended_ends_its_call(space: Space, way: str) -> None:
    seed(space, 1)
    stall(space)

    async def ask() -> None:
        async with async_client(space, max_connections=1) as client:
            call = client.probe("stalled")
            pending = call.send(None)
            await until_stalled(space, 1)
            if way == "close":
                call.close()
            else:
                with pytest.raises(LookupError, match="enough"):
                    call.throw(LookupError("enough"))
            assert pending.done()
            # The only connection there may be: were it kept, this would wait for ever.
            assert (await client.probe("s-0", timeout=5.0)).live

    asyncio.run(ask())


def test_what_asyncio_lets_through_costs_no_other_task_its_answer(space: Space) -> None:
    ids = seed(space, 20)
    loop = asyncio.new_event_loop()
    client = async_client(space)

    async def one(id_: str) -> str:
        session = await client.probe(id_)
        if id_ in ids[3:6]:
            raise KeyboardInterrupt(id_)
        return session.id

    tasks = [loop.create_task(one(id_)) for id_ in ids]
    interrupted = 0
    while True:
        try:
            loop.run_until_complete(asyncio.wait(tasks))
            break
        except KeyboardInterrupt:
            interrupted += 1
    loop.run_until_complete(loop.shutdown_asyncgens())
    loop.close()
    assert 1 <= interrupted <= 3
    assert [task.exception() is None for task in tasks] == [id_ not in ids[3:6] for id_ in ids]


def test_ctrl_c_in_a_question_of_logging_costs_no_task_its_answer(
    space: Space, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = seed(space, 3)
    logger = logging.getLogger("sessionvitals")
    level = logger.getEffectiveLevel()
    first = iter([True])

    def interrupted() -> int:
        if next(first, False):
            raise KeyboardInterrupt
        return level

    async def ask() -> list[str]:
        async with async_client(space) as client:
            return [session.id for session in await asyncio.gather(*map(client.probe, ids))]

    monkeypatch.setattr(logger, "getEffectiveLevel", interrupted)
    logger.manager._clear_cache()  # type: ignore[attr-defined]
    loop = asyncio.new_event_loop()
    task = loop.create_task(ask())
    with pytest.raises(KeyboardInterrupt):
        loop.run_until_complete(task)
    assert loop.run_until_complete(asyncio.wait_for(task, 60)) == ids
    loop.close()


def test_a_task_nobody_holds_gets_its_answer(space: Space) -> None:
    seed(space, 1)
    space.faults({"kind": "delay", "delay": 0.1}, scope={"session_id": "s-0"})

    async def ask() -> None:
        answered = asyncio.Event()
        async with async_client(space) as client:

            async def one() -> None:
                await client.probe("s-0")
                answered.set()

            held = weakref.ref(asyncio.create_task(one()))
            await asyncio.sleep(0)
            gc.collect()
            assert held() is not None
            await asyncio.wait_for(answered.wait(), 10)

    asyncio.run(ask())


def test_an_answer_is_awaited_once(space: Space) -> None:
    seed(space, 1)

    async def ask() -> None:
        loop = asyncio.get_running_loop()
        inbox = _core.Inbox(loop)
        loop.add_reader(inbox.descriptor, inbox.deliver)
        pending: Any = async_client(space)._compiled.begin_probe(inbox, "s-0")
        assert asyncio.isfuture(pending)
        assert pending.get_loop() is loop
        with pytest.raises(asyncio.InvalidStateError):
            pending.result()
        first = asyncio.ensure_future(pending)
        assert first is pending
        assert (await pending).id == pending.result().id == (await pending).id
        assert pending.exception() is None
        assert not pending.cancel()
        loop.remove_reader(inbox.descriptor)

    asyncio.run(ask())


async def begin_call(client: AsyncClient) -> object:
    return await client.probe("stalled")


async def begin_call_with_token(client: AsyncClient) -> object:
    return await client.probe("stalled", cancel=CancelToken())


async def begin_shared_call(client: AsyncClient) -> object:
    return await client.probe("stalled", max_age=1)


async def begin_bulk(client: AsyncClient) -> object:
    return [outcome async for outcome in client.probe_many(["stalled"])]


async def begin_watch(client: AsyncClient) -> object:
    return [change async for change in client.watch("stalled", deadline=60)]


def close_over(space: Space, begin: Way) -> list[weakref.ref[Any]]:
    async def run() -> list[weakref.ref[Any]]:
        task = asyncio.create_task(begin(async_client(space)))
        await until_stalled(space, 1)
        # The collector goes by what is held first, and so frees what a task awaits before the task.
        held = getattr(task.get_coro(), "cr_await", None)
        gc.collect()
        del held
        return [weakref.ref(task), weakref.ref(asyncio.get_running_loop())]

    loop = asyncio.new_event_loop()
    loop.set_exception_handler(lambda *_: None)  # the task was destroyed while it waited
    kept = loop.run_until_complete(run())
    loop.run_until_complete(loop.shutdown_default_executor())
    loop.close()
    return kept


@pytest.mark.parametrize("is_recorded", [False, True])
@pytest.mark.parametrize(
    "begin", [begin_call, begin_call_with_token, begin_shared_call, begin_bulk, begin_watch]
)
def test_a_loop_that_was_closed_is_freed(
    space: Space, begin: Way, is_recorded: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if is_recorded:
        observer = pytest.importorskip("sessionvitals.telemetry.observer")
        monkeypatch.setattr(observing, "observer", observer.Observer(None, propagates=False))
    stall(space)
    seed(space, 1)
    kept = close_over(space, begin)
    asyncio.run(async_client(space).probe("s-0"))
    gc.collect()  # the tasks, and then the loop, which they led to
    gc.collect()
    assert [reference() for reference in kept] == [None, None]


def run_nested(loop: Any, future: asyncio.Future[Any]) -> None:
    """Run the loop within one of its tasks, as nest_asyncio does for notebooks."""
    task = asyncio.current_task()
    asyncio.tasks._leave_task(loop, task)  # type: ignore[arg-type]
    try:
        for _ in range(1000):
            if future.done():
                return
            loop.call_later(0.005, int)
            loop._run_once()
    finally:
        asyncio.tasks._enter_task(loop, task)  # type: ignore[arg-type]


def test_a_task_that_runs_the_loop_itself_keeps_no_answer_from_the_others(space: Space) -> None:
    ids = seed(space, 30)

    async def ask() -> tuple[int, int]:
        loop = asyncio.get_running_loop()
        async with async_client(space) as client:
            others: list[asyncio.Task[Any]] = []

            async def first() -> int:
                await client.probe(ids[0])
                run_nested(loop, asyncio.gather(*others))
                return sum(other.done() for other in others)

            task = loop.create_task(first())
            others += [loop.create_task(client.probe(each)) for each in ids[1:]]
            await asyncio.sleep(0)
            space.sandbox.journal.wait(at_least=30)  # with this loop standing still
            return await task, len(others)

    done, count = asyncio.run(ask())
    assert done == count
