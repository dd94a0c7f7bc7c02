"""Whatever ends a watch, nothing hangs, and no request is made after it."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest
from tests.support.asking import async_client, seed
from tests.watch.test_watch import EVERY, requests_of

from sessionvitals import (
    SessionState,
    WatchTimeout,
)

if TYPE_CHECKING:
    from tests.support.sandbox import Space


def settle(space: Space) -> int:
    """Return how many requests came, after any that is on its way has."""
    with space.client("ping") as client:
        client.probe("s-0")
    return requests_of(space)


def no_more_requests(space: Space) -> None:
    before = settle(space)
    with contextlib.suppress(WatchTimeout), space.sibling("other").client("ping") as client:
        seed(space.sibling("other"), 1)
        client.wait_for("s-0", SessionState.ENDED, deadline=10 * EVERY, every=EVERY)
    assert requests_of(space) == before


def test_no_request_is_made_after_the_end(space: Space) -> None:
    seed(space, 1)
    with space.client("ping") as client:
        # Their first looks are paced, 20 a second.
        watches = [client.watch("s-0", deadline=None, every=EVERY, until=()) for _ in range(20)]
        for watch in watches:
            next(watch)
        for watch in watches:
            watch.close()
        assert list(watches[0]) == []
        no_more_requests(space)


def test_no_stream_is_opened_and_no_session_asked_for_after_the_end(space: Space) -> None:
    ids = seed(space, 3)
    with space.client("ping") as client:
        options: dict[str, Any] = {"deadline": None, "every": EVERY, "until": (), "rate": 9999}
        watches = [client.watch_many(ids, **options) for _ in range(100)]
        for watch in watches:
            next(watch)
        assert space.sandbox.journal.wait(operation="events", at_least=1)
        for watch in watches:
            watch.close()
        no_more_requests(space)


def test_a_cancelled_task_that_hears_events_ends(space: Space) -> None:
    ids = seed(space, 3)

    async def follow() -> None:
        async with async_client(space) as client:

            async def read(is_heard: asyncio.Event) -> None:
                async with client.watch_many(
                    ids, deadline=None, every=EVERY, until=(), rate=9999
                ) as many:
                    async for _ in many:
                        is_heard.set()

            heard = [asyncio.Event() for _ in range(50)]
            tasks = [asyncio.create_task(read(each)) for each in heard]
            await asyncio.gather(*(each.wait() for each in heard))
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    asyncio.run(follow())
    no_more_requests(space)


def test_a_cancelled_task_and_a_lost_watch_end(space: Space) -> None:
    seed(space, 1)

    async def follow() -> None:
        async with async_client(space) as client:

            async def read() -> None:
                async with client.watch("s-0", deadline=None, every=EVERY, until=()) as watch:
                    async for _ in watch:
                        pass

            tasks = [asyncio.create_task(read()) for _ in range(50)]
            await asyncio.sleep(0.05)
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            lost = client.watch("s-0", deadline=None, every=EVERY, until=())
            await anext(lost)
            del lost

    asyncio.run(follow())
    no_more_requests(space)


def test_a_watch_ends_whose_reader_was_cancelled_and_did_not_close_it(space: Space) -> None:
    seed(space, 1)

    async def follow() -> None:
        async with async_client(space) as client:

            async def read(is_read: asyncio.Event) -> None:
                async for _ in client.watch("s-0", deadline=None, every=EVERY, until=()):
                    is_read.set()

            is_read = asyncio.Event()
            task = asyncio.create_task(read(is_read))
            await is_read.wait()
            await asyncio.sleep(0)
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    asyncio.run(follow())
    gc.collect()
    no_more_requests(space)


def test_a_task_that_reads_comes_to_the_end_when_another_closes_the_watch(space: Space) -> None:
    seed(space, 1)

    async def follow() -> int:
        async with async_client(space) as client:
            watch = client.watch("s-0", deadline=None, until=())

            async def read(is_read: asyncio.Event) -> int:
                seen = 0
                async for _ in watch:
                    seen += 1
                    is_read.set()
                return seen

            is_read = asyncio.Event()
            task = asyncio.create_task(read(is_read))
            await is_read.wait()
            await asyncio.create_task(watch.close())
            # Not by wait_for(), which waits for a cancelled task that never goes on, too.
            done, _ = await asyncio.wait({task}, timeout=10)
            assert done
            return task.result()

    assert asyncio.run(follow()) == 1


def test_another_loop_closes_the_watch_of_a_closed_one(space: Space) -> None:
    seed(space, 1)
    watches: list[Any] = []

    async def read(is_read: asyncio.Event) -> None:
        watches.append(async_client(space).watch("s-0", deadline=None, until=()))
        async for _ in watches[0]:
            is_read.set()

    async def follow() -> None:
        is_read = asyncio.Event()
        reading = asyncio.create_task(read(is_read))
        await is_read.wait()
        await asyncio.sleep(0)
        assert not reading.done()

    loop = asyncio.new_event_loop()
    loop.set_exception_handler(lambda *_: None)  # the task was destroyed while it waited
    loop.run_until_complete(follow())
    loop.close()
    asyncio.run(watches[0].close())
    assert watches[0].outcome == "closed"
    no_more_requests(space)


ENDS = """
import os, signal, sys, threading
from sessionvitals import PingClient
client = PingClient(sys.argv[2], base_url=sys.argv[1])
ids = ["s-0", "s-1", "s-2"]
how = sys.argv[3]
if sys.argv[4] == "events":
    watches = [client.watch_many(ids, deadline=None, every=1, until=(), rate=9999) for _ in range(100)]
