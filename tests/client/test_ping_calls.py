"""A Ping session's life and an account's limits, by the client against the mock."""

from __future__ import annotations

import asyncio
from typing import Any, cast

import pytest
from tests.support.sandbox import Space

from sessionvitals import (
    AsyncPingClient,
    BadRequestError,
    NotFoundError,
    PingClient,
    ServerError,
    TransportError,
)


def client_of(space: Space, **options: Any) -> PingClient:
    return cast("PingClient", space.client("ping", **options))


def test_a_session_is_made_paused_resumed_and_looked_at(space: Space) -> None:
    space.sandbox.ping.zones("us-east", {"code": "de", "has_active_nodes": False})
    with client_of(space) as ping:
        code = next(zone.code for zone in ping.list_zones() if zone.has_active_nodes)
        session = ping.create_session("c-1", code, reusable=True)
        assert session.call is not None
        assert session.call.operation == "create_session"
        assert (session.configuration_link or "").startswith("vless://mock@127.0.0.1:1/")
        assert ping.session_status(session.id).status == "created"
        assert ping.pause_session(session.id).paused
        with pytest.raises(BadRequestError, match="already paused"):
            ping.pause_session(session.id)
        with pytest.raises(ServerError, match="status_while_paused"):
            ping.session_status(session.id)
        assert not ping.resume_session(session.id).paused
        assert ping.session_status(session.id).client_id == "c-1"
        with pytest.raises(NotFoundError, match=r"list_zones\(\)"):
            ping.create_session("c-1", "nowhere")


def test_a_session_that_is_paused_has_the_status_it_is_seeded_with(space: Space) -> None:
    space.clock(set="2026-01-01T00:00:00Z", freeze=True)
    space.add_session(
        "ping",
        "s",
        "connected",
        reusable=True,
        upload_rate=1000,
        status_while_paused="connected",
    )
    with client_of(space) as ping:
        space.clock(advance=10)
        ping.pause_session("s")
        space.clock(advance=10)
        assert ping.session_status("s").uploaded_bytes == 10_000
        ping.resume_session("s")
        space.clock(advance=10)
        assert ping.session_status("s").uploaded_bytes == 20_000


def test_the_same_space_makes_the_same_sessions_again(space: Space) -> None:
    made = []
    for _ in range(2):
        again = Space(space.mock, f"{space.name}-again")
        again.sandbox.ping.zones("us-east")
        with client_of(again) as ping:
            made.append([ping.create_session("c", "us-east").id for _ in range(3)])
        again.sandbox.drop()
    assert made[0] == made[1]
    assert len(set(made[0])) == 3


def test_limits_are_changed_and_deleted_to_the_byte(space: Space) -> None:
    space.sandbox.ping.limits("client", max_sessions=5, upload_speed=1)
    with client_of(space) as ping:
        changed = ping.update_client_limits(downloaded_bytes=2**63 - 1, max_reconnections=0)
        assert (changed.downloaded_bytes, changed.max_sessions) == (2**63 - 1, 5)
        assert (changed.upload_speed, changed.max_reconnections) == (1, 0)
        assert ping.get_client_limits() == changed
        ping.delete_client_limits()
        with pytest.raises(NotFoundError, match="no call that creates"):
            ping.get_client_limits()
        with pytest.raises(NotFoundError):
            ping.delete_client_limits()
        for scope in ("global", "session"):
            with pytest.raises(NotFoundError):
                getattr(ping, f"get_{scope}_limits")()


def test_a_deletion_whose_answer_was_lost_is_a_success_the_second_time(space: Space) -> None:
    async def awaited() -> None:
        async with AsyncPingClient(
            "ping-sandbox-key", base_url=space.base_url("ping"), max_retries=1
        ) as ping:
            await ping.delete_global_limits()

    def waited() -> None:
        with client_of(space, max_retries=1) as ping:
            ping.delete_global_limits()

    for delete in (waited, lambda: asyncio.run(awaited())):
        space.sandbox.ping.limits("global", upload_speed=1)
        space.sandbox.faults.script("reset", when="after", provider="ping")
        delete()
    assert space.sandbox.journal.count(operation="delete_global_limits") == 4


def test_a_refusal_before_it_makes_no_404_a_success(space: Space) -> None:
    space.sandbox.faults.script("429", provider="ping")
    with client_of(space, max_retries=1) as ping, pytest.raises(NotFoundError) as raised:
        ping.delete_global_limits()
    assert raised.value.call is not None
    assert [each.http_status for each in raised.value.call.attempts] == [429, 404]


ONCE = {
    "create_session": ("c-1", "us-east"),
    "pause_session": ("s",),
    "resume_session": ("p",),
    "update_global_limits": (1,),
    "update_client_limits": (1,),
    "update_session_limits": (1,),
}


@pytest.mark.rule("ping", 6)
@pytest.mark.parametrize("operation", ONCE)
@pytest.mark.parametrize("fault", ["reset", "500", "503"])
def test_a_call_that_acts_once_arrives_once(space: Space, operation: str, fault: str) -> None:
    space.sandbox.ping.zones("us-east")
    for scope in ("global", "client", "session"):
        space.sandbox.ping.limits(scope, upload_speed=1)
    space.add_session("ping", "s", "connected", reusable=True)
    space.add_session("ping", "p", "connected", reusable=True, paused=True)
    space.sandbox.faults.script(fault, when="after", provider="ping")
    with (
        client_of(space, max_retries=3) as ping,
        pytest.raises((TransportError, ServerError)) as raised,
    ):
        getattr(ping, operation)(*ONCE[operation])
    assert raised.value.may_have_taken_effect
    assert space.sandbox.journal.count(operation=operation) == 1
