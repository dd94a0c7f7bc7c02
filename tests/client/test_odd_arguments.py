"""Every argument of every call, given something odd: words of our own, which quote nothing else."""

from __future__ import annotations

import asyncio
import inspect
from itertools import product
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest

import sessionvitals
from sessionvitals import ConfigurationError, SessionVitalsError

if TYPE_CHECKING:
    from tests.support.sandbox import Space

NOBODY = "http://127.0.0.1:1"
ODD: list[Any] = [object(), "\ud800", -1]
CLIENTS = {
    name: {"PingClient": {"api_key": "a-key"}, "TiunClient": {"access_token": "a-key"}}.get(
        name.removeprefix("Async"), {}
    )
    for name in sessionvitals.__all__
    if name.endswith("Client") and name not in {"Client", "AsyncClient"}
}
AGENT = "11111111-1111-4111-8111-111111111111"
RIGHT = {"session_ids": ["a-secret-id"], "deadline": 0.1, "agent_id": AGENT, "metadata": None}


CALLS = [
    (client, call)
    for client in CLIENTS
    for call, _ in inspect.getmembers(getattr(sessionvitals, client), inspect.isfunction)
    if not call.startswith("_")
]


async def finish(made: Any) -> None:
    """Wait for what a client for asyncio has returned, or for its first item."""
    if hasattr(made, "__anext__"):
        await anext(made, None)
    elif inspect.isawaitable(made):
        await made


def ask(client: str, call: str, **given: Any) -> None:
    options = {"base_url": NOBODY, "max_retries": 0, "timeout": 1, **CLIENTS[client]}
    function = getattr(getattr(sessionvitals, client)(**options), call)
    for name, parameter in inspect.signature(function).parameters.items():
        if parameter.default is parameter.empty:
            given.setdefault(name, RIGHT.get(name, "a-secret-id"))

    async def ask_it() -> None:
        await finish(function(**given))

    if client.startswith("Async"):
        asyncio.run(ask_it())
    elif hasattr(made := function(**given), "__next__"):
        next(made, None)


@pytest.mark.parametrize(("client", "call"), CALLS)
def test_what_is_odd_is_refused_in_words_or_taken(client: str, call: str) -> None:
    signature = inspect.signature(getattr(getattr(sessionvitals, client), call))
    for name, odd in product(list(signature.parameters)[1:], ODD):
        try:
            ask(client, call, **{name: odd})
        except SessionVitalsError as error:
            words = str(error)
            assert name == "session_id" or "a-secret-id" not in words
        except TypeError as error:
            words = str(error)  # Python's own: many ids are no iterable
            assert name == "session_ids", words
        else:
            continue
        assert "incompatible" not in words
        assert "a-key" not in words


@pytest.mark.parametrize("key", [uuid4(), b"order-1", None, "", 7])
def test_a_key_that_nothing_can_have_is_no_answer_of_none(key: Any, space: Space) -> None:
    space.add_session("eliza", "chat-1", "active")
    with space.sandbox.eliza.client() as client:
        with pytest.raises(ConfigurationError, match="create_key is"):
            client.find_session(key)
        with pytest.raises(ConfigurationError, match="message_key is"):
            client.find_message("chat-1", key)
