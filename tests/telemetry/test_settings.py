"""What is measured, what is sent to vendors, and how recording is switched on and off."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from typing import Any

import pytest
from opentelemetry import baggage, context, trace
from opentelemetry.trace import NonRecordingSpan, SpanContext, TraceFlags, TraceState
from tests.support.operations import OPERATIONS
from tests.support.peers import answer, peer, says, says_in_turn
from tests.support.sandbox import Space
from tests.support.vendors import PING, VENDORS
from tests.telemetry.recorded import recording

from sessionvitals import AsyncPingClient, ConfigurationError, PingClient, observing, telemetry
from sessionvitals.telemetry.paths import PATHS, PROBE_METHODS

GOOD = answer(PING.good_body)
LIMITED = answer(b"", b"HTTP/1.1 429 Slow Down", b"Retry-After: 0")
GONE = answer(b"", b"HTTP/1.1 404 Not Found")
SERVER = {
    "http.request.method": "GET",
    "server.address": "127.0.0.1",
    "url.template": "/sessions/{id}/status",
}
PROBE = {"sessionvitals.provider": "ping", "sessionvitals.operation": "probe"}


# A stream is no call that is recorded.
CALLS = [operation for operation in OPERATIONS if not operation.is_stream]


@pytest.mark.parametrize("operation", CALLS, ids=str)
def test_every_operation_has_the_path_of_its_request(operation: Any) -> None:
    vendor = operation.vendor
    request = vendor.build_operation(
        operation.name, vendor.key, vendor.style, **operation.arguments
    )

    path = PATHS[operation.provider][operation.name].format(id="s", user_id="u")
    assert request.target.partition("?")[0] == path


@pytest.mark.parametrize("vendor", VENDORS.values(), ids=str)
def test_a_probe_has_the_path_and_method_of_its_vendors_question(vendor: Any) -> None:
    assert PATHS[vendor.name]["probe"] == PATHS[vendor.name][vendor.operation]
    assert PROBE_METHODS[vendor.name] == vendor.request("s").method
    assert len(PATHS[vendor.name]) == 1 + sum(o.provider == vendor.name for o in CALLS)


def test_metrics_of_single_calls() -> None:
    with peer(says_in_turn(LIMITED, GOOD, GONE)) as told, recording() as recorded:
        client = PingClient("key", base_url=told.url)
        client.probe("s")
        client.probe("s")

    server = {**SERVER, "server.port": told.port}
    requests = recorded.points("http.client.request.duration")
    assert [attributes for attributes, _ in requests] == [
        {**server, "http.response.status_code": 429, "error.type": "429"},
        {**server, "http.response.status_code": 200},
        {**server, "http.response.status_code": 404},
    ]
    assert {tuple(point.explicit_bounds) for _, point in requests} == {
        (0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5, 10.0)
    }
    calls = recorded.points("sessionvitals.call.duration")
    assert [(attributes, point.count) for attributes, point in calls] == [
        ({**PROBE, "sessionvitals.session.state": "active"}, 1),
        ({**PROBE, "sessionvitals.session.state": "not_found"}, 1),
    ]
    assert recorded.points("sessionvitals.retries") == [(PROBE, 1)]


def test_the_instrumentor_enables_and_disables() -> None:
    instrumentor = telemetry.SessionVitalsInstrumentor()
    instrumentor.instrument(spans="none")
    try:
        assert observing.observer is not None
    finally:
        instrumentor.uninstrument()
    assert observing.observer is None


def test_the_entry_point_is_the_instrumentor() -> None:
    from importlib.metadata import entry_points

    (found,) = entry_points(group="opentelemetry_instrumentor", name="sessionvitals")
    assert found.load() is telemetry.SessionVitalsInstrumentor


@pytest.mark.parametrize("wrong", [{"session_ids": "plain"}, {"spans": "all"}])
def test_what_cannot_be_recorded_is_refused(wrong: dict[str, str]) -> None:
    with pytest.raises(ConfigurationError, match=next(iter(wrong))):
        telemetry.enable(**wrong)  # type: ignore[arg-type]


def test_off_imports_nothing_and_without_the_extra_says_what_to_install() -> None:
    program = """
import sys
class Missing:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] == "opentelemetry":
            raise ModuleNotFoundError("No module named 'opentelemetry'", name="opentelemetry")
sys.meta_path.insert(0, Missing())
from sessionvitals import PingClient, telemetry
try:
    PingClient("key", base_url="http://127.0.0.1:1", max_retries=0).probe("s")
except Exception as error:
    print(type(error).__name__)
assert not [name for name in sys.modules if name.startswith(("opentelemetry", "sessionvitals.telemetry."))]
for ask in (telemetry.enable, lambda: PingClient("key", propagate_trace=True)):
    try:
        ask()
    except Exception as error:
        print(type(error).__name__, error)
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)

    missing = (
        "ConfigurationError opentelemetry-api is not installed: pip install 'sessionvitals[otel]'."
    )
    assert (done.stdout.splitlines(), done.stderr) == (["TransportError", missing, missing], "")


