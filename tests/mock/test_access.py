"""Pages of other sites cannot use the admin interface; programs can, and vendors are not touched.

A browser sends a page's requests to this machine too, and lets the page read the answers when its
name resolves to this machine. Host, Origin and Sec-Fetch-Site tell: a page cannot set them.
"""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest
from tests.support.calls import PING_KEY
from tests.support.sandbox import Mock, Space, start_mock
from tests.support.wire import Received, ask, once

# What stands in the head, and the status of an admin call with it: 200 when it may be made.
# PORT is the mock's own.
HEADS: dict[str, tuple[list[str], int]] = {
    "curl": (["Host: 127.0.0.1:PORT"], 200),
    "localhost": (["Host: localhost:PORT"], 200),
    "localhost without a port": (["Host: localhost"], 200),
    "LOCALHOST": (["Host: LOCALHOST:PORT"], 200),
    "a name under localhost": (["Host: mock.LocalHost:PORT"], 200),
    "the IPv6 loopback": (["Host: [::1]:PORT"], 200),
    "the IPv6 loopback in full": (["Host: [0:0:0:0:0:0:0:1]:PORT"], 200),
    "another port, as forwarded": (["Host: 127.0.0.1:1"], 200),
    "a service of docker compose": (["Host: mock:8080"], 200),
    "an empty Host": (["Host: "], 421),
    "two Hosts": (["Host: localhost", "Host: localhost"], 421),
    "a foreign name": (["Host: evil.example:PORT"], 421),
    "a name that begins like a loopback address": (["Host: 127.evil.example"], 421),
    "a name that begins like localhost": (["Host: localhost.evil.example"], 421),
    "a name that ends like localhost": (["Host: evillocalhost.example"], 421),
    "a name with a dot at its end": (["Host: evil.example."], 421),
    "localhost with a dot at its end": (["Host: localhost."], 421),
    "the address of another interface": (["Host: 192.168.7.7:PORT"], 421),
    "the address of all interfaces": (["Host: 0.0.0.0:PORT"], 421),
    "an IPv6 address of another interface": (["Host: [fe80::1]:PORT"], 421),
    "an IPv6 zone": (["Host: [::1%25lo]:PORT"], 421),
    "an IPv6 address without brackets": (["Host: ::1"], 421),
    "a user in Host": (["Host: a@localhost:PORT"], 421),
    "a port that is no number": (["Host: localhost:x"], 421),
    "a list in Host": (["Host: localhost, evil.example"], 421),
    "the mock's own page": (["Host: localhost:PORT", "Origin: http://localhost:PORT"], 200),
    "the same in capitals": (["Host: localhost:PORT", "Origin: HTTP://LocalHost:PORT"], 200),
    "the same without ports": (["Host: localhost", "Origin: https://localhost"], 200),
    "a page on another port": (["Host: localhost:PORT", "Origin: http://localhost:1"], 403),
    "a page of another name": (["Host: localhost:PORT", "Origin: http://127.0.0.1:PORT"], 403),
    "a foreign page": (["Host: localhost:PORT", "Origin: https://evil.example"], 403),
    "a foreign page that begins alike": (
        ["Host: localhost:PORT", "Origin: http://localhost:PORT.evil.example"],
        403,
    ),
    "a page of no origin": (["Host: localhost:PORT", "Origin: null"], 403),
    "an empty Origin": (["Host: localhost:PORT", "Origin: "], 403),
    "an extension's page": (["Host: localhost:PORT", "Origin: moz-extension://x"], 403),
    "two Origins": (
        ["Host: localhost:PORT", "Origin: http://localhost:PORT", "Origin: http://localhost:PORT"],
        403,
    ),
    "an address that was typed": (["Host: localhost:PORT", "Sec-Fetch-Site: none"], 200),
    "a page of the same origin": (["Host: localhost:PORT", "Sec-Fetch-Site: same-origin"], 200),
    "a page of the same site": (["Host: localhost:PORT", "Sec-Fetch-Site: same-site"], 403),
    "a page of another site": (["Host: localhost:PORT", "Sec-Fetch-Site: cross-site"], 403),
    "a page of an unknown site": (["Host: localhost:PORT", "Sec-Fetch-Site: moon"], 403),
    "a page that says both": (
        ["Host: localhost:PORT", "Sec-Fetch-Site: same-origin", "Sec-Fetch-Site: cross-site"],
        403,
    ),
    "the browser's word before Origin's": (
        ["Host: localhost:PORT", "Origin: http://localhost:PORT", "Sec-Fetch-Site: cross-site"],
        403,
    ),
    "a rebound page": (
        ["Host: evil.example:PORT", "Origin: http://evil.example:PORT", "Sec-Fetch-Site: none"],
        421,
    ),
}
CODES = {421: "host_not_allowed", 403: "another_site", 401: "token_required"}


