"""The JSON that an answer keeps as text, read and written."""

from __future__ import annotations

from .lazy_import import importing

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def read_json(text: bytes) -> Any:
    """Return what the text says.

    Raises:
        ContractError: It is no JSON, or nested deeper than Python reads.
    """
    with importing:
        import json  # here: most programs never look, and importing costs

        from .errors import ContractError

    def refuse(constant: str) -> object:
        raise ValueError(f"{constant} is not JSON")

    try:
        return json.loads(text.decode(), parse_constant=refuse)
    except (ValueError, RecursionError) as problem:
        raise ContractError(
            "A member that is kept as text cannot be read; the answer beside it can. "
            "Its text is in the attribute that ends in _json.",
            expected="JSON that Python can hold",
            found=str(problem),
        ) from None


def write_json(value: object) -> str:
    """Return the value as JSON text without spaces.

    Raises:
        TypeError: A part of it is nothing that JSON has.
        ValueError: It has a number that is not finite, or is part of itself.
    """
    with importing:
        import json
    return json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
