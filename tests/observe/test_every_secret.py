"""Each secret member of each call, marked, is found in nothing that comes out of the library.

A new operation is in the table by itself. A new member that is called, or built, as a secret fails
the guards at the end until it is listed.
"""

from __future__ import annotations

import inspect
import json
import logging
import pickle
import re
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.support.contracts import EXCHANGES, Exchange
from tests.support.operations import OPERATIONS, Operation
from tests.support.peers import answer, peer, says
from tests.support.peers.streaming import END, HEAD, session_event, sse, streams
from tests.support.sandbox import Space, start_mock

from sessionvitals import CallError, ElizaStreamEvent, Page, SessionEvent
from sessionvitals._core import inspect_value_classes
from sessionvitals.ledger import Ledger

SECRET = "canary-7f3c9b1e"
#: The members that are secrets, beside the key of each call: of a question, or of an answer.
QUESTIONS = {("tiun", "verify_user"): "token"}
ANSWERS = {
    ("ping", "create_session"): {
        "configuration": {"uuid": SECRET, "hosts": [SECRET]},
        "configuration_link": f"vless://{SECRET}@10.0.0.1:443",
    }
}
#: Names of members that sound like a secret's and are none: what a caller finds its own by.
NO_SECRETS = {"create_key", "message_key"}

ECHO = json.dumps(
    {
        "id": "s",
        "error": {"code": SECRET, "message": SECRET, "details": {SECRET: SECRET}},
        "title": SECRET,
        "message": SECRET,
        **ANSWERS["ping", "create_session"],
    }
)
#: What a refusal repeats under any name, and an answer where a secret belongs, in words for people,
#: and in members that no contract names.
PROBLEM = {"title": SECRET, "detail": f"no {SECRET}", "type": f"/{SECRET}", "instance": SECRET}
UNKNOWN = {"echo": SECRET, SECRET: {"deeper": [SECRET]}}
ANSWER = json.dumps({"id": "s", **PROBLEM, **UNKNOWN, **ANSWERS["ping", "create_session"]})
#: Members that are the caller's own, or an application's, and are shown as they are.
OF_CALLERS = {"metadata", "productAccess", "configuration"}
BODIES = {200: ANSWER, 201: ANSWER, 404: ANSWER, 400: ECHO, 401: ECHO, 500: ECHO}
each_operation = pytest.mark.parametrize("operation", OPERATIONS, ids=str)


@pytest.fixture
def everything(caplog: pytest.LogCaptureFixture) -> pytest.LogCaptureFixture:
    caplog.set_level(logging.DEBUG, logger="sessionvitals")
    return caplog


def arguments_of(operation: Operation) -> dict[str, Any]:
    secret = QUESTIONS.get((operation.provider, operation.name))
    return {**operation.arguments, **({secret: SECRET} if secret else {})}


def made(operation: Operation, url: str, **options: Any) -> Any:
    vendor = operation.vendor
    options = {"max_retries": 0, "timeout": 10.0, **options}
    return vendor.open(url, SECRET, vendor.style, **options)


def told(operation: Operation, client: Any) -> Iterator[str]:
    """Make the call, and give all that its answer or its error says in each form that it has."""
    yield repr(client)
    try:
        found = getattr(client, operation.name)(**arguments_of(operation))
        if operation.is_stream:
            yield repr(found)
            found = next(found)
    except (CallError, StopIteration) as error:
        yield from (str(error), repr(error), repr(vars(error)))
        if isinstance(error, CallError):
            yield json.dumps(error.to_dict())
            yield pickle.dumps(error).decode("latin-1")
            if error.call is not None:
                yield json.dumps(error.call.to_dict())
        return
    if found is None:
        return
    yield repr(found)
    yield str(found)
    if getattr(found, "call", None) is not None:
        yield json.dumps(found.call.to_dict())


def kept_by_the_mock(space: Space) -> list[str]:
    """Return the journal of the space, and what readers of its events are told."""
    url = f"{space.url}/__admin/events?since=0&timeout=0.01"
    with urllib.request.urlopen(url, timeout=10) as stream:
        events = stream.read().decode()
    assert "event: request" in events
    return [json.dumps(space.sandbox.journal.requests()), events]


