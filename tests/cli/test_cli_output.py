"""What the command line prints, on a terminal, to a pipe and as JSON."""

from __future__ import annotations

import json
import os
import re
import subprocess
import threading
from pathlib import Path

import pytest
from tests.support.peers import answer, peer, says, says_in_turn
from tests.support.sandbox import Space
from tests.support.shell import COMMAND, environment_of, on_a_terminal, open_terminal, run


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


def test_a_terminal_gets_aligned_columns_with_colours(environment: dict[str, str]) -> None:
    shown = on_a_terminal(environment, "status", "ping", "vpn", "up")

    assert "\x1b[" in shown
    assert plain(shown) == [
        "id   state      provider state   duration        up      down",
        "vpn  ended      disconnected      1:02:03  9007.2 TB    1.2 kB",
        "up   active     connected",
    ]


def plain(shown: str) -> list[str]:
    return re.sub(r"\x1b\[[0-9;]*m", "", shown).removesuffix("\r\n").split("\r\n")


def test_a_column_is_left_out_until_a_row_fills_it(environment: dict[str, str]) -> None:
    shown = on_a_terminal(environment, "status", "ping", "nobody", "vpn", "..")

    assert plain(shown) == [
        "id      state      provider state",
        "nobody  not_found  not_found",
        "id      state      provider state   duration        up      down",
        "vpn     ended      disconnected      1:02:03  9007.2 TB    1.2 kB",
        "..      error: ConfigurationError",
    ]


def test_a_uuid_takes_one_line_of_80_columns(environment: dict[str, str], space: Space) -> None:
    ids = [f"0f8fad5b-d9cb-469f-a165-70867728950{number}" for number in range(3)]
    for each in ids:
        space.add_session("ping", each, "connected", duration=360_000, uploaded_bytes=10**12)

    shown = on_a_terminal(environment, "status", "ping", *ids, columns=80)

    header, *rows = plain(shown)
    assert "provider state" not in header
    assert [row.split()[:3] for row in rows] == [[each, "active", "100:00:00"] for each in ids]
    assert max(map(len, [header, *rows])) <= 80


def test_a_state_without_a_word_of_ours_is_shown_however_narrow_the_terminal(
    environment: dict[str, str],
) -> None:
    with peer(says(answer(b'{"client_id":"c","status":"hibernating"}'))) as vendor:
        environment["PING_BASE_URL"] = vendor.url
        shown = on_a_terminal(environment, "status", "ping", "x" * 70, columns=80)

    assert plain(shown)[-1] == f"{'x' * 70}  unknown: hibernating"


@pytest.mark.parametrize("concurrency", [[], ["--concurrency", "1"]], ids=["64", "1"])
@pytest.mark.parametrize("is_terminal", [True, False], ids=["terminal", "pipe"])
def test_an_id_is_answered_before_the_next_has_come(
    is_terminal: bool, concurrency: list[str], environment: dict[str, str]
) -> None:
    ours, theirs = open_terminal() if is_terminal else os.pipe()
    with (
        subprocess.Popen(
            [*COMMAND, "status", "ping", *concurrency, "-"],
            env={**environment, "TERM": "dumb"},
            stdin=subprocess.PIPE,
            stdout=theirs,
            text=True,
            bufsize=1,
        ) as process,
        os.fdopen(ours) as shown,
    ):
        os.close(theirs)
        assert process.stdin is not None
        if is_terminal:
            process.stdin.write("vpn\n")
            assert shown.readline().startswith("id ")
            assert shown.readline().startswith("vpn ")
        for session_id in ["up", "new", "vpn"]:
            process.stdin.write(f"{session_id}\n")
            assert shown.readline().startswith(session_id)
        process.stdin.close()


def test_progress_is_shown_beside_a_file_and_nowhere_else(
    environment: dict[str, str], tmp_path: Path
) -> None:
    out = ["--out", str(tmp_path / "usage.csv")]

    shown = on_a_terminal(environment, "status", "ping", "up", "vpn", *out, stream="stderr")

    first, _, rest = shown.partition("\x1b[K")
    assert first == "\r1 answered"
    assert rest.endswith(f"sessionvitals: 2 answered; {out[1]} has a row for each id\r\n")
    assert on_a_terminal(environment, "status", "ping", "up", "vpn", stream="stderr") == ""


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

    assert done.returncode == 3
    assert "\x1b" not in done.stdout + done.stderr


def test_an_id_of_any_bytes_is_answered_for(environment: dict[str, str]) -> None:
    done = subprocess.run(
        [*COMMAND, "status", "ping", "-"],
        env={**environment, "PYTHONIOENCODING": "ascii"},
        input=b"caf\xc3\xa9\n\xff\nup\n",
        capture_output=True,
    )

    lines = done.stdout.decode("ascii").splitlines()
    assert [line.split("\t")[1] for line in lines] == ["not_found", "error", "active"]
    assert [line.split("\t")[0] for line in lines] == ["caf\\xe9", "\\xff", "up"]
    assert done.returncode == 2
    assert b"Traceback" not in done.stderr


def test_a_pager_that_is_not_read_for_longer_than_the_deadline_costs_no_row() -> None:
    ids = [f"a-rather-long-session-id-{number}" for number in range(3000)]
    told = peer(says_in_turn(answer(b'{"client_id":"c","status":"connected"}')))
    with (
        told as vendor,
        subprocess.Popen(
            [*COMMAND, "status", "ping", "--base-url", vendor.url, "--timeout", "0.5", "-"],
            env={**os.environ, "PING_API_KEY": "k"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        ) as process,
    ):
        assert process.stdin is not None
        assert process.stdout is not None
        writer = threading.Thread(
            target=lambda stream: (stream.write("\n".join(ids).encode()), stream.close()),
            args=[process.stdin],
        )
        writer.start()
        first = process.stdout.readline()
        # Not a wait for something: the time itself, well beyond the deadline, is what is tested.
        assert not threading.Event().wait(1.5)
        lines = [first, *process.stdout]
        writer.join()
        words = process.stderr.read() if process.stderr else b""

    states = [line.split(b"\t")[1] for line in lines]
    assert (len(states), states.count(b"active"), words) == (3000, 3000, b"")
