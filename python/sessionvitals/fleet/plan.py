"""Which ids a run asks for, and in which partition each is.

A plan is a list of ids in files, one a partition, and ``_plan.json``, which is published last. It
depends on the ids and on nothing else, so two runners that make it at once make the same.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from hashlib import blake2b, sha256
from pathlib import Path
from shutil import rmtree
from tempfile import mkdtemp
from typing import Any

from ..errors import ConfigurationError
from .errors import FleetError
from .sources import ids_of
from .stores import Store, publish_bytes, store_of

FORMAT = 1
#: A minute of work at 1,000 a second. A partition that is lost costs as much.
IDS_OF_PARTITION = 50_000
MOST_PARTITIONS = 100_000
#: How many ids are in memory while they are sorted into partitions.
IDS_AT_ONCE = 500_000
RUN_ID = re.compile(r"[A-Za-z0-9][\w.:+-]{0,99}")


@dataclass(frozen=True)
class Plan:
    """What a run is to do."""

    run_id: str
    #: How many partitions there are.
    partitions: int
    #: How many ids there are, with those that repeat.
    ids: int
    #: Of all ids in their order.
    sha256: str
    #: Of each partition's file.
    parts: tuple[str, ...]
    format: int = FORMAT

    @property
    def folder(self) -> str:
        return folder_of(self.run_id)

    def name_of(self, partition: int) -> str:
        """Return the name of the partition's file, without the folder and the ending."""
        return f"part-{partition:05}-of-{self.partitions:05}"

    def ids_name(self, partition: int) -> str:
        return f"{self.folder}/_ids-{self.sha256[:16]}/{self.name_of(partition)}.jsonl"

    def rows_name(self, partition: int) -> str:
        return f"{self.folder}/{self.name_of(partition)}.parquet"

    def require_whole(self) -> None:
        """Raise ValueError if it cannot be what ``partition`` wrote."""
        texts = (self.run_id, self.sha256, *self.parts)
        if (
            not all(isinstance(each, str) for each in texts)
            or not isinstance(self.ids, int)
            or not isinstance(self.partitions, int)
            or not 1 <= self.partitions == len(self.parts) <= MOST_PARTITIONS
        ):
            raise ValueError("its members do not fit each other")

    def check(self, partition: int) -> None:
        if not isinstance(partition, int) or not 0 <= partition < self.partitions:
            raise ConfigurationError(
                f"partition must be from 0 to {self.partitions - 1}, not {partition!r}."
            )


def folder_of(run_id: str) -> str:
    """Return the folder of a run. Raises ConfigurationError."""
    if not isinstance(run_id, str) or not RUN_ID.fullmatch(run_id):
        raise ConfigurationError(
            f"run_id must be 1 to 100 letters, digits and ._:+- with a letter or digit first, "
            f"not {run_id!r}."
        )
    return f"run={run_id}"


