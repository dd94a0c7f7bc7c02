"""The client beside others: each section measures some rows, ratios first. bench.py runs them.

Everything in a row is measured in the same run, in interleaved rounds, against the same peer: a
small C++ server that costs as little as one can (bench_peer), so that the client is what counts.
Medians, with half the range as the spread. A subject that is not installed is left out, with a line.
"""

from __future__ import annotations

import json
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

from measure import (
    CLIENT,
    PEER,
    Figures,
    Table,
    interleaved,
    median,
    paired,
    peer,
    run,
    spread,
    subject,
    wrk,
)

OTHERS = ("pycurl", "aiohttp", "urllib3", "niquests", "httpx", "requests")
# Calls of a round: about as long for each, so that a slow spell hits all alike.
CALLS_ONE = {"sessionvitals": 10_000, "pycurl": 5_000}
# Half a second of ours: what disturbs the machine for a tenth of that is no figure of a round.
OURS = 60_000
CALLS_MANY = {"pycurl": 8_000, "aiohttp": 3_000, "httpx": 300}
# Times as many rounds of what differs little.
CLOSE = 4
# Rounds of what no row of the README needs, or whose figures hardly differ.
FEW = 3


def base_url(port: int) -> str:
    return f"http://127.0.0.1:{port}/customer/v2"


def figure(name: str, figures: list[Figures], what: str, unit: str) -> str:
    return f"{name} {median(figures, what):,.1f} {unit} +-{100 * spread(figures, what):.0f} %"


def close_to_the_socket(programs: Path, port: int, core: str) -> dict[str, Callable[[], Figures]]:
    """Return the subjects that differ by microseconds, each over in a tenth of a second."""
    base = base_url(port)
    calls = str(CALLS_ONE["sessionvitals"])
    return {
        "raw": partial(run, [str(programs / "bench_raw"), str(port), calls], core),
        "sessionvitals": partial(subject, "sessionvitals", "one", base, int(calls), core=core),
        "c++": partial(run, [str(programs / "bench_calls"), base, calls], core),
    }


def single(table: Table, programs: Path, rounds: int) -> None:
    goals = {"pycurl": ">= 1.6", "aiohttp": ">= 6", "httpx": ">= 13", "requests": ">= 25"}
    for title, core in (("one core", PEER), ("two cores", CLIENT)):
        table.title(f"Single call from Python, p50, client and server on {title}")
        with peer(programs) as port:
            base = base_url(port)
            others = {}
            for name in OTHERS:
                calls = CALLS_ONE.get(name, 800)
                others[name] = partial(subject, name, "one", base, calls, core=core)
            many = rounds if core == PEER else min(rounds, FEW)
            seen = interleaved(CLOSE * many, close_to_the_socket(programs, port, core))
            seen |= interleaved(many, others)
        ours = median(seen["sessionvitals"], "p50")
        raw = median(seen["raw"], "p50")
        behind = f"{figure('ours', seen['sessionvitals'], 'p50', 'us')}, raw {raw:.1f} us"
        times = paired(seen["sessionvitals"], seen["raw"], "p50")
        table.ratio(f"to a raw C socket, {title}", times, "<= 1.25", behind)
        own = figure("C++", seen["c++"], "p50", "us")
        goal = "<= 1.25" if core == PEER else ""
        table.ratio(f"  from C++, {title}", paired(seen["c++"], seen["raw"], "p50"), goal, own)
        for name in OTHERS:
            if name in seen:
                theirs = median(seen[name], "p50")
                goal = goals.get(name, "") if core == PEER else ""
                table.ratio(
                    f"times faster than {name}, {title}",
                    theirs / ours,
                    goal,
                    figure(name, seen[name], "p50", "us"),
                )


