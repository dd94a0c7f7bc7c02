"""How fast a ledger records, how fast it answers, and how large it grows.

``python tests/bench/ledger.py [ROWS] [LEDGER]``: 10 million rows, and a file in a temporary folder, by
default. Not part of ``make bench``: it takes minutes.
"""

from __future__ import annotations

import random
import resource
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

from tests.support.ledger.metered import START

from sessionvitals.ledger import Ledger
from sessionvitals.ledger.observed import STATUS, Observation, microseconds

SESSIONS = 100_000
CLIENTS = 500
MINUTE = 60_000_000


def looks(rows: int) -> Iterator[Observation]:
    """Yield looks at 100,000 sessions of 500 clients, spread over November, round by round."""
    draw = random.Random(1)
    begin = microseconds(START, "start")
    sessions = min(SESSIONS, rows)
    rounds = -(-rows // sessions)
    step = 30 * 24 * 60 * MINUTE // rounds
    up, down = [0] * sessions, [0] * sessions
    left = rows
    for number in range(rounds):
        at = begin + number * step
        for each in range(min(sessions, left)):
            up[each] += draw.randrange(10**6)
            down[each] += draw.randrange(10**8)
            yield Observation(
                f"{each:032x}",  # as long as a UUID without its dashes
                STATUS,
                None,
                at,
                at + 1000,
                "active" if number else "pending",
                f"client-{each % CLIENTS}",
                number * step // 1_000_000,
                up[each],
                down[each],
            )
        left -= sessions


def main(rows: int, where: str) -> None:
    with Ledger(where) as ledger:
        began, cpu = time.perf_counter(), time.process_time()
        batch = []
        for look in looks(rows):
            batch.append(look)
            if len(batch) == 1000:
                ledger._store.append(batch)
                batch.clear()
        if batch:
            ledger._store.append(batch)
        spent = time.perf_counter() - began
        cpu = time.process_time() - cpu
        print(
            f"recorded {rows:,} rows in {spent:.1f} s: {rows / spent:,.0f} a second, {cpu:.1f} s of CPU"
        )
        for by in ("client", "day"):
            began, cpu = time.perf_counter(), time.process_time()
            report = ledger.usage(START, START + timedelta(days=30), by=by)
            spent = time.perf_counter() - began
            cpu = time.process_time() - cpu
            print(f"a month by {by}: {len(report)} rows in {spent:.1f} s, {cpu:.1f} s of CPU")
        print(f"memory: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024} MB at most")
    if "://" not in where:
        size = sum(file.stat().st_size for file in Path(where).parent.glob(f"{Path(where).name}*"))
        print(f"size: {size / 1e6:,.0f} MB, {size / rows:.0f} bytes a row")


if __name__ == "__main__":
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000_000
    if len(sys.argv) > 2:
        main(count, sys.argv[2])
    else:
        with tempfile.TemporaryDirectory() as folder:
            main(count, str(Path(folder) / "usage.sqlite"))
