"""What an operation's answer is printed as: JSON if asked, a table on a terminal, else lines.

A field that the vendor did not send, or that is empty, has no line and an empty cell.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from ..._core import StreamGap
from ...errors import SessionVitalsError
from ..forms import JsonArray, print_csv
from ..output import GAP, cells_across
from ..words import printable

#: Prints an answer: a value, a page of values, values as they come, or None for no content.
Show = Callable[[Any], None]


def printer_for(form: str | None, columns: Sequence[str]) -> Show:
    if form is None:
        return Table(columns).show if sys.stdout.isatty() else print_lines
    shows: dict[str, Show] = {
        "table": Table(columns).show,
        "tsv": lambda answer: print_fields(answer, columns),
        "csv": lambda answer: print_records(answer, columns),
        "json": print_whole,
        "ndjson": print_json,
    }
    return shows[form]


def print_whole(answer: Any) -> None:
    """Print a page as an array of objects, and a value as one object."""
    if isinstance(answer, tuple):
        array = JsonArray()
        for value in answer:
            array.add(value.to_dict())
        array.end()
    else:
        print_json(answer)


def rows_of(answer: Any, columns: Sequence[str]) -> tuple[list[str], list[list[str]]]:
    """Return the names of the columns, and a row for each value."""
    rows = [cells_of(value) for value in values_of(answer)]
    names = list(columns) or list(dict.fromkeys(name for row in rows for name in row))
    return names, [[row.get(name, "") for name in names] for row in rows]


def print_fields(answer: Any, columns: Sequence[str]) -> None:
    for row in rows_of(answer, columns)[1]:
        print("\t".join(row), flush=True)


def print_records(answer: Any, columns: Sequence[str]) -> None:
    names, rows = rows_of(answer, columns)
    for row in [names, *rows] if names else ():
        print_csv(row)


def print_json(answer: Any) -> None:
    """Print one object a line, in ASCII: no terminal obeys it. A stream's gap is {"gap": ...}."""
    for value in values_of(answer):
        members = value.to_dict()
        print(json.dumps({"gap": members} if isinstance(value, StreamGap) else members), flush=True)


def printer_of_lines(fields_of: Callable[[Any], Sequence[str]]) -> Show:
    """Return what prints each item of a stream as it comes: one line of tab-separated fields."""

    def show(stream: Any) -> None:
        for item in stream:
            print("\t".join(map(printable, fields_of(item))), flush=True)

    return show


def print_error(error: SessionVitalsError) -> None:
    print(json.dumps({"error": error.to_dict()}), flush=True)


def print_lines(answer: Any) -> None:
    """Print ``name: value`` lines, and an empty line between two values."""
    for number, value in enumerate(values_of(answer)):
        if number:
            print()
        for name, text in cells_of(value).items():
            print(f"{name}: {text}", flush=True)


class Table:
    """Rows for people: one a field of a value, or one a value of a page."""

    def __init__(self, columns: Sequence[str]) -> None:
        self._columns = columns

    def show(self, answer: Any) -> None:
        if not isinstance(answer, tuple):
            for number, value in enumerate(values_of(answer)):
                if number:
                    print()
                print_aligned(list(cells_of(value).items()))
            return
        rows = [cells_of(value) for value in answer]
        names = self._columns or list(dict.fromkeys(name for row in rows for name in row))
        print_aligned([names, *([row.get(name, "") for name in names] for row in rows)])


def print_aligned(rows: Sequence[Sequence[str]]) -> None:
    widths = [max(map(cells_across, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        cells = (
            cell + " " * (width - cells_across(cell))
            for cell, width in zip(row, widths, strict=True)
        )
        print(GAP.join(cells).rstrip(), flush=True)


def values_of(answer: Any) -> Iterator[Any]:
    if answer is None:
        return
    if isinstance(answer, (tuple, Iterator)):
        yield from answer
    else:
        yield answer


def cells_of(value: Any) -> dict[str, str]:
    """Return the fields as text; those of a value within have its name before theirs."""
    return {printable(name): printable(text) for name, text in _flat("", value.to_dict())}


def _flat(prefix: str, members: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for name, member in members.items():
        if isinstance(member, dict):
            yield from _flat(f"{prefix}{name}.", member)
        elif isinstance(member, str):
            if member:
                yield prefix + name, member
        elif member is not None and member != []:
            yield prefix + name, json.dumps(member, ensure_ascii=False)