def bulk(table: Table, programs: Path, rounds: int) -> None:
    for concurrency in (16, 64, 256):
        table.title(f"probe_many at {concurrency}: calls a second")
        lanes = str(concurrency)
        with peer(programs) as port:
            base = base_url(port)
            native = [str(programs / "bench_calls"), base, f"{OURS}/{concurrency}"]
            close = {
                "wrk": partial(wrk, base, concurrency),
                "sessionvitals": partial(subject, "sessionvitals", "many", base, OURS, lanes),
                "table": partial(subject, "sessionvitals", "table", base, OURS, lanes),
                "c++": partial(run, native),
            }
            others = {}
            for name in (*OTHERS, "httpx-threads") if concurrency == 64 else ():
                calls = CALLS_MANY.get(name, 1_000)
                others[name] = partial(subject, name, "many", base, calls, lanes)
            seen = interleaved(CLOSE * rounds if concurrency == 64 else min(rounds, FEW), close)
            theirs = interleaved(rounds, others)
        if "wrk" in seen:
            beside_wrk(table, concurrency, seen)
        beside_others(table, median(seen["sessionvitals"], "rate"), theirs)


def beside_wrk(table: Table, concurrency: int, seen: dict[str, list[Figures]]) -> None:
    limit = seen["wrk"]
    goals = {"sessionvitals": ">= 0.80", "table": ">= 0.95"} if concurrency == 64 else {}
    goals.setdefault("sessionvitals", ">= 0.50")
    titles = {"sessionvitals": "of wrk's rate", "table": "  by probe_table", "c++": "  from C++"}
    for name, title in titles.items():
        if name in seen:
            behind = figure("", seen[name], "rate", "/s").strip()
            if name == "sessionvitals":
                behind = f"ours {behind}, wrk {median(limit, 'rate'):,.0f} /s"
            times = paired(seen[name], limit, "rate")
            table.ratio(f"{title} at {concurrency}", times, goals.get(name, ""), behind)
    cpu, theirs = median(seen["sessionvitals"], "cpu"), median(limit, "cpu")
    behind = f"ours {cpu:.2f} us, wrk {theirs:.2f} us"
    table.ratio(f"CPU of a call to wrk's at {concurrency}", cpu / theirs, "<= 2.2", behind)


def beside_others(table: Table, ours: float, seen: dict[str, list[Figures]]) -> None:
    goals = {"aiohttp": ">= 13", "httpx": ">= 95", "requests": ">= 95", "pycurl": ">= 2.2"}
    for name, figures in seen.items():
        table.ratio(
            f"times {name}'s rate at 64",
            ours / median(figures, "rate"),
            goals.get(name, ""),
            figure(name, figures, "rate", "/s"),
        )


def awaited(table: Table, programs: Path, rounds: int) -> None:
    table.title("asyncio, 64 connections: calls a second")
    with peer(programs) as port:
        base = base_url(port)
        seen = interleaved(
            rounds,
            {
                "gather": lambda: subject("sessionvitals", "gather", base, 20_000, "64"),
                "aiohttp": lambda: subject("aiohttp", "gather", base, 3_000, "64"),
            },
        )
        seen |= interleaved(
            CLOSE * rounds,
            {
                "sync": lambda: subject("sessionvitals", "many", base, OURS, "64"),
                "async": lambda: subject("sessionvitals", "async_many", base, OURS, "64"),
            },
        )
    if "aiohttp" in seen:
        table.ratio(
            "gather of 20,000: times aiohttp's",
            median(seen["gather"], "rate") / median(seen["aiohttp"], "rate"),
            ">= 5",
            figure("ours", seen["gather"], "rate", "/s"),
        )
    table.ratio(
        "probe_many awaited to probe_many",
        paired(seen["async"], seen["sync"], "rate"),
        ">= 0.95",
        figure("ours", seen["async"], "rate", "/s"),
    )