def partition_of(session_id: str, partitions: int) -> int:
    """Return the partition of an id: the same in every process and on every machine."""
    digest = blake2b(session_id.encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return int.from_bytes(digest, "big") % partitions


def partition(
    ids: str | os.PathLike[str] | Iterable[str],
    out: str | os.PathLike[str],
    *,
    run_id: str,
    partitions: int | None = None,
) -> Plan:
    """Sort the ids into partitions under ``out``; return the plan. One that is there is kept.

    ``ids`` is a .parquet, .csv, .ndjson or .txt file, or an iterable. Without ``partitions`` there
    is one for each 50,000 ids.

    Raises:
        ConfigurationError: An argument is out of range.
        FleetError: The ids cannot be read, or the run has a plan for other ids or another number of
            partitions.
    """
    store, folder = store_of(out), folder_of(run_id)
    if partitions is not None and not (
        isinstance(partitions, int) and 1 <= partitions <= MOST_PARTITIONS
    ):
        raise ConfigurationError(
            f"partitions must be from 1 to {MOST_PARTITIONS}, not {partitions!r}."
        )
    if isinstance(ids, str | os.PathLike):
        source: Iterable[str] | str | os.PathLike[str] = ids
    else:
        source = ids if isinstance(ids, list | tuple) else list(ids)
    seen = _Seen()
    for _ in seen.through(ids_of(source)):
        pass
    count, digest = seen.count, seen.digest()
    known = find_plan(store, run_id)
    if known is not None:
        _require_same(known, count, digest, partitions)
        return known
    parts = partitions or max(1, min(MOST_PARTITIONS, -(-count // IDS_OF_PARTITION)))
    plan = Plan(run_id, parts, count, digest, ())
    try:
        working = Path(mkdtemp(dir=store.scratch(folder)))
    except OSError as error:
        raise FleetError(f"{error.filename or out}: {error.strerror or error}") from error
    try:
        again = _Seen()
        _sort(again.through(ids_of(source)), plan, working)
        if again.digest() != digest:
            raise FleetError(
                f"the list of ids changed while it was read ({count} ids, and then {again.count}): "
                "give one that nobody writes any more"
            )
        digests = _publish(plan, working, store)
    except OSError as error:
        raise FleetError(f"{error.filename or working}: {error.strerror or error}") from error
    finally:
        rmtree(working, ignore_errors=True)
    plan = Plan(run_id, parts, count, digest, digests)
    if not publish_bytes(store, f"{folder}/_plan.json", json.dumps(asdict(plan)).encode()):
        _require_same(read_plan(store, run_id), count, digest, partitions)
    return plan


def find_plan(store: Store, run_id: str) -> Plan | None:
    """Return the run's plan; None if there is none. Raises FleetError if it cannot be read."""
    name = f"{folder_of(run_id)}/_plan.json"
    try:
        with store.open(name) as file:
            content: dict[str, Any] = json.load(file)
        if content["format"] != FORMAT:
            raise FleetError(
                f"{name} is of the format {content['format']!r}, and this version of sessionvitals "
                f"knows {FORMAT}: use the version that began the run"
            )
        plan = Plan(**{**content, "parts": tuple(content["parts"])})
        plan.require_whole()
        if plan.run_id != run_id:
            raise FleetError(
                f"{name}: the plan is of the run {plan.run_id}; a folder keeps its name"
            )
        return plan
    except FileNotFoundError:
        return None
    except OSError as error:
        raise FleetError(f"{name}: {error.strerror or error}") from error
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise FleetError(f"{name}: not a plan of ours ({error})") from error


def read_plan(store: Store, run_id: str) -> Plan:
    """Return the run's plan. Raises FleetError."""
    plan = find_plan(store, run_id)
    if plan is None:
        raise FleetError(
            f"there is no run {run_id} here: {folder_of(run_id)}/_plan.json is missing"
        )
    return plan


def read_part(store: Store, plan: Plan, partition: int) -> list[str]:
    """Return the partition's ids in their order, with those that repeat. Raises FleetError."""
    name = plan.ids_name(partition)
    try:
        with store.open(name) as file:
            content = file.read()
    except OSError as error:
        raise FleetError(f"{name}: {error.strerror or error}") from error
    if sha256(content).hexdigest() != plan.parts[partition]:
        raise FleetError(f"{name}: its ids are not those of the plan")
    ids: list[str] = json.loads(b"[" + b",".join(content.splitlines()) + b"]")
    return ids


class _Seen:
    """How many ids went through, and the digest of all in their order."""

    def __init__(self) -> None:
        self.count = 0
        self._hash = sha256()

    def through(self, ids: Iterable[str]) -> Iterator[str]:
        for session_id in ids:
            encoded = session_id.encode("utf-8", "surrogatepass")
            self._hash.update(b"%d:%s" % (len(encoded), encoded))
            self.count += 1
            yield session_id

    def digest(self) -> str:
        return self._hash.hexdigest()


def _require_same(known: Plan, count: int, digest: str, partitions: int | None) -> None:
    if known.sha256 != digest:
        raise FleetError(
            f"the run {known.run_id} is of other ids ({known.ids} of them, and now {count}): give "
            "another run_id, or the list that it began with"
        )
    if partitions not in (None, known.partitions):
        raise FleetError(
            f"the run {known.run_id} has {known.partitions} partitions, not {partitions}: "
            "give another run_id, or leave partitions out"
        )


def _sort(ids: Iterable[str], plan: Plan, working: Path) -> None:
    waiting: dict[int, list[str]] = {}
    held = 0

    def write() -> None:
        for number, lines in waiting.items():
            with (working / plan.name_of(number)).open("a", encoding="ascii") as file:
                file.writelines(lines)
        waiting.clear()

    for session_id in ids:
        number = partition_of(session_id, plan.partitions)
        waiting.setdefault(number, []).append(json.dumps(session_id) + "\n")
        held += 1
        if held == IDS_AT_ONCE:
            write()
            held = 0
    write()


def _publish(plan: Plan, working: Path, store: Store) -> tuple[str, ...]:
    """Publish each partition's ids; return the digests of the files."""
    digests = []
    for number in range(plan.partitions):
        file = working / plan.name_of(number)
        file.touch()
        digests.append(sha256(file.read_bytes()).hexdigest())
        store.publish(plan.ids_name(number), file)
        file.unlink()
    return tuple(digests)
