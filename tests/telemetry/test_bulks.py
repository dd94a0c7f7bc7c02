"""Bulks: one span with counts, and metrics that C++ has counted."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Callable
from typing import Any

import pytest
from opentelemetry.metrics import get_meter
from tests.support.peers import answer, peer, says_in_turn
from tests.support.vendors import PING
from tests.telemetry.recorded import Recorded, golden, recording

from sessionvitals import AsyncPingClient, PingClient
from sessionvitals.telemetry.metrics import Metrics, Totals
from sessionvitals.telemetry.observer import ObservedBulk

IDS = ["a", "b", "c", "c", ""]
GOOD = answer(PING.good_body)
GONE = answer(b"", b"HTTP/1.1 404 Not Found")
LIMITED = answer(b"", b"HTTP/1.1 429 Slow Down", b"Retry-After: 0")
FAILED = answer(b"", b"HTTP/1.1 500 Oops")
PROBE = {"sessionvitals.provider": "ping", "sessionvitals.operation": "probe"}


def many(url: str, **options: Any) -> None:
    list(PingClient("key", base_url=url).probe_many(IDS, concurrency=1, **options))


def table(url: str, **options: Any) -> None:
    PingClient("key", base_url=url).probe_table(IDS, concurrency=1, **options)


def async_many(url: str, **options: Any) -> None:
    async def ask() -> None:
        client = AsyncPingClient("key", base_url=url)
        async for _ in client.probe_many(IDS, concurrency=1, **options):
            pass

    asyncio.run(ask())


def async_table(url: str, **options: Any) -> None:
    async def ask() -> None:
        await AsyncPingClient("key", base_url=url).probe_table(IDS, concurrency=1, **options)

    asyncio.run(ask())


WAYS = [many, table, async_many, async_table]
Ask = Callable[..., None]


@pytest.mark.parametrize("ask", WAYS)
def test_a_bulk_is_one_span_with_counts(ask: Ask) -> None:
    """Five ids, one of which cannot be sent and one of which comes twice, are three calls."""
    with peer(says_in_turn(LIMITED, GOOD, GONE, FAILED)) as told, recording() as recorded:
        ask(told.url, max_retries=1)

    assert [golden(span) for span in recorded.spans] == [
        {
            "name": "sessionvitals.ping.probe_many",
            "kind": "INTERNAL",
            "attributes": {
                "sessionvitals.provider": "ping",
                "sessionvitals.operation": "probe_many",
                "sessionvitals.bulk.ids": 5,
                "sessionvitals.bulk.state.active": 1,
                "sessionvitals.bulk.state.not_found": 1,
                "sessionvitals.bulk.error.ServerError": 2,
                "sessionvitals.bulk.error.ConfigurationError": 1,
                "sessionvitals.bulk.calls": 3,
                "sessionvitals.attempts": 5,
            },
        }
    ]


def numbers(recorded: Recorded, name: str) -> dict[Any, Any]:
    """Return the points of a counter by those of their attributes that differ."""
    common = {"sessionvitals.provider", "sessionvitals.operation", "server.address", "server.port"}
    common |= {"http.request.method", "url.template"}
    return {
        tuple(str(value) for key, value in attributes.items() if key not in common): number
        for attributes, number in recorded.points(name)
    }


def test_metrics_of_bulks_are_counted_in_cpp() -> None:
    with peer(says_in_turn(LIMITED, GOOD, GONE, FAILED)) as told, recording() as recorded:
        many(told.url, max_retries=1)

    assert numbers(recorded, "sessionvitals.bulk.ids") == {
        ("active",): 1,
        ("not_found",): 1,
        ("ServerError",): 2,
        ("ConfigurationError",): 1,
    }
    assert numbers(recorded, "sessionvitals.bulk.call.duration_count") == {
        ("active",): 1,
        ("not_found",): 1,
        ("ServerError",): 1,
    }
    requests = "sessionvitals.bulk.request.duration"
    assert numbers(recorded, f"{requests}_count") == {
        ("200",): 1,
        ("404",): 1,
        ("429", "429"): 1,
        ("500", "500"): 2,
    }
    buckets = numbers(recorded, f"{requests}_bucket")
    assert buckets[("500", "500", "+Inf")] == 2
    assert len(buckets) == 4 * 15
    assert all(seconds > 0 for seconds in numbers(recorded, f"{requests}_sum").values())
    assert numbers(recorded, "sessionvitals.bulk.retries") == {(): 2}
    assert set(numbers(recorded, "sessionvitals.bulk.rate_limit.wait")) == {()}
    assert recorded.points("http.client.request.duration") == []


def test_a_bulk_that_runs_is_counted_already_and_one_to_another_path_with_it() -> None:
    with peer(says_in_turn(GOOD)) as told, recording() as recorded:
        many(f"{told.url}/other")
        outcomes = PingClient("key", base_url=told.url).probe_many(["a"])
        next(outcomes)
        requests = numbers(recorded, "sessionvitals.bulk.request.duration_count")
        outcomes.close()
        after = numbers(recorded, "sessionvitals.bulk.request.duration_count")

    assert requests == after == {("200",): 4}
    assert [span.name for span in recorded.spans] == ["sessionvitals.ping.probe_many"] * 2
    assert all(not (span.attributes or {}).get("error.type") for span in recorded.spans)


def test_a_bulk_that_is_lost_with_its_loop_is_kept_as_numbers_alone() -> None:
    async def begin(url: str) -> Any:
        outcomes = AsyncPingClient("key", base_url=url).probe_many(["a", "b"], concurrency=1)
        await anext(outcomes)
        return outcomes

    with peer(says_in_turn(GOOD)) as told, recording() as recorded:
        loop = asyncio.new_event_loop()
        outcomes = loop.run_until_complete(begin(told.url))
        loop.close()
        before = numbers(recorded, "sessionvitals.bulk.request.duration_count")
        del outcomes
        gc.collect()
        assert not [each for each in gc.get_objects() if type(each) is ObservedBulk]
        after = numbers(recorded, "sessionvitals.bulk.request.duration_count")

    assert set(before) <= set(after)


class EndingAnother(Totals):
    """A tally that ends another bulk as it is read: as the collector may, at any allocation."""

    def __init__(self, end: Callable[[], None]) -> None:
        super().__init__()
        self._end = end

    def __getattribute__(self, name: str) -> Any:
        if name == "ids":
            super().__getattribute__("_end")()
        return super().__getattribute__(name)


class Bulk:
    def __init__(self, base_url: str, tally: Totals) -> None:
        self.provider, self.base_url, self.tally = "ping", base_url, tally


def test_a_bulk_that_ends_while_all_are_summed_up_counts_once() -> None:
    metrics = Metrics(get_meter("sums"))
    other: Any = Bulk("http://b", Totals())
    ending: Any = Bulk("http://a", EndingAnother(lambda: metrics.leave(other)))
    other.tally.retries = 3
    metrics.follow(ending)
    metrics.follow(other)
    for _ in range(2):
        assert sum(number for _, number in metrics._resends()) == 3


def test_the_parent_of_a_bulk_is_what_was_current_when_it_began() -> None:
    with peer(says_in_turn(GOOD)) as told, recording() as recorded:
        with recorded.tracers.get_tracer("test").start_as_current_span("parent") as parent:
            outcomes = PingClient("key", base_url=told.url).probe_many(["a"])
        list(outcomes)

    (bulk,) = [span for span in recorded.spans if span.name != "parent"]
    assert bulk.parent is not None
    assert bulk.parent.span_id == parent.get_span_context().span_id


def test_a_bulk_that_an_exception_ended_says_so() -> None:
    def fail(done: int) -> None:
        raise RuntimeError("no more")

    with peer(says_in_turn(GOOD)) as told, recording() as recorded, pytest.raises(RuntimeError):
        many(told.url, on_progress=fail)

    (bulk,) = recorded.spans
    assert golden(bulk)["status"] == ("ERROR", "RuntimeError")
