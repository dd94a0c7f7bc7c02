"""The table's heart as an SVG: how many times faster than others, bars on a scale of tens."""

from __future__ import annotations

import math
import re
from typing import Any

WIDTH, ROW, LEFT = 720, 26, 190
MOST = 500.0  # the scale's end


def draw(rows: list[dict[str, Any]]) -> str:
    """Return the picture. Rows that the run left out are left out."""
    groups: list[tuple[str, list[tuple[str, float]]]] = []
    for title, pattern in (
        ("One call after the other, on one core", r"times faster than (\w+), one core"),
        ("Many calls, 64 at once", r"times ([\w-]+)'s rate at 64"),
    ):
        found = [(re.fullmatch(pattern, row["what"].strip()), row["ratio"]) for row in rows]
        bars = [(match[1], ratio) for match, ratio in found if match]
        # httpx by asyncio is so slow at 64 connections that it says nothing of its usual use.
        if any(name == "httpx-threads" for name, _ in bars):
            bars = [(name, ratio) for name, ratio in bars if name != "httpx"]
        if bars:
            groups.append((title, sorted(bars, key=lambda bar: bar[1])))
    lines: list[str] = []
    y = 20
    for title, bars in groups:
        lines.append(
            f'<text x="10" y="{y + 8}" class="t">{title}: sessionvitals is faster than</text>'
        )
        y += ROW
        for name, ratio in bars:
            long = (WIDTH - LEFT - 80) * math.log(max(ratio, 1.0)) / math.log(MOST)
            lines.append(f'<text x="{LEFT - 8}" y="{y + 12}" text-anchor="end">{name}</text>')
            lines.append(f'<rect x="{LEFT}" y="{y}" width="{long:.0f}" height="16" rx="3"/>')
            lines.append(f'<text x="{LEFT + long + 6:.0f}" y="{y + 12}">{ratio:.1f} times</text>')
            y += ROW
        y += ROW // 2
    style = (
        "text{font:13px sans-serif;fill:#57606a}.t{font-weight:bold}rect{fill:#2da44e}"
        "@media(prefers-color-scheme:dark){text{fill:#adbac7}}"
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {y}" width="{WIDTH}" '
        f'height="{y}" role="img"><title>sessionvitals beside other Python clients</title>'
        f"<style>{style}</style>\n" + "\n".join(lines) + "\n</svg>\n"
    )
