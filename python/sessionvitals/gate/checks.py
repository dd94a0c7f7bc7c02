"""What a gate checks of what it is given, and the errors it makes itself."""

from __future__ import annotations

import logging
from typing import Any

from .. import _core
from ..errors import ConfigurationError, DeadlineExceeded
from . import notes
from .values import Outage


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


def serves(on_outage: Any, outage: Outage) -> bool:
    """Whether the site serves in that outage; not if its own function fails."""
    if not callable(on_outage):
        return bool(on_outage == "serve")
    try:
        choice: object = on_outage(outage)
        if choice not in ("serve", "deny"):
            raise ValueError(f"it returned {choice!r}, neither 'deny' nor 'serve'")
    except Exception as error:  # noqa: BLE001 a fault of the site's own must not let readers in
        notes.say(
            logging.ERROR,
            "on_outage",
            "the gate's on_outage function failed, and readers are refused: %s: %s",
            type(error).__name__,
            error,
        )
        return False
    return bool(choice == "serve")


def one_of(name: str, value: Any, allowed: tuple[Any, ...]) -> Any:
    # 402.0 and True are equal to whole numbers; HTTPStatus.PAYMENT_REQUIRED is one.
    if not isinstance(value, bool):
        for each in allowed:
            if isinstance(value, type(each)) and value == each:
                return each
    words = " or ".join(repr(each) for each in allowed)
    raise ConfigurationError(f"{name} must be {words}.")


def flag(name: str, value: object) -> bool:
    if not isinstance(value, bool):
        raise ConfigurationError(f"{name} must be True or False.")
    return value


def whole(name: str, value: object, least: int, most: int) -> int:
    is_whole = isinstance(value, int) and not isinstance(value, bool)
    if not is_whole or not least <= value <= most:  # type: ignore[operator]
        raise ConfigurationError(f"{name} must be a whole number from {least} to {most}.")
    return int(value)  # type: ignore[call-overload,no-any-return]


def number(name: str, value: object, least: float, most: float) -> float:
    is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
    if not is_number or not least <= value <= most:  # type: ignore[operator]
        raise ConfigurationError(f"{name} must be a number from {least:g} to {most:g}.")
    return float(value)  # type: ignore[arg-type]
