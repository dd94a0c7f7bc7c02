from __future__ import annotations

import json

import pytest
from tests.support.sandbox import Mock


@pytest.fixture
def shared(mock: Mock) -> str:
    """The ready line of the mock that runs for these tests already."""
    return f"--sessionvitals-mock={json.dumps(mock.ready)}"
