"""A run on a Ray cluster: a task for each partition.

``pip install 'sessionvitals[ray]'``, and ``ray.init()`` before, where the cluster is another one
than this machine. ``out`` has to be a folder or URL that every node reaches.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterable
from typing import Any

from ..errors import AuthenticationError, ConfigurationError, SessionVitalsError
from ..pacing.pace import Pace
from .plan import partition
from .running import OnProgress, for_worker, make_pace
from .status import FleetStatus, commit, status_of
from .stores import store_of
from .unit import (
    ClientFactory,
    UnitReport,
    check_client,
    check_factory,
    make_client,
    poll_partition,
    source_of,
)

#: How often a unit is run again whose worker or node died, or that failed.
MAX_RETRIES = 3
MOST_WORKERS = 10_000


def run(
    ids: str | os.PathLike[str] | Iterable[str],
    client_factory: ClientFactory,
    out: str | os.PathLike[str],
    *,
    run_id: str,
    partitions: int | None = None,
    workers: int = 1,
    pace: Pace | Callable[[], Pace] | None = None,
    concurrency: int = 64,
    resend_unsafe: bool = False,
    on_progress: OnProgress | None = None,
    num_cpus: float = 0.5,
) -> FleetStatus:
    """Ask for every id by tasks of Ray, ``workers`` of them at a time. See ``fleet.run``.

    A task gets the number of its partition and returns a report of some hundred bytes: no id, row
    or key is in Ray's object store. The workers' environment has the key, as ``ray.init`` with
    ``runtime_env={"env_vars": ...}`` or the cluster's own set-up gives it to them.

    Raises:
        AuthenticationError: The vendor refused the key; nothing more is published.
        ConfigurationError: Ray is not installed, or as ``fleet.run`` does.
        FleetError: As ``fleet.run`` does.
    """
    try:
        import ray
    except ModuleNotFoundError as error:
        raise ConfigurationError(
            "this needs ray; install it with pip install 'sessionvitals[ray]'"
        ) from error
    check_factory(client_factory)
    if not isinstance(workers, int) or not 1 <= workers <= MOST_WORKERS:
        raise ConfigurationError(f"workers must be from 1 to {MOST_WORKERS}, not {workers!r}.")
    where = os.fspath(out)
    if "://" not in where:
        where = os.path.abspath(where)  # noqa: PTH100 a worker has a folder of its own
    with make_client(client_factory) as client:
        check_client(client, resend_unsafe)
        asked = source_of(client)
    if isinstance(pace, Pace):
        pace.renew()  # here, so that a Redis that is not there is known at once
    plan = partition(ids, where, run_id=run_id, partitions=partitions)
    store = store_of(where)
    before = status_of(store, plan, asked=asked)
    options = {
        "run_id": run_id,
        "concurrency": concurrency,
        "resend_unsafe": resend_unsafe,
        "pace": for_worker(pace, max(1, min(workers, len(before.missing)))),
    }
    task = ray.remote(_unit).options(
        num_cpus=num_cpus, max_retries=MAX_RETRIES, scheduling_strategy="SPREAD"
    )
    failures: dict[int, str] = {}
    tried: Counter[int] = Counter()
    done, rows = before.done, before.rows
    todo = list(reversed(before.missing))
    running: dict[Any, int] = {}
    if on_progress is not None:
        on_progress(done, plan.partitions, rows)
    try:
        while todo or running:
            while todo and len(running) < workers:
                number = todo.pop()
                running[task.remote(where, number, client_factory, options)] = number
            (finished, *_), _ = ray.wait(list(running), num_returns=1)
            number = running.pop(finished)
            try:
                said: UnitReport | tuple[str, str] = ray.get(finished)
            except ray.exceptions.RayError as error:
                said = (type(error).__name__, str(error).strip().splitlines()[-1])
            if isinstance(said, UnitReport):
                done, rows = done + 1, rows + said.rows
                if on_progress is not None:
                    on_progress(done, plan.partitions, rows)
                continue
            kind, words = said
            if kind == "AuthenticationError":
                raise AuthenticationError(words, http_status=401)
            if kind == "ConfigurationError":
                raise ConfigurationError(words)
            tried[number] += 1
            if tried[number] <= MAX_RETRIES:
                todo.insert(0, number)  # the last in turn, as most failures pass
            else:
                failures[number] = words
    finally:
        for left in running:
            ray.cancel(left, force=True)
    if failures:
        return status_of(store, plan, failures)
    return commit(where, run_id)


def _unit(
    out: str, number: int, client_factory: ClientFactory, options: dict[str, Any]
) -> UnitReport | tuple[str, str]:
    """Do one partition; return what became of it. A task's error is words, which are pickled."""
    try:
        pace = make_pace(options["pace"])
        return poll_partition(out, number, client_factory, **{**options, "pace": pace})
    except SessionVitalsError as error:
        return type(error).__name__, str(error)
