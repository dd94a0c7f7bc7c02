"""An OpenTelemetry SDK that keeps what it is given, for one test."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import SpanKind, StatusCode

from sessionvitals import telemetry


@dataclass
class Recorded:
    """What was recorded."""

    tracers: TracerProvider
    exporter: InMemorySpanExporter
    reader: InMemoryMetricReader

    @property
    def spans(self) -> list[ReadableSpan]:
        """All spans, by when they started; the one around others before them."""
        spans = self.exporter.get_finished_spans()
        return sorted(spans, key=lambda span: (span.start_time or 0, span.kind is SpanKind.CLIENT))

    def points(self, name: str) -> list[tuple[dict[str, Any], Any]]:
        """Return each point of a metric: its attributes, and its number or histogram."""
        data = self.reader.get_metrics_data()
        if data is None:
            return []
        return [
            (dict(point.attributes or {}), getattr(point, "value", point))
            for resource in data.resource_metrics
            for scope in resource.scope_metrics
            for metric in scope.metrics
            if metric.name == name
            for point in metric.data.data_points
        ]

    def everything(self) -> str:
        """Return all that an exporter would send, as text."""
        data = self.reader.get_metrics_data()
        spans = "".join(span.to_json() for span in self.spans)
        return spans + (data.to_json() if data is not None else "")


@contextmanager
def recording(**options: Any) -> Iterator[Recorded]:
    """Have the library record to an SDK of its own until the block ends."""
    exporter, reader = InMemorySpanExporter(), InMemoryMetricReader()
    sampler = options.pop("sampler", None)
    tracers = TracerProvider(sampler=sampler, shutdown_on_exit=False)
    tracers.add_span_processor(SimpleSpanProcessor(exporter))
    meters = MeterProvider([reader], shutdown_on_exit=False)
    telemetry.enable(tracer_provider=tracers, meter_provider=meters, **options)
    try:
        yield Recorded(tracers, exporter, reader)
    finally:
        telemetry.disable()
        meters.shutdown()


def golden(span: ReadableSpan) -> dict[str, Any]:
    """Return all of a span but its ids and times."""
    made: dict[str, Any] = {
        "name": span.name,
        "kind": span.kind.name,
        "attributes": dict(span.attributes or {}),
    }
    if span.events:
        made["events"] = [
            (event.name, (event.attributes or {})["sessionvitals.wait.reason"])
            for event in span.events
        ]
    if span.status.status_code is not StatusCode.UNSET:
        made["status"] = (span.status.status_code.name, span.status.description)
    return made
