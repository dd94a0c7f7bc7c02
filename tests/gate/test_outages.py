"""What is an outage: tiun's failure to answer a question that had the whole timeout, and no other."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from time import sleep
from types import SimpleNamespace
from typing import Any

import pytest
from tests.gate.forms import call_asgi, call_wsgi, paid_asgi, scope_of

from sessionvitals import (
    AsyncTiunClient,
    DeadlineExceeded,
    ServerError,
    TiunClient,
)
from sessionvitals.gate import TiunGate
from sessionvitals.gate import gate as gates
from sessionvitals.gate import questions as sharing

NOWHERE: dict[str, Any] = {"access_token": "any", "base_url": "http://127.0.0.1:1"}
TIMEOUT = 30.0  # seconds by a clock that stands still, except where a test moves it
ANSWER = 20.0  # seconds that the vendor takes

Outcome = Callable[[str], Any]


def no(session_id: str) -> Any:
    return SimpleNamespace(id=session_id, live=False)


def yes(session_id: str) -> Any:
    return SimpleNamespace(id=session_id, live=True)


def fails(session_id: str) -> Any:
    raise ServerError("tiun answered HTTP 503", http_status=503)


class Vendor:
    """Answers each question when told to, after ANSWER seconds of its clock; or the time is up."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, *outcomes: Outcome) -> None:
        self.now = 100.0
        self.outcomes = list(outcomes)
        #: How many seconds each question had.
        self.allowed: list[float] = []
        self.takes = ANSWER
        self.asked = threading.Event()
        self.may_answer = threading.Event()
        for module in (gates, sharing):
            monkeypatch.setattr(module, "monotonic", lambda: self.now)

    def began(self, timeout: float) -> None:
        self.allowed.append(timeout)
        self.now += 1.0  # whoever comes from now on has come after the question

    def end(self, session_id: str, timeout: float) -> Any:
        outcome = self.outcomes[min(len(self.allowed), len(self.outcomes)) - 1]
        self.now += min(self.takes, timeout)
        if timeout < self.takes:
            raise DeadlineExceeded("The time allowed passed.", phase="receive")
        return outcome(session_id)


class AsyncVendor(Vendor):
    async def probe(self, session_id: str, *, timeout: float) -> Any:
        self.began(timeout)
        await asyncio.sleep(0)
        await asyncio.sleep(0)  # by now all who are to wait do
        return self.end(session_id, timeout)


class ThreadsVendor(Vendor):
    def probe(self, session_id: str, *, timeout: float) -> Any:
        self.began(timeout)
        self.asked.set()
        assert self.may_answer.wait(30)
        return self.end(session_id, timeout)


def gate_of(vendor: Vendor, **options: Any) -> Any:
    client = AsyncTiunClient if isinstance(vendor, AsyncVendor) else TiunClient
    gate: Any = TiunGate(client(**NOWHERE), **{"timeout": TIMEOUT, **options})
    gate.client = vendor
    return gate


def in_threads(gate: Any, ask: Callable[[], object], many: int) -> list[Any]:
    """Have one ask, and the others wait for its question before it is answered."""
    answers: list[Any] = []
    threads = [
        threading.Thread(target=lambda: answers.append(ask()), daemon=True) for _ in range(many)
    ]
    threads[0].start()
    assert gate.client.asked.wait(30)
    flight, _ = gate._questions.join_or_begin("reader", False)
    for thread in threads[1:]:
        thread.start()
    while len(flight.wakers) < many - 1:
        sleep(0)
    gate.client.may_answer.set()
    for thread in threads:
        thread.join(30)
    return answers


def at_once(gate: Any, many: int = 3) -> list[Any]:
    """Return the decisions of requests that come at once."""
    if isinstance(gate.client, ThreadsVendor):
        return in_threads(gate, lambda: gate.decide("reader"), many)

    async def ask() -> list[Any]:
        return list(await asyncio.gather(*(gate.decide("reader") for _ in range(many))))

    return asyncio.run(ask())


def statuses(gate: Any) -> list[int]:
    """Return how a site answers two requests that come at once."""
    headers = [("X-Session-Id", "reader")]
    if isinstance(gate.client, ThreadsVendor):

        def application(environ: Any, start_response: Any) -> Any:
            start_response("200 OK", [])
            return [b"paid"]

        site = gate.wsgi(application)
        return in_threads(gate, lambda: call_wsgi(site, "GET", headers, "").status, 2)

    async def ask() -> list[int]:
        site = gate.asgi(paid_asgi([]))
        calls = [call_asgi(site, scope_of("GET", headers, "")) for _ in range(2)]
        return [each.status for each in await asyncio.gather(*calls)]

    return asyncio.run(ask())


