"""The options of clients and calls, as methods collect them for the compiled core, which checks them."""

from __future__ import annotations

TYPE_CHECKING = False  # typing itself is not imported: `import sessionvitals` is to be cheap
if TYPE_CHECKING:
    from typing import Any


def given(**options: Any) -> dict[str, Any]:
    """Return the options that are not None, and so are not left to the client."""
    return {name: value for name, value in options.items() if value is not None}
