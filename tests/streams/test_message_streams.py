"""ElizaClient.stream_message(): the reply as it comes, sent once, and what is said of a loss."""

from __future__ import annotations

import json
from typing import Any

import pytest
from tests.support.peers import answer, peer
from tests.support.peers.streaming import END, HEAD, RESETS, STAYS, sse, streams

from sessionvitals import (
    CallCancelled,
    CancelToken,
    ConfigurationError,
    ContractError,
    DeadlineExceeded,
    ElizaClient,
    ElizaStreamEvent,
    HttpStatusError,
    NotFoundError,
    ServerError,
    TransportError,
)

STORED = sse({"id": "m-1", "content": "hi", "created_at": 1767225600000}, event="user_message")
ONE = sse({"messageId": "r-1", "chunk": "Hel", "index": 0}, event="chunk")
TWO = sse({"messageId": "r-1", "chunk": "lo", "index": 1}, event="chunk")
DONE = sse({"text": "Hello", "thought": "greet"}, event="done")


def reply(url: str, **options: Any) -> Any:
    return ElizaClient(base_url=url).stream_message("s", "hi", **options)


def test_a_reply_comes_in_pieces_and_whole() -> None:
    with peer(streams([HEAD, STORED, ONE, TWO, DONE, END])) as told:
        stored, one, two, done = reply(told.url)
        (request,) = told.requests

    assert (stored.type, stored.message_id, stored.text) == ("user_message", "m-1", "hi")
    assert stored.created_at.isoformat() == "2026-01-01T00:00:00+00:00"
    assert [(each.text, each.index, each.message_id) for each in (one, two)] == [
        ("Hel", 0, "r-1"),
        ("lo", 1, "r-1"),
    ]
    assert (done.type, done.text, done.data["thought"]) == ("done", "Hello", "greet")
    head, _, body = request.partition(b"\r\n\r\n")
    assert head.startswith(b"POST /api/messaging/sessions/s/messages HTTP/1.1\r\n")
    assert json.loads(body) == {"content": "hi", "transport": "sse"}


def test_the_end_is_done_even_if_the_server_stays() -> None:
    with peer(streams([HEAD, STORED, DONE, STAYS])) as told:
        assert [event.type for event in reply(told.url)] == ["user_message", "done"]


@pytest.mark.parametrize("data", ["undefined", "null", "{}"])
def test_a_reply_without_text_is_done(data: str) -> None:
    with peer(streams([HEAD, STORED, sse(data, event="done"), END])) as told:
        *_, done = reply(told.url)

    assert (done.type, done.text) == ("done", None)
    assert done.data == ({} if data == "{}" else None)
    assert done.data_json == (None if data == "undefined" else data)
    assert done.to_dict()["data"] == done.data


def test_an_event_of_an_unknown_type_is_handed_on() -> None:
    with peer(streams([HEAD, STORED, sse({"a": 1}, event="tool"), DONE, END])) as told:
        _, other, _ = reply(told.url)

    assert isinstance(other, ElizaStreamEvent)
    assert (other.type, other.text, other.data) == ("tool", None, {"a": 1})


def test_data_that_is_no_json_costs_itself_alone() -> None:
    with peer(streams([HEAD, sse("plain words", event="tool"), DONE, END])) as told:
        tool, done = reply(told.url)

    with pytest.raises(ContractError):
        tool.data  # noqa: B018 - it is read where it is asked for
    assert tool.data_json == "plain words"
    assert done.text == "Hello"


def test_an_agent_that_fails_is_an_error_after_the_message_was_stored() -> None:
    failed = sse({"error": "no model"}, event="error")
    with peer(streams([HEAD, STORED, failed, END])) as told:
        events = reply(told.url)
        next(events)
        for _ in range(2):
            with pytest.raises(HttpStatusError, match="no model") as caught:
                next(events)

    assert caught.value.http_status == 200
    assert caught.value.message == "no model"
    assert caught.value.may_have_taken_effect


@pytest.mark.parametrize(
    "end", [[], [END], [RESETS], [b"20\r\nhalf"]], ids=["close", "end", "reset", "cut"]
)
def test_a_lost_stream_says_what_had_come_and_is_not_sent_again(end: list[bytes]) -> None:
    with peer(streams([HEAD, STORED, ONE, TWO, *end])) as told:
        events = reply(told.url)
        with pytest.raises(TransportError) as caught:
            list(events)
        with pytest.raises(TransportError):
            next(events)
        assert len(told.requests) == 1

    assert "Of the reply" in str(caught.value)
    if end != [RESETS]:  # which may overtake what was sent before it
        assert "2 chunks of 5 bytes" in str(caught.value)
    assert caught.value.may_have_taken_effect
    assert caught.value.phase == "receive"


def test_a_silent_agent_is_given_up_after_the_idle_timeout() -> None:
    with peer(streams([HEAD, STORED, STAYS])) as told:
        events = reply(told.url, idle_timeout=0.1)
        next(events)
        with pytest.raises(DeadlineExceeded, match=r"silent.*0 chunks") as caught:
            next(events)

    assert caught.value.may_have_taken_effect


def test_a_deadline_is_for_the_whole_reply() -> None:
    with peer(streams([HEAD, STORED, STAYS])) as told:
        events = reply(told.url, deadline=0.2)
        next(events)
        with pytest.raises(DeadlineExceeded, match="deadline"):
            next(events)


def test_a_cancel_ends_a_reply() -> None:
    token = CancelToken()
    with peer(streams([HEAD, STORED, STAYS])) as told:
        events = reply(told.url, cancel=token)
        next(events)
        token.cancel()
        with pytest.raises(CallCancelled) as caught:
            next(events)

    assert caught.value.may_have_taken_effect


@pytest.mark.parametrize(
    ("status", "kind", "may_have"),
    [(b"404 No", NotFoundError, False), (b"500 No", ServerError, True)],
)
def test_a_refusal_is_not_sent_again(
    status: bytes, kind: type[HttpStatusError], may_have: bool
) -> None:
    refused = answer(b'{"error":"no"}', b"HTTP/1.1 " + status, b"Connection: close")
    with peer(streams([refused])) as told:
        with pytest.raises(kind) as caught:
            next(reply(told.url))
        assert len(told.requests) == 1

    assert caught.value.may_have_taken_effect == may_have


@pytest.mark.parametrize(
    "event",
    [
        sse("no json", event="chunk"),
        sse({}, event="chunk"),
        sse({"id": "m", "created_at": -1}, event="user_message"),
        sse([], event="done"),
    ],
)
def test_an_event_that_is_none_of_elizas_is_a_contract_error(event: bytes) -> None:
    with peer(streams([HEAD, event, STAYS])) as told, pytest.raises(ContractError) as caught:
        next(reply(told.url))

    assert caught.value.may_have_taken_effect


@pytest.mark.parametrize("content", ["", "x" * 4001])
def test_content_of_a_length_that_is_refused_is_not_sent(content: str) -> None:
    with peer(streams([HEAD])) as told:
        with pytest.raises(ConfigurationError):
            next(ElizaClient(base_url=told.url).stream_message("s", content))
        assert told.requests == []
