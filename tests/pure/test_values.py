"""What the library returns are values: immutable, equal, hashable; they pickle, copy and print."""

from __future__ import annotations

import copy
import json
import pickle
from typing import Any

import pytest
from tests.support.contracts import EXCHANGES, Exchange
from tests.support.vendors import VENDORS, Vendor, build, parse

import sessionvitals
from sessionvitals import ConfigurationError, HttpStatusError, SessionVitalsError

CANARY = "canary-4f9c2d71"
ANSWERS = [each for each in EXCHANGES if each.returns_a_value]
REFUSALS = [each for each in EXCHANGES if "raises" in each.meaning]
each_answer = pytest.mark.parametrize("exchange", ANSWERS, ids=str)
each_refusal = pytest.mark.parametrize("exchange", REFUSALS, ids=str)
each_vendor = pytest.mark.parametrize("vendor", VENDORS.values(), ids=str)


def names_of(value: object) -> list[str]:
    return [
        name
        for name in dir(type(value))
        if not name.startswith("_") and not callable(getattr(value, name, None))
    ]


@each_answer
def test_the_same_answer_twice_is_equal_and_of_one_hash(exchange: Exchange) -> None:
    one, two = parse(exchange), parse(exchange)
    assert one is not two
    assert one == two
    assert (one != two) is False
    assert hash(one) == hash(two)
    assert {one, two} == {one}


@each_answer
def test_an_answer_is_equal_to_nothing_else(exchange: Exchange) -> None:
    value = parse(exchange)
    others: list[Any] = [None, 1, "x", object(), exchange, value.to_dict()]
    assert not [other for other in others if value == other]


@each_answer
def test_an_answer_pickles_and_copies(exchange: Exchange) -> None:
    value = parse(exchange)
    for again in (
        *(pickle.loads(pickle.dumps(value, protocol)) for protocol in range(2, 6)),
        copy.copy(value),
        copy.deepcopy(value),
    ):
        assert type(again) is type(value)
        assert again == value
        assert again.to_dict() == value.to_dict()
        assert repr(again) == repr(value)


@each_answer
def test_nothing_of_an_answer_can_be_set(exchange: Exchange) -> None:
    value = parse(exchange)
    for name in [*names_of(value), "something_new"]:
        with pytest.raises((AttributeError, TypeError)):
            setattr(value, name, 1)
    for changeable in ("extra", "null_members"):
        if hasattr(value, changeable):
            mine = getattr(value, changeable)
            if isinstance(mine, dict):
                mine["new"] = 1  # a copy, or refused
                assert "new" not in getattr(value, changeable)


@each_answer
def test_the_repr_of_an_answer_is_short_and_names_its_type(exchange: Exchange) -> None:
    text = repr(parse(exchange))
    assert text.startswith(type(parse(exchange)).__name__ + "(")
    assert len(text) < 600
    assert "\n" not in text


@each_answer
def test_to_dict_is_json_and_has_no_report(exchange: Exchange) -> None:
    members = parse(exchange).to_dict()
    assert json.loads(json.dumps(members)) == members
    assert "call" not in members


@each_answer
def test_a_pure_parse_has_no_report_of_a_call(exchange: Exchange) -> None:
    assert parse(exchange).call is None


@each_refusal
def test_an_error_pickles_and_copies_with_its_fields(exchange: Exchange) -> None:
    with pytest.raises(SessionVitalsError) as raised:
        parse(exchange)
    error = raised.value
    for again in (pickle.loads(pickle.dumps(error)), copy.copy(error), copy.deepcopy(error)):
        assert type(again) is type(error)
        assert str(again) == str(error)
        assert vars(again) == vars(error)


@each_refusal
def test_an_error_says_in_a_few_lines_what_happened_and_what_to_do(exchange: Exchange) -> None:
    with pytest.raises(SessionVitalsError) as raised:
        parse(exchange)
    text = str(raised.value)
    assert 20 < len(text) < 1000
    assert text.endswith((".", '".'))
    if isinstance(raised.value, HttpStatusError):
        assert str(exchange.response["http_status"]) in text
        assert exchange.provider in text


@each_vendor
def test_a_request_shows_its_key_to_nobody(vendor: Vendor) -> None:
    request = vendor.build("s", CANARY, vendor.style)

    assert CANARY in dict(request.headers).values()
    for text in (repr(request), str(request), f"{request}", f"{request!r}"):
        assert CANARY not in text
    for protocol in range(2, 6):
        with pytest.raises(TypeError):
            pickle.dumps(request, protocol)


@each_vendor
@pytest.mark.parametrize("end", ["\r\n", "\0", "\x7f", "é"])
def test_a_key_that_is_refused_is_not_quoted(vendor: Vendor, end: str) -> None:
    with pytest.raises(ConfigurationError) as raised:
        vendor.build("s", CANARY + end, vendor.style)
    assert CANARY not in str(raised.value)
    assert CANARY not in repr(raised.value)
    assert CANARY not in str(vars(raised.value))


@pytest.mark.parametrize("exchange", EXCHANGES[:1], ids=str)
def test_a_request_is_a_value_too(exchange: Exchange) -> None:
    one, two = build(exchange), build(exchange)
    assert one == two
    assert hash(one) == hash(two)
    assert one != VENDORS[exchange.provider].request("another-id")
    for name in ("method", "target", "headers", "body"):
        with pytest.raises((AttributeError, TypeError)):
            setattr(one, name, b"")


def test_a_configuration_error_is_a_value_error() -> None:
    assert issubclass(ConfigurationError, ValueError)
    assert issubclass(sessionvitals.DeadlineExceeded, TimeoutError)


@each_vendor
def test_a_client_shows_its_key_to_nobody(vendor: Vendor) -> None:
    client = vendor.open("http://127.0.0.1:1", CANARY, vendor.style)
    view = client.with_options(max_retries=0)
    for each in (client, view):
        assert CANARY not in repr(each)
        assert CANARY not in str(each)
        assert CANARY not in str([getattr(each, name, "") for name in dir(each)])
        with pytest.raises(TypeError):
            pickle.dumps(each)
