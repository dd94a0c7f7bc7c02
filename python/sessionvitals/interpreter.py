"""Which interpreter of the process this is."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def require_main_interpreter() -> None:
    """Raise ImportError in a sub-interpreter, where the compiled half would wait for ever.

    For Python up to 3.11, whose GIL all interpreters share. From 3.12 on, Python itself refuses.
    """
    try:
        import _xxsubinterpreters  # type: ignore[import-not-found]
    except ImportError:  # a Python that was built without sub-interpreters
        return
    interpreters: Any = _xxsubinterpreters
    if interpreters.get_current() != interpreters.get_main():
        raise ImportError(
            "sessionvitals works in a process's main interpreter only (with mod_wsgi: "
            "WSGIApplicationGroup %{GLOBAL})"
        )
