"""The life of an elizaOS session by the client's own calls, in both of the mock's dialects."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from tests.support.sandbox import Space

from sessionvitals import (
    AsyncElizaClient,
    BadRequestError,
    ConfigurationError,
    ContractError,
    NotFoundError,
    SessionExpiredError,
    SessionState,
    TimeoutConfig,
    TransportError,
)

AGENT = "11111111-1111-4111-8111-111111111111"
USER = "22222222-2222-4222-8222-222222222222"
START = "2026-01-01T00:00:00Z"
MINUTE = 60


@pytest.fixture(params=["seed", "server"])
def client(request: pytest.FixtureRequest, space: Space) -> Any:
    if request.param == "server":
        space.admin("PUT", "dialect", {"eliza": "server"})
    space.clock(set=START, freeze=True)
    return space.client("eliza")


def test_a_session_is_created_kept_alive_renewed_and_deleted(space: Space, client: Any) -> None:
    made = client.create_session(AGENT, USER, metadata={"a": 1}, create_key="order-4711")
    assert made.metadata == {"a": 1, "sessionvitals_key": "order-4711"}
    assert made.last_activity is None
    assert made.call.operation == "create_session"
    assert client.check_health().active_sessions == 1

    space.clock(advance=10 * MINUTE)
    assert client.get_session(made.session_id).time_remaining.total_seconds() == 20 * MINUTE
    beaten = client.send_heartbeat(made.session_id)
    assert (beaten.renewal_count, beaten.time_remaining.total_seconds()) == (1, 30 * MINUTE)
    assert client.renew_session(made.session_id).renewal_count == 2

    (listed,) = client.list_sessions()
    assert listed.session_id == made.session_id

    assert client.delete_session(made.session_id) is None
    with pytest.raises(NotFoundError):
        client.delete_session(made.session_id)
    assert list(client.list_sessions()) == []


def test_a_new_timeout_is_whole_and_starts_from_the_sessions_own(client: Any) -> None:
    made = client.create_session(AGENT, USER, timeout_config=TimeoutConfig(timeout_minutes=60))
    config = made.timeout_config
    assert (config.timeout_minutes, config.max_duration_minutes) == (60, 720)

    whole = TimeoutConfig.of(made)
    assert whole == config
    changed = client.update_timeout(made.session_id, whole.with_(timeout_minutes=90))
    assert changed.timeout_config == config.with_(timeout_minutes=90)
    assert client.get_session(made.session_id).timeout_config == changed.timeout_config


def test_a_timeout_from_the_creation_may_be_over_at_once(space: Space, client: Any) -> None:
    made = client.create_session(AGENT, USER)
    space.clock(advance=20 * MINUTE)
    config = TimeoutConfig.of(made).with_(timeout_minutes=10, auto_renew=False)

    changed = client.update_timeout(made.session_id, config)
    assert changed.time_remaining.total_seconds() == 0
    assert client.probe(made.session_id).state is SessionState.EXPIRED


@pytest.mark.parametrize("command", ["renew_session", "send_heartbeat"])
def test_no_command_brings_an_expired_session_back(space: Space, client: Any, command: str) -> None:
    made = client.create_session(AGENT, USER)
    space.clock(advance=31 * MINUTE)
    with pytest.raises(SessionExpiredError):
        getattr(client, command)(made.session_id)
    with pytest.raises(NotFoundError):
        getattr(client, command)(made.session_id)


def test_the_same_under_asyncio(space: Space) -> None:
    async def live() -> None:
        async with AsyncElizaClient(base_url=space.base_url("eliza")) as client:
            made = await client.create_session(AGENT, USER)
            assert (await client.renew_session(made.session_id)).renewal_count == 1
            (listed,) = await client.list_sessions()
            assert listed.session_id == made.session_id
            await client.delete_session(made.session_id)
            assert (await client.check_health()).active_sessions == 0

    asyncio.run(live())


def test_a_deletion_that_is_sent_again_may_find_nothing(space: Space, client: Any) -> None:
    made = client.create_session(AGENT, USER)
    resending: Any = space.client("eliza", max_retries=1)
    space.faults({"kind": "reset"}, when="after")
    assert resending.delete_session(made.session_id) is None
    assert list(client.list_sessions()) == []


def test_a_session_whose_answer_was_lost_is_found_and_not_made_twice(
    space: Space, client: Any
) -> None:
    space.faults({"kind": "reset"}, when="after")
    made = client.create_session(AGENT, USER, create_key="k", reconcile=True)

    (listed,) = client.list_sessions()
    assert made == listed
    assert made.call.operation == "create_session"
    assert [each.http_status for each in made.call.attempts] == [0]
    assert made.call.reconciled
    assert made.call.to_dict()["reconciled"]
    assert not listed.call or not listed.call.reconciled


def test_a_session_that_was_not_made_is_not_found(space: Space, client: Any) -> None:
    space.faults({"kind": "reset"}, when="before")
    with pytest.raises(TransportError) as caught:
        client.create_session(AGENT, USER, create_key="k", reconcile=True)
    assert caught.value.may_have_taken_effect
    assert caught.value.call is not None
    assert caught.value.call.operation == "create_session"
    assert list(client.list_sessions()) == []


def test_a_look_that_fails_leaves_the_first_error(space: Space, client: Any) -> None:
    space.faults({"kind": "reset", "times": 9}, when="after")
    with pytest.raises(TransportError) as caught:
        client.create_session(AGENT, USER, create_key="k", reconcile=True)
    assert caught.value.call is not None
    assert caught.value.call.operation == "create_session"


def test_two_sessions_of_one_key_are_told(space: Space, client: Any) -> None:
    client.create_session(AGENT, USER, create_key="k")
    space.faults({"kind": "reset"}, when="after")
    with pytest.raises(ContractError, match="2 sessions have the create_key") as caught:
        client.create_session(AGENT, USER, create_key="k", reconcile=True)
    assert caught.value.may_have_taken_effect


def test_a_refusal_is_not_looked_after(space: Space, client: Any) -> None:
    with pytest.raises(BadRequestError):
        client.create_session("nobody", USER, create_key="k", reconcile=True)
    assert space.admin("GET", "requests/count?operation=list_sessions")["count"] == 0
    with pytest.raises(ConfigurationError, match="reconcile needs a create_key"):
        client.create_session(AGENT, USER, reconcile=True)
