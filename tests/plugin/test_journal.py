"""A sandbox's journal: all that matches, or the reason why not."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from sessionvitals import ConfigurationError

if TYPE_CHECKING:
    from tests.support.sandbox import Space


def test_the_journal_of_a_sandbox_gives_all_or_says_that_it_cannot(space: Space) -> None:
    space.add_session("ping", "a", "connected")
    with space.client("ping") as client:
        for _ in client.probe_many(["a", "b", "c"]):
            pass
    journal = space.sandbox.journal
    assert len(journal.requests(provider="ping")) == 3
    assert len(journal.requests(limit=2)) == 2
    assert journal.count(unmatched=True) == 0
    with pytest.raises(ConfigurationError, match="session_id is None"):
        journal.count(session_id=None)


def test_a_sandbox_says_that_requests_were_evicted(space: Space) -> None:
    space.add_session("ping", "a", "connected")
    with space.client("ping") as client:
        for _ in client.probe_many(f"a-{number}" for number in range(6_000)):
            pass
    journal = space.sandbox.journal
    with pytest.raises(ConfigurationError, match="has forgotten"):
        journal.requests(provider="ping")
    assert len(journal.requests(provider="ping", limit=10)) == 10
