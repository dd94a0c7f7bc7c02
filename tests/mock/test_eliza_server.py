"""elizaOS's real server, where it does otherwise than its documents: the dialect "server"."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from mock.calls import eliza
from mock.wire import Received

if TYPE_CHECKING:
    from sandbox import Space

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
