"""The journal: what it keeps, what it never keeps, and that it does not lie about the rest."""

from __future__ import annotations

import json
import os
import socket
import threading
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest
from tests.support.calls import PING_KEY, ping, ping_bytes, ping_target, tiun
from tests.support.sandbox import Space, start_mock
from tests.support.wire import connect, once, receive_answer, request

from sessionvitals import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Iterator

CANARY = "canary-7f3a9"
#: 1,000,000 proves it for good; it takes half a minute
FLOOD = int(os.environ.get("SESSIONVITALS_FLOOD", "20000"))


def test_a_request_is_kept_as_it_came(space: Space) -> None:
    space.clock(set="2026-01-01T00:00:00Z", freeze=True)
    ping(space, "a/b", X_Odd="  %41b  ", X_Empty="")
    (kept,) = space.admin("GET", "requests")["requests"]
    assert kept["target"] == ping_target(space, "a/b")
    assert (kept["session_id"], kept["operation"]) == ("a/b", "session_status")
    assert (kept["http_status"], kept["at"]) == (404, "2026-01-01T00:00:00.000Z")
    assert kept["headers"] == [
        ["Host", "mock"],
        ["Connection", "close"],
        ["Authorization", "[redacted]"],
        ["X-Odd", "%41b"],
        ["X-Empty", ""],
    ]


def test_the_answer_is_kept_beside_its_request(space: Space) -> None:
    space.add_session("ping", "s", "created", client_id="c")
    answer = ping(space, "s")
    space.faults(script="delay(0.05), reset")
    ping(space, "s")
    ping(space, "s")
    first, late, none = space.admin("GET", "requests")["requests"]
    assert first["answer"]["body"] == answer.body.decode()
    assert ["Content-Type", answer.header("Content-Type")] in first["answer"]["headers"]
    assert not first["answer"]["truncated"]
    assert first["duration_ms"] < 50 <= late["duration_ms"]
    assert none["answer"] is None


def test_no_secret_of_an_answer_is_kept(space: Space) -> None:
    space.admin("PUT", "keys", {"ping": CANARY})
    seen = once(space.port, f"/~{space.name}/x?api_key=other-{CANARY}&a={CANARY}&b=1")
    assert CANARY in seen.body.decode()
    body = {"content": f"token: other-{CANARY} and {CANARY}", "transport": "http"}
    space.add_session("eliza", "s", "active")
    target = f"/~{space.name}/api/messaging/sessions/s/messages"
    sent = json.dumps(body).encode()
    assert (
        CANARY
        in once(space.port, target, "POST", sent, Content_Type="application/json").body.decode()
    )
    space.faults({"kind": "status", "http_status": 503, "headers": {"Set-Cookie": CANARY + "x"}})
    ping(space, "s")
    journal = json.dumps(space.admin("GET", "requests"))
    assert CANARY not in journal
    assert journal.count("b=1") == 3  # its target, and twice in the answer that quotes it


def test_one_request_is_asked_for_by_its_number(space: Space) -> None:
    for name in "abc":
        ping(space, name)
    (found,) = space.admin("GET", "requests?number=1")["requests"]
    assert (found["number"], found["session_id"]) == (1, "b")


def test_no_secret_is_kept_wherever_it_stood(space: Space) -> None:
    space.admin("PUT", "keys", {"ping": CANARY})
    ping(space, CANARY, Authorization=CANARY)
    ping(space, "s", Authorization="Bearer " + CANARY, Cookie=CANARY, X_My_Token=CANARY)
    tiun(space, "s", X_TIUN_API_KEY=CANARY + "2")
    once(space.port, f"/~{space.name}/x?api_key={CANARY}&a={CANARY}&b=1")
    body = {"userVerificationToken": "jwt-" + CANARY, "deep": [{"Password": [CANARY]}], "c": CANARY}
    once(space.port, f"/~{space.name}/y", "POST", json.dumps(body).encode())

    journal = space.admin("GET", "requests")
    assert journal["seen"] == 5
    assert CANARY not in json.dumps(journal)
    assert "b=1" in json.dumps(journal)


