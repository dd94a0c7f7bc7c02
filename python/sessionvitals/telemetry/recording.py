"""Makes spans and measurements from reports.

The names are those of OpenTelemetry's semantic conventions for HTTP clients, as texts of our own:
their package moves.
"""

from __future__ import annotations

from hashlib import sha256
from time import time_ns
from urllib.parse import quote

from opentelemetry import trace
from opentelemetry.trace import SpanKind, Status, StatusCode

from .._core import __version__
from ..states import SessionState
from .metrics import Metrics
from .paths import PATHS
from .reports import nanoseconds, outcomes, reason_of_wait, server_of, short_text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from opentelemetry.context import Context
    from opentelemetry.metrics import MeterProvider
    from opentelemetry.trace import Span, Tracer, TracerProvider

    from .._core import Attempt, CallReport
    from .observer import Observed, ObservedBulk, ObservedCall

#: Of the conventions that the attributes follow.
SCHEMA_URL = "https://opentelemetry.io/schemas/1.36.0"
REDACTED = "REDACTED"


def make_recorder(
    tracer_provider: TracerProvider | None,
    meter_provider: MeterProvider | None,
    *,
    session_ids: str,
    spans: str,
) -> Recorder:
    """Return what records to these providers; to the process's own for None."""
    tracer = trace.get_tracer("sessionvitals", __version__, tracer_provider, SCHEMA_URL)
    metrics = Metrics.of(meter_provider, __version__, SCHEMA_URL)
    return Recorder(tracer, metrics, session_ids, spans)


class Recorder:
    """Records calls that are over."""

    __slots__ = ("_session_ids", "_spans", "_tracer", "metrics")

    def __init__(self, tracer: Tracer, metrics: Metrics, session_ids: str, spans: str) -> None:
        self._tracer = tracer
        self._session_ids = session_ids
        self._spans = spans
        self.metrics: Metrics = metrics

    def start_span(self, observed: Observed) -> Span | None:
        """Return the INTERNAL span, begun; None if there is to be none."""
        if self._spans != "call":
            return None
        return self._tracer.start_span(
            f"sessionvitals.{observed.provider}.{observed.operation}",
            observed.context,
            attributes={
                "sessionvitals.provider": observed.provider,
                "sessionvitals.operation": observed.operation,
            },
            start_time=observed.started,
        )

    def record(
        self,
        call: ObservedCall,
        report: CallReport | None,
        answer: Any,
        error: BaseException | None,
    ) -> None:
        """Record a call: its report is None only if it was ended from outside."""
        attempts = list(outcomes(report, error)) if report is not None else []
        elapsed = nanoseconds(report.elapsed) if report is not None else time_ns() - call.started
        state = getattr(answer, "state", None)
        outcome = {"error.type": type(error).__name__} if error is not None else {}
        if isinstance(state, SessionState):
            outcome["sessionvitals.session.state"] = str(state.value)
        path = PATHS[call.provider].get(call.operation, "")
        method = report.method if report is not None else ""
        span = call.span or self.start_span(call)
        if span is None:
            parent, is_recording = call.context, self._spans == "attempt"
        else:
            parent, is_recording = (
                trace.set_span_in_context(span, call.context),
                span.is_recording(),
            )
        if is_recording and call.is_http_recorded:
            for number, (one, kind) in enumerate(attempts):
                self._record_attempt(call, one, kind, number, method, path, parent)
        if span is not None:
            if is_recording:
                span.set_attributes(outcome)
                span.set_attribute("sessionvitals.attempts", len(attempts))
                self._name_session(call, path, span)
                if report is not None:
                    add_waits(span, call.started, report)
                if error is not None:
                    span.set_status(Status(StatusCode.ERROR, short_text(error)))
            span.end(call.started + elapsed)
        if call.is_http_recorded:
            self.metrics.record_attempts(call, method, path, attempts)
        self.metrics.record_call(call, outcome, elapsed, len(attempts), report)

    def _record_attempt(
        self,
        call: ObservedCall,
        one: Attempt,
        kind: str,
        number: int,
        method: str,
        path: str,
        parent: Context,
    ) -> None:
        host, port = server_of(call.base_url)
        attributes: dict[str, str | int] = {
            "http.request.method": method,
            "server.address": host,
            "server.port": port,
            "url.full": call.base_url.rstrip("/") + self._filled(call, path),
            "url.template": path,
            "network.protocol.version": "1.1",
        }
        if one.http_status:
            attributes["http.response.status_code"] = one.http_status
        if number:
            attributes["http.request.resend_count"] = number
        if one.address:
            peer, _, peer_port = one.address.rpartition(":")
            attributes["network.peer.address"] = peer.strip("[]")
            attributes["network.peer.port"] = int(peer_port)
        if kind:
            attributes["error.type"] = kind
        started = call.started + nanoseconds(one.started)
        span = self._tracer.start_span(
            f"{method} {path}",
            parent,
            kind=SpanKind.CLIENT,
            attributes=attributes,
            start_time=started,
        )
        if kind and span.is_recording():
            where = f" in phase {one.phase}" if one.phase != "done" else ""
            text = f"HTTP status {kind}" if kind.isdigit() else kind + where
            span.set_status(Status(StatusCode.ERROR, text))
        span.end(started + nanoseconds(one.duration))

    def _filled(self, call: ObservedCall, path: str) -> str:
        """Return the path with what may be said in place of ids."""
        path = path.replace("{user_id}", REDACTED)
        if "{id}" not in path:
            return path
        shown = REDACTED
        if self._session_ids == "show":
            shown = quote(str(call.question[0]), safe="")
        return path.replace("{id}", shown)

    def _name_session(self, call: ObservedCall, path: str, span: Span) -> None:
        if self._session_ids == "redact" or "{id}" not in path:
            return
        session_id = str(call.question[0])
        if self._session_ids == "show":
            span.set_attribute("sessionvitals.session.id", session_id)
        else:
            digest = sha256(session_id.encode()).hexdigest()
            span.set_attribute("sessionvitals.session.id_hash", digest[:16])

    def record_bulk(self, bulk: ObservedBulk, error: BaseException | None) -> None:
        """Record a bulk, whose tally says how many ids came to what."""
        span = bulk.span or self.start_span(bulk)
        if span is None:
            return
        if span.is_recording():
            ids, tally = bulk.tally.ids, bulk.tally
            span.set_attribute("sessionvitals.bulk.ids", sum(ids.values()))
            for (state, kind), count in ids.items():
                name = f"state.{state}" if state else f"error.{kind}"
                span.set_attribute(f"sessionvitals.bulk.{name}", count)
            calls = sum(count for count, _, _ in tally.calls.values())
            span.set_attribute("sessionvitals.bulk.calls", calls)
            span.set_attribute("sessionvitals.attempts", sum(t[0] for t in tally.attempts.values()))
            if error is not None:
                span.set_attribute("error.type", type(error).__name__)
                span.set_status(Status(StatusCode.ERROR, type(error).__name__))
        span.end(time_ns())


def add_waits(span: Span, started: int, report: CallReport) -> None:
    """Add an event for each time that the call waited, or went to a fresh connection."""
    attempts = report.attempts
    for number, one in enumerate(attempts, 1):
        if one.phase != "wait" and number == len(attempts):
            return
        at = started + nanoseconds(one.started)
        if one.phase != "wait":
            at += nanoseconds(one.duration)
        attributes: dict[str, str | float] = {
            "sessionvitals.wait.reason": reason_of_wait(one),
            "sessionvitals.wait.duration": nanoseconds(one.wait) / 1e9,
        }
        span.add_event("wait", attributes, at)