def distant(table: Table, programs: Path, rounds: int) -> None:
    table.title("20 ms of round trip (the peer answers so late, by a timer that costs no CPU)")
    with peer(programs, "--delay", "20") as port:
        base = base_url(port)
        for concurrency, goal in ((64, ">= 0.96"), (256, ">= 0.94"), (1024, ">= 0.80")):
            lanes = str(concurrency)
            ours_many = partial(subject, "sessionvitals", "many", base, concurrency * 40, lanes)
            subjects = {"wrk": partial(wrk, base, concurrency), "sessionvitals": ours_many}
            if concurrency == 1024:
                subjects["aiohttp"] = partial(subject, "aiohttp", "many", base, 5_000, lanes)
            seen = interleaved(min(rounds, FEW), subjects)
            ours = median(seen["sessionvitals"], "rate")
            if "wrk" in seen:
                limit = median(seen["wrk"], "rate")
                behind = f"ours {ours:,.0f} /s, wrk {limit:,.0f} /s"
                table.ratio(
                    f"of wrk's rate at {concurrency}, 20 ms away", ours / limit, goal, behind
                )
            if "aiohttp" in seen:
                rate = median(seen["aiohttp"], "rate")
                table.ratio("times aiohttp's rate at 1024", ours / rate, ">= 10", f"{rate:,.0f} /s")


def secured(table: Table, programs: Path, rounds: int) -> None:
    table.title("TLS 1.3")
    with tempfile.TemporaryDirectory() as folder:
        certificate, key = f"{folder}/certificate.pem", f"{folder}/key.pem"
        subprocess.run(
            f"openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 "
            f"-subj /CN=127.0.0.1 -addext subjectAltName=IP:127.0.0.1 -keyout {key} "
            f"-out {certificate}".split(),
            check=True,
            capture_output=True,
        )
        with peer(programs, "--tls", certificate, key) as port:
            base = f"https://127.0.0.1:{port}/customer/v2"
            calls = [str(programs / "bench_calls"), base, "5000", certificate]
            many = ("20000", "64", certificate)
            seen = interleaved(
                rounds,
                {
                    "raw": lambda: run([str(programs / "bench_raw"), str(port), "5000", "tls"]),
                    "c++": lambda: run(calls),
                    "python": lambda: subject(
                        "sessionvitals", "one", base, 5_000, "1", certificate
                    ),
                    "many": lambda: subject("sessionvitals", "many", base, int(many[0]), *many[1:]),
                    "httpx": lambda: subject("httpx", "one", base, 800, "1", certificate),
                },
            )
    raw = median(seen["raw"], "p50")
    for name, goal in (("c++", "<= 1.35"), ("python", "")):
        table.ratio(
            f"one connection to raw OpenSSL, from {'C++' if name == 'c++' else 'Python'}",
            median(seen[name], "p50") / raw,
            goal,
            f"{figure('ours', seen[name], 'p50', 'us')}, raw {raw:.1f} us",
        )
    if "httpx" in seen:
        rate = 1e6 / median(seen["httpx"], "p50")
        table.ratio(
            "64 opened, 20,000 calls: times httpx's",
            median(seen["many"], "rate") / rate,
            ">= 15",
            f"{figure('ours', seen['many'], 'rate', '/s')}, httpx {rate:,.0f} /s on one connection",
        )


def parsing(table: Table, programs: Path, rounds: int) -> None:
    table.title("Parsing alone, into the Python object")
    seen = [run([sys.executable, str(PARSING)]) for _ in range(rounds)]
    for vendor in ("ping", "eliza"):
        ours = median(seen, f"{vendor} ours")
        for name in ("json + dataclass", "msgspec", "pydantic"):
            key = f"{vendor} {name}"
            if key in seen[0]:
                goal = {"json + dataclass": ">= 1.15", "pydantic": ">= 1"}.get(name, "")
                if name == "msgspec":
                    goal = ">= 1" if vendor == "ping" else ">= 0.87"
                # Of each process: its memory may lie better or worse for both.
                times = statistics.median(each[key] / each[f"{vendor} ours"] for each in seen)
                behind = f"ours {ours:.2f} us, theirs {median(seen, key):.2f} us"
                table.ratio(f"{vendor}: times as fast as {name}", times, goal, behind)


