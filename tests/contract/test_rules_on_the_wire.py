"""What a right client does, where it takes a peer to see it: retries, waits, redirects, secrets.

No wait here is long: a peer asks for none, or for one that the deadline does not allow.
"""

from __future__ import annotations

import socket
import time
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from tests.support.peers import KEEP_OPEN, Peer, Talk, answer, peer, resets, says, says_in_turn
from tests.support.vendors import ELIZA, PING, TIUN, VENDORS, Vendor

import sessionvitals
from sessionvitals import (
    AuthenticationError,
    HttpStatusError,
    RateLimitError,
    SessionVitalsError,
    TiunVerdict,
    TransportError,
)

CANARY = "canary-4f9c2d71"
GET_VENDORS = pytest.mark.parametrize("vendor", [PING, ELIZA], ids=str)
NO_WAIT = b"Retry-After: 0"


def refuses(http_status: int, *headers: bytes) -> bytes:
    return answer(b"", b"HTTP/1.1 %d Refused" % http_status, *headers)


def ask(vendor: Vendor, told: Peer, **options: Any) -> Any:
    options = {"max_retries": 2, "timeout": 20.0, **options}
    return vendor.ask(vendor.client(told.url, **options), "s")


def seen_when_asked(vendor: Vendor, talk: Talk, **options: Any) -> tuple[int, object]:
    """Return how many requests the peer saw of one call, and its outcome."""
    with peer(talk) as told:
        try:
            outcome: object = ask(vendor, told, **options)
        except SessionVitalsError as error:
            outcome = error
        return len(told.requests), outcome


def vanishes(told: Peer, connection: socket.socket, request: bytes) -> None:
    """Take the request and close without a word."""


# --- tiun: PATCH is neither safe nor idempotent -------------------------------------------------


@pytest.mark.rule("tiun", 1)
@pytest.mark.parametrize(
    "talk",
    [vanishes, resets(), says(b"HTTP/1.1 200"), says(b"garbage")],
    ids=["a close", "a reset", "half a status line", "garbage"],
)
def test_what_is_unknown_never_reads_as_valid(talk: Talk) -> None:
    _, outcome = seen_when_asked(TIUN, talk)
    assert isinstance(outcome, SessionVitalsError)


