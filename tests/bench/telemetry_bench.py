"""The price of OpenTelemetry: off, with spans that are sampled and not, and for a bulk.

    python telemetry_bench.py HOW BASE_URL CALLS     prints microseconds of processor time a call

HOW is off, sampled, unsampled or metrics, for single calls; the last three with hand- before them,
where the same spans and measurements are made by hand beside a call that is not observed; bulk-off
and bulk-on. The SDK is given a processor that drops every span, so that no exporter is measured.

A call is judged beside the one by hand: most of the price is the SDK's, and what that is beside a
call without telemetry depends on the machine's kernel and on the SDK's version.
"""

from __future__ import annotations

import json
import sys
import time
import timeit
from collections import deque
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from sessionvitals import PingClient, observing, telemetry


def providers(how: str) -> tuple[Any, Any]:
    """Return the SDK's provider of tracers and its provider of meters."""
    from opentelemetry.sdk.metrics import MeterProvider
    from opentelemetry.sdk.metrics.export import InMemoryMetricReader
    from opentelemetry.sdk.trace import SpanProcessor, TracerProvider
    from opentelemetry.sdk.trace.sampling import ALWAYS_OFF, ALWAYS_ON

    tracers = TracerProvider(
        sampler=ALWAYS_OFF if how == "unsampled" else ALWAYS_ON, shutdown_on_exit=False
    )
    tracers.add_span_processor(SpanProcessor())
    return tracers, MeterProvider([InMemoryMetricReader()], shutdown_on_exit=False)


def enable(how: str) -> None:
    tracers, meters = providers(how)
    spans = "none" if how == "metrics" else "call"
    telemetry.enable(tracer_provider=tracers, meter_provider=meters, spans=spans)


def by_hand(how: str, ask: Callable[[], Any]) -> Callable[[], None]:
    """Return a call with the least that gives the same spans and measurements."""
    from opentelemetry import context, trace

    tracers, meters = providers(how)
    tracer, meter = tracers.get_tracer("by-hand"), meters.get_meter("by-hand")
    requests = meter.create_histogram("http.client.request.duration", unit="s")
    calls = meter.create_histogram("sessionvitals.call.duration", unit="s")
    about = {"sessionvitals.provider": "ping", "sessionvitals.operation": "probe"}
    request = {
        "http.request.method": "GET",
        "server.address": "127.0.0.1",
        "server.port": 80,
        "url.template": "/sessions/{id}/status",
    }
    more = {
        "url.full": "http://127.0.0.1/customer/v2/sessions/REDACTED/status",
        "network.protocol.version": "1.1",
        "network.peer.address": "127.0.0.1",
        "network.peer.port": 80,
        "http.response.status_code": 200,
    }

    def make_spans(begun: int, outcome: dict[str, Any], current: Any) -> None:
        span = tracer.start_span("call", current, attributes={**about}, start_time=begun)
        if span.is_recording():
            inner = tracer.start_span(
                "GET /sessions/{id}/status",
                trace.set_span_in_context(span, current),
                kind=trace.SpanKind.CLIENT,
                attributes={**request, **more},
                start_time=begun,
            )
            inner.end(time.time_ns())
            span.set_attributes(outcome)
            span.set_attribute("sessionvitals.attempts", 1)
        span.end(time.time_ns())

    def call() -> None:
        current, begun = context.get_current(), time.time_ns()
        session = ask()
        outcome = {"sessionvitals.session.state": str(session.state.value)}
        if how != "metrics":
            make_spans(begun, outcome, current)
        seconds = session.call.elapsed.total_seconds()
        requests.record(seconds, {**request, "http.response.status_code": 200}, context=current)
        calls.record(seconds, {**about, **outcome}, context=current)

    return call


def look() -> float:
    """Return what a call pays while telemetry is off: nanoseconds for the look at a name."""
    loops = 1_000_000
    with_look = min(
        timeit.repeat("observing.observer is not None", globals=globals(), number=loops, repeat=7)
    )
    return max(with_look - min(timeit.repeat("pass", number=loops, repeat=7)), 0) / loops * 1e9


def cpu_of_calls(how: str, base: str, calls: int) -> float:
    """Return microseconds of processor time a call, in this process."""
    client = PingClient("ping-sandbox-key", base_url=base)
    one: Callable[[], object] = partial(client.probe, "s-1")
    if how.startswith("hand-"):
        one = by_hand(how.removeprefix("hand-"), one)
    elif not how.endswith("off"):
        enable(how)

    def ask(number: int) -> None:
        if how.startswith("bulk"):
            ids = [f"s-{n}" for n in range(number)]
            deque(client.probe_many(ids), maxlen=0)
        else:
            for _ in range(number):
                one()

    ask(200)
    begun = time.process_time()
    ask(calls)
    return (time.process_time() - begun) / calls * 1e6


def measure(table: Any, programs: Path, rounds: int) -> None:
    """Add the rows of the benchmark."""
    from client_bench import base_url
    from measure import interleaved, median, paired, peer, run

    table.title("OpenTelemetry, processor time a call")
    table.ratio("telemetry off: ns a call", look(), "< 50", "the look at a name")
    with peer(programs) as port:

        def subject(how: str, calls: int) -> Any:
            command = [sys.executable, __file__, how, base_url(port), str(calls)]
            return partial(run, command)

        kinds = ("metrics", "unsampled", "sampled")
        # Each beside the one that it is compared with.
        singles = ("off", *(f"{by}{how}" for how in kinds for by in ("", "hand-")))
        seen = interleaved(
            2 * rounds,
            {
                **{how: subject(how, 3_000) for how in singles},
                **{how: subject(how, 50_000) for how in ("bulk-off", "bulk-on")},
            },
        )
    if "sampled" not in seen:
        print("  left out: opentelemetry-sdk is not installed")
        return
    cpu = {how: median(figures, "cpu") for how, figures in seen.items()}
    for how in kinds:
        hand = f"hand-{how}"
        times = paired(seen[how], seen[hand], "cpu")
        behind = f"{cpu[how]:.1f} us, by hand {cpu[hand]:.1f} us, off {cpu['off']:.1f} us"
        table.ratio(f"telemetry {how}: times a call by hand", times, "<= 1.5", behind)
    behind = f"{cpu['bulk-on']:.2f} us, off {cpu['bulk-off']:.2f} us"
    times = paired(seen["bulk-on"], seen["bulk-off"], "cpu")
    table.ratio("telemetry: bulk to one without", times, "<= 1.1", behind)


SECTIONS = {"telemetry": measure}

if __name__ == "__main__":
    assert observing.observer is None
    _, chosen, address, number = sys.argv
    print(json.dumps({"cpu": cpu_of_calls(chosen, address, int(number))}))
