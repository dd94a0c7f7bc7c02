"""tiun's state machine, over plain sockets."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.support.calls import tiun
from tests.support.wire import once

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
