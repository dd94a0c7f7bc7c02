"""The options of clients and calls, as methods collect them for the compiled core, which checks them.

And what a view of a client keeps, and the option that no method collects: certifi's CA
certificates, the last place to look for any.
"""

from __future__ import annotations

import os

from .errors import ConfigurationError

TYPE_CHECKING = False  # typing itself is not imported: `import sessionvitals` is to be cheap
if TYPE_CHECKING:
    from typing import Any


def given(**options: Any) -> dict[str, Any]:
    """Return the options that are not None, and so are not left to the client."""
    return {name: value for name, value in options.items() if value is not None}


def copy_attributes(client: object, view: object) -> None:
    """Give the view all that the client has, in the slots of each class and in its dict.

    Not called for our own classes, whose few slots with_options() sets in a third of the time.
    """
    for each in type(client).__mro__:
        slots = each.__dict__.get("__slots__", ())
        for name in (slots,) if isinstance(slots, str) else slots:
            if name.startswith("__") and name.endswith("__"):
                continue  # __dict__ and __weakref__, which are each object's own
            if name.startswith("__") and (owner := each.__name__.lstrip("_")):
                name = f"_{owner}{name}"  # as Python mangles it
            if hasattr(client, name):
                object.__setattr__(view, name, getattr(client, name))
    if hasattr(client, "__dict__"):
        view.__dict__.update(client.__dict__)


def check_callback(name: str, function: object) -> None:
    """Raise a ConfigurationError if that is neither None nor a function that can just be called."""
    if function is None:
        return
    if not callable(function):
        raise ConfigurationError(f"{name} is of type {type(function).__name__}: pass a function.")
    from inspect import iscoroutinefunction  # costs more to import than all of this

    if iscoroutinefunction(function) or iscoroutinefunction(type(function).__call__):
        raise ConfigurationError(
            f"{name} is a coroutine function, and nobody would await it: pass a plain function."
        )


_noted_certifi: set[str] = set()


def find_certifi() -> str:
    """Return the path of certifi's CA certificates; "" if it cannot be imported or has none.

    The core asks where neither the environment nor the system has any; nothing depends on certifi.
    The first time, one record of level INFO says that it is used.
    """
    from .lazy_import import load

    try:
        path = str(load("certifi").where())
    except Exception:  # noqa: BLE001 - a broken package of another must not cost the client
        return ""
    if not os.access(path, os.R_OK):
        return ""
    if path not in _noted_certifi:
        _noted_certifi.add(path)
        load("logging").getLogger("sessionvitals").info(
            "the system has no CA certificates: those of certifi are used, %s", path
        )
    return path
