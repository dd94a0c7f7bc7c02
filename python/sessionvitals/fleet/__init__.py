"""Asking for more sessions than one process should, by workers that may die and run twice.

>>> from functools import partial
>>> from sessionvitals import PingClient, fleet
>>> if __name__ == "__main__":
...     done = fleet.run("ids.parquet", partial(PingClient, timeout=5), "out", run_id="november", workers=2)
...     print(done.rows, done.errors_by_kind)

``partition`` sorts ids into partitions, ``poll_partition`` is the unit of work that any scheduler
can run, ``status`` and ``commit`` say how far a run is, and ``run`` does all of it by processes of
one machine. ``sessionvitals.fleet.ray`` does it by Ray.
"""

from __future__ import annotations

from .errors import FleetError
from .plan import Plan, partition, partition_of
from .running import run
from .status import FleetStatus, commit, status
from .stores import Store
from .unit import UnitReport, poll_partition

__all__ = [
    "FleetError",
    "FleetStatus",
    "Plan",
    "Store",
    "UnitReport",
    "commit",
    "partition",
    "partition_of",
    "poll_partition",
    "run",
    "status",
]
