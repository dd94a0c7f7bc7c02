"""A session's life as a client sees it: the mock's clock moves, and the answers with it."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest
from tests.support.sandbox import Space
from tests.support.vendors import ELIZA, PING, TIUN

from sessionvitals import NotFoundError, SessionExpiredError, SessionState

START = "2026-01-01T00:00:00Z"
MINUTE = 60


@pytest.mark.rule("eliza", 2)
def test_an_expired_session_is_410_once_and_404_from_then_on(space: Space) -> None:
    space.clock(set=START, freeze=True)
    space.add_session("eliza", "e-1", "active", created_at=START, last_activity=START)
    client = space.client("eliza")
    assert ELIZA.ask(client, "e-1").time_remaining == timedelta(minutes=30)
    space.clock(advance=30 * MINUTE)

    with pytest.raises(SessionExpiredError) as raised:
        ELIZA.ask(client, "e-1")
    assert raised.value.expires_at == datetime(2026, 1, 1, 0, 30, tzinfo=timezone.utc)
    for _ in range(2):
        with pytest.raises(NotFoundError):
            ELIZA.ask(client, "e-1")


@pytest.mark.rule("eliza", 2)
def test_probe_takes_both_ways_of_being_gone_as_states(space: Space) -> None:
    space.clock(set=START, freeze=True)
    space.add_session("eliza", "e-1", "active", created_at=START, last_activity=START)
    space.clock(advance=31 * MINUTE)
    client = space.client("eliza")

    gone = [client.probe("e-1") for _ in range(3)]

    assert [session.state for session in gone] == [
        SessionState.EXPIRED,
        SessionState.NOT_FOUND,
        SessionState.NOT_FOUND,
    ]
    assert not any(session.live for session in gone)


@pytest.mark.rule("eliza", 10)
def test_a_session_nears_its_expiry_by_the_servers_clock(space: Space) -> None:
    space.clock(set=START, freeze=True)
    space.add_session("eliza", "e-1", "active", created_at=START, last_activity=START)
    client = space.client("eliza")
    seen = []
    for _ in range(6):
        session = ELIZA.ask(client, "e-1")
        seen.append((session.time_remaining.total_seconds() / MINUTE, session.is_near_expiration))
        space.clock(advance=5 * MINUTE)

    assert [near for _, near in seen] == [False] * 5 + [True]
    assert [round(left) for left, _ in seen] == [30, 25, 20, 15, 10, 5]


def test_a_ping_session_connects_counts_and_ends(space: Space) -> None:
    space.clock(set=START, freeze=True)
    space.add_session(
        "ping",
        "p-1",
        "created",
        client_id="c",
        upload_rate=1000,
        download_rate=250_000,
        transitions=[{"after": 60, "state": "connected"}, {"after": 3600, "state": "disconnected"}],
    )
    client = space.client("ping")
    assert PING.ask(client, "p-1").status == "created"
    space.clock(advance=60 + 1800)
    halfway = PING.ask(client, "p-1")
    space.clock(advance=3600)
    over = PING.ask(client, "p-1")

    assert (halfway.status, over.status) == ("connected", "disconnected")
    assert (halfway.uploaded_bytes, over.uploaded_bytes) == (1_800_000, 3_600_000)
    assert (halfway.downloaded_bytes, over.downloaded_bytes) == (450_000_000, 900_000_000)
    assert client.probe("p-1").state is SessionState.ENDED


def test_a_tiun_session_runs_out_of_funds_while_it_is_watched(space: Space) -> None:
    space.add_session("tiun", "t-1", "valid", transitions=[{"reads": 2, "state": "out_of_funds"}])
    client = space.client("tiun")

    assert [bool(TIUN.ask(client, "t-1")) for _ in range(3)] == [True, True, False]


def test_a_session_that_is_pushed_is_seen_at_once(space: Space) -> None:
    space.add_session("tiun", "t-1", "valid")
    client = space.client("tiun")
    assert TIUN.ask(client, "t-1")
    space.admin("PATCH", "sessions/tiun/t-1", {"state": "expired"})

    assert not TIUN.ask(client, "t-1")
    space.admin("DELETE", "sessions/tiun/t-1")
    assert not TIUN.ask(client, "t-1")


def test_spaces_do_not_see_each_other(space: Space) -> None:
    other = space.sibling("other")
    space.add_session("tiun", "t-1", "valid")

    assert TIUN.ask(space.client("tiun"), "t-1")
    assert not TIUN.ask(other.client("tiun"), "t-1")
