"""What a call tries, how long it waits in between and why, as its report says."""

from __future__ import annotations

import socket
import threading
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.support.asking import run_python
from tests.support.peers import KEEP_OPEN, Peer, answer, peer, resets, says_in_turn
from tests.support.sandbox import Space
from tests.support.vendors import PING, TIUN

from sessionvitals import (
    CallError,
    CancelToken,
    PingClient,
    RateLimitError,
    ServerError,
    TransportError,
)

GOOD = answer(PING.good_body)
BUSY = answer(b"", b"HTTP/1.1 503 Busy")


def refusal(status: bytes, *headers: bytes) -> bytes:
    return answer(b"", b"HTTP/1.1 " + status + b" No", *headers)


def attempts_of(outcome: Any) -> Any:
    call = outcome.call
    assert call is not None
    return call.attempts


def test_every_try_is_in_the_report() -> None:
    with peer(says_in_turn(BUSY, BUSY, GOOD)) as told:
        outcome = PING.ask(PING.client(told.url, max_retries=2), "s")
    first, second, third = attempts_of(outcome)
    assert [each.http_status for each in (first, second, third)] == [503, 503, 200]
    assert {each.phase for each in (first, second, third)} == {"done"}
    assert {each.address for each in (first, second, third)} == {f"127.0.0.1:{told.port}"}
    assert [each.reused for each in (first, second, third)] == [False, True, True]
    assert [each.wait_reason for each in (first, second)] == ["backoff", "backoff"]
    assert timedelta(milliseconds=50) <= first.wait <= timedelta(milliseconds=100)
    assert timedelta(milliseconds=100) <= second.wait <= timedelta(milliseconds=200)
    assert third.wait == timedelta(0)
    assert first.bytes_sent == len(told.requests[0])
    assert third.bytes_received == len(GOOD)
    assert first.started <= second.started <= third.started
    assert outcome.call.elapsed >= first.wait + second.wait
    assert outcome.call.origin == f"http://127.0.0.1:{told.port}"


@pytest.mark.parametrize(
    ("said", "found"),
    [
        (b"X-Request-Id: r-1", "r-1"),
        (b"request-id: r-2", "r-2"),
        (b"X-Correlation-Id: r-3", "r-3"),
        (b"X-Request-Id: " + b"r" * 257, ""),
        (b"X-Request-Id: " + (PING.key or "").encode(), "[redacted]"),
        (b"A: b", ""),
    ],
    ids=["x-request-id", "request-id", "correlation", "too long", "the key", "none"],
)
def test_the_report_of_a_success_names_the_servers_id(said: bytes, found: str) -> None:
    with peer(says_in_turn(answer(PING.good_body, b"HTTP/1.1 200 OK", said))) as told:
        outcome = PING.ask(PING.client(told.url), "s")
    assert outcome.call.request_id == found


def test_no_more_tries_than_allowed_and_the_last_answer_is_the_outcome() -> None:
    with peer(says_in_turn(BUSY)) as told, pytest.raises(ServerError) as caught:
        PING.ask(PING.client(told.url, max_retries=1), "s")
    assert len(told.requests) == 2
    assert [each.wait_reason for each in attempts_of(caught.value)] == [
        "backoff",
        "max_retries is 1",
    ]


@pytest.mark.parametrize("status", [b"400", b"401", b"403", b"404", b"410", b"501"])
def test_an_answer_is_not_asked_for_again(status: bytes) -> None:
    with peer(says_in_turn(refusal(status), GOOD)) as told, pytest.raises(CallError):
        PING.ask(PING.client(told.url, max_retries=2), "s")
    assert len(told.requests) == 1


def test_a_wait_past_the_deadline_is_not_begun() -> None:
    busy = refusal(b"503", b"Retry-After: 30")
    with peer(says_in_turn(busy, GOOD)) as told, pytest.raises(ServerError) as caught:
        PING.ask(PING.client(told.url, max_retries=2, timeout=5), "s")
    (only,) = attempts_of(caught.value)
    assert only.wait_reason == "Retry-After would pass the deadline"


def test_a_429_with_a_wait_holds_all_calls_to_that_base_url() -> None:
    """A later call waits with the first; one that cannot wait is refused without being sent."""
    busy = refusal(b"429", b"Retry-After: 1")
    with peer(says_in_turn(busy, GOOD)) as told:
        with pytest.raises(RateLimitError):
            PING.ask(PING.client(f"{told.url}/a"), "s")
        with pytest.raises(RateLimitError) as refused:
            PING.ask(PING.client(f"{told.url}/a", timeout=0.3), "s")
        assert len(told.requests) == 1
        (only,) = attempts_of(refused.value)
        assert (only.phase, only.http_status, only.bytes_sent) == ("wait", 429, 0)
        assert refused.value.retry_after == timedelta(seconds=1)
        elsewhere = PING.ask(PING.client(f"{told.url}/b", timeout=0.5), "s")
        assert len(attempts_of(elsewhere)) == 1, "another base URL has a gate of its own"
        held, sent = attempts_of(PING.ask(PING.client(f"{told.url}/a"), "s"))
    assert held.phase == "wait"
    assert held.wait > timedelta(0)
    assert sent.http_status == 200


