"""All hostile answers against one process: each a typed error or a right answer, within 32 MB.

And the published vulnerabilities of cpp-httplib's client side, by name, on whatever version the
core was built with. Its server's own (CVE-2026-46527, -66570, -66577 of 2025) are not ours to show.
"""

from __future__ import annotations

import gzip
import json
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator

import pytest
from tests.support.peers import Peer, Talk, answer, peer, says, says_for_ever
from tests.support.peers.bad_answers import SAYINGS, spoken
from tests.support.vendors import PING

from sessionvitals import (
    CallError,
    ConfigurationError,
    ContractError,
    ElizaClient,
    HttpStatusError,
    PingClient,
    TiunClient,
)

OK = b"HTTP/1.1 200 OK\r\n"
CHUNKED = OK + b"Transfer-Encoding: chunked\r\n\r\n"
FLOOD = b"x" * 65536
SIZED = b"Content-Length: %d\r\n\r\n" % len(PING.good_body) + PING.good_body

FLOODS: dict[str, Talk] = {
    "a status line without end": says_for_ever(b"HTTP/1.1 200 ", FLOOD),
    "a header without end": says_for_ever(OK + b"X-A: ", FLOOD),
    "headers without end": says_for_ever(OK, b"X-A: b\r\n" * 1000),
    "a body without end": says_for_ever(OK + b"\r\n", FLOOD),
    "chunks without end": says_for_ever(CHUNKED, b"10000\r\n" + FLOOD + b"\r\n"),
    "one-byte chunks without end": says_for_ever(CHUNKED, b"1\r\nx\r\n" * 1000),
    "a chunk's extension without end": says_for_ever(CHUNKED + b"1;", FLOOD),
    "trailers without end": says_for_ever(CHUNKED + b"0\r\n", b"X-A: b\r\n" * 1000),
    "interim answers without end": says_for_ever(b"", b"HTTP/1.1 102 Processing\r\n\r\n" * 100),
    "interim heads with headers without end": says_for_ever(
        b"", b"HTTP/1.1 103 Early\r\n" + b"Link: x\r\n" * 90 + b"\r\n"
    ),
    "zeros without end": says_for_ever(b"", bytes(65536)),
    "line breaks without end": says_for_ever(b"", b"\r\n" * 1000),
    "a head of 16 megabytes": says(OK, *[b"X-A: " + FLOOD + b"\r\n"] * 250),
    "JSON 500,000 levels deep": says(answer(b"[" * 500_000)),
    "JSON of one long string": says(answer(b'{"client_id":"' + b"x" * 1_000_000 + b'"}')),
    "a body of invalid UTF-8": says(answer(b'{"client_id":"\xff\xfe\xed\xa0\x80"}' * 1000)),
    "a compressed bomb": says(
        answer(gzip.compress(bytes(100_000_000), 9), OK.rstrip(), b"Content-Encoding: gzip")
    ),
}

#: Asks each port once, with the limits of a careful user; says how each ended, and how far the
#: process grew from the first answer on.
VICTIM = """
import json, re, sys
from sessionvitals import CallError, PingClient
def peak():
    return int(re.search(r"VmHWM:\\s+(\\d+)", open("/proc/self/status").read())[1])
def ask(port):
    client = PingClient(api_key="ping-sandbox-key", base_url=f"http://127.0.0.1:{port}",
                        max_retries=0, timeout=10)
    try:
        client.session_status("s")
        return "an answer"
    except CallError as error:
        return type(error).__name__
first, *ports = map(int, sys.stdin.read().split())
ask(first)
before = peak()
ended = [ask(port) for port in ports]
grown = peak() - before
print(json.dumps({"ended": ended, "grown_kib": grown}))
"""


@pytest.fixture
def told(request: pytest.FixtureRequest) -> Iterator[Peer]:
    with peer(request.param) as running:
        yield running


def test_all_hostile_answers_end_in_words_and_little_memory() -> None:
    talks = {name: says(spoken(PING, said.raw)) for name, said in SAYINGS.items()} | FLOODS
    assert len(talks) >= 120
    running = [peer(says(answer(PING.good_body))), *map(peer, talks.values())]
    try:
        ports = [each.__enter__().port for each in running]
        done = subprocess.run(
            [sys.executable, "-c", VICTIM],
            input=" ".join(map(str, ports)),
            capture_output=True,
            text=True,
            timeout=300,
        )
    finally:
        for each in running:
            each.__exit__(None, None, None)
    assert done.returncode == 0, done.stderr
    result = json.loads(done.stdout)
    ended = dict(zip(talks, result["ended"], strict=True))
    print(f"\n{len(ended)} hostile answers, grown by {result['grown_kib']} KiB")
    late = [name for name, how in ended.items() if how == "DeadlineExceeded"]
    assert not late, "these were not cut off"
    if "LD_PRELOAD" not in os.environ:  # a sanitizer keeps what is freed
        assert result["grown_kib"] < 32 * 1024


INJECTIONS = {
    "CVE-2023-26130": "key\r\nX-Injected: yes",
    "CVE-2025-0825": "key\0\r\nX-Injected: yes",
    "CVE-2026-21428": "key\nX-Injected: yes",
}


