"""The mock's stream of what Ping's sessions do: fed by the space's timeline."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from tests.support.sandbox import Space

from sessionvitals import AuthenticationError, PingClient, SessionEvent, StreamGap

KEY = "ping-sandbox-key"


def begin(space: Space, **members: Any) -> None:
    space.admin("POST", "sessions", {"provider": "ping", "id": "s", **members})


def shown(event: SessionEvent | StreamGap) -> tuple[str, str]:
    assert isinstance(event, SessionEvent)
    return event.event_type, event.created_at.strftime("%H:%M:%S")


def opened(space: Space) -> None:
    space.admin("GET", "requests/wait?operation=events&timeout=20")


def test_a_life_is_told_as_it_happens(space: Space) -> None:
    space.admin("POST", "clock", {"set": "2026-01-01T00:00:00Z", "freeze": True})
    space.admin("PUT", "dialect", {"ping_heartbeat_every": 10})
    begin(space, state="connected", download_rate=1000)
    client = PingClient(KEY, base_url=space.base_url("ping"))
    with client.events() as stream:
        # What was before the stream is not told: a session that begins while it is open is awaited.
        def live() -> None:
            opened(space)
            space.admin("POST", "clock", {"advance": 20})
            space.admin("PATCH", "sessions/ping/s", {"state": "disconnected"})
            space.admin("PATCH", "sessions/ping/s", {"state": "connected"})

        thread = threading.Thread(target=live)
        thread.start()
        seen = [next(stream) for _ in range(6)]
        thread.join()

    assert [shown(event) for event in seen] == [
        ("session_heartbeat", "00:00:10"),
        ("session_stats", "00:00:10"),
        ("session_heartbeat", "00:00:20"),
        ("session_stats", "00:00:20"),
        ("session_end", "00:00:20"),
        ("session_start", "00:00:20"),
    ]
    stats, end = seen[3], seen[4]
    assert isinstance(stats, SessionEvent)
    assert isinstance(end, SessionEvent)
    assert stats.downloaded_bytes == end.downloaded_bytes == 20_000
    assert len({event.id for event in seen if isinstance(event, SessionEvent)}) == 6


def test_a_wrong_key_is_refused(space: Space) -> None:
    with pytest.raises(AuthenticationError):
        next(PingClient("wrong", base_url=space.base_url("ping")).events())
