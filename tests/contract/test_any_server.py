"""What the clients promise on any server of the vendors, the mock and the real ones alike.

    pytest tests/contract --eliza-url http://localhost:3000

Nothing here prepares the server but by the vendor's own calls.
"""

from __future__ import annotations

import json
import uuid
from datetime import datetime, timedelta, timezone

import pytest
from tests.support.servers import Servers
from tests.support.vendors import ELIZA, PING, TIUN, VENDORS, Vendor

from sessionvitals import (
    AuthenticationError,
    ElizaSession,
    HttpStatusError,
    NotFoundError,
    SessionState,
)

# No vendor's server has this one.
NOBODY = f"00000000-0000-4000-8000-{uuid.uuid4().hex[:12]}"


def asked(servers: Servers, session_id: object) -> ElizaSession:
    answer: ElizaSession = ELIZA.ask(servers.client("eliza"), str(session_id))
    return answer


def asked_where_sessions_expire(servers: Servers, session_id: object) -> ElizaSession:
    """Ask as above; skips the test on a server that knows no expiry, renewal or timeout."""
    got = asked(servers, session_id)
    if got.expires_at is None:
        pytest.skip("this server is of before expiry (1.4.2)")
    return got


def test_tiun_denies_an_id_nobody_has(servers: Servers) -> None:
    client = servers.client("tiun")
    verdict = TIUN.ask(client, NOBODY)

    assert verdict.valid is False
    assert not verdict
    assert not verdict.hint, "the base URL is wrong?"
    assert client.probe(NOBODY).state is SessionState.DENIED


@pytest.mark.parametrize("vendor", [PING, ELIZA], ids=str)
def test_an_id_nobody_has_is_not_found(servers: Servers, vendor: Vendor) -> None:
    client = servers.client(vendor.name)
    with pytest.raises(NotFoundError) as raised:
        vendor.ask(client, NOBODY)

    assert raised.value.http_status == 404
    assert raised.value.message
    assert raised.value.call is not None
    assert len(raised.value.call.attempts) == 1
    assert client.probe(NOBODY).state is SessionState.NOT_FOUND


@pytest.mark.parametrize("vendor", [PING, TIUN], ids=str)
def test_a_wrong_key_is_an_authentication_error(servers: Servers, vendor: Vendor) -> None:
    client = servers.client(vendor.name, key="canary-wrong-key")
    with pytest.raises(AuthenticationError) as raised:
        vendor.ask(client, NOBODY)
    assert raised.value.http_status == 401
    assert "canary-wrong-key" not in str(raised.value)
    with pytest.raises(AuthenticationError):
        client.probe(NOBODY)


@pytest.mark.parametrize("vendor", VENDORS.values(), ids=str)
@pytest.mark.parametrize(
    "session_id", ["a/b", "../status", "%2e%2e", "a?b=c#d", "é", "a b", "x.js", "..."]
)
def test_an_odd_id_stays_in_its_place(servers: Servers, vendor: Vendor, session_id: str) -> None:
    client = servers.client(vendor.name)
    if vendor is TIUN:
        assert not vendor.ask(client, session_id), "another endpoint answered"
        return
    with pytest.raises(HttpStatusError) as raised:
        vendor.ask(client, session_id)
    assert raised.value.http_status in {400, 404}


def test_a_result_carries_the_report_of_its_call(servers: Servers) -> None:
    created = servers.create_eliza_session()
    call = asked(servers, created["sessionId"]).call

    assert call is not None
    assert call.method == "GET"
    (only,) = call.attempts
    assert only.http_status == 200
    assert only.phase == "done"


def test_a_session_that_was_created_is_active(servers: Servers) -> None:
    created = servers.create_eliza_session(metadata={"purpose": "contract test", "n": [1, None]})
    got = asked(servers, created["sessionId"])

    assert got.session_id == created["sessionId"]
    assert got.agent_id == servers.eliza_agent
    assert got.metadata == {"purpose": "contract test", "n": [1, None]}
    assert got.created_at.tzinfo is not None
    session = servers.client("eliza").probe(str(created["sessionId"]))
    assert session.state is SessionState.ACTIVE
    assert session.live
    assert session.expires_at == got.expires_at


