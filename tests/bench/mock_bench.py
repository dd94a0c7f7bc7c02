"""The mock beside nginx and an npm peer: rows for the table of bench.py.

Every server has the first core, and wrk the last, as in the client's part: where the scheduler
would put them is not what is measured. Needs wrk for the rates. The npm peer is installed into a
temporary folder, and left out, with a line, when it cannot be.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import re
import shutil
import socket
import statistics
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from measure import CLIENT, PEER, Table, read_wrk

#: npm tries a registry that it cannot reach for ten minutes and more.
NPM_SECONDS = 60
DEMO = Path(__file__).parents[2] / "mocks/scenarios/demo.json"
TARGET = "/customer/v2/sessions/vpn-finished/status"
KEY = "Authorization: ping-sandbox-key"
HEALTH = b"GET /__admin/health HTTP/1.1\r\nHost: m\r\n\r\n"


class Mock:
    def __init__(self, binary: str, *arguments: str) -> None:
        self.process = subprocess.Popen(
            ["taskset", "-c", PEER, binary, "--port", "0", *arguments],
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self.process.stdout is not None
        self.port = int(json.loads(self.process.stdout.readline())["port"])
        self.url = f"http://127.0.0.1:{self.port}"

    def resident(self) -> float:
        """Return its own resident memory in MiB, without the pages of files that it maps."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        found = re.search(r"RssAnon:\s+(\d+)", status)
        assert found
        return int(found[1]) / 1024

    def cpu_seconds(self) -> float:
        return cpu_seconds(self.process.pid)

    def ask(self, method: str, path: str, body: object = None) -> Any:
        sent = b"" if body is None else json.dumps(body).encode()
        head = f"{method} /__admin/{path} HTTP/1.1\r\nHost: m\r\nConnection: close\r\n"
        with socket.create_connection(("127.0.0.1", self.port)) as connection:
            connection.sendall(f"{head}Content-Length: {len(sent)}\r\n\r\n".encode() + sent)
            received = b"".join(iter(lambda: connection.recv(65536), b""))
        return json.loads(received.split(b"\r\n\r\n", 1)[1])

    def stop(self) -> float:
        """End it; returns how long that took, in milliseconds."""
        start = time.perf_counter()
        self.process.terminate()
        self.process.wait()
        took = (time.perf_counter() - start) * 1000
        assert self.process.stdout is not None
        self.process.stdout.close()
        return took


@contextlib.contextmanager
def running(binary: str, *arguments: str) -> Iterator[Mock]:
    mock = Mock(binary, *arguments)
    try:
        yield mock
    finally:
        if mock.process.poll() is None:
            mock.stop()


def cpu_seconds(pid: int) -> float:
    """Return the processor time of a process and of its children, both still running."""
    total = 0
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    for each in (pid, *map(int, children)):
        fields = Path(f"/proc/{each}/stat").read_text().rsplit(")", 1)[1].split()
        total += int(fields[11]) + int(fields[12])
    return total / os.sysconf("SC_CLK_TCK")


def first_answer(binary: str) -> float:
    """Return the milliseconds from exec to the first 200."""
    start = time.perf_counter()
    mock = Mock(binary)
    with socket.create_connection(("127.0.0.1", mock.port)) as connection:
        connection.sendall(HEALTH)
        assert b" 200 OK" in connection.recv(4096)
    took = (time.perf_counter() - start) * 1000
    mock.stop()
    return took


