"""The paywall of examples/paywall/ from the button to the gate, in real browsers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from tests.gate.serving import ask
from tests.paywall.conftest import Page
from tests.support.sandbox import Space

pytestmark = pytest.mark.slow

LOCKED = (
    "!document.getElementById('wall').hidden && document.getElementById('article').hidden"
    " && !document.getElementById('start').disabled"
)
READ = "document.getElementById('article').innerText.includes('forty boats')"
PRESS = "document.getElementById('start').click()"
Until = Callable[[str], None]


def offers(words: str) -> str:
    return f"({LOCKED}) && document.getElementById('offer').innerText.includes('{words}')"


def session_ids(space: Space) -> list[str]:
    return [each["id"] for each in space.admin("GET", "sessions")["sessions"]]


def test_a_reader_pays_reads_and_is_locked_out_when_the_session_expires(
    page: Page, until: Until, site: int, space: Space
) -> None:
    space.sandbox.tiun.browser(expires_after=1800)
    page.goto(f"http://127.0.0.1:{site}/")
    until(offers("0.22"))
    assert ask(site, "/article")[0] == 402

    page.evaluate(PRESS)
    until(READ)
    (session_id,) = session_ids(space)
    assert ask(site, "/article", f"X-Session-Id: {session_id}")[0] == 200

    space.clock(advance=1799.999)
    assert ask(site, "/article", f"X-Session-Id: {session_id}")[0] == 200
    space.clock(advance=0.001)
    until(offers("has ended"))
    assert ask(site, "/article", f"X-Session-Id: {session_id}")[0] == 402
    assert not page.evaluate(READ)

    page.evaluate(PRESS)
    until(READ)
    assert len(session_ids(space)) == 2


def test_a_payment_that_fails_opens_nothing(
    page: Page, until: Until, site: int, space: Space
) -> None:
    space.sandbox.tiun.browser(payment="fails")
    page.goto(f"http://127.0.0.1:{site}/")
    until(offers("0.22"))
    page.evaluate("document.getElementById('offer').textContent = ''")
    page.evaluate(PRESS)
    until(offers("0.22"))
    assert session_ids(space) == []


def test_a_reader_without_funds_is_locked_out(
    page: Page, until: Until, site: int, space: Space
) -> None:
    space.sandbox.tiun.browser(interval=60, funds=2)
    page.goto(f"http://127.0.0.1:{site}/")
    until(LOCKED)
    page.evaluate(PRESS)
    until(READ)
    space.clock(advance=119)
    assert page.evaluate(READ)
    space.clock(advance=1)
    until(offers("has ended"))


def test_a_script_that_does_not_load_is_said(tab: Any, site: int) -> None:
    tab.route("**/sdk.js*", lambda route: route.abort())
    tab.goto(f"http://127.0.0.1:{site}/")
    tab.get_by_text("The script of the payment did not load.").wait_for()
    assert tab.locator("#start").is_disabled()
