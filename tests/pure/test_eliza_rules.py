"""What a right elizaOS client does, as far as it needs no socket. The rest: contract/."""

from __future__ import annotations

import json
from datetime import datetime, timedelta, timezone

import pytest
from tests.support.vendors import ELIZA, header_map

from sessionvitals import (
    ConfigurationError,
    ContractError,
    ElizaSession,
    build_eliza_get_session_request,
    parse_eliza_get_session_response,
)

LEAST = {"sessionId": "s", "agentId": "a", "userId": "u", "createdAt": "2026-01-01T00:00:00Z"}


def parse(body: bytes, http_status: int = 200, **headers: str) -> ElizaSession:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return parse_eliza_get_session_response(http_status, named, body, "s")


def session(**members: object) -> ElizaSession:
    return parse(json.dumps({**LEAST, **members}).encode())


def session_with(name: str, json_text: str) -> ElizaSession:
    members = {key: value for key, value in LEAST.items() if key != name}
    return parse(f'{json.dumps(members)[:-1]},"{name}":{json_text}}}'.encode())


TIMES = {
    "2026-01-01T00:00:00Z": datetime(2026, 1, 1),
    "2026-01-01T00:00:00.123Z": datetime(2026, 1, 1, microsecond=123000),
    "2026-01-01T00:00:00.123456Z": datetime(2026, 1, 1, microsecond=123456),
    "2026-01-01T00:00:00.1234567Z": datetime(2026, 1, 1, microsecond=123456),
    "2026-01-01T02:30:00+02:30": datetime(2026, 1, 1),
    "2025-12-31T16:00:00-08:00": datetime(2026, 1, 1),
    "2026-01-01t00:00:00z": datetime(2026, 1, 1),
    "2024-02-29T23:59:59.999999Z": datetime(2024, 2, 29, 23, 59, 59, 999999),
}


@pytest.mark.rule("eliza", 3)
@pytest.mark.parametrize("text", TIMES)
def test_times_are_aware_and_in_utc(text: str) -> None:
    got = session(createdAt=text, expiresAt=text, lastActivity=text)
    for time in (got.created_at, got.expires_at, got.last_activity):
        assert time == TIMES[text].replace(tzinfo=timezone.utc)
        assert time is not None
        assert time.utcoffset() == timedelta(0)


@pytest.mark.rule("eliza", 3)
@pytest.mark.parametrize("name", ["createdAt", "lastActivity", "expiresAt"])
@pytest.mark.parametrize(
    "json_text",
    [
        '"soon"',
        '""',
        '"2026-01-01"',
        '"2026-01-01T00:00:00"',
        '"2026-13-01T00:00:00Z"',
        '"2026-02-29T00:00:00Z"',
        '"2026-01-01T25:00:00Z"',
        '"2026-01-01T00:00:00+25:00"',
        '"+10000-01-01T00:00:00Z"',
        '"2026-01-01T00:00:00Z "',
        '" 2026-01-01T00:00:00Z"',
        '"2026-1-1T0:0:0Z"',
        '"2026-01-01T00:00:00.Z"',
        "1767225600000",
        "true",
        "{}",
    ],
)
def test_an_unreadable_time_breaks_the_contract_by_name(name: str, json_text: str) -> None:
    with pytest.raises(ContractError, match=name) as raised:
        session_with(name, json_text)
    assert raised.value.member == f"/{name}"


@pytest.mark.rule("eliza", 4)
def test_four_members_are_enough() -> None:
    least = session()
    assert (least.session_id, least.agent_id, least.user_id) == ("s", "a", "u")
    for name in (
        "channel_id",
        "last_activity",
        "expires_at",
        "metadata",
        "metadata_json",
        "timeout_config",
        "renewal_count",
        "time_remaining",
        "time_remaining_milliseconds",
        "is_near_expiration",
    ):
        assert getattr(least, name) is None, name
    assert list(least.null_members) == []
    assert least.extra == {}


