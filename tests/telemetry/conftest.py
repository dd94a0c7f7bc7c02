"""What the tests of telemetry share."""

from __future__ import annotations

import pytest

from sessionvitals import observing, telemetry


@pytest.fixture(autouse=True)
def _nobody_listens_afterwards(monkeypatch: pytest.MonkeyPatch) -> None:
    # Once a client of the process has wanted propagate_trace, somebody listens for good.
    monkeypatch.setattr(telemetry, "_is_listening", False)
    monkeypatch.setattr(observing, "observer", None)
