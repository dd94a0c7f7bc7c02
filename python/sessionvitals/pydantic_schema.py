"""What pydantic is told of a class of values, so that FastAPI takes and returns them.

Nothing of pydantic is imported until pydantic asks.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ._core import inspect_value_classes

if TYPE_CHECKING:
    from collections.abc import Callable


def schema_of(cls: Any, source: object, handler: Any) -> dict[str, Any]:
    """Return pydantic's schema: an object of the class, or what its to_dict() gives."""
    import typing

    from typing_extensions import TypedDict  # which pydantic brings

    facts = inspect_value_classes()[cls.__name__]
    fields = [field for field in facts["fields"] if not field["is_aside"]]
    annotations = {field["json_name"]: field["plain_annotation"] for field in fields}
    annotations |= {field["name"]: field["annotation"] for field in facts["computed"]}
    members = {name: eval(text, {"typing": typing}) for name, text in annotations.items()}
    make_type: Any = TypedDict
    from_members = {
        "type": "function-after",
        "function": {"type": "no-info", "function": _refused_in_its_words(cls.from_dict)},
        "schema": {"type": "dict", "keys_schema": {"type": "str"}},
    }
    return {
        "type": "json-or-python",
        "json_schema": from_members,
        "python_schema": {
            "type": "union",
            "choices": [{"type": "is-instance", "cls": cls}, from_members],
        },
        "serialization": {
            "type": "function-plain",
            "function": lambda value: value.to_dict(),
            "return_schema": handler.generate_schema(make_type(cls.__name__, members)),
        },
    }


def _refused_in_its_words(read: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Return a reader whose TypeError is a ValueError, which pydantic reports as a finding."""

    def read_members(members: Any) -> Any:
        try:
            return read(members)
        except TypeError as error:
            raise ValueError(str(error)) from None

    return read_members
