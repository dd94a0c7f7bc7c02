"""The mock as a process: how it starts, whom it dies with, and what it says."""

from __future__ import annotations

import json
import os
import shlex
import signal
import socket
import ssl
import subprocess
import sys
import time
import urllib.request
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest
from tests.support.sandbox import start_mock
from tests.support.wire import connect, milliseconds_since, once, receive_answer, request

PING = "/customer/v2/sessions/s/status"


def started(*command: str | Path, **options: Any) -> tuple[subprocess.Popen[str], dict[str, Any]]:
    process = subprocess.Popen(
        [str(part) for part in command], stdout=subprocess.PIPE, text=True, **options
    )
    assert process.stdout is not None
    return process, json.loads(process.stdout.readline())


def printed(*command: str | Path) -> str:
    return subprocess.run(
        [str(part) for part in command], capture_output=True, text=True, check=True
    ).stdout


def ended(process: subprocess.Popen[str]) -> int:
    assert process.stdout is not None
    process.stdout.close()
    return process.wait(timeout=10)


def is_gone(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except FileNotFoundError:
        return True
    return state == "Z"


def wait_until_gone(pid: int, seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while not is_gone(pid):
        assert time.monotonic() < deadline, "still there"


def test_the_ready_line_says_where_and_with_what(mock_binary: Path) -> None:
    process, ready = started(mock_binary, "--port", "0", "--seed", "7")
    url = f"http://127.0.0.1:{ready['port']}"
    assert ready == {
        "event": "ready",
        "url": url,
        "port": ready["port"],
        "pid": process.pid,
        "seed": 7,
        "version": version("sessionvitals"),
        "base_urls": {"tiun": url, "ping": f"{url}/customer/v2", "eliza": url},
        "keys": {"tiun": "tiun-sandbox-token", "ping": "ping-sandbox-key", "eliza": None},
        "dashboard": f"{url}/__admin/",
    }
    process.terminate()
    assert ended(process) == 0


def test_version_is_the_packages(mock_binary: Path) -> None:
    assert printed(mock_binary, "--version") == f"sessionvitals-mock {version('sessionvitals')}\n"


def test_a_shell_that_evaluates_env_leads_clients_to_the_mock(
    mock_binary: Path, tmp_path: Path
) -> None:
    scenario = tmp_path / "keys.json"
    key = 'it\'s $HOME `a` "key"'
    scenario.write_text(json.dumps({"keys": {"ping": key}}))
    code = (
        "import json, os;print(json.dumps({n: v for n, v in os.environ.items() if n[:5] in NAMES}))"
    ).replace("NAMES", "('TIUN_', 'PING_', 'ELIZA')")
    script = f'eval "$({shlex.quote(str(mock_binary))} --env --port 8751 --scenario "$1")"; '
    script += f"{shlex.quote(sys.executable)} -c {shlex.quote(code)}"
    seen = subprocess.run(
        ["sh", "-ec", script, "sh", str(scenario)],
        env={"ELIZA_API_KEY": "left over", "TIUN_BASE_URL": "https://api.tiun.live"},
        capture_output=True,
        check=True,
    )
    assert json.loads(seen.stdout) == {
        "TIUN_BASE_URL": "http://127.0.0.1:8751",
        "TIUN_ACCESS_TOKEN": "tiun-sandbox-token",
        "PING_BASE_URL": "http://127.0.0.1:8751/customer/v2",
        "PING_API_KEY": key,
        "ELIZA_BASE_URL": "http://127.0.0.1:8751",
    }


@pytest.mark.skipif("LD_PRELOAD" in os.environ, reason="a sanitizer needs memory of its own")
def test_an_idle_one_is_small(mock_binary: Path) -> None:
    assert mock_binary.stat().st_size < 5_000_000
    with start_mock() as running:
        pages = int(Path(f"/proc/{running.ready['pid']}/statm").read_text().split()[1])
    assert pages * os.sysconf("SC_PAGE_SIZE") < 8_000_000


def test_a_taken_port_is_exit_code_3(mock_binary: Path) -> None:
    with start_mock() as first:
        second = subprocess.run(
            [mock_binary, "--port", str(first.port)], capture_output=True, text=True, check=False
        )
    assert second.returncode == 3
    assert "Address already in use" in second.stderr
    assert second.stdout == ""


@pytest.mark.parametrize(
    "arguments",
    [
        ["--prot", "1"],
        ["--port"],
        ["--port", "70000"],
        ["--port", "-1"],
        ["--seed", "x"],
        ["--host", "nowhere"],
        ["--watch"],
        ["--scenario", "/nonexistent.json"],
        ["demo.json"],
        ["--env", "--port", "0"],
        ["--env", "--tls"],
    ],
)
def test_wrong_usage_is_exit_code_2_with_words(mock_binary: Path, arguments: list[str]) -> None:
    refused = subprocess.run(
        [mock_binary, *arguments], capture_output=True, text=True, check=False, timeout=10
    )
    assert (refused.returncode, refused.stdout) == (2, "")
    assert refused.stderr.startswith("sessionvitals-mock: ")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_signal_ends_it_at_once_with_connections_open(
    mock_binary: Path, number: signal.Signals
) -> None:
    # Whoever runs the tests may have them outlive a terminal.
    process, ready = started("env", "--default-signal=HUP", mock_binary, "--port", "0")
    connections = [connect(ready["port"]) for _ in range(50)]
    for connection in connections:
        connection.sendall(request("/__admin/health"))
        receive_answer(connection)
    start = time.perf_counter()
    process.send_signal(number)
    assert process.wait(timeout=10) == 0
    print(f"ended in {milliseconds_since(start):.1f} ms")
    for connection in connections:
        connection.close()
    ended(process)


def test_under_nohup_it_outlives_its_terminal(mock_binary: Path) -> None:
    process, ready = started("env", "--ignore-signal=HUP", mock_binary, "--port", "0")
    process.send_signal(signal.SIGHUP)
    assert once(ready["port"], "/__admin/health").http_status == 200
    process.terminate()
    assert ended(process) == 0


def test_it_ends_with_its_standard_input_when_asked(mock_binary: Path) -> None:
    arguments = ("--port", "0", "--exit-with-parent")
    process, _ = started(mock_binary, *arguments, stdin=subprocess.PIPE)
    assert process.poll() is None
    assert process.stdin is not None
    process.stdin.close()
    assert ended(process) == 0


def test_it_outlives_its_standard_input_when_not_asked(mock_binary: Path) -> None:
    process, ready = started(mock_binary, "--port", "0", stdin=subprocess.DEVNULL)
    assert once(ready["port"], "/__admin/health").http_status == 200
    process.terminate()
    ended(process)


@pytest.mark.parametrize("stdin", ["PIPE", "DEVNULL"])
def test_it_is_gone_within_a_second_of_its_parents_kill_9(mock_binary: Path, stdin: str) -> None:
    program = (
        "import subprocess, sys, time\n"
        f"subprocess.Popen([{str(mock_binary)!r}, '--port', '0', '--exit-with-parent'],"
        f" stdin=subprocess.{stdin}, stdout=sys.stdout)\n"
        "time.sleep(60)\n"
    )
    parent, ready = started(sys.executable, "-c", program)
    assert not is_gone(ready["pid"])
    parent.kill()
    ended(parent)
    wait_until_gone(ready["pid"], 1)


def test_the_same_seed_gives_the_same_bytes() -> None:
    def run(seed: str) -> list[bytes]:
        with start_mock(["--seed", seed]) as mock:
            frozen = b'{"set":"2026-01-01T00:00:00Z","freeze":true}'
            once(mock.port, "/__admin/clock", "POST", frozen)
            once(mock.port, "/__admin/faults", "POST", b'{"script":"ok,garbage,jitter(0,0.01)"}')
            target = "/live_api/s2s/v1/sessions/s/status"
            return [once(mock.port, target, "PATCH").data for _ in range(4)]

    assert run("1") == run("1")
    assert run("1") != run("2")


def write(file: Path, session_id: str) -> None:
    """Write a scenario as editors do: beside the old one, then over it."""
    session = {"provider": "ping", "id": session_id, "state": "created"}
    draft = file.with_suffix(".new")
    draft.write_text(json.dumps({"keys": {"ping": None}, "sessions": [session]}))
    draft.replace(file)


def test_a_watched_scenario_is_loaded_again(mock_binary: Path, tmp_path: Path) -> None:
    file = tmp_path / "watched.json"
    write(file, "before")
    process, ready = started(mock_binary, "--port", "0", "--scenario", file, "--watch")
    assert process.stdout is not None

    def asked(session_id: str) -> int:
        return once(ready["port"], f"/customer/v2/sessions/{session_id}/status").http_status

    assert (asked("before"), asked("after")) == (200, 404)
    write(file, "after")
    assert json.loads(process.stdout.readline())["event"] == "reloaded"
    assert (asked("before"), asked("after")) == (404, 200)

    file.write_text('{\n "sessions": [\n  {}\n ]\n}')
    problem = json.loads(process.stdout.readline())["problem"]
    assert problem == f"{file}:3: sessions[0].provider: is required"
    assert asked("after") == 200, "a wrong scenario leaves the space as it was"
    process.terminate()
    ended(process)


def test_tls_is_trusted_by_its_own_ca_alone() -> None:
    with start_mock(["--tls"]) as mock:
        ca_file = mock.ready["ca_file"]
        trusting = ssl.create_default_context(cafile=ca_file)
        for host in ("127.0.0.1", "localhost"):
            url = f"https://{host}:{mock.port}/__admin/health"
            direct = urllib.request.build_opener(
                urllib.request.ProxyHandler({}), urllib.request.HTTPSHandler(context=trusting)
            )
            with direct.open(url, timeout=10) as answer:
                assert json.loads(answer.read())["status"] == "ok"
        suspicious = ssl.create_default_context()
        with (
            socket.create_connection(("127.0.0.1", mock.port), timeout=10) as plain,
            pytest.raises(ssl.SSLCertVerificationError),
        ):
            suspicious.wrap_socket(plain, server_hostname="localhost")
    assert not Path(ca_file).exists()


@pytest.mark.parametrize("script", ["reset", "close", "garbage(20)", "stall(0,0.05)"])
def test_a_fault_can_hit_the_handshake(script: str) -> None:
    with start_mock(["--tls"]) as mock:
        context = ssl.create_default_context(cafile=mock.ready["ca_file"])

        def shaken() -> ssl.SSLSocket:
            # Wrapped before it connects: one that meets a reset is then ours to close.
            secure = context.wrap_socket(socket.socket(), server_hostname="localhost")
            secure.settimeout(10)
            try:
                secure.connect(("127.0.0.1", mock.port))
            except OSError:
                secure.close()
                raise
            return secure

        body = json.dumps({"script": script, "scope": {"phase": "connect"}}).encode()
        with shaken() as secure:
            secure.sendall(request("/__admin/faults", "POST", body))
            assert b" 201 " in secure.recv(4096)
        with pytest.raises((ssl.SSLError, ConnectionResetError)):
            shaken()
        with shaken() as secure:
            assert secure.version() == "TLSv1.3"


def test_an_ipv6_address_is_bracketed_in_the_url(mock_binary: Path) -> None:
    if not Path("/proc/net/if_inet6").exists():
        pytest.skip("this machine has no IPv6")
    process, ready = started(mock_binary, "--port", "0", "--host", "::1")
    assert ready["url"] == f"http://[::1]:{ready['port']}"
    process.terminate()
    ended(process)
