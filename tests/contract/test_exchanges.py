"""Every exchange over HTTP: the mock's raw answer, and what the client makes of it."""

from __future__ import annotations

import http.client
import json
from urllib.parse import urlsplit

import pytest
from tests.support.contracts import EXCHANGES, Exchange
from tests.support.expect import assert_same, expect_meaning, expect_probe
from tests.support.sandbox import Space
from tests.support.vendors import VENDORS

pytestmark = pytest.mark.needs_admin
each_exchange = pytest.mark.parametrize("exchange", EXCHANGES, ids=str)


@each_exchange
def test_the_client_reads_what_the_contract_means(exchange: Exchange, space: Space) -> None:
    space.prepare(exchange)
    client = space.open_client(exchange)
    vendor = VENDORS[exchange.provider]

    expect_meaning(exchange, lambda: vendor.ask(client, exchange.session_id))


@each_exchange
def test_probe_reads_the_same_in_the_words_all_vendors_share(
    exchange: Exchange, space: Space
) -> None:
    space.prepare(exchange)
    client = space.open_client(exchange)

    expect_probe(exchange, lambda: client.probe(exchange.session_id))


@each_exchange
def test_the_mock_answers_what_the_contract_says(exchange: Exchange, space: Space) -> None:
    space.prepare(exchange)

    http_status, headers, body = ask_raw(space, exchange)

    expected = exchange.response
    assert http_status == expected["http_status"]
    for name, value in expected["headers"].items():
        assert without_parameters(headers.get(name, "")) == without_parameters(value), name
    if "text" in expected:
        assert body == exchange.body
    else:
        assert_same(json.loads(body), expected["body"], expected.get("volatile", []))


def ask_raw(space: Space, exchange: Exchange) -> tuple[int, dict[str, str], bytes]:
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


def without_parameters(value: str) -> str:
    return value.split(";")[0].strip().lower()
