"""A sandbox's journal: all that matches, or the reason why not."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from sessionvitals import ConfigurationError, DeadlineExceeded

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


def test_a_client_that_gave_up_during_a_delay_has_asked_all_the_same(space: Space) -> None:
    space.sandbox.faults.script("delay(60)", provider="ping")
    client = space.client("ping", timeout=0.1, max_retries=0)
    with client, pytest.raises(DeadlineExceeded):
        client.probe("a")
    journal = space.sandbox.journal
    assert journal.wait(provider="ping", session_id="a")
    (request,) = journal.requests(provider="ping")
    assert (request["http_status"], request["fault"]) == (None, "delay")


def test_a_fault_that_there_is_not_is_no_count_of_zero(space: Space) -> None:
    journal = space.sandbox.journal
    for wrong in ("wrong_length", "nope", "status", "50"):
        with pytest.raises(ConfigurationError, match="fault: is a kind of fault"):
            journal.count(fault=wrong)
    for known in ("wrong-length", "delay", "503"):
        assert journal.count(fault=known) == 0
    with pytest.raises(ConfigurationError, match="provider is None"):
        space.sandbox.faults.script("503", provider=None)  # type: ignore[arg-type]


def test_a_long_wait_is_not_cut_short(space: Space, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[float] = []

    def note(method: str, path: str, body: object = None, *, timeout: float = 30) -> object:
        asked.append(timeout)
        return {"verdict": "no"}

    monkeypatch.setattr(space.sandbox, "admin", note)
    assert not space.sandbox.journal.wait(timeout=600)
    assert asked[0] > 600
