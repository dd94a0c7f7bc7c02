"""What an error says: the vendor, what failed, the value at fault, and what to do."""

from __future__ import annotations

import gzip
import json
from datetime import timedelta

import pytest
from tests.support.peers import peer, says
from tests.support.vendors import ELIZA, PING, TIUN, Vendor

from sessionvitals import (
    BadRequestError,
    ContractError,
    HttpStatusError,
    RateLimitError,
    SessionExpiredError,
    TransportError,
)
from sessionvitals._core import Attempt
from sessionvitals.logs import _next_step

REMEDY = " Check base_url; if it is right, the API may have changed."
SAID = {
    "a missing member": (
        ELIZA,
        {"agentId": "a", "userId": "u", "createdAt": "2026-01-01T00:00:00Z"},
        'eliza: the response (HTTP 200) has no "sessionId" (required).',
    ),
    "a null": (
        PING,
        {"client_id": None, "status": "created"},
        'ping: "client_id" of the response (HTTP 200) must be a value, but is null.',
    ),
    "a number with a fraction": (
        PING,
        {"client_id": "c", "status": "created", "duration": 1.5},
        (
            'ping: "duration" of the response (HTTP 200) must be a whole number of 64 bits, but is '
            "the number 1.5."
        ),
    ),
    "a member of a member": (
        ELIZA,
        {"timeoutConfig": {"timeoutMinutes": "soon"}},
        (
            'eliza: "timeoutConfig/timeoutMinutes" of the response (HTTP 200) must be a number, but '
            "is a string."
        ),
    ),
    "an array": (
        PING,
        [],
        (
            "ping: the response (HTTP 200) is not what was expected: expected an object, found an "
            "array."
        ),
    ),
}


@pytest.mark.parametrize(("vendor", "body", "said"), SAID.values(), ids=SAID)
def test_a_contract_error_says_whose_answer_lacks_what(
    vendor: Vendor, body: object, said: str
) -> None:
    with pytest.raises(ContractError) as raised:
        vendor.parse("s", 200, {}, json.dumps(body).encode())
    assert str(raised.value) == said + REMEDY


def test_what_is_quoted_is_on_one_line() -> None:
    words = "a\nb\r\x1b[31mc\x7f"
    time = {"sessionId": "s", "agentId": "a", "userId": "u", "createdAt": words}
    with pytest.raises(ContractError) as raised:
        ELIZA.parse("s", 200, {}, json.dumps(time).encode())
    assert '"a b  [31mc "' in str(raised.value)


@pytest.mark.parametrize("before", range(12))
@pytest.mark.parametrize("character", ["é", "\ufeff", "\U0001f512"])
def test_what_is_quoted_is_cut_between_two_characters(character: str, before: int) -> None:
    words = "x" * before + character * 200
    time = {"sessionId": "s", "agentId": "a", "userId": "u", "createdAt": words}
    with pytest.raises(ContractError) as raised:
        ELIZA.parse("s", 200, {}, json.dumps(time).encode())
    assert f"{character}..." in str(raised.value)
    assert "\ufffd" not in str(raised.value)
    refusal = {"success": False, "error": {"code": "ODD", "message": words}}
    with pytest.raises(HttpStatusError) as refused:
        ELIZA.parse("s", 500, {}, json.dumps(refusal).encode())
    assert f"{character}..." in str(refused.value)
    assert "\ufffd" not in str(refused.value)


@pytest.mark.parametrize(
    ("headers", "said"),
    [
        ({}, "Ask less often."),
        ({"Retry-After": "0"}, "Ask less often."),
        ({"Retry-After": "7"}, "Ask less often. Wait 7 s first."),
        (
            {"Retry-After": "7", "X-RateLimit-Limit": "5", "X-RateLimit-Reset": "30"},
            "Ask less often. Wait 7 s first. The limit is 5 requests; it starts anew in 30 s.",
        ),
    ],
)
def test_a_429_says_how_long_to_wait(headers: dict[str, str], said: str) -> None:
    with pytest.raises(RateLimitError) as raised:
        PING.parse("s", 429, headers, b"")
    assert str(raised.value) == f"ping answered HTTP 429. {said}"


