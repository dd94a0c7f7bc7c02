"""What it takes to ask for many sessions an hour: a model, from a few constants measured here.

    python tests/bench/scale_model.py            # the table of docs/explanation/scale.md
    python tests/bench/scale_model.py --measure  # measure the constants anew, and write scale.json

The constants come from one process against the mock, with an answer that is 100 ms late and at most
2,778 ids a second: 10 million an hour. Not part of ``make bench``: it takes half a minute.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import resource
import tempfile
import threading
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

CONSTANTS = Path(__file__).with_name("scale.json")
RATE = 10_000_000 / 3600
DELAY = 0.1
IDS = 20_000
#: Half as many again as Little's law needs, for a machine that is busy.
CONCURRENCY = 420
SIZES = (10_000_000, 100_000_000, 1_000_000_000)
DELAYS = (0.1, 0.3)
#: What one address can have open to one address and port, as Linux is set up.
EPHEMERAL_PORTS = 28_232


@dataclass(frozen=True)
class Constants:
    """What was measured."""

    cpu_us: float  #: of the client, for each request, plain
    cpu_us_tls: float
    connections: float  #: open on average at RATE and DELAY
    delay: float  #: seconds from a request to its answer, as a call reports it
    rate: float  #: a second, that was reached
    bytes_sent: int  #: for each request, without TCP/IP
    bytes_received: int
    base_mb: float  #: of a process with a client, before it asks
    grown_mb_tls: float  #: by so many connections under TLS, and their window of ids
    row_bytes: float  #: of Parquet, for each row


@dataclass(frozen=True)
class Need:
    """What so many ids an hour take."""

    rate: float
    cores: float
    connections: float
    sent_mb: float
    received_mb: float
    memory_mb: float
    parquet_gb: float
    addresses: int


def need(constants: Constants, ids_an_hour: int, delay: float) -> Need:
    """Return what it takes under TLS. Little's law: what is under way is rate times delay."""
    rate = ids_an_hour / 3600
    connections = rate * delay
    grown = constants.grown_mb_tls / constants.connections
    return Need(
        rate=rate,
        cores=rate * constants.cpu_us_tls / 1e6,
        connections=connections,
        sent_mb=rate * constants.bytes_sent / 1e6,
        received_mb=rate * constants.bytes_received / 1e6,
        memory_mb=constants.base_mb + grown * connections,
        parquet_gb=ids_an_hour * constants.row_bytes / 1e9,
        addresses=-(-int(connections) // EPHEMERAL_PORTS),
    )


def table(constants: Constants) -> str:
    lines = [
        "| ids an hour | round trip | a second | cores | connections | out, in | memory | Parquet an hour |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for ids in SIZES:
        for delay in DELAYS:
            n = need(constants, ids, delay)
            lines.append(
                f"| {ids:,} | {delay * 1000:.0f} ms | {n.rate:,.0f} | {n.cores:.2f} | "
                f"{n.connections:,.0f} | {n.sent_mb:.1f}, {n.received_mb:.1f} MB/s | "
                f"{n.memory_mb:,.0f} MB | {n.parquet_gb:.2f} GB |"
            )
    return "\n".join(lines)


def side_by_side(constants: Constants) -> str:
    """Return what was measured for 10 million ids an hour beside what paper says."""
    rate = SIZES[0] / 3600
    little = constants.rate * constants.delay
    grown = constants.grown_mb_tls
    rows = [
        ("ids a second", f"{rate:,.0f}", f"{constants.rate:,.0f}"),
        ("connections", f"{little:.0f} in use, by Little's law", f"{constants.connections} open"),
        ("CPU for an id, plain", "11.5 us", f"{constants.cpu_us:.1f} us, the pace included"),
        ("CPU for an id, TLS", "25 to 30 us", f"{constants.cpu_us_tls:.1f} us, the pace included"),
        (
            "memory",
            "tens of MB",
            f"{grown:.0f} MB more than the {constants.base_mb:.0f} MB of Python with pyarrow",
        ),
        ("Parquet for an id", "40 bytes", f"{constants.row_bytes:.0f} bytes"),
        (
            "bytes out and in for an id, without TCP/IP and TLS",
            "1,000 each",
            f"{constants.bytes_sent} and {constants.bytes_received}",
        ),
    ]
    lines = ["| | paper | measured |", "|---|---|---|"]
    lines += [f"| {what} | {paper} | {measured} |" for what, paper, measured in rows]
    return "\n".join(lines)


def load() -> Constants:
    return Constants(**json.loads(CONSTANTS.read_text()))


class Sampler(threading.Thread):
    """Counts this process's open connections while it runs."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.counts: list[int] = []
        self.ended = threading.Event()
        self.before = self.count()

    @staticmethod
    def count() -> int:
        return sum(1 for _ in Path("/proc/self/fd").iterdir())

    def run(self) -> None:
        while not self.ended.wait(0.5):
            self.counts.append(self.count() - self.before)


def resident() -> float:
    """Return what is resident, in megabytes."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def measure_once(is_tls: bool) -> dict[str, Any]:
    from sessionvitals import Pace, PingClient
    from sessionvitals.fleet import tables
    from sessionvitals.mock_program import running_mock
    from sessionvitals.sandbox import Sandbox

    with running_mock(["--tls"] if is_tls else []) as ready:
        if is_tls:
            os.environ["SSL_CERT_FILE"] = ready["ca_file"]  # for the sandbox's own requests
        sandbox = Sandbox(ready, "scale")
        draw = random.Random(1)
        ids = [f"{draw.getrandbits(128):032x}" for _ in range(IDS)]
        for first in range(0, IDS, 5000):
            session = {"provider": "ping", "state": "connected", "client_id": "acme"}
            chosen = [
                {
                    **session,
                    "id": each,
                    "duration": draw.randrange(10**5),
                    "uploaded_bytes": draw.randrange(10**9),
                    "downloaded_bytes": draw.randrange(10**11),
                }
                for each in ids[first : first + 5000]
            ]
            sandbox.admin("POST", "sessions", {"sessions": chosen})
        sandbox.admin("POST", "faults", {"script": f"delay({DELAY})*"})
        client = PingClient(
            "ping-sandbox-key",
            base_url=f"{sandbox.url}/customer/v2",
            ca_file=ready.get("ca_file"),
            max_connections=CONCURRENCY,
            timeout=60.0,
        )
        one = client.probe(ids[0]).call
        assert one is not None
        base = resident()
        sampler = Sampler()
        pace = Pace(RATE, burst=50)
        # As in a process that runs on: connections are open, and handshakes over.
        client.probe_table(ids[:2000], concurrency=CONCURRENCY, pace=pace)
        sampler.start()
        arrived: list[tuple[int, int]] = []
        begun, used = time.perf_counter(), cpu()
        outcomes = client.probe_table(
            ids,
            concurrency=CONCURRENCY,
            pace=pace,
            on_progress=lambda count: arrived.append((count, time.time_ns() // 1000)),
        )
        took, spent, grown = time.perf_counter() - begun, cpu() - used, resident() - base
        sampler.ended.set()
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "rows.parquet"
            said = tables.write(path, outcomes, arrived, {})
            size = path.stat().st_size
        assert said["errors"] == {}, said["errors"]
        (attempt,) = client.probe(ids[1]).call.attempts  # type: ignore[union-attr]
        return {
            "cpu": spent / IDS * 1e6,
            "connections": sum(sampler.counts) / len(sampler.counts),
            "delay": attempt.duration_microseconds / 1e6,
            "rate": IDS / took,
            "sent": attempt.bytes_sent,
            "received": attempt.bytes_received,
            "base": base,
            "grown": grown,
            "row": size / IDS,
        }


def measure() -> Constants:
    plain, tls = measure_once(False), measure_once(True)
    return Constants(
        cpu_us=round(plain["cpu"], 1),
        cpu_us_tls=round(tls["cpu"], 1),
        connections=round(tls["connections"]),
        delay=round(tls["delay"], 4),
        rate=round(tls["rate"]),
        bytes_sent=tls["sent"],
        bytes_received=tls["received"],
        base_mb=round(tls["base"], 1),
        grown_mb_tls=round(tls["grown"], 1),
        row_bytes=round(tls["row"], 1),
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--measure", action="store_true")
    if parser.parse_args().measure:
        CONSTANTS.write_text(json.dumps(asdict(measure()), indent=2) + "\n")
    constants = load()
    print(json.dumps(asdict(constants), indent=2))
    print(side_by_side(constants))
    print(table(constants))


if __name__ == "__main__":
    main()