@pytest.mark.rule("eliza", 4)
@pytest.mark.parametrize("name", LEAST)
@pytest.mark.parametrize("json_text", [None, "null", "5", "[]"])
def test_each_of_the_four_must_be_there(name: str, json_text: str | None) -> None:
    members = {key: value for key, value in LEAST.items() if key != name}
    body = json.dumps(members)[:-1]
    body += "}" if json_text is None else f',"{name}":{json_text}}}'
    with pytest.raises(ContractError) as raised:
        parse(body.encode())
    assert raised.value.member == f"/{name}"


@pytest.mark.rule("eliza", 4)
@pytest.mark.parametrize(
    "name",
    [
        "channelId",
        "lastActivity",
        "expiresAt",
        "timeoutConfig",
        "renewalCount",
        "timeRemaining",
        "isNearExpiration",
        "metadata",
    ],
)
def test_a_null_member_is_told_from_an_absent_one(name: str) -> None:
    got = session(**{name: None})
    assert list(got.null_members) == [name]
    assert got != session()


@pytest.mark.rule("eliza", 4)
def test_members_that_are_new_are_kept() -> None:
    new = {"mood": "good", "n": 9007199254740993, "deep": {"a": [None, 1.5, True]}, "none": None}
    assert session(**new).extra == new


@pytest.mark.rule("eliza", 5)
@pytest.mark.parametrize("number", ["0", "0.5", "30", "1e300", "1e2", "-1", "9007199254740993"])
def test_the_numbers_of_a_timeout_config_are_kept_as_numbers(number: str) -> None:
    config = session_with("timeoutConfig", f'{{"timeoutMinutes":{number}}}').timeout_config
    assert config is not None
    assert config.timeout_minutes == float(number)


@pytest.mark.rule("eliza", 5)
def test_a_number_beyond_a_double_does_not_cost_the_answer() -> None:
    config = session_with("timeoutConfig", '{"maxDurationMinutes":1e400}').timeout_config
    assert config is not None
    assert config.max_duration_minutes == float("inf")
    json.dumps(session_with("timeoutConfig", '{"maxDurationMinutes":1e400}').to_dict())


@pytest.mark.rule("eliza", 5)
@pytest.mark.parametrize(
    "number", ["1853.408299823118", "9007199254740993", "2.2250738585072014e-308", "1e-400"]
)
def test_a_number_is_the_nearest_double(number: str) -> None:
    config = session_with("timeoutConfig", f'{{"maxDurationMinutes":{number}}}').timeout_config
    assert config is not None
    assert config.max_duration_minutes == float(number)


@pytest.mark.rule("eliza", 6)
@pytest.mark.parametrize("depth", [61, 62, 63, 64, 1_000, 20_000])
def test_an_auto_renew_nested_past_the_guard_does_not_cost_the_answer(depth: int) -> None:
    deep = "[" * depth + "]" * depth
    got = session_with("timeoutConfig", f'{{"autoRenew":{deep},"timeoutMinutes":7}}')
    assert got.timeout_config is not None
    assert got.timeout_config.timeout_minutes == 7
    assert (
        got.timeout_config
        == session_with(
            "timeoutConfig", f'{{"timeoutMinutes":7,"autoRenew":{deep}}}'
        ).timeout_config
    )


@pytest.mark.rule("eliza", 5)
@pytest.mark.parametrize("left", [0, 1, 2**31, 2**53 + 1, 2**63 - 1])
def test_the_time_remaining_is_exact_in_milliseconds(left: int) -> None:
    got = session(timeRemaining=left)
    assert got.time_remaining_milliseconds == left
    assert got.to_dict()["time_remaining_milliseconds"] == left


@pytest.mark.rule("eliza", 5)
@pytest.mark.parametrize("json_text", ["1.5", "9223372036854775808", '"1"', "true", "1e400"])
def test_a_time_remaining_that_is_no_int64_breaks_the_contract_by_name(json_text: str) -> None:
    with pytest.raises(ContractError) as raised:
        session_with("timeRemaining", json_text)
    assert raised.value.member == "/timeRemaining"


