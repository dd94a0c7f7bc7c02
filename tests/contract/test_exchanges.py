"""Every exchange over HTTP: the mock's raw answer, what the client makes of it, and probe()."""

from __future__ import annotations

import dataclasses
import http.client
import json
from urllib.parse import urlsplit

import pytest
from tests.support.contracts import EXCHANGES, Exchange
from tests.support.expect import assert_same, expect_meaning, expect_probe
from tests.support.sandbox import Space
from tests.support.vendors import call

pytestmark = pytest.mark.needs_admin


@pytest.mark.parametrize("exchange", EXCHANGES, ids=str)
def test_an_exchange_over_http(exchange: Exchange, space: Space) -> None:
    space.prepare(exchange)
    expect_response(exchange, ask_raw(space, exchange))

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


RawAnswer = tuple[int, dict[str, str], bytes]


def ask_raw(space: Space, exchange: Exchange) -> RawAnswer:
    """Send the request of the contract, byte by byte, past the client under test."""
    prefix = urlsplit(space.base_url(exchange.provider)).path
    connection = http.client.HTTPConnection("127.0.0.1", space.port, timeout=10)
    try:
        connection.putrequest(
            exchange.request["method"],
            prefix + exchange.request["target"],
            skip_accept_encoding=True,
        )
        for name, value in exchange.request["headers"].items():
            connection.putheader(name, value)
        connection.endheaders(exchange.request["body"].encode() or None)
        response = connection.getresponse()
        headers = {name.lower(): value for name, value in response.getheaders()}
        return response.status, headers, response.read()
    finally:
        connection.close()


def expect_response(exchange: Exchange, answer: RawAnswer) -> None:
    """Check that the answer is the one in the contract, but for its volatile members."""
    http_status, headers, body = answer
    expected = exchange.response
    assert http_status == expected["http_status"]
    for name, value in expected["headers"].items():
        assert without_parameters(headers.get(name, "")) == without_parameters(value), name
    if "text" in expected:
        assert body == exchange.body
    else:
        assert_same(json.loads(body), expected["body"], expected.get("volatile", []))


def without_parameters(value: str) -> str:
    return value.split(";")[0].strip().lower()
