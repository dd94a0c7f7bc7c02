"""What a user has begun on the page while news come: a press, a choice, a look at a request."""

from __future__ import annotations

from typing import Any

import pytest
from tests.dashboard.conftest import open_request, wait_for_state
from tests.support.calls import ping
from tests.support.sandbox import Space

pytestmark = pytest.mark.slow


def hold(tab: Any, button: Any) -> None:
    """Press the mouse on a button, and do not let go."""
    button.hover()
    tab.mouse.down()


def test_a_press_is_not_lost_when_a_request_comes_meanwhile(shown: Any, space: Space) -> None:
    ping(space, "s")
    hold(shown, shown.locator('button[data-number="0"]'))
    ping(space, "t")
    shown.get_by_text("2 of 2 shown").wait_for()
    shown.mouse.up()
    shown.locator('[data-detail="0"]').wait_for()
    shown.locator('button[data-number="1"]').wait_for()


def test_a_press_on_a_session_is_not_lost_when_its_row_changes(shown: Any, space: Space) -> None:
    space.add_session("ping", "s", "created")
    hold(shown, shown.get_by_label("Drop ping s", exact=True))
    space.admin("PATCH", "sessions/ping?id=s", {"state": "connected"})
    wait_for_state(shown, "connected")
    shown.mouse.up()
    shown.get_by_text("0 sessions", exact=True).wait_for()


def test_a_session_that_comes_does_not_move_what_is_pressed(shown: Any, space: Space) -> None:
    space.add_session("ping", "s", "created")
    hold(shown, shown.get_by_label("Drop ping s", exact=True))
    space.add_session("ping", "a", "created")
    shown.get_by_text("2 sessions", exact=True).wait_for()
    shown.mouse.up()
    shown.get_by_text("1 session", exact=True).wait_for()
    assert [each["id"] for each in space.admin("GET", "sessions")["sessions"]] == ["a"]


def test_a_state_that_was_chosen_stays_chosen_until_it_is_set(shown: Any, space: Space) -> None:
    space.add_session("ping", "s", "created")
    state = shown.get_by_label("State of ping s", exact=True)
    state.select_option("disconnected")
    shown.get_by_label("Set the state of ping s", exact=True).focus()
    space.add_session("ping", "t", "created")
    shown.get_by_text("2 sessions", exact=True).wait_for()
    assert state.input_value() == "disconnected"
    shown.keyboard.press("Enter")
    wait_for_state(shown, "disconnected")
    assert space.admin("GET", "sessions/ping?id=s")["state"] == "disconnected"


def test_a_state_that_nobody_chose_follows_the_session(shown: Any, space: Space) -> None:
    space.add_session("ping", "s", "created")
    state = shown.get_by_label("State of ping s", exact=True)
    for each in ("connected", "disconnected"):
        space.admin("PATCH", "sessions/ping?id=s", {"state": each})
        wait_for_state(shown, each)
        assert state.input_value() == each


def test_the_details_are_those_of_the_request_that_was_opened_last(
    shown: Any, space: Space
) -> None:
    for name in ("s", "t"):
        ping(space, name)
    slow: list[Any] = []
    shown.route("**/requests?number=0&limit=1", lambda route: slow.append(route))
    shown.locator('button[data-number="0"]').click()
    open_request(shown, 1)
    with shown.expect_response("**/requests?number=0&limit=1") as answer:
        slow[0].continue_()
    answer.value.finished()
    shown.evaluate("api('GET', 'clock')")  # what came before it has been heeded
    assert shown.locator("[data-detail]").get_attribute("data-detail") == "1"