@pytest.fixture(params=[AsyncVendor, ThreadsVendor])
def vendor_of(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Any:
    return lambda *outcomes: request.param(monkeypatch, *outcomes)


def test_asking_twice_at_once_lets_no_denied_reader_in(vendor_of: Any) -> None:
    asked_about: list[Any] = []

    def on_outage(outage: Any) -> str:
        asked_about.append(outage)
        return "serve"

    decisions = at_once(gate_of(vendor_of(no), on_outage=on_outage))

    assert sorted(each.reason for each in decisions) == ["busy", "busy", "denied"]
    assert not any(each.allowed for each in decisions)
    assert asked_about == []


def test_asking_twice_at_once_lets_no_denied_reader_into_a_site(vendor_of: Any) -> None:
    assert sorted(statuses(gate_of(vendor_of(no), on_outage="serve"))) == [402, 503]


def test_a_failure_in_too_little_time_is_no_outage(vendor_of: Any) -> None:
    gate = gate_of(vendor_of(no, fails), on_outage="serve")
    gate.client.takes = 1.0  # so there is time for a question to each

    assert sorted(each.reason for each in at_once(gate)) == ["busy", "busy", "denied"]
    assert sorted(gate.client.allowed) == [TIMEOUT - 3, TIMEOUT - 1, TIMEOUT]


def test_who_has_time_left_asks_after_one_who_had_too_little(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    vendor = AsyncVendor(monkeypatch, yes)

    async def ask() -> list[str]:
        gate = gate_of(vendor)
        first, second = (asyncio.ensure_future(gate.decide("reader")) for _ in range(2))
        for _ in range(20):  # until the second asks, with too little time
            if len(vendor.allowed) == 2:
                break
            await asyncio.sleep(0)
        third = asyncio.ensure_future(gate.decide("reader"))
        return [each.reason for each in await asyncio.gather(first, second, third)]

    assert asyncio.run(ask()) == ["valid", "busy", "valid"]
    assert vendor.allowed == [TIMEOUT, TIMEOUT - ANSWER, ANSWER]


def test_an_outage_is_one_for_all_who_wait_for_the_question(vendor_of: Any) -> None:
    gate = gate_of(vendor_of(fails), on_outage="serve")

    assert [(each.allowed, each.reason) for each in at_once(gate)] == [(True, "outage")] * 3
    assert gate.client.allowed == [TIMEOUT]


def test_no_answer_in_the_whole_time_is_an_outage_for_all_who_wait(vendor_of: Any) -> None:
    gate = gate_of(vendor_of(no), on_outage="serve")
    gate.client.takes = TIMEOUT + 1

    assert [(each.allowed, each.reason) for each in at_once(gate)] == [(True, "outage")] * 3


def test_a_question_that_the_client_never_sent_is_no_outage(vendor_of: Any) -> None:
    def queued(session_id: str) -> Any:
        raise DeadlineExceeded("The time allowed passed.", phase="queue")

    gate = gate_of(vendor_of(queued), on_outage="serve")
    gate.client.takes = TIMEOUT

    assert [each.reason for each in at_once(gate)] == ["busy"] * 3


def test_waiting_in_vain_for_an_equal_question_is_no_outage(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sharing, "OVERDUE", 0.0)

    class Silent:
        async def probe(self, session_id: str, **_: object) -> Any:
            await asyncio.Event().wait()

    async def ask() -> Any:
        gate: Any = TiunGate(AsyncTiunClient(**NOWHERE), timeout=0.01, on_outage="serve")
        gate.client = Silent()
        first = asyncio.ensure_future(gate.decide("reader"))
        await asyncio.sleep(0)
        decision = await gate.decide("reader")
        first.cancel()
        return decision

    decision = asyncio.run(ask())

    assert (decision.allowed, decision.reason) == (False, "busy")
    assert "equal one" in str(decision.error)


def test_a_recheck_has_the_whole_time_after_anothers_question(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    vendor = AsyncVendor(monkeypatch, yes)

    async def ask() -> list[str]:
        gate = gate_of(vendor)
        first = gate.decide_async("reader")
        recheck = gate.decide_async("reader", is_recheck=True)
        return [each.reason for each in await asyncio.gather(first, recheck)]

    assert asyncio.run(ask()) == ["valid", "valid"]
    assert vendor.allowed == [TIMEOUT, TIMEOUT]
