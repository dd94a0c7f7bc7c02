"""What a gate checks of what it is given, and the errors it makes itself."""

from __future__ import annotations

from typing import Any

from .. import _core
from ..errors import ConfigurationError, DeadlineExceeded


def is_of_the_id(session_id: str) -> bool:
    """Whether no client could ask for that id: the provider reserves "." for one."""
    try:
        _core.build_tiun_verify_request(session_id, access_token="any")
    except ConfigurationError:
        return True
    return False


def too_late() -> DeadlineExceeded:
    return DeadlineExceeded(
        "The time allowed passed while the request waited for an equal one's verdict. Allow more by "
        "the gate's timeout=.",
        phase="queue",
    )


def one_of(name: str, value: Any, allowed: tuple[Any, ...]) -> Any:
    if isinstance(value, bool) or value not in allowed:
        words = " or ".join(repr(each) for each in allowed)
        raise ConfigurationError(f"{name} must be {words}.")
    return value


def number(name: str, value: object, least: float, most: float) -> float:
    is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
    if not is_number or not least <= float(value) <= most:  # type: ignore[arg-type]
        raise ConfigurationError(f"{name} must be from {least:g} to {most:g}.")
    return float(value)  # type: ignore[arg-type]