def test_a_patch_is_not_sent_again_once_it_may_have_left() -> None:
    with peer(resets()) as told, pytest.raises(TransportError) as caught:
        TIUN.ask(TIUN.client(told.url, max_retries=2), "s")
    assert len(told.requests) == 1
    assert "once a byte may have left" in attempts_of(caught.value)[0].wait_reason


def test_retry_patch_opts_in_to_more() -> None:
    with peer(says_in_turn(BUSY, answer(b""))) as told:
        assert TIUN.ask(TIUN.client(told.url, max_retries=2, retry_patch=True), "s")
    assert len(told.requests) == 2


def test_a_patch_is_tried_again_while_nothing_was_sent() -> None:
    with pytest.raises(TransportError) as caught:
        TIUN.ask(TIUN.client("http://127.0.0.1:1", max_retries=2), "s")
    assert [each.phase for each in attempts_of(caught.value)] == ["connect"] * 3


def closing_after_one(told: Peer, connection: socket.socket, request: bytes) -> None:
    connection.sendall(GOOD)  # and closes, which the answer does not say


def test_a_stale_connection_costs_a_get_no_retry() -> None:
    closed = threading.Event()

    def talk(told: Peer, connection: socket.socket, request: bytes) -> object:
        if len(told.requests) == 2:  # on the kept-alive connection: says nothing, and closes
            closed.set()
            return None
        connection.sendall(GOOD)
        return KEEP_OPEN

    with peer(talk) as told:
        client = PING.client(told.url, max_retries=0)
        PING.ask(client, "first")
        outcome = PING.ask(client, "second")
    stale, fresh = attempts_of(outcome)
    assert (stale.reused, stale.http_status, fresh.reused, fresh.http_status) == (
        True,
        0,
        False,
        200,
    )
    assert "kept-alive" in stale.wait_reason


def test_connections_are_shared_by_clients_and_views() -> None:
    with peer(says_in_turn(GOOD)) as told:
        client = PING.client(told.url)
        PING.ask(client, "s")
        for _ in range(10):
            PING.ask(client.with_options(timeout=5.0), "s")
            PING.ask(PING.client(told.url), "s")
            other = PingClient(api_key="another-key", base_url=f"{told.url}/another/prefix")
            PING.ask(other, "s")
    assert told.connections == 1


def test_10000_views_cost_no_descriptor() -> None:
    client = PING.client("http://127.0.0.1:1")
    before = len(list(Path("/proc/self/fd").iterdir()))
    views = [client.with_options(timeout=1.0 + i) for i in range(10_000)]
    assert len(list(Path("/proc/self/fd").iterdir())) <= before
    assert len(views) == 10_000


def test_a_cancelled_call_gives_its_place_back() -> None:
    arrived = threading.Event()

    def talk(told: Peer, connection: socket.socket, request: bytes) -> object:
        if b"/stall/" in request:
            arrived.set()
            told.over.wait(60)
            return None
        connection.sendall(GOOD)
        return KEEP_OPEN

    with peer(talk) as told:
        client = PING.client(told.url, max_connections=1, timeout=30)
        token = CancelToken()
        ended: list[CallError] = []

        def stall() -> None:
            try:
                PING.ask(client, "stall", cancel=token)
            except CallError as error:
                ended.append(error)

        thread = threading.Thread(target=stall)
        thread.start()
        assert arrived.wait(30)
        token.cancel()
        thread.join()
        PING.ask(client, "s")
    assert type(ended[0]).__name__ == "CallCancelled"
    assert attempts_of(ended[0])[0].phase == "receive"


OUT_OF_FILES = """
import os, resource, sys
import sessionvitals

client = sessionvitals.PingClient("key", base_url=sys.argv[1], max_retries=0)
used = max(int(name) for name in os.listdir("/proc/self/fd"))
resource.setrlimit(resource.RLIMIT_NOFILE, (used, used))
try:
    client.probe("s-0")
except sessionvitals.TransportError as error:
    print(error)
"""


def test_a_process_that_may_open_no_more_files_is_told_so(space: Space) -> None:
    finished = run_python(OUT_OF_FILES, [space.base_url("ping")])
    assert "Too many open files). Raise the limit of open files" in finished.stdout, finished
