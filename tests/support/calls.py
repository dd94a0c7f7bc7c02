"""The vendors' calls in a space, with the keys that the mock takes by default."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote

from tests.support.wire import Received, once, request

if TYPE_CHECKING:
    from tests.support.sandbox import Space

PING_KEY = {"Authorization": "ping-sandbox-key"}
TIUN_KEY = {"X_ACCESS_TOKEN": "tiun-sandbox-token"}


def ping_target(space: Space, session_id: str) -> str:
    return f"/~{space.name}/customer/v2/sessions/{quote(session_id, safe='')}/status"


def ping(space: Space, session_id: str, **headers: str) -> Received:
    return once(space.port, ping_target(space, session_id), **{**PING_KEY, **headers})


def ping_bytes(space: Space, session_id: str, **headers: str) -> bytes:
    return request(ping_target(space, session_id), **{**PING_KEY, **headers})


def tiun(space: Space, session_id: str, **headers: str) -> Received:
    target = f"/~{space.name}/live_api/s2s/v1/sessions/{quote(session_id, safe='')}/status"
    return once(space.port, target, "PATCH", **(headers or TIUN_KEY))


def eliza(
    space: Space, path: str = "", method: str = "GET", body: bytes = b"", /, **headers: str
) -> Received:
    target = f"/~{space.name}/api/messaging/sessions{path}"
    if body:
        headers = {"Content_Type": "application/json", **headers}
    return once(space.port, target, method, body, **headers)
