"""Commands that create, change and delete: what they send, what they ask, what they show."""

from __future__ import annotations

import json
import os
import re
import subprocess
from pathlib import Path

import pytest
from tests.support.sandbox import Space
from tests.support.shell import COMMAND, environment_of, on_a_terminal, open_terminal, run

pytest.importorskip("click")

LINK = "vless://marked-link@127.0.0.1:1/"
MADE = {"id": "s-1", "configuration": {"user": "marked"}, "configuration_link": LINK}
CHAT = "5b0c1a52-7c1e-4d6b-9a51-0f2f6e0a4c11"
AGENT = "11111111-1111-4111-8111-111111111111"
USER = "22222222-2222-4222-8222-222222222222"
ELIZA = {
    "sessionId": CHAT,
    "agentId": AGENT,
    "userId": USER,
    "createdAt": "2026-01-01T00:00:00.000Z",
    "expiresAt": "2026-01-01T00:30:00.000Z",
    "metadata": {},
}


@pytest.fixture
def environment(space: Space) -> dict[str, str]:
    return environment_of(space)


def scripted(space: Space, body: object, http_status: int = 200) -> None:
    text = "" if body is None else json.dumps(body)
    headers = {} if body is None else {"content-type": "application/json"}
    space.faults({"kind": "status", "http_status": http_status, "body": text, "headers": headers})


def sent(space: Space, provider: str) -> tuple[str, str, object]:
    """Return method, target and body of the one request that came."""
    (request,) = space.sandbox.journal.requests(provider=provider)
    body = request["body"]
    return request["method"], request["target"], json.loads(body) if body else None


def test_zones_are_rows_of_a_table_on_a_terminal(space: Space, environment: dict[str, str]) -> None:
    zones = [
        {"code": "us-east", "name": "Virginia", "has_active_nodes": True},
        {"code": "eu", "name": "Frankfurt am Main", "has_active_nodes": False},
    ]
    scripted(space, {"zones": zones})
    scripted(space, {"zones": zones})

    shown = on_a_terminal(environment, "ping", "zones")
    done = run(environment, "ping", "zones")

    assert shown.splitlines() == [
        "code     name               has_active_nodes",
        "us-east  Virginia           true",
        "eu       Frankfurt am Main  false",
    ]
    assert done.stdout == (
        "code: us-east\nname: Virginia\nhas_active_nodes: true\n\n"
        "code: eu\nname: Frankfurt am Main\nhas_active_nodes: false\n"
    )


@pytest.mark.parametrize("form", [[], ["--json"]], ids=["lines", "json"])
def test_the_configuration_link_is_shown_once_on_standard_output(
    form: list[str], space: Space, environment: dict[str, str]
) -> None:
    scripted(space, MADE, 201)

    arguments = ["--client-id", "c-1", "--zone", "eu", "--reusable", *form]
    done = run({**environment, "SESSIONVITALS_LOG": "debug"}, "ping", "create-session", *arguments)

    assert done.returncode == 0, done.stderr
    assert done.stdout.count(LINK) == 1
    assert "marked" not in done.stderr
    assert sent(space, "ping")[2] == {
        "client_id": "c-1",
        "connection_type": "vless",
        "zone": "eu",
        "reusable": True,
    }


def test_an_update_of_limits_sends_what_was_given(
    space: Space, environment: dict[str, str]
) -> None:
    now = "2026-01-01T00:00:00Z"
    limits = {"id": "l-1", "created_at": now, "updated_at": now, "max_sessions": 0}
    scripted(space, {**limits, "download_speed": 9007199254740993})

    done = run(
        environment,
        *("ping", "limits", "update", "client"),
        *("--max-sessions", "0", "--download-speed", "9007199254740993"),
    )

    assert done.returncode == 0, done.stderr
    assert "download_speed: 9007199254740993\n" in done.stdout
    method, target, body = sent(space, "ping")
    assert (method, target.endswith("/customer/limits/client")) == ("PATCH", True)
    assert body == {"download_speed": 9007199254740993, "max_sessions": 0}


def test_a_limit_that_a_scope_has_not_is_no_option(environment: dict[str, str]) -> None:
    done = run(environment, "ping", "limits", "update", "global", "--max-sessions", "1")

    assert done.returncode == 2
    assert "--max-sessions" in done.stderr


def test_a_ping_session_is_made_paused_and_resumed(
    space: Space, environment: dict[str, str]
) -> None:
    space.sandbox.ping.zones("us-east")

    (zone,) = run(environment, "ping", "zones", "--json").stdout.splitlines()
    code = json.loads(zone)["code"]
    arguments = ["--client-id", "c-1", "--zone", code, "--reusable", "--json"]
    made = json.loads(run(environment, "ping", "create-session", *arguments).stdout)
    paused = run(environment, "ping", "pause-session", made["id"])
    again = run(environment, "ping", "pause-session", made["id"])
    resumed = run(environment, "ping", "resume-session", made["id"])

    assert made["configuration_link"].startswith("vless://mock@127.0.0.1:1/")
    assert paused.stdout == f"session_id: {made['id']}\npaused: true\n"
    assert (again.returncode, again.stdout) == (3, "")
    assert resumed.stdout == f"session_id: {made['id']}\npaused: false\n"


def test_an_unknown_zone_is_told_where_zones_are_listed(
    space: Space, environment: dict[str, str]
) -> None:
    space.sandbox.ping.zones("us-east")

    done = run(environment, "ping", "create-session", "--client-id", "c", "--zone", "none")

    assert done.returncode == 3
    assert "sessionvitals ping zones" in done.stderr


