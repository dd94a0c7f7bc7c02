"""elizaOS's sessions: the arithmetic of their expiry, and their ends."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from tests.support.calls import eliza

if TYPE_CHECKING:
    from tests.support.sandbox import Space

AGENT = "11111111-1111-4111-8111-111111111111"
USER = "22222222-2222-4222-8222-222222222222"


@pytest.fixture(autouse=True)
def _frozen(space: Space) -> None:
    space.clock(set="2026-01-01T00:00:00Z", freeze=True)


def test_twelve_members_come_in_the_documented_order(space: Space) -> None:
    space.add_session("eliza", "s", "active", metadata={"b": [1, {"a": None}]})
    body = eliza(space, "/s").json
    assert list(body) == [
        *("sessionId", "agentId", "userId", "channelId", "createdAt", "lastActivity"),
        *("expiresAt", "metadata", "timeoutConfig", "renewalCount", "timeRemaining"),
        "isNearExpiration",
    ]
    assert body["createdAt"] == "2026-01-01T00:00:00.000Z"
    assert body["expiresAt"] == "2026-01-01T00:30:00.000Z"
    assert body["metadata"] == {"b": [1, {"a": None}]}


def test_the_real_servers_order_comes_by_dialect(space: Space) -> None:
    space.add_session("eliza", "s", "active")
    documented = eliza(space, "/s").json
    space.admin("PUT", "dialect", {"eliza": "server"})
    on_the_wire = eliza(space, "/s").json
    assert on_the_wire == documented
    assert list(on_the_wire)[:2] == ["sessionId", "channelId"]
    assert list(on_the_wire)[6:8] == ["metadata", "expiresAt"]


def test_time_remaining_and_nearness_are_exact(space: Space) -> None:
    space.add_session("eliza", "s", "active")
    seen = []
    for step in (0, 1499.999, 0.001, 299.999):
        space.clock(advance=step)
        body = eliza(space, "/s").json
        seen.append((body["timeRemaining"], body["isNearExpiration"]))
    assert seen == [(1800000, False), (300001, False), (300000, True), (1, True)]


def test_410_is_answered_once_and_404_ever_after(space: Space) -> None:
    space.add_session("eliza", "s", "active")
    space.clock(advance=1800)
    gone, unknown, again = (eliza(space, "/s") for _ in range(3))
    assert [gone.http_status, unknown.http_status, again.http_status] == [410, 404, 404]
    assert gone.json == {
        "error": "Session has expired",
        "code": "SESSION_EXPIRED",
        "details": {"sessionId": "s", "expiresAt": "2026-01-01T00:30:00.000Z"},
    }
    assert unknown.json == {
        "error": "Session not found",
        "code": "SESSION_NOT_FOUND",
        "details": {"sessionId": "s"},
    }


@pytest.mark.parametrize(
    ("method", "path"),
    [("HEAD", ""), ("POST", "/renew"), ("POST", "/heartbeat"), ("PATCH", "/timeout")],
)
def test_every_touch_takes_the_410(space: Space, method: str, path: str) -> None:
    space.add_session("eliza", "s", "expired")
    assert eliza(space, "/s" + path, method).http_status == 410
    assert eliza(space, "/s").http_status == 404


def test_clean_up_may_come_before_the_410(space: Space) -> None:
    space.admin("PUT", "dialect", {"eliza_clean_up": True})
    space.add_session("eliza", "early", "active")
    space.add_session("eliza", "late", "active")
    space.clock(advance=1800 + 299)
    assert eliza(space, "/early").http_status == 410
    space.clock(advance=1)
    assert eliza(space, "/late").http_status == 404


def test_what_was_cleaned_up_is_gone_for_every_call(space: Space) -> None:
    space.admin("PUT", "dialect", {"eliza": "server", "eliza_clean_up": True})
    names = ["got", "renewed", "beaten", "changed", "deleted", "listed"]
    for name in names:
        space.add_session("eliza", name, "active")
    space.clock(advance=3600)

    assert eliza(space, "/got").http_status == 404
    assert eliza(space, "/renewed/renew", "POST").http_status == 404
    assert eliza(space, "/beaten/heartbeat", "POST").http_status == 404
    assert eliza(space, "/changed/timeout", "PATCH", b"{}").http_status == 404
    assert eliza(space, "/deleted", "DELETE").http_status == 404
    assert eliza(space, "").json["stats"] == {
        "totalSessions": 0,
        "activeSessions": 0,
        "expiredSessions": 0,
    }


@pytest.mark.parametrize("dialect", ["seed", "server"])
def test_an_array_is_a_body_without_members(space: Space, dialect: str) -> None:
    space.admin("PUT", "dialect", {"eliza": dialect})
    space.add_session("eliza", "s", "active", timeout_config={"timeoutMinutes": 60})
    changed = eliza(space, "/s/timeout", "PATCH", b"[1]")
    assert changed.http_status == 200
    assert changed.json["timeoutConfig"]["timeoutMinutes"] == 30
    assert eliza(space, "", "POST", b"[1]").http_status == 400
    for body in (b"1", b"null", b'"x"', b"{"):
        refused = eliza(space, "/s/timeout", "PATCH", body)
        assert refused.http_status == 500
        assert "does not parse" in str(refused.header("X-Sessionvitals-Mock-Rule"))


def test_reading_never_renews(space: Space) -> None:
    space.add_session("eliza", "s", "active")
    space.clock(advance=60)
    assert eliza(space, "").json["sessions"][0]["lastActivity"] == "2026-01-01T00:00:00.000Z"
    assert eliza(space, "/s").json["expiresAt"] == "2026-01-01T00:30:00.000Z"


def test_renewing_moves_the_expiry_up_to_the_maximum_duration(space: Space) -> None:
    space.add_session("eliza", "s", "active", timeout_config={"maxDurationMinutes": 40})
    space.clock(advance=300)
    renewed = eliza(space, "/s/renew", "POST").json
    assert (renewed["renewalCount"], renewed["expiresAt"]) == (1, "2026-01-01T00:35:00.000Z")
    space.clock(advance=900)
    renewed = eliza(space, "/s/renew", "POST").json
    assert (renewed["renewalCount"], renewed["expiresAt"]) == (2, "2026-01-01T00:40:00.000Z")
    space.clock(advance=1200)
    assert eliza(space, "/s/renew", "POST").http_status == 410


def test_without_auto_renew_a_heartbeat_only_moves_the_last_activity(space: Space) -> None:
    space.add_session("eliza", "s", "active", timeout_config={"autoRenew": False})
    space.clock(advance=60)
    beaten = eliza(space, "/s/heartbeat", "POST").json
    assert beaten["lastActivity"] == "2026-01-01T00:01:00.000Z"
    assert (beaten["renewalCount"], beaten["expiresAt"]) == (0, "2026-01-01T00:30:00.000Z")
    renewed = eliza(space, "/s/renew", "POST").json
    assert (renewed["renewalCount"], renewed["expiresAt"]) == (1, "2026-01-01T00:31:00.000Z")


def patch(space: Space, config: dict[str, Any]) -> Any:
    return eliza(space, "/s/timeout", "PATCH", json.dumps(config).encode())


def test_patch_timeout_replaces_the_whole_config(space: Space) -> None:
    space.add_session(
        "eliza", "s", "active", timeout_config={"timeoutMinutes": 60, "autoRenew": False}
    )
    changed = patch(space, {"warningThresholdMinutes": 0}).json
    assert changed["timeoutConfig"] == {
        "timeoutMinutes": 30,
        "autoRenew": True,
        "maxDurationMinutes": 720,
        "warningThresholdMinutes": 1,
    }
    assert changed["timeRemaining"] == 1800000


@pytest.mark.parametrize(
    "config", [{"timeoutMinutes": 4}, {"timeoutMinutes": 1441}, {"autoRenew": "yes"}]
)
def test_patch_timeout_refuses_what_create_would_clamp(
    space: Space, config: dict[str, Any]
) -> None:
    space.add_session("eliza", "s", "active")
    refused = patch(space, config)
    assert (refused.http_status, refused.json["code"]) == (400, "VALIDATION_ERROR")


def create(space: Space, **members: object) -> Any:
    body = {"agentId": AGENT, "userId": USER, **members}
    return eliza(space, "", "POST", json.dumps(body).encode())


def test_create_clamps_and_can_be_read_and_deleted(space: Space) -> None:
    created = create(space, timeoutConfig={"timeoutMinutes": 1}, metadata={"a": 1})
    assert created.http_status == 201
    assert created.json["expiresAt"] == "2026-01-01T00:05:00.000Z"
    path = "/" + created.json["sessionId"]
    assert eliza(space, path).json["agentId"] == AGENT
    assert eliza(space, path, "DELETE").json["success"] is True
    assert eliza(space, path).http_status == 404


@pytest.mark.parametrize(
    ("members", "details"),
    [
        ({"agentId": "x"}, {"providedValue": "x", "expectedFormat": "UUID v4"}),
        ({"agentId": None, "userId": None}, {"missingFields": ["agentId", "userId"]}),
        ({"userId": 7}, {"providedValue": 7, "expectedFormat": "UUID v4"}),
    ],
)
def test_create_judges_the_ids(space: Space, members: Any, details: Any) -> None:
    refused = create(space, **members)
    assert (refused.http_status, refused.json["details"]) == (400, details)


def test_create_knows_only_the_agents_it_was_told_of(space: Space) -> None:
    space.admin("PUT", "dialect", {"eliza_agents": [USER]})
    assert create(space).json["code"] == "AGENT_NOT_FOUND"
    assert create(space, agentId=USER).http_status == 201


def test_the_real_servers_shapes_come_by_dialect(space: Space) -> None:
    space.admin("PUT", "dialect", {"eliza": "server"})
    space.admin("PUT", "keys", {"eliza": "secret-key"})
    assert eliza(space, "/s").json["error"] == "API key required"
    key = {"X_API_KEY": "secret-key"}
    form_a = eliza(space, "/s", **key).json["error"]
    assert form_a["code"] == "SESSION_NOT_FOUND"
    assert form_a["message"] == "Session with ID 's' not found"
    assert form_a["timestamp"] == "2026-01-01T00:00:00.000Z"
    assert "stack" in form_a
    form_b = eliza(space, "", "POST", b"{}", Content_Type="text/plain", **key).json
    assert (form_b["success"], form_b["error"]["code"]) == (False, "INVALID_CONTENT_TYPE")
    form_d = eliza(space, "", "POST", b"{", **key)
    assert (form_d.http_status, form_d.json["error"]["code"]) == (500, 500)


def test_the_list_shows_the_living_only(space: Space) -> None:
    space.add_session("eliza", "b", "active")
    space.add_session("eliza", "a", "active")
    space.add_session("eliza", "x", "expired")
    listed = eliza(space, "/").json
    assert [session["sessionId"] for session in listed["sessions"]] == ["b", "a"]
    assert listed["stats"] == {"totalSessions": 3, "activeSessions": 2, "expiredSessions": 1}


def test_an_unchanged_session_is_304_by_its_tag(space: Space) -> None:
    space.add_session("eliza", "s", "active")
    tag = str(eliza(space, "/s").header("ETag"))
    assert tag.startswith('W/"')
    unchanged = eliza(space, "/s", If_None_Match=tag)
    assert (unchanged.http_status, unchanged.body) == (304, b"")


def test_limits_carry_their_headers_and_a_429_says_when(space: Space) -> None:
    space.admin("PUT", "limits", {"eliza": {"limit": 1, "window": 900}})
    first, second = eliza(space, ""), eliza(space, "")
    assert first.header("RateLimit-Policy") == "1;w=900"
    assert (second.http_status, second.header("Retry-After")) == (429, "900")


def test_a_timeout_beyond_any_duration_stays_within_the_calendar(space: Space) -> None:
    huge = {"timeoutMinutes": 1e300, "maxDurationMinutes": 1e300}
    space.add_session("eliza", "s", "active", timeout_config=huge)
    body = eliza(space, "/s").json
    assert body["timeoutConfig"]["timeoutMinutes"] == 1e300
    assert body["expiresAt"] == "9999-12-31T23:59:59.999Z"
