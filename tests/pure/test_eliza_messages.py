"""elizaOS's messages: what is refused before anything is sent, and how pages become a whole."""

from __future__ import annotations

import json
import random
from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.support.vendors import ELIZA

from sessionvitals import (
    ConfigurationError,
    ContractError,
    ElizaMessage,
    ElizaMessagePage,
    Request,
    build_eliza_get_messages_request,
    build_eliza_send_message_request,
)
from sessionvitals._sync.eliza_messages import PAGE, Pages, milliseconds_of

EPOCH = datetime(2026, 1, 1, tzinfo=timezone.utc)
BASE = 1767225600000


def sent(content: str = "hello", **arguments: Any) -> Request:
    return build_eliza_send_message_request("s", content, **arguments)


def query_of(**arguments: Any) -> str:
    target = build_eliza_get_messages_request("s", **arguments).target
    path, _, query = target.partition("?")
    assert path == "/api/messaging/sessions/s/messages"
    return query


@pytest.mark.parametrize("unit", ["a", "\u00e9", "\u6f22"], ids=["1", "2", "3"])
def test_content_is_as_long_as_the_server_counts_it(unit: str) -> None:
    assert json.loads(sent(unit * 4000).body)["content"] == unit * 4000
    with pytest.raises(ConfigurationError, match="4001 UTF-16 units"):
        sent(unit * 4001)


def test_a_character_beyond_the_bmp_counts_twice() -> None:
    assert sent("\U0001f642" * 2000)
    with pytest.raises(ConfigurationError, match="4002 UTF-16 units"):
        sent("\U0001f642" * 2001)


@pytest.mark.parametrize("content", ["", "a\0", "\ud800"], ids=["empty", "NUL", "surrogate"])
def test_content_that_the_server_cannot_store_is_refused(content: str) -> None:
    with pytest.raises(ConfigurationError):
        sent(content)


@pytest.mark.parametrize("transport", ["sse", "", "HTTP"])
def test_another_transport_is_refused(transport: str) -> None:
    with pytest.raises(ConfigurationError, match="websocket or http"):
        sent(transport=transport)


def test_the_members_of_a_message_stand_in_the_documented_order() -> None:
    request = sent(transport="http", metadata={"a": 1}, attachments=[{"b": 2}], message_key="k")
    assert request.body == (
        b'{"content":"hello","transport":"http","metadata":{"a":1,"sessionvitals_key":"k"},'
        b'"attachments":[{"b":2}]}'
    )
    with pytest.raises(ConfigurationError, match="attachments"):
        sent(attachments=["\0"])
    with pytest.raises(ConfigurationError, match="message_key"):
        sent(metadata=[], message_key="k")


@pytest.mark.parametrize("operation", ["send_message", "get_messages"])
@pytest.mark.parametrize("session_id", ["", "..", "health"])
def test_an_id_that_would_ask_another_endpoint_is_refused(operation: str, session_id: str) -> None:
    more = {"content": "hello"} if operation == "send_message" else {}
    with pytest.raises(ConfigurationError):
        ELIZA.build_operation(operation, None, "", session_id=session_id, **more)


def test_times_are_sent_as_whole_milliseconds() -> None:
    time = EPOCH + timedelta(microseconds=1999)
    assert query_of(limit=7, before=time) == f"limit=7&before={BASE + 1}"
    assert query_of(after=time.astimezone(timezone(timedelta(hours=5)))) == f"after={BASE + 1}"
    assert query_of(after=BASE) == f"after={BASE}"
    assert query_of() == ""


@pytest.mark.parametrize(
    "arguments",
    [
        {"limit": 0},
        {"limit": 101},
        {"limit": True},
        {"before": 1, "after": 1},
        {"before": -1},
        {"after": 8_640_000_000_000_001},
        {"before": True},
        {"before": 1.5},
        {"after": datetime(2026, 1, 1)},
    ],
    ids=str,
)
def test_a_page_that_the_server_would_misread_is_refused(arguments: dict[str, Any]) -> None:
    with pytest.raises(ConfigurationError, match=r"limit|before|after"):
        build_eliza_get_messages_request("s", **arguments)


NOTHING: Iterator[set[int]] = iter(())


