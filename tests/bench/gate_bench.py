"""The price of a gate: requests a second through uvicorn, with and without it.

uvicorn has a core to itself. The mock, which plays tiun on the same machine, shares the other one
with wrk, which asks for 256 readers in turn. A site's own work would make the ratios better, and
tiun's distance makes the latency with max_age=0 worse by one round trip.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import socket
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from measure import CLIENT, PEER, Figures, Table, interleaved, median, read_wrk
from mock_bench import Mock, cpu_seconds, running, wait_for

READERS = 256
APPLICATION = """
import os

async def app(scope, receive, send):
    headers = [(b"content-type", b"text/plain"), (b"content-length", b"5")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": b"hello"})

if "MAX_AGE" in os.environ:
    from sessionvitals import AsyncTiunClient
    from sessionvitals.gate import TiunGate

    app = TiunGate(AsyncTiunClient(), max_age=float(os.environ["MAX_AGE"])).asgi(app)
"""
READERS_IN_TURN = """
local requests, next = {}, 0
init = function()
  for n = 0, %d - 1 do
    requests[n] = wrk.format("GET", "/", {["X-Session-Id"] = "reader-" .. n})
  end
end
request = function()
  next = (next + 1) %% %d
  return requests[next]
end
"""
#: what is measured: max_age, and the goal for the processor time of a request, as a multiple of that
#: without a gate. With max_age=5 the gate looks for the id and writes new headers; with 0 it makes a
#: call to tiun as well, which costs about as much as uvicorn and this application together.
SUBJECTS = {
    "without a gate": (None, ""),
    "max_age=5": ("5", "<= 1.8"),
    "max_age=0": ("0", "<= 2.8"),
}


@contextlib.contextmanager
def site(folder: Path, mock: Mock, max_age: str | None) -> Iterator[tuple[int, int]]:
    """Run the application under uvicorn on a core of its own; give its port and its process."""
    environment = {
        **os.environ,
        "TIUN_BASE_URL": mock.url,
        "TIUN_ACCESS_TOKEN": "tiun-sandbox-token",
        **({} if max_age is None else {"MAX_AGE": max_age}),
    }
    # By number: of a socket that it is given, uvicorn does not know that it is TCP, and its answers
    # wait 40 ms for the client to acknowledge their heads.
    with socket.create_server(("127.0.0.1", 0)) as free:
        port: int = free.getsockname()[1]
    command = ["taskset", "-c", CLIENT, sys.executable, "-m", "uvicorn", "--port", str(port)]
    command += ["--http", "httptools", "--loop", "asyncio", "--lifespan", "off"]
    command += ["--no-access-log", "--log-level", "warning", "bench_site:app"]
    process = subprocess.Popen(command, cwd=folder, env=environment)
    try:
        if not wait_for(port):
            raise RuntimeError("uvicorn does not start: is it installed?")
        yield port, process.pid
    finally:
        process.terminate()
        process.wait(30)


def load(folder: Path, server: tuple[int, int], connections: int, seconds: float) -> Figures:
    """Return requests a second, milliseconds at the 99th percentile, and microseconds of processor
    time that the server took for each request."""
    port, pid = server
    before = cpu_seconds(pid)
    command = f"taskset -c {PEER} wrk -t1 -c{connections} -d{seconds}s --latency -s readers.lua"
    done = subprocess.run(
        [*command.split(), f"http://127.0.0.1:{port}/"], cwd=folder, capture_output=True, text=True
    )
    figures = read_wrk(done.stdout)
    spent = (cpu_seconds(pid) - before) / figures["count"] * 1e6
    return {**figures, "cpu": spent}


def price(table: Table, binary: str, options: argparse.Namespace) -> None:
    table.title("A gate around an application under uvicorn, 32 connections, 256 readers")
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="gate-bench-")))
        (folder / "bench_site.py").write_text(APPLICATION)
        (folder / "readers.lua").write_text(READERS_IN_TURN % (READERS, READERS))
        scenario = folder / "readers.json"
        readers = [f"reader-{n}" for n in range(READERS)]
        sessions = [{"provider": "tiun", "id": each, "state": "valid"} for each in readers]
        scenario.write_text(json.dumps({"sessions": sessions}))
        mock = stack.enter_context(running(binary, "--scenario", str(scenario)))
        os.sched_setaffinity(mock.process.pid, {int(PEER)})
        servers = {
            name: stack.enter_context(site(folder, mock, max_age))
            for name, (max_age, _) in SUBJECTS.items()
        }

        def loading(server: tuple[int, int]) -> Callable[[], Figures]:
            return lambda: load(folder, server, 32, options.seconds)

        found = interleaved(
            options.rounds, {name: loading(server) for name, server in servers.items()}
        )
    bare = found["without a gate"]
    table.ratio(
        "gate: processor time a request without it, us", median(bare, "cpu"), "", said(bare)
    )
    for name, figures in found.items():
        max_age, goal = SUBJECTS[name]
        if max_age is not None:
            # Each round's own ratio, so that a busy moment hits both sides.
            both = zip(figures, bare, strict=True)
            ratio = statistics.median(mine["cpu"] / without["cpu"] for mine, without in both)
            table.ratio(f"gate: times that, {name}", ratio, goal, said(figures))


def said(figures: list[Figures]) -> str:
    rate, p99, cpu = (median(figures, what) for what in ("rate", "p99", "cpu"))
    return f"{rate:,.0f} /s, p99 {p99:.1f} ms, {cpu:.0f} us"


SECTIONS = {"gate": price}
