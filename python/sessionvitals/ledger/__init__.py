"""A ledger of what Ping's sessions have used: evidence for a bill.

>>> from datetime import datetime, timezone
>>> from sessionvitals.ledger import Ledger
>>> with Ledger("usage.sqlite") as ledger:
...     for outcome in client.probe_many(ids):
...         _ = ledger.record(outcome)
...     november = datetime(2026, 11, 1, tzinfo=timezone.utc), datetime(2026, 12, 1, tzinfo=timezone.utc)
...     for used in ledger.usage(*november, by="client"):
...         print(used.client_id, used.uploaded_bytes + used.downloaded_bytes, used.flags)

Observations are only ever added. What was used is derived from them, and is never above the truth.
"""

from __future__ import annotations

from .errors import LedgerError
from .following import Followed
from .ledger import Ledger
from .report import Gap, Usage, UsageReport

__all__ = ["Followed", "Gap", "Ledger", "LedgerError", "Usage", "UsageReport"]
