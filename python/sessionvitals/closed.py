"""What a client has in place of its compiled half once it is closed."""

from __future__ import annotations

from .errors import ConfigurationError


class Closed:
    """Raises ConfigurationError for every call."""

    __slots__ = ()

    base_url = "closed"

    def __getattr__(self, name: str) -> object:
        raise ConfigurationError("this client is closed: make a new one, or close it later")
