"""What a right Ping client does, as far as it needs no socket. The rest: contract/."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from tests.support.vendors import PING, header_map

from sessionvitals import (
    ConfigurationError,
    ContractError,
    NotFoundError,
    PingSessionStatus,
    RateLimitError,
    build_ping_session_status_request,
    parse_ping_session_status_response,
)

DATE = "Sun, 06 Nov 1994 08:49:37 GMT"


def parse(body: bytes, http_status: int = 200, **headers: str) -> PingSessionStatus:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return parse_ping_session_status_response(http_status, named, body, "s-1")


def with_member(name: str, json_text: str) -> bytes:
    return f'{{"client_id":"c","status":"connected","{name}":{json_text}}}'.encode()


def limited(**headers: str) -> RateLimitError:
    with pytest.raises(RateLimitError) as raised:
        parse(b"", 429, **headers)
    return raised.value


@pytest.mark.rule("ping", 2)
@pytest.mark.parametrize("name", ["uploaded_bytes", "downloaded_bytes"])
@pytest.mark.parametrize(
    "count", [0, 1, 2**31, 2**32, 2**53, 2**53 + 1, 9007199254740993, 2**63 - 1, -1, -(2**63)]
)
def test_counters_are_exact_to_the_last_digit(name: str, count: int) -> None:
    got = getattr(parse(with_member(name, str(count))), name)
    assert got == count
    assert type(got) is int


@pytest.mark.rule("ping", 2)
@pytest.mark.parametrize("name", ["duration", "uploaded_bytes", "downloaded_bytes"])
@pytest.mark.parametrize(
    "json_text",
    [
        "9223372036854775808",
        "-9223372036854775809",
        "1.5",
        "1.0",
        "1e400",
        "1e2",
        '"5"',
        "true",
        "[]",
        "{}",
        "9" * 400,
    ],
)
def test_a_counter_that_is_no_int64_breaks_the_contract_by_name(name: str, json_text: str) -> None:
    with pytest.raises(ContractError, match=name) as raised:
        parse(with_member(name, json_text))
    assert raised.value.member == f"/{name}"
    assert raised.value.expected
    assert raised.value.found


@pytest.mark.rule("ping", 2)
@pytest.mark.parametrize("name", ["duration", "uploaded_bytes", "downloaded_bytes"])
def test_null_is_absent_and_absent_is_not_zero(name: str) -> None:
    absent = parse(b'{"client_id":"c","status":"connected"}')
    null = parse(with_member(name, "null"))
    zero = parse(with_member(name, "0"))

    assert getattr(absent, name) is None
    assert getattr(null, name) is None
    assert getattr(zero, name) is not None
    assert not getattr(zero, name)


@pytest.mark.rule("ping", 2)
@pytest.mark.parametrize("name", ["client_id", "status"])
@pytest.mark.parametrize("json_text", [None, "null", "5", "true", "[]", "{}"])
def test_a_required_member_must_be_there_and_be_text(name: str, json_text: str | None) -> None:
    other = {"client_id": "status", "status": "client_id"}[name]
    member = "" if json_text is None else f',"{name}":{json_text}'
    with pytest.raises(ContractError) as raised:
        parse(f'{{"{other}":"x"{member}}}'.encode())
    assert raised.value.member == f"/{name}"


def test_a_name_is_another_with_any_letter_changed() -> None:
    optional = ("duration", "uploaded_bytes", "downloaded_bytes")
    members = {"client_id": "c", "status": "connected", **dict.fromkeys(optional, 1)}
    for name in optional:
        for at in range(len(name)):
            other = f"{name[:at]}X{name[at + 1 :]}"
            # In the order of the table: each name stands where it is expected.
            named = {other if key == name else key: value for key, value in members.items()}
            answer = parse(json.dumps(named, separators=(",", ":")).encode())
            assert getattr(answer, name) is None, other
            assert answer.extra == {other: 1}


@pytest.mark.rule("ping", 2)
def test_a_duration_is_a_timedelta_and_exact_seconds() -> None:
    status = parse(with_member("duration", "3601"))
    assert status.duration == timedelta(hours=1, seconds=1)
    assert status.duration_seconds == 3601


@pytest.mark.rule("ping", 2)
def test_a_duration_beyond_a_timedelta_costs_only_the_timedelta() -> None:
    status = parse(with_member("duration", str(2**63 - 1)))
    assert status.duration_seconds == 2**63 - 1
    assert status.to_dict()["duration_seconds"] == 2**63 - 1


@pytest.mark.rule("ping", 3)
@pytest.mark.parametrize(
    "body", [b"404 page not found\n", b"", b"<html>", b"{}", b'{"error":"x"}', b'{"error":{}}']
)
def test_a_404_without_the_envelope_is_the_same_error_with_its_body(body: bytes) -> None:
    with pytest.raises(NotFoundError) as raised:
        parse(body, 404, content_type="text/plain")
    assert raised.value.http_status == 404
    assert raised.value.code is None
    assert raised.value.body == body


@pytest.mark.rule("ping", 4)
@pytest.mark.parametrize(
    ("member", "details"),
    [
        ("", None),
        (',"details":null', None),
        (',"details":{}', {}),
        (',"details":{"field":"id","n":[1,null]}', {"field": "id", "n": [1, None]}),
    ],
    ids=["absent", "null", "empty", "an object"],
)
def test_details_may_be_null_absent_or_an_object(member: str, details: object) -> None:
    body = f'{{"error":{{"code":"not_found","message":"no"{member}}}}}\n'
    with pytest.raises(NotFoundError) as raised:
        parse(body.encode(), 404)
    assert raised.value.code == "not_found"
    assert raised.value.message == "no"
    assert raised.value.details == details
    assert (raised.value.details_json is None) == (details is None)


@pytest.mark.rule("ping", 4)
def test_a_last_newline_and_escaped_characters_are_read() -> None:
    status = parse(b'{"client_id":"a\\u003cb\\u003e\\u0026","status":"connected"}\n')
    assert status.client_id == "a<b>&"


@pytest.mark.rule("ping", 4)
@pytest.mark.parametrize("word", ["paused", "", "CONNECTED", "connected ", "é", "a\\u0000b"])
def test_a_word_that_is_new_keeps_its_text(word: str) -> None:
    status = parse(f'{{"client_id":"c","status":"{word}"}}'.encode())
    assert status.status == word.replace("\\u0000", "\0")


@pytest.mark.rule("ping", 5)
@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("0", 0),
        ("120", 120),
        ("Sun, 06 Nov 1994 08:49:47 GMT", 10),
        ("Sunday, 06-Nov-94 08:49:47 GMT", 10),
        ("Sun Nov  6 08:49:47 1994", 10),
        ("Sun, 06 Nov 1994 08:49:36 GMT", 0),
        ("Thu, 01 Jan 1970 00:00:00 GMT", 0),
    ],
)
def test_retry_after_is_read_in_all_its_forms(value: str, seconds: int) -> None:
    assert limited(retry_after=value, date=DATE).retry_after == timedelta(seconds=seconds)


@pytest.mark.rule("ping", 5)
@pytest.mark.parametrize(
    "value",
    [
        "",
        "soon",
        "-1",
        "1.5",
        "1e3",
        "0x10",
        "12 seconds",
        "Sun, 32 Nov 1994 08:49:37 GMT",
        "Sun, 06 Nob 1994 08:49:37 GMT",
        "1994-11-06T08:49:37Z",
        "So, 06 Nov 1994 08:49:37 GMT",
    ],
)
def test_a_retry_after_that_is_garbage_is_ignored(value: str) -> None:
    assert limited(retry_after=value, date=DATE).retry_after is None


@pytest.mark.rule("ping", 5)
def test_a_retry_after_beyond_all_time_does_no_harm() -> None:
    wait = limited(retry_after="9" * 400).retry_after
    assert wait is not None
    assert wait > timedelta(days=365)


@pytest.mark.rule("ping", 5)
def test_the_rate_limit_is_read_from_its_headers() -> None:
    limit = limited(
        x_ratelimit_limit="100", x_ratelimit_remaining="0", x_ratelimit_reset="30"
    ).rate_limit
    assert limit is not None
    assert limit.limit == 100
    assert limit.remaining == 0
    assert limit.reset_after == timedelta(seconds=30)


@pytest.mark.rule("ping", 5)
def test_a_reset_above_a_billion_is_an_epoch() -> None:
    limit = limited(x_ratelimit_reset="1767225660", date="Thu, 01 Jan 2026 00:00:00 GMT").rate_limit
    assert limit is not None
    assert limit.reset_after == timedelta(seconds=60)


@pytest.mark.parametrize("key", ["Bearer abc", "bearer abc", "BEARER abc"])
def test_a_key_with_its_scheme_is_given_no_second_one(key: str) -> None:
    request = build_ping_session_status_request("s-1", api_key=key, authorization_scheme="bearer")
    assert header_map(request)["authorization"] == key


def test_the_scheme_is_raw_unless_bearer_is_chosen() -> None:
    assert header_map(build_ping_session_status_request("s-1", api_key="k"))["authorization"] == "k"
    bearer = build_ping_session_status_request("s-1", api_key="k", authorization_scheme="bearer")
    assert header_map(bearer)["authorization"] == "Bearer k"
    with pytest.raises(ConfigurationError, match="basic"):
        build_ping_session_status_request("s-1", api_key="k", authorization_scheme="basic")


@pytest.mark.parametrize("key", ["", "a\r\nX-Evil: 1", "a\nb", "a\0b", " key", "key "])
def test_a_key_that_no_header_can_carry_is_refused(key: str) -> None:
    with pytest.raises(ConfigurationError, match="api_key"):
        build_ping_session_status_request("s-1", api_key=key)


@pytest.mark.parametrize("session_id", ["", ".", "..", "a\nb", "\0"])
def test_an_id_that_would_ask_another_endpoint_is_refused(session_id: str) -> None:
    with pytest.raises(ConfigurationError, match="session id"):
        PING.request(session_id)


def test_headers_may_parse_an_answer_of_their_own_when_they_are_asked() -> None:
    def answer(client_id: str, headers: Any) -> PingSessionStatus:
        body = b'{"client_id": "%s", "status": "connected"}' % client_id.encode()
        return parse_ping_session_status_response(200, headers, body, "s-1")

    class Headers:
        def items(self) -> list[tuple[str, str]]:
            assert answer("inner", {"X-Long": "x" * 100}).client_id == "inner"
            return [("Date", "Thu, 01 Jan 2026 00:00:00 GMT")]

    assert answer("outer", Headers()).client_id == "outer"
