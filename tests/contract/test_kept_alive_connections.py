"""Connections used for more than one call: what is left on one must never answer the next."""

from __future__ import annotations

import socket
import threading

import pytest
from tests.support.peers import KEEP_OPEN, Peer, answer, peer, says_in_turn
from tests.support.vendors import PING, TIUN, VENDORS, Vendor

from sessionvitals import CallError, HttpStatusError

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


@pytest.mark.parametrize("late", LEFT_OVERS.values(), ids=LEFT_OVERS)
@pytest.mark.parametrize("spoiled", [[0], [5], [1, 6], list(range(8))], ids=str)
def test_a_late_answer_is_not_that_of_a_bulks_next_calls(late: bytes, spoiled: list[int]) -> None:
    """A bulk looks at all the connections that it is about to use, at once."""
    right, all_are_open = answer(PING.good_body), threading.Barrier(8)
    open_ones: list[socket.socket] = []

    def talk(told: Peer, connection: socket.socket, request: bytes) -> object:
        if connection not in open_ones:
            open_ones.append(connection)
            if len(open_ones) <= all_are_open.parties:
                all_are_open.wait(10)
        connection.sendall(right)
        return KEEP_OPEN

    ids = [f"s-{number}" for number in range(8)]
    with peer(talk) as told:
        client = PING.client(told.url)
        first = [outcome.session for outcome in client.probe_many(ids, concurrency=8)]
        for which in spoiled:
            open_ones[which].sendall(late)
        second = list(client.probe_many(ids, concurrency=8))
    states = [outcome.session and outcome.session.provider_state for outcome in second]
    assert states == [first[0] and first[0].provider_state] * len(ids)
    reused = [o.session.call.attempts[0].reused for o in second if o.session and o.session.call]
    assert reused.count(False) >= len(spoiled)


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


def test_after_one_unasked_answer_no_connection_of_the_peer_is_used_twice() -> None:
    """The next late answer may come just after a look at the connection, and be believed."""
    right, is_late_sent = answer(PING.good_body), threading.Event()

    def talk(told: Peer, connection: socket.socket, request: bytes) -> object:
        connection.sendall(right)
        if len(told.requests) == 2:
            connection.sendall(answer(b'{"client_id":"WRONG","status":"WRONG"}'))
        is_late_sent.set()
        return KEEP_OPEN

    with peer(talk) as told:
        client = PING.client(told.url)
        reused = []
        for _ in range(6):
            is_late_sent.clear()
            reused.append(PING.ask(client, "s").call.attempts[0].reused)
            assert is_late_sent.wait(10)
    assert reused == [False, True, False, False, False, False]


GOODBYE = answer(b"", b"HTTP/1.1 408 Request Timeout", b"Connection: close")


def test_a_408_to_an_idle_connection_costs_a_get_nothing() -> None:
    """RFC 9110 s15.5.9: it was said to the connection, also where a request met it on the way."""

    def talk(told: Peer, connection: socket.socket, request: bytes) -> object:
        if len(told.requests) == 2:  # on the kept-alive connection
            connection.sendall(GOODBYE)
            return None
        connection.sendall(answer(PING.good_body))
        return KEEP_OPEN

    with peer(talk) as told:
        client = PING.client(told.url, max_retries=0)
        PING.ask(client, "s")
        stale, fresh = PING.ask(client, "s").call.attempts
        assert (stale.reused, stale.http_status, fresh.reused) == (True, 408, False)
        assert "kept-alive" in stale.wait_reason
        again = PING.ask(client, "s").call.attempts
        assert [each.reused for each in again] == [True], "and the peer is trusted as before"


STAYING = answer(b"", b"HTTP/1.1 408 Request Timeout")
NO_EXCUSE: dict[str, tuple[Vendor, list[bytes]]] = {
    "a GET's on a fresh connection": (PING, [GOODBYE]),
    "a GET's on a connection that stays open": (PING, [answer(PING.good_body), STAYING]),
    "a PATCH's, which may have been heard": (TIUN, [answer(TIUN.good_body), GOODBYE]),
}


@pytest.mark.parametrize(("vendor", "said"), NO_EXCUSE.values(), ids=NO_EXCUSE)
def test_a_408_that_nothing_excuses_is_an_error(vendor: Vendor, said: list[bytes]) -> None:
    with peer(says_in_turn(*said)) as told:
        client = vendor.client(told.url, max_retries=2)
        for _ in said[1:]:
            vendor.ask(client, "s")
        with pytest.raises(HttpStatusError) as caught:
            vendor.ask(client, "s")
    assert caught.value.http_status == 408
    assert len(told.requests) == len(said)


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
    assert [call.attempts[0].reused for call in calls] == [False, True, True, True, True]
