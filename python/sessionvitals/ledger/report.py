"""What a ledger answers: sums, and gaps in what was observed."""

from __future__ import annotations

import html
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar, overload


@dataclass(frozen=True)
class Usage:
    """What was used in a window ``[start, end)``, in UTC.

    ``client_id`` and ``session_id`` are None where the sum is not of one of them; ``client_id`` is
    None as well where no status has named the client. ``flags`` say why a sum may be below the
    truth; without any it is exact. It is never above.
    """

    start: datetime
    end: datetime
    client_id: str | None
    session_id: str | None
    sessions: int
    uploaded_bytes: int
    downloaded_bytes: int
    duration_seconds: int
    flags: tuple[str, ...] = ()

    @property
    def total_bytes(self) -> int:
        return self.uploaded_bytes + self.downloaded_bytes

    def to_dict(self) -> dict[str, Any]:
        """Return the fields as JSON has them: exact integers, times as ISO 8601 text."""
        return {
            **vars(self),
            "start": self.start.isoformat(),
            "end": self.end.isoformat(),
            "flags": list(self.flags),
        }


#: What each kind of gap means, for people.
KINDS = {
    "start_unknown": "first seen with counters already running",
    "reset": "a counter fell: what was used before the fall and after the look before is lost",
    "reset_possible": "the counters may have started anew between two looks",
    "order": "two observations of one moment disagree; the greater counts",
    "clock": "the times contradict the order: a clock was wrong, or was set back",
    "vanished": "the vendor no longer knows the session: its last use was not seen",
    "disagrees": "looks and events disagree; the greater counts",
    "late": "recorded after its period was closed; counted from the period's end on",
    "not_following": "nobody was following",
    "stream": "the stream of events was cut",
}


@dataclass(frozen=True)
class Gap:
    """A span in which use may have been missed.

    ``kind`` is one of ``KINDS``. ``start`` is None if it is not known; ``session_id`` is None where
    the gap is of all sessions.
    """

    kind: str
    start: datetime | None
    end: datetime
    session_id: str | None = None
    client_id: str | None = None

    def to_dict(self) -> dict[str, Any]:
        """Return the fields as JSON has them, and what the kind means in words."""
        return {
            "kind": self.kind,
            "start": self.start and self.start.isoformat(),
            "end": self.end.isoformat(),
            "session_id": self.session_id,
            "client_id": self.client_id,
            "meaning": KINDS[self.kind],
        }


class UsageReport(Sequence[Usage]):
    """The sums of a window: a sequence of Usage, and a table in a notebook."""

    def __init__(self, start: datetime, end: datetime, by: str, rows: Sequence[Usage]) -> None:
        self.start = start
        self.end = end
        #: "client", "session" or "day".
        self.by = by
        self._rows = tuple(rows)

    def __len__(self) -> int:
        return len(self._rows)

    def __iter__(self) -> Iterator[Usage]:
        return iter(self._rows)

    @overload
    def __getitem__(self, index: int) -> Usage: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Usage]: ...
    def __getitem__(self, index: int | slice) -> Usage | Sequence[Usage]:
        return self._rows[index]

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, UsageReport):
            return NotImplemented
        return (self.start, self.end, self.by, self._rows) == (
            other.start,
            other.end,
            other.by,
            other._rows,
        )

    __hash__: ClassVar[None] = None  # type: ignore[assignment]

    @property
    def uploaded_bytes(self) -> int:
        return sum(each.uploaded_bytes for each in self)

    @property
    def downloaded_bytes(self) -> int:
        return sum(each.downloaded_bytes for each in self)

    @property
    def duration_seconds(self) -> int:
        return sum(each.duration_seconds for each in self)

    def label(self, usage: Usage) -> str:
        """Return the name of a row: its client, session or day."""
        if self.by == "day":
            return usage.start.date().isoformat()
        name = usage.session_id if self.by == "session" else usage.client_id
        return "(unknown)" if name is None else name

    def plot(self, path: str | os.PathLike[str]) -> None:
        """Write a chart to an .svg, .png or .pdf file.

        Raises:
            ConfigurationError: The file's name does not say which, the report is empty, or
                matplotlib is not installed.
            LedgerError: The file cannot be written.
        """
        from .charts import plot

        plot(self, path)

    def export(self, path: str | os.PathLike[str]) -> None:
        """Write the rows to a .csv, .ndjson or .parquet file, which replaces one that is there.

        In Parquet sums are decimal(38, 0).

        Raises:
            ConfigurationError: The file's name does not say which, or pyarrow is not installed.
            LedgerError: The file cannot be written.
        """
        from .exporting import export_usage

        export_usage(self, path)

    def __repr__(self) -> str:
        return (
            f"UsageReport({self.start.isoformat()} to {self.end.isoformat()}, by {self.by}: "
            f"{len(self)} rows, {self.uploaded_bytes} bytes up, {self.downloaded_bytes} bytes down)"
        )

    #: How many rows a notebook shows.
    MOST_SHOWN = 100

    def _repr_html_(self) -> str:
        head = (self.by, "sessions", "bytes up", "bytes down", "seconds", "flags")
        rows = [
            (
                self.label(each),
                f"{each.sessions:,}",
                f"{each.uploaded_bytes:,}",
                f"{each.downloaded_bytes:,}",
                f"{each.duration_seconds:,}",
                ", ".join(each.flags),
            )
            for each in self[: self.MOST_SHOWN]
        ]
        body = "".join(f"<tr>{_cells('td', row)}</tr>" for row in rows)
        more = len(self) - len(rows)
        caption = f"{self.start.isoformat()} to {self.end.isoformat()}"
        left_out = f"<p>and {more:,} more rows</p>" if more else ""
        return (
            f"<table><caption>{html.escape(caption)}</caption>"
            f"<thead><tr>{_cells('th', head)}</tr></thead><tbody>{body}</tbody></table>{left_out}"
        )


def _cells(tag: str, texts: Sequence[str]) -> str:
    return "".join(f"<{tag}>{html.escape(text)}</{tag}>" for text in texts)