SECRET_BODIES = {
    "a form": f"a=1&password={CANARY}&b=2",
    "a form whose name is escaped": f"a=1&p%61ssword={CANARY}&b=2",
    "a form with spaces": f"a=1\npwd = {CANARY}\nb=2",
    "a nested form": f"a=1&user[password]={CANARY}&b=2",
    "JSON": json.dumps({"a": 1, "pwd": CANARY, "b": 2}),
    "JSON whose name is escaped": f'{{"p\\u0061ssword":"{CANARY}","b":2}}',
    "JSON with a signature": json.dumps({"sig": CANARY, "sessionSig": CANARY, "b": 2}),
    "JSON with a session's configuration": json.dumps({"configuration": {"id": CANARY}, "b": 2}),
    "JSON with a URL": json.dumps({"url": f"https://u:{CANARY}@h/?jwt={CANARY}&x", "b": 2}),
    "JSON with a header": json.dumps({"line": f"Bearer {CANARY}", "b": 2}),
    "JSON in JSON": json.dumps({"text": json.dumps({"token": CANARY}), "b": 2}),
    "a JSON text": json.dumps(f"b=2 token={CANARY}"),
    "JSON that is cut": f'{{"b":2,"token":"{CANARY}',
    "JSON with a comma too many": f'{{"b":2,"token":"{CANARY}",,}}',
    "JSON cut in an escape": f'{{"b":2,"token":"{CANARY}\\"{CANARY}\\',
    "JSON cut in an object": f'{{"b":2,"auth":{{"user":"{CANARY}"',
    "JSON with names in single quotes": f"{{b:2, 'token': '{CANARY}'}}",
    "JSON without quotes": f"{{b:2, token: {CANARY}}}",
    "lines of headers": f"b=2\r\nAuthorization: Basic {CANARY}",
    "XML": f"<b>b=2</b><password>{CANARY}</password>",
    "prose with credentials": f"b=2 curl -H 'X: Bearer {CANARY}'",
    "a JSON web token": f"b=2 eyJhbGciOi.eyJzdWIi.{CANARY}",
    "a multipart form": (
        f'--x\r\nContent-Disposition: form-data; name="password"\r\n\r\n{CANARY}\r\n{CANARY}\r\n'
        '--x\r\nContent-Disposition: form-data; name="b"\r\n\r\nb=2\r\n--x--\r\n'
    ),
    "a multipart form with a part's headers": (
        f'--x\r\nContent-Disposition: form-data; name=api-key; filename="f"\r\nX: b=2\r\n\r\n{CANARY}'
    ),
    "a multipart form of bare line ends": (
        f'b=2\n--x\nContent-Disposition: form-data; name="jwt"\n\n{CANARY}\n--x'
    ),
    "JSON in a form": f"payload=%7B%22token%22%3A%22{CANARY}%22%7D&b=2",
    "a private key": f"b=2\n-----BEGIN EC PRIVATE KEY-----\n{CANARY}\n-----END EC PRIVATE KEY-----",
    "a private key that is cut": f"b=2\n-----BEGIN PRIVATE KEY-----\n{CANARY}",
    "names of other secrets": f"xsrf={CANARY}&code_verifier={CANARY}&client_assertion={CANARY}&b=2",
}


@pytest.mark.parametrize("name", SECRET_BODIES)
def test_no_secret_of_a_body_is_kept_however_it_is_written(space: Space, name: str) -> None:
    once(space.port, f"/~{space.name}/y", "POST", SECRET_BODIES[name].encode())
    (kept,) = space.admin("GET", "requests")["requests"]
    assert CANARY not in kept["body"]
    assert "[redacted]" in kept["body"]
    assert "b=2" in kept["body"] or '"b":2' in kept["body"] or "b:2" in kept["body"]


