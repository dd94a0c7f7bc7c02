"""ask -> request and response -> meaning, for every exchange. No sockets."""

from __future__ import annotations

import json
import re

import pytest
from tests.support.contracts import (
    CONTRACTS,
    DIRECTORY,
    EXCHANGES,
    STANDINGS,
    STREAMS,
    Contract,
    Exchange,
)
from tests.support.expect import expect_meaning
from tests.support.vendors import build, header_map, parse

#: What the transport adds to every request by itself.
TRANSPORTS_OWN = {"content-length", "host", "connection"}


@pytest.mark.parametrize("exchange", [*EXCHANGES, *STREAMS], ids=str)
def test_the_request_is_the_one_in_the_contract(exchange: Exchange) -> None:
    request = build(exchange)
    headers = header_map(request)

    assert request.method == exchange.request["method"]
    assert request.target == exchange.request["target"]
    expected = exchange.request["headers"]
    assert {name: value for name, value in headers.items() if name not in TRANSPORTS_OWN} == {
        name: value for name, value in expected.items() if name not in TRANSPORTS_OWN
    }
    assert not headers.keys() & set(exchange.request["absent"])
    assert request.body == exchange.request["body"].encode()


@pytest.mark.parametrize("exchange", EXCHANGES, ids=str)
def test_the_response_means_what_the_contract_says(exchange: Exchange) -> None:
    expect_meaning(exchange, lambda: parse(exchange))


@pytest.mark.parametrize(
    "exchange",
    [each for each in EXCHANGES if isinstance(each.response.get("body"), dict)],
    ids=str,
)
def test_layout_and_order_do_not_matter(exchange: Exchange) -> None:
    body = dict(reversed(exchange.response["body"].items()))
    spacious = json.dumps(body, indent=4, ensure_ascii=False).replace("\n", "\r\n")

    expect_meaning(exchange, lambda: _in_order(parse(exchange, spacious.encode()), exchange))


def _in_order(value: object, exchange: Exchange) -> object:
    """Undo what the reversal does to lists of members: null_members is in the order of the body."""
    if value is None:
        return None

    class Answer:
        def to_dict(self) -> dict[str, object]:
            members: dict[str, object] = value.to_dict()  # type: ignore[attr-defined]
            if "null_members" in members:
                members["null_members"] = exchange.meaning["returns"]["null_members"]
            return members

    return Answer()


@pytest.mark.parametrize("contract", CONTRACTS, ids=str)
def test_every_exchange_cites_its_source_and_standing(contract: Contract) -> None:
    exchanges = [*contract.exchanges, *contract.streams]
    assert len({exchange.name for exchange in exchanges}) == len(exchanges)
    for exchange in exchanges:
        assert exchange.standing in STANDINGS, exchange.name
        assert exchange.source, exchange.name


@pytest.mark.parametrize("contract", CONTRACTS, ids=str)
@pytest.mark.parametrize(
    "least",
    [{"state": "active"}, {"raises": "AuthenticationError"}, {"raises": "ServerError"}],
    ids=str,
)
def test_every_contract_says_at_least_this(contract: Contract, least: dict[str, str]) -> None:
    assert any(least.items() <= (each.probe or {}).items() for each in contract.exchanges)


def _cited(exchange: Exchange) -> list[tuple[str, str]]:
    """Return the pages that an exchange cites, each with what of it."""
    return re.findall(r"(\w+\.md)(?:, )?([^;]*)", exchange.source)


@pytest.mark.parametrize("contract", CONTRACTS, ids=str)
def test_every_page_that_is_cited_is_there_and_says_so(contract: Contract) -> None:
    for exchange in [*contract.exchanges, *contract.streams]:
        for page, place in _cited(exchange):
            text = (DIRECTORY / page).read_text(encoding="utf-8")
            if rule := re.match(r"What a right client does, (\d+)", place):
                _, _, rules = text.partition("## What a right client does")
                assert f"\n{rule[1]}. " in rules, exchange.source
            elif form := re.match(r"form (\w)", place):
                assert f"| {form[1]} |" in text, exchange.source


def test_every_page_that_a_rule_of_the_mock_cites_is_there() -> None:
    root = DIRECTORY.parents[1]
    pages = {
        page
        for source in (root / "mocks/server").rglob("*.[ch]*")
        for page in re.findall(r'"(mocks/[^"]+\.md)"', source.read_text(encoding="utf-8"))
    }
    assert len(pages) == 4
    assert [page for page in pages if not (root / page).is_file()] == []
