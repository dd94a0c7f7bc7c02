"""Each fault does on the wire exactly what it says: once here, SESSIONVITALS_ROUNDS times when set."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from tests.support.calls import eliza, ping, ping_bytes, tiun
from tests.support.wire import (
    Received,
    ask,
    connect,
    milliseconds_since,
    receive_all,
    receive_answer,
    reset,
)

from sessionvitals import ConfigurationError

if TYPE_CHECKING:
    from tests.support.sandbox import Space

#: 1,000 proves it for good; it takes a minute or two
ROUNDS = int(os.environ.get("SESSIONVITALS_ROUNDS", "20"))


@pytest.fixture(autouse=True)
def _session(space: Space) -> None:
    space.clock(set="2026-01-01T00:00:00Z", freeze=True)
    space.add_session("ping", "s", "connected", upload_rate=1)


def whole(received: Received) -> bool:
    """The vendor's answer as it is without a fault, but for the header that names the fault."""
    length = int(received.header("Content-Length") or -1)
    return received.http_status == 200 and len(received.body) == length


def is_cut(received: Received, count: int, ending: str) -> bool:
    return len(received.data) == count and (received.ending == ending)


#: the script, and what must have been received: everything that came until the end
KINDS: dict[str, Callable[[Received], bool]] = {
    "ok": lambda r: whole(r) and r.ending == "end",
    "503": lambda r: r.http_status == 503 and r.json["error"]["code"] == "scripted",
    "429(retry-after=2)": lambda r: r.http_status == 429 and r.header("Retry-After") == "2",
    "799": lambda r: r.data.startswith(b"HTTP/1.1 799 "),
    "103": lambda r: r.data.startswith(b"HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 200 OK\r\n"),
    "delay(0.02)": lambda r: whole(r),
    "jitter(0,0.03)": lambda r: whole(r),
    "reset": lambda r: r.data == b"" and r.ending == "reset",
    "close": lambda r: r.data == b"" and r.ending == "end",
    "close(during)": lambda r: 50 < len(r.data) < 300 and r.ending == "end",
    "cut(1)": lambda r: is_cut(r, 1, "end"),
    "cut(57)": lambda r: is_cut(r, 57, "end"),
    "cut(57,reset)": lambda r: is_cut(r, 57, "reset"),
    "dribble(64,0.002)": lambda r: whole(r) and not any(n % 64 for n in r.pieces[:-1]),
    "garbage(33)": lambda r: len(r.data) == 33 and not r.data.startswith(b"H"),
    "wrong-length(7)": lambda r: int(r.header("Content-Length") or 0) == len(r.body) + 7,
    "wrong-length(-7)": lambda r: int(r.header("Content-Length") or 0) == len(r.body) - 7,
    "stall(9,0.02)": lambda r: is_cut(r, 9, "end"),
}


@pytest.mark.parametrize("script", KINDS)
def test_each_kind_does_what_it_says(space: Space, script: str) -> None:
    space.faults(script=f"{script}*{ROUNDS}")
    wanted = ping_bytes(space, "s", Connection="close")
    with ThreadPoolExecutor(8) as threads:
        received = list(threads.map(lambda _: ask(space.port, wanted), range(ROUNDS)))

    wrong = [one for one in received if not KINDS[script](one)]
    assert not wrong, wrong[0]
    assert space.admin("GET", "faults")["unfired"] is False
    assert whole(ping(space, "s")), "the script is over"
    assert space.admin("GET", "requests/count?provider=ping")["count"] == ROUNDS + 1
    threads_left = list(Path(f"/proc/{space.mock.ready['pid']}/task").iterdir())
    assert len(threads_left) == 1


def test_a_dribble_comes_piece_by_piece(space: Space) -> None:
    space.faults(script="dribble(16,0.05)")
    with connect(space.port) as connection:
        connection.sendall(ping_bytes(space, "s"))
        connection.settimeout(10)
        assert connection.recv(4096) == b"HTTP/1.1 200 OK\r"
        reset(connection)


