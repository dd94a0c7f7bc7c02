"""The spans of calls, whole, for each way that a call can go."""

from __future__ import annotations

import asyncio
import contextlib
import sys
import threading
from typing import Any

import pytest
from opentelemetry.instrumentation.utils import (
    suppress_http_instrumentation,
    suppress_instrumentation,
)
from opentelemetry.sdk.trace.sampling import ALWAYS_OFF
from tests.support.peers import answer, peer, says, says_and_stays, says_in_turn
from tests.support.vendors import PING
from tests.telemetry.recorded import Recorded, golden, recording

from sessionvitals import (
    AsyncPingClient,
    CallCancelled,
    CancelToken,
    ConfigurationError,
    DeadlineExceeded,
    PingClient,
    SessionVitalsError,
    observing,
)

ID = "session-1"
GOOD = answer(PING.good_body.replace(b'"s"', b'"session-1"'))
BUSY = answer(b"", b"HTTP/1.1 503 Busy", b"Retry-After: 0")
LIMITED = answer(b"", b"HTTP/1.1 429 Slow Down", b"Retry-After: 0")
FAILED = answer(b"", b"HTTP/1.1 500 Oops")
GONE = answer(b"", b"HTTP/1.1 404 Not Found")


def sync_call(url: str, **options: Any) -> Any:
    return PingClient("key", base_url=url, **options).probe(ID)


def async_call(url: str, **options: Any) -> Any:
    async def ask() -> Any:
        return await AsyncPingClient("key", base_url=url, **options).probe(ID)

    return asyncio.run(ask())


each_way = pytest.mark.parametrize("ask", [sync_call, async_call], ids=["sync", "async"])


def call_span(state: str = "active", attempts: int = 1, **other: Any) -> dict[str, Any]:
    outcome = {"sessionvitals.session.state": state} if state else {}
    return {
        "name": "sessionvitals.ping.probe",
        "kind": "INTERNAL",
        "attributes": {
            "sessionvitals.provider": "ping",
            "sessionvitals.operation": "probe",
            **outcome,
            **other.pop("attributes", {}),
            "sessionvitals.attempts": attempts,
        },
        **other,
    }


def attempt_span(port: int, status: int = 200, number: int = 0, kind: str = "") -> dict[str, Any]:
    made: dict[str, Any] = {
        "name": "GET /sessions/{id}/status",
        "kind": "CLIENT",
        "attributes": {
            "http.request.method": "GET",
            "server.address": "127.0.0.1",
            "server.port": port,
            "url.full": f"http://127.0.0.1:{port}/sessions/REDACTED/status",
            "url.template": "/sessions/{id}/status",
            "network.protocol.version": "1.1",
            "network.peer.address": "127.0.0.1",
            "network.peer.port": port,
        },
    }
    if status:
        made["attributes"]["http.response.status_code"] = status
    if number:
        made["attributes"]["http.request.resend_count"] = number
    if kind:
        made["attributes"]["error.type"] = kind
        made["status"] = ("ERROR", f"HTTP status {kind}")
    return made


def goldens(recorded: Recorded) -> list[dict[str, Any]]:
    return [golden(span) for span in recorded.spans]


@each_way
def test_an_answer_is_a_span_of_the_call_and_one_of_its_attempt(ask: Any) -> None:
    with peer(says(GOOD)) as told, recording() as recorded:
        ask(told.url)

    assert goldens(recorded) == [call_span("active"), attempt_span(told.port)]
    call, one = recorded.spans
    assert one.parent is not None
    assert call.context is not None
    assert one.parent.span_id == call.context.span_id
    assert call.parent is None
    assert call.start_time <= one.start_time < one.end_time <= call.end_time  # type: ignore[operator]


@each_way
def test_a_404_that_says_there_is_no_such_session_is_no_error(ask: Any) -> None:
    with peer(says(GONE)) as told, recording() as recorded:
        ask(told.url)

    assert goldens(recorded) == [call_span("not_found"), attempt_span(told.port, 404)]


@each_way
def test_a_try_that_was_refused_is_an_error_of_its_own_span(ask: Any) -> None:
    with peer(says_in_turn(FAILED, GOOD)) as told, recording() as recorded:
        ask(told.url)

    assert goldens(recorded) == [
        call_span("active", 2, events=[("wait", "retry")]),
        attempt_span(told.port, 500, 0, "500"),
        attempt_span(told.port, 200, 1),
    ]
    call, first, second = recorded.spans
    assert call.events[0].timestamp == first.end_time
    assert first.end_time < second.start_time  # type: ignore[operator]


