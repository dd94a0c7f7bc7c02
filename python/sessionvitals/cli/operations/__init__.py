"""``sessionvitals VENDOR OPERATION``: every call of a vendor's client as a command.

A vendor's file says in one declaration for each what the command and its options are called.
``operation.py`` makes the commands of it, and ``answers.py`` prints what they return.
"""

from __future__ import annotations

from collections.abc import Sequence

from . import eliza, ping, tiun
from .operation import Operation

OPERATIONS: dict[str, Sequence[Operation]] = {
    "eliza": eliza.OPERATIONS,
    "ping": ping.OPERATIONS,
    "tiun": tiun.OPERATIONS,
}

#: Of each vendor that nests commands: what the words say that have others below them.
GROUPS: dict[str, dict[str, str]] = {"ping": ping.GROUPS}
