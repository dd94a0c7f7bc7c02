"""Ping's state machine, over plain sockets."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.support.calls import ping
from tests.support.wire import once

if TYPE_CHECKING:
    from tests.support.sandbox import Space


def test_the_body_is_the_documented_one_to_the_byte(space: Space) -> None:
    space.add_session(
        "ping", "s", "connected", client_id="a<b>&c", duration=60, uploaded_bytes=9007199254740993
    )
    assert ping(space, "s").body == (
        b'{"client_id":"a\\u003cb\\u003e\\u0026c","status":"connected","duration":60,'
        b'"uploaded_bytes":9007199254740993}\n'
    )


def test_a_text_is_escaped_as_go_does_to_the_byte(space: Space) -> None:
    space.add_session("ping", "s", "connected", client_id='"\\\b\f\n\r\t\x01\x7f/\u00e9\U0001f600<')
    assert ping(space, "s").body == (
        b'{"client_id":"\\"\\\\\\b\\f\\n\\r\\t\\u0001\x7f/\xc3\xa9\xf0\x9f\x98\x80\\u003c","status":"connected"}\n'
    )


def test_counters_grow_with_the_clock_to_the_byte(space: Space) -> None:
    space.clock(set="2026-01-01T00:00:00Z", freeze=True)
    space.add_session(
        "ping", "s", "connected", uploaded_bytes=10, upload_rate=1234567, download_rate=333
    )
    space.clock(advance=3600.001)
    body = ping(space, "s").json
    assert body["duration"] == 3600
    assert body["uploaded_bytes"] == 10 + 1234567 * 3600001 // 1000
    assert body["downloaded_bytes"] == 333 * 3600001 // 1000


def test_only_connected_time_counts(space: Space) -> None:
    space.clock(set="2026-01-01T00:00:00Z", freeze=True)
    space.add_session(
        "ping",
        "s",
        "created",
        upload_rate=1000,
        transitions=[{"after": 10, "state": "connected"}, {"after": 60, "state": "disconnected"}],
    )
    seen = []
    for _ in range(4):
        body = ping(space, "s").json
        seen.append((body["status"], body["duration"], body["uploaded_bytes"]))
        space.clock(advance=30)
    assert seen == [
        ("created", 0, 0),
        ("connected", 20, 20000),
        ("connected", 50, 50000),
        ("disconnected", 60, 60000),
    ]


def test_moving_the_clock_back_undoes_what_time_did(space: Space) -> None:
    space.clock(set="2026-01-01T00:00:00Z", freeze=True)
    space.add_session(
        "ping", "s", "created", upload_rate=1, transitions=[{"after": 10, "state": "connected"}]
    )
    space.clock(advance=20)
    assert ping(space, "s").json["status"] == "connected"
    space.clock(advance=-15)
    assert ping(space, "s").json == {
        "client_id": "client-s",
        "status": "created",
        "duration": 0,
        "uploaded_bytes": 0,
    }


def test_a_new_rate_holds_from_now_on(space: Space) -> None:
    space.clock(set="2026-01-01T00:00:00Z", freeze=True)
    space.add_session("ping", "s", "connected", upload_rate=100)
    space.clock(advance=10)
    space.admin("PATCH", "sessions/ping/s", {"upload_rate": 1})
    space.clock(advance=10)
    assert ping(space, "s").json["uploaded_bytes"] == 1010


def test_a_push_drops_what_was_planned(space: Space) -> None:
    space.clock(set="2026-01-01T00:00:00Z", freeze=True)
    space.add_session("ping", "s", "created", transitions=[{"after": 10, "state": "connected"}])
    space.admin("PATCH", "sessions/ping/s", {"state": "disconnected"})
    space.clock(advance=100)
    assert ping(space, "s").json["status"] == "disconnected"


def test_counters_stop_at_what_an_int64_holds(space: Space) -> None:
    space.clock(set="2026-01-01T00:00:00Z", freeze=True)
    space.add_session("ping", "s", "connected", download_rate=2**62)
    space.clock(advance=86400)
    assert ping(space, "s").json["downloaded_bytes"] == 2**63 - 1


@pytest.mark.parametrize(
    ("dialect", "raw", "bearer"), [("raw", 200, 401), ("bearer", 401, 200), ("both", 200, 200)]
)
def test_the_dialect_says_raw_or_bearer(space: Space, dialect: str, raw: int, bearer: int) -> None:
    space.add_session("ping", "s", "connected")
    space.admin("PUT", "dialect", {"ping": dialect})
    assert ping(space, "s").http_status == raw
    assert ping(space, "s", Authorization="bEARER ping-sandbox-key").http_status == bearer


def test_an_unknown_id_is_404_and_a_wrong_key_401_in_the_envelope(space: Space) -> None:
    unknown, refused = ping(space, "nobody"), ping(space, "nobody", Authorization="wrong")
    assert (unknown.http_status, refused.http_status) == (404, 401)
    assert set(unknown.json["error"]) == set(refused.json["error"]) == {"code", "message"}


def test_a_malformed_escape_is_400(space: Space) -> None:
    answer = once(
        space.port,
        f"/~{space.name}/customer/v2/sessions/%zz/status",
        Authorization="ping-sandbox-key",
    )
    assert (answer.http_status, answer.json["error"]["code"]) == (400, "invalid_input")


def test_the_rate_limit_counts_in_virtual_time(space: Space) -> None:
    space.clock(set="2026-01-01T00:00:00Z", freeze=True)
    space.add_session("ping", "s", "connected")
    space.admin("PUT", "limits", {"ping": {"limit": 2, "window": 60}})
    answers = [ping(space, "s") for _ in range(3)]
    assert [answer.http_status for answer in answers] == [200, 200, 429]
    assert [answer.header("X-RateLimit-Remaining") for answer in answers] == ["1", "0", "0"]
    space.clock(advance=59.5)
    late = ping(space, "s")
    assert (late.http_status, late.header("X-RateLimit-Reset")) == (429, "1")
    space.clock(advance=0.5)
    assert ping(space, "s").http_status == 200


def test_changes_within_a_second_cost_no_byte(space: Space) -> None:
    space.clock(set="2026-01-01T00:00:00Z", freeze=True)
    space.add_session("ping", "s", "connected", download_rate=1001, upload_rate=7, reusable=True)
    for client in range(10):
        space.clock(advance=0.9)
        space.admin("PATCH", "sessions/ping/s", {"client_id": f"c-{client}"})
    used = ping(space, "s").json
    assert (used["duration"], used["downloaded_bytes"], used["uploaded_bytes"]) == (9, 9009, 63)
    space.clock(advance=0.5)
    space.admin("PATCH", "sessions/ping/s", {"downloaded_bytes": 0})
    space.clock(advance=0.5)
    used = ping(space, "s").json
    assert (used["duration"], used["downloaded_bytes"], used["uploaded_bytes"]) == (10, 500, 70)


def test_time_that_was_taken_back_is_counted_once(space: Space) -> None:
    space.clock(set="2026-01-01T00:00:00Z", freeze=True)
    space.add_session("ping", "s", "connected", download_rate=1000)
    space.clock(advance=100)
    space.admin("PATCH", "sessions/ping/s", {"state": "disconnected"})
    space.clock(set="2026-01-01T00:00:50Z")
    space.admin("PATCH", "sessions/ping/s", {"state": "connected"})
    before = ping(space, "s").json["downloaded_bytes"]
    space.clock(advance=10)
    assert ping(space, "s").json["downloaded_bytes"] - before == 10_000