def asked(
    port: int, method: str, target: str, lines: list[str], body: bytes = b"", **headers: str
) -> Received:
    head = [f"{method} {target} HTTP/1.1", *(line.replace("PORT", str(port)) for line in lines)]
    head += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    head += ["Connection: close", f"Content-Length: {len(body)}"]
    return ask(port, "\r\n".join([*head, "", ""]).encode() + body)


CLOCK = b'{"advance": 1}'


@pytest.mark.parametrize("name", HEADS)
def test_who_may_use_the_admin_interface(space: Space, name: str) -> None:
    lines, expected = HEADS[name]
    calls = [("GET", b""), ("POST", CLOCK), ("DELETE", b""), ("HEAD", b"")]
    # What the call itself answers: /__admin/clock has no DELETE.
    allowed = {"GET": 200, "POST": 200, "DELETE": 405, "HEAD": 200}
    for method, body in calls:
        for prefix in ("", f"/~{space.name}"):
            answer = asked(space.port, method, prefix + "/__admin/clock", lines, body)
            assert answer.http_status == (allowed[method] if expected == 200 else expected), method
            if expected != 200 and method != "HEAD":
                assert answer.json["error"]["code"] == CODES[expected]
            assert b"Access-Control" not in answer.data


# What the calls themselves answer, to whom they may be made.
OTHERS: dict[str, dict[str, int]] = {
    "": {"GET": 200, "POST": 405, "PUT": 405, "DELETE": 405},
    "metrics": {"GET": 200, "POST": 405, "PUT": 405, "DELETE": 405},
    "events?timeout=0": {"GET": 200, "POST": 405, "PUT": 405, "DELETE": 405},
    "scenario": {"GET": 200, "POST": 405, "PUT": 405, "DELETE": 405},
    "scenarios": {"GET": 405, "POST": 400, "PUT": 405, "DELETE": 405},
    "browser": {"GET": 200, "POST": 405, "PUT": 400, "DELETE": 405},
    "requests": {"GET": 200, "POST": 405, "PUT": 405, "DELETE": 200},
}


@pytest.mark.parametrize("name", HEADS)
def test_who_may_use_its_other_calls(space: Space, name: str) -> None:
    lines, expected = HEADS[name]
    for path, methods in OTHERS.items():
        for method, own in methods.items():
            for prefix in ("", f"/~{space.name}"):
                target = f"{prefix}/__admin/{path}"
                answer = asked(space.port, method, target, lines, b"{", Accept="text/html")
                assert answer.http_status == (own if expected == 200 else expected), target
                assert b"Access-Control" not in answer.data
                assert answer.header("X-Content-Type-Options") == "nosniff"
                assert answer.header("Cross-Origin-Resource-Policy") == "same-origin"


@pytest.mark.parametrize("name", HEADS)
def test_the_vendors_paths_answer_whoever_asks(space: Space, name: str) -> None:
    lines, _ = HEADS[name]
    space.add_session("ping", "s", "created")
    space.add_session("tiun", "s", "valid")
    for method, path, key, expected in [
        ("GET", "/customer/v2/sessions/s/status", PING_KEY, 200),
        ("GET", "/customer/v2/sessions/s/status", {}, 401),
        ("GET", "/api/messaging/sessions/none", {}, 404),
        ("PATCH", "/live_api/s2s/v1/sessions/s/status", {"X_ACCESS_TOKEN": "no"}, 401),
        ("DELETE", "/api/messaging/sessions/none", {}, 404),
    ]:
        answer = asked(space.port, method, f"/~{space.name}{path}", lines, b"", **key)
        assert answer.http_status == expected
        assert answer.header("Content-Security-Policy") is None
        assert answer.header("X-Content-Type-Options") is None


def test_a_refusal_says_which_option_would_allow_it(space: Space) -> None:
    host = asked(space.port, "GET", "/__admin/clock", ["Host: evil.example"])
    assert "--allow-host" in host.json["error"]["message"]
    page = asked(space.port, "GET", "/__admin/clock", ["Host: localhost", "Origin: null"])
    assert "--allow-origin" in page.json["error"]["message"]


@pytest.mark.parametrize("content_type", ["text/plain", "application/x-www-form-urlencoded", None])
def test_curl_needs_no_content_type(space: Space, content_type: str | None) -> None:
    headers = {"Content_Type": content_type} if content_type else {}
    target = f"/~{space.name}/__admin/clock"
    assert once(space.port, target, "POST", CLOCK, **headers).http_status == 200


