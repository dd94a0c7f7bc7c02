"""A loop that is closed over calls, bulks and watches on their way is freed, with all its tasks."""

from __future__ import annotations

import asyncio
import gc
import weakref
from typing import TYPE_CHECKING, Any

import pytest
from tests.support.asking import async_client, seed

from sessionvitals import CancelToken, observing

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from tests.support.sandbox import Space

    from sessionvitals._async.client import AsyncClient

    Way = Callable[[AsyncClient], Coroutine[Any, Any, object]]


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
        client = async_client(space)
        task = asyncio.create_task(begin(client))
        wait = "requests/wait?session_id=stalled&at_least=1"
        await asyncio.to_thread(space.admin, "GET", wait)
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
    space.faults({"kind": "stall", "times": 999}, scope={"session_id": "stalled"})
    seed(space, 1)
    kept = close_over(space, begin)
    asyncio.run(async_client(space).probe("s-0"))
    gc.collect()  # the tasks, and then the loop, which they led to
    gc.collect()
    assert [reference() for reference in kept] == [None, None]