def test_an_author_is_no_secret_and_an_authorization_is_one(space: Space) -> None:
    body = {"authorId": "a", "AUTHOR": "b", "authorized": CANARY, "authorisation": CANARY}
    once(space.port, f"/~{space.name}/y", "POST", json.dumps(body).encode())
    (kept,) = space.admin("GET", "requests")["requests"]
    assert json.loads(kept["body"]) == body | dict.fromkeys(list(body)[2:], "[redacted]")


@pytest.mark.parametrize(
    ("header", "value"),
    [
        ("Referer", f"https://app.example/page?access_token={CANARY}&b=2"),
        ("Referer", f"https://user:{CANARY}@app.example/b=2"),
        ("X-Forwarded-Uri", f"/page?b=2&s%69g={CANARY}"),
        ("X-Pwd", CANARY),
        ("X-Jwt", CANARY),
        ("X-Amz-Sig", CANARY),
        ("X-Note", f"b=2 Basic {CANARY}"),
        ("X-Note", f"b=2 eyJhbGciOi.{CANARY}"),
        ("X-Note", "b=2 {own}"),
        ("User-Agent", "b=2 {own}/1.0"),
        ("X-Note", "b=2 %70ing%2Dof-{own}"),
    ],
)
def test_no_secret_of_a_header_is_kept(space: Space, header: str, value: str) -> None:
    space.admin("PUT", "keys", {"ping": CANARY, "tiun": "ping-of-" + CANARY})
    value = value.replace("{own}", CANARY)
    ping(space, "s", **{header.replace("-", "_"): value})
    (kept,) = space.admin("GET", "requests")["requests"]
    assert CANARY not in json.dumps(kept)
    (found,) = (text for name, text in kept["headers"] if name == header)
    assert "[redacted]" in found
    assert ("b=2" in found) == ("b=2" in value)


@pytest.mark.parametrize(
    "query",
    [
        "jwt={}",
        "a=1&sig={}",
        "pwd={}",
        "%6Bey={}",
        "u=http://u:{}@h/",
        "own=%63{}",
        "q=%7B%22token%22:%22{}",
    ],
)
def test_no_secret_of_a_target_is_kept(space: Space, query: str) -> None:
    space.admin("PUT", "keys", {"ping": "c" + CANARY})
    once(space.port, f"/~{space.name}/x?b=2&{query.format(CANARY)}")
    once(space.port, f"http://u:{CANARY}@h/~{space.name}/x?b=2")
    kept = json.dumps(space.admin("GET", "requests")["requests"])
    assert CANARY not in kept
    assert kept.count("b=2") == 6  # each 501 quotes its target twice


def test_what_only_looks_like_a_secret_is_kept(space: Space) -> None:
    body = {
        "design": "a",
        "passenger": "b",
        "note": "Status: fine, really",
        "n": None,
        "token": None,
    }
    once(space.port, f"/~{space.name}/x?design=a&assigned=b", "POST", json.dumps(body).encode())
    once(space.port, f"/~{space.name}/y", "POST", b"Invalid API key: none was given; a=b")
    first, second = space.admin("GET", "requests")["requests"]
    assert json.loads(first["body"]) == body
    assert first["target"].endswith("/x?design=a&assigned=b")
    assert second["body"] == "Invalid API key: none was given; a=b"


def test_counts_say_yes_and_no(space: Space) -> None:
    for _ in range(3):
        ping(space, "s")
    ping(space, "t")

    def verdict(query: str) -> object:
        return space.admin("GET", f"requests/count?{query}")["verdict"]

    assert verdict("session_id=s&exactly=3") == "yes"
    assert verdict("session_id=s&exactly=2") == "no"
    assert verdict("session_id=s&at_least=4") == "no"
    assert verdict("session_id=s&at_most=3") == "yes"
    assert verdict("session_id=never&exactly=0") == "yes"
    assert verdict("provider=ping&http_status=404&exactly=4") == "yes"
    assert verdict("header.x-a=1") == "no"


def test_a_near_miss_says_field_by_field_why(space: Space) -> None:
    ping(space, "s", X_A="1")
    asked = "requests/near-misses?session_id=t&header.X-A=2&provider=ping"
    (miss,) = space.admin("GET", asked)["near_misses"]
    assert miss["differences"] == [
        {"field": "session_id", "expected": "t", "found": "s"},
        {"field": "header.X-A", "expected": "2", "found": "1"},
    ]


