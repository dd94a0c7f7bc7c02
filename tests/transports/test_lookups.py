"""What takes several calls of elizaOS, as a C++ user has it, against the mock."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import threading
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import pytest
from tests.support.peers import Peer, answer, peer, says
from tests.support.sandbox import Space
from tests.support.shell import environment_of

pytestmark = pytest.mark.slow

AGENT = "11111111-1111-4111-8111-111111111111"
USER = "22222222-2222-4222-8222-222222222222"
START_MS = 1767225600000


@pytest.fixture
def lookups(programs: Path, space: Space) -> Any:
    space.clock(set="2026-01-01T00:00:00Z", freeze=True)
    space.add_session("eliza", "s", "active")

    def run(*words: str, url: str = "") -> list[str]:
        environment = environment_of(space)
        done = subprocess.run(
            [str(programs / "lookups"), *words],
            env={**environment, **({"ELIZA_BASE_URL": url} if url else {})},
            capture_output=True,
            text=True,
            timeout=30,
        )
        assert done.returncode == ("error:" in done.stdout), done.stderr
        return done.stdout.splitlines()

    return run


def seed(space: Space, *milliseconds: int) -> None:
    messages = [
        {"content": str(number), "created_at": f"2025-12-31T23:00:{at / 1000:06.3f}Z"}
        for number, at in enumerate(milliseconds)
    ]
    space.admin("PATCH", "sessions/eliza/s", {"messages": messages})


def test_all_messages_are_read_each_once(space: Space, lookups: Any) -> None:
    # The page's edge is within a millisecond of 60 messages.
    seed(space, *range(80), *[80] * 60, *range(81, 151))
    assert lookups("messages", "s") == [str(number) for number in reversed(range(210))]
    assert space.sandbox.journal.count(operation="get_messages") == 3
    since = START_MS - 3600_000 + 149
    assert lookups("messages", "s", str(since)) == ["209", "208"]


def test_a_whole_page_of_one_millisecond_is_an_error(space: Space, lookups: Any) -> None:
    seed(space, *[5] * 100)
    assert lookups("messages", "s") == ["error: ContractError"]
    assert lookups("messages", "nobody") == ["error: NotFoundError"]


def test_a_server_that_ignores_the_time_asked_for_is_an_error(lookups: Any) -> None:
    times = [datetime(2026, 1, 1, second=n % 60, tzinfo=timezone.utc) for n in range(100)]
    messages = [
        {
            "id": str(n),
            "content": "c",
            "authorId": "a",
            "isAgent": False,
            "createdAt": at.isoformat(),
        }
        for n, at in enumerate(times)
    ]
    page = json.dumps({"messages": messages, "hasMore": True}).encode()
    with peer(says(answer(page))) as server:
        assert lookups("messages", "s", url=server.url)[100:] == ["error: ContractError"]
        assert len(server.requests) == 2


def test_what_was_made_is_found_by_its_key(space: Space, lookups: Any) -> None:
    client: Any = space.client("eliza")
    made = client.create_session(AGENT, USER, create_key="k")
    sent = client.send_message("s", "hello", message_key="m")
    assert lookups("find_session", "k") == [made.session_id]
    assert lookups("find_session", "other") == ["none"]
    assert lookups("find_message", "s", "m") == [sent.id]
    assert lookups("find_message", "s", "other") == ["none"]


def test_a_session_whose_answer_was_lost_is_found_and_not_made_twice(
    space: Space, lookups: Any
) -> None:
    assert lookups("create", AGENT, USER, "a")[0].endswith(" created")
    space.faults({"kind": "reset"}, when="after")
    (found,) = lookups("create", AGENT, USER, "b")
    assert found.endswith(" reconciled")
    space.faults({"kind": "reset"}, when="before")
    assert lookups("create", AGENT, USER, "c") == ["error: TransportError"]
    space.faults({"kind": "reset"}, when="after")
    assert lookups("create", AGENT, USER, "b") == ["error: ContractError"]
    assert space.sandbox.journal.count(operation="create_session") == 4


def test_a_key_is_asked_for_once_more_after_a_401(space: Space, lookups: Any) -> None:
    space.admin("PUT", "keys", {"eliza": "second"})
    assert lookups("rotate", "s", "first", "second") == ["s asked 2"] * 3
    space.admin("PUT", "keys", {"eliza": "third"})
    refused = lookups("rotate", "s", "first")
    assert refused == ["AuthenticationError asked 2"] * 3
    assert space.sandbox.journal.count(http_status=401) == 1 + 3


def test_equal_ids_leave_places_for_those_that_come_later(programs: Path) -> None:
    first_asked, other_asked = threading.Event(), threading.Event()
    was_in_time: list[bool] = []

    def talk(told: Peer, connection: socket.socket, request: bytes) -> None:
        if b"/other" in request:
            other_asked.set()
        else:
            first_asked.set()
            was_in_time.append(other_asked.wait(8))
        connection.sendall(answer(b"{}", b"HTTP/1.1 404 Not Found"))

    with peer(talk) as server:
        process = subprocess.Popen(
            [str(programs / "lookups"), "bulk", "64", "first", "other"],  # as many as have a place
            env={**os.environ, "ELIZA_BASE_URL": server.url},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert first_asked.wait(10)
        said, _ = process.communicate("\n", timeout=20)
    assert was_in_time == [True], "the other waited for the first's answer"
    assert sorted(said.splitlines()) == [*["first"] * 64, "other"]
    assert len(server.requests) == 2