@each_way
@pytest.mark.parametrize(("said", "status"), [(LIMITED, 429), (BUSY, 503)])
def test_a_wait_that_the_vendor_asked_for_is_an_event(ask: Any, said: bytes, status: int) -> None:
    with peer(says_in_turn(said, GOOD)) as told, recording() as recorded:
        ask(told.url)

    call, first, second = goldens(recorded)
    assert call == call_span("active", 2, events=[("wait", "rate_limit")])
    assert first == attempt_span(told.port, status, 0, str(status))
    assert second == attempt_span(told.port, 200, 1)


@each_way
def test_a_refusal_is_an_error_of_both_spans(ask: Any) -> None:
    with peer(says(FAILED)) as told, recording() as recorded, pytest.raises(SessionVitalsError):
        ask(told.url, max_retries=0)

    failed: dict[str, Any] = {
        "attributes": {"error.type": "ServerError"},
        "status": ("ERROR", "ServerError: HTTP status 500"),
    }
    assert goldens(recorded) == [call_span("", **failed), attempt_span(told.port, 500, 0, "500")]


@each_way
def test_a_call_that_ran_out_of_time_says_how_far_it_came(ask: Any) -> None:
    with (
        peer(says_and_stays(b"")) as told,
        recording() as recorded,
        pytest.raises(DeadlineExceeded),
    ):
        ask(told.url, timeout=0.05, max_retries=0)

    status: dict[str, Any] = {"status": ("ERROR", "DeadlineExceeded in phase receive")}
    kind = {"error.type": "DeadlineExceeded"}
    one = attempt_span(told.port, 0)
    one["attributes"].update(kind)
    assert goldens(recorded) == [call_span("", attributes=kind, **status), {**one, **status}]


@each_way
def test_a_connection_that_was_refused_has_a_span_of_its_attempt(ask: Any) -> None:
    with peer(says(GOOD)) as told:
        url = told.url
    with recording() as recorded, pytest.raises(SessionVitalsError):
        ask(url, max_retries=0)

    _call, one = goldens(recorded)
    assert one["attributes"]["error.type"] == "TransportError"
    assert one["status"] == ("ERROR", "TransportError in phase connect")


@each_way
def test_a_call_that_was_cancelled_says_so(ask: Any) -> None:
    token = CancelToken()
    token.cancel()
    with peer(says_and_stays(b"")) as told, recording() as recorded, pytest.raises(CallCancelled):
        ask(told.url, cancel=token)

    assert goldens(recorded)[0]["attributes"]["error.type"] == "CallCancelled"


def test_a_cancelled_task_leaves_a_span_of_its_call_alone() -> None:
    """Its report is not known when the task goes on: the attempts are left out."""

    async def cancel_one(url: str) -> None:
        task = asyncio.ensure_future(AsyncPingClient("key", base_url=url).probe(ID))
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    with peer(says_and_stays(b"")) as told, recording() as recorded:
        asyncio.run(cancel_one(told.url))

    (call,) = goldens(recorded)
    assert call["attributes"]["error.type"] == "CancelledError"


def test_a_call_that_sent_nothing_is_none() -> None:
    with recording() as recorded, pytest.raises(ConfigurationError):
        PingClient("key", base_url="http://127.0.0.1:1").probe("")

    assert recorded.spans == []


