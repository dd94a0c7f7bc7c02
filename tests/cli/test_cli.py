"""The command line, run as people run it: a program with arguments, streams and an exit code."""

from __future__ import annotations

import json
import re
import socket
import subprocess
import sys
from collections import Counter
from contextlib import ExitStack
from pathlib import Path

import pytest
from tests.support.peers import answer, peer, says
from tests.support.sandbox import Space
from tests.support.shell import COMMAND, environment_of, interrupted, run

import sessionvitals


@pytest.fixture
def environment(space: Space) -> dict[str, str]:
    """The environment of a user of a mock that knows these sessions."""
    for session_id, state in {"new": "created", "up": "connected", "vpn": "disconnected"}.items():
        space.add_session("ping", session_id, state)
    return environment_of(space)


ONCE = ["ping", "--max-retries", "0", "up"]

#: What happens: (the exit code, the arguments, what the vendor says in place of the mock)
CODES: dict[str, tuple[int, list[str], bytes | None]] = {
    "every id was answered, whatever its state": (0, ["ping", "up", "vpn", "nobody"], None),
    "with --check, every session is live": (0, ["ping", "--check", "up"], None),
    "with --check, some session is not live": (1, ["ping", "--check", "up", "vpn"], None),
    "no such provider": (2, ["pong", "x"], None),
    "no id": (2, ["ping"], None),
    "an id that cannot be sent": (2, ["ping", ".."], None),
    "a base URL that is none": (2, ["ping", "--base-url", "gopher://x", "up"], None),
    "a refused key": (4, ONCE, answer(b"", b"HTTP/1.1 401 Unauthorized")),
    "a key without the right": (4, ONCE, answer(b"", b"HTTP/1.1 403 Forbidden")),
    "a rate limit": (5, ONCE, answer(b"", b"HTTP/1.1 429 Too Many Requests")),
    "a server that fails": (6, ONCE, answer(b"", b"HTTP/1.1 500 Internal Server Error")),
    "an answer that is none": (6, ONCE, b"220 smtp.example ESMTP\r\n\r\n"),
    "a contract that is broken": (6, ONCE, answer(b"{}")),
}


@pytest.mark.parametrize("case", CODES)
def test_the_exit_code_says_how_it_went(case: str, environment: dict[str, str]) -> None:
    code, arguments, said = CODES[case]

    with ExitStack() as stack:
        if said is not None:
            environment["PING_BASE_URL"] = stack.enter_context(peer(says(said))).url
        done = run(environment, "status", *arguments)

    assert done.returncode == code, done.stderr
    assert "Traceback" not in done.stderr
    assert bool(done.stderr) == (code > 1)


