"""The mock's dialect "server" beside a real elizaOS server: the same calls, answer by answer.

    pytest tests/contract --eliza-url http://localhost:3000

One walk, from a session's creation to its end, with every documented error on the way. Ids, times
and what the server's load decides need only be of the same type.
"""

from __future__ import annotations

import dataclasses
import json
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from tests.support.raw import Answer, streaming
from tests.support.sandbox import Space
from tests.support.servers import USER, Servers

from sessionvitals import CallError

SESSIONS = "/api/messaging/sessions"
NOBODY = "00000000-0000-4000-8000-00000000dead"
WHOLE = {
    "timeoutMinutes": 60,
    "autoRenew": False,
    "maxDurationMinutes": 120,
    "warningThresholdMinutes": 9,
}

#: What one server does differently from the next, or from itself a moment later.
VOLATILE = {
    *("activeSessions", "expiringSoon", "uptime", "timeRemaining", "total", "totalSessions"),
    "expiredSessions",
    *("stack", "memoryUsage", "byAgent"),
}
#: Headers of the connection, and those for browsers, which the mock's guide says it never sends.
UNCOMPARED = re.compile(
    "access-control-|content-security-|cross-origin-|origin-agent|x-(?!ratelimit)|vary$|"
    "referrer-policy|strict-transport|connection$|keep-alive$|date$|transfer-encoding$"
)
#: Of these only the presence is compared.
PRESENT = re.compile("etag|content-length|ratelimit-(remaining|reset)|retry-after")

UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", re.IGNORECASE)
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")


def plain(value: Any, name: str = "") -> Any:
    """Return JSON with ids, times and volatile numbers replaced by what they are."""
    if isinstance(value, dict):
        return {key: plain(each, key) for key, each in value.items()}
    if isinstance(value, list):
        return [plain(each) for each in value]
    if isinstance(value, str) and name != "stack":
        # The shortest timeout is a setting of the server.
        value = re.sub(r"between \d+ and", "between N and", value)
        return TIME.sub("<time>", UUID.sub("<id>", value))
    is_time = isinstance(value, int) and not isinstance(value, bool) and value > 10**12
    if name in VOLATILE or is_time:
        return f"<{type(value).__name__}>"
    return value


def shown(answer: Answer) -> dict[str, Any]:
    """Return what is compared of an answer. The order of members counts, so they are text."""
    headers = {
        name: "<present>" if PRESENT.match(name) else value
        for name, value in answer.headers.items()
        if not UNCOMPARED.match(name)
    }
    try:
        body: Any = repr(plain(answer.json))
    except ValueError:
        body = repr(answer.body)
    return {"http_status": answer.http_status, "headers": headers, "body": body}


def only(session_id: str, listed: Answer) -> Answer:
    """Return the list with that session alone: a server lists everybody's."""
    body = listed.json
    body["sessions"] = [each for each in body["sessions"] if each["sessionId"] == session_id]
    return dataclasses.replace(listed, body=json.dumps(body).encode())


def walk(servers: Servers) -> Iterator[tuple[str, Answer]]:
    """Make the calls; yield each with its answer."""

    def ask(method: str, target: str, body: object = None) -> tuple[str, Answer]:
        answer = servers.ask("eliza", method, SESSIONS + target, body)
        servers.note_created(answer)
        words = f"{method} {UUID.sub('ID', target)} {body if body is not None else ''}".strip()
        return UUID.sub("ID", words), answer

    yield ask("GET", "/health")
    whose = {"agentId": servers.eliza_agent, "userId": USER}
    yield ask("POST", "", whose)
    metadata = {"zz": 1.0, "a": [1, None, True, 1.5, "é", -0.0, 1e15, 1e300], "b": {"é": 2, "a": 3}}
    created = ask("POST", "", {**whose, "metadata": metadata, "timeoutConfig": WHOLE})
    yield created
    s = "/" + str(created[1].json["sessionId"])
    for config in ({"timeoutMinutes": 7.5, "maxDurationMinutes": 1e300}, {"timeoutMinutes": 1e9}):
        yield ask("POST", "", {**whose, "timeoutConfig": config})

    yield ask("GET", s)
    call, listed = ask("GET", "")
    yield call, only(s[1:], listed)
    yield ask("POST", f"{s}/heartbeat")
    yield ask("POST", f"{s}/renew")
    yield ask("PATCH", f"{s}/timeout", {**WHOLE, "timeoutMinutes": 45, "autoRenew": True})
    yield ask("POST", f"{s}/heartbeat")
    yield ask("POST", f"{s}/renew")
    yield ask("PATCH", f"{s}/timeout", {"timeoutMinutes": 30})
    yield ask("GET", s)

    yield ask("GET", f"{s}/messages")
    yield ask("POST", f"{s}/messages", {"content": "one"})
    yield ask("POST", f"{s}/messages", {"content": "two", "metadata": {"k": [1]}})
    yield ask("POST", f"{s}/messages", {"content": "three", "attachments": []})
    yield ask("POST", f"{s}/messages", {"content": "four", "transport": "http"})
    far = 9_999_999_999_999
    for query in (
        *("?limit=2", "?limit=1", "?limit=0", "?limit=x", "?limit=1000", "?limit="),
        *("?before=1", f"?before={far}", "?before=x", "?before=1e3", "?before=-1", "?before="),
        *("?after=1&limit=3", f"?after={far}", "?after=x", f"?after=1&before={far}&limit=2"),
        *("?before=9999999999999999", "?after=2026-01-01T00:00:00Z"),
    ):
        yield ask("GET", f"{s}/messages{query}")

    yield from refused(ask, whose, s)

    yield ask("DELETE", s)
    for session in (s, f"/{NOBODY}"):
        yield ask("GET", session)
        yield ask("DELETE", session)
        yield ask("POST", f"{session}/heartbeat")
        yield ask("POST", f"{session}/renew")
        yield ask("PATCH", f"{session}/timeout", {"timeoutMinutes": 30})
        yield ask("POST", f"{session}/messages", {"content": "hello"})
        yield ask("GET", f"{session}/messages")


