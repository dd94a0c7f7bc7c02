"""elizaOS's calls about the life of a session: what is refused before anything is sent."""

from __future__ import annotations

import json
from datetime import datetime, timezone
from typing import Any

import pytest
from tests.support.vendors import ELIZA

import sessionvitals
from sessionvitals import (
    ConfigurationError,
    ContractError,
    ElizaSession,
    Request,
    TimeoutConfig,
    build_eliza_create_session_request,
    build_eliza_list_sessions_request,
    build_eliza_update_timeout_request,
    parse_eliza_create_session_response,
    parse_eliza_list_sessions_response,
    parse_eliza_update_timeout_response,
)

AGENT = "11111111-1111-4111-8111-111111111111"
USER = "22222222-2222-4222-8222-222222222222"
WHOLE = TimeoutConfig(
    timeout_minutes=30, auto_renew=True, max_duration_minutes=720, warning_threshold_minutes=5
)
NOW = datetime(2026, 1, 1, tzinfo=timezone.utc)
OF_A_SESSION = ["get_session", "renew_session", "send_heartbeat", "delete_session"]


def build(operation: str, session_id: str) -> Request:
    return ELIZA.build_operation(operation, None, "", session_id=session_id)


def created(**arguments: Any) -> Request:
    return build_eliza_create_session_request(AGENT, USER, **arguments)


def session_of(session_id: str) -> bytes:
    times = dict.fromkeys(("createdAt", "lastActivity"), "2026-01-01T00:00:00.000Z")
    return json.dumps({"sessionId": session_id, "agentId": AGENT, "userId": USER, **times}).encode()


def metadata_of(request: Request) -> Any:
    return json.loads(request.body)["metadata"]


@pytest.mark.parametrize("operation", OF_A_SESSION)
@pytest.mark.parametrize("session_id", ["", ".", "..", "a\n", "health", "HEALTH"])
def test_an_id_that_would_ask_another_endpoint_is_refused(operation: str, session_id: str) -> None:
    with pytest.raises(ConfigurationError):
        build(operation, session_id)
    with pytest.raises(ConfigurationError):
        build_eliza_update_timeout_request(session_id, WHOLE)


@pytest.mark.parametrize("operation", ["renew_session", "send_heartbeat"])
def test_a_post_without_a_body_says_that_it_has_none(operation: str) -> None:
    headers = dict(build(operation, "s").headers)
    assert headers["Content-Length"] == "0"
    assert "Content-Type" not in headers


@pytest.mark.parametrize("ids", [("", USER), (AGENT, "")], ids=["agent", "user"])
def test_a_session_needs_an_agent_and_a_user(ids: tuple[str, str]) -> None:
    with pytest.raises(ConfigurationError, match="id is empty"):
        build_eliza_create_session_request(*ids)


def test_metadata_may_be_as_long_as_the_server_takes_it() -> None:
    # {"a":"..."} is 8 units beside the text; a character beyond the BMP is two.
    assert metadata_of(created(metadata={"a": "\U0001f642" * 5116}))
    with pytest.raises(ConfigurationError, match=r"10242 UTF-16 units.* at most 10240"):
        created(metadata={"a": "\U0001f642" * 5117})
    assert metadata_of(created(metadata={"a": "\u00e9" * 10232}))
    with pytest.raises(ConfigurationError, match="10241 UTF-16 units"):
        created(metadata={"a": "\u00e9" * 10233})


def test_the_key_counts_as_metadata() -> None:
    with pytest.raises(ConfigurationError, match="UTF-16 units"):
        created(metadata={"a": "b" * 10232}, create_key="k")


@pytest.mark.parametrize("text", ["\0", "a\0b", "\ud800"])
def test_text_that_the_server_cannot_store_is_refused(text: str) -> None:
    with pytest.raises(ConfigurationError):
        created(metadata={"a": text})
    with pytest.raises(ConfigurationError):
        created(metadata={text: 1})
    with pytest.raises(ConfigurationError):
        created(create_key=text)
    with pytest.raises(ConfigurationError):
        build_eliza_create_session_request(AGENT, text)


def test_a_backslash_before_what_looks_like_a_nul_is_none() -> None:
    assert metadata_of(created(metadata={"a": "\\u0000"})) == {"a": "\\u0000"}


@pytest.mark.parametrize("metadata", [{}, {"a": {"sessionvitals_key": 1}}, {"a": "}"}], ids=str)
def test_a_key_stands_in_the_metadata(metadata: dict[str, Any]) -> None:
    request = created(metadata=metadata, create_key='k"\u00e9')
    assert metadata_of(request) == {**metadata, "sessionvitals_key": 'k"\u00e9'}
    assert metadata_of(created(create_key="k")) == {"sessionvitals_key": "k"}


