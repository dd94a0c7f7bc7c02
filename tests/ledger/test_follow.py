"""Following sessions of the sandbox into a ledger."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from tests.support.ledger.metered import START, at, session
from tests.support.sandbox import Space

from sessionvitals import (
    AsyncPingClient,
    AuthenticationError,
    ConfigurationError,
    Outcome,
    PingClient,
)
from sessionvitals.ledger import Followed, Ledger

QUICK = 0.001
GREATEST = 2**63 - 1


async def coroutine(so_far: Followed) -> None:
    """Be what nobody would await."""


@pytest.fixture
def tunnels(space: Space) -> Space:
    """Two sessions that have just been made, each to be used at 10 bytes a second."""
    space.clock(set=START.isoformat(), freeze=True)
    for name, client in (("a", "acme"), ("b", "bolt")):
        space.add_session(
            "ping", name, "created", client_id=client, upload_rate=10, download_rate=0
        )
    return space


def test_follow_records_each_round_until_the_vendor_knows_no_session(
    tunnels: Space, where: str
) -> None:
    ping = tunnels.sandbox.ping

    def turn(so_far: Followed) -> None:
        if so_far.rounds == 1:
            ping.change_session("a", state="connected")
        elif so_far.rounds == 5:
            ping.change_session("a", state="disconnected")
            tunnels.admin("DELETE", "sessions/ping/b")
        elif so_far.rounds == 7:
            tunnels.admin("DELETE", "sessions/ping/a")
        tunnels.sandbox.clock.advance(minutes=10)

    with Ledger(where) as ledger, ping.client() as client:
        done = ledger.follow(client, ["a", "b", "a"], every=QUICK, on_round=turn)
        rows = ledger.usage(at(0), at(86_400))
        gaps = ledger.gaps(at(0), at(86_400))

    assert (done.rounds, done.left, done.failures) == (8, 0, {})
    assert done.looks == done.rows == 8 + 6
    assert [(row.client_id, row.uploaded_bytes, row.flags) for row in rows] == [
        ("acme", 4 * 600 * 10, ()),
        ("bolt", 0, ("vanished",)),
    ]
    (gap,) = gaps
    assert (gap.session_id, gap.kind) == ("b", "vanished")
    assert abs(gap.end - at(3000)) < timedelta(seconds=2)  # its Date header has whole seconds


def test_our_own_restart_is_a_gap_and_loses_nothing(tunnels: Space, where: str) -> None:
    ping = tunnels.sandbox.ping
    ping.change_session("a", state="connected")
    for _ in range(2):
        with Ledger(where) as ledger, ping.client() as client:
            ledger.follow(client, ["a"], rounds=1)
        tunnels.sandbox.clock.advance(hours=1)

    with Ledger(where) as ledger:
        assert ledger.usage(at(0), at(86_400)).uploaded_bytes == 36_000
        last = ledger._store.last_seen(GREATEST)
        assert last is not None
        now = START + timedelta(days=3650)  # the note is by our clock
        assert "not_following" in {gap.kind for gap in ledger.gaps(at(-86_400 * 3650), now)}


def test_a_failed_look_is_counted_and_looked_at_again(tunnels: Space, where: str) -> None:
    def turn(so_far: Followed) -> None:
        if so_far.rounds == 2:
            tunnels.admin("DELETE", "sessions/ping/a")

    tunnels.sandbox.faults.script("500*1", provider="ping")
    with Ledger(where) as ledger, tunnels.sandbox.ping.client(max_retries=0) as client:
        done = ledger.follow(client, ["a"], every=QUICK, on_round=turn)

    assert (done.rounds, done.looks, done.failures) == (3, 2, {"ServerError": 1})


@pytest.mark.parametrize("uploaded", [-1, -(2**63)])
def test_a_look_with_a_counter_that_cannot_be_fails_alone(
    where: str, monkeypatch: pytest.MonkeyPatch, uploaded: int
) -> None:
    def probe_many(client: PingClient, ids: list[str], **_: object) -> Iterator[Outcome]:
        for each in ids:
            up = uploaded if each == "bad" else 7
            yield Outcome(id=each, session=session(each, "active", (1, up, 1)), error=None)

    monkeypatch.setattr(PingClient, "probe_many", probe_many)
    with Ledger(where) as ledger, PingClient("k", base_url="http://127.0.0.1:1") as client:
        done = ledger.follow(client, ["a", "bad", "b"], every=QUICK, rounds=2)
        now = START + timedelta(days=3650)
        used = ledger.usage(START - timedelta(days=3650), now, by="session")

    assert (done.rounds, done.looks, done.rows, done.left) == (2, 4, 4, 3)
    assert done.failures == {"ContractError": 2}
    assert [(each.session_id, each.uploaded_bytes) for each in used] == [("a", 7), ("b", 7)]


def test_times_are_seconds_or_timedeltas(tunnels: Space, where: str) -> None:
    long = timedelta(seconds=30)
    with Ledger(where) as ledger, tunnels.sandbox.ping.client() as client:
        done = ledger.follow(client, ["a"], every=timedelta(milliseconds=1), rounds=2)
        assert done.rounds == 2
        done = ledger.follow(client, ["a"], every=long, deadline=timedelta(milliseconds=300))
        assert done.rounds == 1


def test_ids_that_cannot_be_sent_are_named(tunnels: Space, where: str) -> None:
    with Ledger(where) as ledger, tunnels.sandbox.ping.client() as client:
        done = ledger.follow(client, ["a", "", "b"], every=QUICK, rounds=2)

    assert done.failures == {"ConfigurationError": 2}
    assert list(done.unsent) == [""]


def test_a_refused_key_ends_it(tunnels: Space, where: str) -> None:
    refused = PingClient("k", base_url=tunnels.base_url("ping"))
    with Ledger(where) as ledger, refused as client, pytest.raises(AuthenticationError):
        ledger.follow(client, ["a"], every=QUICK)


@pytest.mark.parametrize("provider", ["tiun", "eliza"])
def test_vendors_without_counters_are_not_followed(provider: str, space: Space, where: str) -> None:
    refusal = pytest.raises(ConfigurationError, match=f"{provider} does not count")
    with Ledger(where) as ledger, space.client(provider) as client, refusal:
        ledger.follow(client, ["a"])


@pytest.mark.parametrize(
    "options",
    [
        {"every": 0},
        {"every": float("nan")},
        {"every": "1"},
        {"every": timedelta(0)},
        {"deadline": 0},
        {"deadline": timedelta(days=-1)},
        {"deadline": True},
        {"rounds": 0},
        {"rounds": 1.5},
        {"rounds": float("nan")},
        {"rounds": "1"},
        {"rounds": True},
        {"ids": "abc"},
        {"ids": b"abc"},
        {"ids": 5},
        {"concurrency": 0},
        {"on_round": 5},
        {"on_round": coroutine},
        {"client": 5},
        {"client": object.__new__(AsyncPingClient)},
    ],
)
def test_options_that_cannot_be_are_refused_by_name(
    options: dict[str, object], tunnels: Space, where: str
) -> None:
    (name,) = options
    with Ledger(where) as ledger, tunnels.sandbox.ping.client() as client:
        arguments = {"client": client, "ids": ["a"], "deadline": 0.5, "every": QUICK, **options}
        with pytest.raises(ConfigurationError, match=f"^{name} "):
            ledger.follow(**arguments)  # type: ignore[arg-type]
        assert ledger.record(session("a"), at=at(0)) == 1
