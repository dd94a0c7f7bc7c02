"""What goes over the wire is what build_*_request says, and what it refuses is never sent."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import Any

import pytest
from tests.support.asking import ASYNC_CLIENTS
from tests.support.listening import listening
from tests.support.peers.secure import answering
from tests.support.vendors import ELIZA, TIUN, VENDORS, Vendor

from sessionvitals import ConfigurationError, ContractError

IDS = ["s", "one-plain-id", "Another_1", "a.b", "a~b", "a b", "a/b", "..x", "é", "%41", "x" * 500]


@pytest.mark.parametrize("vendor", VENDORS.values(), ids=str)
def test_what_is_sent_for_an_id_is_what_build_says(vendor: Vendor) -> None:
    requests: list[bytes] = []
    with listening(answering(vendor.good_body, requests)) as port:
        client = vendor.client(f"http://127.0.0.1:{port}/prefix")
        for session_id in IDS:
            for ask in (partial(vendor.ask, client), client.probe):
                with suppress(ContractError):  # elizaOS's answer is about one session alone
                    ask(session_id)

    assert len(requests) == 2 * len(IDS)
    for number, sent in enumerate(requests):
        built = vendor.request(IDS[number // 2])
        line, *fields = sent.decode("latin-1").split("\r\n")
        assert line == f"{built.method} /prefix{built.target} HTTP/1.1"
        for name, value in built.headers:
            assert f"{name}: {value}" in fields


def _probe_many(client: Any, session_id: str, **options: Any) -> None:
    (outcome,) = client.probe_many([session_id], **options)
    assert isinstance(outcome.error, ConfigurationError), outcome
    raise outcome.error


def _probe_table(client: Any, session_id: str) -> None:
    import pyarrow

    (row,) = pyarrow.table(client.probe_table([session_id])).to_pylist()
    assert row["error"] == "ConfigurationError", row
    raise ConfigurationError(row["error_message"])


def _awaited(method: str) -> Callable[[Any, str], None]:
    """Return what asks by that method of the asyncio client for the same address."""

    def ask(client: Any, session_id: str) -> None:
        async def wait() -> None:
            url = client._compiled.base_url
            async with ASYNC_CLIENTS[client.provider]("key", base_url=url) as awaiting:
                if method == "probe_many":
                    async for outcome in awaiting.probe_many([session_id]):
                        assert isinstance(outcome.error, ConfigurationError), outcome
                        raise outcome.error
                await getattr(awaiting, method)(session_id)

        asyncio.run(wait())

    return ask


#: Every way from an id to the vendor: (client, session_id) -> nothing, or an error.
ROUTES: dict[str, Callable[[Any, str], object]] = {
    "get_session": lambda client, session_id: client.get_session(session_id),
    "probe": lambda client, session_id: client.probe(session_id),
    "probe with max_age": lambda client, session_id: client.probe(session_id, max_age=60),
    "a view's probe": lambda client, session_id: client.with_options(max_retries=1).probe(
        session_id
    ),
    "probe_many": _probe_many,
    "probe_many, ordered": lambda client, session_id: _probe_many(client, session_id, ordered=True),
    "probe_table": _probe_table,
    "asyncio get_session": _awaited("get_session"),
    "asyncio probe": _awaited("probe"),
    "asyncio probe_many": _awaited("probe_many"),
}


@pytest.mark.parametrize("route", ROUTES)
@pytest.mark.parametrize("reserved", ["health", "HEALTH"])
def test_an_id_that_the_provider_reserves_is_refused_and_never_sent(
    route: str, reserved: str
) -> None:
    requests: list[bytes] = []
    with listening(answering(ELIZA.good_body, requests)) as port:
        client = ELIZA.client(f"http://127.0.0.1:{port}")

        with pytest.raises(ConfigurationError, match="reserved"):
            ROUTES[route](client, reserved)

    assert requests == []


@pytest.mark.parametrize(
    "header_name",
    ["Host", "content-length", "Transfer-Encoding", "Connection", "Accept", "Expect", "TE"],
)
def test_a_header_that_http_itself_uses_cannot_carry_the_token(header_name: str) -> None:
    with pytest.raises(ConfigurationError, match="header_name"):
        TIUN.open("http://127.0.0.1:1", "token", header_name)
    with pytest.raises(ConfigurationError, match="header_name"):
        TIUN.build("s", "token", header_name)
