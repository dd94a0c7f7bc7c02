"""Verdicts that are used again, and one question in flight for an id."""

from __future__ import annotations

import asyncio
import os
import threading
from time import sleep
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.gate.test_conformance import client_of
from tests.support.sandbox import Space

from sessionvitals import AsyncTiunClient, TiunClient
from sessionvitals.gate import TiunGate
from sessionvitals.gate import gate as gates
from sessionvitals.gate import questions as sharing

ANSWER = 0.5  # seconds that the vendor takes, in the clock of the tests


class World:
    """A vendor and a clock: time passes only while everybody waits for it."""

    def __init__(self) -> None:
        self.now = 100.0
        self.changes: list[tuple[float, bool]] = [(0.0, False)]
        self.sleepers: list[tuple[float, int, asyncio.Future[None]]] = []
        self.in_flight: dict[str, int] = {}
        self.most_in_flight = 0
        self.questions = 0

    def pays(self, at: float) -> bool:
        return [is_valid for when, is_valid in self.changes if when <= at][-1]

    async def sleep(self, seconds: float) -> None:
        woken: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.sleepers.append((self.now + seconds, len(self.sleepers), woken))
        await woken

    async def probe(self, session_id: str, **_: object) -> Any:
        """Answer as the vendor knows in the middle of the call."""
        self.questions += 1
        self.in_flight[session_id] = self.in_flight.get(session_id, 0) + 1
        self.most_in_flight = max(self.most_in_flight, self.in_flight[session_id])
        try:
            await self.sleep(ANSWER / 2)
            live = self.pays(self.now)
            await self.sleep(ANSWER / 2)
        finally:
            self.in_flight[session_id] -= 1
        return SimpleNamespace(id=session_id, live=live)

    async def run(self, tasks: list[asyncio.Task[Any]]) -> None:
        """Let time pass until all tasks are done."""
        while not all(task.done() for task in tasks):
            for _ in range(20):  # let all that can run do so
                await asyncio.sleep(0)
            self.sleepers = [each for each in self.sleepers if not each[2].done()]
            if self.sleepers and not all(task.done() for task in tasks):
                first = min(self.sleepers, key=lambda each: each[:2])
                self.now = max(self.now, first[0])
                first[2].set_result(None)
        await asyncio.gather(*tasks)


def gate_in(world: World, monkeypatch: pytest.MonkeyPatch, **options: Any) -> Any:
    """Return a gate whose vendor and clock are the world's."""
    monkeypatch.setattr(gates, "monotonic", lambda: world.now)
    monkeypatch.setattr(sharing, "monotonic", lambda: world.now)
    gate = TiunGate(AsyncTiunClient("any", base_url="http://127.0.0.1:1"), timeout=60, **options)
    gate.client = world  # type: ignore[assignment]
    return gate


# So dense that requests come while a question is in flight, and changes in between.
TIMES = st.integers(0, 30).map(lambda tenths: tenths / 10)


@settings(deadline=None, derandomize=True, max_examples=150)
@given(
    max_age=st.sampled_from([0.0, 0.2, 1.0, 5.0]),
    arrivals=st.lists(TIMES, min_size=1, max_size=14),
    changes=st.lists(TIMES, max_size=5, unique=True),
)
def test_nothing_is_served_later_than_max_age_and_one_answer_after_the_end(
    max_age: float, arrivals: list[float], changes: list[float]
) -> None:
    world = World()
    for number, when in enumerate(sorted(changes)):
        world.changes.append((100.0 + when, number % 2 == 0))
    served: list[tuple[float, float, bool]] = []

    async def reader(gate: Any, after: float) -> None:
        await world.sleep(after)
        arrived = world.now
        decision = await gate.decide("reader")
        served.append((arrived, world.now, decision.allowed))

    async def all_readers() -> None:
        gate = gate_in(world, patch, max_age=max_age)
        await world.run([asyncio.ensure_future(reader(gate, after)) for after in arrivals])

    with pytest.MonkeyPatch.context() as patch:
        asyncio.run(all_readers())

    assert world.most_in_flight <= 1
    assert len(served) == len(arrivals)
    for arrived, at, allowed in served:
        if allowed:
            assert any(world.pays(t) for t in moments(world, at - max_age - ANSWER, at))
        else:
            # Whoever had paid before the request is in: a denial is never an older one.
            assert any(not world.pays(t) for t in moments(world, arrived, at))
        assert at - arrived <= 2 * ANSWER + 1e-9


def moments(world: World, begin: float, end: float) -> list[float]:
    """Return times that stand for all of an interval."""
    return [begin, end, *(when for when, _ in world.changes if begin <= when <= end)]


def test_a_reader_who_has_just_paid_is_in_at_the_next_request(space: Space) -> None:
    gate = TiunGate(TiunClient(**client_of(space)), max_age=60)
    assert gate.decide("reader").reason == "denied"

    space.add_session("tiun", "reader", "valid")

    assert gate.decide("reader").allowed
    assert gate.decide("reader").from_cache