def test_the_parent_is_what_was_current_in_the_thread_that_called() -> None:
    with peer(says_in_turn(GOOD)) as told, recording() as recorded:
        tracer = recorded.tracers.get_tracer("test")

        def ask(name: str) -> None:
            with tracer.start_as_current_span(name):
                sync_call(told.url)

        threads = [threading.Thread(target=ask, args=(f"thread {i}",)) for i in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    assert sorted(parents(recorded)) == [f"thread {i}" for i in range(4)]


def test_the_parent_is_what_was_current_in_the_task_that_called() -> None:
    with peer(says_in_turn(GOOD)) as told, recording() as recorded:
        tracer = recorded.tracers.get_tracer("test")
        client = AsyncPingClient("key", base_url=told.url)

        async def ask(name: str) -> None:
            with tracer.start_as_current_span(name):
                await client.probe(ID)

        async def ask_all() -> None:
            await asyncio.gather(*(ask(f"task {i}") for i in range(4)))

        asyncio.run(ask_all())

    assert sorted(parents(recorded)) == [f"task {i}" for i in range(4)]


def parents(recorded: Recorded) -> list[str]:
    """Return the name of each call's parent."""
    names = {span.context.span_id: span.name for span in recorded.spans if span.context}
    return [
        names[span.parent.span_id]
        for span in recorded.spans
        if span.name.startswith("sessionvitals.") and span.parent
    ]


@pytest.mark.parametrize(("spans", "kinds"), [("attempt", ["CLIENT"]), ("none", [])])
def test_spans_of_calls_or_all_can_be_left_out(spans: str, kinds: list[str]) -> None:
    with peer(says(GOOD)) as told, recording(spans=spans) as recorded:
        sync_call(told.url)

    assert [span.kind.name for span in recorded.spans] == kinds
    assert recorded.points("sessionvitals.call.duration")


def test_what_is_not_sampled_has_no_span() -> None:
    with peer(says(GOOD)) as told, recording(sampler=ALWAYS_OFF) as recorded:
        sync_call(told.url)

    assert recorded.spans == []
    assert recorded.points("sessionvitals.call.duration")


def test_suppressed_instrumentation_is_honoured() -> None:
    """An exporter that calls through us would otherwise go round for ever."""
    with peer(says_in_turn(GOOD)) as told, recording() as recorded:
        with suppress_instrumentation():
            sync_call(told.url)
        assert recorded.spans == []
        with suppress_http_instrumentation():
            sync_call(told.url)

    assert [span.kind.name for span in recorded.spans] == ["INTERNAL"]
    assert recorded.points("http.client.request.duration") == []


def test_a_failing_exporter_costs_no_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[Any] = []
    monkeypatch.setattr(sys, "unraisablehook", said.append)
    with peer(says(GOOD)) as told, recording() as recorded:

        def fail(*arguments: object) -> None:
            raise RuntimeError("the exporter failed")

        assert observing.observer is not None
        monkeypatch.setattr("sessionvitals.telemetry.recording.outcomes", fail)
        assert sync_call(told.url).state == "active"

    assert [str(each.exc_value) for each in said] == ["the exporter failed"]
    assert recorded.spans == []


@pytest.mark.parametrize("session_ids", ["redact", "hash", "show"])
def test_no_secret_is_recorded_and_an_id_only_if_asked_for(session_ids: str) -> None:
    secret, marked = "canary-7f3c9b1e", "id-5e1b77aa"
    echo = f'{{"code": "{marked}", "message": "no {marked} for {secret}"}}'.encode()
    refused = answer(echo, b"HTTP/1.1 403 Forbidden", b"X-Request-Id: " + marked.encode())
    with recording(session_ids=session_ids) as recorded:
        for said in (refused, FAILED, GOOD, answer(echo), GONE):
            with peer(says(said)) as told:
                client = PingClient(secret, base_url=told.url, max_retries=0)
                for call in (client.probe, client.session_status):
                    with contextlib.suppress(SessionVitalsError):
                        call(marked)
                list(client.probe_many([marked]))
        text = recorded.everything()

    assert secret not in text
    assert (marked in text) == (session_ids == "show")
    assert ("session.id_hash" in text) == (session_ids == "hash")


@pytest.mark.parametrize("is_async", [False, True], ids=["sync", "async"])
def test_a_call_without_an_answer_has_spans_as_well(is_async: bool) -> None:
    async def delete(url: str) -> None:
        await AsyncPingClient("key", base_url=url).delete_global_limits()

    with peer(says(b"HTTP/1.1 204 No Content\r\n\r\n")) as told, recording() as recorded:
        if is_async:
            asyncio.run(delete(told.url))
        else:
            PingClient("key", base_url=told.url).delete_global_limits()

    assert [span.name for span in recorded.spans] == [
        "sessionvitals.ping.delete_global_limits",
        "DELETE /customer/limits/global",
    ]


@pytest.mark.parametrize("is_async", [False, True], ids=["sync", "async"])
def test_a_call_made_again_with_another_key_is_two(is_async: bool) -> None:
    keys = iter(["old", "new"])

    async def ask(url: str) -> None:
        await AsyncPingClient(lambda: next(keys), base_url=url).probe(ID)

    refused = answer(b"", b"HTTP/1.1 401 Unauthorized")
    with peer(says_in_turn(refused, GOOD)) as told, recording() as recorded:
        if is_async:
            asyncio.run(ask(told.url))
        else:
            PingClient(lambda: next(keys), base_url=told.url).probe(ID)

    first, _, second, _ = goldens(recorded)
    assert first["status"] == ("ERROR", "AuthenticationError: HTTP status 401")
    assert second == call_span("active")
