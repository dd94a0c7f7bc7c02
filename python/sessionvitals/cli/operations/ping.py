"""Ping Network's operations."""

from __future__ import annotations

from .operation import Operation
from .parameters import id_argument

OPERATIONS = (
    Operation(
        "session-status",
        "session_status",
        "Say what a session is doing, and what it has carried.",
        [id_argument("session_id")],
    ),
)
