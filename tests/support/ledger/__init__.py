"""What the tests of the ledger share."""

from __future__ import annotations