@pytest.mark.parametrize("key", INJECTIONS.values(), ids=INJECTIONS)
def test_no_line_break_in_a_key_reaches_the_wire(key: str) -> None:
    with peer(says(answer(PING.good_body))) as running:
        for make in (
            lambda: PingClient(api_key=key, base_url=running.url).session_status("s"),
            lambda: TiunClient(access_token=key, base_url=running.url).verify("s"),
            lambda: ElizaClient(api_key=key, base_url=running.url).get_session("s"),
        ):
            with pytest.raises(ConfigurationError):
                make()
    assert not running.connections


@pytest.mark.parametrize("session_id", ["a\r\nX-Injected: yes", "a b", "a?b#c", "../admin", "a%0d"])
def test_no_session_id_leaves_its_place_in_the_request_line(session_id: str) -> None:
    with peer(says(answer(PING.good_body))) as running:
        try:
            PING.ask(PING.client(running.url), session_id)
        except ConfigurationError:
            assert not running.requests
            return
    line = running.requests[0].split(b"\r\n")[0]
    assert line.count(b" ") == 2
    assert line.count(b"/") == 4  # /sessions/ID/status and HTTP/1.1
    assert not [c for c in b"?#" if c in line]


RESOURCES = {
    "CVE-2025-46728: chunks without end": FLOODS["chunks without end"],
    "CVE-2025-46728: a body without end": FLOODS["a body without end"],
    "CVE-2025-53628: a line without end": FLOODS["a header without end"],
    "CVE-2025-53629: chunks that add up": FLOODS["one-byte chunks without end"],
    "CVE-2025-52887: headers without end": FLOODS["headers without end"],
    "CVE-2026-45352: a negative chunk": says(CHUNKED + b"-2\r\n" + FLOOD),
    "CVE-2026-45352: a chunk of 2^64 - 1": says(CHUNKED + b"ffffffffffffffff\r\n" + FLOOD),
    "CVE-2026-45352: a chunk of 0x10": says(CHUNKED + b"0x10\r\n" + FLOOD),
    "CVE-2026-31870: a length of letters": says(OK + b"Content-Length: abc\r\n\r\n"),
    "CVE-2026-31870: a length past 2^64": says(
        OK + b"Content-Length: 99999999999999999999\r\n\r\n"
    ),
    "a reason of 100,000 characters, which std::regex would not survive": says(
        b"HTTP/1.1 200 " + b"x" * 100_000 + b"\r\n" + SIZED
    ),
}


@pytest.mark.parametrize("told", RESOURCES.values(), ids=RESOURCES, indirect=True)
def test_a_peer_can_make_a_call_fail_and_no_more(told: Peer) -> None:
    with pytest.raises(ContractError) as caught:
        PING.ask(PING.client(told.url), "s")
    assert caught.value.call is not None
    assert caught.value.call.attempts[-1].phase == "receive"
    assert caught.value.call.attempts[-1].bytes_received < 3 * 1024 * 1024


def test_cve_2026_22776_a_compressed_bomb_stays_as_small_as_it_came() -> None:
    with peer(FLOODS["a compressed bomb"]) as running, pytest.raises(CallError) as caught:
        PING.ask(PING.client(running.url), "s")
    assert caught.value.call is not None
    assert caught.value.call.attempts[0].bytes_received < 1024 * 1024


def test_cve_2026_45372_a_percent_escape_in_a_header_stays_one() -> None:
    said = answer(b"{}", b"HTTP/1.1 400 Bad", b"X-Request-Id: a%0D%0AX-Injected: yes")
    with peer(says(said)) as running, pytest.raises(HttpStatusError) as caught:
        PING.ask(PING.client(running.url), "s")
    assert caught.value.request_id == "a%0D%0AX-Injected: yes"


@pytest.mark.parametrize("code", [301, 302, 303, 307, 308])
def test_cve_2026_33745_and_32627_no_redirect_is_followed_and_no_key_forwarded(code: int) -> None:
    with peer(says(answer(PING.good_body))) as elsewhere:
        for location in (elsewhere.url, f"{elsewhere.url}/sessions/s/status", "//localhost:1/"):
            said = answer(b"", b"HTTP/1.1 %d Moved" % code, b"Location: " + location.encode())
            with peer(says(said)) as running, pytest.raises(HttpStatusError) as caught:
                PING.ask(PING.client(running.url), "s")
            assert caught.value.http_status == code
    assert not elsewhere.connections


def test_no_answer_raises_sigpipe() -> None:
    """A peer that is gone ends the call; in a program that has not ignored SIGPIPE, too."""
    over = threading.Event()

    def leave(told: Peer, connection: socket.socket, request: bytes) -> None:
        connection.sendall(answer(PING.good_body))
        over.set()

    program = (
        "import signal, sys; signal.signal(signal.SIGPIPE, signal.SIG_DFL)\n"
        "from sessionvitals import CallError, PingClient\n"
        "client = PingClient(api_key='ping-sandbox-key', base_url=sys.argv[1], max_retries=0)\n"
        "for _ in range(50):\n"
        "    try: client.session_status('s')\n"
        "    except CallError: pass\n"
    )
    with peer(leave) as running:
        done = subprocess.run([sys.executable, "-c", program, running.url], timeout=60)
    assert done.returncode == 0
