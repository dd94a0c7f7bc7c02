"""tiun's state machine, over plain sockets."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest
from tests.support.calls import TIUN_KEY, tiun
from tests.support.wire import Received, once

from sessionvitals import ConfigurationError

if TYPE_CHECKING:
    from tests.support.sandbox import Space


def test_a_valid_session_is_200_without_a_body(space: Space) -> None:
    space.add_session("tiun", "s", "valid")
    answer = tiun(space, "s")
    assert (answer.http_status, answer.body) == (200, b"")
    assert answer.header("X-Sessionvitals-Mock-Rule") == (
        "tiun: 200 without a body, the session is valid [seed] mocks/contracts/tiun.md"
    )


@pytest.mark.parametrize("state", ["invalid", "expired", "out_of_funds"])
def test_every_other_state_looks_like_an_unknown_id(space: Space, state: str) -> None:
    space.add_session("tiun", "s", state)
    known, unknown = tiun(space, "s"), tiun(space, "nobody")
    assert known.http_status == unknown.http_status == 404
    assert {**known.json, "traceId": ""} == {**unknown.json, "traceId": ""}
    assert known.json["status"] == 404


def test_errors_come_as_documented_or_by_dialect_as_aspnet_sends_them(space: Space) -> None:
    assert tiun(space, "nobody").header("Content-Type") == "application/json; charset=utf-8"
    space.admin("PUT", "dialect", {"tiun_problem_json": True})
    assert tiun(space, "nobody").header("Content-Type") == "application/problem+json; charset=utf-8"


def test_a_session_expires_to_the_millisecond(space: Space) -> None:
    space.clock(set="2026-01-01T00:00:00Z", freeze=True)
    space.add_session("tiun", "s", "valid", expires_after=1.5)
    space.clock(advance=1.499)
    assert tiun(space, "s").http_status == 200
    space.clock(advance=0.001)
    assert tiun(space, "s").http_status == 404
    space.clock(advance=-0.001)
    assert tiun(space, "s").http_status == 200


def test_reads_can_end_a_session(space: Space) -> None:
    space.add_session("tiun", "s", "valid", transitions=[{"reads": 2, "state": "out_of_funds"}])
    assert [tiun(space, "s").http_status for _ in range(4)] == [200, 200, 404, 404]


def test_a_key_is_asked_for_before_the_session(space: Space) -> None:
    assert tiun(space, "s", X_ACCESS_TOKEN="wrong").http_status == 401
    assert tiun(space, "s", X_Other="nothing").http_status == 401


def test_the_other_environments_key_is_401_and_the_answer_says_why(space: Space) -> None:
    answer = tiun(space, "s", X_ACCESS_TOKEN="tiun-production-token")
    assert answer.http_status == 401
    assert "one environment only" in str(answer.header("X-Sessionvitals-Mock-Rule"))


@pytest.mark.parametrize(
    ("dialect", "old", "new"), [("seed", 200, 401), ("vendor", 401, 200), ("both", 200, 200)]
)
def test_the_dialect_names_the_header(space: Space, dialect: str, old: int, new: int) -> None:
    space.add_session("tiun", "s", "valid")
    space.admin("PUT", "dialect", {"tiun": dialect})
    assert tiun(space, "s", X_ACCESS_TOKEN="tiun-sandbox-token").http_status == old
    assert tiun(space, "s", X_TIUN_API_KEY="tiun-sandbox-token").http_status == new


def test_a_body_or_a_query_is_refused_since_the_call_has_none(space: Space) -> None:
    space.add_session("tiun", "s", "valid")
    target = f"/~{space.name}/live_api/s2s/v1/sessions/s/status"
    for where, body in ((target, b"{}"), (target + "?a=b", b"")):
        answer = once(space.port, where, "PATCH", body, X_ACCESS_TOKEN="tiun-sandbox-token")
        assert answer.http_status == 501
        assert "neither a body nor a query" in str(answer.header("X-Sessionvitals-Mock-Reason"))


def users(space: Space, path: str, method: str = "GET", body: bytes = b"") -> Received:
    return once(
        space.port, f"/~{space.name}/live_api/s2s/v1/users/{path}", method, body, **TIUN_KEY
    )


def test_a_token_is_a_users_or_nobodys(space: Space) -> None:
    space.sandbox.tiun.users(
        {"user_id": "u 1", "email": "a@example.com", "product_access": [{"p": 1}], "tokens": ["t"]},
        {"user_id": "u2"},
    )
    info = {"userId": "u 1", "email": "a@example.com", "productAccess": [{"p": 1}]}
    good = users(space, "verification", "POST", b'{"userVerificationToken":"t"}')
    assert good.json == {"isAuthenticated": True, "userInfo": info}
    bad = users(space, "verification", "POST", b'{"userVerificationToken":"x"}')
    assert (bad.http_status, bad.json) == (200, {"isAuthenticated": False})
    assert users(space, "verification", "POST", b"{}").http_status == 501
    assert users(space, "u%201/info").json == info
    assert users(space, "u2/info").json == {"userId": "u2", "productAccess": []}
    assert users(space, "u3/info").http_status == 404


def test_a_users_token_is_not_in_the_journal(space: Space) -> None:
    users(space, "verification", "POST", b'{"userVerificationToken":"canary-7f3c9b1e"}')
    (entry,) = space.sandbox.journal.requests(operation="verify_user")
    assert "canary" not in str(entry)
    assert "userVerificationToken" in str(entry)


@pytest.mark.parametrize(
    ("account", "member"),
    [
        ({"tiun": {"users": [{"user_id": "a"}, {"user_id": "a"}]}}, "tiun.users[1].user_id"),
        ({"tiun": {"users": [{"email": "a"}]}}, "user_id"),
        ({"tiun": {"users": [{"user_id": "a", "tokens": [1]}]}}, "tokens"),
        ({"ping": {"zones": [{"code": "a"}, {"code": "a"}]}}, "ping.zones[1].code"),
        ({"ping": {"limits": {"global": {"max_sessions": 1}}}}, "max_sessions"),
        ({"ping": {"limits": {"client": {"max_sessions": -1}}}}, "max_sessions"),
        ({"ping": {"limits": {"zone": {}}}}, "zone"),
        ({"eliza": {}}, "eliza"),
    ],
    ids=str,
)
def test_an_account_that_is_wrong_is_refused_and_changes_nothing(
    space: Space, account: dict[str, Any], member: str
) -> None:
    before = space.admin("GET", "account")
    with pytest.raises(ConfigurationError, match=re.escape(member)):
        space.admin("PUT", "account", account)
    assert space.admin("GET", "account") == before


def test_an_expiry_counts_from_now_and_goes_with_a_new_state(space: Space) -> None:
    space.clock(set="2026-01-01T00:00:00Z", freeze=True)
    space.add_session("tiun", "renewed", "expired")
    space.add_session("tiun", "running", "valid")
    space.clock(advance=100)
    space.admin("PATCH", "sessions/tiun/renewed", {"state": "valid", "expires_after": 60})
    space.admin("PATCH", "sessions/tiun/running", {"expires_after": 60})
    for seconds, http_status in ((0, 200), (59.999, 200), (0.001, 404)):
        space.clock(advance=seconds)
        assert tiun(space, "renewed").http_status == http_status
        assert tiun(space, "running").http_status == http_status


def test_an_expiry_beside_transitions_is_refused(space: Space) -> None:
    both = {"expires_after": 60, "transitions": [{"reads": 2, "state": "out_of_funds"}]}
    with pytest.raises(ConfigurationError, match="goes with no transitions"):
        space.add_session("tiun", "s", "valid", **both)
    space.add_session("tiun", "s", "valid")
    with pytest.raises(ConfigurationError, match="goes with no transitions"):
        space.admin("PATCH", "sessions/tiun/s", both)
    space.add_session("tiun", "s", "valid", transitions=both["transitions"])
    assert [tiun(space, "s").http_status for _ in range(3)] == [200, 200, 404]
