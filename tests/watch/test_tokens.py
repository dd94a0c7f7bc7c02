"""What a watch leaves to a later one, in any process."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest
from tests.support.asking import seed
from tests.support.peers import KEEP_OPEN, Peer, answer, peer
from tests.watch.test_watch import DEADLINE, EVERY, change_session

from sessionvitals import (
    ConfigurationError,
    PingClient,
)

if TYPE_CHECKING:
    from tests.support.sandbox import Space


def token_of(space: Space, ids: list[str]) -> str:
    with (
        space.client("ping") as client,
        client.watch_many(ids, deadline=DEADLINE, every=EVERY) as many,
    ):
        for _ in ids:
            next(many)
        return many.token()


RESUME = """
import sys
from sessionvitals import PingClient
with PingClient(sys.argv[2], base_url=sys.argv[1]) as client:
    with client.watch_many(deadline=60, every=0.02, resume=sys.stdin.read()) as many:
        change = next(many)
print(change.session_id, change.before.state, change.after.state, change.reason, change.missed)
"""


def test_another_process_goes_on_from_a_token(space: Space) -> None:
    ids = seed(space, 3)
    token = token_of(space, ids)
    change_session(space, "s-1", "disconnected")
    told = subprocess.run(
        [sys.executable, "-c", RESUME, space.base_url("ping"), "ping-sandbox-key"],
        input=token, text=True, capture_output=True, check=True, timeout=60,
    )  # fmt: skip
    assert told.stdout.split() == ["s-1", "active", "ended", "final", "True"]


def test_a_word_that_json_cannot_hold_costs_no_token() -> None:
    def talk(told: Peer, connection: socket.socket, request: bytes) -> object:
        status = b"odd\\u0000" if b"/bad/" in request else b"connected"
        connection.sendall(answer(b'{"client_id": "c", "status": "%s"}' % status))
        return KEEP_OPEN

    with (
        peer(talk) as told,
        PingClient("k", base_url=told.url).watch_many(["good", "bad"], deadline=DEADLINE) as many,
    ):
        assert {next(many).session_id, next(many).session_id} == {"good", "bad"}
        sessions = json.loads(many.token())["sessions"]

    assert sessions["good"]["theirs"] == "connected"
    assert sessions["bad"] == {"state": "unknown", "theirs": "", "expires_in": None}


def test_a_token_holds_ids_and_no_key(space: Space) -> None:
    token = json.loads(token_of(space, seed(space, 1)))

    assert token.pop("at").endswith("Z")
    assert token == {
        "v": 1, "kind": "watch", "provider": "ping", "origin": space.base_url("ping"),
        "sessions": {"s-0": {"state": "active", "theirs": "connected", "expires_in": None}},
        "last_event_id": None,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"v": 2}, "version 2"),
        ({"kind": "keeper"}, "no token"),
        ({"provider": "tiun"}, "another provider"),
        ({"origin": "https://elsewhere.example"}, "another base URL"),
        ({"sessions": 7}, "damaged"),
        ({"sessions": {"s-0": {"state": "dancing"}}}, "damaged"),
        ({"sessions": {"s-0": {"state": "active", "expires_in": 1e300}}}, "damaged"),
        ({"at": "yesterday"}, "damaged"),
    ],
    ids=str,
)
def test_a_wrong_token_is_refused_with_words(
    space: Space, change: dict[str, Any], words: str
) -> None:
    token = json.dumps({**json.loads(token_of(space, seed(space, 1))), **change})
    with space.client("ping") as client, pytest.raises(ConfigurationError, match=words):
        client.watch("s-0", deadline=None, resume=token)


@pytest.mark.parametrize(
    ("at", "left", "inferred"),
    [
        (None, 3600, None),
        (None, -3600, "expired"),
        ("0001-01-01T00:00:00Z", 3600, "expired"),
        ("9999-12-31T23:59:59Z", -3600, None),
    ],
)
def test_an_end_is_known_whatever_the_token_says_of_times(
    space: Space, at: str | None, left: float, inferred: str | None
) -> None:
    """As after a clock that was turned, or from a token that somebody has changed."""
    token = json.loads(token_of(space, seed(space, 1)))
    token["sessions"]["s-0"]["expires_in"] = left
    if at is not None:
        token["at"] = at
    space.admin("DELETE", "sessions/ping/s-0")
    with (
        space.client("ping") as client,
        client.watch("s-0", deadline=DEADLINE, every=EVERY, resume=json.dumps(token)) as watch,
    ):
        (change,) = watch
    assert (change.reason, change.after.state) == ("final", "not_found")
    assert change.inferred == inferred


def test_what_was_not_read_is_told_to_the_next_watch(space: Space) -> None:
    seed(space, 2)
    with space.client("ping") as client:
        with client.watch_many(["s-0", "s-1"], deadline=DEADLINE, every=EVERY) as many:
            read = next(many).session_id
        token = many.token()
        with client.watch_many(deadline=DEADLINE, every=EVERY, resume=token) as many:
            assert next(many).session_id == ({"s-0", "s-1"} - {read}).pop()


def test_a_closed_watch_names_each_session_once_as_it_was_told(space: Space) -> None:
    seed(space, 3)
    with (
        space.client("ping") as client,
        client.watch_many(["s-0", "s-1", "s-2"], deadline=DEADLINE, every=EVERY) as many,
    ):
        read = next(many).session_id
        many.close()
        # As pairs: a dict would hide what is there twice.
        sessions = dict(json.loads(many.token(), object_pairs_hook=list))["sessions"]

    assert sorted(name for name, _ in sessions) == ["s-0", "s-1", "s-2"]
    assert [name for name, known in sessions if dict(known)["state"]] == [read]
