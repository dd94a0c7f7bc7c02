"""The command line, run as people run it: a program with arguments, streams and an exit code."""

from __future__ import annotations

import json
import os
import pty
import re
import signal
import socket
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from peers import peer, says
from sandbox import Space

import sessionpulse

COMMAND = [sys.executable, "-m", "sessionpulse"]
OF_THE_TERMINAL = {"NO_COLOR", "FORCE_COLOR", "COLUMNS", "TERM"}


@pytest.fixture
def environment(space: Space) -> dict[str, str]:
    """The environment of a user whose vendors are all the mock, which knows four sessions."""
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
    return {
        **{name: value for name, value in os.environ.items() if name not in OF_THE_TERMINAL},
        "TIUN_ACCESS_TOKEN": "tiun-sandbox-token",
        "TIUN_BASE_URL": space.base_url("tiun"),
        "PING_API_KEY": "ping-sandbox-key",
        "PING_BASE_URL": space.base_url("ping"),
        "ELIZA_BASE_URL": space.base_url("eliza"),
    }


def run(
    environment: dict[str, str], *arguments: str, given: str = ""
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*COMMAND, *arguments], env=environment, input=given, capture_output=True, text=True
    )


def on_a_terminal(environment: dict[str, str], *arguments: str) -> str:
    """Run the command on a terminal of its own; return all that the terminal was sent."""
    ours, theirs = pty.openpty()
    with subprocess.Popen(
        [*COMMAND, *arguments],
        env={**environment, "TERM": "xterm", "COLUMNS": "120"},
        stdout=theirs,
    ):
        os.close(theirs)
        sent = b""
        try:
            while part := os.read(ours, 4096):
                sent += part
        except OSError:  # how Linux says that the other side has closed
            pass
    os.close(ours)
    return sent.decode()


@pytest.fixture
def one_answer() -> Iterator[Callable[[bytes], str]]:
    """A function that has its argument answered to every request, and says where."""
    with ExitStack() as stack:
        yield lambda answer: stack.enter_context(peer(says(answer))).url


def http(status_line: str, body: str) -> bytes:
    return f"HTTP/1.1 {status_line}\r\nContent-Length: {len(body)}\r\n\r\n{body}".encode()