def load(url: str, connections: int, seconds: float) -> tuple[float, float, int]:
    """Return requests a second, the 99th percentile in milliseconds, and how many there were."""
    command = [
        "taskset",
        "-c",
        CLIENT,
        "wrk",
        "-t1",
        f"-c{connections}",
        f"-d{seconds}s",
        "--latency",
        "-H",
        KEY,
        url,
    ]
    seen = read_wrk(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
    return seen["rate"], seen["p99"], int(seen["count"])


def one_answer(port: int) -> bytes:
    with socket.create_connection(("127.0.0.1", port)) as connection:
        connection.sendall(
            f"GET {TARGET} HTTP/1.1\r\nHost: m\r\n{KEY}\r\nConnection: close\r\n\r\n".encode()
        )
        return b"".join(iter(lambda: connection.recv(65536), b""))


Server = tuple[str, int]  # what to ask, and the process that answers


@contextlib.contextmanager
def nginx(folder: Path, answer: bytes) -> Iterator[Server | None]:
    """Run one worker of nginx that gives the same body and as many bytes of headers."""
    program = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
    if not program:
        yield None
        return
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    head, body = answer.decode().split("\r\n\r\n", 1)
    rule = re.search(r"X-Sessionvitals-Mock-Rule: (.*)", head)
    assert rule
    (folder / "nginx.conf").write_text(
        f"worker_processes 1; daemon off; pid {folder}/pid; error_log {folder}/error.log;\n"
        "events { worker_connections 2048; }\n"
        "http { access_log off; keepalive_requests 100000000; default_type application/json;\n"
        f"  server {{ listen 127.0.0.1:{port}; location / {{\n"
        f"    add_header X-Sessionvitals-Mock-Rule '{rule[1].strip()}';\n"
        f"    return 200 '{body.strip()}'; }} }} }}\n"
    )
    process = subprocess.Popen(
        ["taskset", "-c", PEER, program, "-p", str(folder), "-c", "nginx.conf"],
        stderr=subprocess.DEVNULL,
    )
    try:
        url = f"http://127.0.0.1:{port}{TARGET}"
        yield (url, process.pid) if wait_for(port) else None
    finally:
        process.terminate()
        process.wait()


def wait_for(port: int, seconds: float = 20) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port)):
            return True
        time.sleep(0.05)
    return False


@contextlib.contextmanager
def npm_peer(folder: Path, package: str) -> Iterator[Server | None]:
    """Run json-server with one session in its file."""
    if package == "none" or not shutil.which("npm"):
        yield None
        return
    command = ["npm", "install", "--no-audit", "--no-fund", "--prefix", str(folder), package]
    try:
        subprocess.run(command, capture_output=True, check=True, timeout=NPM_SECONDS)
    except (subprocess.SubprocessError, OSError):
        print(f"  left out: npm cannot install {package} in {NPM_SECONDS} s", flush=True)
        yield None
        return
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    session = {"id": "vpn-finished", "client_id": "client-oslo", "status": "disconnected"}
    (folder / "db.json").write_text(json.dumps({"sessions": [session]}))
    process = subprocess.Popen(
        [
            *("taskset", "-c", PEER, str(folder / "node_modules/.bin/json-server")),
            *("--host", "127.0.0.1", "--port", str(port)),
            str(folder / "db.json"),
        ],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        cwd=folder,
    )
    try:
        url = f"http://127.0.0.1:{port}/sessions/vpn-finished"
        yield (url, process.pid) if wait_for(port) else None
    finally:
        process.terminate()
        process.wait()


def rates(table: Table, binary: str, options: argparse.Namespace) -> None:
    folder = Path(tempfile.mkdtemp(prefix="mock-bench-"))
    with running(binary, "--scenario", str(DEMO)) as mock:
        answer = one_answer(mock.port)
        with nginx(folder, answer) as web, npm_peer(folder, options.npm) as peer:
            others = {"nginx, one worker": web, options.npm: peer}
            servers = {"mock": (mock.url + TARGET, mock.process.pid)}
            servers.update({name: server for name, server in others.items() if server})
            for connections in (16, 64):
                compare(table, servers, connections, options)
    shutil.rmtree(folder)