PARSING = Path(__file__).with_name("parsing.py")


def scale(table: Table, programs: Path, rounds: int) -> None:
    table.title("Memory, and whether cost grows with the number of calls")
    with peer(programs) as port:
        base = base_url(port)
        kept = subject("sessionvitals", "kept", base, 10_000, "64")
        table.ratio("MiB for 10,000 outcomes kept", kept["grown"], "<= 6", "")
        sizes = (1_000, 10_000, 100_000, 1_000_000)
        seen = interleaved(
            rounds,
            {
                f"{calls:,}": partial(subject, "sessionvitals", "bulks", base, calls, "64")
                for calls in sizes
            },
        )
    for calls, figures in seen.items():
        table.ratio(
            f"time a call of {calls} to that of 100,000",
            paired(seen["100,000"], figures, "rate"),
            "0.80 to 1.25",
            f"{median(figures, 'rate'):,.0f} /s",
        )


def million(table: Table, programs: Path, rounds: int) -> None:
    table.title("1,000,000 ids from a generator, against the mock")
    mock = shutil.which("sessionvitals-mock", path=str(Path(sys.executable).parent))
    mock = mock or shutil.which("sessionvitals-mock")
    if mock is None:
        print("  left out: no sessionvitals-mock is installed")
        return
    process = subprocess.Popen(
        ["taskset", "-c", PEER, mock, "--port", "0", "--exit-with-parent"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    with process.stdin, process.stdout:
        url = json.loads(process.stdout.readline())["url"]
        seen = subject("sessionvitals", "generator", f"{url}/customer/v2", 1_000_000, "64")
    process.wait(timeout=10)
    table.ratio("MiB more at most than at the start", seen["grown"], "< 64", "")
    behind = f"{seen['first']:,.0f} /s and {seen['last']:,.0f} /s"
    table.ratio(
        "rate of the last tenth to the second", seen["last"] / seen["first"], "0.8 to 1.25", behind
    )


def small_things(table: Table, programs: Path, rounds: int) -> None:
    table.title("Import and system calls")
    times = {}
    for name, code in (("bare", "pass"), ("sessionvitals", "import sessionvitals")):
        some = []
        for _ in range(20):
            begun = time.perf_counter()
            subprocess.run([sys.executable, "-c", code], check=True)
            some.append(time.perf_counter() - begun)
        times[name] = statistics.median(some) * 1000
    more = times["sessionvitals"] - times["bare"]
    behind = f"bare Python {times['bare']:.1f} ms"
    table.ratio("import: ms over bare Python", more, "<= 30", behind)
    if shutil.which("strace") is None:
        print("  left out: no strace is installed")
        return
    with peer(programs) as port:
        for words, how, more_words in (
            ("a single call", "one", ()),
            ("a call of probe_many at 64", "many", ("64",)),
        ):
            counts = []
            for calls in (2_000, 4_000):
                command = [sys.executable, str(Path(__file__).with_name("subjects.py"))]
                command += ["sessionvitals", how, base_url(port), str(calls), *more_words]
                traced = subprocess.run(
                    ["strace", "-f", "-c", "-U", "calls", "-o", "/dev/stdout", *command],
                    capture_output=True,
                    text=True,
                )
                lines = [line.split() for line in traced.stdout.splitlines()]
                numbers = [int(line[0]) for line in lines if line and line[0].isdigit()]
                counts.append(max(numbers))  # the last line: their sum
            per_call = (counts[1] - counts[0]) / 2_000
            table.ratio(f"system calls for {words}", per_call, "<= 3", "")


SECTIONS = {
    "single": single,
    "bulk": bulk,
    "asyncio": awaited,
    "distance": distant,
    "tls": secured,
    "parsing": parsing,
    "small": small_things,
    "scale": scale,
    "million": million,
}
