"""Ping's calls beside the status: what is refused before it is sent, and what is never shown."""

from __future__ import annotations

import json
import pickle
from collections.abc import Callable
from typing import Any

import pytest

import sessionvitals
from sessionvitals import (
    ConfigurationError,
    HttpStatusError,
    PingSession,
    build_ping_create_session_request,
    parse_ping_create_session_response,
)

LINK = "vless://canary-7f3c9b1e@10.0.0.1:443?security=reality"
CONFIGURATION = {"uuid": "canary-7f3c9b1e", "hosts": ["canary-7f3c9b1e.example"]}
MADE = {"id": "s-1", "configuration": CONFIGURATION, "configuration_link": LINK}


def made(body: object, http_status: int = 201) -> PingSession:
    text = json.dumps(body).encode()
    return parse_ping_create_session_response(http_status, {}, text, "c-1", "us-east")


def test_the_configuration_is_told_where_it_is_asked_for_and_not_in_the_repr() -> None:
    session = made(MADE)
    assert (session.configuration_link, session.configuration) == (LINK, CONFIGURATION)
    assert session.to_dict()["configuration_link"] == LINK
    assert pickle.loads(pickle.dumps(session)) == session
    assert "canary" not in repr(session)
    assert "canary" not in repr([session])
    assert "s-1" in repr(session)


@pytest.mark.parametrize("http_status", [200, 202, 400, 500])
def test_an_error_with_a_configuration_in_its_body_does_not_tell_it(http_status: int) -> None:
    with pytest.raises(HttpStatusError) as raised:
        made(MADE, http_status)
    error = raised.value
    assert b"s-1" in error.body
    assert "canary" not in str(error) + repr(error) + repr(vars(error)) + json.dumps(
        error.to_dict()
    )
    assert b"canary" not in pickle.dumps(error)


@pytest.mark.parametrize(
    ("member", "said"),
    [
        ("created_at", "2026-11-30 10:00"), ("created_at", 1764496800), ("created_at", ""),
        ("created_at", "2026-12-31T23:59:60Z"), ("reusable", 1), ("zone", {"code": "de"}),
        ("connection_type", 5), ("configuration_link", {"canary-7f3c9b1e": 1}),
    ],
)  # fmt: skip
def test_a_member_of_another_type_does_not_cost_the_session_that_was_made(
    member: str, said: object
) -> None:
    session = made({**MADE, member: said})
    assert (session.id, session.configuration) == ("s-1", CONFIGURATION)
    assert (getattr(session, member), session.extra) == (None, {member: said})
    assert session.to_dict()["extra"] == {member: said}
    assert pickle.loads(pickle.dumps(session)) == session
    assert "canary" not in repr(session)


def test_a_broken_answer_does_not_tell_it_either() -> None:
    with pytest.raises(sessionvitals.ContractError) as raised:
        made({**MADE, "id": {"canary-7f3c9b1e": 1}})
    error = raised.value
    assert "canary" not in str(error) + repr(vars(error)) + json.dumps(error.to_dict())
    assert b"canary" not in pickle.dumps(error)


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        ({"client_id": "", "zone": "z"}, "client_id"),
        ({"client_id": "c", "zone": ""}, "zone"),
        ({"client_id": "c", "zone": "z", "connection_type": "wireguard"}, "connection_type"),
        ({"client_id": "c", "zone": "z", "connection_type": ""}, "connection_type"),
        ({"client_id": "c\0", "zone": "z"}, "client_id"),
        ({"client_id": "c", "zone": "\ud800"}, "zone"),
        ({"client_id": "c", "zone": "z", "reusable": 1}, "reusable"),
        ({"client_id": "c", "zone": "z", "reusable": "yes"}, "reusable"),
    ],
)
def test_a_session_that_cannot_be_asked_for_is_refused(
    arguments: dict[str, Any], named: str
) -> None:
    with pytest.raises(ConfigurationError, match=named):
        build_ping_create_session_request(**arguments, api_key="k")


def update(scope: str) -> Callable[..., Any]:
    build: Callable[..., Any] = getattr(sessionvitals, f"build_ping_update_{scope}_limits_request")
    return build


@pytest.mark.parametrize("scope", ["global", "client", "session"])
def test_limits_that_cannot_be_sent_are_refused(scope: str) -> None:
    build = update(scope)
    with pytest.raises(ConfigurationError, match="No limit is given"):
        build(api_key="k")
    for wrong in (-1, True, 1.5, "1", 2**63):
        with pytest.raises(ConfigurationError, match="download_speed"):
            build(download_speed=wrong, api_key="k")
    assert build(download_speed=0, api_key="k").body == b'{"download_speed":0}'
    most = 2**63 - 1
    assert json.loads(build(upload_speed=most, api_key="k").body) == {"upload_speed": most}


def test_only_each_clients_limits_have_a_number_of_sessions() -> None:
    assert update("client")(max_sessions=5, api_key="k").body == b'{"max_sessions":5}'
    for scope in ("global", "session"):
        with pytest.raises(TypeError):
            update(scope)(max_sessions=5, api_key="k")
