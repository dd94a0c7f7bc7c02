"""What of a run is published, and the last step: to say that all of it is."""

from __future__ import annotations

import json
import os
from collections import Counter
from dataclasses import asdict, dataclass
from typing import Any

from . import tables
from .errors import FleetError
from .plan import Plan, read_plan
from .stores import Store, publish_bytes, store_of

SUCCESS = "_SUCCESS"


@dataclass(frozen=True)
class FleetStatus:
    """How far a run is."""

    run_id: str
    partitions: int
    #: How many partitions are published.
    done: int
    #: The others.
    missing: tuple[int, ...]
    #: How many rows are published.
    rows: int
    #: How many of them have an error, by the name of its class.
    errors_by_kind: dict[str, int]
    #: When the first unit that is published began, and the last ended, as ISO 8601 has it.
    started: str | None
    finished: str | None
    #: Whether all is published and ``_SUCCESS`` says so.
    committed: bool
    #: Why partitions failed in this process, by their numbers.
    failures: dict[int, str]

    def to_dict(self) -> dict[str, Any]:
        """Return the fields as JSON has them."""
        return {**asdict(self), "missing": list(self.missing)}


def status(out: str | os.PathLike[str], run_id: str) -> FleetStatus:
    """Return how far a run is.

    Raises:
        FleetError: There is no such run, or a file in its folder is not of it.
    """
    store = store_of(out)
    return status_of(store, read_plan(store, run_id))


def status_of(
    store: Store,
    plan: Plan,
    failures: dict[int, str] | None = None,
    asked: tuple[str, str] | None = None,
) -> FleetStatus:
    """Return how far a run is, which asks that provider at that address. Raises FleetError."""
    names = set(store.list(plan.folder))
    expected = {f"{plan.name_of(number)}.parquet": number for number in range(plan.partitions)}
    foreign = sorted(n for n in names - expected.keys() if not n.startswith(("_", ".")))
    if foreign:
        raise FleetError(f"{plan.folder}/{foreign[0]} is no file of this run")
    errors: Counter[str] = Counter()
    done, rows, begun, ended = 0, 0, [], []
    sources = set() if asked is None else {asked}
    for name in sorted(names & expected.keys()):
        said = tables.read_metadata(store, f"{plan.folder}/{name}")
        of_us = (plan.run_id, plan.sha256, expected[name])
        if (said["run_id"], said["sha256"], said["partition"]) != of_us:
            raise FleetError(f"{plan.folder}/{name} is of another run, or of another partition")
        sources.add((said["provider"], said["base_url"]))
        if len(sources) > 1:
            both = " and ".join(sorted(f"{name} at {url}" for name, url in sources))
            raise FleetError(
                f"the run {plan.run_id} is of one server's sessions, and not of {both}: give another "
                "run_id"
            )
        done += 1
        rows += said["rows"]
        errors.update(said["errors"])
        begun.append(said["started"])
        ended.append(said["finished"])
    return FleetStatus(
        run_id=plan.run_id,
        partitions=plan.partitions,
        done=done,
        missing=tuple(number for name, number in expected.items() if name not in names),
        rows=rows,
        errors_by_kind=dict(errors),
        started=min(begun, default=None),
        finished=max(ended, default=None),
        committed=SUCCESS in names and done == plan.partitions,
        failures=failures or {},
    )


def commit(out: str | os.PathLike[str], run_id: str) -> FleetStatus:
    """Check that every partition is there and the counts add up, and write ``_SUCCESS``.

    Raises:
        FleetError: Partitions are missing, or a file is not of the run or cannot be written.
    """
    store = store_of(out)
    plan = read_plan(store, run_id)
    found = status_of(store, plan)
    if found.missing:
        raise FleetError(
            f"the run {run_id} is not complete: {len(found.missing)} of {plan.partitions} "
            f"partitions are missing, the first is {found.missing[0]}"
        )
    ids = sum(
        tables.read_metadata(store, plan.rows_name(number))["ids"]
        for number in range(plan.partitions)
    )
    if ids != plan.ids:
        raise FleetError(f"the run {run_id} is of {plan.ids} ids, and its files are of {ids}")
    if not found.committed:
        said = {"run_id": run_id, "sha256": plan.sha256, "ids": plan.ids, "rows": found.rows}
        try:
            publish_bytes(store, f"{plan.folder}/{SUCCESS}", json.dumps(said).encode())
        except FleetError:
            # Another run of this run_id may have ended, and said so, meanwhile.
            if not (found := status_of(store, plan)).committed:
                raise
            return found
        store.clear_scratch(plan.folder)
    return status_of(store, plan)
