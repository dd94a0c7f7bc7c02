"""Clients for the workers of a fleet, which find them by name, and what a run has published."""

from __future__ import annotations

import multiprocessing
import os
import signal
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sessionvitals import PingClient
from sessionvitals.fleet import points

if TYPE_CHECKING:
    from tests.support.sandbox import Space

_nothing = points.reached
ROOT = Path(__file__).parents[3]


def ping_of(space: Space, **options: Any) -> partial[PingClient]:
    return partial(PingClient, base_url=space.base_url("ping"), max_retries=0, **options)


def dying(base_url: str, where: str, mark: str) -> PingClient:
    """Make a client whose worker is killed where its second unit comes to that point, once."""
    if multiprocessing.parent_process() is not None and points.reached is _nothing:
        units = 1

        def reached(point: str) -> None:
            nonlocal units
            units += point == "read"
            if units == 2 and point == where and not Path(mark).exists():
                Path(mark).touch()
                os.kill(os.getpid(), signal.SIGKILL)

        points.reached = reached  # kept for the worker's later units
    return PingClient(base_url=base_url, max_retries=0)


def dying_at_each(base_url: str) -> PingClient:
    """Make a client whose worker is killed at every point at which none was killed before.

    It is a worker if its environment has $MARKS, a folder, where a file of a point's name says so.
    """
    marks = os.environ.get("MARKS")

    def reached(point: str) -> None:
        try:
            (Path(marks or "") / point).touch(exist_ok=False)
        except FileExistsError:
            return
        os.kill(os.getpid(), signal.SIGKILL)

    if marks is not None:
        points.reached = (
            reached  # kept for the worker's later units, as the first has passed "read"
        )
    return PingClient(base_url=base_url, max_retries=0)


def published(out: Path, run_id: str) -> list[dict[str, Any]]:
    """Return every row of the run."""
    from pyarrow import parquet

    return [
        row
        for file in sorted((out / f"run={run_id}").glob("part-*.parquet"))
        for row in parquet.read_table(file).to_pylist()
    ]
