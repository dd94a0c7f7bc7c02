"""Reading the JSON that an answer carries along as text."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def read_json(text: bytes) -> Any:
    """Return what the text says.

    Raises:
        ContractError: It is no JSON, or nested deeper than Python reads.
    """
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
