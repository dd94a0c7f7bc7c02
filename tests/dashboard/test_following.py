"""What a user has begun on the page while news come: a press, a choice, a look at a request."""

from __future__ import annotations

from typing import Any

import pytest
from tests.dashboard.conftest import open_request, show, wait_for_state
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
    space.add_session("tiun", "above", "valid")
    shown.get_by_text("2 sessions", exact=True).wait_for()
    # A second finger ends no press, and leaves no older list to be placed.
    shown.evaluate("dispatchEvent(new PointerEvent('pointerdown', {isPrimary: false}))")
    space.add_session("tiun", "above it", "valid")
    shown.get_by_text("3 sessions", exact=True).wait_for()
    shown.mouse.up()
    shown.get_by_text("2 sessions", exact=True).wait_for()
    left = space.admin("GET", "sessions")["sessions"]
    assert [each["id"] for each in left] == ["above", "above it"]
    assert shown.locator("#sessions tr").count() == 2


def test_a_finger_drops_what_it_was_put_on(tab: Any, space: Space) -> None:
    context = tab.context.browser.new_context(has_touch=True)
    page = context.new_page()
    show(page, space)
    space.add_session("ping", "s", "created")
    box = page.get_by_label("Drop ping s", exact=True).bounding_box()
    finger = {"x": box["x"] + box["width"] / 2, "y": box["y"] + box["height"] / 2}
    touch = context.new_cdp_session(page)
    touch.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": [finger]})
    space.add_session("tiun", "above", "valid")
    page.get_by_text("2 sessions", exact=True).wait_for()
    touch.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    page.get_by_text("1 session", exact=True).wait_for()
    assert [each["id"] for each in space.admin("GET", "sessions")["sessions"]] == ["above"]
    context.close()


def test_the_focus_stays_when_the_page_is_connected_anew(shown: Any, space: Space) -> None:
    ping(space, "s")
    row = shown.locator('button[data-number="0"]')
    row.focus()
    ping(space, "t")
    shown.evaluate("fillRows()")
    shown.get_by_text("2 of 2 shown").wait_for()
    assert row.evaluate("e => e === document.activeElement")


def test_a_state_that_was_chosen_stays_chosen_until_it_is_set(shown: Any, space: Space) -> None:
    space.add_session("ping", "s", "created")
    state = shown.get_by_label("State of ping s", exact=True)
    state.select_option("disconnected")
    shown.get_by_label("Set the state of ping s", exact=True).focus()
    space.add_session("ping", "t", "created")
    shown.get_by_text("2 sessions", exact=True).wait_for()
    assert state.input_value() == "disconnected"
    state.select_option("created")  # as it is: nothing is chosen any more
    space.admin("PATCH", "sessions/ping?id=s", {"state": "connected"})
    wait_for_state(shown, "connected")
    assert state.input_value() == "connected"
    state.select_option("disconnected")
    shown.get_by_label("Set the state of ping s", exact=True).focus()
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
