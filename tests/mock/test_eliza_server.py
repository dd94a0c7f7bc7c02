"""elizaOS's real server, where it does otherwise than its documents: the dialect "server"."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from tests.support.calls import eliza
from tests.support.wire import Received, ask, once

if TYPE_CHECKING:
    from tests.support.sandbox import Space

JSON = "application/json; charset=utf-8"
LIMITS = ("RateLimit-Policy", "RateLimit-Limit", "RateLimit-Remaining", "RateLimit-Reset")


@pytest.fixture(autouse=True)
def _as_the_server(space: Space) -> None:
    space.clock(set="2026-01-01T00:00:00Z", freeze=True)
    space.admin("PUT", "dialect", {"eliza": "server"})


def send(space: Space, path: str, method: str, body: Any, **headers: str) -> Received:
    return eliza(space, path, method, json.dumps(body).encode(), **headers)


@pytest.mark.parametrize("renews", [True, False])
def test_a_new_timeout_that_could_pass_the_maximum_lasts_until_it(
    space: Space, renews: bool
) -> None:
    space.add_session("eliza", "s", "active", timeout_config={"autoRenew": renews})
    space.clock(advance=25 * 60)
    config = {"timeoutMinutes": 30, "maxDurationMinutes": 45, "autoRenew": renews}
    ends = [send(space, "/s/timeout", "PATCH", config).json["expiresAt"]]
    space.admin("PUT", "dialect", {"eliza": "seed"})
    ends.append(send(space, "/s/timeout", "PATCH", config).json["expiresAt"])
    assert ends == ["2026-01-01T00:45:00.000Z", "2026-01-01T00:30:00.000Z"]


def test_a_new_timeout_within_the_maximum_counts_from_the_last_activity(space: Space) -> None:
    space.add_session("eliza", "s", "active")
    space.clock(advance=600)
    changed = send(space, "/s/timeout", "PATCH", {"timeoutMinutes": 60})
    assert changed.json["expiresAt"] == "2026-01-01T01:00:00.000Z"


def test_what_the_key_refuses_the_limit_never_sees(space: Space) -> None:
    space.admin("PUT", "keys", {"eliza": "a-token"})
    space.admin("PUT", "limits", {"eliza": {"limit": 2, "window": 900}})
    for _ in range(3):
        refused = eliza(space, "/s")
        assert refused.http_status == 401
        assert [refused.header(name) for name in LIMITS] == [None] * 4
    answers = [eliza(space, "/s", X_API_KEY="a-token") for _ in range(3)]
    assert [answer.http_status for answer in answers] == [404, 404, 429]
    assert [answer.header("RateLimit-Remaining") for answer in answers] == ["1", "0", "0"]


def test_an_escape_that_cannot_be_decoded_is_an_unexpected_error(space: Space) -> None:
    refused = eliza(space, "/%zz")
    assert refused.http_status == 500
    assert refused.json["error"] == {
        "code": "INTERNAL_SERVER_ERROR",
        "message": "An unexpected error occurred",
        "timestamp": "2026-01-01T00:00:00.000Z",
        "details": "Failed to decode param '%zz'",
        "stack": refused.json["error"]["stack"],
    }


@pytest.mark.parametrize("escape", ["%zz", "%FF", "%ED%A0%80", "%"])
def test_what_decodes_to_no_text_cannot_be_decoded(space: Space, escape: str) -> None:
    refused = eliza(space, f"/{escape}/renew", "POST")
    assert (refused.http_status, refused.header("Content-Type")) == (500, JSON)
    assert refused.json["error"]["details"] == f"Failed to decode param '{escape}'"


ENDINGS = {
    "x.js": "application/javascript; charset=utf-8",
    "x.MJS": "application/javascript; charset=utf-8",
    "x.y.css": "text/css; charset=utf-8",
    "x.svg/": "image/svg+xml; charset=utf-8",
    "x.jpeg?a=b.png": "image/jpeg; charset=utf-8",
    "x.json": JSON,
    ".png": JSON,
    "png": JSON,
}


@pytest.mark.parametrize("path", ENDINGS)
def test_the_type_of_an_answer_goes_by_the_ending_of_the_path(space: Space, path: str) -> None:
    space.add_session("eliza", "x.js", "active")
    answer = eliza(space, f"/{path}")
    assert answer.http_status == (200 if path == "x.js" else 404)
    assert answer.header("Content-Type") == ENDINGS[path]


def test_paths_are_met_in_any_case_and_with_a_slash_at_the_end(space: Space) -> None:
    space.add_session("eliza", "s", "active")

    def asked(path: str, method: str = "GET") -> int:
        return once(space.port, f"/~{space.name}{path}", method).http_status

    loose = [
        ("/API/Messaging/Sessions/s", "GET"),
        ("/api/messaging/sessions/s/", "GET"),
        ("/api/messaging/sessions/s/RENEW/", "POST"),
        ("/api/messaging/sessions/HEALTH", "GET"),
    ]
    assert [asked(*call) for call in loose] == [200] * 4
    assert asked("/api/messaging/sessions/S") == 404
    assert asked("/api/messaging/sessions/s//") == 501
    space.admin("PUT", "dialect", {"eliza": "seed"})
    assert [asked(*call) for call in loose] == [501, 501, 501, 404]


@pytest.mark.parametrize("path", ["", "/", "/health", "/s"])
def test_head_is_answered_wherever_get_is(space: Space, path: str) -> None:
    space.add_session("eliza", "s", "active")
    head = eliza(space, path, "HEAD")
    assert (head.http_status, head.body) == (200, b"")


RUNNING, STOPPED = "11111111-1111-4111-8111-111111111111", "33333333-3333-4333-8333-333333333333"


@pytest.mark.parametrize(
    ("query", "http_status", "code"),
    [
        ("agentId=", 200, None),
        (f"agentId={RUNNING}", 200, None),
        ("agentid=zz", 200, None),
        ("agentId=zz", 400, "INVALID_AGENT_ID"),
        (f"agentId={RUNNING}&agentId={RUNNING}", 400, "INVALID_AGENT_ID"),
        (f"agentId={STOPPED}", 404, "AGENT_NOT_FOUND"),
    ],
)
def test_an_agent_in_the_query_is_looked_up_before_the_limit_counts(
    space: Space, query: str, http_status: int, code: str | None
) -> None:
    space.admin("PUT", "dialect", {"eliza_agents": [RUNNING]})
    space.admin("PUT", "limits", {"eliza": {}})
    answer = eliza(space, f"?{query}")
    assert answer.http_status == http_status
    assert (answer.header("RateLimit-Remaining") is None) == (code is not None)
    if code:
        assert answer.json["success"] is False
        assert answer.json["error"]["code"] == code


def test_two_keys_are_one_wrong_key(space: Space) -> None:
    space.admin("PUT", "keys", {"eliza": "a-token"})
    target = f"/~{space.name}/api/messaging/sessions"
    head = f"GET {target} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
    key = "X-API-KEY: a-token\r\n"
    assert ask(space.port, f"{head}{key}\r\n".encode()).http_status == 200
    assert ask(space.port, f"{head}{key}{key}\r\n".encode()).http_status == 401


@pytest.mark.parametrize("known", ["*", '"x", TAG', " TAG ", "STRONG"])
def test_what_the_client_has_already_is_304(space: Space, known: str) -> None:
    space.add_session("eliza", "s", "active")
    for path in ("/s", "", "/health"):
        tag = str(eliza(space, path).header("ETag"))
        header = known.replace("TAG", tag).replace("STRONG", tag.removeprefix("W/"))
        unchanged = eliza(space, path, If_None_Match=header)
        assert (unchanged.http_status, unchanged.body) == (304, b"")
        assert unchanged.header("ETag") == tag
        assert unchanged.header("Content-Type") is None
        anew = eliza(space, path, If_None_Match=header, Cache_Control="no-cache")
        assert anew.http_status == 200
    assert eliza(space, "/nobody", If_None_Match="*").http_status == 404
    assert eliza(space, "/s/renew", "POST", If_None_Match="*").http_status == 200


def test_a_target_in_absolute_form_is_taken_for_its_path(space: Space) -> None:
    space.add_session("eliza", "s", "active")
    path = f"/~{space.name}/api/messaging/sessions/s"
    assert once(space.port, f"http://elsewhere.example{path}").http_status == 200
    assert once(space.port, f"https://elsewhere.example:99{path}?a=b").http_status == 200


def test_a_clock_that_is_set_back_does_not_end_the_window_of_a_limit(space: Space) -> None:
    space.admin("PUT", "limits", {"eliza": {"limit": 1, "window": 900}})
    assert eliza(space, "").http_status == 200
    space.clock(advance=-60)
    refused = eliza(space, "")
    assert refused.http_status == 429
    assert refused.header("Retry-After") == "960"
