"""Modules that are imported when they are first needed, and not in the middle of a fork.

A child that is forked during an import finds the module's lock taken by a thread that it does not
have, and hangs when it imports the same. So a fork waits until our imports are over.
"""

from __future__ import annotations

import os
import sys
from _thread import RLock

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import ModuleType
    from typing import Any, ClassVar

    from typing_extensions import Self
else:
    # typing.get_type_hints() looks an annotation's names up in its module. Importing typing for
    # them would make `import sessionvitals` dear, so what may be anything is an object there.
    Any = Self = object

    class ClassVar:
        def __class_getitem__(cls, item: object) -> object:
            return item


__all__ = ["Any", "ClassVar", "Self", "importing", "load", "load_for_calls"]

#: Held around an import within a function.
importing: RLock = RLock()
os.register_at_fork(
    before=importing.acquire, after_in_parent=importing.release, after_in_child=importing.release
)

# What a call, or a look at its answer, would otherwise import while it runs.
NEEDED_BY_CALLS = ("datetime", "json", "sessionvitals.json_text", "sessionvitals.states")


def load(name: str) -> ModuleType:
    """Import the module of that full name and return it."""
    with importing:
        __import__(name)
    return sys.modules[name]


def load_for_calls() -> None:
    """Import what calls need, so that none has to wait for it."""
    for name in NEEDED_BY_CALLS:
        load(name)
    if "logging" in sys.modules:
        load("sessionvitals.logs")
