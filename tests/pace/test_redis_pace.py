"""RedisPace: one limit for many processes, and what happens when its Redis does not answer."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import pickle
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.pace.model import STEPS
from tests.support.asking import ask_async, asked, seed
from tests.support.fleet.redis import Redis, free_port, running_redis
from tests.support.sandbox import Space

from sessionvitals import ConfigurationError, RedisPace, TransportError
from sessionvitals.pacing import redis_pace
from sessionvitals.pacing.gcra import close, give

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Redis]:
    with running_redis(tmp_path_factory.mktemp("redis")) as running:
        yield running


@pytest.fixture
def key(request: pytest.FixtureRequest) -> str:
    return str(request.node.name)


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    rate=st.integers(1, 50_000),
    burst=st.integers(1, 50),
    horizon=st.integers(0, 300_000),
    steps=STEPS,
)
def test_lua_and_python_give_the_same(
    server: Redis,
    rate: int,
    burst: int,
    horizon: int,
    steps: list[tuple[int, int, int | None]],
) -> None:
    import redis

    # Redis's clock is its own, so the script is given one.
    script = redis_pace.SCRIPT.replace(
        "redis.call('TIME')", "{math.floor(ARGV[7] / 1000000), ARGV[7] % 1000000}"
    )
    client = redis.Redis(port=server.port)
    client.delete("a", "b", "c")
    state, now, interval = 0.0, 1_764_000_000_000_000, 1e6 / rate
    for later, want, closed_for in steps:
        now += later
        state = max(state, now)
        if closed_for is not None:
            state = close(state, now + closed_for, interval, burst)
        permits, first, state = give(state, now, interval, burst, want, horizon)
        answer = client.eval(
            script,
            3,
            "a",
            "b",
            "c",
            repr(interval),
            burst,
            want,
            horizon,
            closed_for or 0,
            "w",
            now,
        )
        assert isinstance(answer, list)
        assert (answer[0], float(answer[1])) == (permits, first)
    client.close()


WORKER = """
import sys, time
from sessionvitals import RedisPace

url, key, rate, burst = sys.argv[1], sys.argv[2], float(sys.argv[3]), int(sys.argv[4])
pace = RedisPace(url, key=key, rate=rate, burst=burst)
pace.take()
print("ready", flush=True)
start, end = map(float, sys.stdin.readline().split())
count = 0
while (now := time.monotonic()) < end:
    pace.take()
    count += start <= now