def test_times_and_time_left_agree_with_what_was_asked_for(servers: Servers) -> None:
    config = {
        "timeoutMinutes": 30,
        "autoRenew": False,
        "maxDurationMinutes": 60,
        "warningThresholdMinutes": 5,
    }
    created = servers.create_eliza_session(timeoutConfig=config)
    got = asked_where_sessions_expire(servers, created["sessionId"])

    assert got.expires_at is not None
    assert got.timeout_config is not None
    assert got.timeout_config.timeout_minutes == 30
    assert got.timeout_config.auto_renew is False
    lifetime = got.expires_at - got.created_at
    assert abs(lifetime - timedelta(minutes=30)) < timedelta(seconds=5)
    assert got.time_remaining is not None
    assert timedelta(0) < got.time_remaining <= timedelta(minutes=30)
    assert got.is_near_expiration is False
    written = datetime.fromisoformat(str(created["expiresAt"]).replace("Z", "+00:00"))
    assert got.expires_at == written.astimezone(timezone.utc)


def test_metadata_nested_past_the_guard_does_not_cost_the_answer(servers: Servers) -> None:
    deep: object = 1
    for _ in range(200):
        deep = [deep]
    created = servers.create_eliza_session(metadata={"deep": deep})
    got = asked(servers, created["sessionId"])

    assert got.agent_id == servers.eliza_agent
    assert json.loads(got.metadata_json or "") == {"deep": deep}


def test_a_session_that_was_deleted_is_gone(servers: Servers) -> None:
    created = servers.create_eliza_session()
    knows_expiry = asked(servers, created["sessionId"]).expires_at is not None
    servers.ask("eliza", "DELETE", f"/api/messaging/sessions/{created['sessionId']}")

    with pytest.raises(NotFoundError) as raised:
        asked(servers, created["sessionId"])
    assert raised.value.message
    assert raised.value.code == ("SESSION_NOT_FOUND" if knows_expiry else None)
    assert "stack" not in raised.value.body.decode().replace('"stack":null', "")
    probed = servers.client("eliza").probe(str(created["sessionId"]))
    assert probed.state in {SessionState.NOT_FOUND, SessionState.EXPIRED}


def test_a_session_that_is_renewed_says_so(servers: Servers) -> None:
    created = servers.create_eliza_session()
    session_id = str(created["sessionId"])
    before = asked_where_sessions_expire(servers, session_id)
    servers.ask("eliza", "POST", f"/api/messaging/sessions/{session_id}/renew")
    got = asked(servers, session_id)

    assert got.renewal_count == 1
    assert before.last_activity is not None
    assert got.last_activity is not None
    assert got.last_activity >= before.last_activity >= got.created_at


def test_a_session_as_short_as_its_warning_is_near_its_expiry_at_once(servers: Servers) -> None:
    config = {"timeoutMinutes": 5, "warningThresholdMinutes": 5}
    created = servers.create_eliza_session(timeoutConfig=config)
    got = asked_where_sessions_expire(servers, created["sessionId"])

    assert got.is_near_expiration is True
    assert got.time_remaining is not None
    assert timedelta(0) < got.time_remaining <= timedelta(minutes=5)


def test_a_timeout_of_a_fraction_is_read_and_a_huge_one_as_the_server_clamped_it(
    servers: Servers,
) -> None:
    config = {"timeoutMinutes": 7.5, "autoRenew": False, "maxDurationMinutes": 1e300}
    created = servers.create_eliza_session(timeoutConfig=config)
    got = asked_where_sessions_expire(servers, created["sessionId"])

    assert got.timeout_config is not None
    assert got.timeout_config.timeout_minutes == 7.5
    assert got.timeout_config.auto_renew is False
    assert got.timeout_config.max_duration_minutes == 2880


def test_a_server_with_a_key_takes_it_and_no_other(servers: Servers) -> None:
    keyed = servers.with_eliza_key()
    with pytest.raises(NotFoundError):
        ELIZA.ask(keyed.client("eliza"), NOBODY)
    for key in ("canary-wrong-key", None):
        with pytest.raises(AuthenticationError, match="ELIZA_API_KEY") as raised:
            ELIZA.ask(keyed.client("eliza", key=key), NOBODY)
        assert "canary-wrong-key" not in str(raised.value)


SESSIONS = "/api/messaging/sessions"


