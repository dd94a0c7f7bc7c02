"""What a peer can do wrong, played byte by byte: each a typed error or a right answer, in time.

Every answer of the table is given to all three clients. tiun's is the hard one: its 200 needs no
body, so whatever is not wholly a 200 must not read as one.
"""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from typing import Any

import pytest
from tests.support.lateness import control
from tests.support.peers import (
    Peer,
    Talk,
    answer,
    drips,
    peer,
    resets,
    says,
    says_and_stays,
    says_for_ever,
)
from tests.support.peers.bad_answers import (
    ANSWER,
    BODY_IS_BROKEN,
    BROKEN,
    CHUNK,
    CHUNKED,
    LAST,
    LOST,
    OK,
    SAYINGS,
    SIZED,
    Said,
    spoken,
)
from tests.support.vendors import PING, TIUN, VENDORS, Vendor

from sessionvitals import (
    CallError,
    ContractError,
    DeadlineExceeded,
    HttpStatusError,
    ServerError,
    TransportError,
)


def is_right(vendor: Vendor, outcome: Any) -> bool:
    if vendor is TIUN:
        return bool(outcome.valid)
    return bool(outcome == vendor.parse("s", 200, {}, vendor.good_body))


def outcome_of(vendor: Vendor, talk: Talk, deadline: float = 20.0) -> tuple[Any, Peer]:
    """Ask once, and return what came of it; fails if the deadline was not kept."""
    with peer(talk) as told:
        client = vendor.client(told.url, timeout=deadline)
        began = time.monotonic()
        try:
            outcome = vendor.ask(client, "s")
        except CallError as error:
            outcome = error
        # Soon rather than never. How soon is judged beside a control process, below.
        assert time.monotonic() - began < deadline + 10
        return outcome, told


def expect_outcome(vendor: Vendor, outcome: Any, expected: str | int) -> None:
    """Check that it is exactly what is expected: the client is deterministic."""
    if expected == BODY_IS_BROKEN:
        expected = ANSWER if vendor is TIUN else BROKEN
    if expected == ANSWER:
        assert not isinstance(outcome, CallError), outcome
        assert is_right(vendor, outcome)
        return
    assert isinstance(outcome, CallError), f"taken for an answer: {outcome!r}"
    assert outcome.call is not None
    assert len(outcome.call.attempts) == 1
    assert str(outcome)
    if isinstance(expected, int):
        assert isinstance(outcome, HttpStatusError)
        assert outcome.http_status == expected
    elif expected == LOST:
        assert type(outcome) is TransportError
        assert outcome.phase in {"send", "receive"}
    else:
        assert expected == BROKEN
        assert type(outcome) is ContractError


@pytest.mark.parametrize("vendor", VENDORS.values(), ids=str)
@pytest.mark.parametrize("said", SAYINGS.values(), ids=SAYINGS)
def test_an_answer_is_right_or_a_typed_error(said: Said, vendor: Vendor) -> None:
    outcome, _ = outcome_of(vendor, says(spoken(vendor, said.raw)))
    expect_outcome(vendor, outcome, said.outcome)


SHORT = {name: said for name, said in SAYINGS.items() if len(said.raw) < 1000}


@pytest.mark.parametrize("vendor", [TIUN, PING], ids=str)
@pytest.mark.parametrize("said", SHORT.values(), ids=SHORT)
def test_the_pieces_in_which_an_answer_comes_change_nothing(said: Said, vendor: Vendor) -> None:
    raw = spoken(vendor, said.raw)
    pieces = [raw[at : at + 3] for at in range(0, len(raw), 3)]
    outcome, _ = outcome_of(vendor, says(*pieces))
    expect_outcome(vendor, outcome, said.outcome)


@pytest.mark.parametrize("vendor", VENDORS.values(), ids=str)
def test_an_answer_cut_at_any_byte_is_no_answer(vendor: Vendor) -> None:
    whole = spoken(vendor, OK + b"Content-Type: application/json\r\n" + SIZED)
    for cut in range(len(whole)):
        outcome, _ = outcome_of(vendor, says(whole[:cut]))
        expect_outcome(vendor, outcome, LOST)


