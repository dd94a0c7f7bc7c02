"""What can be wrong with a fleet's run itself."""

from __future__ import annotations

from ..errors import SessionVitalsError


class FleetError(SessionVitalsError):
    """A run's folder cannot be read, written or gone on with; the message says which and why.

    What was published before stays published.
    """
