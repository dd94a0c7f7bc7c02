"""elizaOS sessions that are kept alive: on the mock, whose clock is turned."""

from __future__ import annotations

import asyncio
import gc
import json
import socket
import threading
from datetime import datetime, timedelta, timezone
from email.utils import format_datetime
from typing import TYPE_CHECKING, Any, cast

import pytest
from tests.support.asking import async_client
from tests.support.peers import KEEP_OPEN, Peer, answer, peer

from sessionvitals import AsyncElizaClient, ConfigurationError, ElizaClient, ElizaSession

if TYPE_CHECKING:
    from tests.support.sandbox import Space

HOUR = 3600
MARGIN = 0.4


def eliza(space: Space, **options: Any) -> ElizaClient:
    return cast("ElizaClient", space.client("eliza", **options))


@pytest.mark.parametrize(
    ("auto_renew", "call"), [(True, "send_heartbeat"), (False, "renew_session")]
)
def test_a_session_is_kept_alive_for_hours_until_its_maximum_duration(
    space: Space, auto_renew: bool, call: str
) -> None:
    space.clock(freeze=True)
    space.add_session(
        "eliza", "s-1", "active",
        timeout_config={"timeoutMinutes": 30, "autoRenew": auto_renew, "maxDurationMinutes": 720,
                       "warningThresholdMinutes": 5},
    )  # fmt: skip
    is_lost = threading.Event()
    lost: list[Any] = []

    def on_lost(session: ElizaSession | None) -> None:
        lost.append(session)
        is_lost.set()

    with (
        eliza(space) as client,
        client.keep_alive("s-1", margin=MARGIN, on_lost=on_lost) as keeper,
    ):
        assert space.sandbox.journal.wait(operation="get_session", at_least=1)
        for turn in range(1, 24):
            space.clock(advance=HOUR / 2 - MARGIN / 2)
            keeper.check()
            assert space.sandbox.journal.wait(operation=call, at_least=turn)
        assert keeper.session is not None
        assert not keeper.is_lost
        space.clock(advance=HOUR)
        keeper.check()
        assert is_lost.wait(30)
        assert keeper.is_lost
        assert keeper.is_over
    assert lost[0].session_id == "s-1"


def test_a_session_that_lives_for_less_than_a_quarter_of_the_margin_is_kept_alive(
    space: Space,
) -> None:
    space.clock(freeze=True)
    space.add_session(
        "eliza", "s-1", "active",
        timeout_config={"timeoutMinutes": 0.02, "autoRenew": True, "maxDurationMinutes": 720,
                       "warningThresholdMinutes": 0.01},
    )  # fmt: skip
    with eliza(space) as client, client.keep_alive("s-1", margin=HOUR):
        assert space.sandbox.journal.wait(operation="send_heartbeat", at_least=3)


def test_asyncio_tells_of_a_lost_session(space: Space) -> None:
    async def keep() -> ElizaSession | None:
        async with cast("AsyncElizaClient", async_client(space, "eliza")) as client:
            lost = asyncio.get_running_loop().create_future()
            async with client.keep_alive("none", on_lost=lost.set_result) as keeper:
                told: ElizaSession | None = await asyncio.wait_for(lost, 30)
                assert keeper.is_over
                return told

    assert asyncio.run(keep()) is None


def test_a_keeper_that_is_lost_keeps_nothing_alive(space: Space) -> None:
    space.add_session("eliza", "s-1", "active")
    before = threading.active_count()
    with eliza(space) as client:
        keepers = [client.keep_alive("s-1", on_lost=on_lost) for on_lost in (print, None)]
        for keeper in keepers:
            while keeper.session is None:
                pass
        del keeper, keepers
        gc.collect()
        for thread in threading.enumerate():
            if thread.name == "sessionvitals-keeper":
                thread.join(30)
    assert threading.active_count() == before


def test_an_error_that_passes_is_asked_about_again(space: Space) -> None:
    space.add_session("eliza", "s-1", "active")
    space.faults(script="500, ok")
    with (
        eliza(space, max_retries=0) as client,
        client.keep_alive("s-1", margin=MARGIN) as keeper,
    ):
        while keeper.session is None:
            pass
        assert keeper.error is None


def test_a_refused_key_ends_it(space: Space) -> None:
    space.faults(script="401*")
    with eliza(space) as client, client.keep_alive("s-1") as keeper:
        while not keeper.is_over:
            pass
        assert type(keeper.error).__name__ == "AuthenticationError"
        assert not keeper.is_lost


@pytest.mark.parametrize(
    "options",
    [{"margin": 0}, {"margin": "x"}, {"margin": None}, {"on_lost": 5}, {"on_lost": asyncio.sleep}],
)
def test_what_cannot_be_used_is_refused(space: Space, options: dict[str, Any]) -> None:
    with eliza(space) as client, pytest.raises(ConfigurationError):
        client.keep_alive("s-1", **options)


@pytest.mark.parametrize("more", [{}, {"timeRemaining": 2**53 - 1}])
def test_a_session_that_ends_in_the_far_future_is_left_alone(more: dict[str, int]) -> None:
    body = {
        "sessionId": "s-1", "agentId": "a", "userId": "u",
        "createdAt": "2026-01-01T00:00:00Z", "expiresAt": "9999-12-31T23:59:59Z", **more,
    }  # fmt: skip
    has_looked, is_renewed = threading.Event(), threading.Event()

    def talk(told: Peer, connection: socket.socket, request: bytes) -> object:
        connection.sendall(answer(json.dumps(body).encode()))
        (is_renewed if request.startswith(b"POST") else has_looked).set()
        return KEEP_OPEN

    with peer(talk) as told, ElizaClient(base_url=told.url).keep_alive("s-1", margin=60):
        assert has_looked.wait(30)
        assert not is_renewed.wait(0.5)


def test_a_session_that_only_says_when_it_ends_is_kept_alive_by_the_servers_clock() -> None:
    server_now = datetime.now(timezone.utc) + timedelta(hours=1)
    body = {
        "sessionId": "s-1", "agentId": "a", "userId": "u",
        "createdAt": (server_now - timedelta(minutes=29)).isoformat(),
        "expiresAt": (server_now + timedelta(seconds=30)).isoformat(),
    }  # fmt: skip
    is_renewed = threading.Event()

    def talk(told: Peer, connection: socket.socket, request: bytes) -> None:
        if request.startswith(b"POST"):
            is_renewed.set()
        date = format_datetime(server_now, usegmt=True).encode()
        connection.sendall(answer(json.dumps(body).encode(), b"HTTP/1.1 200 OK", b"Date: " + date))

    with peer(talk) as told, ElizaClient(base_url=told.url).keep_alive("s-1", margin=60):
        assert is_renewed.wait(30)
