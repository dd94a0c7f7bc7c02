"""How the benchmarks run their subjects: on which core, against which peer, in which order."""

from __future__ import annotations

import contextlib
import json
import os
import re
import resource
import shutil
import statistics
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
#: The peer has the first core, and the client the last: the same one on a machine of one core.
CORES = sorted(os.sched_getaffinity(0))
PEER, CLIENT = str(CORES[0]), str(CORES[-1])

Figures = dict[str, float]


def build() -> Path:
    """Compile the native programs, if they are not; return their folder."""
    target = Path(os.environ.get("SESSIONVITALS_BENCH_BUILD", HERE.parents[1] / "build" / "bench"))
    configure = ["cmake", "-S", str(HERE / "native"), "-B", str(target), "-Wno-dev"]
    if shutil.which("ninja"):
        configure += ["-G", "Ninja"]
    for command in (configure, ["cmake", "--build", str(target), "--parallel"]):
        finished = subprocess.run(command, capture_output=True, text=True)
        if finished.returncode:
            sys.exit(f"{' '.join(command)} failed:\n{finished.stdout}{finished.stderr}")
    return target


@contextlib.contextmanager
def peer(programs: Path, *arguments: str, core: str = PEER) -> Iterator[int]:
    """Run the peer until the block ends; yield its port."""
    process = subprocess.Popen(
        ["taskset", "-c", core, str(programs / "bench_peer"), *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    with process.stdin, process.stdout:
        yield int(process.stdout.readline())
    process.wait(timeout=10)


def run(command: list[str], core: str = CLIENT) -> Figures:
    finished = subprocess.run(
        ["taskset", "-c", core, *command], capture_output=True, text=True, timeout=300
    )
    if finished.returncode:
        raise RuntimeError(f"{' '.join(command)}: {finished.stderr[-2000:]}")
    return dict(json.loads(finished.stdout.splitlines()[-1]))


def subject(name: str, how: str, base: str, calls: int, *more: str, core: str = CLIENT) -> Figures:
    command = [sys.executable, str(HERE / "subjects.py"), name, how, base, str(calls), *more]
    return run(command, core)


def read_wrk(said: str) -> Figures:
    """Return what wrk said: `rate` a second, `count` of answers and, of --latency, `p99` in ms."""
    rate = re.search(r"Requests/sec:\s+([\d.]+)", said)
    count = re.search(r"(\d+) requests in", said)
    if rate is None or count is None or "Non-2xx" in said:
        raise AssertionError(said)  # interleaved() would leave a RuntimeError out, unjudged
    figures = {"rate": float(rate[1]), "count": float(count[1])}
    # At the start of a line: a deviation may be 92.99%.
    if slow := re.search(r"^ +99% +([\d.]+)(us|ms|s|m)$", said, re.MULTILINE):
        factor = {"us": 0.001, "ms": 1, "s": 1000, "m": 60_000}[slow[2]]
        figures["p99"] = float(slow[1]) * factor
    return figures


def wrk(base: str, concurrency: int, seconds: int = 1, core: str = CLIENT) -> Figures:
    """Return wrk's rate, and its CPU time per call in microseconds."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    command = f"taskset -c {core} wrk -t1 -c{concurrency} -d{seconds}s".split()
    command += ["-H", "Authorization: ping-sandbox-key", f"{base}/sessions/s-4711/status"]
    figures = read_wrk(subprocess.run(command, capture_output=True, text=True).stdout)
    spent = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = spent.ru_utime + spent.ru_stime - used.ru_utime - used.ru_stime
    return {"rate": figures["rate"], "cpu": cpu / figures["count"] * 1e6}


def interleaved(
    rounds: int, subjects: Mapping[str, Callable[[], Figures]]
) -> dict[str, list[Figures]]:
    """Run all subjects in turn, that many rounds; leave out, with a line, what cannot run."""
    results: dict[str, list[Figures]] = {name: [] for name in subjects}
    broken: set[str] = set()
    for _ in range(rounds):
        for name, measure in subjects.items():
            if name in broken:
                continue
            try:
                results[name].append(measure())
            except (RuntimeError, OSError) as error:
                broken.add(name)
                print(f"  left out: {name}: {str(error).strip().splitlines()[-1]}", flush=True)
    return {name: figures for name, figures in results.items() if figures}


def median(figures: list[Figures], what: str) -> float:
    return statistics.median(figure[what] for figure in figures)


def paired(ours: list[Figures], theirs: list[Figures], what: str) -> float:
    """Return the median of the ratios of each round: a slow spell is longer than a round."""
    pairs = zip(ours, theirs, strict=True)
    return statistics.median(mine[what] / other[what] for mine, other in pairs)


def spread(figures: list[Figures], what: str) -> float:
    """Return half of the range, as a part of the median."""
    values = [figure[what] for figure in figures]
    return (max(values) - min(values)) / 2 / statistics.median(values)


def is_met(value: float, goal: str) -> bool:
    """Return whether a figure meets its goal: "", ">= 5", "<= 1.25", "< 64" or "0.9 to 1.1"."""
    if not goal:
        return True
    if " to " in goal:
        low, high = map(float, goal.split(" to "))
        return low <= value <= high
    how, bound = goal.split()
    limit = float(bound.replace(",", ""))
    return {">=": value >= limit, "<=": value <= limit, "<": value < limit}[how]


class Table:
    """Rows of figures, printed as they come: what, the figure, its goal, what is behind it."""

    def __init__(self) -> None:
        self.rows: list[dict[str, Any]] = []

    def title(self, text: str) -> None:
        print(f"\n{text}", flush=True)

    def ratio(self, what: str, value: float, goal: str, behind: str) -> None:
        met = is_met(round(value, 2), goal)  # as it is shown
        row = {"what": what.strip(), "ratio": round(value, 3), "goal": goal, "behind": behind}
        self.rows.append({**row, "met": met})
        said = goal if met else f"{goal} MISSED"
        print(f"  {what:52} {value:10,.2f}   {said:16} {behind}", flush=True)

    def missed(self) -> list[str]:
        """Return a line for each goal that was not met."""
        return [
            f"{row['what']}: {row['ratio']}, goal {row['goal']}"
            for row in self.rows
            if not row["met"]
        ]
