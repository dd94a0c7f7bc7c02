"""What holds for every id, key, counter, time and body: hypothesis looks for one that breaks it."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from typing import Any
from urllib.parse import quote, unquote

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from tests.support.vendors import ELIZA, PING, TIUN, VENDORS, Vendor, header_map

from sessionvitals import ConfigurationError, ContractError, HttpStatusError, SessionVitalsError

# A slow machine is no failure, and every run tries the same: these are checks, not a hunt.
settings.register_profile("sessionvitals", deadline=None, derandomize=True, max_examples=200)
settings.load_profile("sessionvitals")

INT64 = st.integers(-(2**63), 2**63 - 1)
CONTROLS = {chr(code) for code in [*range(0x20), 0x7F]}
SAFE_TEXT = st.text(st.characters(exclude_categories=["Cs"]))
JSON_VALUES: st.SearchStrategy[Any] = st.recursive(
    st.none()
    | st.booleans()
    | INT64
    | st.floats(allow_nan=False, allow_infinity=False)
    | SAFE_TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(SAFE_TEXT, inner, max_size=4),
    max_leaves=12,
)
MEMBER_NAMES = (
    st.sampled_from(
        [
            "client_id",
            "status",
            "duration",
            "uploaded_bytes",
            "downloaded_bytes",
            "error",
            "code",
            "message",
            "details",
            "stack",
            "sessionId",
            "agentId",
            "userId",
            "channelId",
            "createdAt",
            "lastActivity",
            "expiresAt",
            "metadata",
            "timeoutConfig",
            "timeoutMinutes",
            "autoRenew",
            "renewalCount",
            "timeRemaining",
            "isNearExpiration",
            "type",
            "title",
            "detail",
            "instance",
        ]
    )
    | SAFE_TEXT
)
STATUSES = st.integers(100, 599)
each_vendor = pytest.mark.parametrize("vendor", VENDORS.values(), ids=str)


def can_be_sent(session_id: str) -> bool:
    return session_id not in {"", ".", ".."} and not CONTROLS & set(session_id)


@each_vendor
@given(session_id=SAFE_TEXT)
def test_an_id_cannot_leave_its_place(vendor: Vendor, session_id: str) -> None:
    template = vendor.request("PLACE")
    if not can_be_sent(session_id):
        with pytest.raises(ConfigurationError):
            vendor.request(session_id)
        return
    request = vendor.request(session_id)
    assert request.method == template.method
    assert request.target == template.target.replace("PLACE", quote(session_id, safe=""))
    assert header_map(request) == header_map(template)
    assert request.body == template.body


@each_vendor
@given(session_id=st.text(st.sampled_from("./\\%?#&;:@ \t2eEfF"), max_size=8))
def test_no_id_makes_a_dot_segment(vendor: Vendor, session_id: str) -> None:
    assume(can_be_sent(session_id))
    target = vendor.request(session_id).target
    template = vendor.request("PLACE").target
    assert not {".", ".."} & set(target.split("/"))
    assert target.count("/") == template.count("/")
    before, _, after = template.partition("PLACE")
    assert unquote(target.removeprefix(before).removesuffix(after)) == session_id


@each_vendor
@given(key=st.text(min_size=1))
def test_a_key_is_sent_as_it_is_or_refused(vendor: Vendor, key: str) -> None:
    sendable = all(" " <= character <= "~" for character in key) and key == key.strip(" ")
    if sendable:
        assert key in header_map(vendor.build("s", key, vendor.style)).values()
    else:
        with pytest.raises(ConfigurationError) as raised:
            vendor.build("s", key, vendor.style)
        assert len(key) < 4 or key not in str(raised.value)


@given(name=st.text())
def test_a_header_name_is_a_token_or_refused(name: str) -> None:
    letters = "!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
    assume(name.lower() not in {"accept", "content-length"})
    if name and not set(name) - set(letters):
        assert header_map(TIUN.build("s", "key", name))[name.lower()] == "key"
    elif name:  # an empty name chooses the default
        with pytest.raises(ConfigurationError):
            TIUN.build("s", "key", name)


@given(duration=INT64, uploaded=INT64, downloaded=INT64)
def test_int64_counters_come_out_exact(duration: int, uploaded: int, downloaded: int) -> None:
    body = json.dumps(
        {
            "client_id": "c",
            "status": "connected",
            "duration": duration,
            "uploaded_bytes": uploaded,
            "downloaded_bytes": downloaded,
        }
    )
    status = PING.parse("s", 200, {}, body.encode())
    assert status.duration_seconds == duration
    assert status.uploaded_bytes == uploaded
    assert status.downloaded_bytes == downloaded


@given(count=st.integers(min_value=2**63) | st.integers(max_value=-(2**63) - 1))
def test_integers_past_int64_are_refused_by_name(count: int) -> None:
    with pytest.raises(ContractError) as raised:
        PING.parse("s", 200, {}, b'{"client_id":"c","status":"s","uploaded_bytes":%d}' % count)
    assert raised.value.member == "/uploaded_bytes"


@given(
    time=st.datetimes(min_value=datetime(1, 1, 2), max_value=datetime(9999, 12, 30)),
    offset=st.integers(-23 * 60 - 59, 23 * 60 + 59),
    digits=st.integers(0, 9),
)
def test_every_rfc_3339_time_is_read_to_the_microsecond(
    time: datetime, offset: int, digits: int
) -> None:
    fraction = f"{time.microsecond:06}000"[:digits]
    sign, minutes = ("-" if offset < 0 else "+"), abs(offset)
    text = time.strftime("%m-%dT%H:%M:%S") + (f".{fraction}" if digits else "")
    text = f"{time.year:04}-{text}{sign}{minutes // 60:02}:{minutes % 60:02}"
    expected = time.replace(microsecond=int((fraction + "000000")[:6]), tzinfo=timezone.utc)

    body = json.dumps({"sessionId": "s", "agentId": "a", "userId": "u", "createdAt": text})
    got = ELIZA.parse("s", 200, {}, body.encode()).created_at

    assert got == expected - timedelta(minutes=offset)


@given(text=st.text(st.sampled_from("0123456789-+:.TtZz "), max_size=30) | SAFE_TEXT)
def test_a_text_that_is_no_time_is_a_contract_error_at_worst(text: str) -> None:
    body = json.dumps({"sessionId": "s", "agentId": "a", "userId": "u", "createdAt": text})
    outcome = outcome_of(lambda: ELIZA.parse("s", 200, {}, body.encode()))
    if isinstance(outcome, ContractError):
        assert outcome.member == "/createdAt"
    else:
        assert outcome.created_at.tzinfo is not None


@each_vendor
@given(http_status=STATUSES, body=st.dictionaries(MEMBER_NAMES, JSON_VALUES, max_size=8))
def test_any_json_object_is_an_answer_or_a_typed_error(
    vendor: Vendor, http_status: int, body: dict[str, Any]
) -> None:
    _survives(vendor, http_status, json.dumps(body).encode())


@each_vendor
@given(http_status=st.sampled_from([200, 404, 410, 500]), value=JSON_VALUES, name=MEMBER_NAMES)
def test_any_value_in_the_envelope_is_an_answer_or_a_typed_error(
    vendor: Vendor, http_status: int, value: object, name: str
) -> None:
    _survives(vendor, http_status, json.dumps({"error": {name: value, "code": "C"}}).encode())


@each_vendor
@given(
    http_status=STATUSES,
    body=st.binary() | st.text(st.sampled_from('{}[]",:\\0e.tn ')).map(str.encode),
)
def test_any_bytes_are_an_answer_or_a_typed_error(
    vendor: Vendor, http_status: int, body: bytes
) -> None:
    _survives(vendor, http_status, body)


@each_vendor
@given(
    headers=st.lists(
        st.tuples(
            st.sampled_from(
                [
                    "Retry-After",
                    "Date",
                    "X-RateLimit-Reset",
                    "RateLimit-Limit",
                    "X-RateLimit-Remaining",
                    "Location",
                    "X-Request-Id",
                ]
            ),
            st.text(st.sampled_from("0123456789-:, GMTSunJa"))
            | st.text(st.characters(min_codepoint=1, max_codepoint=255)),
        ),
        max_size=6,
    ),
    http_status=st.sampled_from([302, 401, 429, 503]),
)
def test_any_headers_leave_a_refusal_what_it_is(
    vendor: Vendor, headers: list[tuple[str, str]], http_status: int
) -> None:
    with pytest.raises(HttpStatusError) as raised:
        vendor.parse("s", http_status, headers, b"")
    assert raised.value.http_status == http_status


def outcome_of(read: Callable[[], Any]) -> Any:
    """Return what read() returns, or the error of ours that it raises."""
    try:
        return read()
    except SessionVitalsError as error:
        return error


def _survives(vendor: Vendor, http_status: int, body: bytes) -> None:
    """Check that a parser returns a whole value or raises one of ours."""
    answer = outcome_of(lambda: vendor.parse("s", http_status, {}, body))
    if isinstance(answer, SessionVitalsError):
        assert str(answer)
        if isinstance(answer, HttpStatusError):
            assert answer.http_status == http_status
            assert http_status != 200
        return
    assert http_status == 200 or (vendor is TIUN and http_status == 404)
    assert len(repr(answer)) < 2000
    json.dumps(answer.to_dict())
    assert answer == vendor.parse("s", http_status, {}, body)
    hash(answer)
