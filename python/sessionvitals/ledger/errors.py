"""What can be wrong with a ledger itself."""

from __future__ import annotations

from ..errors import SessionVitalsError


class LedgerError(SessionVitalsError):
    """A ledger cannot be opened, read or written; the message says which and why.

    What was recorded before stays recorded. What a failed call was given is not in the ledger, or,
    if the connection to PostgreSQL broke during the commit, may be: recording it again does no harm.
    """
