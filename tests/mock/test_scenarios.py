"""The ready-made scenarios, their schema, and what is said of a wrong one."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from tests.support.calls import eliza, ping, tiun
from tests.support.sandbox import Space
from tests.support.wire import once

from sessionvitals import ConfigurationError

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


WRONG = [
    ('{"sessions": [', 1, "not JSON: line 1, column 15: the text ends too early"),
    ('{\n"sessions": [\n{"id": }]}', 3, 'not JSON: line 3, column 8: unexpected "}"'),
    ('{\n"sessions": [\n{"id": 1e999}]}', 3, "a number that is out of range"),
    ('{"about": "x" "sessions": []}', 1, 'column 15: unexpected ""sessions""'),
    ("", 1, "empty, where JSON is expected"),
    ('{"sessions": [\n{},\n{"provider":\n7}]}', 2, "sessions[0].provider: is required"),
    ('{"sessions": [\n{"provider":"ping","id":"b",\n"state":"on"}]}', 3, "sessions[0].state: must"),
    ('{\n\n"clock": {\n"set": "noon"}}', 4, "clock.set: must be an ISO time"),
    ('{"about": "x",\n"keys": {"ping": 7}}', 2, "keys.ping: must be a string"),
    ('{\n"faults": [{"script": "ok"},\n{"script": "jump"}]}', 3, "faults[1].script"),
    ('{\n"session": []}', 2, "session: unknown field; expected one of $schema, about"),
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


def test_the_command_takes_a_scenario_of_the_package_by_name() -> None:
    command = [sys.executable, "-m", "sessionvitals", "mock", "--port", "0", "--exit-with-parent"]
    with subprocess.Popen(
        [*command, "--scenario", "demo"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
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
    with pytest.raises(ConfigurationError, match="there is no such file"):
        space.sandbox.load_scenario(str(tmp_path / "two.json"))
