"""Outcomes in the tables of other libraries, every number exact and nothing of nothing null."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .._core import OutcomeTable


def to_arrow(table: OutcomeTable) -> Any:
    import pyarrow

    return pyarrow.table(table)


def to_pandas(table: OutcomeTable) -> Any:
    """NumPy's integers have no null: pandas would make them floats, which end at 2**53."""
    import pandas

    return to_arrow(table).to_pandas(types_mapper=pandas.ArrowDtype)


def to_polars(table: OutcomeTable) -> Any:
    import polars

    return polars.DataFrame(table)
