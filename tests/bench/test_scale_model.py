"""The page on scale shows what the model says, from what was measured."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import pytest

sys.path.append(str(Path(__file__).parent))  # the benchmarks are programs, not a package

import scale_model

PAGE = Path(__file__).parents[2] / "docs/explanation/scale.md"


def test_the_page_has_the_models_table() -> None:
    constants = scale_model.load()
    page = PAGE.read_text()
    assert scale_model.table(constants) in page
    assert scale_model.side_by_side(constants) in page


def test_the_model_is_little_and_proportions() -> None:
    constants = replace(
        scale_model.load(), cpu_us_tls=36.0, bytes_sent=250, bytes_received=500, row_bytes=40.0
    )
    need = scale_model.need(constants, 10_000_000, 0.1)
    assert need.rate == pytest.approx(2777.8, abs=0.1)
    assert need.connections == pytest.approx(277.8, abs=0.1)
    assert need.cores == pytest.approx(0.1)
    assert need.parquet_gb == pytest.approx(0.4)
    assert need.addresses == 1
    ten_times = scale_model.need(constants, 1_000_000_000, 0.3)
    assert ten_times.connections == pytest.approx(83_333, abs=1)
    assert ten_times.addresses == 3


def test_what_was_measured_is_what_the_model_is_about() -> None:
    constants = scale_model.load()
    assert constants.rate == pytest.approx(scale_model.RATE, rel=0.05)
    assert constants.delay == pytest.approx(scale_model.DELAY, rel=0.1)
    little = constants.rate * constants.delay
    assert little <= constants.connections <= scale_model.CONCURRENCY * 1.05
