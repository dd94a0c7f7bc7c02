"""--record, --replay and --diff: a second mock plays the real server."""

from __future__ import annotations

import contextlib
import http.server
import json
import re
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.support.calls import PING_KEY
from tests.support.raw import Answer, send
from tests.support.sandbox import Space, start_mock
from tests.support.wire import Received, once

CANARY = "canary-5d1c7e"
CHAT = "6f9619ff-8b86-4011-b42d-00c04fc964ff"
AGENT = "b3d5f1c2-0000-4000-8000-00000000a9e7"
USER = "d4c8aa10-0000-4000-8000-0000000005e4"
CHANNEL = "e5a90b77-0000-4000-8000-0000000c4a77"


@pytest.fixture
def real(space: Space) -> Space:
    """A space that plays the real server, with a key that must not get into the file."""
    space.clock(set="2026-01-01T00:00:00Z", freeze=True)
    space.admin("PUT", "keys", {"ping": CANARY, "eliza": CANARY})
    space.add_session(
        "ping",
        "vpn",
        "created",
        client_id="client-4471",
        transitions=[{"reads": 1, "state": "connected"}],
        duration=7,
    )
    note = f"by {CANARY} for {USER}"
    space.add_session(
        "eliza",
        CHAT,
        "active",
        agent_id=AGENT,
        user_id=USER,
        channel_id=CHANNEL,
        metadata={"apiToken": CANARY, "note": note, "kept": 1, "crmId": "c7"},
    )
    return space


def calls(port: int, key: str) -> list[Received]:
    vpn, chat = "/customer/v2/sessions/vpn/status", f"/api/messaging/sessions/{CHAT}"
    return [
        once(port, vpn, Authorization=key),
        once(port, vpn, Authorization=key),
        once(port, vpn, Authorization="wrong"),
        once(port, chat, X_API_KEY=key),
        once(port, chat + "?api_key=" + key, X_API_KEY=key),
        once(port, "/api/messaging/sessions", X_API_KEY=key),
        once(port, chat, "DELETE", X_API_KEY=key),
        once(port, chat, X_API_KEY=key),
    ]


@pytest.fixture
def recorded(real: Space, tmp_path: Path) -> tuple[Path, list[Received]]:
    file = tmp_path / "recording.json"
    with start_mock(["--record", real.url, "--to", str(file)]) as between:
        return file, calls(between.port, CANARY)


def test_what_stands_between_changes_no_answer(recorded: tuple[Path, list[Received]]) -> None:
    _, answers = recorded
    assert [one.http_status for one in answers] == [200, 200, 401, 200, 200, 200, 200, 404]
    assert [answers[i].json["status"] for i in (0, 1)] == ["created", "connected"]
    assert answers[3].json["metadata"]["apiToken"] == CANARY


def test_no_secret_and_no_id_is_in_the_file(recorded: tuple[Path, list[Received]]) -> None:
    text = recorded[0].read_text()
    for hidden in (CANARY, CHAT, AGENT, USER, CHANNEL, "client-4471", '\\"c7\\"', "vpn"):
        assert hidden not in text
    assert "Authorization" not in text
    assert len(json.loads(text)["exchanges"]) == 8


def test_an_id_has_one_pseudonym_wherever_it_stands(
    recorded: tuple[Path, list[Received]],
) -> None:
    bodies = [json.loads(each["body"]) for each in json.loads(recorded[0].read_text())["exchanges"]]
    chat, listed = bodies[3], bodies[5]["sessions"][0]
    assert chat == listed | {"timeRemaining": chat["timeRemaining"]}
    names = [chat[name] for name in ("sessionId", "agentId", "userId", "channelId")]
    assert len(set(names)) == 4
    assert all(re.fullmatch("id-[0-9a-f]{24}", name) for name in names)
    assert chat["metadata"]["note"] == f"by [redacted] for {chat['userId']}"
    assert bodies[0]["client_id"] == bodies[1]["client_id"] != "client-4471"