def refused(
    ask: Callable[..., tuple[str, Answer]], whose: dict[str, str], s: str
) -> Iterator[tuple[str, Answer]]:
    """Make the calls that are answered with 400 or 404 because of what they say."""
    bodies: list[object] = [
        {},
        {"agentId": whose["agentId"]},
        {"userId": USER},
        {**whose, "agentId": "x"},
        {**whose, "userId": "x"},
        {**whose, "agentId": NOBODY},
        {**whose, "metadata": {"a": "x" * 11000}},
        {**whose, "metadata": "text"},
        {**whose, "timeoutConfig": {"timeoutMinutes": "30"}},
        [],
    ]
    for body in bodies:
        yield ask("POST", "", body)
    for body in (
        {},
        {"timeoutMinutes": 100_000},
        {"timeoutMinutes": 0},
        {"timeoutMinutes": "30"},
        {"autoRenew": "yes"},
        {"maxDurationMinutes": -1},
        {"warningThresholdMinutes": "x"},
    ):
        yield ask("PATCH", f"{s}/timeout", body)
    for body in (
        {},
        {"content": ""},
        {"content": 7},
        {"content": "x" * 4001},
        {"content": "x", "metadata": {"a": "x" * 11000}},
        {"content": "x", "transport": "pigeon"},
        {"content": "x", "attachments": "none"},
    ):
        yield ask("POST", f"{s}/messages", body)


def expired(servers: Servers) -> Iterator[tuple[str, Answer]]:
    """Make each call twice about a session that has expired; yield each with its answer."""
    calls: list[tuple[str, str, object]] = [
        ("GET", "", None),
        ("POST", "/heartbeat", None),
        ("POST", "/renew", None),
        ("PATCH", "/timeout", {"timeoutMinutes": 30}),
        ("POST", "/messages", {"content": "hello"}),
        ("GET", "/messages", None),
        ("DELETE", "", None),
    ]
    ids = [str(servers.create_short_eliza_session()["sessionId"]) for _ in calls]
    servers.let_expire(ids[-1])
    for session_id, (method, target, body) in zip(ids, calls, strict=True):
        for time in ("first", "second"):
            target_of_it = f"{SESSIONS}/{session_id}{target}"
            answer = servers.ask("eliza", method, target_of_it, body)
            yield f"{method} {target} of an expired session, the {time} time", answer


def refused_keys(servers: Servers) -> Iterator[tuple[str, Answer]]:
    """Make calls without the key that the server asks for, and with a wrong one."""
    for key in (None, "wrong"):
        keys = {**servers.told.keys, "eliza": key}
        asking = dataclasses.replace(servers, told=dataclasses.replace(servers.told, keys=keys))
        for method, target in (
            ("GET", ""),
            ("POST", ""),
            ("GET", f"/{NOBODY}"),
            ("GET", "/health"),
        ):
            yield f"{method} {target} by {key}", asking.ask("eliza", method, SESSIONS + target)


@pytest.fixture
def both(servers: Servers, space: Space) -> tuple[Servers, Servers]:
    """The real server of the command line, and the mock told to answer as it does."""
    if servers.space is not None:
        pytest.skip("no --eliza-url was given: there is no server to compare the mock with")
    servers.expect("eliza")
    space.admin("PUT", "dialect", {"eliza": "server", "eliza_agents": [servers.eliza_agent]})
    if "ratelimit-limit" in servers.ask("eliza", "GET", f"{SESSIONS}/health").headers:
        space.admin("PUT", "limits", {"eliza": {}})
    space.admin("PUT", "agent", {"reply": None})
    ours = Servers.of_space(space)
    ours.told.eliza_agent = servers.eliza_agent
    return servers, ours


