"""A partition's rows as Parquet: the columns of ``probe_table``, and when each answer had come."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import ConfigurationError
from .errors import FleetError
from .stores import Store

if TYPE_CHECKING:
    from .._core import OutcomeTable

#: What a file of ours says of itself in Parquet's metadata.
METADATA = b"sessionvitals.fleet"
FORMAT = 1
#: What is read of it.
TEXTS = ("run_id", "sha256", "started", "finished", "provider", "base_url")
MEMBERS: dict[str, type[Any]] = dict.fromkeys(TEXTS, str) | {
    **dict.fromkeys(("partition", "ids", "rows"), int),
    "errors": dict,
}


def arrow() -> Any:
    """Return pyarrow. Raises ConfigurationError with the command that installs it."""
    try:
        import pyarrow
        import pyarrow.compute
        import pyarrow.parquet
    except ModuleNotFoundError as error:
        raise ConfigurationError(
            "a fleet needs pyarrow; install it with pip install 'sessionvitals[fleet]'"
        ) from error
    return pyarrow


def errors_in(table: Any) -> dict[str, int]:
    """Return how many rows have each error."""
    counts = table["error"].drop_null().value_counts().to_pylist()
    return {each["values"]: each["counts"] for each in counts}


def write(
    path: Path, outcomes: OutcomeTable, arrived: Sequence[tuple[int, int]], said: dict[str, Any]
) -> dict[str, Any]:
    """Write the rows; return what the file says of itself.

    ``arrived`` has how many rows there were, and when, in microseconds since 1970.
    """
    pyarrow = arrow()
    table = pyarrow.table(outcomes)
    times: list[int] = []
    for count, at in arrived:
        times += [at] * (count - len(times))
    answered_at = pyarrow.array(times, pyarrow.timestamp("us", tz="UTC"))
    table = table.append_column(
        pyarrow.field("answered_at", answered_at.type, nullable=False), answered_at
    )
    said = {**said, "format": FORMAT, "rows": table.num_rows, "errors": errors_in(table)}
    table = table.replace_schema_metadata({METADATA: json.dumps(said)})
    pyarrow.parquet.write_table(table, path, compression="zstd")
    return said


def read_metadata(store: Store, name: str) -> dict[str, Any]:
    """Return what a file says of itself. Raises FleetError if it is none of ours."""
    pyarrow = arrow()
    try:
        with store.open(name) as file:
            parquet = pyarrow.parquet.ParquetFile(file)
            said: dict[str, Any] = json.loads((parquet.schema_arrow.metadata or {})[METADATA])
            rows = parquet.metadata.num_rows
    except FileNotFoundError:
        raise
    except (OSError, KeyError, ValueError, RecursionError, pyarrow.ArrowException) as error:
        raise FleetError(f"{name}: not a file that a fleet wrote") from error
    if not isinstance(said, dict) or "format" not in said:
        raise FleetError(f"{name}: not a file that a fleet wrote")
    if said["format"] != FORMAT:
        raise FleetError(f"{name}: of the format {said['format']!r}, which is not known here")
    if any(not isinstance(said.get(member), kind) for member, kind in MEMBERS.items()):
        raise FleetError(f"{name}: not a file that a fleet wrote")
    if said["rows"] != rows:
        raise FleetError(f"{name}: it says that it has {said['rows']} rows, and has {rows}")
    return said
