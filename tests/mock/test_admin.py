"""The admin interface: its own document, its refusals, and sessions through it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.support.calls import ping
from tests.support.sandbox import Mock, Space, start_mock
from tests.support.vendors import PING, VENDORS
from tests.support.wire import once

from sessionvitals import ConfigurationError, ServerError

SERVER = Path(__file__).parents[2] / "mocks/server"


def test_the_document_lists_exactly_the_calls_there_are(space: Space) -> None:
    table = re.findall(r'TableRow\{"([A-Z]+)", "([^"]+)"', (SERVER / "admin/admin.cpp").read_text())
    document = space.admin("GET", "openapi.json")
    listed = {
        (method.upper(), path)
        for path, calls in document["paths"].items()
        for method in calls
        if method != "parameters"
    }
    assert listed == set(table)


def test_the_vendors_document_lists_exactly_the_operations_played(space: Space) -> None:
    played = {
        (row["method"], row["path"], row["operation"])
        for row in space.admin("GET", "operations")["operations"]
        # HEAD and the slash at the end are other ways to the same operation.
        if row["played"] and row["method"] != "HEAD" and not row["path"].endswith("/")
    }
    document = space.admin("GET", "openapi/vendors.json")
    listed = {
        (method.upper(), path, call["operationId"])
        for path, calls in document["paths"].items()
        for method, call in calls.items()
        if method != "parameters"
    }
    assert listed == played


def test_every_operation_names_a_rule_and_its_source(space: Space) -> None:
    for row in space.admin("GET", "operations")["operations"]:
        assert row["rule"].startswith(row["provider"])
        assert (SERVER.parents[1] / row["source"]).is_file()
        if row["played"]:
            continue
        path = re.sub(r"\{\w+\}", "x", row["path"])
        refused = once(space.port, f"/~{space.name}{path}", row["method"])
        assert (refused.http_status, refused.json["error"]["message"]) == (501, row["rule"])


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_the_root_of_a_space_is_a_page_that_says_where_the_vendors_are(
    space: Space, method: str
) -> None:
    page = once(space.port, f"/~{space.name}/", method)
    assert page.http_status == 200
    if method == "HEAD":
        return
    text = page.body.decode()
    for words in (space.name, "ping  /customer/v2", "/__admin/operations", "mocks/README.md"):
        assert words in text
    assert "sandbox-key" not in text


@pytest.mark.parametrize("provider", ["tiun", "ping", "eliza"])
def test_the_words_of_a_501_reach_the_clients_error(space: Space, provider: str) -> None:
    vendor = VENDORS[provider]
    wrong = vendor.client(f"{space.url}/nope")
    with pytest.raises(
        ServerError, match=r"no source knows .*nearest: .*check the base URL"
    ) as caught:
        vendor.ask(wrong, "s")
    assert caught.value.http_status == 501


def test_a_501_of_a_handler_has_its_words_in_the_body(space: Space) -> None:
    refused = once(
        space.port,
        f"/~{space.name}/live_api/s2s/v1/sessions/s/status?x=1",
        "PATCH",
        X_ACCESS_TOKEN="tiun-sandbox-token",
    )
    assert refused.http_status == 501
    assert "neither a body nor a query" in refused.json["detail"]


@pytest.mark.parametrize(
    ("asked", "nearest"),
    [
        ("GET /sessions/s/status", "GET /customer/v2/sessions/{id}/status"),
        ("PATCH /sessions/s/status", "PATCH /live_api/s2s/v1/sessions/{id}/status"),
        ("GET /customer/v2/session/s/status", "GET /customer/v2/sessions/{id}/status"),
        ("POST /messaging/sessions/s/renew", "POST /api/messaging/sessions/{id}/renew"),
        ("GET /api/messaging/sessions/s/renew", "POST /api/messaging/sessions/{id}/renew"),
        ("GET /" + "a/" * 8000, None),
    ],
)
def test_the_nearest_route_ends_as_the_asked_one(
    space: Space, asked: str, nearest: str | None
) -> None:
    method, path = asked.split(" ")
    refused = once(space.port, f"/~{space.name}{path}", method)
    assert refused.http_status == 501
    if nearest is not None:
        assert refused.json["error"]["nearest"].startswith(nearest + " ")


def admin(space: Space, method: str, path: str, body: bytes = b"") -> Any:
    return once(space.port, f"/~{space.name}/__admin/{path}", method, body)


def test_a_wrong_method_is_405_and_an_unknown_call_404(space: Space) -> None:
    refused = admin(space, "DELETE", "clock")
    assert (refused.http_status, refused.header("Allow")) == (405, "GET, POST")
    assert admin(space, "GET", "nothing").http_status == 404


@pytest.mark.parametrize("method", ["QUERY", "PROPFIND", "M-SEARCH", "PRI", "GET2"])
def test_a_method_that_nobody_knows_is_refused_with_words(space: Space, method: str) -> None:
    refused = admin(space, method, "clock")
    assert (refused.http_status, refused.json["error"]["code"]) == (405, "method_not_allowed")
    route = once(space.port, f"/~{space.name}/customer/v2/sessions/s/status", method)
    assert (route.http_status, route.json["error"]["code"]) == (501, "not_implemented")
    assert route.json["error"]["nearest"].startswith("GET /customer/v2/sessions/{id}/status")
    (kept,) = space.admin("GET", "requests?unmatched=true")["requests"]
    assert kept["method"] == method


def test_a_session_is_named_in_the_query_where_a_path_cannot(space: Space) -> None:
    for name in ("..", ".", "a"):
        space.add_session("ping", name, "created")
    for name in ("..", "%2E", "a"):
        path = f"sessions/ping?id={name}"
        assert admin(space, "PATCH", path, b'{"state": "connected"}').json["state"] == "connected"
        assert admin(space, "GET", path).json["state"] == "connected"
        assert admin(space, "DELETE", path).json == {"removed": 1}
        assert admin(space, "GET", path).http_status == 404
    for path, http_status in (("ping", 400), ("ping?id=", 400), ("moon?id=a", 404)):
        assert admin(space, "DELETE", f"sessions/{path}").http_status == http_status


def test_sessions_live_and_die_through_it(space: Space) -> None:
    space.clock(set="2026-01-01T00:00:00Z", freeze=True)
    space.add_session("ping", "a/b c", "created", transitions=[{"after": 5, "state": "connected"}])
    shown = space.admin("GET", "sessions/ping/a%2Fb%20c")
    assert shown == {
        "provider": "ping",
        "id": "a/b c",
        "state": "created",
        "since": "2026-01-01T00:00:00.000Z",
        "reads": 0,
        "client_id": "client-a/b c",
        "transitions": [{"after": 5.0, "state": "connected"}],
    }
    space.clock(advance=6)
    assert space.admin("GET", "sessions")["sessions"][0]["since"] == "2026-01-01T00:00:05.000Z"
    space.admin("PATCH", "sessions/ping/a%2Fb%20c", {"client_id": "x", "state": "disconnected"})
    assert ping(space, "a/b c").json == {"client_id": "x", "status": "disconnected"}
    assert space.admin("DELETE", "sessions/ping/a%2Fb%20c") == {"removed": 1}
    assert ping(space, "a/b c").http_status == 404


def test_a_list_is_stored_whole_or_not_at_all(space: Space) -> None:
    good = {"provider": "ping", "id": "a", "state": "created"}
    bad = {"provider": "ping", "id": "b", "state": "dancing"}
    with pytest.raises(ConfigurationError, match=re.escape('"member":"sessions[1].state"')):
        space.admin("POST", "sessions", {"sessions": [good, bad]})
    of_another = {**good, "provider": "eliza", "state": "active"}
    with pytest.raises(ConfigurationError, match=re.escape('"member":"sessions[2].id"')):
        space.admin("POST", "sessions", {"sessions": [good, of_another, good]})
    assert space.admin("GET", "sessions")["total"] == 0


def test_a_change_is_made_whole_or_not_at_all(space: Space) -> None:
    space.add_session("ping", "s", "created", client_id="a")
    with pytest.raises(ConfigurationError, match="upload_rate"):
        space.admin("PATCH", "sessions/ping/s", {"client_id": "b", "upload_rate": -1})
    assert space.admin("GET", "sessions/ping/s")["client_id"] == "a"


SEED = {"provider": "ping", "id": "s", "state": "created"}
WRONG: list[tuple[str, str, object, str]] = [
    ("POST", "sessions", [], ""),
    ("POST", "sessions", {**SEED, "provider": "aws"}, "provider"),
    ("POST", "sessions", {**SEED, "id": ""}, "id"),
    ("POST", "sessions", {**SEED, "id": 7}, "id"),
    ("POST", "sessions", {**SEED, "duration": 1.5}, "duration"),
    ("POST", "sessions", {**SEED, "uploaded_bytes": 2**63}, "uploaded_bytes"),
    ("POST", "sessions", {**SEED, "agent_id": "x"}, "agent_id"),
    ("POST", "sessions", {**SEED, "transitions": [{"state": "created"}]}, ""),
    ("POST", "sessions", {**SEED, "transitions": [{"reads": 0, "state": "created"}]}, "reads"),
    ("POST", "sessions", {"sessions": {}}, "sessions"),
    ("PUT", "keys", {"ping": ""}, "ping"),
    ("PUT", "keys", {"aws": "x"}, "aws"),
    ("PUT", "dialect", {"eliza": "latin"}, "eliza"),
    ("PUT", "limits", {"tiun": {"limit": 1}}, "tiun"),
    ("PUT", "limits", {"ping": {"window": 0}}, "ping"),
    ("POST", "scenarios", {"sesions": []}, "sesions"),
    ("POST", "scenarios", {"sessions": [{**SEED, "repeat": 0}]}, "sessions[0].repeat"),
    ("GET", "sessions?provider=aws", None, "provider"),
    ("GET", "requests?limit=0", None, "limit"),
]


@pytest.mark.parametrize(("method", "path", "body", "member"), WRONG)
def test_wrong_input_is_400_and_names_the_member(
    space: Space, method: str, path: str, body: object, member: str
) -> None:
    sent = b"" if body is None else json.dumps(body).encode()
    refused = admin(space, method, path, sent)
    assert refused.http_status == 400
    assert refused.json["error"].get("member", "").endswith(member)


@pytest.mark.parametrize("body", [b"", b"{", b"\xff", b"null", b"[]", b'"x"', b"{}\0garbage"])
@pytest.mark.parametrize("path", ["sessions", "clock", "faults", "scenarios"])
def test_no_body_breaks_it(space: Space, path: str, body: bytes) -> None:
    assert admin(space, "POST", path, body).http_status == 400


@pytest.mark.parametrize("path", ["sessions/ping/none", "sessions/aws/s", "faults/1", "faults/x"])
def test_what_is_not_there_is_404(space: Space, path: str) -> None:
    assert admin(space, "DELETE", path).http_status == 404


METRIC = re.compile(r"(\w+)(?:\{(.*)\})? (-?[\d.]+)")


@pytest.fixture(scope="module")
def fresh() -> Iterator[Mock]:
    """A mock of few spaces, as those after a hundred have no name of their own."""
    with start_mock() as running:
        yield running


@pytest.fixture
def counted(fresh: Mock, request: pytest.FixtureRequest) -> Space:
    return Space(fresh, request.node.name)


def metrics_of(port: int) -> dict[tuple[str, str], float]:
    """Return each number by its metric and its labels, as they are written."""
    answer = once(port, "/__admin/metrics")
    assert answer.http_status == 200
    assert answer.header("Content-Type") == "text/plain; version=0.0.4; charset=utf-8"
    found = {}
    described: set[str] = set()
    for line in answer.body.decode().splitlines():
        if line.startswith("#"):
            described.add(line.split()[2])
            continue
        match = METRIC.fullmatch(line)
        assert match, line
        assert match[1] in described, f"{match[1]} has no HELP"
        found[match[1], match[2] or ""] = float(match[3])
    return found


def test_requests_and_faults_are_counted_by_space(counted: Space) -> None:
    counted.add_session("ping", "s", "connected")
    counted.sandbox.faults.script("503*1", provider="ping")
    client = PING.client(counted.url + PING.prefix)
    with pytest.raises(ServerError):
        client.probe("s")
    client.probe("s")
    client.probe("s")
    counted.sandbox.faults.clear()

    found = metrics_of(counted.port)

    requests = f'space="{counted.name}",provider="ping",operation="session_status",status='
    assert found["sessionvitals_mock_requests_total", f'{requests}"200"'] == 2
    assert found["sessionvitals_mock_requests_total", f'{requests}"503"'] == 1
    fired = f'space="{counted.name}",kind="503"'
    assert found["sessionvitals_mock_faults_fired_total", fired] == 1
    assert found["sessionvitals_mock_journal_dropped_total", f'space="{counted.name}"'] == 0
    assert found["sessionvitals_mock_connections_open", ""] >= 1
    assert found["process_cpu_seconds_total", ""] > 0
    assert found["process_resident_memory_bytes", ""] > 1_000_000
    assert found["process_start_time_seconds", ""] > 1_600_000_000


def test_a_clock_that_was_moved_is_seen(counted: Space) -> None:
    counted.sandbox.clock.advance(hours=1)

    offset = metrics_of(counted.port)[
        "sessionvitals_mock_clock_offset_seconds", f'space="{counted.name}"'
    ]
    assert 3590 < offset < 3610


def test_spaces_past_a_hundred_are_counted_together() -> None:
    with start_mock() as mock:
        for number in range(120):
            Space(mock, f"s{number:03}").add_session("ping", "s", "connected")
        for number in (0, 118, 119):
            PING.client(Space(mock, f"s{number:03}").url + PING.prefix).probe("s")

        found = metrics_of(mock.port)

    what = 'provider="ping",operation="session_status",status="200"'
    by_space = {
        labels: number
        for (name, labels), number in found.items()
        if name == "sessionvitals_mock_requests_total"
    }
    assert by_space == {f'space="s000",{what}': 1, f'space="other",{what}': 2}
    offsets = [name for name, _ in found if name.endswith("clock_offset_seconds")]
    assert len(offsets) == 100


def test_a_name_that_a_client_chose_needs_no_escaping(counted: Space) -> None:
    once(counted.port, f'/~{counted.name}/no"such\\path')

    assert metrics_of(counted.port)


def queries_of(document: Any) -> list[tuple[str, str, list[str]]]:
    """Return each call of the document, with the members of the query that it reads."""
    return [
        (method.upper(), path, [each["name"] for each in read if each["in"] == "query"])
        for path, calls in document["paths"].items()
        for method, call in calls.items()
        if method != "parameters"
        for read in [[*call.get("parameters", []), *calls.get("parameters", [])]]
    ]


def test_a_member_of_a_query_that_a_call_does_not_read_is_refused_by_name(space: Space) -> None:
    calls = queries_of(space.admin("GET", "openapi.json"))
    for method, path, read in calls:
        if path == "/__admin/":
            continue
        path = re.sub(r"\{\w+\}", "ping", path)
        refused = once(space.port, f"/~{space.name}{path}?limt=1", method)
        assert refused.http_status == 400, (method, path)
        error = refused.json["error"]
        assert error["member"] == "limt"
        assert "limt: is not known here" in error["message"]
        assert all(name in error["message"] for name in read), error


def test_what_would_drop_some_sessions_drops_none(space: Space) -> None:
    space.add_session("ping", "a", "connected")
    refused = admin(space, "DELETE", "sessions?provider=tiun")
    assert (refused.http_status, refused.json["error"]["member"]) == (400, "provider")
    assert space.admin("GET", "sessions")["total"] == 1


def test_a_member_with_a_malformed_escape_is_refused(space: Space) -> None:
    refused = admin(space, "GET", "sessions?provider=%zz")
    assert (refused.http_status, refused.json["error"]["member"]) == (400, "provider")


@pytest.mark.parametrize(
    ("body", "member"),
    [
        (b'{"provider": "ping", "id": "a", "id": "b", "state": "connected"}', "id"),
        (
            b'{"sessions": [{"id": "a"}, {"id": "b", "traffic": {"up": 1, "up": 2}}]}',
            "sessions[1].traffic.up",
        ),
    ],
)
def test_a_name_that_is_there_twice_is_refused_with_its_place(
    space: Space, body: bytes, member: str
) -> None:
    refused = admin(space, "POST", "sessions", body)
    assert (refused.http_status, refused.json["error"]["member"]) == (400, member)
    assert "is there twice" in refused.json["error"]["message"]
    assert space.admin("GET", "sessions")["total"] == 0


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("provider=pin", "must be one of tiun, ping, eliza"),
        ("operation=sesion_status", "no vendor has the operation sesion_status"),
        ("http_status=2oo", "must be a whole number"),
        ("number=x", "must be a whole number"),
        ("method=get", "is written in capitals"),
    ],
)
def test_a_value_that_no_request_can_have_is_refused_and_not_counted(
    space: Space, query: str, words: str
) -> None:
    refused = admin(space, "GET", f"requests/count?{query}&exactly=0")
    assert refused.http_status == 400
    error = refused.json["error"]
    assert (error["member"], words in error["message"]) == (query.partition("=")[0], True)


@pytest.mark.parametrize("name", ["freeze", "resume"])
def test_the_clock_is_not_told_what_not_to_do(space: Space, name: str) -> None:
    space.clock(freeze=True)
    refused = admin(space, "POST", "clock", json.dumps({name: False}).encode())
    assert (refused.http_status, refused.json["error"]["member"]) == (400, name)
    assert space.admin("GET", "clock")["frozen"]