def test_an_expired_session_is_gone_for_every_call(servers: Servers) -> None:
    ids = [str(servers.create_short_eliza_session()["sessionId"]) for _ in range(6)]
    servers.let_expire(ids[-1])
    listed = servers.ask("eliza", "GET", SESSIONS).json["sessions"]
    assert not {each["sessionId"] for each in listed} & set(ids)

    client = servers.client("eliza")
    states = [client.probe(ids[0]).state for _ in range(3)]
    # A real server's clean-up may take an expired session before anybody saw its 410.
    gone = {410} if servers.space is not None else {410, 404}
    assert states[0] is SessionState.EXPIRED or 404 in gone
    assert states[1:] == [SessionState.NOT_FOUND] * 2

    calls = [("GET", ""), ("POST", "/heartbeat"), ("POST", "/renew"), ("PATCH", "/timeout")]
    for session_id, (method, call) in zip(ids[1:5], calls, strict=True):
        body = {"timeoutMinutes": 30} if method == "PATCH" else None
        target = f"{SESSIONS}/{session_id}{call}"
        first, second = [servers.ask("eliza", method, target, body) for _ in range(2)]
        assert first.http_status in gone, call
        assert second.http_status == 404, call
    # An expired session that is still stored can be deleted.
    deleted = servers.ask("eliza", "DELETE", f"{SESSIONS}/{ids[-1]}")
    assert deleted.http_status in {200, 404}
    assert servers.ask("eliza", "DELETE", f"{SESSIONS}/{ids[-1]}").http_status == 404


def test_the_list_has_every_live_session_as_get_gives_it(servers: Servers) -> None:
    ids = {str(servers.create_eliza_session()["sessionId"]) for _ in range(2)}
    listed = servers.ask("eliza", "GET", SESSIONS).json
    mine = {each["sessionId"]: each for each in listed["sessions"] if each["sessionId"] in ids}

    assert mine.keys() == ids
    assert listed["total"] == len(listed["sessions"])
    for session_id, found in mine.items():
        one = servers.ask("eliza", "GET", f"{SESSIONS}/{session_id}").json
        one.pop("timeRemaining"), found.pop("timeRemaining")
        assert found == one


@pytest.mark.parametrize("renews", [True, False], ids=["that renews itself", "that does not"])
def test_a_heartbeat_moves_the_last_activity_of_a_session(servers: Servers, renews: bool) -> None:
    created = servers.create_eliza_session(timeoutConfig={"autoRenew": renews})
    before = asked_where_sessions_expire(servers, created["sessionId"])
    beat = servers.ask("eliza", "POST", f"{SESSIONS}/{created['sessionId']}/heartbeat")
    after = asked(servers, created["sessionId"])

    assert beat.http_status == 200
    assert after.last_activity is not None
    assert before.last_activity is not None
    assert after.last_activity >= before.last_activity
    assert after.renewal_count == (1 if renews else 0)
    if not renews:
        assert after.expires_at == before.expires_at


def test_a_changed_timeout_replaces_the_whole_configuration(servers: Servers) -> None:
    config = {"timeoutMinutes": 60, "autoRenew": False, "warningThresholdMinutes": 9}
    created = servers.create_eliza_session(timeoutConfig=config)
    asked_where_sessions_expire(servers, created["sessionId"])
    target = f"{SESSIONS}/{created['sessionId']}/timeout"
    assert servers.ask("eliza", "PATCH", target, {"timeoutMinutes": 45}).http_status == 200
    changed = asked(servers, created["sessionId"]).timeout_config

    assert changed is not None
    assert (changed.timeout_minutes, changed.auto_renew) == (45, True)
    assert changed.warning_threshold_minutes == 5


@pytest.mark.parametrize("body", [{"timeoutMinutes": 100_000}, {"autoRenew": "yes"}], ids=str)
def test_a_timeout_that_is_refused_changes_nothing(servers: Servers, body: object) -> None:
    created = servers.create_eliza_session(timeoutConfig={"timeoutMinutes": 60})
    asked_where_sessions_expire(servers, created["sessionId"])
    target = f"{SESSIONS}/{created['sessionId']}/timeout"
    assert servers.ask("eliza", "PATCH", target, body).http_status == 400

    unchanged = asked(servers, created["sessionId"]).timeout_config
    assert unchanged is not None
    assert unchanged.timeout_minutes == 60
