"""The unit of work: one partition's ids are asked for, and their rows published.

It may run twice, at once or one after the other, and may be killed anywhere: its rows are
published once and whole, or not at all. So every id has one row, though it may be asked for twice.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timezone
from functools import partial
from typing import TYPE_CHECKING, Any

from .. import __version__
from .._core import OutcomeTable
from .._sync.carrier import fill_table
from .._sync.client import Client
from ..errors import AuthenticationError, ConfigurationError
from . import points, tables
from .errors import FleetError
from .plan import read_part, read_plan
from .stores import scratch_file, store_of

if TYPE_CHECKING:
    from ..pacing.pace import Pace

#: Makes a worker's client there, with the key that the worker's environment has.
ClientFactory = Callable[[], Client]

#: Errors that say more of the vendor or the way to it than of the one id.
OF_THE_WAY = frozenset(
    {
        *("TransportError", "DeadlineExceeded", "CallCancelled", "PermissionDeniedError"),
        *("RateLimitError", "ServerError", "ContractError"),
    }
)
#: A unit fails when more than this part of its last answers are such errors.
MOST_FAILURES = 0.2
LAST_ANSWERS = 1000
#: Fewer failures fail a unit only if it has no other answer: one id may always fail.
FEWEST_FAILURES = 2


@dataclass(frozen=True)
class UnitReport:
    """What became of one partition."""

    partition: int
    #: How many rows it has, one for each id.
    rows: int
    #: How many of them have an error, by the name of its class.
    errors: dict[str, int] = field(default_factory=dict)
    #: Whether another worker had published it first, so that nothing was written.
    was_done: bool = False


def poll_partition(
    out: str | os.PathLike[str],
    partition: int,
    client_factory: ClientFactory,
    *,
    run_id: str,
    pace: Pace | None = None,
    concurrency: int = 64,
    resend_unsafe: bool = False,
) -> UnitReport:
    """Ask for every id of a partition that ``fleet.partition`` has made, and publish the rows.

    ``client_factory`` is called with nothing and returns the client. It finds the key in the
    environment, so that no key is in a task's arguments. Ids that repeat are asked for once and
    have one row.

    A unit that cannot tell much publishes nothing: when the key is refused, and when more than a
    fifth of the last 1,000 answers, or of all, are errors of the way to the vendor. A single error
    is published if another id was answered, since one id may always fail.

    Raises:
        AuthenticationError: The vendor refused the key.
        ConfigurationError: The client's question may change something at the vendor, as tiun's
            does, and ``resend_unsafe`` does not say that it may be asked twice; or an argument is
            out of range.
        FleetError: There is no such run, a file cannot be read or written, or too much failed.
    """
    store = store_of(out)
    plan = read_plan(store, run_id)
    plan.check(partition)
    name = plan.rows_name(partition)
    if store.exists(name):
        return _done_before(name, store, partition)
    points.reached("read")
    ids = read_part(store, plan, partition)
    points.reached("ask")
    begun = _now()
    with make_client(client_factory) as client:
        check_client(client, resend_unsafe)
        provider, base_url = source_of(client)
        outcomes = OutcomeTable(provider)
        watch = _Watch(outcomes)
        asked = list(dict.fromkeys(ids))
        fill_table(client, outcomes, asked, concurrency, False, watch, pace, {})
        watch.judge(is_whole=True)
    points.reached("answered")
    said: dict[str, Any] = {
        "run_id": plan.run_id,
        "partition": partition,
        "partitions": plan.partitions,
        "sha256": plan.sha256,
        "ids": len(ids),
        "started": begun,
        "finished": _now(),
        "provider": provider,
        "base_url": base_url,
        "version": __version__,
    }
    with scratch_file(store, plan.folder, ".parquet") as path:
        said = tables.write(path, outcomes, watch.arrived, said)
        if said["rows"] != len(asked):
            raise FleetError(f"{name}: {len(asked)} ids have {said['rows']} rows")
        points.reached("written")
        if not store.publish(name, path):
            return _done_before(name, store, partition)
    points.reached("published")
    return UnitReport(partition, said["rows"], said["errors"])


def make_client(client_factory: ClientFactory) -> Client:
    """Return what the factory makes. Raises ConfigurationError if that is no client of ours."""
    client: object = client_factory()
    if not isinstance(client, Client):
        raise ConfigurationError(
            f"client_factory must make a client without async, such as a PingClient, not a "
            f"{type(client).__name__}."
        )
    return client


def source_of(client: Client) -> tuple[str, str]:
    """Return whose answers the client gets: the provider and its address."""
    return client.provider, client._compiled.base_url


def check_client(client: Client, resend_unsafe: bool) -> None:
    """Refuse a client whose question may not be asked twice. Raises ConfigurationError."""
    if client.probe_is_unsafe and not resend_unsafe:
        raise ConfigurationError(
            f"a fleet may ask for an id twice, and {client.provider}'s question is a PATCH, which "
            "may act twice: ask by probe_many in one process, or pass resend_unsafe=True"
        )


def check_factory(client_factory: Any) -> None:
    """Refuse what is no factory, and one that carries a key. Raises ConfigurationError."""
    if not callable(client_factory):
        raise ConfigurationError(
            "client_factory must be a function that makes the client where it is called, as "
            f"functools.partial(PingClient, timeout=5) is; not a {type(client_factory).__name__}."
        )
    made = client_factory.func if isinstance(client_factory, partial) else None
    if (
        isinstance(made, type)
        and issubclass(made, Client)
        and (client_factory.args or {"api_key", "access_token"} & client_factory.keywords.keys())
    ):
        raise ConfigurationError(
            "client_factory must not carry the key, which would go to the workers among their "
            "arguments: set it in their environment."
        )


class _Watch:
    """Notes when answers came, and ends a unit that fails as a whole."""

    def __init__(self, outcomes: OutcomeTable) -> None:
        self._outcomes = outcomes
        self._judged = 0
        #: How many rows there were, and when, in microseconds since 1970.
        self.arrived: list[tuple[int, int]] = []

    def __call__(self, count: int) -> None:
        self.arrived.append((count, time.time_ns() // 1000))
        points.reached("asking")
        if not self._judged or count >= self._judged + LAST_ANSWERS // 2:
            self.judge()

    def judge(self, is_whole: bool = False) -> None:
        """Raise AuthenticationError or FleetError if the unit is not to go on."""
        table = tables.arrow().table(self._outcomes)
        since = max(0, table.num_rows - LAST_ANSWERS)
        self._judged = table.num_rows
        latest = table.slice(since)
        errors = tables.errors_in(latest)
        if "AuthenticationError" in errors:
            raise AuthenticationError(_message_of("AuthenticationError", latest), http_status=401)
        if not is_whole and latest.num_rows < LAST_ANSWERS:
            return
        _check_failures(latest, errors)
        if is_whole and since:
            _check_failures(table, tables.errors_in(table))


def _check_failures(answers: Any, errors: dict[str, int]) -> None:
    """Raise FleetError if too many of these answers are errors of the way to the vendor."""
    failed = {kind: count for kind, count in errors.items() if kind in OF_THE_WAY}
    count = sum(failed.values())
    # An id that cannot be sent says nothing of the vendor.
    asked = answers.num_rows - errors.get("ConfigurationError", 0)
    if count > asked * MOST_FAILURES and (count >= FEWEST_FAILURES or count == asked):
        most = max(failed, key=lambda kind: failed[kind])
        raise FleetError(
            f"{count} of the last {asked} answers failed, most with {most}: "
            f"{_message_of(most, answers)}"
        )


def _message_of(kind: str, table: Any) -> str:
    place = tables.arrow().compute.index(table["error"], kind).as_py()
    return str(table["error_message"][place])


def _done_before(name: str, store: Any, partition: int) -> UnitReport:
    said = tables.read_metadata(store, name)
    return UnitReport(partition, said["rows"], said["errors"], was_done=True)


def _now() -> str:
    return datetime.now(timezone.utc).isoformat(timespec="milliseconds")