@each_operation
def test_a_call_shows_no_secret(
    operation: Operation, space: Space, everything: pytest.LogCaptureFixture
) -> None:
    telemetry = pytest.importorskip("tests.telemetry.recorded")
    space.admin("PUT", "keys", {operation.provider: SECRET})
    shown: list[str] = []
    with telemetry.recording() as recorded:
        for http_status, body in BODIES.items():
            space.faults({"kind": "status", "http_status": http_status, "body": body})
            shown += told(operation, made(operation, space.base_url(operation.provider)))
        shown.append(recorded.everything())

    assert ("sessionvitals" in shown[-1]) is not operation.is_stream  # streams make no spans
    assert space.sandbox.journal.count() == len(BODIES)
    shown += [everything.text, *kept_by_the_mock(space)]
    assert everything.text
    assert [text for text in shown if SECRET in text] == []


@each_operation
def test_a_call_that_breaks_off_shows_no_secret(
    operation: Operation, everything: pytest.LogCaptureFixture
) -> None:
    said = answer(ECHO.encode())
    for cut in (0, 15, len(said) - 5):
        with peer(says(said[:cut])) as vendor:
            shown = [*told(operation, made(operation, vendor.url)), everything.text]
        assert [text for text in shown if SECRET in text] == []


def with_unknown_members(answered: Any) -> Any:
    """Return the JSON with a secret in two more members of each object, which no contract names."""
    if isinstance(answered, list):
        return [with_unknown_members(each) for each in answered]
    if not isinstance(answered, dict):
        return answered
    known = {
        name: value if name in OF_CALLERS else with_unknown_members(value)
        for name, value in answered.items()
    }
    return {**known, **UNKNOWN}


def welcomes(operation: Operation) -> list[Exchange]:
    """Return the exchanges of the operation in which its answer is a value."""
    ours = [each for each in EXCHANGES if (each.provider, each.operation) == key_of(operation)]
    return [each for each in ours if each.meaning.get("returns") and "body" in each.response]


def key_of(operation: Operation) -> tuple[str, str]:
    return operation.provider, operation.name


#: Operations whose answer has no body that is read.
WITHOUT_A_BODY = {"verify", "delete_session"} | {
    f"delete_{whose}_limits" for whose in ("global", "client", "session")
}


@pytest.mark.parametrize(
    "operation",
    [each for each in OPERATIONS if not each.is_stream and each.name not in WITHOUT_A_BODY],
    ids=str,
)
def test_an_answer_shows_no_member_that_no_contract_names(operation: Operation) -> None:
    exchange = welcomes(operation)[0]
    body = json.dumps(with_unknown_members(exchange.response["body"])).encode()
    head = f"HTTP/1.1 {exchange.response['http_status']} OK".encode()
    client_of = operation.vendor
    with peer(says(answer(body, head))) as vendor:
        client = client_of.open(vendor.url, SECRET, client_of.style, max_retries=0)
        found = getattr(client, operation.name)(**exchange.arguments)

    shown = [repr(found), str(found), *map(repr, found if isinstance(found, Page) else ())]
    shown += [found._repr_html_(), json.dumps(found.call.to_dict())]
    assert [text for text in shown if SECRET in text] == []
    assert SECRET in json.dumps(found.to_dict())  # which is asked for by name


def test_the_problem_of_a_verdict_has_no_key_in_any_form() -> None:
    key = 'canary+7f3c"9b/1e'  # which .NET writes with escapes
    escaped = json.dumps(key).replace("+", "\\u002B").replace("/", "\\/").encode()
    problem = b'{"type": %s, "title": %s, "why": {"sent": %s}}' % ((escaped,) * 3)
    tiun = next(each for each in OPERATIONS if each.provider == "tiun")
    found = []
    for name in ("verify", "probe"):  # each on a connection of its own, which the peer closes
        with peer(says(answer(problem, b"HTTP/1.1 404 No"))) as vendor:
            client = tiun.vendor.open(vendor.url, key, tiun.vendor.style)
            found.append(getattr(client, name)("s"))
    verdict, session = found

    for each in (verdict, session.detail):
        assert each.problem.to_dict()["title"] == "[redacted]"
        assert each.problem.extra == {"why": {"sent": "[redacted]"}}
        assert key not in repr(each.to_dict())


