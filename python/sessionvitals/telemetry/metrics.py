"""The instruments. Single calls are measured one by one; those of bulks are counted in C++."""

from __future__ import annotations

import os
from _thread import RLock
from itertools import accumulate
from weakref import WeakKeyDictionary, ref

from opentelemetry import metrics as api
from opentelemetry.metrics import Observation

from .._core import BulkTally
from .paths import PATHS, PROBE_METHODS
from .reports import seconds_of_rate_limit, server_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from typing import Any

    from opentelemetry.metrics import CallbackOptions, MeterProvider

    from .._core import Attempt, CallReport
    from .observer import ObservedBulk, ObservedCall

    Attributes = dict[str, Any]

BOUNDS: tuple[float, ...] = BulkTally.bounds

# What is summed up is changed under this lock, also by an exporter's thread. A fork waits for it.
_lock = RLock()
os.register_at_fork(
    before=_lock.acquire, after_in_parent=_lock.release, after_in_child=_lock.release
)


class Totals:
    """The sums of the tallies of bulks to one server."""

    def __init__(self) -> None:
        self.ids: dict[tuple[str, str], int] = {}
        self.calls: dict[tuple[str, str], list[Any]] = {}
        self.attempts: dict[tuple[int, str], list[Any]] = {}
        self.retries: int = 0
        self.rate_limit_wait: float = 0.0

    def add(self, tally: BulkTally | Totals) -> None:
        for key, number in tally.ids.items():
            self.ids[key] = self.ids.get(key, 0) + number
        for mine, theirs in ((self.calls, tally.calls), (self.attempts, tally.attempts)):
            add_durations(mine, theirs)
        self.retries += tally.retries
        self.rate_limit_wait += tally.rate_limit_wait


def add_durations(mine: Any, theirs: Any) -> None:
    for key, (count, seconds, buckets) in theirs.items():
        known = mine.setdefault(key, [0, 0.0, [0] * len(buckets)])
        known[0] += count
        known[1] += seconds
        known[2] = [a + b for a, b in zip(known[2], buckets, strict=True)]


#: By meter provider.
_known: WeakKeyDictionary[MeterProvider, Metrics] = WeakKeyDictionary()


