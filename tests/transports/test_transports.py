"""The library's own connections and cpp-httplib's, as two transports of one client."""

from __future__ import annotations

import functools
import time
from typing import Any

import pytest
from tests.support.contracts import CONTRACTS, Contract, Exchange
from tests.support.expect import expect_meaning
from tests.support.peers import peer, says
from tests.support.sandbox import Space
from tests.support.vendors import PING, VENDORS, build
from tests.transports.conftest import Calls

from sessionvitals import Request

pytestmark = pytest.mark.slow

#: own: the client's connections; wrapped: the same, behind a transport that adds a header.
TRANSPORTS = ["own", "wrapped", "httplib"]


def headers_of(answer: dict[str, Any]) -> list[tuple[str, str]]:
    return [(name, bytes.fromhex(value).decode("latin-1")) for name, value in answer["headers"]]


def parse_answer(exchange: Exchange, answer: dict[str, Any]) -> Any:
    return VENDORS[exchange.provider].parse_operation(
        exchange.operation,
        answer["http_status"],
        headers_of(answer),
        bytes.fromhex(answer["body"]),
        **exchange.arguments,
    )


def request_of(request: Request) -> dict[str, Any]:
    return {
        "method": request.method,
        "target": request.target,
        "headers": [list(header) for header in request.headers],
        "body": request.body.decode(),
    }


@pytest.mark.parametrize("transport", TRANSPORTS)
@pytest.mark.parametrize("contract", CONTRACTS, ids=str)
def test_every_exchange_means_the_same_over_each_transport(
    contract: Contract, transport: str, calls: Calls, space: Space
) -> None:
    for number, exchange in enumerate(contract.exchanges):
        its_own = space.sibling(str(number))
        its_own.prepare(exchange)
        url = its_own.base_url(exchange.provider)
        answer = calls.make(transport, url, **request_of(build(exchange)))
        assert "error" not in answer, (str(exchange), answer)

        expect_meaning(exchange, functools.partial(parse_answer, exchange, answer))


@pytest.mark.parametrize("transport", TRANSPORTS)
def test_retryable_answers_are_retried(transport: str, calls: Calls, space: Space) -> None:
    space.add_session("ping", "s", "connected")
    space.faults(script="503*2, ok")

    answer = calls.make(
        transport, space.base_url("ping"), **request_of(PING.request("s")), max_retries=2
    )

    assert [each["http_status"] for each in answer["attempts"]] == [503, 503, 200]
    assert answer["attempts"][0]["wait_reason"] == "backoff"


@pytest.mark.parametrize("transport", TRANSPORTS)
@pytest.mark.parametrize(("effect", "attempts"), [("none", 3), ("once", 1)])
def test_a_request_that_may_act_twice_is_sent_once_after_a_reset(
    transport: str, effect: str, attempts: int, calls: Calls, space: Space
) -> None:
    space.faults(script="reset*9")

    answer = calls.make(
        transport,
        space.base_url("ping"),
        **request_of(PING.request("s")),
        effect=effect,
        max_retries=2,
    )

    assert answer["error"] == "TransportError"
    assert answer["phase"] == "receive"
    assert len(answer["attempts"]) == attempts
    assert answer["may_have_taken_effect"] is (effect == "once")


@pytest.mark.parametrize("transport", TRANSPORTS)
def test_a_refused_connection_has_taken_no_effect(transport: str, calls: Calls) -> None:
    with peer(says(b"")) as gone:
        url = gone.url

    answer = calls.make(transport, url, method="POST", effect="once")

    assert (answer["error"], answer["phase"]) == ("TransportError", "connect")
    assert answer["may_have_taken_effect"] is False


@pytest.mark.parametrize("transport", TRANSPORTS)
def test_the_timeout_ends_a_call_that_is_not_answered(
    transport: str, calls: Calls, space: Space
) -> None:
    space.faults(script="stall")
    began = time.monotonic()

    request = request_of(PING.request("s"))
    answer = calls.make(transport, space.base_url("ping"), **request, effect="once", timeout=0.3)

    assert (answer["error"], answer["phase"]) == ("DeadlineExceeded", "receive")
    assert answer["may_have_taken_effect"] is True
    assert time.monotonic() - began < 5


@pytest.mark.parametrize("transport", TRANSPORTS)
def test_a_429_makes_later_calls_wait_or_fail_alike(
    transport: str, calls: Calls, space: Space
) -> None:
    space.faults({"kind": "status", "http_status": 429, "headers": {"Retry-After": "30"}})
    url, request = space.base_url("ping"), request_of(PING.request("s"))

    refused = calls.make(transport, url, **request)
    unsent = calls.make(transport, url, **request)

    assert (refused["http_status"], unsent["http_status"]) == (429, 429)
    assert refused["attempts"][0]["phase"] == "done"
    assert unsent["attempts"][0]["phase"] == "wait"
    assert unsent["attempts"][0]["error"].startswith("not sent")


def test_a_custom_transport_gets_whole_requests(calls: Calls) -> None:
    with peer(says(b"HTTP/1.1 204 No Content\r\n\r\n")) as listening:
        calls.make("wrapped", f"{listening.url}/v2", target="/a%20b?c=d")

    (request,) = listening.requests
    assert request.startswith(b"GET /v2/a%20b?c=d HTTP/1.1\r\n")
    assert b"\r\nUser-Agent: sessionvitals/" in request
    assert b"\r\nX-Signature: signed\r\n" in request


@pytest.mark.parametrize("transport", TRANSPORTS)
def test_what_cannot_be_sent_reaches_no_transport(transport: str, calls: Calls) -> None:
    answer = calls.make(transport, "http://127.0.0.1:1", headers=[["A", "b\r\nC: d"]])

    assert (answer["error"], answer["attempts"]) == ("ConfigurationError", [])


def test_an_exception_of_a_transport_is_a_transport_error(calls: Calls) -> None:
    answer = calls.make("throws", "http://127.0.0.1:1", effect="once")

    assert (answer["error"], answer["phase"]) == ("TransportError", "receive")
    assert "the sky fell" in answer["message"]
    assert answer["may_have_taken_effect"] is True


@pytest.mark.parametrize("transport", [*TRANSPORTS, "huge"])
def test_a_body_past_its_bound_is_refused(transport: str, calls: Calls) -> None:
    size = 1024 * 1024 + 1
    head = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % size
    with peer(says(head + bytes(size))) as listening:
        answer = calls.make(transport, listening.url, max_retries=2)

    assert answer["error"] == "ContractError"
    assert len(answer["attempts"]) == 1


@pytest.mark.parametrize("way", ["begin", "open", "bulk"])
def test_what_needs_the_librarys_own_connections_says_so(way: str, calls: Calls) -> None:
    answer = calls.make("httplib", "http://127.0.0.1:1", way=way)

    assert answer["error"] == "ConfigurationError"
    assert "custom_transport" in answer["message"]
    assert "call() or probe() in threads of your own" in answer["message"]


def test_options_of_the_librarys_own_connections_are_refused_with_a_transport(
    calls: Calls,
) -> None:
    answer = calls.make("httplib", "http://127.0.0.1:1", ca_file="some.pem", both=True)

    assert answer["error"] == "ConfigurationError"
    assert "`transport`" in answer["message"]
