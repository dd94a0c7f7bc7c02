"""The dashboard in Debian's firefox-esr: it follows and acts, and no other page does."""

from __future__ import annotations

import json

import pytest
from tests.dashboard.conftest import ATTACK
from tests.support.browsers import UNTIL
from tests.support.browsers.firefox import Firefox
from tests.support.calls import ping
from tests.support.sandbox import Space

pytestmark = pytest.mark.slow


def test_the_page_follows_opens_and_acts(firefox: Firefox, space: Space) -> None:
    space.clock(set="2026-01-01T00:00:00Z", freeze=True)
    space.add_session("ping", "it's", "created")

    def until(expression: str) -> None:
        firefox.evaluate(UNTIL % expression)

    def shows(words: str) -> str:
        return f"document.body.innerText.includes({words!r})"

    firefox.goto(f"{space.url}/__admin/")
    until(shows("live, version"))
    ping(space, "it's")
    until("document.querySelector('#rows button')")
    firefox.evaluate("document.querySelector('#rows button').click()")
    until(shows("Played by: "))
    firefox.evaluate("document.querySelector('[data-advance=\"60\"]').click()")
    until(shows("2026-01-01 00:01:00.000 UTC"))
    ping(space, "s")
    until("document.querySelectorAll('#rows button').length > 1")
    curl = "api('GET', 'requests?number=0').then(found => curlOf(found.requests[0]))"
    assert f"/~{space.name}/customer/v2/sessions/it%27s/status" in firefox.evaluate(curl)


def test_a_page_of_another_origin_can_neither_read_nor_change(
    firefox: Firefox, space: Space, foreign: int
) -> None:
    space.clock(set="2026-01-01T00:00:00Z", freeze=True)
    space.add_session("ping", "s", "created")
    before = space.admin("GET", "scenario")
    firefox.goto(f"http://127.0.0.1:{foreign}/")
    attack = f"({ATTACK})({json.dumps(space.url + '/__admin/')})"
    outcomes = json.loads(firefox.evaluate(f"{attack}.then(JSON.stringify)"))
    assert len(outcomes) > 15
    assert {each for each in outcomes.values() if each != "opaque"} == {"refused"}
    assert space.admin("GET", "scenario") == before
