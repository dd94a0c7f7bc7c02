"""The imitation of tiun's browser script: what its page may ask, and what the mock then knows."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from tests.dashboard.conftest import ATTACK
from tests.support.calls import tiun
from tests.support.sandbox import Space, start_mock
from tests.support.wire import Received, once

FOREIGN = {"Origin": "http://site.example", "Sec-Fetch-Site": "cross-site"}


@pytest.fixture
def script(space: Space) -> str:
    """The target of the space's script; the clock stands still."""
    space.clock(set="2026-01-01T00:00:00Z", freeze=True)
    return str(space.admin("GET", "browser")["script"])


def post(space: Space, script: str, call: str, **body: object) -> Received:
    target = script.replace("sdk.js", call)
    return once(space.port, target, "POST", json.dumps(body).encode(), **FOREIGN)


def start(space: Space, script: str, content: str = "active") -> str:
    return str(post(space, script, "start", content=content).json["session_id"])


def billing(space: Space, session_id: str) -> dict[str, Any]:
    return dict(space.admin("GET", f"sessions/tiun/{session_id}")["billing"])


def test_the_script_says_first_that_it_is_an_imitation(space: Space, script: str) -> None:
    answer = once(space.port, script, **FOREIGN)
    first = answer.body.decode().splitlines()[0]
    assert first.startswith("// An imitation of tiun's browser script")
    assert "documents as read on 2026-" in first
    assert str(answer.header("Content-Type")).startswith("text/javascript")
    assert answer.header("Access-Control-Allow-Origin") == "*"


@pytest.mark.parametrize("call", ["sdk.js", "start", "state", "token", "nothing"])
def test_without_the_spaces_capability_nothing_is_shown_or_made(
    space: Space, script: str, call: str
) -> None:
    path, _, capability = script.partition("?capability=")
    path = path.replace("sdk.js", call)
    other = space.sibling("other").admin("GET", "browser")["script"].partition("=")[2]
    queries = ["", "?", "?capability=", f"?capability={other}", f"?capability={capability[:-1]}"]
    for query in [*queries, f"?capability={capability.upper()}x", "?capability=%00"]:
        for method in ("GET", "POST", "OPTIONS", "PUT"):
            refused = once(space.port, path + query, method, b"{}", **FOREIGN)
            assert refused.http_status == 403
            assert refused.header("Access-Control-Allow-Origin") is None
    assert space.admin("GET", "sessions")["total"] == 0


def test_the_default_space_and_each_other_have_a_capability_of_their_own(space: Space) -> None:
    default = Space(space.mock, "default")
    scripts = [each.admin("GET", "browser")["script"] for each in (default, space)]
    assert len({each.partition("=")[2] for each in scripts}) == 2
    assert once(space.port, scripts[0].replace("/~default", "")).http_status == 200
    with start_mock() as other:  # of the same seed
        there = Space(other, space.name).admin("GET", "browser")["script"]
    assert there != scripts[1]


@pytest.mark.parametrize("method", ["GET", "POST", "OPTIONS", "DELETE"])
def test_the_capability_opens_nothing_of_the_admin_interface(
    space: Space, script: str, method: str
) -> None:
    query = script.partition("?")[2]
    for path in ("clock", "browser", "sessions", "requests"):
        target = f"/~{space.name}/__admin/{path}?{query}"
        refused = once(space.port, target, method, b"{}", **FOREIGN)
        assert refused.http_status == 403
        assert refused.header("Access-Control-Allow-Origin") is None
    for path in ("../__admin/clock", "%2e%2e/__admin/clock", "sdk.js/../../__admin/clock"):
        assert once(space.port, script.replace("sdk.js", path), **FOREIGN).http_status != 200


def test_a_started_session_is_one_that_the_server_knows(space: Space, script: str) -> None:
    session_id = start(space, script)
    assert tiun(space, session_id).http_status == 200
    space.admin("PATCH", f"sessions/tiun/{session_id}", {"state": "out_of_funds"})
    assert tiun(space, session_id).http_status == 404
    assert start(space, script) != session_id
    assert "billing" not in json.dumps(space.admin("GET", "scenario"))


