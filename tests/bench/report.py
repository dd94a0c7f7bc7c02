"""Write the README's table of speed, between its two marks, and the picture beside it."""

from __future__ import annotations

import datetime
import os
import platform
from pathlib import Path
from typing import Any

from chart import draw

ROOT = Path(__file__).parents[2]
README = ROOT / "README.md"
PICTURE = ROOT / "tests/bench/speed.svg"
BEGIN, END = "<!-- speed: begin, written by make bench -->", "<!-- speed: end -->"

#: The rows that the README shows: the row's name in the run, and what the README calls it.
SHOWN = {
    "from C++, one core": "one call from C++, to a raw C socket (time)",
    "to a raw C socket, one core": "one call from Python, to a raw C socket (time)",
    "times faster than pycurl, one core": "one call, times faster than pycurl",
    "times faster than httpx, one core": "one call, times faster than httpx",
    "times faster than requests, one core": "one call, times faster than requests",
    "of wrk's rate at 64": "`probe_many` at 64, of wrk's rate",
    "by probe_table at 64": "`probe_table` at 64, of wrk's rate",
    "times aiohttp's rate at 64": "`probe_many` at 64, times aiohttp's rate",
    "times httpx-threads's rate at 64": "`probe_many` at 64, times the rate of httpx in 64 threads",
    "gather of 20,000: times aiohttp's": "asyncio, `gather` of 20,000 calls, times aiohttp's rate",
    "probe_many awaited to probe_many": "asyncio `probe_many`, of the sync one's rate",
    "ping: times as fast as msgspec": "parsing a Ping answer, times msgspec's speed (a Struct)",
    "eliza: times as fast as msgspec": "parsing an elizaOS session, times msgspec's speed (a Struct)",
    "MiB for 10,000 outcomes kept": "MiB for 10,000 outcomes kept",
    "mock: ms at p99, 64 connections": "sandbox: ms at p99, 64 connections, in a calm second",
}


def table_of(rows: list[dict[str, Any]]) -> str:
    """Return the table as Markdown.

    Raises:
        LookupError: The run has no figure, or two, for a row that the README shows.
    """
    names = [row["what"] for row in rows]
    if twice := [name for name in SHOWN if names.count(name) > 1]:
        raise LookupError(f"the run has two figures for: {', '.join(twice)}")
    found = {row["what"]: row for row in rows}
    missing = [name for name in SHOWN if name not in found]
    if missing:
        raise LookupError(f"the run has no figure for: {', '.join(missing)}")
    lines = ["| what | figure | goal | behind it |", "|---|---|---|---|"]
    for name, words in SHOWN.items():
        row = found[name]
        lines.append(f"| {words} | {row['ratio']:.2f} | {row['goal']} | {row['behind']} |")
    today = datetime.datetime.now(datetime.timezone.utc).date()
    machine = f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}"
    lines.append(f"\nMeasured on {today}: {machine}; client and server on loopback.")
    return "\n".join(lines)


def write(rows: list[dict[str, Any]]) -> None:
    """Put the table between the README's marks, and draw the picture."""
    text = README.read_text()
    before, rest = text.split(BEGIN)
    after = rest.split(END)[1]
    table, picture = table_of(rows), draw(rows)  # nothing is written unless both are whole
    README.write_text(f"{before}{BEGIN}\n{table}\n{END}{after}")
    PICTURE.write_text(picture)
