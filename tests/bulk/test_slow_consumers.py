"""A consumer that takes its time, and ids that do: no answer that came is lost, nobody starves."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest
from tests.support.asking import asked, async_client, run_python, seed, session_of, sockets_to
from tests.support.peers import KEEP_OPEN, Peer, answer, peer

from sessionvitals import DeadlineExceeded, Outcome, PingClient

if TYPE_CHECKING:
    import socket

    from tests.support.sandbox import Space

CONNECTED = answer(b'{"client_id": "c", "status": "connected"}')
#: A call's own time in these tests, and what a consumer is busy for: longer.
TIMEOUT, BUSY = 0.3, 0.6


def stall(space: Space) -> None:
    space.faults({"kind": "stall", "times": 999}, scope={"session_id": "stalled"})


def be_busy(space: Space) -> None:
    """Return after longer than any call of the test may take."""
    with space.client("ping", max_connections=1) as client, pytest.raises(DeadlineExceeded):
        client.probe("stalled", timeout=BUSY)


def test_answers_are_not_lost_to_a_slow_loop(space: Space) -> None:
    ids = seed(space, 400)
    stall(space)
    with space.client("ping", timeout=TIMEOUT) as client:
        outcomes = client.probe_many(ids)
        seen = [next(outcomes)]
        be_busy(space)
        seen += outcomes
    assert sorted(session_of(outcome).id for outcome in seen) == sorted(ids)


def test_answers_are_not_lost_to_a_slow_loop_of_asyncio(space: Space) -> None:
    ids = seed(space, 400)
    stall(space)

    async def ask() -> list[Outcome]:
        async with async_client(space, timeout=TIMEOUT) as client:
            outcomes = client.probe_many(ids)
            seen = [await anext(outcomes)]
            be_busy(space)
            return seen + [outcome async for outcome in outcomes]

    assert sorted(session_of(outcome).id for outcome in asyncio.run(ask())) == sorted(ids)


def test_calls_finish_while_the_loop_is_busy(space: Space) -> None:
    ids = seed(space, 1000)
    with space.client("ping") as client:
        outcomes = client.probe_many(ids, concurrency=8)
        next(outcomes)
        # The window: nothing is read, and so no more than it is asked for.
        space.admin("GET", "requests/wait?at_least=256&timeout=10")
        pools_are_at_rest(space.base_url("ping"))
        assert asked(space) <= 256 + 8
        assert len(list(outcomes)) == 999


def pools_are_at_rest(base_url: str) -> None:
    """Return once no connection to that server is in use; fail after a while."""
    from sessionvitals import _core

    timeout = threading.Event()
    timer = threading.Timer(10, timeout.set)
    timer.start()
    while any(p["leased"] for p in _core.inspect_pools() if base_url.startswith(str(p["origin"]))):
        assert not timeout.is_set(), "a bulk that is not read holds connections"
    timer.cancel()


def test_calls_within_the_loop_have_their_turn(space: Space) -> None:
    ids = seed(space, 300)
    with space.client("ping", max_connections=8) as client:
        for number, outcome in enumerate(client.probe_many(ids, concurrency=8)):
            assert session_of(outcome).live
            if number % 10 == 0:
                assert client.probe(outcome.id, timeout=5.0).live


def test_half_read_generators_hold_no_connections(space: Space) -> None:
    ids = seed(space, 300)
    with space.client("ping", max_connections=4) as client:
        half_read = [client.probe_many(ids, concurrency=4) for _ in range(3)]
        for outcomes in half_read:
            next(outcomes)
        for id_ in ids[:100]:
            assert client.probe(id_, timeout=5.0).live
        assert [len(list(outcomes)) for outcomes in half_read] == [299] * 3


def test_half_read_generators_hold_no_connections_of_asyncio(space: Space) -> None:
    ids = seed(space, 300)

    async def ask() -> None:
        async with async_client(space, max_connections=4) as client:
            half_read = [client.probe_many(ids, concurrency=4) for _ in range(3)]
            for outcomes in half_read:
                await anext(outcomes)
            sessions = await asyncio.gather(*(client.probe(id_) for id_ in ids[:100]))
            assert all(session.live for session in sessions)
            for outcomes in half_read:
                assert len([outcome async for outcome in outcomes]) == 299

    asyncio.run(ask())


@pytest.mark.parametrize("way", ["sync", "asyncio"])
def test_max_connections_bounds_a_bulk(space: Space, way: str) -> None:
    ids = seed(space, 400)
    space.faults(script="delay(0.01)*")
    most = 0

    def look(done: int) -> None:
        nonlocal most
        most = max(most, sockets_to(space.port))

    def ask() -> list[Outcome]:
        with space.client("ping", max_connections=4) as client:
            return list(client.probe_many(ids, concurrency=64, on_progress=look))

    async def ask_async() -> list[Outcome]:
        async with async_client(space, max_connections=4) as client:
            many = client.probe_many(ids, concurrency=64, on_progress=look)
            return [outcome async for outcome in many]

    before = sockets_to(space.port)
    outcomes = ask() if way == "sync" else asyncio.run(ask_async())
    assert all(session_of(outcome).live for outcome in outcomes)
    assert 1 <= most - before <= 4


def test_max_connections_bounds_two_bulks_together(space: Space) -> None:
    ids = seed(space, 200)
    before = sockets_to(space.port)
    with space.client("ping", max_connections=4) as client:
        both = zip(client.probe_many(ids), client.probe_many(ids), strict=True)
        for one, other in both:
            assert session_of(one).live
            assert session_of(other).live
            assert sockets_to(space.port) - before <= 4


class Asked:
    """A peer that answers every request and tells of it."""

    def __init__(self) -> None:
        self.count = threading.Semaphore(0)

    def talk(self, told: Peer, connection: socket.socket, request: bytes) -> object:
        connection.sendall(CONNECTED)
        self.count.release()
        return KEEP_OPEN


def test_each_id_of_a_slow_iterable_is_asked_for_before_the_next_has_come() -> None:
    server = Asked()
    was_asked = []

    def ids() -> Iterator[str]:
        for number in range(300):
            yield f"s-{number}"
            was_asked.append(server.count.acquire(timeout=5))
            assert was_asked[-1], "the id that came is not asked for"

    with peer(server.talk) as told, PingClient("key", base_url=told.url) as client:
        outcomes = list(client.probe_many(ids()))
    assert was_asked == [True] * 300
    assert all(session_of(outcome).live for outcome in outcomes)


def test_outcomes_are_given_while_ids_are_still_to_come() -> None:
    server = Asked()
    given: list[str] = []
    given_at_last_id = 0

    def ids() -> Iterator[str]:
        nonlocal given_at_last_id
        for number in range(20):
            told.over.wait(0.02)  # the source is slow
            given_at_last_id = len(given)
            yield f"s-{number}"

    with peer(server.talk) as told, PingClient("key", base_url=told.url) as client:
        given.extend(outcome.id for outcome in client.probe_many(ids()))
    assert len(given) == 20
    assert given_at_last_id > 0, "all ids were drawn before the first outcome was given"


OUT_OF_DESCRIPTORS = """
import os, resource, sys
import sessionvitals