def skip_if_the_agent_replies(server: Servers) -> None:
    target = f"{SESSIONS}/{server.create_eliza_session()['sessionId']}/messages"
    body = {"content": "hello", "transport": "http"}
    if server.ask("eliza", "POST", target, body).json.get("agentResponse") is not None:
        pytest.skip("the server's agent replies, in words and at times of its own")


def differences(
    theirs: Iterator[tuple[str, Answer]], ours: Iterator[tuple[str, Answer]]
) -> list[str]:
    found = []
    for (call, real), (_, mocked) in zip(theirs, ours, strict=True):
        expected, got = shown(real), shown(mocked)
        found += [
            f"{call}\n  {part}\n    the server: {expected[part]}\n    the mock:   {got[part]}"
            for part in expected
            if expected[part] != got[part]
        ]
    return found


def test_the_mock_answers_as_the_server_does(both: tuple[Servers, Servers]) -> None:
    server, mock = both
    skip_if_the_agent_replies(server)
    found = differences(walk(server), walk(mock))
    assert not found, "\n".join(found)


#: What a message tells an obedient agent, and the same for the agent of the mock.
MESSAGES: dict[str, dict[str, object]] = {
    "say one two  three": {"reply": "one two  three"},
    "fail no model": {"error": "no model"},
    "keep silent": {},
}


def message_of(server: Servers, content: str) -> dict[str, Any]:
    """Return the request of a message that is streamed, to a new session."""
    session_id = server.create_eliza_session()["sessionId"]
    body = json.dumps({"content": content, "transport": "sse"})
    headers = {"Content-Type": "application/json", "Content-Length": str(len(body))}
    if key := server.told.keys["eliza"]:
        headers["X-API-KEY"] = key
    target = f"{SESSIONS}/{session_id}/messages"
    return {"method": "POST", "target": target, "headers": headers, "body": body}


def streamed(server: Servers, content: str) -> list[Any]:
    """Return the head of a streamed reply and its events, and how it ends."""
    with streaming(server.urls["eliza"], message_of(server, content), 1) as (head, events):
        told: list[Any] = [(head.http_status, shown(head)["headers"])]
        try:
            told += [(each["event"], repr(plain(json.loads(each["data"])))) for each in events]
        except TimeoutError:
            return [*told, "stays open"]
        return [*told, "ends"]


def read_by_the_client(server: Servers, content: str) -> list[Any]:
    """Return what the client makes of a streamed reply."""
    session_id = str(server.create_eliza_session()["sessionId"])
    told: list[Any] = []
    try:
        client: Any = server.client("eliza")
        for event in client.stream_message(session_id, content, idle_timeout=1):
            members = plain(event.to_dict())
            told.append({**members, "created_at": members["created_at"] is not None})
    except CallError as error:
        told.append((type(error).__name__, error.may_have_taken_effect))
    return told


@pytest.mark.parametrize("content", MESSAGES)
def test_a_reply_is_streamed_alike(both: tuple[Servers, Servers], content: str) -> None:
    server, mock = both
    server.expect_obedient_agent()
    assert mock.space is not None
    agent = {"reply": None, "error": None, "reply_after": 0, **MESSAGES[content]}
    mock.space.admin("PUT", "agent", agent)

    assert streamed(mock, content) == streamed(server, content)
    assert read_by_the_client(mock, content) == read_by_the_client(server, content)


def test_a_reply_that_is_none_is_read(both: tuple[Servers, Servers]) -> None:
    server, _ = both
    server.expect_obedient_agent()
    stored, done = read_by_the_client(server, "say nothing")

    assert (stored["type"], done["type"]) == ("user_message", "done")
    assert (done["text"], done["data"]) == (None, None)
    assert "data_json" not in done


def test_an_expired_session_is_answered_alike(both: tuple[Servers, Servers]) -> None:
    server, mock = both
    # The clean-up of a server may take an expired session before anybody asks about it.
    theirs = list(expired(server))
    if any(answer.http_status == 404 for _, answer in theirs[::2]):
        pytest.skip("the server's clean-up came first")
    found = differences(iter(theirs), expired(mock))
    assert not found, "\n".join(found)


def test_a_wrong_key_is_answered_alike(both: tuple[Servers, Servers]) -> None:
    server, mock = both
    server.with_eliza_key()
    mock = mock.with_eliza_key()
    found = differences(refused_keys(server), refused_keys(mock))
    assert not found, "\n".join(found)
