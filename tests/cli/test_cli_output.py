"""What the command line prints, on a terminal, to a pipe and as JSON."""

from __future__ import annotations

import json
import re
import subprocess

import pytest
from tests.support.peers import answer, peer, says
from tests.support.sandbox import Space
from tests.support.shell import COMMAND, environment_of, on_a_terminal, run


@pytest.fixture
def environment(space: Space) -> dict[str, str]:
    """The environment of a user of a mock that knows these sessions."""
    space.add_session("tiun", "reader", "valid")
    space.add_session(
        "ping",
        "vpn",
        "disconnected",
        duration=3723,
        uploaded_bytes=9007199254740993,
        downloaded_bytes=1234,
    )
    space.add_session("ping", "new", "created")
    space.add_session("ping", "up", "connected")
    return environment_of(space)


def test_status_prints_one_line_of_fields_for_each_id(environment: dict[str, str]) -> None:
    done = run(environment, "status", "ping", "vpn", "new", "nobody")

    assert done.stdout.splitlines() == [
        "vpn\tended\tdisconnected\t\t\t3723\t9007199254740993\t1234",
        "new\tpending\tcreated\t\t\t\t\t",
        "nobody\tnot_found\tnot_found\t\t\t\t\t",
    ]
    assert (done.returncode, done.stderr) == (0, "")


def test_a_dash_reads_ids_from_standard_input(environment: dict[str, str]) -> None:
    done = run(environment, "status", "ping", "up", "-", "nobody", given="new\n\n  vpn \n")

    ids = [line.split("\t")[0] for line in done.stdout.splitlines()]
    assert ids == ["up", "new", "vpn", "nobody"]


def test_json_is_one_object_a_line(environment: dict[str, str]) -> None:
    done = run(environment, "status", "ping", "--json", "vpn", "nobody")

    vpn, nobody = map(json.loads, done.stdout.splitlines())
    assert (vpn["id"], vpn["state"], vpn["live"]) == ("vpn", "ended", False)
    assert vpn["uploaded_bytes"] == 9007199254740993
    assert (nobody["id"], nobody["state"]) == ("nobody", "not_found")


def test_an_error_has_its_line_too_and_words_on_standard_error(environment: dict[str, str]) -> None:
    environment["PING_API_KEY"] = "stale"

    as_json = run(environment, "status", "ping", "--json", "vpn")
    as_fields = run(environment, "status", "ping", "vpn")

    error = json.loads(as_json.stdout)
    assert (error["provider"], error["id"]) == ("ping", "vpn")
    assert error["error"]["type"] == "AuthenticationError"
    assert error["error"]["http_status"] == 401
    assert as_fields.stdout == "vpn\terror\tAuthenticationError\n"
    assert as_fields.stderr.startswith("sessionvitals: vpn: ")


def test_a_terminal_gets_a_table_with_colours(environment: dict[str, str]) -> None:
    shown = on_a_terminal(environment, "status", "ping", "vpn", "up")

    assert "\x1b[" in shown
    header, vpn, up = re.sub(r"\x1b\[[0-9;]*m", "", shown).split("\r\n")[:3]
    assert header.startswith("provider")
    assert vpn.split() == [
        "ping",
        "vpn",
        "ended",
        "disconnected",
        "1:02:03",
        *["9007.2", "TB", "1.2", "kB"],
    ]
    assert up.split()[:3] == ["ping", "up", "active"]


def test_no_color_is_heeded(environment: dict[str, str]) -> None:
    shown = on_a_terminal({**environment, "NO_COLOR": "1"}, "status", "ping", "vpn", "up")

    assert not re.search(r"\x1b\[[0-9;]*3[0-7]", shown)


@pytest.mark.parametrize("form", [[], ["--json"]], ids=["fields", "json"])
def test_what_a_vendor_sends_cannot_move_the_cursor(
    environment: dict[str, str], form: list[str]
) -> None:
    body = json.dumps({"client_id": "c", "status": "\x1b[2Jgone\n\tover\x9b"}).encode()

    with peer(says(answer(body))) as vendor:
        environment["PING_BASE_URL"] = vendor.url
        done = run(environment, "status", "ping", *form, "x")

    assert "gone" in done.stdout
    assert not {"\x1b", "\x9b"} & {*done.stdout}
    assert done.stdout.count("\n") == 1


def test_an_error_cannot_move_the_cursor(environment: dict[str, str]) -> None:
    body = json.dumps({"error": {"code": "x", "message": "\x1b[2Jno"}}).encode()

    with peer(says(answer(body, b"HTTP/1.1 400 Bad Request"))) as vendor:
        environment["PING_BASE_URL"] = vendor.url
        done = run(environment, "status", "ping", "x")

    assert done.returncode == 6
    assert "\x1b" not in done.stdout + done.stderr


def test_an_id_of_any_bytes_is_answered_for(environment: dict[str, str]) -> None:
    done = subprocess.run(
        [*COMMAND, "status", "ping", "-"],
        env={**environment, "PYTHONIOENCODING": "ascii"},
        input=b"caf\xc3\xa9\n\xff\nup\n",
        capture_output=True,
    )

    lines = done.stdout.decode("ascii").splitlines()
    assert [line.split("\t")[1] for line in lines] == ["error", "error", "active"]
    assert done.returncode == 2
    assert b"Traceback" not in done.stderr
