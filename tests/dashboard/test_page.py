"""The dashboard's file and the headers that it comes with, without a browser."""

from __future__ import annotations

import base64
import hashlib
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from tests.support.sandbox import Space, start_mock
from tests.support.wire import once

PAGE = Path(__file__).parents[2] / "mocks/page/dashboard.html"
VOID = {"meta", "link", "input", "br"}


class Checker(HTMLParser):
    """Collects what the page has, and what it must not have."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.ids: list[str] = []
        self.referred: list[str] = []
        self.fields: list[dict[str, str | None]] = []
        self.addresses: list[str] = []
        self.problems: list[str] = []
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.tags.append(tag)
        if tag not in VOID:
            self.open.append(tag)
        self.problems += [name for name in given if name.startswith("on") or name == "style"]
        if "id" in given:
            self.ids.append(given["id"] or "")
        for name in ("for", "aria-labelledby", "aria-describedby"):
            self.referred += (given.get(name) or "").split()
        self.addresses += [
            value or "" for name, value in attrs if name in ("href", "src", "action")
        ]
        if tag in ("input", "select", "textarea"):
            self.fields.append(given)
        if tag == "th" and "scope" not in given:
            self.problems.append("th without scope")
        if tag == "button" and given.get("type") != "button" and "form" not in self.open:
            self.problems.append("a button that would submit")

    def handle_endtag(self, tag: str) -> None:
        if self.open.pop() != tag:
            self.problems.append(f"</{tag}> closes another")


@pytest.fixture(scope="module")
def text() -> str:
    return PAGE.read_text(encoding="ascii")


def test_the_page_is_small_well_formed_and_refers_to_nothing_elsewhere(text: str) -> None:
    assert len(text) <= 60_000
    checker = Checker()
    checker.feed(text)
    assert not checker.problems
    assert not checker.open
    assert len(checker.ids) == len(set(checker.ids))
    assert set(checker.referred) <= set(checker.ids)
    assert checker.addresses == ["data:,"]
    assert "http:" not in text.replace("http://www.w3.org/2000/svg", "")
    assert "https:" not in text
    for field in checker.fields:
        assert "aria-label" in field or field["id"] in checker.referred
    for tag, count in {
        "h1": 1,
        "main": 1,
        "header": 1,
        "noscript": 1,
        "script": 1,
        "style": 1,
    }.items():
        assert checker.tags.count(tag) == count
    assert re.search(r'<html lang="en">', text)


@pytest.mark.parametrize(
    "word", ["innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "Function("]
)
def test_the_script_makes_no_markup_of_text(text: str, word: str) -> None:
    assert word not in text


def test_the_page_makes_documented_calls_only(text: str, space: Space) -> None:
    document = space.admin("GET", "openapi.json")["paths"]
    known = {path.removeprefix("/__admin/").split("/{")[0] for path in document}
    called = set(re.findall(r"api\('[A-Z]+', ['`]([a-z]+)", text))
    assert len(called) > 6
    assert called | {"events"} <= known


def hash_of(tag: str, text: str) -> str:
    inside = text.split(f"<{tag}>", 1)[1].split(f"</{tag}>", 1)[0]
    return base64.b64encode(hashlib.sha256(inside.encode()).digest()).decode()


@pytest.mark.parametrize("path", ["/__admin/", "/__admin", "/~a-space/__admin/"])
def test_the_policy_lets_the_pages_own_script_run_and_nothing_else(
    space: Space, text: str, path: str
) -> None:
    page = once(space.port, path, Accept="text/html,*/*")
    assert (page.http_status, page.body.decode()) == (200, text)
    assert page.header("Content-Type") == "text/html; charset=utf-8"
    policy = dict(
        part.split(" ", 1) for part in (page.header("Content-Security-Policy") or "").split("; ")
    )
    assert policy == {
        "default-src": "'none'",
        "script-src": f"'sha256-{hash_of('script', text)}'",
        "style-src": f"'sha256-{hash_of('style', text)}'",
        "connect-src": "'self'",
        "img-src": "data:",
        "base-uri": "'none'",
        "form-action": "'none'",
        "frame-ancestors": "'none'",
    }
    for name, value in {
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "no-referrer",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Cache-Control": "no-store",
    }.items():
        assert page.header(name) == value
    assert page.data.count(b"Content-Security-Policy") == 1


def test_programs_are_given_the_list_of_calls(space: Space) -> None:
    assert "GET /__admin/events" in once(space.port, "/__admin/", Accept="*/*").json["calls"]


def test_a_mock_without_its_dashboard_serves_neither_page_nor_events() -> None:
    with start_mock(["--no-dashboard"]) as mock:
        assert "dashboard" not in mock.ready
        assert once(mock.port, "/__admin/", Accept="text/html").json["calls"]
        assert once(mock.port, "/__admin/events").http_status == 404
    with start_mock() as mock:
        assert mock.ready["dashboard"] == f"{mock.url}/__admin/"


def test_the_page_needs_no_token_and_what_it_shows_does() -> None:
    with start_mock(["--admin-token", "t"]) as mock:
        assert once(mock.port, "/__admin/", Accept="text/html").http_status == 200
        assert once(mock.port, "/__admin/").http_status == 401
        assert once(mock.port, "/__admin/events").http_status == 401
        assert once(mock.port, "/__admin/clock", Accept="text/html").http_status == 401
        assert once(mock.port, "/__admin/", "POST", Accept="text/html").http_status == 401


@pytest.mark.parametrize(
    ("path", "mode", "destination", "expected"),
    [
        ("", "navigate", "document", 200),
        ("", "navigate", "iframe", 403),
        ("", "no-cors", "script", 403),
        ("events", "navigate", "document", 403),
        ("events", "cors", "empty", 403),
        ("scenario", "no-cors", "image", 403),
    ],
)
def test_another_site_may_link_to_the_page_and_nothing_more(
    space: Space, path: str, mode: str, destination: str, expected: int
) -> None:
    headers = {
        "Sec_Fetch_Site": "cross-site",
        "Sec_Fetch_Mode": mode,
        "Sec_Fetch_Dest": destination,
    }
    answer = once(space.port, f"/__admin/{path}", Accept="text/html", **headers)
    assert answer.http_status == expected
    assert b"Access-Control" not in answer.data