client = sessionvitals.PingClient("ping-sandbox-key", base_url=sys.argv[1], timeout=5.0)
client.probe("s-0")  # whose connection is kept
used = max(int(name) for name in os.listdir("/proc/self/fd"))
resource.setrlimit(resource.RLIMIT_NOFILE, (used, used))
outcomes = list(client.probe_many(["s-0", "s-1", "s-2"], concurrency=1))
print([outcome.session is not None for outcome in outcomes])
"""


def test_a_bulk_without_a_descriptor_for_epoll_uses_the_connection_it_has(space: Space) -> None:
    seed(space, 3)
    finished = run_python(OUT_OF_DESCRIPTORS, [space.base_url("ping")])
    assert finished.stdout == "[True, True, True]\n", finished.stderr


def test_a_list_is_looked_through_without_a_set_of_it() -> None:
    code = """
import resource
from sessionvitals._core import repeated_in

ids = [f"a-rather-long-session-id-{number}" for number in range(1_000_000)]
ids[999_999] = ids[0]
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
assert repeated_in(ids) == {ids[0]: 2}
print((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024)
"""
    finished = run_python(code, [])
    assert finished.returncode == 0, finished.stderr
    assert float(finished.stdout) < 16, "MiB"


def test_the_ids_that_repeat_are_counted() -> None:
    from sessionvitals._core import repeated_in

    ids: list[Any] = ["a", "b", "a", "c", "\ud800", "\ud800", None, None, "a", "c"]
    assert repeated_in(ids) == {"a": 3, "c": 2}
    assert repeated_in(tuple(ids)) == {"a": 3, "c": 2}
    assert repeated_in(iter(ids)) == {}
    assert repeated_in(dict.fromkeys(ids)) == {}
    many = [str(number) for number in range(100_000)]
    assert len(repeated_in([*many, *many])) == 65_536