def test_an_id_that_begins_with_another_has_its_own_pseudonym(space: Space, tmp_path: Path) -> None:
    file = tmp_path / "recording.json"
    ids = [f"session-{'x' * length}" for length in range(1, 9)]
    note = "{}, session-, session-y, {}y"
    for each in ids:
        space.add_session("eliza", each, "active", metadata={"note": note.format(each, each)})
    with start_mock(["--record", space.url, "--to", str(file)]) as between:
        once(between.port, "/api/messaging/sessions", X_API_KEY="k")
    (exchange,) = json.loads(file.read_text())["exchanges"]
    told = json.loads(exchange["body"])["sessions"]

    assert len({each["sessionId"] for each in told}) == len(ids)
    for each in told:
        assert each["metadata"]["note"] == note.format(each["sessionId"], each["sessionId"])


def test_a_list_of_four_times_the_sessions_takes_about_four_times_as_long(
    space: Space, tmp_path: Path
) -> None:
    def cost_of(count: int) -> int:
        """Return the processor time of recording the list, in nanoseconds."""
        sibling = space.sibling(f"{space.name}-{count}")
        one = {"provider": "eliza", "state": "active"}
        sessions = [{**one, "id": f"{number:036}"} for number in range(count)]
        sibling.admin("POST", "sessions", {"sessions": sessions})
        with start_mock(["--record", sibling.url, "--to", str(tmp_path / str(count))]) as between:
            before = between.processor_time()
            assert once(between.port, "/api/messaging/sessions").http_status == 200
            return between.processor_time() - before

    assert cost_of(2_000) < 9 * cost_of(500), "four squared is sixteen"


def test_an_id_that_only_the_request_names_is_hidden_too(real: Space, tmp_path: Path) -> None:
    file = tmp_path / "recording.json"
    real.admin("PUT", "dialect", {"eliza_agents": []})
    sessions = "/api/messaging/sessions"
    body = json.dumps({"agentId": AGENT, "userId": USER}).encode()
    headers = {"Content_Type": "application/json", "X_API_KEY": CANARY}
    with start_mock(["--record", real.url, "--to", str(file)]) as between:
        refused = once(between.port, f"{sessions}?agentId={AGENT}", "POST", body, **headers)
        assert AGENT in refused.json["error"]
    text = file.read_text()
    assert AGENT not in text
    (exchange,) = json.loads(text)["exchanges"]
    pseudonym = exchange["target"].partition("?agentId=")[2]
    assert f"'{pseudonym}'" in exchange["body"]
    with start_mock(["--replay", str(file)]) as replaying:
        again = once(replaying.port, f"{sessions}?agentId={AGENT}", "POST", body, **headers)
    assert again.http_status == refused.http_status == 404


TRACE = (
    "SessionNotFoundError: no session\n"
    "    at file:///Users/ana/eliza/node_modules/@elizaos/server/dist/index.js:25300:5\n"
    "    at Layer.handleRequest (/srv/eliza/node_modules/router/lib/layer.js:152:17)\n"
    "    at async next"
)


@pytest.mark.parametrize(
    ("body", "kept"),
    [
        (json.dumps({"error": {"stack": TRACE}}), "SessionNotFoundError: no session"),
        (json.dumps({"details": ["cannot read C:\\Users\\ana\\keys.json"]}), "cannot read"),
        (f"<pre>{TRACE}</pre>", "<pre>SessionNotFoundError"),
        ("cannot open '/Users/ana/x.db'; see /api/messaging/sessions", "/api/messaging/sessions"),
        ("https://example.org/Users/ana", "https://example.org/Users/ana"),
        (json.dumps({"text": "meet me\nat noon, at /tmp"}), "at noon, at /tmp"),
    ],
)
def test_no_stack_trace_and_no_path_of_a_file_is_in_the_file(
    space: Space, tmp_path: Path, body: str, kept: str
) -> None:
    file = tmp_path / "recording.json"
    space.faults({"kind": "status", "http_status": 404, "body": body})
    with start_mock(["--record", space.url, "--to", str(file)]) as between:
        answered = once(between.port, "/customer/v2/sessions/vpn/status", Authorization=CANARY)
    assert answered.body.decode() == body, "what stands between changes nothing"

    (exchange,) = json.loads(file.read_text())["exchanges"]
    assert kept in exchange["body"].replace("\\n", "\n")
    for told in ("node_modules", "Users/ana/eliza", "C:", "x.db", "layer.js", "async next"):
        assert told not in exchange["body"]


