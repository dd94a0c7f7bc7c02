"""A secret that is a member of a question or an answer is found in nothing but that member."""

from __future__ import annotations

import json
import logging
import pickle
import urllib.error
import urllib.request
from typing import Any

import pytest
from tests.support.peers import answer as says_no
from tests.support.peers import peer
from tests.support.peers.streaming import END, HEAD, session_event, sse, streams
from tests.support.sandbox import Space

from sessionvitals import (
    CallError,
    ContractError,
    ElizaClient,
    PingClient,
    PingSession,
    ServerError,
    TransportError,
)

SECRET = "canary-7f3c9b1e"
LINK = f"vless://{SECRET}@10.0.0.1:443"
ECHO: dict[str, Any] = {
    "id": "s-1",
    "configuration": {"uuid": SECRET, "hosts": [SECRET]},
    "configuration_link": LINK,
}


def told_by(error: CallError) -> list[str]:
    """Return all that an error says of itself, in each form that it has."""
    assert error.call is not None
    forms = [str(error), repr(error), repr(vars(error)), json.dumps(error.to_dict())]
    return [*forms, json.dumps(error.call.to_dict()), pickle.dumps(error).decode("latin-1")]


def answer(space: Space, http_status: int, body: object) -> None:
    space.sandbox.faults.add({"kind": "status", "http_status": http_status, "body": body})


def events_of_the_mock(space: Space) -> str:
    """Return what the admin interface tells of this space as it happens, so far."""
    url = f"{space.url}/__admin/events?since=0&timeout=0.1"
    with urllib.request.urlopen(url, timeout=10) as stream:
        told = stream.read().decode()
    assert "event: request" in told
    return str(told)


@pytest.fixture
def everything(caplog: pytest.LogCaptureFixture) -> pytest.LogCaptureFixture:
    caplog.set_level(logging.DEBUG, logger="sessionvitals")
    return caplog


@pytest.mark.parametrize("http_status", [201, 200, 400, 500])
def test_a_configuration(
    space: Space, everything: pytest.LogCaptureFixture, http_status: int
) -> None:
    answer(space, http_status, ECHO)
    ping: Any = space.client("ping")
    try:
        session: PingSession = ping.create_session("c-1", "us-east")
    except CallError as error:
        assert http_status != 201
        shown = told_by(error)
    else:
        assert session.configuration_link == LINK
        assert session.call is not None
        shown = [repr(session), f"{session}", json.dumps(session.call.to_dict())]

    shown += [everything.text, json.dumps(space.sandbox.journal.requests())]
    assert everything.text
    assert [text for text in shown if SECRET in text] == []


@pytest.mark.parametrize(
    ("http_status", "body"), [(401, {"title": SECRET}), (200, {"new": SECRET})]
)
def test_a_users_token(
    space: Space, everything: pytest.LogCaptureFixture, http_status: int, body: object
) -> None:
    answer(space, http_status, body)
    tiun: Any = space.client("tiun")
    with pytest.raises(CallError) as raised:
        tiun.verify_user(SECRET)

    shown = [*told_by(raised.value), everything.text]
    kept = space.sandbox.journal.requests()
    assert kept
    shown += [json.dumps(kept), events_of_the_mock(space)]
    assert everything.text
    assert [text for text in shown if SECRET in text] == []


def test_a_configuration_that_somebody_sends_is_redacted_in_the_journal(space: Space) -> None:
    request = urllib.request.Request(
        f"{space.base_url('ping')}/sessions",
        method="POST",
        data=json.dumps(ECHO).encode(),
        headers={"Authorization": "ping-sandbox-key", "Content-Type": "application/json"},
    )
    with pytest.raises(urllib.error.HTTPError) as raised:
        urllib.request.urlopen(request, timeout=10)
    raised.value.close()
    (entry,) = space.sandbox.journal.requests(operation="create_session")
    assert SECRET not in json.dumps(entry)
    assert "configuration_link" in json.dumps(entry)


STORED = sse({"id": "m-1", "content": SECRET, "created_at": 1767225600000}, event="user_message")
REPLY = sse({"messageId": "r-1", "chunk": SECRET, "index": 0}, event="chunk")
EVENT = session_event(1, extra=SECRET, region=SECRET)
#: What a stream says: (the call, its pieces, how it fails)
STREAMS: dict[str, tuple[str, list[bytes], type[CallError]]] = {
    "an event that is none": ("ping", [sse({**EVENT, "id": SECRET})], ContractError),
    "an event that is no JSON": ("ping", [sse(f'{{"id": "{SECRET}')], ContractError),
    "events that break off": ("ping", [sse(EVENT)], ServerError),
    "a reply that breaks off": ("eliza", [STORED, REPLY], TransportError),
    "a reply that is no JSON": ("eliza", [STORED, sse(SECRET, event="chunk")], ContractError),
    "a user_message that is none": ("eliza", [sse([SECRET], event="user_message")], ContractError),
}


@pytest.mark.parametrize("case", STREAMS)
def test_what_a_stream_says(everything: pytest.LogCaptureFixture, case: str) -> None:
    provider, pieces, kind = STREAMS[case]
    refused = says_no(b"{}", b"HTTP/1.1 501 No")
    with peer(streams([HEAD, *pieces, END], [refused])) as told:
        if provider == "ping":
            stream: Any = PingClient(SECRET, base_url=told.url).events(reconnect_after=0.001)
        else:
            client = ElizaClient(SECRET, base_url=told.url)
            stream = client.stream_message("s", SECRET, metadata={"a": SECRET})
        with pytest.raises(kind) as raised:
            list(stream)

    shown = [*told_by(raised.value), everything.text, repr(stream)]
    assert everything.text
    assert [text for text in shown if SECRET in text] == []