def test_what_met_no_route_is_told_the_nearest(space: Space) -> None:
    once(space.port, f"/~{space.name}/customer/v2/session/s/status", **PING_KEY)
    (miss,) = space.admin("GET", "requests/near-misses")["near_misses"]
    assert miss["request"]["http_status"] == 501
    nearest = "GET /customer/v2/sessions/{id}/status (ping, session_status)"
    assert miss["request"]["nearest_route"] == nearest
    routes = miss["request"]["nearest_routes"]
    assert (len(routes), routes[0]["route"]) == (3, nearest)
    path = {
        "expected": "/customer/v2/sessions/{id}/status",
        "found": "/customer/v2/session/s/status",
    }
    assert routes[0]["differences"] == [{"field": "path", **path}]


def test_waiting_ends_when_the_request_comes(space: Space) -> None:
    found: list[object] = []
    waiting = threading.Thread(
        target=lambda: found.append(space.admin("GET", "requests/wait?session_id=s&at_least=2"))
    )
    waiting.start()
    ping(space, "s")
    ping(space, "t")
    ping(space, "s")
    waiting.join(10)
    assert found == [
        {"verdict": "yes", "count": 2, "exact": True, "evicted": 0, "timed_out": False}
    ]


def arrived(space: Space, data: bytes) -> socket.socket:
    """Send a request that a fault delays, and see that it is there."""
    connection = connect(space.port)
    connection.sendall(data)
    while not space.admin("GET", "faults")["faults"][-1]["fired"]:
        pass
    return connection


def test_waiting_ends_when_a_late_answer_is_sent(space: Space) -> None:
    space.faults(script="delay(0.2)")
    with arrived(space, ping_bytes(space, "s")) as connection:
        ended = space.admin("GET", "requests/wait?session_id=s&timeout=5")
        assert (ended["verdict"], ended["timed_out"]) == ("yes", False)
        assert receive_answer(connection).http_status == 404


def test_waiting_counts_each_request_once_and_goes_on_over_a_drop(space: Space) -> None:
    target = f"/~{space.name}/__admin/requests/wait?session_id=s&at_least=3&timeout=5"
    with connect(space.port) as waiting:
        waiting.sendall(request(target))
        space.admin("GET", "health")  # what is asked after this comes after the wait
        for session_id in ("s", "t", "t"):
            ping(space, session_id)
        space.admin("DELETE", "requests")
        waiting.setblocking(False)
        with pytest.raises(BlockingIOError):
            waiting.recv(1)
        ping(space, "s")
        ping(space, "s")
        assert receive_answer(waiting).json["count"] == 3


def test_waiting_in_vain_says_so(space: Space) -> None:
    answer = space.admin("GET", "requests/wait?session_id=s&timeout=0.05")
    assert (answer["verdict"], answer["timed_out"]) == ("no", True)


def test_an_unknown_field_is_refused_by_name(space: Space) -> None:
    with pytest.raises(ConfigurationError, match='"member":"sesion_id"'):
        space.admin("GET", "requests/count?sesion_id=s")


@pytest.fixture
def small() -> Iterator[Space]:
    """A space of a mock whose journals hold 64 KiB together."""
    with start_mock(["--journal-bytes", "65536"]) as running:
        yield Space(running, "small")


def flood(space: Space, session_id: str, count: int) -> None:
    with connect(space.port) as connection:
        for _ in range(count):
            connection.sendall(ping_bytes(space, session_id))
            receive_answer(connection)


