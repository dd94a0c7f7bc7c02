"""What a notebook shows: every class of values as an HTML table, escaped, without secrets."""

from __future__ import annotations

from datetime import datetime, timezone
from html.parser import HTMLParser
from typing import Any

import pytest
from tests.support.contracts import EXCHANGES, Exchange
from tests.support.vendors import VENDORS, parse

from sessionvitals import Change, Page, PingSession, PingZone, Session, SessionState

SCRIPT = "<script>alert('&')</script>"
ANSWERS = [each for each in EXCHANGES if each.returns_a_value]


class Reader(HTMLParser):
    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.texts: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        self.tags.append(tag)

    def handle_data(self, data: str) -> None:
        self.texts.append(data)


def shown(value: Any) -> Reader:
    return Reader(value._repr_html_())


@pytest.mark.parametrize("exchange", ANSWERS, ids=str)
def test_an_answer_is_a_table_of_its_fields(exchange: Exchange) -> None:
    value: Any = parse(exchange)

    reader = shown(value)

    assert reader.tags.count("table") == 1
    members = [value.to_dict()] if not isinstance(value, Page) else [v.to_dict() for v in value]
    for each in members:
        for member in each.values():
            if isinstance(member, int):
                assert str(member) in reader.texts


def test_what_a_vendor_sends_is_escaped() -> None:
    session = Session(provider="ping", id=SCRIPT, state="active", provider_state=SCRIPT)
    zone = PingZone(code=SCRIPT, name=SCRIPT, has_active_nodes=True)
    change = Change("ping", SCRIPT, None, session, "first", False, None, datetime.now(timezone.utc))
    for value in (session, zone, Page([zone]), change):
        reader = shown(value)
        assert "script" not in reader.tags
        assert SCRIPT in reader.texts


def test_a_secret_is_not_shown() -> None:
    session = PingSession(id="s", configuration="PRIVATE", configuration_link="https://SECRET")

    text = session._repr_html_()  # type: ignore[attr-defined]

    assert "PRIVATE" not in text
    assert "SECRET" not in text


def test_a_change_shows_no_more_of_its_sessions_than_they_do_themselves() -> None:
    answer = b'{"client_id": "c", "status": "connected", "session_password": "PRIVATE"}'
    status = VENDORS["ping"].parse("s", 200, {}, answer)
    session = Session(provider="ping", id="s", state="active", detail=status)
    assert "PRIVATE" in str(session.to_dict())
    change = Change("ping", "s", session, session, "first", False, None, datetime.now(timezone.utc))

    reader = shown(change)

    assert "PRIVATE" not in str(reader.texts)
    assert "after.state" in reader.texts
    assert "after.detail.extra.session_password" not in reader.texts


def test_what_was_not_said_has_no_row() -> None:
    reader = shown(Session(provider="ping", id="s", state=SessionState.ACTIVE))

    assert "uploaded_bytes" not in reader.texts
    assert "state" in reader.texts


def test_many_values_are_shown_up_to_a_number() -> None:
    page = Page(PingZone(code=str(n), name="z", has_active_nodes=True) for n in range(60))

    reader = shown(page)

    assert reader.tags.count("tr") == 51
    assert "and 10 more" in reader.texts
