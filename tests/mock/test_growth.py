"""What a request costs grows with its size and no faster, and all together stays within a bound."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.support.calls import eliza
from tests.support.sandbox import Space, start_mock
from tests.support.wire import Received, connect, once, receive_answer


def cost(space: Space, call: Callable[[], object]) -> int:
    """Return the processor time that the mock takes for a call, in nanoseconds, at best."""

    costs = []
    for _ in range(3):
        before = space.mock.processor_time()
        call()
        costs.append(space.mock.processor_time() - before)
    return min(costs)


def members(count: int) -> bytes:
    return json.dumps({f"m{number:06}": number for number in range(count)}).encode()


def sent(space: Space, method: str, path: str, body: bytes = b"", /, **headers: str) -> Received:
    return once(space.port, f"/~{space.name}{path}", method, body, **headers)


ROUTES: dict[str, tuple[str, str, Callable[[int], bytes]]] = {
    "distinct members": ("POST", "/__admin/clock", members),
    "a member again and again": (
        "POST",
        "/__admin/clock",
        lambda count: b"{" + b",".join([b'"a": 1234567890'] * count) + b"}",
    ),
    "nested objects": (
        "PUT",
        "/__admin/keys",
        lambda count: b'{"x":' + b"[" + b",".join([b'{"a":{"b":{}}}'] * count) + b"]}",
    ),
    "a session's metadata": (
        "POST",
        "/__admin/sessions",
        lambda count: (
            b'{"provider":"eliza","id":"s","state":"active","metadata":' + members(count) + b"}"
        ),
    ),
    "a vendor's body": ("POST", "/api/messaging/sessions", members),
    "a body that no route is there for": ("POST", "/nowhere", members),
    "a key again and again": (
        "POST",
        "/nowhere",
        lambda count: b"ping-sandbox-key tiun-x" * count,
    ),
    "a token without an end": (
        "POST",
        "/api/messaging/sessions/s/messages",
        lambda count: b'{"content":"' + b"eyJ" * count + b'"}',
    ),
    "a part of a form without a name": (
        "POST",
        "/nowhere",
        lambda count: b"form-data" + b"=" * 4 * count,
    ),
    "a fault script": (
        "POST",
        "/__admin/faults",
        lambda count: b'{"script":"' + b",".join([b"garbage(64)*2"] * count) + b'"}',
    ),
}


@pytest.mark.parametrize("name", ROUTES)
def test_four_times_the_body_takes_about_four_times_as_long(space: Space, name: str) -> None:
    method, path, body = ROUTES[name]
    headers = {"Content_Type": "application/json"}

    def ask(count: int) -> Callable[[], object]:
        data = body(count)
        return lambda: sent(space, method, path, data, **headers)

    assert cost(space, ask(40_000)) < 9 * cost(space, ask(10_000)), "four squared is sixteen"


def test_a_chunked_body_takes_linear_time(space: Space) -> None:
    def send(count: int) -> Callable[[], object]:
        def run() -> None:
            head = f"POST /~{space.name}/nowhere HTTP/1.1\r\nHost: mock\r\n"
            head += "Transfer-Encoding: chunked\r\n\r\n"
            with connect(space.port) as connection:
                connection.sendall(head.encode())
                for _ in range(count):
                    connection.sendall(b"8\r\nabcdefgh\r\n")
                connection.sendall(b"0\r\n\r\n")
                assert receive_answer(connection).http_status == 501

        return run

    # Pieces that happen to come together cost less than they may; looking again at all that has
    # come, for each of 20,000 pieces, would take more than a second.
    least = 10_000_000  # nanoseconds

    assert cost(space, send(20_000)) < 9 * max(cost(space, send(5_000)), least)


AGENT = "11111111-1111-4111-8111-111111111111"


def test_a_name_that_comes_again_keeps_its_first_place_and_has_its_last_value(space: Space) -> None:
    many = ",".join(f'"m{number}":0' for number in range(20))
    for metadata, wanted in [
        ('{"a":1,"b":2,"a":3}', '{"a":3,"b":2}'),
        (f'{{"a":1,{many},"a":{{"c":1,"c":2}}}}', f'{{"a":{{"c":2}},{many}}}'),
        ('{"":1,"":[]}', '{"":[]}'),
    ]:
        body = f'{{"agentId":"{AGENT}","userId":"{AGENT}","metadata":{metadata}}}'
        made = eliza(space, "", "POST", body.encode())
        assert made.http_status == 201
        assert f'"metadata":{wanted}'.encode() in made.body


def loaded(space: Space, scenario: dict[str, Any]) -> Received:
    return sent(space, "POST", "/__admin/scenarios", json.dumps(scenario).encode())


def test_repeats_are_bounded_all_together(space: Space) -> None:
    seed = {"provider": "ping", "id": "{n}", "state": "created", "repeat": 200_000}
    refused = loaded(space, {"sessions": [seed] * 50})
    assert refused.http_status == 400
    assert refused.json["error"]["member"] == "sessions[1].repeat"
    assert space.admin("GET", "health")["sessions"] == 0


def test_the_texts_of_repeats_are_bounded(space: Space) -> None:
    seed = {"provider": "ping", "id": "{n}", "state": "created", "client_id": "{n}" * 300_000}
    assert loaded(space, {"sessions": [{**seed, "repeat": 3}]}).http_status == 201
    shown = space.admin("GET", "sessions/ping/2")
    assert shown["client_id"] == "2" * 300_000
    refused = loaded(space, {"sessions": [{**seed, "repeat": 1000}]})
    assert refused.http_status == 400
    assert refused.json["error"]["member"] == "sessions[0].repeat"


def test_expanding_a_text_takes_linear_time(space: Space) -> None:
    def load(count: int) -> Callable[[], object]:
        seed = {"provider": "ping", "id": "x", "state": "created", "client_id": "{n}" * count}
        return lambda: loaded(space, {"sessions": [{**seed, "repeat": 1}]})

    assert cost(space, load(400_000)) < 9 * cost(space, load(100_000))


def test_all_spaces_together_hold_a_bounded_amount() -> None:
    with start_mock(["--sandbox-bytes", "1000000"]) as mock:
        seeds = [
            {"provider": "ping", "id": str(number), "state": "created"} for number in range(400)
        ]
        spaces = [Space(mock, f"s{number}") for number in range(20)]
        answers = [loaded(space, {"sessions": seeds}).http_status for space in spaces]
        assert answers[0] == 201
        assert answers[-1] == 409
        full = sent(
            spaces[-1], "POST", "/__admin/faults", b'{"script":"%s"}' % (b"ok," * 9999 + b"ok")
        )
        assert full.http_status == 409
        assert "--sandbox-bytes" in full.json["error"]["message"]
        known = spaces[0].admin("GET", "spaces")["spaces"]
        assert sum(space["sessions"] for space in known) == 400 * answers.count(201)
        for space in spaces:  # a space that is dropped gives back what it held
            space.admin("DELETE", f"spaces/{space.name}")
        assert loaded(spaces[-1], {"sessions": seeds}).http_status == 201


def test_a_vendors_call_that_finds_no_room_is_501() -> None:
    with start_mock(["--sandbox-bytes", "100"]) as mock:
        uuid = "11111111-1111-4111-8111-111111111111"
        refused = once(
            mock.port,
            "/api/messaging/sessions",
            "POST",
            json.dumps({"agentId": uuid, "userId": uuid}).encode(),
            Content_Type="application/json",
        )
        assert refused.http_status == 501
        assert "--sandbox-bytes" in refused.json["error"]["message"]


@pytest.mark.skipif("LD_PRELOAD" in os.environ, reason="a sanitizer needs memory of its own")
def test_the_bound_holds_in_a_gibibyte(mock_binary: Path) -> None:
    """The memory counted is no less than the memory taken."""
    process = subprocess.Popen(
        ["bash", "-c", 'ulimit -v 1048576; exec "$0" --port 0', mock_binary], stdout=subprocess.PIPE
    )
    try:
        assert process.stdout is not None
        port = json.loads(process.stdout.readline())["port"]
        seed = {"provider": "eliza", "id": "{n}", "state": "active", "metadata": {"n": "{n}"}}
        body = json.dumps({"sessions": [{**seed, "repeat": 200_000}]}).encode()
        answers = [
            once(port, f"/~s{number}/__admin/scenarios", "POST", body).http_status
            for number in range(6)
        ]
        assert answers[0] == 201
        assert answers[-1] == 409
        assert once(port, "/__admin/health").http_status == 200
    finally:
        process.kill()
        process.wait()
        assert process.stdout is not None
        process.stdout.close()
