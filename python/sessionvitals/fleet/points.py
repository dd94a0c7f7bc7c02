"""Where a unit of work is: its steps by name, for tests that end a process at one."""

from __future__ import annotations

#: In the order in which a unit comes to them.
POINTS = ("read", "ask", "asking", "answered", "written", "synced", "linked", "published")


def reached(point: str) -> None:
    """Do nothing: a test puts something in its place."""
