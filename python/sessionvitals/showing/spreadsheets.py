"""Keeps a spreadsheet from computing what a vendor or a user has named, in every CSV file."""

from __future__ import annotations

import re

#: What spreadsheets take for the beginning of a formula, after the apostrophes that guard it.
#: Some take the wide forms of Chinese and Japanese text for the same.
FORMULA = re.compile("'*[=+@\t\r\n\uff1d\uff0b\uff0d\uff20-]")


def guard(cell: object) -> object:
    """Return the cell as a file has it: a text that would be computed with an apostrophe before."""
    return f"'{cell}" if isinstance(cell, str) and FORMULA.match(cell) else cell


def unguard(cell: str) -> str:
    """Return what was guarded."""
    return cell[1:] if cell.startswith("'") and FORMULA.match(cell) else cell
