"""The price of OpenTelemetry: off, with spans that are sampled and not, and for a bulk.

    python telemetry_bench.py HOW BASE_URL CALLS     prints microseconds of processor time a call

HOW is off, sampled, unsampled or metrics, for single calls; bulk-off and bulk-on. The SDK is given
a processor that drops every span, so that no exporter is measured.
"""

from __future__ import annotations

import json
import sys
import time
import timeit
from collections import deque
from functools import partial
from pathlib import Path
from typing import Any

from sessionvitals import PingClient, observing, telemetry


def enable(how: str) -> None:
    from opentelemetry.sdk.metrics import MeterProvider
    from opentelemetry.sdk.metrics.export import InMemoryMetricReader
    from opentelemetry.sdk.trace import SpanProcessor, TracerProvider
    from opentelemetry.sdk.trace.sampling import ALWAYS_OFF, ALWAYS_ON

    tracers = TracerProvider(
        sampler=ALWAYS_OFF if how == "unsampled" else ALWAYS_ON, shutdown_on_exit=False
    )
    tracers.add_span_processor(SpanProcessor())
    telemetry.enable(
        tracer_provider=tracers,
        meter_provider=MeterProvider([InMemoryMetricReader()], shutdown_on_exit=False),
        spans="none" if how == "metrics" else "call",
    )


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
    if not how.endswith("off"):
        enable(how)

    def ask(number: int) -> None:
        if how.startswith("bulk"):
            ids = [f"s-{n}" for n in range(number)]
            deque(client.probe_many(ids), maxlen=0)
        else:
            for _ in range(number):
                client.probe("s-1")

    ask(200)
    begun = time.process_time()
    ask(calls)
    return (time.process_time() - begun) / calls * 1e6


def measure(table: Any, programs: Path, rounds: int) -> None:
    """Add the rows of the benchmark."""
    from client_bench import base_url
    from measure import interleaved, median, peer, run

    table.title("OpenTelemetry, processor time a call")
    table.ratio("telemetry off: ns a call", look(), "< 50", "the look at a name")
    with peer(programs) as port:

        def subject(how: str, calls: int) -> Any:
            command = [sys.executable, __file__, how, base_url(port), str(calls)]
            return partial(run, command)

        single = ("off", "unsampled", "metrics", "sampled")
        seen = interleaved(
            rounds,
            {
                **{how: subject(how, 3_000) for how in single},
                **{how: subject(how, 50_000) for how in ("bulk-off", "bulk-on")},
            },
        )
    if "sampled" not in seen:
        print("  left out: opentelemetry-sdk is not installed")
        return
    cpu = {how: median(figures, "cpu") for how, figures in seen.items()}
    for how, goal in (("unsampled", "<= 3"), ("metrics", "<= 3"), ("sampled", "<= 5")):
        behind = f"{cpu[how]:.1f} us, off {cpu['off']:.1f} us"
        table.ratio(f"telemetry {how}: times a call without", cpu[how] / cpu["off"], goal, behind)
    behind = f"{cpu['bulk-on']:.2f} us, off {cpu['bulk-off']:.2f} us"
    table.ratio(
        "telemetry: bulk to one without", cpu["bulk-on"] / cpu["bulk-off"], "<= 1.1", behind
    )


SECTIONS = {"telemetry": measure}

if __name__ == "__main__":
    assert observing.observer is None
    _, chosen, address, number = sys.argv
    print(json.dumps({"cpu": cpu_of_calls(chosen, address, int(number))}))