def test_a_stall_says_nothing_until_the_client_goes(space: Space) -> None:
    space.faults(script="stall*")
    with connect(space.port) as connection:
        connection.sendall(ping_bytes(space, "s"))
        assert receive_all(connection, patience=0.2).ending == "open"


def test_200_stalled_connections_do_not_slow_the_admin_interface(space: Space) -> None:
    space.faults(script="stall*")
    stalled = [connect(space.port) for _ in range(200)]
    try:
        for connection in stalled:
            connection.sendall(ping_bytes(space, "s"))
        space.admin("GET", "requests/wait?at_least=200")
        best = min(_health_milliseconds(space) for _ in range(20))
        assert best < 5
    finally:
        for connection in stalled:
            connection.close()


def _health_milliseconds(space: Space) -> float:
    start = time.perf_counter()
    space.admin("GET", "health")
    return milliseconds_since(start)


def test_a_script_goes_on_where_it_was(space: Space) -> None:
    space.faults(script="503*2, reset, ok")
    endings = [ask(space.port, ping_bytes(space, "s", Connection="close")) for _ in range(5)]
    assert [one.data[9:12] for one in endings] == [b"503", b"503", b"", b"200", b"200"]


def test_before_the_vendor_is_not_asked_and_after_it_was(space: Space) -> None:
    space.add_session("tiun", "t", "valid", transitions=[{"reads": 1, "state": "expired"}])
    space.faults(script="503", when="before", scope={"provider": "tiun"})
    assert [tiun(space, "t").http_status for _ in range(2)] == [503, 200]

    space.add_session("eliza", "e", "expired")
    space.faults(script="reset", when="after", scope={"provider": "eliza"})
    assert eliza(space, "/e").ending == "reset"
    assert eliza(space, "/e").http_status == 404, "the 410 was lost with the connection"


@pytest.mark.parametrize(
    ("scope", "hit"),
    [
        ({}, True),
        ({"provider": "ping"}, True),
        ({"operation": "session_status"}, True),
        ({"session_id": "s"}, True),
        ({"provider": "tiun"}, False),
        ({"operation": "get_session"}, False),
        ({"session_id": "t"}, False),
        ({"provider": "ping", "session_id": "t"}, False),
    ],
)
def test_a_scope_says_whom_it_hits(space: Space, scope: dict[str, str], hit: bool) -> None:
    space.faults(script="503", scope=scope)
    assert ping(space, "s").http_status == (503 if hit else 200)


def test_another_space_is_never_hit(space: Space) -> None:
    other = space.sibling("other")
    other.add_session("ping", "s", "connected")
    space.faults(script="reset*")
    assert whole(ping(other, "s"))


def test_a_delay_before_sees_the_clock_of_its_end(space: Space) -> None:
    space.faults({"kind": "delay", "delay": 0.15, "when": "before"})
    with connect(space.port) as connection:
        connection.sendall(ping_bytes(space, "s"))
        space.clock(advance=3600)
        assert receive_answer(connection).json["duration"] == 3600


def test_json_faults_take_any_answer(space: Space) -> None:
    space.faults(
        {"kind": "status", "http_status": 418, "body": {"a": [1]}, "headers": {"X-A": ["1", "2"]}},
        {"kind": "garbage", "text": "HTTP/1.1 2OO OK\r\n\r\n"},
        {"kind": "garbage", "hex": "00ff0a"},
        {"kind": "cut", "bytes": 12, "http_status": 500},
    )
    teapot = ping(space, "s")
    assert (teapot.http_status, teapot.body) == (418, b'{"a":[1]}')
    assert teapot.head.count(b"X-A: ") == 2
    assert ping(space, "s").data == b"HTTP/1.1 2OO OK\r\n\r\n"
    assert ping(space, "s").data == b"\x00\xff\x0a"
    assert ping(space, "s").data == b"HTTP/1.1 500"