@pytest.mark.parametrize("operation", [each for each in OPERATIONS if each.is_stream], ids=str)
def test_an_item_of_a_stream_shows_no_key(
    operation: Operation, everything: pytest.LogCaptureFixture
) -> None:
    items = [sse({**session_event(1), "session_id": 7, "echo": SECRET})]
    if operation.provider == "eliza":
        items = [sse({"error": SECRET}, event="error")]
    with peer(streams([HEAD, *items, END])) as vendor:
        shown = [*told(operation, made(operation, vendor.url)), everything.text]
    assert everything.text
    assert [text for text in shown if SECRET in text] == []


def test_a_recording_has_no_secret_of_any_call(tmp_path: Path, space: Space) -> None:
    """One recorder for all calls: each echoes the secret under names of secrets, and as the key."""
    file = tmp_path / "recording.json"
    keys = dict.fromkeys(("eliza", "ping", "tiun"), SECRET)
    space.admin("PUT", "keys", keys)
    with start_mock(["--record", space.url, "--to", str(file)]) as between:
        for operation in OPERATIONS:
            if operation.is_stream:
                continue  # a recorder answers for what has an end
            space.faults({"kind": "status", "http_status": 400, "body": ECHO})
            url = between.url + operation.vendor.prefix
            for _ in told(operation, made(operation, url)):
                pass
    recorded = file.read_text()
    assert len(json.loads(recorded)["exchanges"]) > 10
    assert SECRET not in recorded


def test_a_text_to_go_on_watching_by_has_no_key(space: Space) -> None:
    space.admin("PUT", "keys", {"ping": SECRET})
    space.add_session("ping", "s", "connected")
    ping = next(each for each in OPERATIONS if each.provider == "ping")
    watching = made(ping, space.base_url("ping"))
    with watching.watch_many(["s"], deadline=20) as changes:
        next(iter(changes))
        text = str(changes.token())
    assert SECRET not in text
    assert SECRET not in repr(changes)


def test_a_ledger_has_no_key(space: Space, tmp_path: Path) -> None:
    space.admin("PUT", "keys", {"ping": SECRET})
    space.add_session("ping", "s", "connected")
    ping = next(each for each in OPERATIONS if each.provider == "ping")
    where = tmp_path / "usage.sqlite"
    with Ledger(where) as ledger:
        ledger.follow(made(ping, space.base_url("ping")), ["s"], every=0.01, rounds=2)
        assert SECRET not in repr(ledger)
    assert where.stat().st_size > 0
    assert all(SECRET.encode() not in file.read_bytes() for file in tmp_path.iterdir())


SECRET_WORDS = re.compile("token|secret|passw|credential|configuration|(^|_)key$")


def named_as_secrets() -> set[str]:
    """Return what is called like a secret: arguments of the calls, and fields of their answers."""
    names = {
        parameter
        for operation in OPERATIONS
        for parameter in inspect.signature(
            getattr(operation.vendor.client_class, operation.name)
        ).parameters
    }
    for value_class in inspect_value_classes().values():
        names |= {field["name"] for field in value_class["fields"]}
    return {name for name in names if SECRET_WORDS.search(name)}


def test_every_member_that_is_called_like_a_secret_is_in_the_table() -> None:
    listed = set(QUESTIONS.values()) | {name for each in ANSWERS.values() for name in each}
    assert named_as_secrets() - NO_SECRETS == listed


def test_every_member_that_is_built_as_a_secret_is_in_the_table() -> None:
    sources = Path(__file__).parents[2] / "cpp/sessionvitals/providers"
    built = {
        name
        for source in sources.rglob("*.cpp")
        for name in re.findall(r'\("(\w+)"\)\.secret\(\)', source.read_text(encoding="utf-8"))
    }
    answers = {name for each in ANSWERS.values() for name in each}
    assert built == answers | {"userVerificationToken"}


def test_items_of_streams_have_no_secret_member() -> None:
    for item in (SessionEvent, ElizaStreamEvent):
        assert not [name for name in item.__match_args__ if SECRET_WORDS.search(name)]