def test_what_was_evicted_is_owned_up_to(small: Space) -> None:
    flood(small, "first", 10)
    flood(small, "then", 500)
    journal = small.admin("GET", "requests?limit=1")
    assert journal["seen"] == 510
    assert journal["evicted"] == 510 - journal["kept"] > 0
    assert journal["bytes"] <= 65536

    def verdict(query: str) -> str:
        return str(small.admin("GET", f"requests/count?{query}")["verdict"])

    unknown = f"unknown: {journal['evicted']} evicted"
    assert verdict("session_id=first&exactly=10") == unknown
    assert verdict("session_id=first&exactly=0") == unknown
    assert verdict("session_id=then&at_least=1") == "yes"
    assert verdict("session_id=first&at_least=511") == "no"
    assert verdict("provider=ping&http_status=404&exactly=510") == "yes", "counters never forget"
    assert verdict("provider=tiun&session_id=first&exactly=0") == "yes", "none of these was dropped"


def test_a_flood_is_counted_to_the_last_and_held_in_little() -> None:
    with start_mock() as running:
        flooded = Space(running, "flooded")
        ping(flooded, "first")
        ping(flooded, "second")
        before = resident_bytes(running.ready["pid"])
        with connect(flooded.port) as connection:
            for _ in range(FLOOD // 100):
                connection.sendall(ping_bytes(flooded, "s") * 100)
                answers = b""
                while answers.count(b"HTTP/1.1 404 ") < 100 or not answers.endswith(b"}\n"):
                    answers += connection.recv(1 << 20)
        grown = resident_bytes(running.ready["pid"]) - before
        journal = flooded.admin("GET", "requests?limit=1")

        def verdict(query: str) -> str:
            return str(flooded.admin("GET", f"requests/count?{query}")["verdict"])

        assert journal["seen"] == FLOOD + 2
        assert journal["bytes"] <= 2 * 1024 * 1024, "half of what all journals may hold"
        if "LD_PRELOAD" not in os.environ:  # a sanitizer keeps what is freed
            assert grown < 8 * 1024 * 1024
        assert verdict(f"provider=ping&http_status=404&exactly={FLOOD + 2}") == "yes"
        assert verdict(f"provider=ping&exactly={FLOOD + 1}") == "no"
        assert verdict("session_id=first&exactly=1") == f"unknown: {journal['evicted']} evicted"
        assert verdict(f"session_id=s&since={FLOOD}&exactly=2") == "yes", "the last are kept"


def resident_bytes(pid: int) -> int:
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def test_an_answer_that_came_late_hides_nothing_that_was_evicted(small: Space) -> None:
    small.faults(script="delay(0.2)", scope={"session_id": "late"})
    with arrived(small, ping_bytes(small, "late")) as connection:
        flood(small, "early", 1)
        receive_answer(connection)
    while not small.admin("GET", "requests?limit=1")["evicted"]:
        flood(small, "then", 1)
    (oldest, *_) = small.admin("GET", "requests?limit=10000")["requests"]
    assert (oldest["number"], oldest["session_id"]) == (0, "late")
    asked = small.admin("GET", "requests/count?session_id=early&since=1&at_least=1")
    assert asked["verdict"] == "unknown: 1 evicted"
    asked = small.admin("GET", "requests/count?session_id=early&since=2&at_least=1")
    assert asked["verdict"] == "no"


def test_a_flood_in_one_space_leaves_the_others_theirs(small: Space) -> None:
    quiet = small.sibling("quiet")
    flood(quiet, "kept", 5)
    flood(small, "s", 500)
    assert quiet.admin("GET", "requests/count?session_id=kept&exactly=5")["verdict"] == "yes"


def test_forgetting_starts_from_nothing(space: Space) -> None:
    ping(space, "s")
    assert space.admin("DELETE", "requests") == {"removed": 1}
    assert space.admin("GET", "requests/count?session_id=s&exactly=0")["verdict"] == "yes"


def test_a_client_that_leaves_while_waiting_is_let_go(space: Space) -> None:
    target = f"/~{space.name}/__admin/requests/wait?session_id={quote('s')}&timeout=3600"
    with connect(space.port) as connection:
        connection.sendall(f"GET {target} HTTP/1.1\r\nHost: m\r\n\r\n".encode())
        connection.shutdown(socket.SHUT_WR)
        connection.settimeout(10)
        assert connection.recv(1) == b""
