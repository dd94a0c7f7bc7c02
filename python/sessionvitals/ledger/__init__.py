"""A ledger of what Ping's sessions have used: evidence for a bill.

>>> from datetime import datetime, timedelta, timezone
>>> from sessionvitals import PingClient
>>> from sessionvitals.ledger import Ledger
>>> now = datetime.now(timezone.utc)
>>> with Ledger("usage.sqlite") as ledger, PingClient() as client:
...     for outcome in client.probe_many(["vpn-1", "vpn-2"]):
...         _ = ledger.record(outcome)
...     report = ledger.usage(now - timedelta(days=30), now + timedelta(days=1), by="client")

Observations are only ever added. What was used is derived from them, and is never above the truth.
"""

from __future__ import annotations

from .errors import LedgerError
from .following import Followed
from .ledger import Ledger
from .report import Gap, Usage, UsageReport

__all__ = ["Followed", "Gap", "Ledger", "LedgerError", "Usage", "UsageReport"]