@pytest.mark.parametrize("vendor", VENDORS.values(), ids=str)
@pytest.mark.parametrize(
    "said",
    [b"", b"HTTP/1.1 2", OK, OK + b"Content-Length: 9\r\n\r\n{"],
    ids=["before the answer", "in the status line", "in the head", "in the body"],
)
def test_a_reset_at_any_time_is_no_answer(vendor: Vendor, said: bytes) -> None:
    outcome, _ = outcome_of(vendor, resets(said))
    expect_outcome(vendor, outcome, LOST)


@pytest.mark.parametrize("vendor", VENDORS.values(), ids=str)
@pytest.mark.parametrize(
    "said", [OK + SIZED, OK + CHUNKED + CHUNK + LAST], ids=["with a length", "in chunks"]
)
def test_an_answer_in_one_byte_pieces_is_read_whole(vendor: Vendor, said: bytes) -> None:
    pieces = [bytes([byte]) for byte in spoken(vendor, said)]
    outcome, _ = outcome_of(vendor, says(*pieces))
    assert is_right(vendor, outcome)


STALLS: dict[str, Talk] = {
    "silence": says_and_stays(b""),
    "silence in the status line": says_and_stays(b"HTTP/1.1 2"),
    "silence in the head": says_and_stays(OK + b"X-A: b\r\n"),
    "silence behind the head": says_and_stays(OK + b"Content-Length: 5\r\n\r\n"),
    "silence in the body": says_and_stays(OK + b"Content-Length: 5\r\n\r\n{"),
    "silence in a chunk": says_and_stays(OK + CHUNKED + b"5\r\n{"),
    "silence before the last chunk": says_and_stays(OK + CHUNKED + b"1\r\n{\r\n"),
    "silence behind an interim answer": says_and_stays(b"HTTP/1.1 100 Continue\r\n\r\n"),
    "a body without an end": says_and_stays(OK + b"\r\n{"),
    "a head in drips": drips(b"HTTP/1.1 200 " + b"O" * 1000, 0.05),
    "headers in drips": drips(OK + b"A: b\r\n" * 1000, 0.05),
    "a body in drips": drips(OK + b"Content-Length: 9999\r\n\r\n" + b" " * 1000, 0.05),
    "chunks in drips": drips(OK + CHUNKED + b"1\r\n \r\n" * 1000, 0.05),
    "interim answers in drips": drips(b"HTTP/1.1 103 Early\r\n\r\n" * 1000, 0.05),
}


@pytest.mark.parametrize("vendor", VENDORS.values(), ids=str)
@pytest.mark.parametrize("talk", STALLS.values(), ids=STALLS)
def test_a_peer_that_stalls_or_drips_is_left_at_the_deadline(talk: Talk, vendor: Vendor) -> None:
    outcome, _ = outcome_of(vendor, talk, deadline=0.3)
    assert isinstance(outcome, DeadlineExceeded)
    assert outcome.phase == "receive"
    assert outcome.call is not None


def test_no_stall_keeps_a_call_50_ms_past_its_deadline() -> None:
    deadline, overruns = 0.1, {}
    with control() as machine:
        for name, talk in STALLS.items():
            with peer(talk) as told:
                client = PING.client(told.url, timeout=deadline)
                began = time.monotonic()
                with pytest.raises(DeadlineExceeded):
                    PING.ask(client, "s")
                overruns[name] = (time.monotonic() - began - deadline) * 1000
    assert {name: late for name, late in overruns.items() if late > 50 + machine.worst()} == {}


FLOODS: dict[str, Talk] = {
    "a status line": says_for_ever(b"HTTP/1.1 200 ", b"x" * 65536),
    "headers": says_for_ever(OK, b"A: b\r\n" * 10_000),
    "one header": says_for_ever(OK + b"X-A: ", b"x" * 65536),
    "interim answers": says_for_ever(b"", b"HTTP/1.1 103 Early Hints\r\nA: b\r\n\r\n" * 2000),
    "a body": says_for_ever(OK + b"\r\n", b" " * 65536),
    "a body of an announced petabyte": says_for_ever(
        OK + b"Content-Length: 1125899906842624\r\n\r\n", b" " * 65536
    ),
    "chunks": says_for_ever(OK + CHUNKED, b"8\r\n        \r\n" * 8000),
    "one chunk": says_for_ever(OK + CHUNKED + b"fffffff\r\n", b" " * 65536),
    "a chunk's extension": says_for_ever(OK + CHUNKED + b"1;", b"x" * 65536),
    "trailers": says_for_ever(OK + CHUNKED + LAST[:-2], b"A: b\r\n" * 10_000),
    "zeros": says_for_ever(b"", b"\0" * 65536),
}


