"""Watches whose looks each take a permit of a pace."""

from __future__ import annotations

import asyncio
import gc
import subprocess
import sys
import threading
import time
from typing import TYPE_CHECKING, Any

import pytest
from tests.support.asking import async_client, seed
from tests.watch.test_ends import no_more_requests
from tests.watch.test_watch import DEADLINE, EVERY, change_session, requests_of

from sessionvitals import ConfigurationError, Pace, TransportError

if TYPE_CHECKING:
    from tests.support.sandbox import Space

RARE = 3600.0
FEW: dict[str, Any] = {"deadline": DEADLINE, "every": RARE, "until": (), "events": "never"}


class Clock:
    """A clock that stands until it is turned."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


class Broken(Pace):
    """A pace that cannot reach where its permits come from."""

    def try_take(self) -> float | None:
        return None

    def renew(self) -> None:
        raise TransportError("no permits to be had")


def givers() -> list[threading.Thread]:
    return [each for each in threading.enumerate() if each.name == "sessionvitals-pace"]


def test_no_look_is_made_without_a_permit(space: Space) -> None:
    ids, clock = seed(space, 5), Clock()
    pace = Pace(1, burst=3, clock=clock)
    with space.client("ping") as client, client.watch_many(ids, **FEW, pace=pace) as many:
        seen = [next(many).session_id for _ in range(3)]
        assert requests_of(space) == 3
        clock.now += 2
        seen += [next(many).session_id for _ in range(2)]
        assert sorted(seen) == ids
        assert requests_of(space) == 5
        clock.now += 100
        change_session(space, "s-0", "disconnected")
        many.add("s-late")
        assert next(many).session_id == "s-late"


def test_looks_keep_to_the_pace_whatever_the_interval(space: Space) -> None:
    ids = seed(space, 50)
    begun = time.monotonic()
    options: dict[str, Any] = {"deadline": 1.0, "every": 0.001, "until": (), "events": "never"}
    with (
        space.client("ping") as client,
        client.watch_many(ids, **options, pace=Pace(60, burst=5)) as many,
    ):
        changes = sum(1 for _ in many)
        took = time.monotonic() - begun
        assert many.outcome == "deadline"
    assert requests_of(space) <= 60 * took + 5
    assert 10 <= changes <= requests_of(space)


def test_watches_and_bulks_of_several_clients_share_a_pace(space: Space) -> None:
    ids, clock = seed(space, 10), Clock()
    pace = Pace(1, burst=10, clock=clock)
    with space.client("ping") as one, space.client("ping") as other:
        with (
            one.watch_many(ids[:4], **FEW, pace=pace) as first,
            other.watch_many(ids[:4], **FEW, pace=pace) as second,
        ):
            for many in (first, second):
                assert [next(many).reason for _ in range(4)] == ["first"] * 4
        assert len(list(one.probe_many(ids[:2], pace=pace))) == 2
    assert requests_of(space) == 10
    assert pace.try_take() == 1.0


def test_a_paced_watch_leaves_the_budget_of_others_alone(space: Space) -> None:
    ids, clock = seed(space, 4), Clock()
    with (
        space.client("ping") as client,
        client.watch_many(ids, **FEW, pace=Pace(1, burst=1, clock=clock)) as paced,
        client.watch_many(ids, **FEW, rate=1000) as other,
    ):
        assert {next(other).session_id for _ in ids} == set(ids)
        next(paced)
        assert requests_of(space) == 5


def test_a_429_closes_the_pace(space: Space) -> None:
    ids = seed(space, 1)
    pace = Pace(1000, burst=100)
    space.faults(script="429(retry-after=100)")
    with (
        space.client("ping", max_retries=0) as client,
        client.watch_many(ids, **FEW, pace=pace),
    ):
        end = time.monotonic() + 30
        while (pace.try_take() or 0.0) < 50:
            assert time.monotonic() < end


def test_what_a_pace_raises_the_reader_gets(space: Space) -> None:
    ids = seed(space, 3)
    with (
        space.client("ping") as client,
        client.watch_many(ids, **FEW, pace=Broken(10)) as many,
    ):
        with pytest.raises(TransportError, match="no permits"):
            next(many)
        assert many.outcome == "closed"
    assert requests_of(space) == 0


def test_asyncio_has_the_same(space: Space) -> None:
    ids, clock = seed(space, 5), Clock()

    async def follow() -> list[str]:
        async with async_client(space) as client:
            pace = Pace(1, burst=3, clock=clock)
            async with client.watch_many(ids, **FEW, pace=pace) as many:
                seen = [(await anext(many)).session_id for _ in range(3)]
                assert requests_of(space) == 3
                clock.now += 2
                seen += [(await anext(many)).session_id for _ in range(2)]
            async with client.watch_many(ids, **FEW, pace=Broken(10)) as many:
                with pytest.raises(TransportError, match="no permits"):
                    await anext(many)
            return seen

    assert sorted(asyncio.run(follow())) == ids
    assert requests_of(space) == 5


@pytest.mark.parametrize("how", ["closed", "lost"])
def test_the_thread_that_takes_permits_ends_with_the_watch(space: Space, how: str) -> None:
    seed(space, 1)
    before = givers()
    with space.client("ping") as client:
        many = client.watch_many(["s-0"], deadline=None, every=EVERY, until=(), pace=Pace(1000))
        next(many)
        (giver,) = [each for each in givers() if each not in before]
        if how == "closed":
            many.close()
        del many
        gc.collect()
        giver.join(30)
        assert not giver.is_alive()
        no_more_requests(space)


@pytest.mark.parametrize(
    "options", [{"pace": 7}, {"pace": "fast"}, {"pace": Pace(1), "rate": 5.0}], ids=str
)
def test_what_cannot_be_used_is_refused(space: Space, options: dict[str, Any]) -> None:
    with space.client("ping") as client, pytest.raises(ConfigurationError, match="pace"):
        client.watch_many(["s-0"], deadline=None, **options)


EXITS = """
import sys
from sessionvitals import Pace, PingClient
client = PingClient(sys.argv[2], base_url=sys.argv[1])
pace = Pace(20, burst=20)
watches = [client.watch_many(["s-0"], deadline=None, every=0.02, until=(), pace=pace) for _ in range(20)]
for watch in watches:
    next(watch)
print("done")
"""


def test_a_process_with_paced_watches_ends(space: Space) -> None:
    seed(space, 1)
    done = subprocess.run(
        [sys.executable, "-c", EXITS, space.base_url("ping"), "ping-sandbox-key"],
        text=True, capture_output=True, timeout=60, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stdout, done.stderr) == (0, "done\n", "")
    no_more_requests(space)
