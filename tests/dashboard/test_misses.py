"""What the dashboard says about requests that did not do what their sender expected."""

from __future__ import annotations

from typing import Any

import pytest
from tests.dashboard.conftest import open_request, wait_for_state
from tests.support.calls import PING_KEY, ping, tiun
from tests.support.sandbox import Space
from tests.support.wire import once

pytestmark = pytest.mark.slow


def test_an_unmatched_request_names_the_nearest_routes_and_what_differs(
    shown: Any, space: Space
) -> None:
    once(space.port, f"/~{space.name}/customer/v2/session/s/status", "POST", **PING_KEY)
    misses = open_request(shown, 0).locator("li")
    assert misses.count() == 3
    assert misses.first.inner_text() == (
        "GET /customer/v2/sessions/{id}/status (ping, session_status): "
        'method is "POST", expected "GET"; path is "/customer/v2/session/s/status", '
        'expected "/customer/v2/sessions/{id}/status"'
    )


def test_a_session_that_was_not_found_names_those_like_it(shown: Any, space: Space) -> None:
    for name in ("reader-1", "reader-22", "other"):
        space.add_session("tiun", name, "valid")
    space.add_session("ping", "Reader-1", "created")
    tiun(space, "Reader-1")
    details = open_request(shown, 0)
    details.get_by_text('The space has no tiun session "Reader-1".').wait_for()
    assert details.locator("li").all_inner_texts()[:2] == [
        'tiun "reader-1", valid',
        'ping "Reader-1", created',
    ]


def test_a_session_that_is_not_valid_says_its_state(shown: Any, space: Space) -> None:
    space.add_session("tiun", "reader-1", "valid", expires_after=60)
    space.clock(advance=60)
    tiun(space, "reader-1")
    details = open_request(shown, 0)
    details.get_by_text('The tiun session "reader-1" is expired now.').wait_for()


def test_a_filter_that_fits_none_shows_the_near_misses(shown: Any, space: Space) -> None:
    ping(space, "s-1")
    ping(space, "s-2")
    shown.get_by_text("2 of 2 shown").wait_for()
    shown.locator("#filter").fill("provider:tiun id:s-2")
    misses = shown.locator("#misses li")
    misses.first.wait_for()
    assert misses.first.inner_text() == (
        f"no. 1 GET /~{space.name}/customer/v2/sessions/s-2/status: "
        'provider is "ping", expected "tiun"'
    )
    shown.locator("#filter").fill("")
    misses.first.wait_for(state="detached")


@pytest.mark.parametrize("name", ["..", ".", "a/b", "a?b#c", "\x00"])
def test_sessions_of_odd_names_can_be_changed_and_dropped(
    shown: Any, space: Space, name: str
) -> None:
    space.add_session("ping", "kept", "created")
    space.add_session("ping", name, "created")
    words = f"ping {name}".replace("\x00", "\\u0000")
    shown.get_by_label(f"State of {words}", exact=True).select_option("connected")
    shown.get_by_label(f"Set the state of {words}", exact=True).click()
    wait_for_state(shown, "connected")
    shown.get_by_label(f"Drop {words}", exact=True).click()
    shown.get_by_text("1 session", exact=True).wait_for()
    (left,) = space.admin("GET", "sessions")["sessions"]
    assert (left["id"], left["state"]) == ("kept", "created")


def test_the_table_goes_on_while_the_focus_is_in_an_open_request(shown: Any, space: Space) -> None:
    ping(space, "s")
    details = open_request(shown, 0)
    details.locator("pre").first.focus()
    ping(space, "t")
    shown.locator('button[data-number="1"]').wait_for()
    assert details.locator("pre").first.evaluate("e => e === document.activeElement")


def test_a_faults_marks_stand_where_it_fired_by_the_clock(shown: Any, space: Space) -> None:
    space.faults(script="503, ok*2, stall(0,0.001), 503")
    for advance in (0, 60, 0, 30, 10):
        space.clock(advance=advance)
        ping(space, "s")
    marks = shown.locator("#lane rect.mark")
    marks.nth(4).wait_for()
    found = {mark.text_content(): float(mark.get_attribute("x")) for mark in marks.all()}
    assert {text[: text.index(":")]: x for text, x in found.items() if "request 3" in text} == {
        "stall": pytest.approx(100 + 488 * 0.9)
    }
    assert sorted(x for text, x in found.items() if text.startswith("503")) == [100, 588]
    assert shown.locator("#lane text").all_text_contents()[:2] == ["00:00:00.000", "00:01:40.000"]
    space.faults(script="delay(1), stall(20,2)*")
    shown.get_by_text("delay (1 s), stall (bytes 20, for 2 s)*always").wait_for()


def test_the_chooser_counts_what_has_come_to_the_space_that_is_shown(
    shown: Any, space: Space
) -> None:
    space.add_session("ping", "s-1", "connected")
    ping(space, "s-1")
    ping(space, "s-1")
    name = f"{space.name} (1 sessions, 2 requests)"
    shown.locator("#space option", has_text=name).wait_for(state="attached")