@pytest.mark.parametrize("vendor", VENDORS.values(), ids=str)
@pytest.mark.parametrize("talk", FLOODS.values(), ids=FLOODS)
def test_a_flood_is_cut_off(talk: Talk, vendor: Vendor) -> None:
    outcome, _ = outcome_of(vendor, talk)
    assert isinstance(outcome, (ContractError, TransportError))
    assert not isinstance(outcome, DeadlineExceeded), "it was read until the deadline"
    assert outcome.call is not None
    assert outcome.call.attempts[0].bytes_received < 4 << 20


@pytest.mark.parametrize("vendor", VENDORS.values(), ids=str)
def test_a_refused_connection_is_a_transport_error(vendor: Vendor) -> None:
    with peer(says(b"")) as told:
        pass
    with pytest.raises(TransportError) as raised:
        vendor.ask(vendor.client(told.url), "s")
    assert raised.value.phase == "connect"
    assert "127.0.0.1" in str(raised.value)


@pytest.mark.parametrize("vendor", VENDORS.values(), ids=str)
def test_a_plain_peer_behind_https_is_a_transport_error_of_tls(vendor: Vendor) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:

        def talk() -> None:
            with contextlib.suppress(OSError):
                connection, _ = server.accept()
                with connection:
                    connection.recv(65536)
                    connection.sendall(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")

        speaker = threading.Thread(target=talk)
        speaker.start()
        client = vendor.client(f"https://127.0.0.1:{server.getsockname()[1]}")
        with pytest.raises(TransportError) as raised:
            vendor.ask(client, "s")
        speaker.join()
    assert raised.value.phase == "tls"
    assert not isinstance(raised.value, DeadlineExceeded)


@pytest.mark.parametrize("vendor", VENDORS.values(), ids=str)
def test_a_peer_that_never_shakes_hands_is_left_at_the_deadline(vendor: Vendor) -> None:
    # The kernel completes the connection; nobody ever accepts it.
    with socket.create_server(("127.0.0.1", 0)) as server:
        client = vendor.client(f"https://127.0.0.1:{server.getsockname()[1]}", timeout=0.3)
        with pytest.raises(DeadlineExceeded) as raised:
            vendor.ask(client, "s")
    assert raised.value.phase == "tls"


@pytest.mark.parametrize("vendor", VENDORS.values(), ids=str)
def test_a_peer_that_never_accepts_is_left_at_the_deadline(vendor: Vendor) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        client = vendor.client(f"http://127.0.0.1:{server.getsockname()[1]}", timeout=0.3)
        with pytest.raises(DeadlineExceeded) as raised:
            vendor.ask(client, "s")
    assert raised.value.phase == "receive"


@pytest.mark.parametrize("vendor", VENDORS.values(), ids=str)
def test_an_answer_before_the_request_was_read_is_taken(vendor: Vendor) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:

        def talk() -> None:
            with contextlib.suppress(OSError):
                connection, _ = server.accept()
                with connection:
                    connection.sendall(answer(b"", b"HTTP/1.1 503 Busy"))
                    connection.shutdown(socket.SHUT_WR)
                    connection.recv(65536)  # and not to the end, which a pool may put off

        speaker = threading.Thread(target=talk)
        speaker.start()
        client = vendor.client(f"http://127.0.0.1:{server.getsockname()[1]}")
        with pytest.raises(CallError) as raised:
            vendor.ask(client, "s")
        client.close()
        speaker.join()
    assert isinstance(raised.value, (ServerError, TransportError, ContractError))


def test_there_are_at_least_60_broken_answers() -> None:
    assert len([said for said in SAYINGS.values() if said.outcome != ANSWER]) >= 60
