"""The ready-made scenarios, their schema, and what is said of a wrong one."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from tests.support.calls import eliza, ping, tiun
from tests.support.sandbox import Space
from tests.support.wire import once

from sessionvitals import ConfigurationError
from sessionvitals.mock_program import with_scenario_file

SCENARIOS = Path(__file__).parents[2] / "mocks/scenarios"
READY_MADE = sorted(file.name for file in SCENARIOS.glob("*.json") if file.name != "schema.json")


def load(space: Space, name: str) -> Any:
    return space.admin("POST", "scenarios", json.loads((SCENARIOS / name).read_text()))


@pytest.mark.parametrize("name", READY_MADE)
def test_each_ready_made_scenario_loads_and_keeps_its_schema(space: Space, name: str) -> None:
    assert load(space, name)["sessions"] > 0
    jsonschema = pytest.importorskip("jsonschema", reason="the schema needs a judge")
    schema = json.loads((SCENARIOS / "schema.json").read_text())
    jsonschema.validate(json.loads((SCENARIOS / name).read_text()), schema)


def test_the_demo_has_three_sessions_a_vendor_each_in_another_state(space: Space) -> None:
    load(space, "demo.json")
    assert [
        tiun(space, f"reader-{name}").http_status for name in ("paid-up", "out-of-funds", "expired")
    ] == [200, 404, 404]
    words = [
        ping(space, f"vpn-{name}").json["status"] for name in ("waiting", "streaming", "finished")
    ]
    assert words == ["created", "connected", "disconnected"]
    near = [
        eliza(space, f"/chat-{name}").json["isNearExpiration"]
        for name in ("lively", "about-to-expire")
    ]
    assert near == [False, True]
    assert eliza(space, "/chat-expired").http_status == 410


def test_an_hour_of_traffic_is_counted_to_the_byte(space: Space) -> None:
    load(space, "ping_life.json")
    space.clock(advance=3700)
    body = ping(space, "an-hour-of-traffic").json
    assert body["status"] == "disconnected"
    assert (body["duration"], body["uploaded_bytes"]) == (3600, 12500 * 3600)
    twice = ping(space, "comes-and-goes").json
    assert twice["downloaded_bytes"] == 120 * 9007199254740


def test_a_chat_warns_expires_and_is_gone(space: Space) -> None:
    load(space, "eliza_life.json")
    space.clock(advance=25 * 60)
    assert eliza(space, "/half-an-hour").json["isNearExpiration"] is True
    assert eliza(space, "/reaches-its-maximum").http_status == 410
    space.clock(advance=5 * 60)
    assert [eliza(space, "/half-an-hour").http_status for _ in range(2)] == [410, 404]


def test_ten_thousand_sessions_are_ten_thousand(space: Space) -> None:
    assert load(space, "ten_thousand.json")["sessions"] == 10000
    assert ping(space, "ping-5999").json["client_id"] == "client-5999"
    assert eliza(space, "/eliza-7").json["metadata"] == {"number": "7"}


def test_a_bad_day_has_its_faults_and_limits(space: Space) -> None:
    load(space, "bad_day.json")
    assert [tiun(space, "reader").http_status for _ in range(4)] == [200, 503, 503, 200]
    assert len(space.admin("GET", "faults")["faults"]) == 3
    assert ping(space, "vpn").header("X-RateLimit-Limit") == "20"


SEED = '{"provider": "tiun", "state": "valid",\n"id": "r"'
WRONG = [
    ('{"sessions": [', 1, "not JSON: line 1, column 15: the text ends too early"),
    ('{\n"sessions": [\n{"id": }]}', 3, 'not JSON: line 3, column 8: unexpected "}"'),
    ('{\n"sessions": [\n{"id": 1e999}]}', 3, "a number that is out of range"),
    ('{"about": "x" "sessions": []}', 1, 'column 15: unexpected ""sessions""'),
    ('{\n"sessions":[]\n\n\n// c\n}', 5, 'line 5, column 1: unexpected "/'),
    ('{"sessions":[] // c', 1, 'line 1, column 16: unexpected "/'),
    ("", 1, "empty, where JSON is expected"),
    ('{"sessions": [\n{},\n{"provider":\n7}]}', 2, "sessions[0].provider: is required"),
    ('{"sessions": [\n{"provider":"ping","id":"b",\n"state":"on"}]}', 3, "sessions[0].state: must"),
    ('{\n\n"clock": {\n"set": "noon"}}', 4, "clock.set: must be an ISO time"),
    ('{"about": "x",\n"keys": {"ping": 7}}', 2, "keys.ping: must be a string"),
    ('{\n"faults": [{"script": "ok"},\n{"script": "jump"}]}', 3, "faults[1].script"),
    ('{\n"session": []}', 2, "session: unknown field; expected one of $schema, about"),
    ('{\n"sessions": [],\n"sessions": []}', 3, "sessions: is there twice: leave one"),
    ('{"keys":\n{"ping": "a",\n"ping": "b"}}', 3, "keys.ping: is there twice"),
    (f'{{"sessions": [{SEED}}},{SEED}}}]}}', 3, "sessions[1].id: stands twice"),
    (f'{{"sessions": [{SEED}, "repeat": 2}}]}}', 2, "a session that repeats needs {n} in its id"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "line", "words"), WRONG)
def test_a_wrong_scenario_is_told_by_line_and_member(
    mock_binary: Path, tmp_path: Path, text: str, line: int, words: str
) -> None:
    file = tmp_path / "wrong.json"
    file.write_text(text)
    refused = subprocess.run(
        [mock_binary, "--port", "0", "--scenario", file],
        capture_output=True,
        text=True,
        check=False,
        timeout=10,
    )
    assert refused.returncode == 2
    assert refused.stderr.startswith(f"sessionvitals-mock: {file}:{line}: "), refused.stderr
    assert words in refused.stderr


def test_the_command_takes_a_scenario_of_the_package_by_name(tmp_path: Path) -> None:
    (tmp_path / "demo").mkdir()  # a folder of that name is no scenario
    command = [sys.executable, "-m", "sessionvitals", "mock", "--port", "0", "--exit-with-parent"]
    with subprocess.Popen(
        [*command, "--scenario", "demo"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd=tmp_path,
    ) as process:
        assert process.stdout is not None
        ready = json.loads(process.stdout.readline())
        assert once(ready["port"], "/__admin/health").json["sessions"] > 5
    wrong = subprocess.run(
        [*command, "--scenario", "schema"], capture_output=True, text=True, check=False
    )
    assert wrong.returncode == 2
    assert "known: bad_day, demo, " in wrong.stderr
    assert "schema," not in wrong.stderr


def test_a_sandbox_loads_a_scenario_by_the_path_of_its_file(space: Space, tmp_path: Path) -> None:
    file = tmp_path / "one.json"
    file.write_text('{"sessions": [{"provider": "tiun", "id": "r", "state": "valid"}]}')
    space.sandbox.load_scenario(str(file))
    assert space.admin("GET", "health")["sessions"] == 1
    two = tmp_path / "two.json"
    with pytest.raises(ConfigurationError, match="there is no such file"):
        space.sandbox.load_scenario(str(two))
    with pytest.raises(ConfigurationError, match=r"two\.json cannot be read"):
        space.sandbox.load_scenario(two)
    two.write_bytes(b"\xff")
    with pytest.raises(ConfigurationError, match=r"two\.json cannot be read"):
        space.sandbox.load_scenario(two)
    two.write_text("{")
    with pytest.raises(ConfigurationError, match=r"two\.json cannot be read: .* line 1"):
        space.sandbox.load_scenario(two)


def test_a_scenario_may_come_by_a_pipe(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    assert with_scenario_file(["--scenario", str(pipe)]) == ["--scenario", str(pipe)]


def everything(space: Space) -> dict[str, Any]:
    """Return all of a space that a scenario can hold, without the moments of its loading."""
    paths = ("clock", "keys", "dialect", "agent", "account", "limits")
    state = {path: space.admin("GET", path) for path in paths}
    for session in space.admin("GET", "sessions")["sessions"]:
        state[session["provider"] + session["id"]] = {
            name: value for name, value in session.items() if name not in ("since", "reads")
        }
    return state


@pytest.mark.parametrize("name", READY_MADE)
def test_a_saved_space_loads_as_it_was(space: Space, name: str) -> None:
    load(space, name)
    space.clock(advance=100, freeze=True)
    saved = space.admin("GET", "scenario")
    copy = space.sibling("copy")
    copy.admin("POST", "scenarios", saved)
    assert copy.admin("GET", "scenario") == saved
    for step in (0, 1, 60, 1500, 3600):
        for each in (space, copy):
            each.clock(advance=step)
        left, right = everything(space), everything(copy)
        for state in (left, right):
            for session in state.values():
                session.pop("transitions", None)
        assert left == right
    jsonschema = pytest.importorskip("jsonschema", reason="the schema needs a judge")
    jsonschema.validate(saved, json.loads((SCENARIOS / "schema.json").read_text()))


def test_a_saved_session_is_as_far_in_its_plan_as_it_was(space: Space) -> None:
    space.clock(set="2026-01-01T00:00:00Z", freeze=True)
    plan = [{"after": 100, "state": "connected"}, {"reads": 3, "state": "disconnected"}]
    space.add_session("ping", "s", "created", transitions=plan)
    space.clock(advance=40)
    (saved,) = space.admin("GET", "scenario")["sessions"]
    assert saved["transitions"] == [{"after": 60.0, "state": "connected"}, plan[1]]
    space.clock(advance=60)
    ping(space, "s")
    (saved,) = space.admin("GET", "scenario")["sessions"]
    assert saved["transitions"] == [{"reads": 2, "state": "disconnected"}]


def test_a_renewed_session_is_saved_with_its_expiry(space: Space) -> None:
    space.clock(set="2026-01-01T00:00:00Z", freeze=True)
    space.add_session("eliza", "s", "active", timeout_config={"autoRenew": False})
    space.clock(advance=600)
    assert (
        once(space.port, f"/~{space.name}/api/messaging/sessions/s/renew", "POST").http_status
        == 200
    )
    copy = space.sibling("copy")
    copy.admin("POST", "scenarios", space.admin("GET", "scenario"))
    assert eliza(copy, "/s").json["expiresAt"] == eliza(space, "/s").json["expiresAt"]


FAULTS: list[dict[str, Any]] = [
    {
        "kind": "status",
        "http_status": 429,
        "headers": {"A": ["1", "2"], "B": "3"},
        "body": {"a": 1},
    },
    {"kind": "delay", "delay": 0.5, "times": 0, "when": "after"},
    {"kind": "jitter", "delay": 0.1, "delay_most": 0.2},
    {"kind": "reset"},
    {"kind": "close", "during": True},
    {"kind": "cut", "bytes": 20, "ending": "reset"},
    {"kind": "dribble", "bytes": 2, "every": 0.01},
    {"kind": "garbage", "text": "hello"},
    {"kind": "wrong_length", "by": -10, "ending": "keep"},
    {"kind": "stall", "bytes": 20, "for": 2},
    {"kind": "cut", "events": 0, "ending": "reset"},
    {"kind": "bad_line", "events": 2, "text": "hello"},
    {"kind": "big_event", "bytes": 1000},
    {"kind": "ok", "times": 3},
]


def test_saved_faults_are_those_still_to_come(space: Space) -> None:
    space.clock(freeze=True)
    for fault in FAULTS:
        space.faults(fault, scope={"provider": "tiun", "operation": "verify", "session_id": "s"})
    space.faults(script="503*3, reset")
    space.faults(script="502")
    ping(space, "s")
    ping(space, "s")
    saved = space.admin("GET", "scenario")
    assert len(saved["faults"]) == len(FAULTS) + 2
    first = saved["faults"][len(FAULTS)]["faults"]
    assert [(each["kind"], each["times"]) for each in first] == [("status", 1), ("reset", 1)]
    copy = space.sibling("copy")
    copy.admin("POST", "scenarios", saved)
    assert copy.admin("GET", "scenario") == saved
    assert [ping(copy, "s").http_status for _ in range(1)] == [503]