@pytest.mark.rule("tiun", 2)
@pytest.mark.parametrize(
    "talk",
    [
        vanishes,
        resets(),
        says(b"HTTP/1.1 2"),
        says(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nab"),
    ],
    ids=["a close", "a reset", "half a head", "half a body"],
)
def test_a_patch_that_was_sent_is_not_sent_again(talk: Talk) -> None:
    seen, outcome = seen_when_asked(TIUN, talk)
    assert seen == 1
    assert isinstance(outcome, TransportError)
    assert outcome.call is not None
    assert len(outcome.call.attempts) == 1


@pytest.mark.rule("tiun", 2)
@pytest.mark.parametrize("http_status", [408, 500, 502, 503, 504])
def test_a_patch_that_the_server_failed_on_is_not_sent_again(http_status: int) -> None:
    seen, outcome = seen_when_asked(TIUN, says_in_turn(refuses(http_status, NO_WAIT)))
    assert seen == 1
    assert isinstance(outcome, HttpStatusError)


@pytest.mark.rule("tiun", 2)
def test_a_patch_that_a_rate_limit_refused_was_not_carried_out_and_is_sent_again() -> None:
    refusal = answer(b"", b"HTTP/1.1 429 Too Many Requests", b"Retry-After: 0")
    seen, outcome = seen_when_asked(TIUN, says_in_turn(refusal, answer(b"")))
    assert seen == 2
    assert isinstance(outcome, TiunVerdict)
    assert outcome.call is not None
    assert [each.http_status for each in outcome.call.attempts] == [429, 200]


@pytest.mark.rule("tiun", 2)
def test_a_408_on_a_kept_connection_costs_a_patch_its_answer() -> None:
    """A read would be sent again; of this request nobody knows whether it was carried out."""
    goodbye = answer(b"", b"HTTP/1.1 408 Request Timeout", b"Connection: close")
    with peer(says_in_turn(answer(b""), goodbye)) as told:
        client = TIUN.client(told.url, max_retries=2)
        assert TIUN.ask(client, "first")
        with pytest.raises(HttpStatusError) as caught:
            TIUN.ask(client, "second")
        assert caught.value.http_status == 408
        assert len(told.requests) == 2


@pytest.mark.rule("tiun", 2)
def test_a_patch_on_a_connection_that_dies_under_it_is_not_sent_again() -> None:
    def answers_once(told: Peer, connection: socket.socket, request: bytes) -> object:
        if len(told.requests) > 1:
            return None
        connection.sendall(answer(b""))
        return KEEP_OPEN

    with peer(answers_once) as told:
        client = TIUN.client(told.url, max_retries=2)
        assert TIUN.ask(client, "first")
        with pytest.raises(TransportError):
            TIUN.ask(client, "second")
        assert len(told.requests) == 2
        assert told.connections == 1, "the second call was to reuse the connection"


@pytest.mark.rule("tiun", 2)
def test_a_patch_is_tried_again_while_nothing_was_sent() -> None:
    with peer(vanishes) as told:
        pass  # nobody listens there now
    with pytest.raises(TransportError) as raised:
        ask(TIUN, told, timeout=30.0)
    assert raised.value.phase == "connect"
    assert raised.value.call is not None
    assert [each.phase for each in raised.value.call.attempts] == ["connect"] * 3
    assert all(each.bytes_sent == 0 for each in raised.value.call.attempts)


@pytest.mark.rule("tiun", 2)
@pytest.mark.parametrize("name", ["resend_unsafe", "retry_patch"])
def test_a_patch_is_sent_again_for_those_who_ask_for_it(name: str) -> None:
    talk = says_in_turn(refuses(503, NO_WAIT), answer(b""))
    seen, outcome = seen_when_asked(TIUN, talk, **{name: True})
    assert seen == 2
    assert outcome


@pytest.mark.rule("tiun", 2)
def test_resend_unsafe_of_one_call_wins_over_the_clients() -> None:
    with peer(says_in_turn(refuses(503, NO_WAIT), answer(b""))) as told:
        client = TIUN.client(told.url, max_retries=1, retry_patch=True)
        with pytest.raises(HttpStatusError):
            TIUN.ask(client, "s", resend_unsafe=False)
        assert len(told.requests) == 1
    with peer(says_in_turn(refuses(503, NO_WAIT), answer(b""))) as told:
        assert TIUN.ask(TIUN.client(told.url, max_retries=1), "s", resend_unsafe=True)


# --- redirects and secrets ----------------------------------------------------------------------


@pytest.mark.rule("tiun", 6)
@pytest.mark.parametrize("vendor", VENDORS.values(), ids=str)
@pytest.mark.parametrize("http_status", [301, 302, 303, 307, 308])
def test_a_redirect_is_not_followed(vendor: Vendor, http_status: int) -> None:
    with peer(says(answer(vendor.good_body))) as elsewhere:
        location = b"Location: " + elsewhere.url.encode() + b"/live_api/s2s/v1/sessions/s/status"
        seen, outcome = seen_when_asked(vendor, says(refuses(http_status, location)))
        assert elsewhere.connections == 0
    assert seen == 1
    assert type(outcome) is HttpStatusError
    assert outcome.http_status == http_status


@pytest.mark.rule("tiun", 8)
@pytest.mark.rule("eliza", 8)
@pytest.mark.parametrize("vendor", VENDORS.values(), ids=str)
@pytest.mark.parametrize("http_status", [302, 400, 401, 403, 500])
def test_a_key_that_a_server_echoes_is_not_shown(vendor: Vendor, http_status: int) -> None:
    def echoes(told: Peer, connection: socket.socket, request: bytes) -> None:
        body = (
            b'{"error":{"code":"x'
            + CANARY.encode()
            + b'","message":"no '
            + CANARY.encode()
            + b'","details":{"key":"'
            + CANARY.encode()
            + b'"}},"title":"'
            + CANARY.encode()
            + b'"}'
        )
        connection.sendall(
            answer(
                body,
                b"HTTP/1.1 %d No" % http_status,
                b"X-Request-Id: " + CANARY.encode(),
                b"Location: /?key=" + CANARY.encode(),
            )
        )

    with peer(echoes) as told:
        client = vendor.open(told.url, CANARY, vendor.style, max_retries=0)
        with pytest.raises(HttpStatusError) as raised:
            vendor.ask(client, "s")
    assert CANARY.encode() in told.requests[0]
    shown = [str(raised.value), repr(raised.value), repr(vars(raised.value)), repr(client)]
    assert not [text for text in shown if CANARY in text]


@pytest.mark.rule("tiun", 1)
def test_a_401_names_both_the_argument_and_the_header() -> None:
    _, outcome = seen_when_asked(TIUN, says(refuses(401)))
    assert isinstance(outcome, AuthenticationError)
    assert "TIUN_ACCESS_TOKEN" in str(outcome)
    assert "X-TIUN-API-KEY" in str(outcome)


# --- GET is safe: Ping and elizaOS ---------------------------------------------------------------


@pytest.mark.rule("ping", 1)
@pytest.mark.rule("eliza", 9)
@GET_VENDORS
@pytest.mark.parametrize("http_status", [429, 500, 502, 503, 504])
def test_a_get_is_tried_again_after(vendor: Vendor, http_status: int) -> None:
    talk = says_in_turn(refuses(http_status, NO_WAIT), answer(vendor.good_body))
    seen, outcome = seen_when_asked(vendor, talk)
    assert seen == 2
    assert not isinstance(outcome, SessionVitalsError)


@pytest.mark.rule("ping", 1)
@pytest.mark.rule("eliza", 9)
@GET_VENDORS
@pytest.mark.parametrize("http_status", [400, 401, 403, 404, 410, 418, 501, 302, 204])
def test_a_get_is_never_tried_again_after(vendor: Vendor, http_status: int) -> None:
    said = b"HTTP/1.1 204 None\r\n\r\n" if http_status == 204 else refuses(http_status, NO_WAIT)
    seen, outcome = seen_when_asked(vendor, says_in_turn(said))
    assert seen == 1
    assert isinstance(outcome, HttpStatusError)


@pytest.mark.rule("ping", 1)
@pytest.mark.rule("eliza", 9)
@GET_VENDORS
@pytest.mark.parametrize(
    "first",
    [vanishes, resets(), says(b"HTTP/1.1 200 OK\r\nConten")],
    ids=["a close", "a reset", "half a head"],
)
def test_a_get_whose_answer_was_lost_is_tried_again(vendor: Vendor, first: Talk) -> None:
    def talk(told: Peer, connection: socket.socket, request: bytes) -> object:
        second = says(answer(vendor.good_body))
        return (first if len(told.requests) == 1 else second)(told, connection, request)

    seen, outcome = seen_when_asked(vendor, talk)
    assert seen == 2
    assert not isinstance(outcome, SessionVitalsError)


@pytest.mark.rule("ping", 1)
@GET_VENDORS
@pytest.mark.parametrize("max_retries", [0, 1, 2, 3])
def test_retries_are_bounded_by_max_retries(vendor: Vendor, max_retries: int) -> None:
    talk = says_in_turn(refuses(503, NO_WAIT))
    seen, outcome = seen_when_asked(vendor, talk, max_retries=max_retries)
    assert seen == max_retries + 1
    assert isinstance(outcome, sessionvitals.ServerError)
    assert outcome.call is not None
    assert [each.http_status for each in outcome.call.attempts] == [503] * seen


@pytest.mark.rule("ping", 5)
@pytest.mark.rule("eliza", 9)
@pytest.mark.parametrize(
    ("headers", "reason"),
    [
        ([b"Retry-After: 0", b"X-RateLimit-Reset: 3600"], "Retry-After"),
        ([b"X-RateLimit-Reset: 3600", b"retry-after: 0"], "Retry-After"),
        ([b"X-RateLimit-Remaining: 0", b"X-RateLimit-Reset: 0"], "RateLimit-Reset"),
        ([b"RateLimit-Remaining: 0", b"RateLimit-Reset: 0"], "RateLimit-Reset"),
        ([b"Retry-After: soon", b"X-RateLimit-Reset: 0"], "RateLimit-Reset"),
        ([], "backoff"),
        ([b"Retry-After: soon"], "backoff"),
    ],
    ids=lambda value: str(value),
)
@GET_VENDORS
def test_the_wait_is_taken_from_the_first_that_says_it(
    vendor: Vendor, headers: list[bytes], reason: str
) -> None:
    talk = says_in_turn(refuses(429, *headers), answer(vendor.good_body))
    seen, outcome = seen_when_asked(vendor, talk)
    assert seen == 2
    assert reason in outcome.call.attempts[0].wait_reason  # type: ignore[attr-defined]


@pytest.mark.rule("ping", 5)
@pytest.mark.rule("eliza", 9)
@GET_VENDORS
@pytest.mark.parametrize(
    "header",
    [
        b"Retry-After: 3600",
        b"Retry-After: 99999999999999999999",
        b"X-RateLimit-Reset: 3600",
        b"RateLimit-Reset: 840",
        b"Retry-After: Sun, 06 Nov 2094 08:49:37 GMT",
    ],
    ids=bytes.decode,
)
def test_a_wait_past_the_deadline_is_not_begun(vendor: Vendor, header: bytes) -> None:
    asked = time.monotonic()
    seen, outcome = seen_when_asked(vendor, says_in_turn(refuses(429, header)), timeout=20.0)
    assert time.monotonic() - asked < 10
    assert seen == 1
    assert isinstance(outcome, RateLimitError)


@pytest.mark.rule("ping", 5)
def test_the_wait_that_was_asked_for_is_told() -> None:
    _, outcome = seen_when_asked(PING, says(refuses(429, b"Retry-After: 3600")), max_retries=0)
    assert isinstance(outcome, RateLimitError)
    assert outcome.retry_after is not None
    assert outcome.retry_after.total_seconds() == 3600


@pytest.mark.rule("eliza", 9)
def test_a_connection_that_the_server_closed_meanwhile_costs_nothing() -> None:
    # elizaOS closes idle connections after 5 s. Here the peer closes right after its answer.
    with peer(says(answer(ELIZA.good_body))) as told:
        client = ELIZA.client(told.url, max_retries=0)
        for _ in range(20):
            ELIZA.ask(client, "s")
        assert len(told.requests) == 20


@pytest.mark.rule("eliza", 10)
def test_the_clocks_skew_is_told_by_the_answers_date() -> None:
    date = b"Date: Thu, 01 Jan 2026 00:00:00 GMT"
    with peer(says(answer(ELIZA.good_body, b"HTTP/1.1 200 OK", date))) as told:
        session = ELIZA.ask(ELIZA.client(told.url), "s")
    expected = datetime.now(timezone.utc) - datetime(2026, 1, 1, tzinfo=timezone.utc)
    assert abs(session.call.clock_skew - expected) < timedelta(seconds=30)