def test_replaying_gives_the_same_answers(recorded: tuple[Path, list[Received]]) -> None:
    file, first = recorded
    with start_mock(["--replay", str(file)]) as replaying:
        second = calls(replaying.port, "another-key")
        again = calls(replaying.port, "another-key")
        unknown = once(replaying.port, "/customer/v2/sessions/other/status", **PING_KEY)

    def told(received: Received) -> tuple[int, str | None, str]:
        body = re.sub("id-[0-9a-f]{24}", "ID", received.body.decode().strip())
        return received.http_status, received.header("Content-Type"), body

    def without_secrets(received: Received) -> tuple[int, str | None, str]:
        http_status, content_type, body = told(received)
        body = body.replace(f'"apiToken":"{CANARY}"', '"apiToken":"[redacted]"')
        body = body.replace(CANARY, "[redacted]").replace('"c7"', '"ID"')
        for name in (AGENT, USER, CHANNEL, "client-4471"):
            body = body.replace(name, "ID")
        return http_status, content_type, body

    # The list names ids that no request did: they stay pseudonyms.
    listed = 5
    for i, (one, two) in enumerate(zip(first, second, strict=True)):
        if i != listed:
            assert told(two) == without_secrets(one)
    assert second[listed].json["total"] == first[listed].json["total"]
    assert told(again[0]) == told(first[2]), "the last answer is repeated"
    assert unknown.http_status == 501


def test_a_server_with_tls_is_recorded_by_its_own_ca(tmp_path: Path) -> None:
    file = tmp_path / "recording.json"
    target = "/customer/v2/sessions/s/status"
    with start_mock(["--tls"]) as secure:
        record = ["--record", secure.url, "--to", str(file)]
        with start_mock([*record, "--ca-file", secure.ready["ca_file"]]) as between:
            assert once(between.port, target, **PING_KEY).http_status == 404
        assert [each["http_status"] for each in json.loads(file.read_text())["exchanges"]] == [404]
        with start_mock(record) as suspicious:
            refused = once(suspicious.port, target, **PING_KEY)
        assert refused.http_status == 502
        assert "certificate" in refused.json["error"]["message"]


def test_a_server_with_tls_is_compared_by_its_own_ca(mock_binary: Path) -> None:
    with start_mock(["--tls"]) as secure:
        compared = diff(mock_binary, secure.url, "tiun", "--ca-file", secure.ready["ca_file"])
    assert compared.returncode == 0, compared.stdout + compared.stderr
    assert " 0 differ" in compared.stdout


def test_an_answer_that_is_cut_short_is_never_recorded(real: Space, tmp_path: Path) -> None:
    file = tmp_path / "recording.json"
    real.faults(script="wrong-length(10)")
    with start_mock(["--record", real.url, "--to", str(file)]) as between:
        cut = once(between.port, "/customer/v2/sessions/vpn/status", Authorization=CANARY)
        assert cut.http_status == 502
    assert json.loads(file.read_text())["exchanges"] == []


def test_a_server_that_is_not_there_is_502(tmp_path: Path) -> None:
    file = tmp_path / "recording.json"
    with start_mock(["--record", "http://127.0.0.1:1", "--to", str(file)]) as between:
        assert once(between.port, "/customer/v2/sessions/s/status").http_status == 502
    assert json.loads(file.read_text())["exchanges"] == []


@pytest.mark.parametrize(
    "arguments",
    [
        ["--record", "ftp://x", "--to", "/tmp/x"],
        ["--record", "http://user:secret@x", "--to", "/tmp/x"],
        ["--record", "http://user:secret@x:0", "--to", "/tmp/x"],
        ["--record", "http://x?a=b", "--to", "/tmp/x"],
        ["--record", "http://[::1", "--to", "/tmp/x"],
        ["--record", "http://x:80:80", "--to", "/tmp/x"],
        ["--record", "http://x"],
        ["--record", "http://x", "--to", "/nonexistent/x"],
        ["--record", "https://x", "--to", "/tmp/x", "--ca-file", "/nonexistent"],
        ["--ca-file", "/nonexistent"],
        ["--replay", "/nonexistent"],
        ["--diff", "http://127.0.0.1:1"],
        ["--diff", "http://127.0.0.1:1", "--provider", "none"],
    ],
)
def test_what_cannot_be_done_is_told_at_once(mock_binary: Path, arguments: list[str]) -> None:
    refused = subprocess.run(
        [mock_binary, "--port", "0", *arguments],
        capture_output=True,
        text=True,
        check=False,
        timeout=20,
    )
    assert refused.returncode == 2
    assert refused.stderr
    assert "secret" not in refused.stderr