else:
    watches = [client.watch("s-0", deadline=None, every=0.02, until=()) for _ in range(20)]
for watch in watches:
    next(watch)
if how == "Ctrl-C":
    threading.Timer(0.1, os.kill, (os.getpid(), signal.SIGINT)).start()
    try:
        for _ in watches[0]:
            pass
    except KeyboardInterrupt:
        print("interrupted")
if how == "fork":
    child = os.fork()
    if child == 0:
        try:
            next(watches[0])
        except Exception as error:
            print(type(error).__name__, flush=True)
        with client.watch("s-0", deadline=60) as own:
            print(next(own).after.state, flush=True)
        sys.exit(0)
    assert os.waitpid(child, 0)[1] == 0
if how == "thread":
    threading.Thread(target=next, args=(watches[0],), daemon=True).start()
"""


@pytest.mark.parametrize("hears", ["looks", "events"])
@pytest.mark.parametrize(
    ("how", "words"),
    [
        ("exit", []),
        ("Ctrl-C", ["interrupted"]),
        ("fork", ["ConfigurationError", "active"]),
        ("thread", []),
    ],
)
def test_a_process_with_open_watches_ends(
    space: Space, how: str, words: list[str], hears: str
) -> None:
    seed(space, 3)
    done = subprocess.run(
        ["env", "--default-signal=INT", sys.executable, "-c", ENDS, space.base_url("ping"),
         "ping-sandbox-key", how, hears],
        text=True, capture_output=True, timeout=60, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stdout.split()) == (0, words), done.stderr
    no_more_requests(space)


ASYNC_ENDS = """
import asyncio, os, signal, sys, threading
from sessionvitals import AsyncPingClient
how = sys.argv[3]
opened = []

async def follow():
    client = AsyncPingClient(sys.argv[2], base_url=sys.argv[1])
    opened.append(client)
    ids = ["s-0", "s-1", "s-2"]
    options = {"deadline": None, "every": 0.02, "until": (), "rate": 9999}
    watches = [client.watch_many(ids, **options) for _ in range(50)]
    watches += [client.watch_many(ids, **options, events="never") for _ in range(50)]
    opened.extend(watches)
    for watch in watches:
        await anext(watch)
    if how == "Ctrl-C":
        threading.Timer(0.1, os.kill, (os.getpid(), signal.SIGINT)).start()
        async for _ in watches[0]:
            pass
    if how == "close":
        await client.close()
    if how == "fork":
        child = os.fork()
        if child == 0:
            os._exit(0 if type(watches[0]).__name__ == "AsyncManyWatch" else 1)
        assert os.waitpid(child, 0)[1] == 0
    if how == "os._exit":
        os._exit(0)
    print("followed")

try:
    asyncio.run(follow())
except KeyboardInterrupt:
    print("interrupted")
"""


@pytest.mark.parametrize(
    ("how", "words"),
    [
        ("the loop's end", ["followed"]),
        ("Ctrl-C", ["interrupted"]),
        ("close", ["followed"]),
        ("fork", ["followed"]),
        ("os._exit", []),
    ],
)
def test_a_loop_with_a_hundred_open_watches_ends(space: Space, how: str, words: list[str]) -> None:
    seed(space, 3)
    done = subprocess.run(
        # Python 3.12 and later warn of os.fork() beside threads.
        ["env", "--default-signal=INT", sys.executable, "-W", "ignore::DeprecationWarning",
         "-c", ASYNC_ENDS, space.base_url("ping"), "ping-sandbox-key", how],
        text=True, capture_output=True, timeout=60, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stdout.split()) == (0, words), done.stderr
    assert done.stderr == ""
    no_more_requests(space)


def raise_stop(_: object) -> bool:
    raise StopIteration


def test_a_function_that_raises_stop_iteration_does_not_end_the_loop(space: Space) -> None:
    seed(space, 1)
    with space.client("ping") as client:
        watch = client.watch("s-0", deadline=5, every=EVERY, until=raise_stop)
        with watch, pytest.raises(RuntimeError, match="until raised StopIteration"):
            list(watch)
        with pytest.raises(RuntimeError, match="until raised StopIteration"):
            client.wait_for("s-0", raise_stop, deadline=5, every=EVERY)


def test_a_function_that_fails_at_the_end_did_not_say_yes(space: Space) -> None:
    space.add_session("ping", "gone", "disconnected")

    def judge(_: object) -> bool:
        raise KeyError("x")

    async def ask() -> str | None:
        async with async_client(space) as client:
            watch = client.watch("gone", deadline=5, every=EVERY, until=judge)
            with pytest.raises(KeyError):
                await watch.__anext__()
            assert [change async for change in watch] == []
            return watch.outcome

    assert asyncio.run(ask()) == "ended"
    with space.client("ping") as client:
        watch = client.watch("gone", deadline=5, every=EVERY, until=judge)
        with pytest.raises(KeyError):
            next(watch)
        assert (list(watch), watch.outcome) == ([], "ended")