def test_virtual_time_bills_intervals_and_inactive_content_pauses(
    space: Space, script: str
) -> None:
    space.sandbox.tiun.browser(interval=60, funds=3)
    session_id = start(space, script)
    assert billing(space, session_id) == {"content": "active", "seconds": 0, "intervals": 1}
    space.clock(advance=90)
    assert billing(space, session_id)["intervals"] == 2
    for content in ("inactive", "paused"):
        post(space, script, "content", session_id=session_id, content=content)
        space.clock(advance=3600)
        assert billing(space, session_id) == {"content": content, "seconds": 90, "intervals": 2}
        assert tiun(space, session_id).http_status == 200
    post(space, script, "content", session_id=session_id, content="active")
    space.clock(advance=89.999)
    assert tiun(space, session_id).http_status == 200
    space.clock(advance=0.001)
    assert tiun(space, session_id).http_status == 404
    space.clock(advance=1000)
    assert billing(space, session_id) == {"content": "active", "seconds": 180, "intervals": 3}
    assert space.admin("GET", f"sessions/tiun/{session_id}")["state"] == "out_of_funds"


def test_a_session_expires_whatever_its_content(space: Space, script: str) -> None:
    space.sandbox.tiun.browser(expires_after=100, funds=1, interval=1000)
    session_id = start(space, script, "paused")
    space.clock(advance=50)
    post(space, script, "content", session_id=session_id, content="active")
    space.clock(advance=49.999)
    assert tiun(space, session_id).http_status == 200
    space.clock(advance=0.001)
    assert space.admin("GET", f"sessions/tiun/{session_id}")["state"] == "expired"
    other = start(space, script)
    space.admin("PATCH", f"sessions/tiun/{other}", {"expires_after": 10})
    space.clock(advance=10)
    assert tiun(space, other).http_status == 404


def test_a_token_of_the_script_verifies_its_user_for_five_minutes(
    space: Space, script: str
) -> None:
    space.sandbox.tiun.users({"user_id": "u-1", "product_access": []})
    space.sandbox.tiun.browser(user="u-1")
    assert post(space, script, "login").json["state"]["user"]["userId"] == "u-1"
    post(space, script, "checkout", product_id="p-test-pro")
    token = post(space, script, "token", user_id="u-1").json["token"]
    client = space.sandbox.tiun.client()
    verified = client.verify_user(token)
    assert verified.user is not None
    assert verified.user.product_access == ["p-test-pro"]
    space.clock(advance=300)
    assert not client.verify_user(token)


def test_a_mock_that_records_another_server_serves_no_script(tmp_path: Path) -> None:
    arguments = ["--record", "http://127.0.0.1:1", "--to", str(tmp_path / "recording.json")]
    with start_mock(arguments) as recording:
        space = Space(recording, "default")
        refused = once(space.port, space.admin("GET", "browser")["script"], **FOREIGN)
        assert refused.http_status == 501


@pytest.mark.parametrize(
    ("settings", "member"),
    [
        *(
            ({"payment": "later"}, "payment"),
            ({"interval": 0.0001}, "interval"),
            ({"funds": 0}, "funds"),
        ),
        *(
            ({"expires_after": -1}, "expires_after"),
            ({"user": 7}, "user"),
            ({"script": ""}, "script"),
        ),
    ],
)
def test_wrong_settings_are_refused(space: Space, settings: dict[str, Any], member: str) -> None:
    refused = once(
        space.port, f"/~{space.name}/__admin/browser", "PUT", json.dumps(settings).encode()
    )
    assert (refused.http_status, refused.json["error"]["member"]) == (400, member)


