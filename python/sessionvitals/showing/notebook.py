"""How a notebook shows values: as HTML tables, in which all that a vendor sent is escaped."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Any

from .._core import inspect_value_classes

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from .._core import OutcomeTable

#: Rows that are shown of a table or a page.
MAX_ROWS = 50


def html_of_value(value: Any) -> str:
    """Return a table with a row for each field that is there."""
    rows = "".join(
        f"<tr><th style='text-align:left'>{escape(name)}</th>"
        f"<td style='text-align:left'>{text_of(member)}</td></tr>"
        for name, member in _flat("", members_of(value))
    )
    return f"<table><caption>{escape(type(value).__name__)}</caption>{rows}</table>"


def html_of_rows(title: str, rows: Sequence[Mapping[str, Any]], count: int) -> str:
    """Return a table of rows; a column that none of them fills is left out."""
    flat = [dict(_flat("", row)) for row in rows]
    names = list(dict.fromkeys(name for row in flat for name in row))
    head = "".join(f"<th>{escape(name)}</th>" for name in names)
    body = "".join(
        f"<tr>{''.join(f'<td>{text_of(row.get(name))}</td>' for name in names)}</tr>"
        for row in flat
    )
    more = f"<p>and {count - len(rows)} more</p>" if count > len(rows) else ""
    return (
        f"<table><caption>{escape(title)}</caption>"
        f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>{more}"
    )


def html_of_table(table: OutcomeTable) -> str:
    """Return the first rows of outcomes; only their number where pyarrow is not installed."""
    try:
        import pyarrow
    except ModuleNotFoundError:
        return f"<p>{escape(repr(table))}</p>"
    found: Any = pyarrow.table(table)
    return html_of_rows(repr(table), found.slice(0, MAX_ROWS).to_pylist(), len(table))


def html_of_page(values: Iterable[Any], title: str, count: int) -> str:
    shown = [members_of(value) for _, value in zip(range(MAX_ROWS), values, strict=False)]
    return html_of_rows(title, shown, count)


def members_of(value: Any) -> dict[str, Any]:
    """Return the fields; secrets, which a notebook would keep, are left out as in repr()."""
    return _members_of(value, inspect_value_classes())


def _members_of(value: Any, classes: Mapping[str, Any]) -> dict[str, Any]:
    members = dict(value.to_dict())
    facts = classes.get(type(value).__name__)
    if facts is None:  # a Change, say, which has values as its members
        return {
            name: _shown(getattr(value, name, None), plain, classes)
            for name, plain in members.items()
        }
    for field in facts["fields"]:
        name = field["json_name"]
        if not members.get(name):
            continue
        if field["is_secret"]:
            members[name] = "<not shown>"
        elif isinstance(members[name], (dict, list)) and not field["is_json"]:
            members[name] = _shown(getattr(value, field["name"]), members[name], classes)
    return members


def _shown(part: Any, plain: Any, classes: Mapping[str, Any]) -> Any:
    """Return what is shown of a field: of values in it, what is shown of those."""
    if isinstance(part, tuple):
        return [_shown(*each, classes) for each in zip(part, plain, strict=True)]
    return _members_of(part, classes) if type(part).__name__ in classes else plain


def text_of(member: Any) -> str:
    return "" if member is None else escape(str(member))


def _flat(prefix: str, members: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for name, member in members.items():
        if isinstance(member, dict):
            yield from _flat(f"{prefix}{name}.", member)
        elif member is not None and member != "" and member != []:
            yield prefix + name, member
