"""When an answer is shared no longer: its task is cancelled, or the client has another key."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
from tests.support.asking import async_client, seed

from sessionvitals import PingClient

if TYPE_CHECKING:
    from tests.support.sandbox import Space


@pytest.mark.parametrize("turns", range(5))
def test_a_cancel_that_comes_with_the_answer_is_not_lost(space: Space, turns: int) -> None:
    seed(space, 1)

    async def ask() -> bool:
        async with async_client(space) as client:
            owner = asyncio.ensure_future(client.probe("s-0", max_age=60.0))
            await asyncio.sleep(0)
            other = asyncio.ensure_future(client.probe("s-0", max_age=60.0))
            await asyncio.sleep(0)
            await owner
            for _ in range(turns):
                await asyncio.sleep(0)
            if not other.cancel():
                return True  # it was over
            await asyncio.wait({other})
            return other.cancelled()

    assert asyncio.run(ask())


def test_an_answer_is_forgotten_with_the_key_that_it_came_under(space: Space) -> None:
    seed(space, 1)
    keys = ["ping-sandbox-key"]
    with PingClient(lambda: keys[-1], base_url=space.base_url("ping"), max_retries=0) as client:
        first = client.probe("s-0", max_age=3600)
        assert client.probe("s-0", max_age=3600) is first
        space.admin("PUT", "keys", {"ping": "another-key"})
        keys.append("another-key")
        space.admin("PATCH", "sessions/ping/s-0", {"state": "disconnected"})
        client.probe("s-1")  # refused, and asked again with the other key
        assert client.probe("s-0", max_age=3600).state == "ended"
