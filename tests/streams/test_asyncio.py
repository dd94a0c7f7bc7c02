"""Streams for asyncio: items, ends, and nothing left on its way after a cancel or a close."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import threading

import pytest
from tests.support.peers import Peer, peer
from tests.support.peers.streaming import END, HEAD, STAYS, session_event, sse, streams

from sessionvitals import (
    AsyncElizaClient,
    AsyncPingClient,
    AuthenticationError,
    CallCancelled,
    CancelToken,
    ConfigurationError,
    PingClient,
    SessionEvent,
    StreamGap,
)

GONE = b"HTTP/1.1 204 No Content\r\n\r\n"


def client(told: Peer) -> AsyncPingClient:
    return AsyncPingClient("a-key", base_url=told.url)


def test_items_come_until_the_end() -> None:
    async def follow(told: Peer) -> list[type]:
        async with client(told).events(reconnect_after=0.001) as events:
            return [type(item) async for item in events]

    turns = [[HEAD, sse(session_event(1)), END], [HEAD, sse(session_event(2)), END], [GONE]]
    with peer(streams(*turns)) as told:
        assert asyncio.run(follow(told)) == [SessionEvent, StreamGap, SessionEvent]


def test_an_error_is_raised_where_the_item_is_awaited() -> None:
    async def follow(told: Peer) -> None:
        async for _ in client(told).events():
            pass

    refused = b"HTTP/1.1 401 No\r\nContent-Length: 0\r\n\r\n"
    with peer(streams([refused])) as told, pytest.raises(AuthenticationError):
        asyncio.run(follow(told))


def test_a_reply_for_asyncio() -> None:
    async def follow(told: Peer) -> list[str]:
        events = AsyncElizaClient(base_url=told.url).stream_message("s", "hi")
        return [event.type async for event in events]

    with peer(streams([HEAD, sse({}, event="done"), STAYS])) as told:
        assert asyncio.run(follow(told)) == ["done"]


async def closed_at(hung_up: threading.Event) -> None:
    """Wait until the peer has seen the end of the connection."""
    assert await asyncio.to_thread(hung_up.wait, 20), "the connection is still open"


@contextlib.contextmanager
def silent_peer():  # type: ignore[no-untyped-def]
    """A stream of one event, and what is set when its client hangs up."""
    hung_up = threading.Event()

    def talk(told: Peer, connection, request: bytes) -> None:  # type: ignore[no-untyped-def]
        connection.sendall(HEAD + sse(session_event(1)))
        with contextlib.suppress(OSError):
            connection.recv(1)
        hung_up.set()

    with peer(talk) as told:
        yield told, hung_up


@pytest.mark.parametrize("how", ["cancel", "aclose", "forget", "token"])
def test_nothing_is_left_on_its_way(how: str) -> None:
    async def follow(told: Peer, hung_up: threading.Event) -> None:
        token = CancelToken()
        events = client(told).events(cancel=token)
        await anext(events)
        task = asyncio.ensure_future(anext(events))
        await asyncio.sleep(0)
        if how == "cancel":
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            with pytest.raises(StopAsyncIteration):
                await anext(events)
        elif how == "token":
            token.cancel()
            with pytest.raises(CallCancelled):
                await task
            await events.aclose()
        elif how == "aclose":
            await events.aclose()
            with pytest.raises(CallCancelled):
                await task
        else:
            task.cancel()
            del events
            await asyncio.gather(task, return_exceptions=True)
            del task
            gc.collect()
        await closed_at(hung_up)

    with silent_peer() as (told, hung_up):
        asyncio.run(follow(told, hung_up))


def test_two_waits_at_once_are_refused() -> None:
    async def follow(told: Peer) -> None:
        events = client(told).events()
        await anext(events)
        waiting = asyncio.ensure_future(anext(events))
        await asyncio.sleep(0)
        with pytest.raises(ConfigurationError, match="one item at a time"):
            await anext(events)
        await events.aclose()
        await asyncio.gather(waiting, return_exceptions=True)

    with silent_peer() as (told, _):
        asyncio.run(follow(told))


def test_no_other_key_is_taken_while_an_item_is_awaited() -> None:
    async def follow(told: Peer) -> None:
        events = client(told).events()
        await anext(events)
        waiting = asyncio.ensure_future(anext(events))
        await asyncio.sleep(0)
        with pytest.raises(ConfigurationError, match="one item at a time"):
            events._opened.compiled.use(client(told)._compiled)
        await events.aclose()
        await asyncio.gather(waiting, return_exceptions=True)

    with silent_peer() as (told, _):
        asyncio.run(follow(told))


def test_a_hundred_streams_in_one_loop() -> None:
    async def one(told: Peer) -> int:
        async with client(told).events() as events:
            item = await anext(events)
            assert isinstance(item, SessionEvent)
            return item.id

    async def follow(told: Peer) -> list[int]:
        return await asyncio.gather(*(one(told) for _ in range(100)))

    with peer(streams([HEAD, sse(session_event(7)), STAYS])) as told:
        assert asyncio.run(follow(told)) == [7] * 100


def test_a_loop_may_end_while_a_stream_is_waited_for() -> None:
    async def follow(told: Peer, hung_up: threading.Event) -> None:
        events = client(told).events()
        await anext(events)
        task = asyncio.ensure_future(anext(events))
        await asyncio.sleep(0)
        assert not task.done()

    with silent_peer() as (told, hung_up):
        asyncio.run(follow(told, hung_up))  # which cancels the task
        assert hung_up.wait(20)


def test_close_from_another_thread_ends_a_wait() -> None:
    with silent_peer() as (told, hung_up):
        events = PingClient("a-key", base_url=told.url).events()
        next(events)
        threading.Timer(0.05, events.close).start()
        with pytest.raises(CallCancelled):
            next(events)
        assert list(events) == []
        assert hung_up.wait(20)


def test_a_block_closes_its_stream() -> None:
    with silent_peer() as (told, hung_up):
        with PingClient("a-key", base_url=told.url).events() as events:
            next(events)
        assert hung_up.wait(20)
        assert list(events) == []
