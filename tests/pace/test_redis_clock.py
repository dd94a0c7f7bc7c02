"""RedisPace when Redis's clock is set back, or another Redis with another clock takes over."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from itertools import accumulate
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.support.fleet.redis import Redis, running_redis

from sessionvitals import RedisPace
from sessionvitals.pacing import redis_pace

RATE, BURST, LEASE = 400, 20, 0.1
#: What workers that wait for a clock may still have. More is a proof that they do not, however
#: little a busy machine lets them take.
LEASED = BURST + RATE * LEASE
STATE = "sessionvitals:{k}"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Redis]:
    with running_redis(tmp_path_factory.mktemp("redis")) as running:
        yield running


class Clock:
    """What the script sees as Redis's clock: the machine's, and so many seconds more."""

    def __init__(self, server: Redis) -> None:
        import redis

        self.redis: Any = redis.Redis(port=server.port)
        self.redis.flushall()

    def set(self, seconds: float) -> None:
        self.redis.set("ahead", seconds)


@pytest.fixture
def clock(server: Redis, monkeypatch: pytest.MonkeyPatch) -> Iterator[Clock]:
    ahead = "redis.call('TIME')[1] + (redis.call('GET', 'ahead') or 0), redis.call('TIME')[2]"
    script = redis_pace.SCRIPT.replace("redis.call('TIME')", f"{{{ahead}}}", 1)
    monkeypatch.setattr(redis_pace, "SCRIPT", script)
    made = Clock(server)
    yield made
    made.redis.close()


def paces_of(server: Redis, count: int = 2) -> list[RedisPace]:
    return [
        RedisPace(server.url, key="k", rate=RATE, burst=BURST, lease=LEASE) for _ in range(count)
    ]


def count_of(paces: list[RedisPace], seconds: float) -> int:
    """Return how many permits the paces give together in that time."""
    end, count = time.monotonic() + seconds, 0
    while time.monotonic() < end:
        for pace in paces:
            wait = pace.try_take()
            if wait is None:
                pace.renew()
            count += wait == 0.0
        time.sleep(0.001)
    return count


@pytest.mark.parametrize("step", [5, 3600, 400 * 86_400])
@pytest.mark.parametrize("by_workers", [True, False], ids=["with workers", "state alone"])
def test_a_clock_that_is_set_back_neither_stops_nor_opens_the_limit(
    server: Redis, clock: Clock, step: int, by_workers: bool, caplog: pytest.LogCaptureFixture
) -> None:
    if not by_workers:
        step += 60 + 1  # less may be the wait that a 429 asks for
    paces = paces_of(server)
    clock.set(step)
    count_of(paces, 0.3)
    clock.set(0)
    if not by_workers:  # an earlier version kept them for ten seconds only
        clock.redis.delete(f"{STATE}:workers")
    begun = time.monotonic()
    with caplog.at_level(logging.WARNING, logger="sessionvitals"):
        taken = count_of(paces, 1.0)
    lasted = time.monotonic() - begun

    assert taken <= RATE * (lasted + LEASE) + BURST
    assert taken > LEASED, "the workers waited for the step"
    (record,) = caplog.records
    assert "The clock of Redis was set back by" in record.getMessage()
    assert clock.redis.zcard(f"{STATE}:workers") == 2
    assert clock.redis.pttl(STATE) < 12_000


def test_a_pause_that_a_429_asks_for_outlasts_the_step(server: Redis, clock: Clock) -> None:
    first, second = paces_of(server)
    clock.set(3600)
    count_of([first, second], 0.2)
    first.close_for(0.8)
    closed = time.monotonic()
    clock.set(0)
    count_of([second], LEASE + 0.02)  # what was leased before
    assert count_of([second], 0.5) == 0
    count_of([second], max(0.0, closed + 0.8 - time.monotonic()))
    assert count_of([second], 0.3) > 0


def test_a_closure_of_more_than_a_minute_is_kept_by_all(server: Redis, clock: Clock) -> None:
    first, second = paces_of(server)
    first.close_for(600.0)
    assert count_of([second], 0.5) == 0
    assert count_of([first], 0.2) == 0


def test_a_small_correction_is_not_warned_of(
    server: Redis, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    paces = paces_of(server)
    clock.set(0.9)
    count_of(paces, 0.2)
    clock.set(0)
    assert count_of(paces, 0.85) > LEASED  # before the clock is again where it was
    assert not caplog.records


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    rate=st.integers(1, 50_000),
    burst=st.integers(1, 50),
    horizon=st.integers(0, 300_000),
    steps=st.lists(
        st.tuples(
            st.integers(0, 500_000),
            st.integers(1, 30),
            st.sampled_from([0, 0, 0, 3, 10**4, 10**10]),
        ),
        max_size=30,
    ),
)
def test_no_step_back_gives_more_than_the_limit(
    server: Redis, rate: int, burst: int, horizon: int, steps: list[tuple[int, int, int]]
) -> None:
    import redis

    script = redis_pace.SCRIPT.replace(
        "redis.call('TIME')", "{math.floor(ARGV[7] / 1000000), ARGV[7] % 1000000}"
    )
    client: Any = redis.Redis(port=server.port)
    client.flushall()
    now, behind, interval = 1_764_000_000_000_000, 0, 1e6 / rate
    times, given_ = [0], [0]
    for later, want, back in steps:
        now, behind = now + later, behind + back
        options = [repr(interval), burst, want, horizon, 0, "w", now - behind]
        answer = client.eval(script, 3, "a", "b", "c", *options)
        times.append(now)
        given_.append(answer[0])
    client.close()
    total = list(accumulate(given_))
    for begin in range(1, len(times)):
        for end in range(begin, len(times)):
            span = times[end] - times[begin] + horizon
            assert total[end] - total[begin - 1] <= burst + span / interval + 1e-6