def test_status_prints_one_line_of_fields_for_each_id(environment: dict[str, str]) -> None:
    done = run(environment, "status", "ping", "vpn", "new", "nobody")

    assert done.stdout.splitlines() == [
        "vpn\tended\tdisconnected\t\t\t3723\t9007199254740993\t1234",
        "new\tpending\tcreated\t\t\t\t\t",
        "nobody\tnot_found\t\t\t\t\t\t",
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
    assert as_fields.stderr.startswith("sessionpulse: vpn: ")


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


@pytest.mark.parametrize("as_json", [[], ["--json"]], ids=["fields", "json"])
def test_what_a_vendor_sends_cannot_move_the_cursor(
    environment: dict[str, str], one_answer: Callable[[bytes], str], as_json: list[str]
) -> None:
    body = json.dumps({"client_id": "c", "status": "\x1b[2Jgone\n\tover\x9b"})
    environment["PING_BASE_URL"] = one_answer(http("200 OK", body))

    done = run(environment, "status", "ping", *as_json, "x\x1b[2Jy")

    assert done.returncode == 2 or "gone" in done.stdout
    assert "\x1b" not in done.stdout + done.stderr
    assert "\x9b" not in done.stdout
    assert done.stdout.count("\n") == 1


CODES = {
    "every id was answered, whatever its state": (0, ["ping", "up", "vpn", "nobody"], None),
    "with --check, every session is live": (0, ["ping", "--check", "up"], None),
    "with --check, some session is not live": (1, ["ping", "--check", "up", "vpn"], None),
    "no such provider": (2, ["pong", "x"], None),
    "no id": (2, ["ping"], None),
    "an id that cannot be sent": (2, ["ping", ".."], None),
    "a base URL that is none": (2, ["ping", "--base-url", "gopher://x", "up"], None),
    "a refused key": (4, ["ping", "up"], http("401 Unauthorized", "")),
    "a key without the right": (4, ["ping", "up"], http("403 Forbidden", "")),
    "a rate limit": (5, ["ping", "--max-retries", "0", "up"], http("429 Slow Down", "")),
    "a server that fails": (6, ["ping", "--max-retries", "0", "up"], http("500 Oh", "")),
    "an answer that is none": (6, ["ping", "--max-retries", "0", "up"], b"220 smtp ready\r\n"),
    "a contract that is broken": (6, ["ping", "up"], http("200 OK", "{}")),
}


@pytest.mark.parametrize("case", CODES)
def test_the_exit_code_says_how_it_went(
    case: str, environment: dict[str, str], one_answer: Callable[[bytes], str]
) -> None:
    code, arguments, answer = CODES[case]
    if answer is not None:
        environment["PING_BASE_URL"] = one_answer(answer)

    done = run(environment, "status", *arguments)

    assert (done.returncode, "Traceback" in done.stderr) == (code, False), done.stderr
    assert bool(done.stderr) == (code > 1)


def test_a_server_that_never_answers_is_124(environment: dict[str, str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        done = run(environment, "status", "ping", "--base-url", url, "--deadline", "0.1", "up")

    assert done.returncode == 124, done.stderr


def test_a_missing_key_is_a_usage_error_that_names_the_variable(
    environment: dict[str, str],
) -> None:
    del environment["PING_API_KEY"]

    done = run(environment, "status", "ping", "up")

    assert done.returncode == 2
    assert "PING_API_KEY" in done.stderr


def test_a_key_can_come_from_a_file(environment: dict[str, str], tmp_path: Path) -> None:
    del environment["PING_API_KEY"]
    (tmp_path / "key").write_text("ping-sandbox-key\n")

    done = run(environment, "status", "ping", "--key-file", str(tmp_path / "key"), "up")

    assert (done.returncode, done.stderr) == (0, "")


def test_no_flag_takes_a_secret(environment: dict[str, str]) -> None:
    flags = set(re.findall(r"--[a-z-]+", run(environment, "status", "--help").stdout))

    assert flags == {
        "--json",
        "--check",
        "--deadline",
        "--max-retries",
        "--base-url",
        "--key-file",
        "--help",
    }


def test_a_refused_key_is_not_tried_on_the_other_ids(environment: dict[str, str]) -> None:
    environment["PING_API_KEY"] = "stale"

    done = run(environment, "status", "ping", "up", "vpn", "new")

    assert len(done.stdout.splitlines()) == 1


def test_ctrl_c_is_130_without_a_traceback(environment: dict[str, str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        with subprocess.Popen(
            [*COMMAND, "status", "ping", "--base-url", url, "up"],
            env=environment,
            stderr=subprocess.PIPE,
            text=True,
        ) as process:
            connection, _ = silent.accept()
            connection.recv(1)  # the call is on its way
            process.send_signal(signal.SIGINT)
            _, words = process.communicate()
            connection.close()

    assert (process.returncode, words) == (130, "")


def test_a_reader_that_leaves_early_is_no_traceback(environment: dict[str, str]) -> None:
    with subprocess.Popen(
        [*COMMAND, "status", "ping", "-"],
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        process.stdin.write("up\n" * 10)
        process.stdin.close()
        words = process.stderr.read()

    assert (process.returncode, words) == (141, "")


def test_demo_prints_three_sessions_a_vendor_and_leaves_no_mock_behind(
    environment: dict[str, str],
) -> None:
    done = run(environment, "demo")

    assert done.returncode == 0, done.stderr
    rows = [line.split() for line in done.stdout.splitlines()[1:]]
    counts = Counter(row[0] for row in rows)
    assert set(counts) == set(sessionpulse.PROVIDERS)
    assert min(counts.values()) >= 3
    states = {state.value for state in sessionpulse.SessionState}
    assert {row[2] for row in rows} <= states
    url = re.search(r"http://127.0.0.1:(\d+)", done.stderr)
    assert url is not None
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", int(url[1])))


def test_version_is_the_packages(environment: dict[str, str]) -> None:
    assert run(environment, "--version").stdout.split()[-1] == sessionpulse.__version__


WITHOUT_EXTRA = """
import sys
sys.modules["click"] = sys.modules["rich"] = None
from sessionpulse.cli import main
sys.exit(main(sys.argv[1:]))
"""


def test_without_its_extra_the_command_says_how_to_install_it(environment: dict[str, str]) -> None:
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT_EXTRA, "status", "ping", "up"],
        env=environment,
        capture_output=True,
        text=True,
    )

    assert done.returncode == 2
    assert "pip install 'sessionpulse-client[cli]'" in done.stderr


def test_without_its_extra_the_mock_still_runs(environment: dict[str, str]) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", WITHOUT_EXTRA, "mock", "--port", "0"],
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        ready = json.loads(process.stdout.readline())
        process.terminate()

    assert ready["event"] == "ready"
    assert ready["pid"] == process.pid  # handed over, not wrapped
