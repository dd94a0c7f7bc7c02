"""What the dashboard copies, pasted: a request is made again, an assertion holds."""

from __future__ import annotations

import subprocess
from typing import Any

import pytest
from tests.dashboard.conftest import open_request, show
from tests.support.calls import PING_KEY, TIUN_KEY, ping_target
from tests.support.consumers import ENVIRONMENT
from tests.support.sandbox import Space, start_mock
from tests.support.wire import once

pytestmark = pytest.mark.slow

IDS = ["it's", '"q"', "a b", "a+b", "ü€😀", "%2F", "a/b", "[1]{2}", "$HOME`id`", "..", ".", "-x"]
IDS += ["\u202ex", "\x1b[201~;id", "a\nb\t!", "a&b=c", "a?b#c", "\\", "*", "@file"]
SESSIONS = "/customer/v2/sessions"
UNMATCHED: list[tuple[str, str, bytes, dict[str, str]]] = [
    (f"{SESSIONS}/[a]{{b}}/status?x=1&y='", "GET", b"", PING_KEY),
    ("/x/../y/./z", "GET", b"", {}),
    ("/nothing#behind?x", "GET", b"", {}),
    (f"{SESSIONS}/s/status", "HEAD", b"", PING_KEY),
    ("/nothing", "A`ID`", b"", {}),
    ("/nothing", "A|B&C", b"", {"X_Empty": "", "X_Quoted": 'it\'s \\ "a" $HOME !x @f'}),
    ("/nothing", "DELETE", b"@not-a-file", {}),
    (SESSIONS, "POST", '{"client_id": "it\'s €😀\u202e"}'.encode(), PING_KEY),
    (SESSIONS, "POST", b"100%s \\0 \x00\x01\r\n\t'\x1b[201~!", PING_KEY),
    (SESSIONS, "POST", b"\r\n\t'!\\", {**PING_KEY, "Content_Type": "text/plain"}),
    ("/live_api/s2s/v1/sessions/s/status", "PATCH", b"", TIUN_KEY),
    ("/live_api/s2s/v1/sessions/s/status", "PATCH", b"", {"X_ACCESS_TOKEN": "a-wrong-one"}),
]
COPIES = ("method", "target", "body", "http_status", "session_id", "operation", "rule")


def copied(tab: Any, number: int, what: str = "curl") -> str:
    """Open a request's details and copy it as "curl" or "pytest assertion"; give the text."""
    tab.context.grant_permissions(["clipboard-read", "clipboard-write"])
    details = open_request(tab, number)
    tab.evaluate("navigator.clipboard.writeText('')")
    details.get_by_role("button", name=f"Copy as {what}").click()
    details.get_by_text("copied").wait_for()
    text = tab.evaluate("navigator.clipboard.readText()")
    assert details.get_by_label("Text to copy").input_value() == text
    assert text.isprintable()
    return str(text)


def text_of(tab: Any, number: int, function: str) -> str:
    """Give what a button of that request's details would copy."""
    return str(
        tab.evaluate(
            f"async number => {function}("
            "(await api('GET', `requests?number=${number}`)).requests[0])",
            number,
        )
    )


def check(assertion: str, space: Space) -> None:
    exec(assertion, {"sessionvitals_mock": space.sandbox})  # noqa: S102  what a user would paste


def kept(space: Space, query: str = "") -> list[dict[str, Any]]:
    return list(space.admin("GET", f"requests?limit=1000{query}")["requests"])


def names_of(request: dict[str, Any]) -> set[str]:
    own = {"connection", "user-agent", "accept", "content-length"}
    return {name.lower() for name, _ in request["headers"]} - own


def test_a_pasted_curl_makes_the_same_request(shown: Any, space: Space) -> None:
    for name in IDS:
        once(space.port, ping_target(space, name), **PING_KEY)
    for path, method, body, headers in UNMATCHED:
        once(space.port, f"/~{space.name}{path}", method, body, **headers)
    absolute = f"http://127.0.0.1:{space.port}/~{space.name}/x"
    once(space.port, absolute)
    originals = kept(space)
    assert len(originals) == len(IDS) + len(UNMATCHED) + 1
    for original in originals:
        text = text_of(shown, original["number"], "curlOf")
        subprocess.run(
            ["bash", "-c", text], check=True, capture_output=True, timeout=10, env=ENVIRONMENT
        )
        again = kept(space)[-1]
        assert again["number"] > original["number"]
        assert [again[each] for each in COPIES] == [original[each] for each in COPIES], text
        assert names_of(again) == names_of(original), text
        assert text.isprintable()
    assert copied(shown, 0) == text_of(shown, 0, "curlOf")


def test_a_pasted_assertion_holds(shown: Any, space: Space) -> None:
    for name in (*IDS, "it's"):
        once(space.port, ping_target(space, name), **PING_KEY)
    for path, method, body, headers in UNMATCHED:
        once(space.port, f"/~{space.name}{path}", method, body, **headers)
    space.faults(script="reset")
    once(space.port, ping_target(space, "s"), **PING_KEY)
    for original in kept(space):
        text = text_of(shown, original["number"], "pytestOf")
        assert text.startswith("assert sessionvitals_mock.journal.count(")
        check(text, space)
    assert copied(shown, 0, "pytest assertion").endswith(
        ' session_id="it\'s", http_status=404) == 2'
    )


def test_what_a_copy_cannot_have_is_said(shown: Any, space: Space) -> None:
    whole = f"/~{space.name}/customer/v2/sessions"
    once(space.port, whole, "POST", b"x" * 5000, **PING_KEY)
    once(space.port, whole, "POST", b"\xff\xfe", **PING_KEY)
    once(space.port, f"{whole}?token=secret", "POST", b"x", **PING_KEY)
    for number, words in enumerate(
        ["only the beginning of the body", "not UTF-8 are lost", "[redacted] has to be filled in"]
    ):
        copied(shown, number)
        shown.get_by_text(words).wait_for()


def test_a_key_that_was_refused_is_not_filled_in(shown: Any, space: Space) -> None:
    once(space.port, ping_target(space, "s"), Authorization="a-wrong-key")
    assert "'Authorization: [redacted]'" in copied(shown, 0)
    space.admin("PUT", "dialect", {"ping": "bearer"})
    once(space.port, ping_target(space, "s"), Authorization="Bearer ping-sandbox-key")
    assert "'Authorization: Bearer ping-sandbox-key'" in copied(shown, 1)


def test_an_assertion_after_the_journal_forgot_counts_what_it_still_can(tab: Any) -> None:
    with start_mock(["--journal-bytes", "65536"]) as mock:
        space = Space(mock, "s")
        for _ in range(40):
            once(mock.port, ping_target(space, "s"), Filler="x" * 3000, **PING_KEY)
        assert space.admin("GET", "requests?limit=1")["evicted"] > 0
        show(tab, space)
        text = copied(tab, 39, "pytest assertion")
        assert "session_id" not in text
        check(text, space)
