"""The lines that a failed test is told of its sandbox."""

from __future__ import annotations

import subprocess

import pytest
from tests.support.sandbox import Space
from tests.support.wire import once

from pytest_sessionvitals.report import describe


@pytest.mark.parametrize(
    ("method", "path", "body", "headers"),
    [
        ("HEAD", "/customer/v2/sessions/s/status", b"", {}),
        ("GET", "/customer/v2/sessions/[a]{b}/../status?x='", b"", {"X_Empty": ""}),
        ("POST", "/customer/v2/sessions", b'{"client_id": "it\'s"}', {}),
        ("POST", "/api/messaging/sessions", b"{}", {"Content_Type": "application/json"}),
    ],
)
def test_the_latest_request_can_be_made_again(
    space: Space, method: str, path: str, body: bytes, headers: dict[str, str]
) -> None:
    once(space.port, f"/~{space.name}{path}", method, body, **headers)
    command = describe(space.sandbox).split("again ", 1)[1]
    subprocess.run(["bash", "-c", command], check=True, capture_output=True, timeout=10)
    first, again = space.admin("GET", "requests")["requests"]
    for name in ("method", "target", "body", "http_status"):
        assert again[name] == first[name]


def test_no_control_characters_go_to_a_terminal(space: Space) -> None:
    once(space.port, f"/~{space.name}/customer/v2/sessions", "POST", b"\x1b[201~;id\n")
    assert describe(space.sandbox).replace("\n", "").isprintable()