def test_a_server_that_never_answers_is_124(environment: dict[str, str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        done = run(environment, "status", "ping", "--base-url", url, "--timeout", "0.1", "up")

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
        "--output",
        "--watch",
        "--check",
        "--timeout",
        "--max-retries",
        "--base-url",
        "--concurrency",
        "--key-file",
        "--auth-scheme",
        "--out",
        "--resume",
        "--help",
    }


def test_a_refused_key_is_not_tried_on_the_other_ids(environment: dict[str, str]) -> None:
    environment["PING_API_KEY"] = "stale"

    done = run(environment, "status", "ping", "up", "vpn", "new")

    assert len(done.stdout.splitlines()) == 1


def test_many_ids_are_asked_for_at_once_and_answered_in_order(environment: dict[str, str]) -> None:
    ids = [f"id-{number}" for number in range(1000)]

    done = run(environment, "status", "ping", "-", given="\n".join(ids))

    assert [line.split("\t")[0] for line in done.stdout.splitlines()] == ids


def test_ctrl_c_is_130_without_a_traceback(environment: dict[str, str]) -> None:
    words_at_the_end = "sessionvitals: interrupted: 0 answered, 1 not asked or not waited for\n"
    assert interrupted(environment, "status", "ping", "up") == (130, words_at_the_end)


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


#: What cannot work: (the exit code, the arguments with {} for a folder, a word of what is said)
WRONG_PATHS: dict[str, tuple[int, list[str], str]] = {
    "a folder that is not there": (2, ["--out", "{}/no/usage.csv"], "No such file"),
    "a file in place of a folder": (2, ["--out", "{}/file/usage.csv"], "Not a directory"),
    "a folder in place of a file": (2, ["--out", "{}/folder.csv"], "Is a directory"),
    "a form that there is not": (2, ["--out", "{}/usage.xlsx"], ".parquet"),
    "notes in no folder": (2, ["--resume", "{}/no/notes"], "No such file"),
    "notes that are a folder": (2, ["--resume", "{}/folder.csv"], "Is a directory"),
    "notes that are no text": (2, ["--resume", "{}/picture"], "not a file of ids"),
    "a key file that is not there": (2, ["--key-file", "{}/no"], "No such file"),
    "a key file that is a folder": (2, ["--key-file", "{}/folder.csv"], "Is a directory"),
    "a key file that is no text": (2, ["--key-file", "{}/picture"], "UTF-8"),
    "a full disk": (74, ["--out", "{}/full.csv"], "No space left"),
    "a full disk, as Parquet": (74, ["--out", "{}/full.parquet"], "No space left"),
    "a Parquet file to add to": (2, ["--out", "{}/a.parquet", "--resume", "{}/new"], "Parquet"),
}


@pytest.mark.parametrize("case", WRONG_PATHS)
def test_a_path_that_cannot_be_used_is_said_in_words(
    case: str, environment: dict[str, str], tmp_path: Path
) -> None:
    code, arguments, expected = WRONG_PATHS[case]
    (tmp_path / "folder.csv").mkdir()
    (tmp_path / "file").touch()
    (tmp_path / "picture").write_bytes(b"\x89PNG\r\n\x1a\n\0\0")
    for name in ("full.csv", "full.parquet"):
        (tmp_path / name).symlink_to("/dev/full")

    given = [each.format(tmp_path) for each in arguments]
    done = run(environment, "status", "ping", "up", *given)

    assert done.returncode == code, done.stderr
    assert expected in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stderr.startswith("sessionvitals: --") or code == 74
    assert (tmp_path / "picture").read_bytes().startswith(b"\x89PNG")
    assert not (tmp_path / "new").exists(), "nothing was done"


STREAMS: dict[str, tuple[int, str]] = {
    "status ping up >/dev/full": (74, "sessionvitals: standard output: No space left on device"),
    "status ping up --json >/dev/full": (74, "standard output: No space left on device"),
    "status ping up 2>/dev/full": (0, ""),
    "status ping .. 2>/dev/full": (2, ""),
    "status pong up 2>/dev/full": (2, ""),
    "status ping up >&-": (74, "sessionvitals: standard output is closed"),
    "status ping up 2>&-": (0, ""),
    "status ping - <&-": (74, "standard input is closed"),
    "status ping - 0>/dev/null": (74, "standard input: Bad file descriptor"),
    "status ping - </dev/null": (0, ""),
    "--help >/dev/full": (74, "standard output: No space left on device"),
    "--version >/dev/full": (74, "standard output: No space left on device"),
    "demo >/dev/full": (74, "standard output: No space left on device"),
    "doctor ping >/dev/full": (74, "standard output: No space left on device"),
    "doctor ping --json >/dev/full": (74, "standard output: No space left on device"),
}


@pytest.mark.parametrize("line", STREAMS)
def test_a_stream_that_fails_is_said_in_words(line: str, environment: dict[str, str]) -> None:
    code, expected = STREAMS[line]

    done = subprocess.run(
        ["sh", "-c", f'exec "$0" -m sessionvitals {line}', sys.executable],
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
    )

    assert done.returncode == code, done.stderr
    assert expected in done.stderr
    assert "Traceback" not in done.stderr
    assert "Exception" not in done.stderr


BUG = """
import sys
from sessionvitals.cli import commands, main
commands.Run.ask_all = lambda self, concurrency: 1 / 0
sys.exit(main(sys.argv[1:]))
"""


def test_a_bug_ends_in_70_and_in_a_traceback_only_if_asked_for(environment: dict[str, str]) -> None:
    def run_it(**more: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-c", BUG, "status", "ping", "up"]
        return subprocess.run(command, env={**environment, **more}, capture_output=True, text=True)

    done = run_it()
    assert done.returncode == 70
    expected = "sessionvitals: a bug of sessionvitals: ZeroDivisionError: division by zero"
    assert done.stderr.splitlines()[-1] == expected
    assert "Traceback" not in done.stderr
    assert "Traceback" in run_it(SESSIONVITALS_LOG="debug").stderr


def test_demo_asks_for_sessions_and_walks_two_and_leaves_no_mock_behind(
    environment: dict[str, str],
) -> None:
    done = run(environment, "demo")

    assert done.returncode == 0, done.stderr
    table, chat, tunnel = done.stdout.split("\n\n")
    rows = [line.split() for line in table.splitlines()[1:]]
    counts = Counter(row[0] for row in rows)
    assert set(counts) == set(sessionvitals.PROVIDERS)
    assert min(counts.values()) >= 3
    states = {state.value for state in sessionvitals.SessionState}
    assert {row[2] for row in rows} <= states
    assert "create_session" in chat
    assert "delete_session  the session is not_found" in chat
    assert "resume_session  paused: False" in tunnel
    url = re.search(r"http://127.0.0.1:(\d+)", done.stderr)
    assert url is not None
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", int(url[1])))


def test_version_is_the_packages(environment: dict[str, str]) -> None:
    assert run(environment, "--version").stdout.split()[-1] == sessionvitals.__version__


WITHOUT_EXTRA = """
import sys
sys.modules["click"] = None
from sessionvitals.cli import main
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
    assert "pip install 'sessionvitals[cli]'" in done.stderr


def test_mock_open_says_where_its_dashboard_is(environment: dict[str, str]) -> None:
    """A browser is opened on a terminal only, and here is none."""
    with subprocess.Popen(
        [sys.executable, "-m", "sessionvitals", "mock", "--open", "--port", "0"],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        ready = json.loads(process.stdout.readline())
        assert process.stderr.readline() == (
            f"sessionvitals: the dashboard is {ready['url']}/__admin/\n"
        )
        assert ready["pid"] == process.pid
        process.terminate()
        assert process.stdout.read() == ""
    assert process.returncode == 0


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
