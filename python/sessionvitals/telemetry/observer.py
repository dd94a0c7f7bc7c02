"""Takes what is there when a call begins, in its thread or task, and has it recorded at its end."""

from __future__ import annotations

import sys
from time import time_ns
from types import SimpleNamespace

from opentelemetry import context as contexts
from opentelemetry import trace
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from .._core import BulkTally
from ..errors import CallError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from opentelemetry.context import Context
    from opentelemetry.trace import Span

    from .recording import Recorder

# By which others say that nothing is to be recorded: by the API's keys, and by an older, plain one.
_SUPPRESSED = (contexts._SUPPRESS_INSTRUMENTATION_KEY, "suppress_instrumentation")
_HTTP_SUPPRESSED = contexts._SUPPRESS_HTTP_INSTRUMENTATION_KEY
_propagator = TraceContextTextMapPropagator()


class Observer:
    """Told by the clients' carriers of every call. Nothing it does costs a call its answer."""

    __slots__ = ("_propagates", "recorder")

    def __init__(self, recorder: Recorder | None, propagates: bool) -> None:
        #: None: nothing is recorded, and clients that are told to propagate do.
        self.recorder: Recorder | None = recorder
        self._propagates = propagates

    def begin(
        self, client: Any, operation: str, question: tuple[object, ...]
    ) -> ObservedCall | None:
        """Return what to tell of the call's end; None where there is nothing to be told."""
        try:
            context = contexts.get_current()
            if context and any(context.get(key) for key in _SUPPRESSED):
                return None
            call = ObservedCall(self.recorder, client, operation, question, context)
            if self._propagates if client._propagates is None else client._propagates:
                call.propagate()
            return call
        except Exception as error:  # noqa: BLE001 what records must not cost the answer
            discard(error)
            return None

    def begin_bulk(self, client: Any, options: dict[str, Any]) -> ObservedBulk | None:
        """Return what to tell of the bulk's start and end, and add to its options; or None."""
        try:
            context = contexts.get_current()
            if context and any(context.get(key) for key in _SUPPRESSED):
                return None
            bulk = ObservedBulk(self.recorder, client, context)
            if self._propagates if client._propagates is None else client._propagates:
                bulk.propagate()
        except Exception as error:  # noqa: BLE001 what records must not cost the answer
            discard(error)
            return None
        options.update(bulk.options)
        return bulk


class Observed:
    """What calls and bulks have in common."""

    __slots__ = (
        "base_url",
        "context",
        "operation",
        "options",
        "provider",
        "recorder",
        "span",
        "started",
    )

    def __init__(
        self, recorder: Recorder | None, client: Any, operation: str, context: Context
    ) -> None:
        self.recorder: Recorder | None = recorder
        self.provider: str = client.provider
        self.base_url: str = client._compiled.base_url
        self.operation: str = operation
        self.context: Context = context
        #: Wall-clock, in nanoseconds. The report's times count from here, so that a clock that is
        #: set meanwhile does not tear the spans apart.
        self.started: int = time_ns()
        #: The INTERNAL span, if it had to be there before the call, as its id is sent.
        self.span: Span | None = None
        #: What to give the compiled half besides the caller's options.
        self.options: dict[str, Any] = {}

    def propagate(self) -> None:
        """Have the requests say what they are part of: our own span, or the caller's."""
        sent = self.context
        if self.recorder is not None:
            self.span = self.recorder.start_span(self)
        if self.span is not None:
            sent = trace.set_span_in_context(self.span, sent)
        _propagator.inject(self.options, sent)
        if not self.options.get("tracestate"):
            self.options.pop("tracestate", None)


class ObservedCall(Observed):
    """One call, from its begin to its end."""

    __slots__ = ("is_http_recorded", "question")

    def __init__(
        self,
        recorder: Recorder | None,
        client: Any,
        operation: str,
        question: tuple[object, ...],
        context: Context,
    ) -> None:
        super().__init__(recorder, client, operation, context)
        self.question: tuple[object, ...] = question
        #: False where the caller records HTTP requests by itself.
        self.is_http_recorded: bool = not context.get(_HTTP_SUPPRESSED)

    def end(self, answer: Any, error: BaseException | None) -> None:
        """Record the call. One that sent nothing, as something given could not be used, is none."""
        if self.recorder is None:
            return
        if isinstance(error, CallError):
            report = error.call
        elif error is None:
            report = getattr(answer, "call", answer)
        elif isinstance(error, (Exception, GeneratorExit)):
            return
        else:
            report = None  # ended from outside: a cancelled task, Ctrl-C
        try:
            self.recorder.record(self, report, answer, error)
        except Exception as problem:  # noqa: BLE001 as above
            discard(problem)


class ObservedBulk(Observed):
    """Many calls, from their begin to their end."""

    __slots__ = ("__weakref__", "tally")

    def __init__(self, recorder: Recorder | None, client: Any, context: Context) -> None:
        super().__init__(recorder, client, "probe_many", context)
        self.tally: BulkTally = BulkTally()
        if recorder is not None:
            self.options["tally"] = self.tally

    def __enter__(self) -> None:
        """Have the metrics follow the bulk."""
        if self.recorder is not None:
            self.recorder.metrics.follow(self)

    def __exit__(self, kind: object, error: BaseException | None, traceback: object) -> None:
        """Record the bulk. A loop that was left early has ended well."""
        if self.recorder is None:
            return
        try:
            self.recorder.metrics.leave(self)
            self.recorder.record_bulk(self, None if isinstance(error, GeneratorExit) else error)
        except Exception as problem:  # noqa: BLE001 as above
            discard(problem)


def discard(error: Exception) -> None:
    """Show a failure of what records: an exporter's, for one. The call goes on."""
    sys.unraisablehook(
        SimpleNamespace(
            exc_type=type(error),
            exc_value=error,
            exc_traceback=error.__traceback__,
            err_msg="Exception ignored in sessionvitals.telemetry",
            object=None,
        )
    )
