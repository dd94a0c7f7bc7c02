"""elizaOS's messages: sent by each transport, answered by an agent in virtual time, and paged."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from tests.support.sandbox import Space
from tests.support.wire import Received, connect, once, request

START_MS = 1767225600000


def path_of(space: Space, session_id: str = "s") -> str:
    return f"/~{space.name}/api/messaging/sessions/{session_id}/messages"


def send(space: Space, session_id: str = "s", **body: Any) -> Received:
    data = json.dumps(body).encode()
    return once(
        space.port, path_of(space, session_id), "POST", data, Content_Type="application/json"
    )


def page(space: Space, query: str = "") -> Any:
    answer = once(space.port, path_of(space) + query)
    assert answer.http_status == 200
    return answer.json


def seed(space: Space, *times: int) -> None:
    messages = [
        {"id": str(number), "content": f"m{number}", "created_at": at(milliseconds)}
        for number, milliseconds in enumerate(times)
    ]
    space.admin("PATCH", "sessions/eliza/s", {"messages": messages})


def at(milliseconds: int) -> str:
    return f"2025-12-31T23:{milliseconds // 60000:02}:{milliseconds % 60000 / 1000:06.3f}Z"


def ids(answer: Any) -> list[str]:
    return [message["id"] for message in answer["messages"]]


def test_a_message_is_stored_renews_the_session_and_gets_a_reply_later(chat: Space) -> None:
    chat.admin("PUT", "agent", {"reply": "hello to you", "reply_after": 2})
    chat.clock(advance=60)
    sent = send(chat, content="hello", metadata={"k": 1}, attachments=[])
    assert sent.http_status == 201
    assert "201, the message is stored" in str(sent.header("X-Sessionvitals-Mock-Rule"))
    user = sent.json["userMessage"]
    assert (user["content"], user["created_at"]) == ("hello", START_MS + 60_000)
    assert user["raw_message"] == {"content": "hello", "attachments": []}
    assert (user["metadata"]["k"], user["metadata"]["sessionId"]) == (1, "s")
    assert sent.json["sessionStatus"] == {
        "expiresAt": "2026-01-01T00:31:00.000Z",
        "renewalCount": 1,
        "wasRenewed": True,
        "isNearExpiration": False,
    }
    assert "agentResponse" not in sent.json
    assert ids(page(chat)) == [user["id"]]

    chat.clock(advance=2)
    reply, first = page(chat)["messages"]
    assert first["id"] == user["id"]
    assert (reply["content"], reply["isAgent"]) == ("hello to you", True)
    assert reply["createdAt"] == "2026-01-01T00:01:02.000Z"


def test_http_waits_for_the_agent_in_virtual_time(chat: Space) -> None:
    chat.admin("PUT", "agent", {"reply": "done", "reply_after": 20})
    answers: list[Received] = []
    waiting = threading.Thread(
        target=lambda: answers.append(send(chat, content="x", transport="http"))
    )
    waiting.start()
    # The journal has it as soon as it is stored, long before its answer.
    assert chat.sandbox.journal.wait(operation="send_message")
    assert len(page(chat)["messages"]) == 1
    chat.clock(advance=19)
    assert not answers
    chat.clock(advance=1)
    waiting.join(timeout=10)
    (answer,) = answers
    assert (answer.http_status, answer.json["agentResponse"]) == (201, {"text": "done"})
    assert len(page(chat)["messages"]) == 1, "a reply to this transport is not stored"


@pytest.mark.parametrize("agent", [{"error": "no model"}, {"reply_after": 31}])
def test_http_gives_500_when_the_agent_fails_and_the_message_is_stored(
    chat: Space, agent: dict[str, Any]
) -> None:
    chat.admin("PUT", "agent", agent)
    answers: list[Received] = []
    waiting = threading.Thread(
        target=lambda: answers.append(send(chat, content="x", transport="http"))
    )
    waiting.start()
    assert chat.sandbox.journal.wait(operation="send_message")
    chat.clock(advance=30)
    waiting.join(timeout=10)
    (answer,) = answers
    assert answer.http_status == 500
    assert answer.json == {"success": False, "error": "Failed to process message in HTTP transport"}
    assert [message["content"] for message in page(chat)["messages"]] == ["x"]


@pytest.mark.parametrize("metadata", ["t\u00e9", ["t", "\u00e9"]])
def test_metadata_that_is_no_object_is_spread(chat: Space, metadata: object) -> None:
    stored = send(chat, content="x", metadata=metadata).json["userMessage"]["metadata"]
    assert (stored["0"], stored["1"], stored["userId"][:8]) == ("t", "\u00e9", "00000000")


def test_metadata_has_the_databases_order_and_the_timeout_of_the_creation(chat: Space) -> None:
    chat.admin("PATCH", "sessions/eliza/s", {"metadata": {"zz": {"bb": 1, "c": 2}, "a": 1}})
    target = path_of(chat).replace("messages", "timeout")
    once(chat.port, target, "PATCH", b'{"timeoutMinutes":60}', Content_Type="application/json")

    sent = send(chat, content="hello", metadata={"k": 1.0}).json["userMessage"]["metadata"]
    (message,) = [each for each in page(chat)["messages"] if not each["isAgent"]]
    assert list(sent) == ["a", "zz", "userId", "agentId", "sessionId", "timeoutConfig", "k"]
    assert list(message["metadata"]) == ["a", "k", *list(sent)[1:-1]]
    assert sent["timeoutConfig"]["timeoutMinutes"] == 30
    assert next(iter(sent["timeoutConfig"])) == "autoRenew"
    assert list(sent["zz"]) == ["c", "bb"]


def test_a_whole_number_is_written_without_a_fraction(chat: Space) -> None:
    text = '{"content":"x","metadata":{"a":[1.0,-0.0,1e2,1.5,1e15,1e300]}}'
    path = path_of(chat)
    answer = once(chat.port, path, "POST", text.encode(), Content_Type="application/json")
    assert b'"a":[1,0,100,1.5,1000000000000000,1e+300]' in answer.body


def test_an_agent_without_a_reply_answers_http_with_null(chat: Space) -> None:
    chat.admin("PUT", "agent", {"reply": None})
    assert send(chat, content="x", mode="sync").json["agentResponse"] is None
    send(chat, content="y")
    assert len(page(chat)["messages"]) == 2


@contextmanager
def streaming(space: Space, content: str) -> Iterator[Iterator[tuple[str, Any]]]:
    """Send by sse; give its events as they come."""
    body = json.dumps({"content": content, "transport": "sse"}).encode()
    with connect(space.port) as connection:
        head = request(path_of(space), "POST", body, Content_Type="application/json")
        connection.sendall(head)
        lines = connection.makefile("rb")
        assert lines.readline() == b"HTTP/1.1 200 OK\r\n"
        headers = dict(
            line.decode().rstrip().split(": ", 1) for line in iter(lines.readline, b"\r\n")
        )
        assert headers["Content-Type"] == "text/event-stream"
        assert headers["Transfer-Encoding"] == "chunked"

        def events() -> Iterator[tuple[str, Any]]:
            while size := int(lines.readline(), 16):
                chunk = lines.read(size).decode()
                lines.readline()
                for event in chunk.strip("\n").split("\n\n"):
                    name, data = event.split("\n")
                    yield name.removeprefix("event: "), json.loads(data.removeprefix("data: "))
            assert lines.readline() == b"\r\n"

        yield events()


def test_sse_streams_the_reply_as_virtual_time_passes(chat: Space) -> None:
    chat.admin("PUT", "agent", {"reply": "one two", "reply_after": 10})
    with streaming(chat, "count") as events:
        name, data = next(events)
        assert (name, data["content"]) == ("user_message", "count")
        chat.clock(advance=5)
        name, data = next(events)
        assert (name, data["chunk"], data["index"]) == ("chunk", "one", 0)
        chat.clock(advance=5)
        name, more = next(events)
        assert (name, more["chunk"], more["index"]) == ("chunk", " two", 1)
        assert more["messageId"] == data["messageId"]
        assert next(events) == ("done", {"text": "one two"})
        assert list(events) == []
    assert chat.sandbox.journal.count(operation="send_message", http_status=200) == 1


def test_sse_ends_with_an_error_when_the_agent_fails(chat: Space) -> None:
    chat.admin("PUT", "agent", {"error": "no model", "reply_after": 0})
    with streaming(chat, "x") as events:
        assert [name for name, _ in events] == ["user_message", "error"]


def test_a_clock_that_runs_streams_by_itself(space: Space) -> None:
    space.add_session("eliza", "s", "active")
    space.admin("PUT", "agent", {"reply": "a b c", "reply_after": 0.05})
    with streaming(space, "x") as events:
        names = [name for name, _ in events]
    assert names == ["user_message", "chunk", "chunk", "chunk", "done"]


def test_a_fault_cuts_a_stream_and_the_next_call_is_well(chat: Space) -> None:
    chat.faults(script="cut(600), ok", when="after", scope={"operation": "send_message"})
    cut = send(chat, content="x", transport="sse")
    assert cut.ending == "end"
    assert b"event: done" not in cut.data
    assert b"event: done" in send(chat, content="x", transport="sse").data
    assert len(page(chat)["messages"]) == 2


def test_a_stream_that_its_client_leaves_disturbs_nobody(chat: Space) -> None:
    chat.admin("PUT", "agent", {"reply": None})
    with streaming(chat, "x") as events:
        next(events)
    chat.clock(advance=1)
    assert len(page(chat)["messages"]) == 1


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ({}, "Invalid message request format"),
        ({"content": 5}, "Invalid message request format"),
        ({"content": ""}, "Content cannot be empty"),
        ({"content": "\U0001f600" * 2001}, "Content exceeds maximum length of 4000 characters"),
        (
            {"content": "x", "transport": 5},
            'Invalid transport type "number". Transport must be a string.',
        ),
        (
            {"content": "x", "transport": "smoke"},
            'Invalid transport "smoke". Must be one of: http, sse, websocket, sync, stream',
        ),
        (
            {"content": "x", "metadata": {"k": "v" * 10240}},
            "Metadata exceeds maximum size of 10240 bytes",
        ),
    ],
)
def test_a_wrong_message_is_400_and_is_not_stored(
    chat: Space, body: dict[str, Any], reason: str
) -> None:
    refused = send(chat, **body)
    assert refused.http_status == 400
    error = refused.json["error"]
    found = error if isinstance(error, dict) else refused.json
    assert (found["code"], found["details"]["reason"]) == ("VALIDATION_ERROR", reason)
    assert page(chat) == {"messages": [], "hasMore": False}


def test_a_text_with_nul_is_500_and_4000_units_are_taken(chat: Space) -> None:
    assert send(chat, content="x\0").http_status == 500
    assert send(chat, content="\U0001f600" * 2000).http_status == 201


def test_a_session_that_is_gone_takes_no_message(chat: Space) -> None:
    assert send(chat, "other", content="x").http_status == 404
    chat.clock(advance=1800)
    assert send(chat, content="x").http_status == 410
    assert once(chat.port, path_of(chat)).http_status == 404


def test_a_message_does_not_renew_what_does_not_renew_itself(chat: Space) -> None:
    chat.add_session("eliza", "fixed", "active", timeout_config={"autoRenew": False})
    chat.clock(advance=60)
    status = send(chat, "fixed", content="x").json["sessionStatus"]
    assert (status["wasRenewed"], status["renewalCount"]) == (False, 0)
    assert status["expiresAt"] == "2026-01-01T00:30:00.000Z"


def test_pages_go_backward_and_before_is_exclusive(chat: Space) -> None:
    seed(chat, 1, 2, 2, 3)
    newest = page(chat, "?limit=2")
    assert (ids(newest), newest["hasMore"]) == (["3", "2"], True)
    before = newest["cursors"]["before"]
    # "1" has the millisecond of "2", at the page's edge: it is lost, as on the real server.
    assert ids(page(chat, f"?limit=2&before={before}")) == ["0"]
    assert ids(page(chat, f"?limit=2&before={before + 1}")) == ["2", "1"]


def test_after_gives_the_oldest_of_those_read(chat: Space) -> None:
    seed(chat, *range(1, 31))
    after = page(chat)["cursors"]["before"]
    assert ids(page(chat, f"?limit=3&after={after}")) == ["3", "2", "1"]
    # It reads limit * 20 messages: of 30, with limit 1, the ten oldest are never seen.
    assert ids(page(chat, f"?limit=1&after={after}")) == ["10"]


def test_both_bounds_read_ten_times_the_limit_and_give_the_newest(chat: Space) -> None:
    seed(chat, *range(1, 31))
    first, last = page(chat)["cursors"]["before"], page(chat)["cursors"]["after"]
    assert ids(page(chat, f"?limit=2&after={first}&before={last}")) == ["28", "27"]
    # Of the twenty read, none is so old: an empty page, though a message fits.
    assert ids(page(chat, f"?limit=1&after={first - 1}&before={first + 1}")) == ["0"]
    assert page(chat, f"?limit=1&after={first + 5}&before={first + 5}")["messages"] == []


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("limit=0", 1),
        ("limit=-5", 1),
        ("limit=x", 50),
        ("limit=7.9", 7),
        ("limit=1000", 100),
        ("before=", 50),
        ("after=-1", 50),
        ("before=2030-01-01T00:00:00Z", 0),
    ],
)
def test_the_query_is_read_as_javascript_reads_it(chat: Space, query: str, count: int) -> None:
    seed(chat, *range(1, 121))
    assert len(page(chat, "?" + query)["messages"]) == count


@pytest.mark.parametrize(
    ("query", "reason"),
    [
        ("before=x", "Must be a valid timestamp"),
        ("after=99999999999999999", "Invalid date from timestamp"),
    ],
)
def test_a_wrong_time_is_400(chat: Space, query: str, reason: str) -> None:
    refused = once(chat.port, f"{path_of(chat)}?{query}")
    assert refused.http_status == 400
    assert reason in refused.body.decode()


def test_messages_count_towards_the_bound_on_memory(space: Space) -> None:
    space.add_session("eliza", "s", "active")
    used = space.admin("GET", "sessions")["sessions"][0]["messages"]
    assert used == []
    send(space, content="x")
    shown = space.admin("GET", "sessions/eliza/s")["messages"]
    assert [message["content"] for message in shown] == ["x", "ok"]
    space.admin("PATCH", "sessions/eliza/s", {"messages": shown})
    assert space.admin("GET", "sessions/eliza/s")["messages"] == shown


def test_the_sandbox_seeds_messages_and_an_agent(space: Space) -> None:
    sandbox = space.sandbox
    sandbox.eliza.add_session("s", state="active")
    sandbox.eliza.add_messages("s", "Hello", {"content": "Hi", "is_agent": True})
    sandbox.eliza.add_messages("s", "How are you?")
    sandbox.eliza.agent("Fine.", after=0)
    assert send(space, content="Tell me", transport="http").json["agentResponse"] == {
        "text": "Fine."
    }
    listed = page(space)["messages"]
    assert [message["content"] for message in listed] == ["Tell me", "How are you?", "Hi", "Hello"]
    assert [message["isAgent"] for message in listed] == [False, False, True, False]
    assert len({message["id"] for message in listed}) == 4
