"""The forms of ``-o``: a table, tab-separated fields, CSV, a JSON array, or one object a line."""

from __future__ import annotations

import csv
import io
import json
import sys
from collections.abc import Sequence
from typing import Any

import click

from ..showing.spreadsheets import guard
from .failures import CommandError

FORMS = ("table", "tsv", "csv", "json", "ndjson")
HELP = "The form of the output. A terminal gets a table if not said, other programs tsv."


def form_option(forms: Sequence[str] = FORMS, words: str = HELP) -> click.Option:
    return click.Option(["-o", "--output", "form"], type=click.Choice(forms), help=words)


def form_of(form: str | None, *, as_json: bool) -> str | None:
    """Return the form that was asked for: --json is -o ndjson. Raises CommandError for two."""
    if not as_json:
        return form
    if form not in (None, "ndjson"):
        raise CommandError(f"--json is -o ndjson: leave it out for -o {form}")
    return "ndjson"


class JsonArray:
    """Prints a JSON array, each element as it comes. Only a whole one has its bracket at the end."""

    def __init__(self) -> None:
        self._is_begun = False

    def add(self, element: object) -> None:
        print(",\n" if self._is_begun else "[\n", json.dumps(element), sep="", end="")
        self._is_begun = True

    def end(self) -> None:
        print("\n]" if self._is_begun else "[]")


def print_csv(cells: Sequence[Any]) -> None:
    """Print one record. A text that a spreadsheet would compute begins with an apostrophe."""
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerow([guard(cell) for cell in cells])
    sys.stdout.write(text.getvalue())
