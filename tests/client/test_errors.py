"""Every error class, by itself: what it is, what it carries, and that it travels."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from datetime import datetime, timedelta, timezone
from multiprocessing import get_context

import pytest

from sessionvitals import Session, StateImpossible, WatchTimeout, errors
from sessionvitals._core import error_kinds
from sessionvitals.errors import SessionVitalsError
from sessionvitals.fleet import FleetError
from sessionvitals.ledger import LedgerError

REFUSAL = {
    "may_have_taken_effect": True,
    "code": "no_such_thing",
    "message": "the vendor's own words",
    "body": b'{"error": "\xff"}',
    "request_id": "r-1",
    "details_json": '{"deep": [1, 2.5, null]}',
}

LAST = Session(provider="ping", id="vpn-1", state="active")

# What each class is made with. A class that is not here fails the last test.
FIELDS: dict[type[SessionVitalsError], dict[str, object]] = {
    errors.SessionVitalsError: {},
    errors.ConfigurationError: {},
    errors.CallError: {"may_have_taken_effect": True},
    errors.CallCancelled: {"phase": "tls"},
    errors.TransportError: {"phase": "connect", "may_have_taken_effect": True},
    errors.DeadlineExceeded: {"phase": "wait"},
    errors.HttpStatusError: {"http_status": 418, **REFUSAL},
    errors.BadRequestError: {"http_status": 400, **REFUSAL},
    errors.AuthenticationError: {"http_status": 401, **REFUSAL},
    errors.PermissionDeniedError: {"http_status": 403, **REFUSAL},
    errors.NotFoundError: {"http_status": 404, **REFUSAL},
    errors.SessionExpiredError: {
        "http_status": 410,
        "expires_at": datetime(2026, 1, 1, tzinfo=timezone.utc),
        **REFUSAL,
    },
    errors.RateLimitError: {"http_status": 429, "retry_after": timedelta(seconds=1.5), **REFUSAL},
    errors.ServerError: {"http_status": 503, **REFUSAL},
    errors.ContractError: {
        "member": "/status",
        "expected": "a string",
        "found": "a number",
        "may_have_taken_effect": True,
    },
    WatchTimeout: {"session": LAST},
    StateImpossible: {"session": LAST},
    LedgerError: {},
    FleetError: {},
}
OF_PYTHON = {WatchTimeout, StateImpossible, LedgerError, FleetError}  # the core has none of these


def each_below(kind: type[SessionVitalsError]) -> Iterator[type[SessionVitalsError]]:
    yield kind
    for below in kind.__subclasses__():
        yield from each_below(below)


def echo(error: SessionVitalsError) -> SessionVitalsError:
    return error


@pytest.fixture(scope="module")
def pool() -> Iterator[ProcessPoolExecutor]:
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as executor:
        yield executor


@pytest.mark.parametrize("kind", FIELDS, ids=lambda kind: kind.__name__)
@pytest.mark.parametrize(
    "way", ["pickle", "copy", "deepcopy", "process pool", "raised in a process pool"]
)
def test_an_error_arrives_with_every_field(
    kind: type[SessionVitalsError], way: str, pool: ProcessPoolExecutor
) -> None:
    error = kind("what happened; what to do", **FIELDS[kind])
    ways: dict[str, Callable[[SessionVitalsError], SessionVitalsError]] = {
        "pickle": lambda e: pickle.loads(pickle.dumps(e)),
        "copy": copy.copy,
        "deepcopy": copy.deepcopy,
        "process pool": lambda e: pool.submit(echo, e).result(),
        "raised in a process pool": lambda e: caught(pool, e),
    }

    arrived = ways[way](error)

    assert type(arrived) is kind
    assert str(arrived) == "what happened; what to do"
    assert {name: getattr(arrived, name) for name in FIELDS[kind]} == FIELDS[kind]


def throw(error: SessionVitalsError) -> None:
    raise error


def caught(pool: ProcessPoolExecutor, error: SessionVitalsError) -> SessionVitalsError:
    with pytest.raises(SessionVitalsError) as raised:
        pool.submit(throw, error).result()
    return raised.value


def test_a_configuration_error_is_also_a_value_error() -> None:
    assert issubclass(errors.ConfigurationError, ValueError)


def test_an_exceeded_deadline_is_also_a_timeout_error() -> None:
    assert issubclass(errors.DeadlineExceeded, TimeoutError)


def test_details_are_read_from_their_json() -> None:
    assert errors.NotFoundError("", **REFUSAL).details == {"deep": [1, 2.5, None]}  # type: ignore[arg-type]
    assert errors.NotFoundError("").details is None


def test_the_tree_in_the_docstring_names_every_class() -> None:
    assert errors.__doc__ is not None
    for kind in each_below(SessionVitalsError):
        assert kind.__name__ in errors.__doc__


def test_every_class_is_tried_above() -> None:
    assert set(each_below(SessionVitalsError)) == set(FIELDS)


@pytest.mark.parametrize("text", ["[" * 100_000 + "]" * 100_000, '{"a": ', "NaN"], ids=len)
def test_details_that_cannot_be_read_are_a_contract_error(text: str) -> None:
    error = errors.NotFoundError("no", http_status=404, details_json=text)
    with pytest.raises(errors.ContractError, match="_json"):
        _ = error.details
    assert error.details_json == text


def test_every_kind_of_error_of_the_core_has_a_class_and_every_class_a_kind() -> None:
    tree = {kind.__name__ for kind in each_below(SessionVitalsError) if kind not in OF_PYTHON}
    never_raised = {"SessionVitalsError", "CallError"}

    assert error_kinds().keys() == tree - never_raised


def test_the_status_of_a_class_is_the_one_that_its_docstring_names() -> None:
    for name, http_status in error_kinds().items():
        doc = getattr(errors, name).__doc__
        assert (http_status != 0) == doc.startswith(f"{http_status}: "), name
