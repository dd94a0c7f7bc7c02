"""What clients and calls can be given, and the checks of it.

The types are checked here because the compiled methods, given one value of a wrong type, would quote
all the others: a key, a session's id, or a proxy with its password.
"""

from __future__ import annotations

from os import PathLike, fsdecode

from ._core import CancelToken
from .errors import ConfigurationError

TYPE_CHECKING = False  # typing itself is not imported: `import sessionvitals` is to be cheap
if TYPE_CHECKING:
    from typing import Any

OPTION_TYPES: dict[str, tuple[type, ...]] = {
    "deadline": (float, int),
    "max_retries": (int,),
    "resend_unsafe": (bool,),
    "retry_patch": (bool,),
    "cancel": (CancelToken,),
    "ca_file": (str, PathLike),
    "client_certificate_file": (str, PathLike),
    "client_key_file": (str, PathLike),
    "proxy": (str,),
    "trust_env": (bool,),
    "max_connections": (int,),
}


def given(**options: object) -> dict[str, Any]:
    """Return the options that are not None. Raises ConfigurationError for one of a wrong type."""
    chosen: dict[str, Any] = {}
    for name, value in options.items():
        if value is None:
            continue
        types = OPTION_TYPES[name]
        is_number = int in types
        if not isinstance(value, types) or (is_number and isinstance(value, bool)):
            raise wrong_type(name, value)
        chosen[name] = fsdecode(value) if isinstance(value, PathLike) else value
        if isinstance(chosen[name], str):
            check_encodable(name, chosen[name])
    return chosen


def check_encodable(name: str, value: str) -> None:
    """Raise ConfigurationError for text with a lone surrogate, which is no text to the core."""
    if not value.isascii() and any("\ud800" <= c <= "\udfff" for c in value):
        raise ConfigurationError(
            f"{name} has a lone surrogate: pass it as it was before it was cut"
        )


def wrong_type(name: str, value: object) -> ConfigurationError:
    return ConfigurationError(f"{name} is of type {type(value).__name__}: see the client's help()")
