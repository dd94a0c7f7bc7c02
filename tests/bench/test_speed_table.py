"""The README's table of speed is whole, and goals are judged."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest

sys.path.append(str(Path(__file__).parent))  # the benchmarks are programs, not a package

import chart
import report
from measure import is_met


def test_the_readme_shows_every_figure_of_one_run() -> None:
    table = report.README.read_text().split(report.BEGIN)[1].split(report.END)[0]
    rows = re.findall(r"^\| (.+) \| (\d+\.\d\d) \| (.*) \| (.*) \|$", table, re.MULTILINE)

    assert [row[0] for row in rows] == list(report.SHOWN.values())
    assert re.search(r"Measured on \d{4}-\d\d-\d\d: \d+ cores", table)


def test_the_picture_of_the_readme_is_there_and_has_bars() -> None:
    assert f"({report.PICTURE.relative_to(report.ROOT)})" in report.README.read_text()

    picture = ElementTree.fromstring(report.PICTURE.read_text())

    assert len([each for each in picture.iter() if each.tag.endswith("rect")]) >= 5


def test_a_run_that_lacks_a_figure_writes_nothing() -> None:
    rows = [
        {"what": name, "ratio": 1.0, "goal": "", "behind": ""} for name in list(report.SHOWN)[1:]
    ]

    with pytest.raises(LookupError, match=re.escape(next(iter(report.SHOWN)))):
        report.table_of(rows)


def test_a_run_with_two_figures_of_one_name_writes_nothing() -> None:
    rows = [{"what": name, "ratio": 1.0, "goal": "", "behind": ""} for name in report.SHOWN]

    with pytest.raises(LookupError, match="two figures"):
        report.table_of([*rows, rows[0]])


def test_the_picture_leaves_out_what_a_run_left_out() -> None:
    picture = chart.draw(
        [{"what": "times faster than httpx, one core", "ratio": 30.0, "goal": "", "behind": ""}]
    )

    assert "httpx" in picture
    assert "requests" not in picture


@pytest.mark.parametrize(
    ("figure", "goal", "met"),
    [
        (5.0, ">= 5", True),
        (4.99, ">= 5", False),
        (1.25, "<= 1.25", True),
        (1.26, "<= 1.25", False),
        (64, "< 64", False),
        (50_000, ">= 50,000", True),
        (0.95, "0.90 to 1.10", True),
        (1.11, "0.90 to 1.10", False),
        (0, "", True),
    ],
)
def test_a_goal_is_judged(figure: float, goal: str, met: bool) -> None:
    assert is_met(figure, goal) is met