@pytest.mark.parametrize(
    ("path", "mode", "destination", "expected"),
    [
        ("health", "no-cors", "image", 200),
        ("", "navigate", "document", 200),
        ("", "navigate", "iframe", 403),
        ("", "no-cors", "empty", 403),
        ("requests", "navigate", "document", 403),
    ],
)
def test_another_site_sees_health_and_may_link_to_the_index(
    space: Space, path: str, mode: str, destination: str, expected: int
) -> None:
    lines = ["Host: localhost:PORT", "Sec-Fetch-Site: cross-site"]
    lines += [f"Sec-Fetch-Mode: {mode}", f"Sec-Fetch-Dest: {destination}"]
    assert asked(space.port, "GET", f"/__admin/{path}", lines).http_status == expected
    assert asked(space.port, "POST", f"/__admin/{path}", lines).http_status == 403


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (["Host: localhost"], 200),
        (["Host: evil.example"], 421),
    ],
)
def test_the_authority_of_an_absolute_target_counts_too(
    space: Space, lines: list[str], expected: int
) -> None:
    target = f"http://localhost:{space.port}/~{space.name}/__admin/clock"
    assert asked(space.port, "GET", target, lines).http_status == expected
    foreign = f"http://evil.example/~{space.name}/__admin/clock"
    assert asked(space.port, "GET", foreign, lines).http_status == 421


def test_an_absolute_target_meets_the_vendors_routes(space: Space) -> None:
    space.add_session("ping", "s", "created")
    target = f"http://api.example/~{space.name}/customer/v2/sessions/s/status"
    assert once(space.port, target, **PING_KEY).http_status == 200


@pytest.mark.parametrize("path", ["clock", "nothing", "health"])
@pytest.mark.parametrize("lines", [["Host: localhost"], ["Host: evil.example"]])
def test_every_admin_answer_keeps_itself_from_pages(
    space: Space, path: str, lines: list[str]
) -> None:
    answer = asked(space.port, "GET", f"/__admin/{path}", lines)
    assert answer.header("X-Content-Type-Options") == "nosniff"
    assert answer.header("Cross-Origin-Resource-Policy") == "same-origin"
    assert answer.header("Cache-Control") == "no-store"
    assert answer.header("Referrer-Policy") == "no-referrer"
    policy = answer.header("Content-Security-Policy") or ""
    assert {"default-src 'none'", "frame-ancestors 'none'", "form-action 'none'"} <= set(
        policy.split("; ")
    )


def state(mock: Mock) -> dict[str, Any]:
    """Return all that admin calls can change."""
    known = {}
    for each in Space(mock, "default").admin("GET", "spaces")["spaces"]:
        space = Space(mock, each["name"])
        paths = ("sessions", "clock", "keys", "dialect", "limits", "faults", "requests")
        known[each["name"]] = {path: space.admin("GET", path) for path in paths}
    return known


def test_no_admin_read_changes_anything() -> None:
    with start_mock() as mock:
        here = Space(mock, "here")
        here.clock(set="2026-01-01T00:00:00Z", freeze=True)
        Space(mock, "default").clock(set="2026-01-01T00:00:00Z", freeze=True)
        here.add_session("ping", "a", "created", transitions=[{"reads": 1, "state": "connected"}])
        here.faults(script="503")
        once(mock.port, "/~here/nothing")
        before = state(mock)
        document = here.admin("GET", "openapi.json")
        reads = [path for path, calls in document["paths"].items() if "get" in calls]
        assert len(reads) > 12
        for path in reads:
            by_query = "?id=a" if path.endswith("{provider}") else ""
            path = path.replace("{provider}", "ping").replace("{id}", "a") + by_query
            for prefix in ("/~here", "", "/~never-used"):
                target = prefix + path + ("?timeout=0" if path.endswith(("wait", "events")) else "")
                answer = once(mock.port, target)
                assert answer.http_status == (
                    404 if path.endswith(("/a", "=a")) and prefix != "/~here" else 200
                )
                assert once(mock.port, target, "HEAD").body == b""
        assert state(mock) == before


def test_waiting_for_a_space_that_is_not_there_yet(space: Space) -> None:
    waited = once(space.port, f"/~{space.name}/__admin/requests/wait?timeout=0.05&session_id=s")
    assert (waited.http_status, waited.json["timed_out"]) == (200, True)