def diff(
    mock_binary: Path, url: str, provider: str, *options: str
) -> subprocess.CompletedProcess[str]:
    contracts = Path(__file__).parents[3] / "mocks/contracts"
    return subprocess.run(
        [mock_binary, "--diff", url, "--provider", provider, "--contracts", contracts, *options],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


@pytest.mark.parametrize("provider", ["tiun", "ping", "eliza"])
def test_the_mock_does_not_differ_from_the_contract(
    mock_binary: Path, space: Space, provider: str
) -> None:
    compared = diff(mock_binary, space.base_url(provider), provider)
    assert compared.returncode == 0, compared.stdout + compared.stderr
    assert " 0 differ" in compared.stdout


AGENTS = json.dumps({"data": {"agents": [{"id": AGENT}]}}).encode()


@contextlib.contextmanager
def without_admin(space: Space) -> Iterator[str]:
    """Run a server that answers as the space does, but for its admin interface: as a real one."""

    class Relay(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if "/__admin/" in self.path:
                self.send_error(404)
                return
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            if self.path == "/api/agents":
                answer = Answer(200, {"content-length": str(len(AGENTS))}, AGENTS)
            else:
                answer = send(space.url, self.command, self.path, dict(self.headers), body)
            self.send_response(answer.http_status)
            for name, value in answer.headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(answer.body)

        do_POST = do_PATCH = do_DELETE = do_GET

        def log_message(self, *arguments: object) -> None:
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Relay) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.mark.parametrize("key", [None, "the-servers-own-key"])
def test_a_real_server_is_prepared_by_the_vendors_own_calls(
    mock_binary: Path, space: Space, monkeypatch: pytest.MonkeyPatch, key: str | None
) -> None:
    space.admin("PUT", "dialect", {"eliza": "server", "eliza_agents": [AGENT]})
    space.admin("PUT", "keys", {"eliza": key})
    if key is not None:
        monkeypatch.setenv("ELIZA_API_KEY", key)
    with without_admin(space) as url:
        compared = diff(mock_binary, url, "eliza")

    assert compared.returncode == 0, compared.stdout + compared.stderr
    sums = re.search(r"(\d+) same, 0 differ, \d+ skipped, 0 failed", compared.stdout)
    assert sums, compared.stdout
    assert int(sums[1]) > 30
    assert ("the server may ask for no key" in compared.stdout) is (key is None)
    assert re.search(r"skipped \d: servers choose the ids of sessions", compared.stdout)
    assert space.admin("GET", "sessions?provider=eliza")["total"] == 0, "what it created is left"


def test_a_real_server_that_answers_otherwise_differs(mock_binary: Path, space: Space) -> None:
    space.admin("PUT", "dialect", {"eliza": "seed", "eliza_agents": [AGENT]})
    with without_admin(space) as url:
        compared = diff(mock_binary, url, "eliza")

    assert compared.returncode == 1
    assert "differs  an id nobody has, form A" in compared.stdout


def test_a_server_of_which_nothing_can_be_asked_is_no_success(
    mock_binary: Path, space: Space
) -> None:
    space.admin("PUT", "limits", {"eliza": {"limit": 0, "window": 900}})
    with without_admin(space) as url:
        compared = diff(mock_binary, url, "eliza")

    assert compared.returncode == 2
    assert "limits rates and answers 429" in compared.stdout


def test_a_difference_is_told_field_by_field(mock_binary: Path, space: Space) -> None:
    compared = diff(mock_binary, space.base_url("ping") + "/nowhere", "ping")
    assert compared.returncode == 1
    assert "differs  a connected session" in compared.stdout
    assert "http_status: expected 200, found 501" in compared.stdout
    assert "body /client_id: expected" in compared.stdout
    assert "body /error: not in the contract, found" in compared.stdout
