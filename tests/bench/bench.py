"""Measure everything in one run, print each figure with its goal, and fail if one is missed.

    python tests/bench/bench.py [--rounds 5] [--only SECTION,...] [--write]

With --write, the table and the picture of the README are written from this run. A run of --only
some sections writes nothing, so that the README never mixes two runs.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import sys
import time
from pathlib import Path

import client_bench
import gate_bench
import mock_bench
import report
import telemetry_bench
import watch_bench
from measure import Table, build


def mock_program() -> str:
    """Return the mock that is installed beside this Python, or on the path."""
    name = "sessionvitals-mock"
    beside = shutil.which(name, path=str(Path(sys.executable).parent))
    found = os.environ.get("SESSIONVITALS_MOCK") or beside or shutil.which(name)
    if not found:
        sys.exit(f"no {name} beside {sys.executable} nor on the path: run make bench")
    return found


def main() -> None:
    of_clients = {
        **client_bench.SECTIONS,
        **telemetry_bench.SECTIONS,
        **watch_bench.SECTIONS,
    }
    of_the_mock = {**mock_bench.SECTIONS, **gate_bench.SECTIONS}
    everything = [*of_clients, *of_the_mock]
    arguments = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    arguments.add_argument("--rounds", type=int, default=5)
    arguments.add_argument("--seconds", type=int, default=2, help="of load on the mock in a round")
    arguments.add_argument("--only", metavar="SECTION,...", help=", ".join(everything))
    arguments.add_argument("--npm", default="json-server@0.17.4", help="or none")
    arguments.add_argument("--json", type=Path, help="also write the rows to this file")
    arguments.add_argument("--write", action="store_true", help="write the README's table")
    chosen = arguments.parse_args()
    sections = chosen.only.split(",") if chosen.only else everything
    if unknown := set(sections) - {*everything}:
        arguments.error(f"unknown section {', '.join(unknown)} (known: {', '.join(everything)})")
    if chosen.write and chosen.only:
        arguments.error("--write needs the whole run: leave --only out")
    cores, load = os.cpu_count(), os.getloadavg()[0]
    print(f"{cores} cores, load average {load:.1f}; goals are for an idle machine of two")
    programs, mock = build(), mock_program()
    table = Table()
    for name in sections:
        begun = time.monotonic()
        if name in of_clients:
            of_clients[name](table, programs, chosen.rounds)
        else:
            of_the_mock[name](table, mock, chosen)
        print(f"  [{name}: {time.monotonic() - begun:.0f} s]", flush=True)
    if chosen.json:
        chosen.json.write_text(json.dumps(table.rows, indent=1) + "\n")
    if chosen.write:
        report.write(table.rows)
    if missed := table.missed():
        sys.exit("\nMissed:\n  " + "\n  ".join(missed))


if __name__ == "__main__":
    main()