@pytest.mark.rule("eliza", 6)
@pytest.mark.parametrize(
    "json_text",
    [
        "{}",
        "[]",
        "null",
        '"x"',
        "5",
        "1.5",
        "false",
        '{"a":{"b":[1,null]}}',
        '{"a":"}{\\"]["}',
        "1e400",
    ],
)
def test_metadata_is_any_json(json_text: str) -> None:
    got = session_with("metadata", json_text)
    assert got.metadata_json == json_text
    assert got.metadata == json.loads(json_text)


@pytest.mark.rule("eliza", 6)
@pytest.mark.parametrize("depth", [63, 64, 65, 1000, 20_000])
@pytest.mark.parametrize("place", ["before", "after"])
def test_metadata_nested_past_the_guard_does_not_cost_the_answer(depth: int, place: str) -> None:
    deep = "[" * depth + "]" * depth
    rest = json.dumps({**LEAST, "timeRemaining": 5})[1:-1]
    body = {"before": f'{{"metadata":{deep},{rest}}}', "after": f'{{{rest},"metadata":{deep}}}'}

    got = parse(body[place].encode())

    assert got.time_remaining_milliseconds == 5
    assert got.metadata_json == deep
    assert "metadata" not in repr(got) or len(repr(got)) < 500


@pytest.mark.rule("eliza", 6)
def test_only_the_access_to_metadata_fails_where_python_cannot_hold_it() -> None:
    deep = '{"a":' * 100_000 + "1" + "}" * 100_000
    got = session_with("metadata", deep)
    with pytest.raises((RecursionError, ContractError, ValueError)):
        _ = got.metadata
    assert got.agent_id == "a"
    assert got == session_with("metadata", deep)


@pytest.mark.rule("eliza", 7)
@pytest.mark.parametrize(
    "content_type", ["", "text/html", "text/css", "text/javascript; charset=utf-8", "image/png"]
)
def test_the_content_type_of_an_answer_does_not_matter(content_type: str) -> None:
    assert parse(json.dumps(LEAST).encode(), content_type=content_type) == session()


@pytest.mark.rule("eliza", 7)
@pytest.mark.parametrize("session_id", ["", ".", "..", "a\r\nb", "\0", "a\x7f"])
def test_an_id_that_would_ask_another_endpoint_is_refused(session_id: str) -> None:
    with pytest.raises(ConfigurationError, match="session id"):
        ELIZA.request(session_id)


@pytest.mark.rule("eliza", 7)
@pytest.mark.parametrize(
    ("session_id", "segment"),
    [
        ("a/b", "a%2Fb"),
        ("../health", "..%2Fhealth"),
        ("%", "%25"),
        ("a.js", "a.js"),
        ("é", "%C3%A9"),
        ("a?b=c#d", "a%3Fb%3Dc%23d"),
    ],
)
def test_an_id_is_percent_encoded(session_id: str, segment: str) -> None:
    assert ELIZA.request(session_id).target == f"/api/messaging/sessions/{segment}"


@pytest.mark.rule("eliza", 8)
def test_a_key_is_sent_only_if_there_is_one() -> None:
    assert "x-api-key" not in header_map(build_eliza_get_session_request("s"))
    assert "x-api-key" not in header_map(build_eliza_get_session_request("s", api_key=None))
    assert header_map(build_eliza_get_session_request("s", api_key="k"))["x-api-key"] == "k"


@pytest.mark.rule("eliza", 8)
@pytest.mark.parametrize("key", ["a\r\nX-Evil: 1", "a\nb", "a\0b", " key", "key "])
def test_a_key_that_no_header_can_carry_is_refused(key: str) -> None:
    with pytest.raises(ConfigurationError, match="api_key"):
        build_eliza_get_session_request("s", api_key=key)


@pytest.mark.rule("eliza", 10)
def test_nearness_and_time_left_are_the_servers_own_words() -> None:
    # By our clock this session is years over, and by its own threshold not near.
    got = session(expiresAt="2026-01-01T00:00:01Z", timeRemaining=1, isNearExpiration=False)
    assert got.time_remaining == timedelta(milliseconds=1)
    assert got.is_near_expiration is False
    other = session(expiresAt="2126-01-01T00:00:00Z", timeRemaining=0, isNearExpiration=True)
    assert other.time_remaining == timedelta(0)
    assert other.is_near_expiration is True