def test_allowed_hosts_and_origins() -> None:
    options = ["--allow-host", "ci.example", "--allow-host=*.forwarded.example"]
    options += ["--allow-origin", "https://App.example", "--allow-origin", "http://localhost:5173"]
    with start_mock([*options]) as mock:

        def verdict(*lines: str, method: str = "GET") -> int:
            return asked(mock.port, method, "/__admin/clock", list(lines)).http_status

        assert verdict("Host: CI.example:1") == 200
        assert verdict("Host: a.forwarded.example") == 200
        assert verdict("Host: forwarded.example") == 421
        assert verdict("Host: aforwarded.example") == 421
        assert verdict("Host: x.ci.example") == 421
        assert verdict("Host: localhost", "Origin: https://app.example") == 200
        assert verdict("Host: localhost", "Origin: https://app.example:443") == 200
        assert verdict("Host: localhost", "Origin: http://app.example") == 403
        assert verdict("Host: localhost", "Origin: https://app.example:444") == 403
        lines = ["Host: localhost", "Origin: http://localhost:5173", "Sec-Fetch-Site: same-site"]
        answer = asked(mock.port, "GET", "/__admin/clock", lines)
        assert answer.http_status == 200
        assert answer.header("Access-Control-Allow-Origin") == "http://localhost:5173"
        assert answer.header("Vary") == "Origin"
        before = asked(
            mock.port, "OPTIONS", "/__admin/clock", [*lines, "Access-Control-Request-Method: POST"]
        )
        assert before.http_status == 204
        assert "POST" in (before.header("Access-Control-Allow-Methods") or "")
        assert before.header("Access-Control-Allow-Origin") == "http://localhost:5173"
        foreign = ["Host: localhost", "Origin: http://evil.example"]
        refused = asked(
            mock.port, "OPTIONS", "/__admin/clock", [*foreign, "Access-Control-Request-Method: PUT"]
        )
        assert (refused.http_status, refused.header("Access-Control-Allow-Origin")) == (403, None)


def test_a_token_is_asked_for_on_the_admin_interface_alone(tmp_path: Path) -> None:
    file = tmp_path / "token"
    file.write_text("a-long-token\n")
    with start_mock(["--admin-token", f"@{file}"]) as mock:

        def verdict(*lines: str) -> int:
            return asked(
                mock.port, "GET", "/__admin/health", ["Host: localhost", *lines]
            ).http_status

        assert verdict("Authorization: Bearer a-long-token") == 200
        assert verdict("authorization: bearer a-long-token") == 200
        assert verdict() == 401
        assert verdict("Authorization: a-long-token") == 401
        assert verdict("Authorization: Bearer a-long-toke") == 401
        assert verdict("Authorization: Bearer a-long-tokem") == 401
        assert verdict("Authorization: Bearer a-long-token", "Authorization: Bearer x") == 401
        assert once(mock.port, "/__admin/health?token=a-long-token").http_status == 401
        refused = once(mock.port, "/__admin/health")
        assert refused.header("WWW-Authenticate") == "Bearer"
        assert once(mock.port, "/customer/v2/sessions/s/status", **PING_KEY).http_status == 404


def test_without_the_page_nothing_is_shown_without_the_token() -> None:
    with start_mock(["--admin-token", "t", "--no-dashboard"]) as mock:
        lines = ["Host: localhost", "Accept: text/html"]
        assert asked(mock.port, "GET", "/__admin/", lines).http_status == 401
    with start_mock(["--admin-token", "t"]) as mock:
        assert asked(mock.port, "GET", "/__admin/", lines).http_status == 200


def test_all_interfaces_are_listened_on_with_a_token_only(mock_binary: Path) -> None:
    refused = subprocess.run(
        [mock_binary, "--port", "0", "--host", "0.0.0.0"],
        capture_output=True,
        text=True,
        check=False,
        timeout=10,
    )
    assert refused.returncode == 2
    assert "--admin-token" in refused.stderr
    for options in (["--admin-token", "t"], ["--insecure-admin"]):
        with start_mock(["--host", "0.0.0.0", *options]) as mock:
            lines = ["Host: 192.168.7.7", "Authorization: Bearer t"]
            assert asked(mock.port, "GET", "/__admin/health", lines).http_status == 200
            lines[0] = "Host: evil.example"
            assert asked(mock.port, "GET", "/__admin/health", lines).http_status == 421


@pytest.mark.parametrize(
    "arguments",
    [
        ["--allow-origin", "app.example"],
        ["--allow-origin", "https://app.example/"],
        ["--allow-host", "http://app.example"],
        ["--allow-host", "app.example:80"],
        ["--admin-token", ""],
        ["--admin-token", "a b"],
        ["--admin-token", "@/nonexistent"],
        ["--admin-token", "@/"],
    ],
)
def test_wrong_settings_are_told_at_the_start(mock_binary: Path, arguments: list[str]) -> None:
    refused = subprocess.run(
        [mock_binary, "--port", "0", *arguments],
        capture_output=True,
        text=True,
        check=False,
        timeout=10,
    )
    assert (refused.returncode, refused.stdout) == (2, "")
    assert arguments[0] in refused.stderr


def test_the_index_lists_the_calls(space: Space) -> None:
    for target in ("/__admin", "/__admin/", f"/~{space.name}/__admin"):
        assert "GET /__admin/health" in json.loads(once(space.port, target).body)["calls"]
