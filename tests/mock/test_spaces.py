"""Spaces share nothing, however busy their neighbours are; and each has a clock of its own."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest
from tests.support.calls import ping, tiun
from tests.support.wire import connect, once, receive_all, request

from sessionvitals import ConfigurationError

if TYPE_CHECKING:
    from tests.support.sandbox import Space


def live_a_life(space: Space, number: int) -> None:
    """One test's worth of use, in which every answer must be this space's own."""
    start = f"20{number % 80 + 10}-03-01T00:00:00Z"
    space.clock(set=start, freeze=True)
    space.add_session("ping", "s", "connected", client_id=f"c{number}", upload_rate=number)
    space.add_session("tiun", "s", "valid" if number % 2 else "invalid")
    space.admin("PUT", "keys", {"ping": f"key-{number}"})
    space.faults(script=f"ok, {500 + number % 10}")
    space.clock(advance=number)
    key = f"key-{number}"

    first, second, third = (ping(space, "s", Authorization=key) for _ in range(3))
    assert first.json == {
        "client_id": f"c{number}",
        "status": "connected",
        "duration": number,
        "uploaded_bytes": number * number,
    }
    assert (second.http_status, third.body) == (500 + number % 10, first.body)
    assert tiun(space, "s").http_status == (200 if number % 2 else 404)
    assert space.admin("GET", "requests/count?exactly=4")["count"] == 4
    assert space.admin("GET", "clock")["now"].startswith(start[:10])


def test_200_lives_in_8_threads_do_not_touch_each_other(space: Space) -> None:
    def one(number: int) -> None:
        live_a_life(space.sibling(str(number)), number)

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(one, range(200)))
    assert space.admin("GET", "requests")["seen"] == 0


def test_the_same_life_gives_the_same_bytes(space: Space) -> None:
    def life() -> list[bytes]:
        space.clock(set="2026-01-01T00:00:00Z", freeze=True)
        space.add_session("tiun", "s", "invalid")
        space.faults(script="ok, garbage, cut(40), ok")
        received = [tiun(space, "s").data for _ in range(4)]
        space.admin("DELETE", f"spaces/{space.name}")
        return received

    assert life() == life()


def test_the_bare_root_is_the_space_default(space: Space) -> None:
    listed = once(space.port, "/__admin/health").json
    assert listed["space"] == "default"


def test_a_dropped_space_begins_anew(space: Space) -> None:
    space.add_session("ping", "s", "connected")
    assert space.admin("DELETE", f"spaces/{space.name}") == {"removed": 1}
    assert ping(space, "s").http_status == 404


def test_a_bad_name_is_no_space_and_no_route(space: Space) -> None:
    assert once(space.port, "/~a%20b/__admin/health").http_status == 501
    assert once(space.port, f"/~{'a' * 65}/__admin/health").http_status == 501


def test_the_clock_moves_in_the_order_of_its_words(space: Space) -> None:
    moved = space.clock(freeze=True, advance=1.25, set="2026-01-01T01:00:00.5+01:00")
    assert moved == {"now": "2026-01-01T00:00:01.750Z", "frozen": True}
    assert space.clock(advance=-0.75) == {"now": "2026-01-01T00:00:01.000Z", "frozen": True}


def test_a_resumed_clock_goes_on_from_where_it_stood(space: Space) -> None:
    space.clock(set="2026-01-01T00:00:00Z", freeze=True)
    assert space.clock()["now"] == "2026-01-01T00:00:00.000Z"
    assert space.clock(resume=True)["frozen"] is False
    deadline = time.monotonic() + 10
    while space.clock()["now"] == "2026-01-01T00:00:00.000Z":
        assert time.monotonic() < deadline
    assert space.clock()["now"].startswith("2026-01-01T00:00:0")


@pytest.mark.parametrize("by", [1e300, -1e300])
def test_the_clock_stays_within_the_calendar(space: Space, by: float) -> None:
    moved = space.clock(advance=by, freeze=True)
    assert moved["now"] in ("9999-12-31T23:59:59.999Z", "0001-01-01T00:00:00.000Z")


@pytest.mark.parametrize("name", ["a b", "a%20b", "%C3%BC", "x" * 65, "a*"])
def test_a_name_that_no_space_can_have_is_answered_with_the_rule(space: Space, name: str) -> None:
    for path in ("__admin/clock", "customer/v2/sessions/s/status"):
        answer = once(space.port, f"/~{name}/{path}".replace(" ", "+"))
        assert answer.http_status == 501
        assert "the name of a space has 1 to 64 of A-Z, a-z" in answer.json["detail"]
    known = once(space.port, f"/~{space.name}/nothing")
    assert b"name of a space" not in known.body


def test_every_time_in_an_answer_is_the_spaces_own(space: Space) -> None:
    space.clock(set="2031-05-06T07:08:09.250Z", freeze=True)
    assert ping(space, "s").header("Date") == "Tue, 06 May 2031 07:08:09 GMT"


@pytest.mark.parametrize(
    "wrong",
    [
        {"set": "yesterday"},
        {"set": "2026-02-30T00:00:00Z"},
        {"set": "2026-01-01T00:00:00"},
        {"advance": "1"},
        {"freeze": True, "resume": True},
        {"now": "2026-01-01T00:00:00Z"},
    ],
)
def test_a_wrong_move_is_refused_and_moves_nothing(space: Space, wrong: dict[str, object]) -> None:
    space.clock(set="2026-01-01T00:00:00Z", freeze=True)
    with pytest.raises(ConfigurationError, match="400"):
        space.clock(**wrong)
    assert space.clock()["now"] == "2026-01-01T00:00:00.000Z"


def test_a_space_that_is_dropped_while_it_is_asked_stays_away(space: Space) -> None:
    other = space.sibling("dropped")
    with connect(space.port) as stream:
        stream.sendall(
            request(f"/~{other.name}/customer/v2/sessions/events", Authorization="ping-sandbox-key")
        )
        assert b"200" in stream.recv(100)
        other.admin("DELETE", f"spaces/{other.name}")
        assert receive_all(stream).ending == "end", "the stream ends with its space"
    names = [each["name"] for each in space.admin("GET", "spaces")["spaces"]]
    assert other.name not in names