def test_limits_are_shown_changed_and_deleted(space: Space, environment: dict[str, str]) -> None:
    space.sandbox.ping.limits("client", max_sessions=5, upload_speed=1)

    changed = run(environment, "ping", "limits", "update", "client", "--max-sessions", "7")
    shown = run(environment, "ping", "limits", "get", "client")
    deleted = run(environment, "ping", "limits", "delete", "client", "--yes")
    gone = run(environment, "ping", "limits", "get", "client")

    assert "\nupload_speed: 1\nmax_sessions: 7\n" in changed.stdout
    assert shown.stdout == changed.stdout
    assert (deleted.returncode, deleted.stdout, deleted.stderr) == (0, "", "")
    assert gone.returncode == 3


def test_a_list_is_one_json_object_a_line(space: Space, environment: dict[str, str]) -> None:
    scripted(space, {"sessions": [ELIZA, ELIZA], "total": 2, "stats": {}})

    done = run(environment, "eliza", "list-sessions", "--json")

    ids = [json.loads(line)["session_id"] for line in done.stdout.splitlines()]
    assert ids == [CHAT] * 2


DELETIONS = {
    "a session": (["eliza", "delete-session", "s-1"], "session s-1"),
    "limits": (["ping", "limits", "delete", "client"], "the limits of each client"),
}


@pytest.mark.parametrize("case", DELETIONS)
def test_where_nobody_can_be_asked_a_deletion_wants_yes(
    case: str, space: Space, environment: dict[str, str]
) -> None:
    arguments, what = DELETIONS[case]
    provider = arguments[0]
    without = run(environment, *arguments, given="y\n")
    came = space.sandbox.journal.requests(provider=provider)
    if provider == "eliza":
        scripted(space, {"success": True, "message": "done"})
    else:
        scripted(space, None, 204)
    done = run(environment, *arguments, "--yes")

    words = f"this deletes {what}: give --yes, as nobody can be asked here"
    assert (without.returncode, without.stderr) == (2, f"sessionvitals: {words}\n")
    assert came == []
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert sent(space, provider)[0] == "DELETE"


@pytest.mark.parametrize("said", ["y\n", "n\n", "\n"])
def test_a_terminal_is_asked_before_a_deletion(
    said: str, space: Space, environment: dict[str, str]
) -> None:
    ours, theirs = open_terminal()
    scripted(space, {"success": True, "message": "done"})
    os.write(ours, said.encode())

    done = subprocess.run(
        [*COMMAND, "eliza", "delete-session", "s\u202e1"],
        env=environment,
        stdin=theirs,
        capture_output=True,
        text=True,
    )
    os.close(ours)
    os.close(theirs)

    assert done.stderr.startswith("sessionvitals: delete session s\\u202e1? [y/N] ")
    deleted = said == "y\n"
    assert done.returncode == (0 if deleted else 2)
    assert done.stderr.endswith("nothing was deleted\n") != deleted
    assert len(space.sandbox.journal.requests(provider="eliza")) == deleted


def test_a_session_is_created_with_what_was_given(
    space: Space, environment: dict[str, str]
) -> None:
    scripted(space, ELIZA, 201)

    done = run(
        environment,
        *("eliza", "create-session", "--agent-id", AGENT, "--user-id", USER),
        *("--metadata", '{"plan":"gold"}', "--create-key", "order-1", "--no-auto-renew"),
        *("--timeout-minutes", "45"),
    )

    assert done.returncode == 0, done.stderr
    assert f"session_id: {CHAT}\n" in done.stdout
    assert sent(space, "eliza")[2] == {
        "agentId": AGENT,
        "userId": USER,
        "metadata": {"plan": "gold", "sessionvitals_key": "[redacted]"},  # in the journal alone
        "timeoutConfig": {"timeoutMinutes": 45, "autoRenew": False},
    }


def test_an_answer_that_cannot_be_written_has_taken_effect(
    space: Space, environment: dict[str, str]
) -> None:
    scripted(space, {**ELIZA, "sessionId": "s-1"})

    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [*COMMAND, "eliza", "renew-session", "s-1"],
            env=environment,
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
        )

    said, why = done.stderr.splitlines()
    assert done.returncode == 74
    assert said == ("sessionvitals: the call has taken effect, and its answer could not be written")
    assert why.startswith("sessionvitals: standard output: No space left")


def test_metadata_that_is_no_json_is_refused(space: Space, environment: dict[str, str]) -> None:
    ids = ["--agent-id", "a", "--user-id", "u"]

    for text in ("{", "NaN"):
        done = run(environment, "eliza", "create-session", *ids, "--metadata", text)
        assert done.returncode == 2
        assert "Invalid value for '--metadata': not JSON: " in done.stderr
    assert space.sandbox.journal.requests(provider="eliza") == []


WHOLE = {
    "--timeout-minutes": "60",
    "--auto-renew": "",
    "--max-duration-minutes": "720",
    "--warning-threshold-minutes": "5",
}


@pytest.mark.parametrize("left_out", [*WHOLE, None])
def test_a_timeout_is_replaced_whole(
    left_out: str | None, space: Space, environment: dict[str, str]
) -> None:
    scripted(space, {**ELIZA, "sessionId": "s-1"})
    given = [
        word
        for option, value in WHOLE.items()
        if option != left_out
        for word in (option, value)
        if word
    ]

    done = run(environment, "eliza", "update-timeout", "s-1", *given)

    if left_out:
        assert done.returncode == 2
        assert re.search(f"Missing option '{left_out}", done.stderr)
        assert space.sandbox.journal.requests(provider="eliza") == []
    else:
        assert done.returncode == 0, done.stderr
        assert sent(space, "eliza")[2] == {
            "timeoutMinutes": 60,
            "autoRenew": True,
            "maxDurationMinutes": 720,
            "warningThresholdMinutes": 5,
        }
