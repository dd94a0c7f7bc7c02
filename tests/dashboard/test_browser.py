"""The dashboard in the machine's chromium: by keyboard alone, for axe, and against other pages."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from tests.dashboard.conftest import ATTACK, open_request, show, wait_for_state
from tests.support.calls import ping, tiun
from tests.support.sandbox import Mock, Space, start_mock
from tests.support.wire import once

pytestmark = pytest.mark.slow


def tab_to(page: Any, name: str) -> None:
    """Press Tab until the element of that accessible name has the focus."""
    page.evaluate("document.activeElement.blur()")
    for _ in range(80):
        page.keyboard.press("Tab")
        found = page.evaluate(
            "(e => e.getAttribute('aria-label') || (e.labels && e.labels[0] ? e.labels[0].textContent"
            " : e.textContent.trim()))(document.activeElement)"
        )
        if found == name:
            outline = "getComputedStyle(document.activeElement).outlineStyle"
            assert page.evaluate(outline) != "none"
            return
    raise AssertionError(f"Tab does not reach {name!r}")


def press(page: Any, name: str) -> None:
    tab_to(page, name)
    page.keyboard.press("Enter")


def test_every_action_by_keyboard_alone(shown: Any, space: Space, tmp_path: Path) -> None:
    playwright = pytest.importorskip("playwright.sync_api")
    keyboard = shown.keyboard
    space.add_session("ping", "s", "created", transitions=[{"after": 90, "state": "connected"}])
    shown.get_by_text("connected in 1 min 30 s").wait_for()

    for words, second in (("+1 s", "00:00:01"), ("+1 min", "00:01:01"), ("+30 min", "00:31:01")):
        press(shown, words)
        shown.get_by_text(f"2026-01-01 {second}.000 UTC").wait_for()
    space.add_session("ping", "t", "created", transitions=[{"after": 5, "state": "connected"}])
    press(shown, "To the next transition")
    shown.get_by_text("2026-01-01 00:31:06.000 UTC").wait_for()
    press(shown, "Freeze")
    shown.get_by_text("running, ").wait_for()
    press(shown, "Reset to real time")
    shown.get_by_text("running, real time").wait_for()

    press(shown, "Script")  # the form's first field; an empty one is not sent
    keyboard.type("503*2")
    keyboard.press("Enter")
    shown.get_by_text("2 left, 0 fired").wait_for()
    ping(space, "s")
    shown.get_by_text("of the latest 1 requests: 503 at no. 0").wait_for()
    press(shown, "Drop the script 503*2")
    shown.get_by_text("2 left").wait_for(state="detached")

    tab_to(shown, "State of ping s")
    keyboard.type("dis")
    press(shown, "Set the state of ping s")
    wait_for_state(shown, "disconnected")
    press(shown, "Drop ping t")
    shown.get_by_text("1 session", exact=True).wait_for()

    once(space.port, f"/~{space.name}/customer/v2/session/x?b=1")
    press(shown, f"Request 1: GET /~{space.name}/customer/v2/session/x?b=1, 501 unmatched")
    shown.get_by_text("The nearest is GET /customer/v2/sessions/{id}/status").wait_for()
    for words, text in (("curl", "^curl -i "), ("pytest assertion", "^assert sessionvitals")):
        press(shown, f"Copy as {words}")
        playwright.expect(shown.get_by_label("Text to copy")).to_have_value(re.compile(text))
    tab_to(shown, "Filter")
    keyboard.type("status>=500 unmatched")
    shown.get_by_text("1 of 2 shown").wait_for()
    press(shown, "Pause")
    assert shown.locator("#pause").get_attribute("aria-pressed") == "true"
    press(shown, "Pause")
    press(shown, "Clear")
    shown.get_by_text("No request yet").wait_for()

    with shown.expect_download() as saving:
        press(shown, "Save state")
    file = tmp_path / "state.json"
    saving.value.save_as(file)
    assert [each["id"] for each in json.loads(file.read_text())["sessions"]] == ["s"]
    space.admin("DELETE", "sessions")
    with shown.expect_file_chooser() as loading:
        press(shown, "Load state")
    loading.value.set_files(file)
    shown.get_by_text("loaded", exact=True).wait_for()
    shown.get_by_text("1 session", exact=True).wait_for()
    press(shown, "Show the settings of this space")
    shown.get_by_text('"dialect"').wait_for()

    other = space.sibling("other")
    other.clock(advance=0)
    shown.locator(f"#space option[value='{other.name}']").wait_for(state="attached")
    tab_to(shown, "Space")
    while shown.locator("#space").input_value() != other.name:
        keyboard.press("ArrowDown")
    keyboard.press("Enter")
    shown.wait_for_url(f"**/~{other.name}/__admin/")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_no_violation(shown: Any, space: Space, axe: str, scheme: str) -> None:
    shown.emulate_media(color_scheme=scheme)
    space.sandbox.load_scenario("demo")
    space.faults(script="503, reset*")
    for name in ("vpn-streaming", "vpn-streaming", "none"):
        ping(space, name)
    once(space.port, f"/~{space.name}/nothing")
    shown.locator("#rows tr").nth(3).wait_for()
    shown.locator("#rows button").first.click()
    shown.get_by_text("Played by").wait_for()
    shown.locator("#sessions tr").nth(8).wait_for()
    shown.evaluate(axe)
    tags = json.dumps(["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"])
    found = shown.evaluate(f"axe.run({{runOnly: {tags}}})")
    assert [(each["id"], each["nodes"][0]["html"]) for each in found["violations"]] == []
    assert len(found["passes"]) > 15


@pytest.mark.parametrize("width", [640, 400], ids=["200 percent of 1280", "a telephone"])
def test_nothing_is_scrolled_sideways(shown: Any, space: Space, width: int) -> None:
    space.sandbox.load_scenario("demo")
    space.faults(script="503, reset*")
    for name in ("vpn-streaming", "x" * 300):
        ping(space, name)
    once(space.port, f"/~{space.name}/{'nothing' * 50}")
    shown.set_viewport_size({"width": width, "height": 900})
    open_request(shown, 2)
    shown.locator("#sessions tr").nth(8).wait_for()
    assert shown.evaluate("document.documentElement.scrollWidth") <= width


HOSTILE = "<img src=x onerror=alert(1)></script><script>alert(2)</script>\u202egnp\x00"


def test_hostile_text_is_shown_as_text(shown: Any, space: Space) -> None:
    space.add_session("ping", HOSTILE, "created", client_id=HOSTILE)
    target = "/~" + space.name + "/<script>alert(3)</script>/%00" + "x" * 5000
    once(
        space.port, target, "POST", json.dumps(HOSTILE).encode() + b"\x00", X_Evil="<b>\xe2\x80\xae"
    )
    space.faults({"kind": "status", "http_status": 503, "body": HOSTILE})
    tiun(space, "<svg onload=alert(4)>")
    shown.locator("#rows tr").nth(1).wait_for()
    for row in (0, 1):
        shown.locator("#rows > tr > td > button").nth(row).click()
        shown.get_by_text("Played by").wait_for()
        text = shown.locator("[data-detail]").inner_text()
        assert ("</script>" in text) or ("%3C" in text)
        shown.locator("#rows > tr > td > button").nth(row).click()
    shown.locator("#sessions tr").first.wait_for()
    text = shown.locator("#sessions").inner_text()
    assert "<img src=x" in text
    assert "\\u202e" in text
    assert "\\u0000" in text
    assert shown.locator("#rows img, #rows b, #sessions img, main script").count() == 0


def test_a_restarted_feed_shows_what_was_missed(shown: Any, space: Space) -> None:
    ping(space, "before")
    shown.get_by_text("1 of 1 shown").wait_for()
    shown.context.set_offline(True)
    for name in "abc":
        ping(space, name)
    shown.context.set_offline(False)
    shown.reload()
    shown.get_by_text("4 of 4 shown").wait_for()


@pytest.mark.parametrize("host", ["127.0.0.1", "evil.test"])
def test_a_page_of_another_origin_can_neither_read_nor_change(
    browser: Any, space: Space, foreign: int, host: str
) -> None:
    space.clock(set="2026-01-01T00:00:00Z", freeze=True)
    space.add_session("ping", "s", "created")
    before = space.admin("GET", "scenario")
    context = browser.new_context()
    page = context.new_page()
    page.route(
        "http://evil.test/**",
        lambda route: route.fulfill(body="<!DOCTYPE html>", content_type="text/html"),
    )
    page.goto(f"http://{host}:{foreign}/" if host == "127.0.0.1" else "http://evil.test/")
    outcomes = page.evaluate(ATTACK, f"{space.url}/__admin/")
    context.close()
    assert {each for each in outcomes.values() if each != "opaque"} == {"refused"}
    assert space.admin("GET", "scenario") == before


def test_a_rebound_name_is_refused(browser: Any, mock: Mock, space: Space) -> None:
    """The browser resolves evil.example to this machine: to it, the page has the mock's origin."""
    context = browser.new_context()
    page = context.new_page()
    for path in ("/__admin/", f"/~{space.name}/__admin/", "/__admin/requests"):
        shown = page.goto(f"http://evil.example:{mock.port}{path}")
        assert shown.status == 421
        assert "host_not_allowed" in page.content()
    context.close()