def test_a_faults_own_date_is_the_only_one(space: Space) -> None:
    date = "Thu, 01 Jan 1970 00:00:00 GMT"
    space.faults({"kind": "status", "http_status": 503, "headers": {"date": date}})
    faulty, whole_again = ping(space, "s"), ping(space, "s")
    assert faulty.head.lower().count(b"\r\ndate: ") == 1
    assert faulty.header("Date") == date
    assert str(whole_again.header("Date")).endswith("GMT")


def test_a_kept_alive_connection_goes_on_after_a_status(space: Space) -> None:
    space.faults(script="503, ok")
    with connect(space.port) as connection:
        for expected in (503, 200, 200):
            connection.sendall(ping_bytes(space, "s"))
            assert receive_answer(connection).http_status == expected


def test_pipelined_requests_are_answered_in_their_order(space: Space) -> None:
    space.faults(script="delay(0.02), ok, 503")
    with connect(space.port) as connection:
        connection.sendall(ping_bytes(space, "s") * 2 + ping_bytes(space, "s", Connection="close"))
        received = receive_all(connection)
    assert received.data.count(b"HTTP/1.1 200 OK") == 2
    assert received.data.rindex(b"HTTP/1.1 503") > received.data.rindex(b"HTTP/1.1 200")


@pytest.mark.parametrize(
    ("body", "member"),
    [
        ({"script": "jump"}, "script"),
        ({"script": "503*0"}, "script"),
        ({"script": "503, , ok"}, "script"),
        ({"script": "cut(1"}, "script"),
        ({"script": "delay"}, "script"),
        ({"script": "wrong-length(0)"}, "script"),
        ({"faults": [{"kind": "wrong_length", "by": 0}]}, "faults[0].by"),
        ({"faults": [{"kind": "ok"}, {"kind": "explode"}]}, "faults[1].kind"),
        ({"faults": [{"kind": "status"}]}, "faults[0]"),
        ({"faults": [{"kind": "ok", "time": 1}]}, "faults[0].time"),
        ({"script": "ok", "scope": {"provider": "aws"}}, "scope.provider"),
        ({"script": "ok", "scope": {"operation": "dance"}}, "scope.operation"),
        ({"script": "ok", "scope": {"phase": "connect"}}, "scope.phase"),
    ],
)
def test_a_wrong_script_is_refused_with_its_place(space: Space, body: Any, member: str) -> None:
    with pytest.raises(ConfigurationError, match="400") as refused:
        space.admin("POST", "faults", body)
    assert f'"member":"{member}"' in str(refused.value)


def test_the_same_draws_come_for_the_same_request_of_the_same_space(space: Space) -> None:
    space.faults(script="garbage(32)*3")
    first = [ping(space, "s").data for _ in range(3)]
    assert len(set(first)) == 3
    space.admin("DELETE", f"spaces/{space.name}")
    space.faults(script="garbage(32)*3")
    assert [ping(space, "s").data for _ in range(3)] == first


def test_an_answer_names_the_fault_it_met(space: Space) -> None:
    space.faults(script="503")
    assert ping(space, "s").header("X-Sessionvitals-Mock-Fault") == "503"


def test_the_list_tells_how_much_each_fault_does(space: Space) -> None:
    space.faults(script="delay(0.25), jitter(0.1,0.5), stall(20,2), cut(events=3,reset), 503")
    body = {"kind": "dribble", "bytes": 2, "every": 0.01, "http_status": 500, "body": "secret"}
    space.faults(body)
    first, second = space.admin("GET", "faults")["faults"]
    common = {"times": 1, "fired": 0, "when": "before"}
    assert first["faults"] == [
        {"fault": "delay", "delay": 0.25, **common},
        {"fault": "jitter", "delay": 0.1, "delay_most": 0.5, **common},
        {"fault": "stall", "bytes": 20, "for": 2.0, **common},
        {"fault": "cut", "events": 3, "ending": "reset", **common},
        {"fault": "503", "http_status": 503, **common},
    ]
    assert second["faults"] == [
        {"fault": "dribble", "bytes": 2, "every": 0.01, "http_status": 500, **common}
    ], "what it sends is part of the scenario only"
