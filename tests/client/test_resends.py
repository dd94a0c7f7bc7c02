"""The table of resends: what each call of each vendor does after each way to fail.

The mock's journal counts the requests that arrived. An operation whose effect is `once` never
arrives twice, except after a 429: that refused it before it had an effect.
"""

from __future__ import annotations

from typing import Any

import pytest
from tests.support.contracts import EXCHANGES
from tests.support.sandbox import Space
from tests.support.vendors import VENDORS

import sessionvitals
from sessionvitals import CallError, TransportError

#: The calls that only read, and those that can be repeated; every other acts once.
READS = {
    *("session_status", "list_zones"),
    *("get_global_limits", "get_client_limits", "get_session_limits"),
    *("get_session", "list_sessions", "check_health", "get_messages"),
    "get_user_info",
}
REPEATABLE = {
    *("delete_global_limits", "delete_client_limits", "delete_session_limits"),
    "delete_session",
}
#: An exchange of each operation, for its arguments.
OPERATIONS = {(each.provider, each.operation): each for each in reversed(EXCHANGES)}

#: What happens to every try, and whether the request may have had an effect then.
FATES: dict[str, tuple[dict[str, Any], bool]] = {
    "no answer": ({"script": "reset*"}, True),
    "a closed connection": ({"script": "close*"}, True),
    "half a head": ({"script": "cut(9)*"}, True),
    "half a body": (
        {"faults": [{"kind": "wrong_length", "by": 10, "http_status": 200, "times": 0}]},
        True,
    ),
    "429": ({"script": "429*"}, False),
    "500": ({"script": "500*"}, True),
    "503": ({"script": "503*"}, True),
}


def error_of(url: str, provider: str, operation: str) -> CallError:
    exchange = OPERATIONS[provider, operation]
    key, style = exchange.ask["key"], exchange.ask["style"]
    client = VENDORS[provider].open(url, key, style, timeout=10, max_retries=1)
    with client, pytest.raises(CallError) as raised:
        getattr(client, operation)(**exchange.arguments)
    return raised.value


@pytest.mark.parametrize(("provider", "operation"), OPERATIONS, ids=" ".join)
@pytest.mark.parametrize("fate", FATES)
def test_a_call_is_sent_again_only_where_twice_is_as_once(
    space: Space, provider: str, operation: str, fate: str
) -> None:
    faults, may_have = FATES[fate]
    space.admin("POST", "faults", {**faults, "scope": {"provider": provider}})

    error = error_of(space.base_url(provider), provider, operation)

    is_once = operation not in READS | REPEATABLE
    arrived = 1 if is_once and may_have else 2
    assert space.sandbox.journal.count(operation=operation) == arrived
    assert error.call is not None
    assert (error.call.operation, len(error.call.tries)) == (operation, arrived)
    assert error.may_have_taken_effect is (may_have and operation not in READS)


@pytest.mark.parametrize(("provider", "operation"), OPERATIONS, ids=" ".join)
def test_a_call_that_reached_nobody_is_tried_again_and_took_no_effect(
    provider: str, operation: str
) -> None:
    error = error_of("http://127.0.0.1:1", provider, operation)

    assert isinstance(error, TransportError)
    assert error.call is not None
    assert len(error.call.tries) == 2
    assert not error.may_have_taken_effect


def test_every_call_of_every_client_is_in_the_table() -> None:
    built = {
        tuple(name.removeprefix("build_").removesuffix("_request").split("_", 1))
        for name in sessionvitals.pure.__all__
        if name.startswith("build_")
    }
    assert built == set(OPERATIONS)
