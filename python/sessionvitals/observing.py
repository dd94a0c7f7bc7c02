"""Who is told of the clients' calls. Each call looks at one name here; nothing else is imported."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .telemetry.observer import Observer

#: Told of every call; None while nobody has asked for it (see ``sessionvitals.telemetry``).
observer: Observer | None = None


def may_propagate(wanted: bool | None) -> bool | None:
    """Return what a client was given as ``propagate_trace``, and see to it that it can.

    Raises:
        ConfigurationError: It is no bool, or opentelemetry-api is not installed.
    """
    if wanted is None:
        return None
    if not isinstance(wanted, bool):
        from .errors import ConfigurationError

        raise ConfigurationError(
            f"propagate_trace is of type {type(wanted).__name__}: pass True or False."
        )
    if wanted:
        from .lazy_import import load

        load("sessionvitals.telemetry").listen_for_propagation()
    return wanted
