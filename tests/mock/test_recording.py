"""--record, --replay and --diff: a second mock plays the real server."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest
from mock.calls import PING_KEY
from mock.wire import Received, once
from sandbox import Space, start_mock

CANARY = "canary-5d1c7e"
CHAT = "6f9619ff-8b86-4011-b42d-00c04fc964ff"


@pytest.fixture
def real(space: Space) -> Space:
    """A space that plays the real server, with a key that must not get into the file."""
    space.clock(set="2026-01-01T00:00:00Z", freeze=True)
    space.admin("PUT", "keys", {"ping": CANARY, "eliza": CANARY})
    space.add_session(
        "ping", "vpn", "created", transitions=[{"reads": 1, "state": "connected"}], duration=7
    )
    space.add_session(
        "eliza", CHAT, "active", metadata={"apiToken": CANARY, "note": f"by {CANARY}", "kept": 1}
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
def recorded(mock_binary: Path, real: Space, tmp_path: Path) -> tuple[Path, list[Received]]:
    file = tmp_path / "recording.json"
    with start_mock([str(mock_binary), "--record", real.url, "--to", str(file)]) as between:
        return file, calls(between.port, CANARY)


def test_what_stands_between_changes_no_answer(recorded: tuple[Path, list[Received]]) -> None:
    _, answers = recorded
    assert [one.http_status for one in answers] == [200, 200, 401, 200, 200, 200, 200, 404]
    assert [answers[i].json["status"] for i in (0, 1)] == ["created", "connected"]
    assert answers[3].json["metadata"]["apiToken"] == CANARY


def test_no_secret_and_no_session_id_is_in_the_file(recorded: tuple[Path, list[Received]]) -> None:
    text = recorded[0].read_text()
    assert CANARY not in text
    assert CHAT not in text
    assert '"vpn"' not in text
    assert "/vpn/" not in text
    assert "Authorization" not in text
    assert len(json.loads(text)["exchanges"]) == 8


def test_replaying_gives_the_same_answers(
    mock_binary: Path, recorded: tuple[Path, list[Received]]
) -> None:
    file, first = recorded
    with start_mock([str(mock_binary), "--replay", str(file)]) as replaying:
        second = calls(replaying.port, "another-key")
        again = calls(replaying.port, "another-key")
        unknown = once(replaying.port, "/customer/v2/sessions/other/status", **PING_KEY)

    def told(received: Received) -> tuple[int, str | None, str]:
        body = received.body.decode().strip()
        return received.http_status, received.header("Content-Type"), body

    def without_secrets(received: Received) -> tuple[int, str | None, str]:
        http_status, content_type, body = told(received)
        if CANARY in body:
            json_body = json.loads(body)
            for chat in json_body.get("sessions", [json_body]):
                chat["metadata"] = {"apiToken": "[redacted]", "note": "by [redacted]", "kept": 1}
            body = json.dumps(json_body, separators=(",", ":"))
        return http_status, content_type, body

    # The list names ids that no request did: they stay pseudonyms.
    listed = 5
    for i, (one, two) in enumerate(zip(first, second, strict=True)):
        if i != listed:
            assert told(two) == without_secrets(one)
    assert second[listed].json["total"] == first[listed].json["total"]
    assert told(again[0]) == told(first[2]), "the last answer is repeated"
    assert unknown.http_status == 501


def test_a_server_that_is_not_there_is_502(mock_binary: Path, tmp_path: Path) -> None:
    file = tmp_path / "recording.json"
    with start_mock(
        [str(mock_binary), "--record", "http://127.0.0.1:1", "--to", str(file)]
    ) as between:
        assert once(between.port, "/customer/v2/sessions/s/status").http_status == 502
    assert json.loads(file.read_text())["exchanges"] == []


@pytest.mark.parametrize(
    "arguments",
    [
        ["--record", "ftp://x", "--to", "/tmp/x"],
        ["--record", "http://x"],
        ["--record", "http://x", "--to", "/nonexistent/x"],
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


def diff(mock_binary: Path, url: str, provider: str) -> subprocess.CompletedProcess[str]:
    contracts = Path(__file__).parents[2] / "mocks/contracts"
    return subprocess.run(
        [mock_binary, "--diff", url, "--provider", provider, "--contracts", contracts],
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


def test_a_difference_is_told_field_by_field(mock_binary: Path, space: Space) -> None:
    compared = diff(mock_binary, space.base_url("ping") + "/nowhere", "ping")
    assert compared.returncode == 1
    assert "differs  a connected session" in compared.stdout
    assert "http_status: expected 200, found 501" in compared.stdout
    assert "body /client_id: expected" in compared.stdout
    assert "body /error: not in the contract, found" in compared.stdout
