"""How the benchmarks read what others print."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.append(str(Path(__file__).parent))  # the benchmarks are programs, not a package

from measure import paired, read_wrk
from mock_bench import calm

SAID = """Running 2s test @ http://127.0.0.1:1/
  1 threads and 32 connections
  Thread Stats   Avg      Stdev     Max   +/- Stdev
    Latency     1.45ms  415.72us   6.67ms   92.99%
    Req/Sec    22.48k     1.72k   24.12k    80.00%
  Latency Distribution
     50%    1.34ms
     99%  {}
  44640 requests in 2.00s, 7.54MB read
Requests/sec:  22316.53
"""


@pytest.mark.parametrize(
    ("shown", "milliseconds"),
    [("830.00us", 0.83), ("3.53ms", 3.53), ("1.02s", 1020), ("1.50m", 90_000)],
)
def test_a_percentile_is_read_whatever_the_deviations_are(shown: str, milliseconds: float) -> None:
    assert read_wrk(SAID.format(shown)) == pytest.approx(
        {"rate": 22316.53, "count": 44640, "p99": milliseconds}
    )


@pytest.mark.parametrize("said", ["", SAID.format("1.00ms") + "  Non-2xx or 3xx responses: 3\n"])
def test_refusals_are_no_rate(said: str) -> None:
    with pytest.raises(AssertionError):
        read_wrk(said)


def test_figures_are_compared_within_their_round() -> None:
    """The machine was half as fast in the last two rounds, ours twice the other in all."""
    theirs = [{"p50": figure} for figure in (10.0, 10.0, 10.0, 20.0, 20.0)]
    ours = [{"p50": 2 * each["p50"]} for each in theirs]
    ours[0]["p50"] = 90.0

    assert paired(ours, theirs, "p50") == 2


def test_a_stall_in_each_second_is_in_what_a_calm_second_shows() -> None:
    disturbed = [0.7, 2.5, 0.6, 3.0, 0.7, 0.8, 2.2, 4.0]

    assert calm(disturbed) < 0.8
    assert calm([each + 2 for each in disturbed]) > 2.5