class Metrics:
    """All that is measured, for one meter provider."""

    @classmethod
    def of(cls, provider: MeterProvider | None, version: str, schema_url: str) -> Metrics:
        """Return the provider's, made once: an instrument that is made twice counts twice."""
        provider = provider or api.get_meter_provider()
        known = _known.get(provider)
        if known is None:
            meter = api.get_meter("sessionvitals", version, provider, schema_url)
            known = _known[provider] = cls(meter)
        return known

    def __init__(self, meter: api.Meter) -> None:
        self._finished: dict[tuple[str, str], Totals] = {}
        # With a weak reference, as a bulk that is lost with its closed event loop never leaves.
        self._running: dict[int, tuple[ref[ObservedBulk], tuple[str, str], BulkTally]] = {}
        self._is_summing = False
        self._ended: list[int] = []  # meanwhile
        self._request_duration = meter.create_histogram(
            "http.client.request.duration",
            unit="s",
            description="Duration of each HTTP request that a client sent.",
            explicit_bucket_boundaries_advisory=BOUNDS,
        )
        self._call_duration = meter.create_histogram(
            "sessionvitals.call.duration",
            unit="s",
            description="Duration of each call, its retries and waits included.",
            explicit_bucket_boundaries_advisory=BOUNDS,
        )
        self._retries = meter.create_counter(
            "sessionvitals.retries",
            unit="{request}",
            description="Requests after the first of a call.",
        )
        self._rate_limit_wait = meter.create_counter(
            "sessionvitals.rate_limit.wait",
            unit="s",
            description="Time that calls waited because a vendor asked for it.",
        )
        for name, unit, description, counted in (
            ("ids", "{id}", "Ids of bulks, by what became of them.", self._ids),
            ("retries", "{request}", "Requests of bulks after the first of a call.", self._resends),
            ("rate_limit.wait", "s", "Time of bulks that a vendor asked to wait.", self._waits),
        ):
            meter.create_observable_counter(
                f"sessionvitals.bulk.{name}",
                [observing_number(counted)],
                unit=unit,
                description=description,
            )
        for what, measured in (("call", self._calls), ("request", self._requests)):
            for part in ("count", "sum", "bucket"):
                meter.create_observable_counter(
                    f"sessionvitals.bulk.{what}.duration_{part}",
                    [observing_durations(measured, part)],
                    unit="s" if part == "sum" else f"{{{what}}}",
                    description=f"Duration of each {what} of bulks: a histogram's {part}.",
                )

    def record_attempts(
        self, call: ObservedCall, method: str, path: str, attempts: list[tuple[Attempt, str]]
    ) -> None:
        """Measure each request of a call."""
        for one, kind in attempts:
            attributes = request_of(call.base_url, method, path)
            if one.http_status:
                attributes["http.response.status_code"] = one.http_status
            if kind:
                attributes["error.type"] = kind
            self._request_duration.record(
                one.duration.total_seconds(), attributes, context=call.context
            )

    def record_call(
        self,
        call: ObservedCall,
        outcome: dict[str, str],
        elapsed: int,
        attempts: int,
        report: CallReport | None,
    ) -> None:
        """Measure a call."""
        about = {"sessionvitals.provider": call.provider, "sessionvitals.operation": call.operation}
        self._call_duration.record(elapsed / 1e9, {**about, **outcome}, context=call.context)
        if attempts > 1:
            self._retries.add(attempts - 1, about, context=call.context)
        if report is not None and (waited := seconds_of_rate_limit(report)):
            self._rate_limit_wait.add(waited, about, context=call.context)

    def follow(self, bulk: ObservedBulk) -> None:
        """Count what a bulk has done so far, until it is over."""
        number = id(bulk)
        lost = ref(bulk, lambda _: self._finish(number))
        with _lock:
            self._running[number] = lost, (bulk.provider, bulk.base_url), bulk.tally

    def leave(self, bulk: ObservedBulk) -> None:
        """Keep what a bulk has done."""
        self._finish(id(bulk))

    def _finish(self, number: int) -> None:
        with _lock:
            if self._is_summing:  # in this very thread, whose collector has ended a bulk
                self._ended.append(number)
                return
            _, key, tally = self._running.pop(number, (None, None, None))
            if key is not None and tally is not None:
                self._finished.setdefault(key, Totals()).add(tally)

    def _totals(self) -> Iterator[tuple[tuple[str, str], Totals]]:
        with _lock:
            totals: dict[tuple[str, str], Totals] = {}
            self._is_summing = True
            try:
                for key, finished in self._finished.items():
                    totals.setdefault(key, Totals()).add(finished)
                for _, key, tally in list(self._running.values()):
                    totals.setdefault(key, Totals()).add(tally)
            finally:
                self._is_summing = False
            while self._ended:
                self._finish(self._ended.pop())
        return iter(totals.items())

    def _ids(self) -> Iterator[tuple[Attributes, int]]:
        for (provider, _), totals in self._totals():
            for (state, kind), number in totals.ids.items():
                yield outcome_of(provider, state, kind), number

    def _waits(self) -> Iterator[tuple[Attributes, float]]:
        for (provider, _), totals in self._totals():
            yield {"sessionvitals.provider": provider}, totals.rate_limit_wait

    def _resends(self) -> Iterator[tuple[Attributes, int]]:
        for (provider, _), totals in self._totals():
            yield {"sessionvitals.provider": provider}, totals.retries

    def _calls(self) -> Iterator[tuple[Attributes, list[Any]]]:
        for (provider, _), totals in self._totals():
            for (state, kind), durations in totals.calls.items():
                yield outcome_of(provider, state, kind), durations

    def _requests(self) -> Iterator[tuple[Attributes, list[Any]]]:
        for (provider, base_url), totals in self._totals():
            for (status, kind), durations in totals.attempts.items():
                path = PATHS[provider]["probe"]
                attributes = request_of(base_url, PROBE_METHODS[provider], path)
                if status:
                    attributes["http.response.status_code"] = status
                if kind:
                    attributes["error.type"] = str(status) if status >= 400 else kind
                yield attributes, durations


def observing_number(
    counted: Callable[[], Iterable[tuple[Attributes, float]]],
) -> Callable[[CallbackOptions], Iterable[Observation]]:
    """Return the callback of a counter. What has equal attributes is one number."""

    def observe(options: CallbackOptions) -> Iterable[Observation]:
        sums: dict[tuple[tuple[str, Any], ...], float] = {}
        for attributes, number in counted():
            key = tuple(attributes.items())
            sums[key] = sums.get(key, 0) + number
        return [Observation(number, dict(key)) for key, number in sums.items()]

    return observe


def observing_durations(
    measured: Callable[[], Iterable[tuple[Attributes, list[Any]]]], part: str
) -> Callable[[CallbackOptions], Iterable[Observation]]:
    """Return the callback of one part of a histogram: its count, its sum or its buckets.

    The API has no histogram that is observed, so each part is a counter, as Prometheus has them:
    a bucket holds all durations up to its ``le``.
    """
    bounds = (*map(str, BOUNDS), "+Inf")

    def numbers() -> Iterator[tuple[Attributes, float]]:
        for attributes, (count, seconds, buckets) in measured():
            if part == "bucket":
                for bound, so_far in zip(bounds, accumulate(buckets), strict=True):
                    yield {**attributes, "le": bound}, so_far
            else:
                yield attributes, count if part == "count" else seconds

    return observing_number(numbers)


def outcome_of(provider: str, state: str, kind: str) -> dict[str, str]:
    outcome = {"sessionvitals.session.state": state} if state else {"error.type": kind}
    return {
        "sessionvitals.provider": provider,
        "sessionvitals.operation": "probe",
        **outcome,
    }


def request_of(base_url: str, method: str, path: str) -> Attributes:
    """Return what all requests of an operation have in common."""
    host, port = server_of(base_url)
    return {
        "http.request.method": method,
        "server.address": host,
        "server.port": port,
        "url.template": path,
    }
