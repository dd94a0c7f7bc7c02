"""An elizaOS session that a keeper keeps, on a server whose clock is turned: from its creation to
its maximum duration, on the mock and on a real server.

    CLOCK=a-file node --import ./clock.mjs agent.mjs 3000 a-folder-for-its-data
    pytest tests/contract --eliza-url http://localhost:3000 --eliza-clock a-file
"""

from __future__ import annotations

import functools
import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, cast

import pytest
from tests.support.servers import Servers

if TYPE_CHECKING:
    from sessionvitals import ElizaClient, Keeper

MINUTE = 60
MARGIN = 4.0
LEFT = 3.0
PATIENCE = 60


def wait_until(holds: Callable[[], bool]) -> None:
    """Return when that holds. What is asked about changes in another thread."""
    end, never = time.monotonic() + PATIENCE, threading.Event()
    while not holds():
        assert time.monotonic() < end, "the keeper has not done it"
        never.wait(0.005)


def seen_of(keeper: Keeper) -> tuple[int | None, float]:
    """Return how often the session was renewed, and how many seconds are left of it."""
    session = keeper.session
    assert session is not None
    assert session.time_remaining is not None
    return session.renewal_count, session.time_remaining.total_seconds()


def is_renewed(keeper: Keeper, times: int) -> bool:
    return seen_of(keeper)[0] == times


def keep(servers: Servers, **timeout: Any) -> None:
    """Keep a session of 30 minutes until its maximum duration, and be told of its end."""
    config = {"timeoutMinutes": 30, "maxDurationMinutes": 90, **timeout}
    session_id = servers.create_eliza_session(timeoutConfig=config)["sessionId"]
    lost: list[Any] = []
    is_lost = threading.Event()

    def on_lost(session: Any) -> None:
        lost.append(session)
        is_lost.set()

    client = cast("ElizaClient", servers.client("eliza"))
    with client.keep_alive(session_id, margin=MARGIN, on_lost=on_lost) as keeper:
        wait_until(lambda: keeper.session is not None)
        for turn in (1, 2):
            # Less than the margin is left of the 30 minutes; without a keeper it would expire.
            servers.turn_eliza_clock(30 * MINUTE - LEFT)
            keeper.check()
            wait_until(functools.partial(is_renewed, keeper, turn))
            assert seen_of(keeper)[1] > 30 * MINUTE - MARGIN
            assert not keeper.is_lost
        servers.turn_eliza_clock(31 * MINUTE)
        keeper.check()
        assert is_lost.wait(PATIENCE)
        assert keeper.is_over
        assert keeper.is_lost
    assert lost[0].session_id == session_id
    answer = servers.ask("eliza", "GET", f"/api/messaging/sessions/{session_id}")
    assert answer.http_status in (404, 410)


def test_a_session_that_is_used_is_kept_to_its_maximum_duration(servers: Servers) -> None:
    keep(servers, autoRenew=True)


def test_a_session_that_is_renewed_is_kept_to_its_maximum_duration(servers: Servers) -> None:
    keep(servers, autoRenew=False)


@pytest.mark.parametrize("auto_renew", [True, False])
def test_nobody_keeps_a_session_without_a_keeper(servers: Servers, auto_renew: bool) -> None:
    config = {"timeoutMinutes": 30, "autoRenew": auto_renew}
    session_id = servers.create_eliza_session(timeoutConfig=config)["sessionId"]
    servers.turn_eliza_clock(30 * MINUTE - LEFT)
    target = f"/api/messaging/sessions/{session_id}"
    assert servers.ask("eliza", "GET", target).http_status == 200
    servers.turn_eliza_clock(LEFT)
    assert servers.ask("eliza", "GET", target).http_status in (404, 410)