def compare(
    table: Table, servers: dict[str, Server], connections: int, options: argparse.Namespace
) -> None:
    rates: dict[str, list[float]] = {name: [] for name in servers}
    costs: dict[str, list[float]] = {name: [] for name in servers}
    slow: dict[str, list[float]] = {name: [] for name in servers}
    # Interleaved, so that a busy moment hits all alike; and short, so that one is not in each.
    for _ in range(options.rounds * options.seconds):
        for name, (url, pid) in servers.items():
            before = cpu_seconds(pid)
            rate, late, count = load(url, connections, 1)
            rates[name].append(rate)
            costs[name].append((cpu_seconds(pid) - before) / count * 1e6)
            slow[name].append(late)
    close = {name: server for name, server in servers.items() if name != options.npm}
    # A quartile of ten seconds would be the luck of two.
    for _ in range(2 * options.rounds * options.seconds):
        for name, (url, _) in close.items():
            slow[name].append(load(url, connections, 1)[1])
    mine, cost = statistics.median(rates["mock"]), statistics.median(costs["mock"])
    goal = ">= 50,000" if connections == 16 else ""
    table.ratio(f"mock: requests a second, {connections} connections", mine, goal, "")
    late, usual = calm(slow["mock"]), statistics.median(slow["mock"])
    beside = "".join(
        f"; {name} {calm(some):.2f}, {statistics.median(some):.2f} ms"
        for name, some in slow.items()
        if "nginx" in name
    )
    behind = f"the median of all seconds {usual:.2f} ms{beside}"
    table.ratio(f"mock: ms at p99, {connections} connections", late, "<= 1", behind)
    table.ratio("  processor time a request, us", cost, "", "")
    for name in servers:
        if name == "mock":
            continue
        rate, theirs = statistics.median(rates[name]), statistics.median(costs[name])
        goal = ">= 0.6" if "nginx" in name else ">= 2.5"
        table.ratio(f"  times {name}'s rate, {connections}", mine / rate, goal, f"{rate:,.0f} /s")
        behind = f"{theirs:.1f} us"
        table.ratio(f"  the same by processor time, {connections}", theirs / cost, goal, behind)


def calm(seconds: list[float]) -> float:
    """Return the first quartile of what each second of load has shown.

    A virtual machine may run at a fraction of its speed for some 50 ms, once or twice a second:
    more than one request in a hundred is then late, whoever answers. What stalls a server by
    itself as often, or once a second, is in every second, and so in this.
    """
    return statistics.quantiles(seconds, n=4)[0]


def memory(table: Table, binary: str) -> None:
    with running(binary) as mock:
        table.ratio("mock: MiB of its own, idle", mock.resident(), "<= 2", "")
    with running(binary, "--scenario", str(DEMO)) as mock:
        for count, goal in ((500_000, "<= 6"), (1_000_000, "<= 6")):
            done = mock.ask("GET", "requests?limit=1")["seen"]
            while done < count:
                done += load(mock.url + TARGET, 16, 1)[2]
            table.ratio(f"mock: MiB of its own after {count:,} requests", mock.resident(), goal, "")
        cpu = mock.cpu_seconds() / done * 1e6
        table.ratio("  processor time a request with the journal, us", cpu, "", "")
        journal = mock.ask("GET", "requests?limit=1")
        exact = mock.ask("GET", "requests/count?provider=ping")
        unknown = mock.ask("GET", "requests/count?session_id=vpn-finished&exactly=7")
        same = exact["exact"] and exact["count"] == journal["seen"]
        behind = f"{journal['kept']:,} kept"
        table.ratio("mock: requests counted, of those sent", float(same), ">= 1", behind)
        assert unknown["verdict"] == "no"


@contextlib.contextmanager
def open_page(mock: Mock) -> Iterator[None]:
    """Read the events as the dashboard does, and ask for the sessions as often as it does."""
    over = threading.Event()

    def read() -> None:
        with socket.create_connection(("127.0.0.1", mock.port)) as connection:
            connection.sendall(b"GET /__admin/events HTTP/1.1\r\nHost: m\r\n\r\n")
            connection.settimeout(0.2)
            asked = time.monotonic()
            while not over.is_set():
                with contextlib.suppress(TimeoutError):
                    connection.recv(1 << 20)
                if time.monotonic() - asked > 2:
                    mock.ask("GET", "sessions?limit=200")
                    asked = time.monotonic()

    reader = threading.Thread(target=read)
    reader.start()
    try:
        yield
    finally:
        over.set()
        reader.join()