PLAY = """async address => {
  const {tiun} = await import(address);
  const heard = [];
  const names = ['ready', 'userChange', 'login', 'logout', 'paywallShow', 'paywallHide', 'error'];
  for (const name of names) tiun.on(name, said => heard.push([name, said ?? null]));
  tiun.once('userChange', said => heard.push(['once', said.event]));
  const waits = [];
  const heardOf = name => new Promise(done => waits.push(tiun.once(name, done)));
  tiun.init({snippetId: 's', language: 'en', sandbox: true, onReady: () => heard.push(['onReady'])});
  tiun.init({snippetId: 's'});
  const shown = heardOf('paywallShow');
  await tiun.waitForReady();
  await shown;
  const nobody = [tiun.getUser(), await tiun.getUserVerificationToken()];
  await tiun.start();
  await tiun.start();
  await tiun.login();
  await tiun.checkout({productId: 'p-test-pro'});
  const user = tiun.getUser();
  const token = await tiun.getUserVerificationToken();
  await tiun.setContent({type: 'inactive', contentId: 'front', mediaType: 'text'});
  await tiun.logout();
  const refused = [];
  const attempts = [() => tiun.pause(), () => tiun.on('paywallClose', () => 0),
                    () => tiun.init({theme: 'dark'}), () => tiun.version, () => { tiun.x = 1; }];
  for (const attempt of attempts) try { attempt(); } catch (error) { refused.push(error.name); }
  await tiun.setContent({type: 'free'}).catch(error => refused.push(error.name));
  tiun.destroy();
  refused.push(await tiun.start().catch(error => error.message));
  return {heard, nobody, user, token, refused, flags: [tiun.isInitialized, tiun.isReady]};
}"""


@pytest.mark.slow
def test_the_documented_calls_and_events_and_nothing_else(
    tab: Any, site: int, space: Space
) -> None:
    space.sandbox.tiun.users({"user_id": "u-1", "email": "a@b.example", "product_access": []})
    space.sandbox.tiun.browser(user="u-1")
    tab.goto(f"http://127.0.0.1:{site}/paywall.js")  # a page of the site without the script
    played = tab.evaluate(PLAY, space.sandbox.tiun.script_url)
    (session,) = space.admin("GET", "sessions")["sessions"]

    nobody = {"isAuthenticated": False, "user": None}
    buyer = {"userId": "u-1", "email": "a@b.example", "productAccess": ["p-test-pro"]}
    before = {**buyer, "productAccess": []}
    assert played["heard"] == [
        ["onReady"],
        ["ready", None],
        ["userChange", {"event": "init", **nobody}],
        ["once", "init"],
        ["paywallShow", {"isConnected": False}],
        ["paywallHide", {"sessionId": session["id"], "isConnected": True}],
        ["login", {"user": before}],
        ["userChange", {"event": "login", "isAuthenticated": True, "user": before}],
        ["userChange", {"event": "checkout", "isAuthenticated": True, "user": buyer}],
        ["logout", None],
        ["userChange", {"event": "logout", **nobody}],
    ]
    assert played["nobody"] == [nobody, None]
    assert played["user"] == {"isAuthenticated": True, "user": buyer}
    assert space.sandbox.tiun.client().verify_user(played["token"])
    assert session["billing"]["content"] == "inactive"
    assert played["refused"][:6] == ["NotPlayed"] * 6
    assert played["refused"][6] == "tiun.init() comes before this call"
    assert played["flags"] == [False, False]


@pytest.mark.slow
def test_a_page_with_the_script_reaches_nothing_of_the_admin_interface(
    tab: Any, site: int, space: Space
) -> None:
    tab.goto(f"http://127.0.0.1:{site}/")
    tab.locator("#start").click()
    tab.get_by_text("forty boats").wait_for()
    before = space.admin("GET", "scenario")
    outcomes = tab.evaluate(ATTACK, f"{space.url}/__admin/")
    assert {each for each in outcomes.values() if each != "opaque"} == {"refused"}
    assert space.admin("GET", "scenario") == before


@pytest.mark.slow
def test_a_page_loaded_again_goes_on_with_its_session(tab: Any, site: int, space: Space) -> None:
    tab.goto(f"http://127.0.0.1:{site}/")
    tab.locator("#start").click()
    tab.get_by_text("forty boats").wait_for()
    tab.reload()
    tab.get_by_text("forty boats").wait_for()
    (session,) = space.admin("GET", "sessions")["sessions"]
    space.admin("PATCH", f"sessions/tiun/{session['id']}", {"state": "expired"})
    tab.get_by_text("has ended").wait_for()