def test_a_token_is_entered_once_and_kept_for_the_tab(tab: Any) -> None:
    with start_mock(["--admin-token", "a-token"]) as mock:
        tab.goto(f"{mock.url}/__admin/")
        tab.get_by_label("Token of --admin-token").fill("a-token")
        tab.keyboard.press("Enter")
        tab.get_by_text("live, version").wait_for()
        tab.reload()
        tab.get_by_text("live, version").wait_for()
        assert "a-token" not in tab.url


def test_the_page_works_without_javascript_far_enough_to_help(browser: Any, space: Space) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{space.url}/__admin/")
    assert page.locator("noscript").inner_text().count("curl") == 3
    context.close()


def test_the_page_shows_a_space_anew_after_the_mock_began_anew(shown: Any, space: Space) -> None:
    ping(space, "s")
    shown.get_by_text("1 of 1 shown").wait_for()
    space.sandbox.drop()
    shown.get_by_text("No request yet").wait_for()
    show(shown, space)


def test_a_page_outlives_a_restart_of_the_mock(tab: Any) -> None:
    with start_mock() as mock:
        space = Space(mock, "s")
        for _ in range(3):
            ping(space, "a")
        show(tab, space)
        open_request(tab, 2)
    tab.get_by_text("not connected").wait_for()
    tab.get_by_text("+1 s").click()
    tab.get_by_text("The mock does not answer.").wait_for()
    with start_mock(["--port", str(space.port)]) as mock:
        ping(Space(mock, "s"), "b")
        tab.get_by_text("1 of 1 shown").wait_for()
        assert tab.locator("#trouble").inner_text() == ""
        assert tab.locator("#rows tr").count() == 1
        ping(Space(mock, "s"), "c")
        tab.get_by_text("2 of 2 shown").wait_for()
        assert "sessions/c/status" in open_request(tab, 1).inner_text()
