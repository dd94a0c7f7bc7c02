"""Every stream of the contracts: the mock's events, and what both clients make of them."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import json
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from tests.support.asking import ASYNC_CLIENTS
from tests.support.contracts import STREAMS, Exchange
from tests.support.expect import MISSING, assert_same, expect_fields, expect_response
from tests.support.preparing import prepare, why_not
from tests.support.raw import send_exchange, streaming
from tests.support.sandbox import Space
from tests.support.servers import Servers
from tests.support.vendors import VENDORS

from sessionvitals import CallError, ContractError, StreamGap

EVENTS = [each for each in STREAMS if "events" in each.response]
REFUSALS = [each for each in STREAMS if "events" not in each.response]
#: What a stream's end is taken down as.
END = "end"
OPTIONS = {"events": {"reconnect_after": 0.001}}


def happen(space: Space, exchange: Exchange) -> None:
    """Let happen what the events are of. Waits for a stream of the space that is open."""
    happens = exchange.given.get("happens", [])
    if happens:
        space.admin("GET", f"requests/wait?operation={exchange.operation}&timeout=20")
    for each in happens:
        space.admin(each["method"], each["path"], each["body"])


@contextlib.contextmanager
def happening(space: Space, exchange: Exchange) -> Iterator[None]:
    thread = threading.Thread(target=happen, args=(space, exchange))
    thread.start()
    yield
    thread.join()


def expect_event(exchange: Exchange, got: dict[str, str], expected: dict[str, Any]) -> None:
    assert got["event"] == expected["event"]
    if "text" in expected:
        assert got["data"] == expected["text"]
    else:
        volatile = exchange.response.get("volatile", [])
        assert_same(json.loads(got["data"]), expected["data"], volatile)


@pytest.mark.parametrize("exchange", EVENTS, ids=str)
def test_the_mock_gives_the_events(exchange: Exchange, space: Space) -> None:
    space.prepare(exchange)
    expect_events(exchange, space.base_url(exchange.provider), happening(space, exchange))


def expect_events(
    exchange: Exchange, base_url: str, meanwhile: contextlib.AbstractContextManager[None]
) -> None:
    """Check that the server gives the events of the contract, to a client that is not ours."""
    expected = exchange.response
    with streaming(base_url, exchange.request) as (head, events):
        assert head.http_status == expected["http_status"]
        for name, value in expected["headers"].items():
            assert head.headers.get(name) == value, name
        with meanwhile:
            got = list(itertools.islice(events, len(expected["events"])))
        for event, one in itertools.zip_longest(got, expected["events"]):
            expect_event(exchange, event, one)
        if "then" in exchange.meaning:
            assert list(events) == [], "the stream goes on"


@pytest.mark.parametrize("exchange", REFUSALS, ids=str)
def test_the_mock_refuses_the_stream(exchange: Exchange, space: Space) -> None:
    space.prepare(exchange)
    expect_response(exchange, send_exchange(space.base_url(exchange.provider), exchange))


def opened(exchange: Exchange, client: Any) -> Any:
    options = OPTIONS.get(exchange.operation, {})
    return getattr(client, exchange.operation)(**exchange.arguments, **options)


def items_of(exchange: Exchange, next_item: Callable[[], Any]) -> list[Any]:
    """Return the items that the contract tells of and, if it says so, what comes after them.

    An error is an item, and so is the end.
    """
    count = len(exchange.meaning["items"]) + ("then" in exchange.meaning)
    items: list[Any] = []
    for _ in range(count):
        try:
            items.append(next_item())
        except (StopIteration, StopAsyncIteration):
            items.append(END)
        except CallError as error:
            items.append(error)
            if not isinstance(error, ContractError):
                break
    return items


def expect_items(exchange: Exchange, got: list[Any]) -> None:
    expected = [*exchange.meaning["items"]]
    if "then" in exchange.meaning:
        expected.append(exchange.meaning["then"])
    volatile = exchange.meaning.get("volatile", [])
    for item, one in itertools.zip_longest(got, expected):
        if one == "end":
            assert item == END
        elif one == "gap":
            assert isinstance(item, StreamGap)
        elif "raises" in one:
            assert isinstance(item, Exception), item
            expect_fields(one, item)
        else:
            assert not isinstance(item, (str, Exception)), item
            members = item.to_dict()
            assert_same({name: members.get(name, MISSING) for name in one}, one, volatile)


@pytest.mark.parametrize("exchange", STREAMS, ids=str)
def test_the_client_gives_the_items(exchange: Exchange, space: Space) -> None:
    space.prepare(exchange)
    with space.open_client(exchange) as client, happening(space, exchange):
        stream = opened(exchange, client)
        got = items_of(exchange, lambda: next(stream))
        stream.close()
    expect_items(exchange, got)


@pytest.mark.parametrize("exchange", STREAMS, ids=str)
def test_the_client_for_asyncio_gives_the_items(exchange: Exchange, space: Space) -> None:
    space.prepare(exchange)
    provider, ask = exchange.provider, exchange.ask
    credentials = VENDORS[provider].credentials(ask["key"], ask["style"])
    loop = asyncio.new_event_loop()
    client = ASYNC_CLIENTS[provider](
        **credentials, base_url=space.base_url(provider), max_retries=0, timeout=10.0
    )
    with happening(space, exchange):
        stream = opened(exchange, client)
        got = items_of(exchange, lambda: loop.run_until_complete(anext(stream)))
        loop.run_until_complete(stream.aclose())
    loop.close()
    expect_items(exchange, got)


@pytest.mark.parametrize("exchange", [each for each in STREAMS if why_not(each) is None], ids=str)
def test_a_stream_of_any_server(exchange: Exchange, servers: Servers) -> None:
    provider, given = exchange.provider, exchange
    servers.expect(provider)
    if "agent" in given.given and servers.space is None:
        servers.expect_obedient_agent()
    if "agent" in given.given and servers.space is not None:
        servers.space.admin("PUT", "agent", given.given["agent"])
    exchange = prepare(servers, given)
    if "events" in exchange.response:
        servers.asked[provider] += 1
        expect_events(exchange, servers.urls[provider], contextlib.nullcontext())
    else:
        answer = servers.counted(provider, lambda url: send_exchange(url, exchange))
        expect_response(exchange, answer)

    exchange = prepare(servers, given)
    client = servers.client(provider, key=exchange.ask["key"], style=exchange.ask["style"])
    stream = opened(exchange, client)
    expect_items(exchange, items_of(exchange, lambda: next(stream)))


def test_every_stream_has_events_and_refusals() -> None:
    for operation in ("events", "stream_message"):
        ours = [each for each in STREAMS if each.operation == operation]
        assert {each.response["http_status"] for each in ours} >= {200, 401, 500}
        assert len([each for each in ours if "events" in each.response]) >= 8
