"""OpenTelemetry spans and metrics of the clients' calls, made from their reports.

Off until ``enable()`` is called, or ``opentelemetry-instrument`` does. It needs opentelemetry-api:
``pip install sessionvitals[otel]``. Without an SDK the API records nothing.

A call is one INTERNAL span, ``sessionvitals.ping.probe``, and in it a CLIENT span for each attempt. A
bulk is one INTERNAL span with counts. No span, event or metric has a key, a header, a body or an
address of a user; a session's id stands as REDACTED in addresses.
"""

from __future__ import annotations

from .. import observing
from ..errors import ConfigurationError
from ..lazy_import import load

TYPE_CHECKING = False
if TYPE_CHECKING:
    from opentelemetry.metrics import MeterProvider
    from opentelemetry.trace import TracerProvider

    from .instrumentor import SessionVitalsInstrumentor

__all__ = ["SessionVitalsInstrumentor", "disable", "enable"]

SESSION_IDS = ("redact", "hash", "show")
SPANS = ("call", "attempt", "none")

# Whether some client is to propagate also while nothing is recorded.
_is_listening = False


def enable(
    *,
    tracer_provider: TracerProvider | None = None,
    meter_provider: MeterProvider | None = None,
    propagate: bool = False,
    session_ids: str = "redact",
    spans: str = "call",
) -> None:
    """Record all calls of this process from now on; in place of what was enabled before.

    ``tracer_provider`` and ``meter_provider`` are the process's own if left out.

    ``propagate`` sends each request with ``traceparent`` and ``tracestate``, never with ``baggage``.
    The vendors are third parties, so it is off by default. A client's ``propagate_trace`` wins over
    it.

    ``session_ids`` says what spans have of a session's id: "redact" nothing; "hash" the first 16
    hexadecimal digits of its SHA-256, as ``sessionvitals.session.id_hash``; "show" all of it, as
    ``sessionvitals.session.id`` and in ``url.full``. With some vendors, who knows the id may use the
    session. Metrics never have it.

    ``spans`` says which there are: "call" an INTERNAL span a call and a CLIENT span for each of its
    attempts; "attempt" those of attempts alone; "none" none, only metrics.

    Raises:
        ConfigurationError: An argument is none of these, or opentelemetry-api is not installed.
    """
    if session_ids not in SESSION_IDS:
        raise ConfigurationError(f"session_ids must be one of {', '.join(SESSION_IDS)}.")
    if spans not in SPANS:
        raise ConfigurationError(f"spans must be one of {', '.join(SPANS)}.")
    _import_api()
    recording = load("sessionvitals.telemetry.recording")
    recorder = recording.make_recorder(
        tracer_provider, meter_provider, session_ids=session_ids, spans=spans
    )
    observing.observer = load("sessionvitals.telemetry.observer").Observer(recorder, propagate)


def disable() -> None:
    """Record nothing from now on. Calls that run are recorded when they are over."""
    observing.observer = None
    if _is_listening:
        listen_for_propagation()


def listen_for_propagation() -> None:
    """See that a client's ``propagate_trace`` is heeded, also while nothing is recorded."""
    global _is_listening
    _import_api()
    _is_listening = True
    if observing.observer is None:
        observer = load("sessionvitals.telemetry.observer")
        observing.observer = observer.Observer(None, propagates=False)


def _import_api() -> None:
    try:
        load("opentelemetry.trace")
    except ModuleNotFoundError as error:
        raise ConfigurationError(
            "opentelemetry-api is not installed: pip install 'sessionvitals[otel]'."
        ) from error


def __getattr__(name: str) -> object:
    if name != "SessionVitalsInstrumentor":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return load(f"{__name__}.instrumentor").SessionVitalsInstrumentor