def dashboard(table: Table, binary: str, options: argparse.Namespace) -> None:
    """Compare the processor time of a request with a page open, with none, and with no dashboard.

    In turns, and each with the one of the same round: the machine is not equally fast in all.
    """
    demo = ("--scenario", str(DEMO))
    with running(binary, *demo) as mock, running(binary, *demo, "--no-dashboard") as bare:
        opened, closed, without = [], [], []
        for _ in range(options.rounds * options.seconds):
            closed.append(cost_of(mock))
            without.append(cost_of(bare))
            with open_page(mock):
                opened.append(cost_of(mock))
    for words, costs, others in (
        ("with the page open, times", opened, closed),
        ("with none open, times that without a dashboard", closed, without),
    ):
        ratio = statistics.median(a / b for a, b in zip(costs, others, strict=True))
        behind = f"{statistics.median(costs):.2f} us, {statistics.median(others):.2f} us"
        table.ratio(f"mock: processor time {words}", ratio, "<= 1.05", behind)


def cost_of(mock: Mock) -> float:
    """Return the processor time of a request under load, in microseconds."""
    before = mock.cpu_seconds()
    count = load(mock.url + TARGET, 16, 1)[2]
    return (mock.cpu_seconds() - before) / count * 1e6


def open_connections(table: Table, binary: str) -> None:
    mock = Mock(binary)
    connections = [socket.create_connection(("127.0.0.1", mock.port)) for _ in range(600)]
    times = [round_of(connections) for _ in range(5)]
    table.ratio("mock: ms until 600 connections are answered", min(times), "<= 20", "")
    table.ratio("mock: ms from SIGTERM to exit with 600 open", mock.stop(), "<= 50", "")
    for connection in connections:
        connection.close()


def round_of(connections: list[socket.socket]) -> float:
    start = time.perf_counter()
    for connection in connections:
        connection.sendall(HEALTH)
    for connection in connections:
        assert b" 200 OK" in connection.recv(4096)
    return (time.perf_counter() - start) * 1000


def stalled(table: Table, binary: str) -> None:
    with running(binary, "--scenario", str(DEMO)) as mock:
        mock.ask("POST", "faults", {"script": "stall*"})
        waiting = [socket.create_connection(("127.0.0.1", mock.port)) for _ in range(200)]
        for connection in waiting:
            connection.sendall(f"GET {TARGET} HTTP/1.1\r\nHost: m\r\n\r\n".encode())
        mock.ask("GET", "requests/wait?at_least=200")
        took = [timed(lambda: mock.ask("GET", "health")) for _ in range(50)]
        late = statistics.median(took)
        table.ratio("mock: ms of an admin answer beside 200 stalled", late, "<= 5", "")
        threads = len(list(Path(f"/proc/{mock.process.pid}/task").iterdir()))
        table.ratio("mock: threads", threads, "<= 1", "")
        for connection in waiting:
            connection.close()


def timed(call: Callable[[], object]) -> float:
    start = time.perf_counter()
    call()
    return (time.perf_counter() - start) * 1000


def small_things(table: Table, binary: str, options: argparse.Namespace) -> None:
    table.title("The mock: start, size, many connections")
    start = statistics.median(first_answer(binary) for _ in range(20))
    table.ratio("mock: ms from exec to the first 200", start, "<= 15", "median of 20")
    table.ratio("mock: MiB of the program", Path(binary).stat().st_size / 2**20, "<= 5", "")
    open_connections(table, binary)
    stalled(table, binary)


def under_load(table: Table, binary: str, options: argparse.Namespace) -> None:
    table.title("The mock under load, beside other servers")
    if not shutil.which("wrk"):
        print("  left out: no wrk is installed")
        return
    memory(table, binary)
    dashboard(table, binary, options)
    rates(table, binary, options)


SECTIONS = {"mock": small_things, "mock-load": under_load}
