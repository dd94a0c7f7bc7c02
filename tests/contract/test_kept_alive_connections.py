"""Connections used for more than one call: what is left on one must never answer the next."""

from __future__ import annotations

import socket
import threading

import pytest
from peers import KEEP_OPEN, Peer, answer, peer, says_in_turn
from vendors import PING, TIUN, VENDORS, Vendor

from sessionpulse import CallError

# What is left on a kept-alive connection must never be taken for the answer to the next call.
LEFT_OVERS = {
    "a second answer at once": answer(b'{"client_id":"WRONG","status":"WRONG"}'),
    "garbage": b"garbage\r\n\r\n",
    "a line break": b"\r\n",
    "408, as a server that grew tired of waiting says": answer(b"", b"HTTP/1.1 408 Timeout"),
}


@pytest.mark.parametrize("late", LEFT_OVERS.values(), ids=LEFT_OVERS)
@pytest.mark.parametrize("together", [True, False], ids=["with the first answer", "later"])
def test_a_late_second_answer_is_not_the_next_calls(late: bytes, together: bool) -> None:
    right = answer(PING.good_body)
    is_late_sent = threading.Event()

    def talk(told: Peer, connection: socket.socket, request: bytes) -> object:
        if len(told.requests) > 1:
            connection.sendall(right)
            return KEEP_OPEN
        if together:
            connection.sendall(right + late)
        else:
            connection.sendall(right)
            connection.sendall(late)
        is_late_sent.set()
        return KEEP_OPEN

    with peer(talk) as told:
        client = PING.client(told.url, max_retries=1)
        outcomes: list[object] = []
        for _ in range(3):
            try:
                outcomes.append(PING.ask(client, "s"))
            except CallError as error:
                outcomes.append(error)
            assert is_late_sent.wait(10)
    rights = PING.parse("s", 200, {}, PING.good_body)
    assert not [each for each in outcomes if not isinstance(each, CallError) and each != rights]
    assert outcomes[1:] == [rights, rights]


@pytest.mark.parametrize("together", [True, False], ids=["with the first answer", "later"])
def test_tiun_never_takes_a_left_over_200_for_a_verdict(together: bool) -> None:
    valid, invalid = answer(b""), answer(b'{"title":"No"}', b"HTTP/1.1 404 Not Found")
    is_late_sent = threading.Event()

    def talk(told: Peer, connection: socket.socket, request: bytes) -> object:
        for piece in [invalid + valid] if together else [invalid, valid]:
            connection.sendall(piece)
        is_late_sent.set()
        return KEEP_OPEN

    with peer(talk) as told:
        client = TIUN.client(told.url)
        for _ in range(20):
            is_late_sent.clear()
            try:
                assert not TIUN.ask(client, "s")
            except CallError:
                continue
            assert is_late_sent.wait(10)


@pytest.mark.parametrize("vendor", VENDORS.values(), ids=str)
@pytest.mark.parametrize(
    "header",
    [b"Connection: close", b"Connection: Close, X", b"connection:  close "],
    ids=bytes.decode,
)
def test_a_connection_that_is_to_close_is_not_used_again(vendor: Vendor, header: bytes) -> None:
    def talk(told: Peer, connection: socket.socket, request: bytes) -> object:
        connection.sendall(answer(vendor.good_body, b"HTTP/1.1 200 OK", header))
        return KEEP_OPEN

    with peer(talk) as told:
        client = vendor.client(told.url)
        for _ in range(3):
            vendor.ask(client, "s")
        assert told.connections == 3


@pytest.mark.parametrize("vendor", VENDORS.values(), ids=str)
def test_a_good_connection_is_used_again(vendor: Vendor) -> None:
    with peer(says_in_turn(answer(vendor.good_body))) as told:
        client = vendor.client(told.url)
        calls = [vendor.ask(client, "s").call for _ in range(5)]
        assert told.connections == 1
    assert [call.tries[0].reused for call in calls] == [False, True, True, True, True]
