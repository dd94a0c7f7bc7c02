"""elizaOS's messages by the client's own calls, in both of the mock's dialects."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from tests.support.peers import peer, says_and_stays
from tests.support.sandbox import Space

from sessionvitals import (
    AsyncElizaClient,
    ContractError,
    DeadlineExceeded,
    ElizaClient,
    ServerError,
)

START_AT = datetime(2026, 1, 1, tzinfo=timezone.utc)


def seed(space: Space, *milliseconds: int) -> None:
    """Store a message of each time, in milliseconds before the start, named by its place."""
    times = [START_AT - timedelta(milliseconds=each) for each in milliseconds]
    messages = [
        {"id": str(place), "content": "c", "created_at": time.isoformat()}
        for place, time in enumerate(times)
    ]
    space.admin("PATCH", "sessions/eliza/s", {"messages": messages})


def client_of(space: Space, **options: Any) -> Any:
    return space.client("eliza", **options)


def test_a_message_is_stored_and_answered(chat: Space) -> None:
    chat.sandbox.eliza.agent("Good day", after=0)
    client = client_of(chat)
    sent = client.send_message("s", "Hello", message_key="m-1")

    assert sent.reply is None
    assert sent.created_at == START_AT
    assert (sent.status.renewal_count, sent.status.was_renewed) == (1, True)
    assert sent.call.operation == "send_message"
    page = client.get_messages("s")
    assert sorted((m.content, m.is_agent) for m in page.messages) == [
        ("Good day", True),
        ("Hello", False),
    ]
    assert client.find_message("s", "m-1").id == sent.id
    assert client.find_message("s", "m-2") is None


def test_a_message_may_wait_for_its_answer(chat: Space) -> None:
    chat.sandbox.eliza.agent("Good day", after=0)
    sent = client_of(chat).send_message("s", "Hello", transport="http")
    assert sent.reply.text == "Good day"


def test_a_message_to_an_agent_that_fails_is_stored(chat: Space) -> None:
    chat.sandbox.eliza.agent(error="broken")
    with pytest.raises(ServerError) as caught:
        client_of(chat).send_message("s", "Hello", transport="http", message_key="k")
    assert caught.value.may_have_taken_effect
    assert client_of(chat).find_message("s", "k").content == "Hello"


def test_all_messages_come_once_over_pages_that_end_within_a_millisecond(chat: Space) -> None:
    seed(chat, *(place // 7 for place in range(250)))
    client = client_of(chat)
    got = list(client.iter_messages("s"))

    assert sorted(int(m.id) for m in got) == list(range(250))
    assert [m.created_at for m in got] == sorted((m.created_at for m in got), reverse=True)
    assert list(client.iter_messages("s", newest_first=False)) == got[::-1]
    since = START_AT - timedelta(milliseconds=3)
    assert {int(m.id) for m in client.iter_messages("s", since=since)} == set(range(28))


def test_a_page_of_one_millisecond_is_an_error(chat: Space) -> None:
    seed(chat, *[5] * 100, 6)
    with pytest.raises(ContractError, match="one millisecond"):
        list(client_of(chat).iter_messages("s"))


def test_messages_that_come_while_paging_do_not_shift_the_pages(chat: Space) -> None:
    seed(chat, *range(1, 251))
    client = client_of(chat)
    got = []
    for place, message in enumerate(client.iter_messages("s")):
        got.append(message.id)
        if place % 40 == 0:
            client.send_message("s", "more")
    assert [int(each) for each in got] == list(range(250))


def test_a_session_is_found_by_the_key_that_it_was_created_with(chat: Space) -> None:
    client = client_of(chat)
    agent, user = "11111111-1111-4111-8111-111111111111", "22222222-2222-4222-8222-222222222222"
    client.create_session(agent, user, create_key="k")
    chat.clock(advance=1)
    newer = client.create_session(agent, user, create_key="k")
    client.create_session(agent, user, metadata={"sessionvitals_key": "other"})

    assert client.find_session("k").session_id == newer.session_id
    assert client.find_session("unknown") is None


def test_the_same_under_asyncio(chat: Space) -> None:
    seed(chat, *range(150))

    async def talk() -> None:
        async with AsyncElizaClient(base_url=chat.base_url("eliza")) as client:
            sent = await client.send_message("s", "Hello", message_key="k")
            found = await client.find_message("s", "k")
            assert found is not None
            assert found.id == sent.id
            assert (
                len([m async for m in client.iter_messages("s")]) == 152
            )  # the agent answered, too
            assert await client.find_session("k") is None

    asyncio.run(talk())


@pytest.mark.parametrize("transport", ["http", "websocket"])
def test_a_timeout_that_is_named_holds_for_every_transport(transport: str) -> None:
    with peer(says_and_stays(b"")) as told:
        client = ElizaClient(base_url=told.url, max_retries=0, timeout=0.05)
        with pytest.raises(DeadlineExceeded) as caught:
            client.send_message("s", "Hello", transport=transport)
        assert caught.value.may_have_taken_effect
