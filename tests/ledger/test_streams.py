"""Following Ping's stream of events into a ledger, with looks besides."""

from __future__ import annotations

import queue
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pytest
from tests.support.ledger.metered import START, Event, at
from tests.support.sandbox import Space

from sessionvitals import CancelToken, ContractError, PingClient, TransportError
from sessionvitals.ledger import Followed, Ledger
from sessionvitals.ledger.streaming import MOST_ODD

QUICK = 0.001
SLOW = 30.0


@dataclass(frozen=True)
class Gap:
    since: datetime
    until: datetime


class Stream:
    """Gives what a test puts into it; ends as the client's stream does when it is cancelled."""

    def __init__(self, *items: object) -> None:
        self._items: queue.Queue[Any] = queue.Queue()
        self._cancel: CancelToken | None = None
        self.put(*items)

    def put(self, *items: object) -> None:
        for item in items:
            self._items.put(item)

    def become_the_clients(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def events(client: PingClient, *, cancel: CancelToken) -> Stream:
            self._cancel = cancel
            return self

        monkeypatch.setattr(PingClient, "events", events, raising=False)

    def __next__(self) -> Any:
        assert self._cancel is not None
        while not self._cancel.is_cancelled:
            try:
                item = self._items.get(timeout=0.01)
            except queue.Empty:
                continue
            if isinstance(item, BaseException):
                raise item
            return item
        raise StopIteration


@pytest.fixture
def client(space: Space) -> PingClient:
    space.clock(set=START.isoformat(), freeze=True)
    space.add_session("ping", "a", "connected", client_id="acme", uploaded_bytes=100)
    space.add_session("ping", "b", "connected", client_id="bolt")
    return space.sandbox.ping.client()


def beat(number: int, name: str = "a", up: int = 0, kind: str = "session_heartbeat") -> Event:
    return Event(number, kind, name, at(number), number, up, 0)


def test_every_session_that_the_stream_names_is_followed_and_its_client_told(
    client: PingClient, space: Space, where: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    stream = Stream(beat(1, up=0, kind="session_start"), beat(2, up=60), beat(2, up=60))
    stream.become_the_clients(monkeypatch)
    stream.put(beat(3, up=100), beat(4, "b", 5))

    def stop_at_last(so_far: Followed) -> None:
        if so_far.rounds == 1:
            stream.put(Gap(at(10), at(20)))  # the next round comes at once
        else:
            space.admin("DELETE", "sessions/ping/a")
            space.admin("DELETE", "sessions/ping/b")
            stream.put(TransportError("the end"))

    with Ledger(where) as ledger, pytest.raises(TransportError):
        ledger.follow(client, every=SLOW, on_round=stop_at_last)
    with Ledger(where) as ledger:
        used = {row.client_id: row for row in ledger.usage(at(0), at(86_400))}
        kinds = [gap.kind for gap in ledger.gaps(at(5), at(15))]

    assert used["acme"].uploaded_bytes == 100
    assert used["bolt"].uploaded_bytes == 5
    assert kinds[-1] == "stream"


def test_events_of_other_sessions_are_left_out_where_ids_are_given(
    client: PingClient, space: Space, where: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    stream = Stream(beat(1, "b", 7), ContractError("odd"), beat(2, "a", 140))
    stream.become_the_clients(monkeypatch)
    stream.put(Gap(at(3), at(4)))
    with Ledger(where) as ledger:
        done = ledger.follow(client, ["a"], events=True, every=SLOW, rounds=2)
        used = ledger.usage(at(0), at(86_400), by="session")

    assert (done.rounds, done.looks, done.events) == (2, 2, 1)
    assert done.failures == {"ContractError": 1}
    assert [(row.session_id, row.uploaded_bytes) for row in used] == [("a", 140)]


def test_a_stream_that_ends_leaves_the_looks(
    client: PingClient, where: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    stream = Stream(TransportError("gone"))
    stream.become_the_clients(monkeypatch)

    def heard(so_far: Followed) -> None:
        if so_far.failures:
            raise KeyboardInterrupt

    with Ledger(where) as ledger, pytest.raises(KeyboardInterrupt):
        ledger.follow(client, ["a"], events=True, every=QUICK, on_round=heard)


def test_a_bug_in_the_thread_is_raised(
    client: PingClient, where: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    Stream(ZeroDivisionError()).become_the_clients(monkeypatch)
    with Ledger(where) as ledger, pytest.raises(ZeroDivisionError):
        ledger.follow(client, every=SLOW)


def test_what_came_before_a_stream_fails_is_recorded(
    client: PingClient, where: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    stream = Stream(beat(1, "c", 0), beat(2, "c", 60), TransportError("gone"))
    stream.become_the_clients(monkeypatch)
    with Ledger(where) as ledger:
        with pytest.raises(TransportError):
            ledger.follow(client, every=SLOW)
        assert ledger.usage(at(0), at(86_400)).uploaded_bytes == 60


@pytest.mark.parametrize("up", [-1, 2**63])
def test_an_event_with_a_counter_that_cannot_be_fails_alone(
    client: PingClient, where: str, monkeypatch: pytest.MonkeyPatch, up: int
) -> None:
    ends = TransportError("gone")
    stream = Stream(beat(1, "c", 0), beat(2, "c", up), beat(3, "c", 60), ends)
    stream.become_the_clients(monkeypatch)
    rounds: list[Followed] = []
    with Ledger(where) as ledger:
        with pytest.raises(TransportError):
            ledger.follow(client, every=SLOW, on_round=rounds.append)
        assert ledger.usage(at(0), at(86_400)).uploaded_bytes == 60

    assert (rounds[-1].events, rounds[-1].failures) == (2, {"ContractError": 1})


def test_the_events_of_pings_own_stream_are_recorded(
    client: PingClient, space: Space, where: str
) -> None:
    space.admin("PUT", "dialect", {"ping_heartbeat_every": 10})
    space.admin("PATCH", "sessions/ping/b", {"upload_rate": 100})

    def drive(so_far: Followed) -> None:
        if so_far.rounds == 1:
            space.admin("GET", "requests/wait?operation=events&timeout=20")
            space.clock(advance=20)
        elif so_far.events >= 8 and so_far.left == 2:
            raise KeyboardInterrupt

    with Ledger(where) as ledger:
        with pytest.raises(KeyboardInterrupt):
            ledger.follow(client, every=0.02, deadline=30, on_round=drive)
        used = {row.client_id: row.uploaded_bytes for row in ledger.usage(at(0), at(86_400))}

    assert used == {"acme": 100, "bolt": 2000}


@pytest.mark.parametrize("ids", [None, ["a"]], ids=["all", "some"])
def test_what_answers_and_is_no_stream_is_not_asked_for_ever(
    ids: list[str] | None, client: PingClient, space: Space, where: str
) -> None:
    page = {"kind": "status", "http_status": 200, "body": "<html>"}
    space.admin("POST", "faults", {"faults": [page], "scope": {"operation": "events"}})

    heard: list[int] = []

    def hear(so_far: Followed) -> None:
        if so_far.failures["ContractError"] >= MOST_ODD:
            heard.append(so_far.failures["ContractError"])
        if len(heard) == 20:
            raise KeyboardInterrupt

    with Ledger(where) as ledger, pytest.raises(KeyboardInterrupt if ids else ContractError):
        ledger.follow(client, ids, events=True, every=QUICK, deadline=5, on_round=hear)

    assert set(heard) == ({MOST_ODD} if ids else set())