@pytest.mark.parametrize("vendor", [TIUN, PING, ELIZA], ids=lambda vendor: vendor.name)
@pytest.mark.parametrize("body", [b"", b"<html>No required SSL certificate was sent</html>"])
def test_a_400_that_is_not_the_vendors_leads_to_the_base_url(vendor: Vendor, body: bytes) -> None:
    with pytest.raises(BadRequestError, match="check the base URL"):
        vendor.parse("s", 400, {"Content-Type": "text/html"}, body)


@pytest.mark.parametrize("vendor", [TIUN, PING, ELIZA], ids=lambda vendor: vendor.name)
@pytest.mark.parametrize("body", [b"", b"{}", b"<html>Gone</html>"])
def test_a_410_that_is_not_the_vendors_leads_to_the_base_url(vendor: Vendor, body: bytes) -> None:
    with pytest.raises(SessionExpiredError, match=r"It came without .* check the base URL"):
        vendor.parse("s", 410, {}, body)


@pytest.mark.parametrize("vendor", [PING, ELIZA], ids=lambda vendor: vendor.name)
def test_a_session_that_another_server_calls_expired_has_a_hint(vendor: Vendor) -> None:
    gone = b"HTTP/1.1 410 Gone\r\nContent-Length: 6\r\n\r\n<html>"
    with peer(says(gone)) as running:
        session = vendor.client(running.url).probe("s")
    assert session.state == "expired"
    assert "check the base URL" in session.hint


def test_a_400_of_the_vendors_leads_to_the_id_alone() -> None:
    body = json.dumps({"error": {"code": "invalid_input", "message": "No such form"}}).encode()
    with pytest.raises(BadRequestError) as raised:
        PING.parse("s", 400, {}, body)
    said = "ping answered HTTP 400 (invalid_input): No such form. Check the session id."
    assert str(raised.value) == said


#: What a peer says that speaks no HTTP/1.x, and how it is named.
OTHER_PROTOCOLS = {
    "HTTP/2": (b"\0\0\x12\4\0\0\0\0\0" + bytes(18), "a frame of HTTP/2, which is not spoken"),
    "an alert of TLS": (b"\x15\3\3\0\2\2\x28", "a record of TLS: the address wants https"),
    "half an HTTP/2 frame": (b"\0\0\x12\4", '"????"'),
    "zeros": (bytes(12), '"????????????"'),
}


@pytest.mark.parametrize(("said", "named"), OTHER_PROTOCOLS.values(), ids=OTHER_PROTOCOLS)
def test_another_protocol_is_named(said: bytes, named: str) -> None:
    with peer(says(said)) as running, pytest.raises(ContractError) as raised:
        PING.ask(PING.client(running.url), "s")
    assert f"expected an HTTP/1.x response, found {named}." in str(raised.value)


def test_a_compressed_answer_is_named() -> None:
    with pytest.raises(ContractError) as raised:
        PING.parse("s", 200, {"content-encoding": "gzip"}, gzip.compress(PING.good_body))
    words = 'expected JSON, found a body with the Content-Encoding "gzip", which was not asked for'
    assert words in str(raised.value)


@pytest.mark.parametrize(
    ("said", "remedy"),
    [
        (b"", " Try again later; if it goes on, check base_url: http or https, and the port."),
        (b"HTTP/1.1 200 OK\r\n", " Try again later."),
    ],
    ids=["at once", "in the head"],
)
def test_a_closed_connection_says_what_to_do(said: bytes, remedy: str) -> None:
    with peer(says(said)) as running, pytest.raises(TransportError) as raised:
        PING.ask(PING.client(running.url, max_retries=0), "s")
    assert str(raised.value).endswith("answer." + remedy)


def test_a_logged_try_says_what_followed_it() -> None:
    stopped = Attempt(wait_reason="max_retries is 2")
    waited = Attempt(wait_reason="backoff", wait=timedelta(seconds=0.25))
    assert _next_step(stopped, is_last=True) == "; not tried again: max_retries is 2"
    assert _next_step(waited, is_last=False) == "; tried again after 0.250 s: backoff"
    assert _next_step(Attempt(), is_last=True) == ""
