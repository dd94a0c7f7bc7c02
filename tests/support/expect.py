"""Comparing what came with what a contract says of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

import pytest

import sessionvitals
from sessionvitals import HttpStatusError, Session
from tests.support.contracts import Exchange
from tests.support.raw import Answer

MISSING = object()


def _resolve(document: Any, pointer: str) -> Any:
    for step in pointer.split("/")[1:]:
        document = document.get(step, MISSING) if isinstance(document, dict) else MISSING
    return document


def _replace(document: Any, pointer: str, value: object) -> None:
    *places, last = pointer.split("/")[1:]
    for place in places:
        document = document.get(place)
        if not isinstance(document, dict):
            return
    if last in document:
        document[last] = value


def _copy(document: Any) -> Any:
    if isinstance(document, dict):
        return {name: _copy(value) for name, value in document.items()}
    return [_copy(value) for value in document] if isinstance(document, list) else document


def assert_same(got: Any, expected: Any, volatile: list[str]) -> None:
    """Check that two JSON documents are equal, type by type.

    A volatile member must be there, with a value of the same type.
    """
    got, expected = _copy(got), _copy(expected)
    for pointer in volatile:
        ours, theirs = _resolve(got, pointer), _resolve(expected, pointer)
        assert type(ours) is type(theirs), f"{pointer}: {ours!r} instead of {theirs!r}"
        _replace(got, pointer, "volatile")
        _replace(expected, pointer, "volatile")
    assert got == expected
    assert repr_of_types(got) == repr_of_types(expected)


def repr_of_types(document: Any) -> Any:
    """Return the document with types for values: True == 1 == 1.0 in Python."""
    if isinstance(document, dict):
        return {name: repr_of_types(value) for name, value in document.items()}
    if isinstance(document, list):
        return [repr_of_types(value) for value in document]
    return type(document).__name__


def fields_of(error: Exception, names: list[str]) -> dict[str, Any]:
    """Return those fields of an error, written as a contract writes them."""
    got: dict[str, Any] = {}
    for name in names:
        if name == "body":
            got[name] = getattr(error, name).decode()
        elif name == "retry_after_seconds":
            wait = vars(error)["retry_after"]
            got[name] = None if wait is None else wait.total_seconds()
        elif name == "rate_limit":
            limit = getattr(error, name)
            reset = limit.reset_after
            got[name] = {
                "limit": limit.limit,
                "remaining": limit.remaining,
                "reset_after_seconds": None if reset is None else reset.total_seconds(),
            }
        elif name == "expires_at":
            time: datetime | None = getattr(error, name)
            got[name] = None if time is None else time.strftime("%Y-%m-%dT%H:%M:%SZ")
        else:
            got[name] = getattr(error, name)
    return got


def expect_response(exchange: Exchange, answer: Answer) -> None:
    """Check that the answer is the one in the contract, but for its volatile members."""
    expected = exchange.response
    assert answer.http_status == expected["http_status"]
    for name, value in expected["headers"].items():
        found = answer.headers.get(name, "")
        assert without_parameters(found) == without_parameters(value), name
    if "text" in expected:
        assert answer.body == exchange.body
    else:
        assert_same(answer.json, expected["body"], expected.get("volatile", []))


def without_parameters(value: str) -> str:
    return value.split(";")[0].strip().lower()


def expect_meaning(exchange: Exchange, read: Callable[[], Any]) -> None:
    """Check that read() returns, or raises, what the exchange means."""
    meaning = exchange.meaning
    volatile = meaning.get("volatile", [])
    if "returns" in meaning:
        returned = read()
        if meaning["returns"] is None:
            assert returned is None
            return
        got = returned.to_dict()
        assert_same(
            {name: got.get(name, MISSING) for name in meaning["returns"]},
            meaning["returns"],
            volatile,
        )
        return
    error = expect_error(meaning, read)
    if isinstance(error, HttpStatusError):
        assert error.http_status == exchange.response["http_status"]


def expect_error(meaning: dict[str, Any], read: Callable[[], Any]) -> Exception:
    """Check that read() raises that error, with these fields, and return it."""
    with pytest.raises(getattr(sessionvitals, meaning["raises"])) as raised:
        read()
    return expect_fields(meaning, raised.value)


def expect_fields(meaning: dict[str, Any], error: Exception) -> Exception:
    assert type(error).__name__ == meaning["raises"]
    volatile = meaning.get("volatile", [])
    expected = {name: value for name, value in meaning["fields"].items() if name not in volatile}
    assert fields_of(error, list(expected)) == expected
    return error


def expect_probe(
    exchange: Exchange, probe: Callable[[], Session], volatile: Iterable[str] = ()
) -> None:
    """Check that probe() returns, or raises, what the exchange says it does."""
    expected = exchange.probe
    assert expected is not None, "the contract does not say what probe() makes of it"
    if "raises" in expected:
        with pytest.raises(getattr(sessionvitals, expected["raises"])) as raised:
            probe()
        assert type(raised.value).__name__ == expected["raises"]
        return
    session = probe()
    assert session.provider == exchange.provider
    assert session.id == exchange.arguments["session_id"]
    got = session.to_dict()
    assert_same({name: got.get(name, MISSING) for name in expected}, expected, list(volatile))