def test_import_of_the_package_does_not_import_telemetry() -> None:
    program = (
        "import sys, sessionvitals; "
        "print('sessionvitals.telemetry' in sys.modules, sessionvitals.observing.observer)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.stdout == "False None\n"


def test_current_span_is_left_as_it_was() -> None:
    with peer(says(GOOD)) as told, recording():
        before = trace.get_current_span()
        PingClient("key", base_url=told.url).probe("s")
        assert trace.get_current_span() is before


def header_of(request: bytes, name: str) -> str | None:
    for line in request.decode().splitlines():
        found, colon, value = line.partition(": ")
        if colon and found.lower() == name:
            return value
    return None


def ask_sync(client: PingClient) -> None:
    client.probe("s")


def ask_in_bulk(client: PingClient) -> None:
    list(client.probe_many(["s"]))


def ask_for_table(client: PingClient) -> None:
    client.probe_table(["s"])


each_way = pytest.mark.parametrize("ask", [ask_sync, ask_in_bulk, ask_for_table])


@each_way
def test_no_vendor_is_told_of_the_trace_by_default(ask: Any, space: Space) -> None:
    space.add_session("ping", "s", "connected")
    with recording():
        ask(PING.client(space.url + PING.prefix))

    (request,) = space.sandbox.journal.requests()
    assert "traceparent" not in str(request)


def test_the_journal_has_the_traceparent_of_the_calls_span(space: Space) -> None:
    space.add_session("ping", "s", "connected")
    with recording(propagate=True) as recorded:
        PING.client(space.url + PING.prefix).probe("s")

    (request,) = space.sandbox.journal.requests()
    call = recorded.spans[0].context
    assert call is not None
    assert f"00-{call.trace_id:032x}-{call.span_id:016x}-{call.trace_flags:02x}" in str(
        request["headers"]
    )


@each_way
def test_requests_carry_the_calls_span_and_no_baggage(ask: Any) -> None:
    with peer(says_in_turn(GOOD)) as told, recording(propagate=True) as recorded:
        parent = SpanContext(
            0xA1,
            0xB2,
            is_remote=True,
            trace_flags=TraceFlags(1),
            trace_state=TraceState([("v", "1")]),
        )
        token = context.attach(
            baggage.set_baggage("user", "7", trace.set_span_in_context(NonRecordingSpan(parent)))
        )
        try:
            ask(PingClient("key", base_url=told.url))
        finally:
            context.detach(token)

    call = recorded.spans[0].context
    assert call is not None
    assert call.trace_id == 0xA1
    (request,) = told.requests
    assert header_of(request, "traceparent") == f"00-{0xA1:032x}-{call.span_id:016x}-01"
    assert header_of(request, "tracestate") == "v=1"
    assert header_of(request, "baggage") is None


def test_a_clients_own_wish_wins() -> None:
    with peer(says_in_turn(GOOD)) as told:
        with recording(propagate=True):
            PingClient("key", base_url=told.url, propagate_trace=False).probe("s")
        with recording(propagate=False):
            PingClient("key", base_url=told.url, propagate_trace=True).with_options(
                timeout=5
            ).probe("s")

    assert [header_of(request, "traceparent") is not None for request in told.requests] == [
        False,
        True,
    ]


def test_a_client_can_propagate_the_callers_span_while_nothing_is_recorded() -> None:
    async def ask(url: str) -> None:
        await AsyncPingClient("key", base_url=url, propagate_trace=True).probe("s")

    parent = SpanContext(0xA1, 0xB2, is_remote=True, trace_flags=TraceFlags(1))
    with peer(says_in_turn(GOOD)) as told, trace.use_span(NonRecordingSpan(parent)):
        asyncio.run(ask(told.url))
        PingClient("key", base_url=told.url).probe("s")

    assert [header_of(request, "traceparent") for request in told.requests] == [
        f"00-{0xA1:032x}-{0xB2:016x}-01",
        None,
    ]


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"traceparent": "00-zz"}, "traceparent"),
        ({"traceparent": f"00-{1:032x}-{1:016x}-01", "tracestate": "a\r\nb: c"}, "tracestate"),
    ],
)
def test_headers_that_are_no_trace_context_are_refused(wrong: dict[str, str], message: str) -> None:
    client = PingClient("key", base_url="http://127.0.0.1:1")
    with pytest.raises(ConfigurationError, match=message):
        client._compiled.probe("s", **wrong)


def test_propagate_trace_is_a_bool() -> None:
    with pytest.raises(ConfigurationError, match="propagate_trace is of type str"):
        PingClient("key", propagate_trace="yes")  # type: ignore[arg-type]