def test_a_verdict_is_used_again_for_max_age_and_no_longer(
    space: Space, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = 100.0
    for module in (gates, sharing):
        monkeypatch.setattr(module, "monotonic", lambda: now)
    space.add_session("tiun", "reader", "valid")
    gate = TiunGate(TiunClient(**client_of(space)), max_age=5)

    asked = []
    for now in (100.0, 104.9, 105.0, 105.1, 106.0):  # noqa: B007 the clock reads it
        assert gate.decide("reader").allowed
        asked.append(space.sandbox.journal.count(provider="tiun"))

    assert asked == [1, 1, 1, 2, 2]


def test_without_max_age_every_request_is_a_question(space: Space) -> None:
    space.add_session("tiun", "reader", "valid")
    gate = TiunGate(TiunClient(**client_of(space)))

    decisions = [gate.decide("reader") for _ in range(3)]

    assert [each.from_cache for each in decisions] == [False] * 3
    assert space.sandbox.journal.count(provider="tiun") == 3


def test_a_denial_ends_an_earlier_verdict(space: Space) -> None:
    space.add_session("tiun", "reader", "valid")
    gate = TiunGate(TiunClient(**client_of(space)), max_age=60)
    assert gate.decide("reader").allowed
    space.sandbox.admin("DELETE", "sessions/tiun/reader")

    assert not gate.decide_sync("reader", is_recheck=True).allowed
    assert not gate.decide("reader").allowed


def test_the_least_recently_used_verdicts_go(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sharing, "MAX_KEPT", 2)
    kept = sharing.Questions(9)

    def ask(session_id: str) -> None:
        flight, _ = kept.join_or_begin(session_id, False)
        assert flight is not None
        session: Any = SimpleNamespace(live=True)
        flight.session = session
        kept.finish(session_id, flight, True)

    ask("a")
    ask("b")
    assert kept.kept("a", 0, 60)
    ask("c")

    assert [bool(kept.kept(each, 0, 60)) for each in "abc"] == [True, False, True]


class Doorman:
    """A vendor who answers the first question when told to."""

    def __init__(self) -> None:
        self.questions = 0
        self.asked = threading.Event()
        self.may_answer = threading.Event()

    def probe(self, session_id: str, **_: object) -> Any:
        self.questions += 1
        self.asked.set()
        assert self.may_answer.wait(30)
        return SimpleNamespace(id=session_id, live=True)


@pytest.mark.parametrize(("max_age", "questions"), [(0, 2), (60, 1)])
def test_threads_share_a_question(max_age: float, questions: int) -> None:
    doorman: Any = Doorman()
    gate = TiunGate(TiunClient("any", base_url="http://127.0.0.1:1"), max_age=max_age, timeout=30)
    gate.client = doorman
    decisions: list[Any] = []
    threads = [
        threading.Thread(target=lambda: decisions.append(gate.decide("reader"))) for _ in range(9)
    ]
    threads[0].start()
    assert doorman.asked.wait(30)
    flight, is_own = gate._questions.join_or_begin("reader", False)
    assert flight is not None
    assert not is_own
    for thread in threads[1:]:
        thread.start()
    while len(flight.wakers) < 8:
        sleep(0)
    doorman.may_answer.set()
    for thread in threads:
        thread.join()

    assert [each.allowed for each in decisions] == [True] * 9
    # Without max_age, those who came during the first question share a second one.
    assert doorman.questions == questions


def test_more_questions_than_the_limit_are_busy_and_ask_nothing(space: Space) -> None:
    space.faults({"kind": "stall", "times": 1})

    async def ask() -> list[str]:
        gate = TiunGate(AsyncTiunClient(**client_of(space)), max_in_flight=1, timeout=0.3)
        first = asyncio.ensure_future(gate.decide_async("a"))
        await asyncio.sleep(0)
        others = [await gate.decide_async("b"), await gate.decide_async(None)]
        return [each.reason for each in (*others, await first)]

    assert asyncio.run(ask()) == ["busy", "missing", "outage"]
    assert space.sandbox.journal.count(session_id="b") == 0


def test_cancelling_the_one_who_asks_leaves_the_others_their_verdict(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    world = World()
    world.changes.append((0.0, True))

    async def ask() -> list[bool]:
        gate = gate_in(world, monkeypatch)
        first, *others = [asyncio.ensure_future(gate.decide("reader")) for _ in range(4)]
        await asyncio.sleep(0)
        assert world.questions == 1
        first.cancel()
        await world.run(others)
        assert first.cancelled()
        return [each.result().allowed for each in others]

    assert asyncio.run(ask()) == [True] * 3
    assert (world.questions, world.most_in_flight) == (2, 1)


def test_one_who_waits_waits_no_longer_than_its_own_timeout(space: Space) -> None:
    space.faults({"kind": "stall", "times": 0})

    async def ask() -> tuple[str, float]:
        loop = asyncio.get_running_loop()
        gate = TiunGate(AsyncTiunClient(**client_of(space)), timeout=0.4)
        first = asyncio.ensure_future(gate.decide_async("reader"))
        await asyncio.sleep(0)
        began = loop.time()
        decision = await gate.decide_async("reader")
        took = loop.time() - began
        await first
        return decision.reason, took

    reason, took = asyncio.run(ask())

    assert reason == "outage"
    assert took < 0.4 + 0.3


def test_a_forked_child_waits_for_no_thread_of_its_parent(space: Space) -> None:
    space.add_session("tiun", "reader", "valid")
    gate = TiunGate(TiunClient(**client_of(space)), max_age=5)
    flight, is_own = gate._questions.join_or_begin("reader", False)
    assert is_own
    assert flight is not None
    with gate._questions._lock:  # held by a thread that the child does not have
        child = os.fork()
        if child == 0:
            os._exit(0 if gate.decide("reader").allowed else 1)
    _, status = os.waitpid(child, 0)

    assert os.waitstatus_to_exitcode(status) == 0


def test_gates_share_nothing(space: Space) -> None:
    space.add_session("tiun", "reader", "valid")
    gates_ = [TiunGate(TiunClient(**client_of(space)), max_age=60) for _ in range(2)]

    assert [gate.decide("reader").from_cache for gate in gates_] == [False, False]