@pytest.mark.parametrize("metadata", ["text", [1], 5, True, "}"], ids=str)
def test_a_key_needs_metadata_that_is_an_object(metadata: Any) -> None:
    assert metadata_of(created(metadata=metadata)) == metadata
    with pytest.raises(ConfigurationError, match=r"create_key.*object"):
        created(metadata=metadata, create_key="k")


def test_a_key_is_given_in_one_place_alone() -> None:
    with pytest.raises(ConfigurationError, match="sessionvitals_key already"):
        created(metadata={"sessionvitals_key": "other"}, create_key="k")
    with pytest.raises(ConfigurationError, match="create_key is empty"):
        created(create_key="")


@pytest.mark.parametrize(
    "member",
    ["timeout_minutes", "auto_renew", "max_duration_minutes", "warning_threshold_minutes"],
)
def test_a_new_timeout_needs_all_four_members(member: str) -> None:
    assert build_eliza_update_timeout_request("s", WHOLE)
    with pytest.raises(ConfigurationError, match=f"lacks {member}: .*all four"):
        build_eliza_update_timeout_request("s", WHOLE.with_(**{member: None}))  # type: ignore[arg-type]


@pytest.mark.parametrize("auto_renew", ["yes", 1, [True]], ids=str)
def test_automatic_renewal_is_sent_as_a_boolean_alone(auto_renew: object) -> None:
    config = WHOLE.with_(auto_renew=auto_renew)
    with pytest.raises(ConfigurationError, match="auto_renew"):
        build_eliza_update_timeout_request("s", config)
    with pytest.raises(ConfigurationError, match="auto_renew"):
        created(timeout_config=config)


def test_a_new_session_may_leave_members_of_its_timeout_out() -> None:
    request = created(timeout_config=TimeoutConfig(timeout_minutes=60.5))
    assert json.loads(request.body)["timeoutConfig"] == {"timeoutMinutes": 60.5}


def test_a_list_may_be_16_mib() -> None:
    session = {"sessionId": "s", "agentId": "a", "userId": "u", "createdAt": "2026-01-01T00:00:00Z"}
    body = json.dumps({"sessions": [{**session, "metadata": "x" * 500}] * 20_000}).encode()
    assert 8 * 1024**2 < len(body) < 16 * 1024**2
    assert len(parse_eliza_list_sessions_response(200, {}, body)) == 20_000
    assert build_eliza_list_sessions_request().target == "/api/messaging/sessions"


def test_the_timeout_config_of_a_session_is_whole_or_an_error() -> None:
    session = ElizaSession(session_id="s", agent_id="a", user_id="u", created_at=NOW)
    assert TimeoutConfig.of(session.with_(timeout_config=WHOLE)) == WHOLE
    with pytest.raises(ConfigurationError, match="no timeout config"):
        TimeoutConfig.of(session)
    with pytest.raises(ConfigurationError, match="lacks auto_renew"):
        TimeoutConfig.of(session.with_(timeout_config=WHOLE.with_(auto_renew=None)))
    with pytest.raises(TypeError):
        TimeoutConfig.of(WHOLE)  # type: ignore[arg-type]


@pytest.mark.parametrize("answered", ["other", "", "S", "s "])
@pytest.mark.parametrize("operation", ["get_session", "renew_session", "send_heartbeat"])
def test_an_answer_about_another_session_is_none(operation: str, answered: str) -> None:
    parse = getattr(sessionvitals, f"parse_eliza_{operation}_response")
    with pytest.raises(ContractError, match="the id that was asked for") as raised:
        parse(200, {}, session_of(answered), "s")
    assert raised.value.member == "/sessionId"
    assert parse(200, {}, session_of("s"), "s").session_id == "s"


def test_a_new_timeout_that_is_answered_with_another_session_is_refused() -> None:
    with pytest.raises(ContractError, match="the id that was asked for"):
        parse_eliza_update_timeout_response(200, {}, session_of("other"), "s", WHOLE)


def test_a_created_session_without_an_id_is_refused() -> None:
    with pytest.raises(ContractError, match="a string that is not empty"):
        parse_eliza_create_session_response(201, {}, session_of(""), AGENT, USER)


@pytest.mark.parametrize(
    ("member", "said"), [("createdAt", "yesterday"), ("agentId", None), ("expiresAt", 5)]
)
def test_an_answer_that_breaks_the_contract_tells_the_id_of_what_was_created(
    member: str, said: object
) -> None:
    body = json.dumps({**json.loads(session_of("s\x1b1")), member: said}).encode()
    with pytest.raises(ContractError) as raised:
        parse_eliza_create_session_response(201, {}, body, AGENT, USER)
    error = raised.value
    assert error.member == f"/{member}"
    assert str(error).endswith("The session was created: its id is s 1."), str(error)
    assert error.may_have_taken_effect
    with pytest.raises(ContractError) as unnamed:
        parse_eliza_create_session_response(201, {}, b"{}", AGENT, USER)
    assert "was created" not in str(unnamed.value)
