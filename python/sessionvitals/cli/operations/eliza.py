"""elizaOS's operations."""

from __future__ import annotations

from .operation import Operation
from .parameters import id_argument

OPERATIONS = (
    Operation(
        "get-session",
        "get_session",
        "Say all that the server tells of a session.\n\n"
        "To look at an expired session deletes it: the server says 410 once, and then 404.",
        [id_argument("session_id")],
    ),
)