print(count, flush=True)
"""

RATE, BURST, LEASE = 2000, 200, 0.25
#: SESSIONVITALS_PACE_SECONDS=10 measures as long as the documents say.
SECONDS = float(os.environ.get("SESSIONVITALS_PACE_SECONDS", "3"))


@contextlib.contextmanager
def workers(server: Redis, key: str) -> Iterator[list[subprocess.Popen[str]]]:
    """Run four processes with one limit, each of which has taken a permit."""
    started = [
        subprocess.Popen(
            [sys.executable, "-c", WORKER, server.url, key, str(RATE), str(BURST)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=ROOT,
        )
        for _ in range(4)
    ]
    try:
        for worker in started:
            assert worker.stdout is not None
            assert worker.stdout.readline() == "ready\n"
        yield started
    finally:
        for worker in started:
            worker.kill()
            worker.wait()
            for stream in (worker.stdin, worker.stdout):
                assert stream is not None
                stream.close()


def taken_by_four(server: Redis, key: str, seconds: float) -> int:
    """Return how many permits four processes take in so many seconds, the first burst left out."""
    with workers(server, key) as started:
        start = time.monotonic() + 0.3  # the machine's clock, so that it is the same in all
        for worker in started:
            assert worker.stdin is not None
            worker.stdin.write(f"{start} {start + seconds}\n")
            worker.stdin.flush()
        return sum(int(worker.stdout.readline()) for worker in started if worker.stdout)


def test_four_processes_keep_to_one_limit_together(server: Redis, key: str) -> None:
    for attempt in range(3):
        taken = taken_by_four(server, f"{key}-{attempt}", SECONDS)
        print(f"{taken} permits in {SECONDS:g} s, {taken / RATE / SECONDS:.3f} of the limit")
        # Never more, however late anybody runs: a lease may be used that was given before, and
        # what nobody took for a moment may be taken as a burst. In 10 s that is 3.5 percent.
        assert taken <= RATE * (SECONDS + LEASE) + BURST
        # Fewer only where the machine lets the workers run too late to use what they lease.
        if taken >= RATE * SECONDS * 0.95:
            return
    pytest.fail("three times fewer permits than 95 percent of the limit")


def late_after_a_429(server: Redis, key: str) -> float:
    """Return how long after one pace was told of a 429 another still gave a permit."""
    first = RedisPace(server.url, key=key, rate=1000, burst=1, lease=0.1)
    second = RedisPace(server.url, key=key, rate=1000, burst=1, lease=0.1)
    for _ in range(20):
        first.take()
        second.take()
    told = time.monotonic()
    first.close_for(0.6)
    closed, late = time.monotonic(), 0.0
    while (now := time.monotonic()) < told + 0.5:
        wait = second.try_take()
        if wait == 0.0:
            late = max(late, now - closed)
        elif wait is None:
            second.renew()
    first.take()
    assert time.monotonic() - told >= 0.6
    return late


def test_what_one_is_told_by_a_429_stops_all_within_a_lease(server: Redis, key: str) -> None:
    late = [late_after_a_429(server, key)]
    while late[-1] > 0.11 and len(late) < 3:  # a machine that is late uses a lease late
        late.append(late_after_a_429(server, f"{key}-{len(late)}"))
    assert min(late) <= 0.11, late


def test_few_questions_are_asked_of_redis(server: Redis, key: str) -> None:
    pace = RedisPace(server.url, key=key, rate=2000, burst=100)
    asked_redis = 0
    real = pace.renew

    def counting() -> None:
        nonlocal asked_redis
        asked_redis += 1
        real()

    pace.renew = counting  # type: ignore[method-assign]
    begun = time.monotonic()
    while time.monotonic() < begun + 1:
        pace.take()
    assert asked_redis <= 40


def test_redis_that_was_never_there_is_an_error(key: str) -> None:
    pytest.importorskip("redis")
    pace = RedisPace(f"redis://user:secret@127.0.0.1:{free_port()}", key=key, rate=10)
    with pytest.raises(TransportError, match="never has") as raised:
        pace.take()
    assert "secret" not in str(raised.value)
    with pytest.raises(TransportError):
        asyncio.run(pace.take_async())


@pytest.fixture
def own(tmp_path: Path) -> Iterator[Redis]:
    with running_redis(tmp_path) as running:
        yield running


def count_of(pace: RedisPace, seconds: float) -> int:
    end, count = time.monotonic() + seconds, 0
    while time.monotonic() < end:
        wait = pace.try_take()
        if wait == 0.0:
            count += 1
        elif wait is None:
            pace.renew()
        else:
            threading.Event().wait(min(wait, 0.005))
    return count


@pytest.fixture
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(redis_pace, "RETRY_AFTER", 0.2)
    monkeypatch.setattr(redis_pace, "TIMEOUT", 0.1)


@pytest.mark.usefixtures("soon")
def test_without_redis_each_has_its_share(own: Redis, caplog: pytest.LogCaptureFixture) -> None:
    paces = [RedisPace(own.url, key="k", rate=400, burst=20, lease=0.1) for _ in range(4)]
    for pace in [*paces, *paces]:
        count_of(pace, 0.12)  # so that each has asked since it knows of the others
    one = paces[0]
    with caplog.at_level(logging.WARNING, logger="sessionvitals"):
        own.kill()
        count_of(one, 0.3)  # what was leased is used up
        assert 30 <= count_of(one, 0.8) <= 400 / 4 * 0.8 * 1.3 + 20
        own.start()
        count_of(one, 0.5)
        assert count_of(one, 0.5) > 400 / 4 * 0.5 * 1.3, "the whole rate again, as the only one"
    said = [record.getMessage() for record in caplog.records]
    assert said == [
        "Redis does not answer (ConnectionError): this process keeps to 1/4 of its rate",
        "Redis answers again: the limit 'k' is shared again",
    ]


@pytest.mark.usefixtures("soon")
def test_a_paused_redis_is_as_good_as_none(own: Redis) -> None:
    pace = RedisPace(own.url, key="k", rate=400, burst=1, lease=0.1)
    other = RedisPace(own.url, key="k", rate=400, burst=1, lease=0.1)
    for _ in range(3):
        pace.take()
        other.take()
    with own.paused():
        count_of(pace, 0.4)
        assert 0 < count_of(pace, 0.6) <= 400 / 2 * 0.6 * 1.3
    assert count_of(pace, 0.6) > 30


@pytest.mark.usefixtures("soon")
def test_stop_gives_nothing_until_redis_is_back(own: Redis) -> None:
    pace = RedisPace(own.url, key="k", rate=400, burst=1, lease=0.1, without_redis="stop")
    pace.take()
    own.kill()
    count_of(pace, 0.3)
    assert count_of(pace, 0.4) == 0
    own.start()
    assert count_of(pace, 0.6) > 0


@pytest.mark.parametrize("is_back", [False, True])
@pytest.mark.usefixtures("soon")
def test_a_429_closes_the_pace_while_redis_is_away(own: Redis, is_back: bool) -> None:
    pace = RedisPace(own.url, key="k", rate=400, burst=20, lease=0.1)
    other = RedisPace(own.url, key="k", rate=400, burst=20, lease=0.1)
    pace.take()
    own.kill()
    pace.close_for(60.0)
    if is_back:
        own.start()  # which has not heard of it
    assert count_of(pace, 0.5) == 0
    assert not is_back or count_of(other, 0.3) == 0


def test_a_forked_child_leases_permits_of_its_own(server: Redis, key: str) -> None:
    pace = RedisPace(server.url, key=key, rate=8, burst=8, lease=1.0, clock=lambda: 1.0)
    for _ in range(4):  # of leases of 1, 2 and 4
        pace.take()
    child = os.fork()
    if not child:
        os._exit(pace.try_take() == 0.0)
    assert os.waitpid(child, 0)[1] == 0, "the child used what its parent had leased"
    assert pace.try_take() == 0.0


def test_asyncio_leases_as_well(server: Redis, key: str, space: Space) -> None:
    ids = seed(space, 100)
    begun = time.monotonic()
    outcomes = ask_async(space, ids, pace=RedisPace(server.url, key=key, rate=400, burst=10))
    assert len(outcomes) == asked(space) == 100
    assert time.monotonic() - begun >= 89 / 400


def test_it_is_pickled_without_a_password(server: Redis, key: str) -> None:
    pace = pickle.loads(pickle.dumps(RedisPace(server.url, key=key, rate=10, burst=7, lease=0.5)))
    pace.take()
    assert (pace.rate, pace.burst) == (10, 7)
    with pytest.raises(TypeError, match="REDIS_URL"):
        pickle.dumps(RedisPace(f"redis://:pw@127.0.0.1:{server.port}", key=key, rate=1))


BAD: list[dict[str, Any]] = [
    {"url": "http://127.0.0.1"},
    {"url": "redis://:secret@127.0.0.1:port"},
    {"url": "redis://:sec/ret@127.0.0.1"},
    {"url": "redis://:secret@[::1"},
    {"url": None},
    {"key": ""},
    {"lease": 0},
    {"lease": 11},
    {"without_redis": "go"},
    {"rate": 0},
]


@pytest.mark.parametrize("options", BAD, ids=str)
def test_what_cannot_be_is_refused(
    options: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("redis")
    monkeypatch.delenv("REDIS_URL", raising=False)
    made = {"url": "redis://127.0.0.1", "key": "k", "rate": 1, **options}
    with pytest.raises(ConfigurationError) as raised:
        RedisPace(made.pop("url"), **made)
    shown: BaseException | None = raised.value
    while shown is not None:  # all that a traceback shows
        assert "sec" not in str(shown)
        shown = shown.__cause__ or (None if shown.__suppress_context__ else shown.__context__)


def test_a_missing_package_is_said_in_words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "redis", None)
    with pytest.raises(ConfigurationError, match=r"sessionvitals\[redis\]"):
        RedisPace("redis://127.0.0.1", key="k", rate=1)
