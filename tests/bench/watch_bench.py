"""What it takes to follow many sessions in one thread. bench.py runs it."""

from __future__ import annotations

import sys
from pathlib import Path

from measure import HERE, Table, peer, run

IDS, EVERY = 10_000, 30


def watched(table: Table, programs: Path, rounds: int) -> None:
    """Measure once, whatever `rounds`: two turns of looks take their time."""
    table.title(f"{IDS:,} sessions followed in one thread, each looked at every {EVERY} s")
    shares = []
    for name, events in (("", "never"), (", with a heartbeat of each as often", "auto")):
        beats = ["--events", str(IDS), str(EVERY)] if events == "auto" else []
        with peer(programs, *beats) as port:
            base = f"http://127.0.0.1:{port}/customer/v2"
            command = [sys.executable, str(HERE / "watched.py"), base, str(IDS), str(EVERY)]
            seen = run([*command, events])
        table.ratio(f"MiB more than before{name}", seen["mib"], "< 50", "")
        shares.append(100 * seen["share"])
    looks, both = shares
    table.ratio("percent of a core", looks, "<= 2", "")
    # A heartbeat costs at most what a look does, on any machine.
    table.ratio("times that with the heartbeats", both / looks, "<= 2", f"{both:.2f} percent")


SECTIONS = {"watch": watched}
