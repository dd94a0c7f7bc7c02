"""Every exchange over HTTP: the mock's raw answer, what the client makes of it, and probe()."""

from __future__ import annotations

import dataclasses

import pytest
from tests.support.contracts import EXCHANGES, Exchange
from tests.support.expect import expect_meaning, expect_probe, expect_response
from tests.support.preparing import prepare, why_not
from tests.support.raw import send_exchange
from tests.support.sandbox import Space
from tests.support.servers import REAL_SERVERS, Servers
from tests.support.vendors import call


@pytest.mark.parametrize("exchange", EXCHANGES, ids=str)
def test_an_exchange_over_http(exchange: Exchange, space: Space) -> None:
    space.prepare(exchange)
    expect_response(exchange, send_exchange(space.base_url(exchange.provider), exchange))

    # A look may have changed the state (410 once, then 404): each call finds it as it was given.
    space.prepare(exchange)
    with space.open_client(exchange) as client:
        expect_meaning(exchange, lambda: call(exchange, client))

        if exchange.probe is not None:
            space.prepare(exchange)
            expect_probe(exchange, lambda: client.probe(exchange.arguments["session_id"]))


def test_the_call_is_the_one_that_the_exchange_names(space: Space) -> None:
    exchange = EXCHANGES[0]
    other = dataclasses.replace(exchange, ask={**exchange.ask, "operation": "no_such_operation"})

    with space.open_client(other) as client, pytest.raises(AttributeError, match="no_such"):
        call(other, client)


@pytest.mark.parametrize("exchange", [each for each in EXCHANGES if why_not(each) is None], ids=str)
def test_an_exchange_of_any_server(exchange: Exchange, servers: Servers) -> None:
    provider, given = exchange.provider, exchange
    exchange = prepare(servers, given)
    answer = servers.counted(provider, lambda url: send_exchange(url, exchange))
    servers.note_created(answer)
    expect_response(exchange, answer)

    if exchange.request["method"] != "GET":
        exchange = prepare(servers, given)  # the first call has changed what the second one finds
    client = servers.client(provider, key=exchange.ask["key"], style=exchange.ask["style"])
    expect_meaning(exchange, lambda: servers.noted(call(exchange, client)))
    if exchange.probe is not None:
        volatile = REAL_SERVERS[provider].get("chosen", {}).get("probe", [])
        session_id = exchange.arguments["session_id"]
        expect_probe(exchange, lambda: client.probe(session_id), volatile)
