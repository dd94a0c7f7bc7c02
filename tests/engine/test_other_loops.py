"""An asynchronous client where no asyncio loop runs, as under trio, says what to do instead."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any

import pytest
from tests.support.asking import threads

from sessionvitals import AsyncPingClient

CALLS: dict[str, Callable[[AsyncPingClient], Any]] = {
    "one call": lambda client: client.session_status("s"),
    "a shared probe": lambda client: client.probe("s", max_age=1.0),
    "many": lambda client: client.probe_many(["s"]).__anext__(),
    "a table": lambda client: client.probe_table(["s"]),
}


@pytest.mark.parametrize("begin", CALLS.values(), ids=CALLS)
def test_without_an_asyncio_loop_the_refusal_names_the_way_out(
    begin: Callable[[AsyncPingClient], Coroutine[Any, Any, Any]],
) -> None:
    client = AsyncPingClient(api_key="k", base_url="http://127.0.0.1:1")
    before = threads()
    call = begin(client)
    with pytest.raises(RuntimeError, match=r"trio\.to_thread\.run_sync\(client\.probe"):
        call.send(None)
    assert threads() == before, "something was begun all the same"