class Server:
    """Pages as the real server's: newest first, `before` exclusive, equal times in any order."""

    def __init__(self, times: list[int], seed: int) -> None:
        self._random = random.Random(seed)
        self.messages: list[ElizaMessage] = []
        self.deleted: set[str] = set()
        self.most = PAGE
        for time in times:
            self.add(time)

    def add(self, time: int) -> None:
        self.messages.append(
            ElizaMessage(
                id=str(len(self.messages)),
                content="c",
                author_id="a",
                is_agent=False,
                created_at=EPOCH + timedelta(milliseconds=time),
            )
        )

    def page(self, before: int | None) -> ElizaMessagePage:
        there = [
            m for m in self.messages
            if m.id not in self.deleted
            and (before is None or milliseconds_of(m.created_at) < before)
        ]  # fmt: skip
        self._random.shuffle(there)
        there.sort(key=lambda message: message.created_at, reverse=True)
        return ElizaMessagePage(
            messages=tuple(there[: self.most]), has_more=len(there) >= self.most
        )


def walk(
    server: Server,
    since: int | None,
    inserted: Iterator[int],
    deleted: Iterator[set[int]] = NOTHING,
) -> Iterator[ElizaMessage]:
    pages = Pages(since)
    while not pages.is_over:
        yield from pages.take(server.page(pages.before))
        for numbers in deleted:
            server.deleted |= {str(number) for number in numbers}
            break
        for time in inserted:
            server.add(time)
            break


@settings(max_examples=300, deadline=None)
@given(
    times=st.lists(st.integers(0, 60), max_size=700),
    since=st.none() | st.integers(-1, 61),
    inserted=st.lists(st.integers(0, 61), max_size=8),
    deleted=st.lists(st.sets(st.integers(0, 700), max_size=200), max_size=8),
    most=st.just(PAGE) | st.integers(50, 120),
    seed=st.integers(0, 2**32),
)
def test_each_message_comes_once_or_the_walk_says_why_not(
    times: list[int],
    since: int | None,
    inserted: list[int],
    deleted: list[set[int]],
    most: int,
    seed: int,
) -> None:
    server = Server(times, seed)
    server.most = most  # which the server may choose to be another than was asked for
    expected = {
        m.id for m, t in zip(server.messages, times, strict=True) if since is None or t >= since
    }
    got: list[ElizaMessage] = []
    problem = None
    try:
        oldest = None if since is None else BASE + since
        got.extend(walk(server, oldest, iter(inserted), iter(deleted)))
    except ContractError as error:
        problem = str(error)
    if problem is not None:
        counts = Counter(message.created_at for message in server.messages)
        assert "of one millisecond" in problem
        assert max(counts.values()) >= most
        return
    ids = [message.id for message in got]
    assert len(set(ids)) == len(ids)
    assert expected - server.deleted <= set(ids)
    assert since is None or all(milliseconds_of(m.created_at) >= BASE + since for m in got)
    assert [m.created_at for m in got] == sorted((m.created_at for m in got), reverse=True)


def test_a_full_last_page_is_followed_by_one_that_ends_the_walk() -> None:
    server = Server(list(range(PAGE)), 0)
    assert len(list(walk(server, None, iter([])))) == PAGE


def test_a_page_of_one_millisecond_is_an_error_and_no_gap() -> None:
    server = Server([5] * PAGE + [4], 0)
    with pytest.raises(ContractError, match="100 messages or more are of one millisecond"):
        list(walk(server, None, iter([])))
    # Those of which nobody asked are no reason.
    assert list(walk(server, BASE + 6, iter([]))) == []


def test_a_server_that_ignores_the_time_asked_for_is_an_error_and_no_endless_walk() -> None:
    server = Server(list(range(PAGE + 1)), 0)
    pages, got = Pages(None), []
    with pytest.raises(ContractError, match="does not page by time"):  # noqa: PT012
        while not pages.is_over:
            got += [message.id for message in pages.take(server.page(None))]
    assert len(set(got)) == len(got) == PAGE
    assert pages.is_over


def test_an_empty_page_that_promises_more_is_no_end() -> None:
    with pytest.raises(ContractError):
        list(Pages(None).take(ElizaMessagePage(messages=(), has_more=True)))
