"""A chart of a usage report, by matplotlib."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import ConfigurationError
from .errors import LedgerError

if TYPE_CHECKING:
    from .report import UsageReport

FORMS = (".svg", ".png", ".pdf")

#: How many rows have a bar of their own; the rest shares one.
MOST_BARS = 30
UNITS = ((10**12, "TB"), (10**9, "GB"), (10**6, "MB"), (10**3, "kB"), (1, "bytes"))


def plot(report: UsageReport, path: str | os.PathLike[str]) -> None:
    """Write a bar a row: bytes down and up. Days stand in their order, others by their size."""
    if Path(path).suffix not in FORMS:
        raise ConfigurationError(f"{os.fspath(path)}: a chart is one of {', '.join(FORMS)}")
    if not len(report):
        raise ConfigurationError("there is nothing to draw: no use in the window")
    try:
        from matplotlib.figure import Figure  # not pyplot, which keeps state and wants a display
    except ModuleNotFoundError as error:
        raise ConfigurationError(
            "a chart needs matplotlib; install it with pip install 'sessionvitals[plot]'"
        ) from error
    labels, up, down = bars(report)
    scale, unit = next(
        each
        for each in UNITS
        if max(map(sum, zip(up, down, strict=False))) >= each[0] or each[0] == 1
    )
    figure = Figure(figsize=(max(6.0, 0.32 * len(labels) + 2), 4.5), layout="constrained")
    axes = figure.add_subplot()
    low = [each / scale for each in down]
    axes.bar(labels, low, label="downloaded", color="#2b6cb0")
    axes.bar(labels, [each / scale for each in up], bottom=low, label="uploaded", color="#90cdf4")
    axes.set_ylabel(unit)
    axes.set_title(f"{report.start:%Y-%m-%d %H:%M} to {report.end:%Y-%m-%d %H:%M} UTC")
    axes.tick_params(axis="x", rotation=60)
    axes.legend()
    try:
        figure.savefig(path, metadata={"Date": None} if Path(path).suffix == ".svg" else None)
    except OSError as error:
        raise LedgerError(f"{os.fspath(path)}: {error.strerror or error}") from error


def bars(report: UsageReport) -> tuple[list[str], list[int], list[int]]:
    """Return labels, bytes up and bytes down."""
    rows = list(report)
    if report.by != "day":
        rows.sort(key=lambda each: -each.total_bytes)
    elif len(rows) > MOST_BARS * 12:
        rows = rows[-MOST_BARS * 12 :]
    drawn = rows if report.by == "day" else rows[:MOST_BARS]
    # A label that is there twice would be one bar; dollar signs would be mathematics.
    labels = [f"{report.label(each)}".replace("$", r"\$") for each in drawn]
    up = [each.uploaded_bytes for each in drawn]
    down = [each.downloaded_bytes for each in drawn]
    if rest := rows[len(drawn) :]:
        labels.append(f"{len(rest)} others")
        up.append(sum(each.uploaded_bytes for each in rest))
        down.append(sum(each.downloaded_bytes for each in rest))
    return labels, up, down
