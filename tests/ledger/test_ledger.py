"""One ledger of each kind: what is recorded, summed, listed and refused."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from tests.support.ledger.metered import Event, at, session
from tests.support.sandbox import Space

from sessionvitals import ConfigurationError, Session
from sessionvitals.ledger import Ledger, LedgerError, Usage

DAY = 86_400
GREATEST = 2**63 - 1


def usage_of(ledger: Ledger, start: float = 0, end: float = DAY) -> Usage:
    (used,) = ledger.usage(at(start), at(end), by="session")
    return used


def test_a_rise_is_used_and_a_fall_counts_in_full_and_is_flagged(where: str) -> None:
    with Ledger(where) as ledger:
        looks = [(0, 0, 0), (60, 100, 7), (120, 300, 7), (30, 50, 2), (90, 60, 2)]
        for number, counters in enumerate(looks):
            state = "active" if number else "pending"
            assert ledger.record(session("a", state, counters), at=at(60 * number)) == 1

        used = usage_of(ledger)
        (gap,) = ledger.gaps(at(0), at(DAY))

    assert (used.duration_seconds, used.uploaded_bytes, used.downloaded_bytes) == (210, 360, 9)
    assert used.flags == ("reset",)
    assert (gap.kind, gap.start, gap.end, gap.session_id) == ("reset", at(120), at(180), "a")


def test_sums_are_exact_beyond_64_bits(where: str) -> None:
    with Ledger(where) as ledger:
        for number in range(4):
            ledger.record(session(f"s-{number}", "active", (1, GREATEST, GREATEST)), at=at(1))

        (used,) = ledger.usage(at(0), at(DAY))

    assert (used.uploaded_bytes, used.total_bytes) == (4 * GREATEST, 8 * GREATEST)
    assert (used.sessions, used.client_id) == (4, None)


def test_use_belongs_to_the_later_window_unless_told_otherwise(where: str) -> None:
    with Ledger(where) as ledger:
        ledger.record(session("a", "pending", (0, 0, 0)), at=at(0))
        ledger.record(session("a", "active", (100, 100, 11)), at=at(100))

        def downloaded(split: str) -> list[int]:
            windows = [(at(0), at(50)), (at(50), at(100)), (at(100), at(200))]
            return [ledger.usage(a, b, split=split).downloaded_bytes for a, b in windows]

        assert downloaded("later") == [0, 0, 11]
        assert downloaded("earlier") == [11, 0, 0]
        assert downloaded("linear") == [5, 6, 0]


def test_a_session_first_seen_in_use_is_counted_or_skipped(where: str) -> None:
    with Ledger(where) as ledger:
        ledger.record(session("a", "active", (9, 100, 0)), at=at(10))
        ledger.record(session("a", "active", (19, 130, 0)), at=at(20))

        counted = ledger.usage(at(0), at(DAY))
        skipped = ledger.usage(at(0), at(DAY), first="skip")

    assert (counted.uploaded_bytes, skipped.uploaded_bytes) == (130, 30)
    assert counted[0].flags == skipped[0].flags == ("start_unknown",)


def test_a_session_that_vanishes_in_use_leaves_a_gap(where: str) -> None:
    with Ledger(where) as ledger:
        for name, last in (("a", "active"), ("b", "ended")):
            ledger.record(session(name, "pending", (0, 0, 0)), at=at(0))
            ledger.record(session(name, last, (10, 10, 10)), at=at(10))
            ledger.record(session(name, "not_found"), at=at(70))

        gaps = ledger.gaps(at(0), at(DAY))

    assert [(gap.session_id, gap.kind, gap.start, gap.end) for gap in gaps] == [
        ("a", "vanished", at(10), at(70))
    ]


def test_a_reset_that_the_counters_have_overtaken_is_suspected(where: str) -> None:
    with Ledger(where) as ledger:
        for number, seconds in enumerate((0, 60, 120, 150)):  # the last time it was off for 30 s
            state = "active" if number else "pending"
            look = session("a", state, (seconds, seconds, 0))
            ledger.record(look, at=at(60 * number + (DAY if number == 3 else 0)))

        assert usage_of(ledger, 0, DAY).flags == ()
        assert usage_of(ledger, DAY, 2 * DAY).flags == ("reset_possible",)


def test_an_event_counts_once_and_in_the_vendors_order(where: str) -> None:
    start = Event(7, "session_start", "a", at(0), 0, 0, 0)
    one = Event(8, "session_heartbeat", "a", at(60), 60, 100, 1)
    two = Event(9, "session_heartbeat", "a", at(120), 120, 250, 1)
    with Ledger(where) as ledger:
        assert ledger.record_many([start, two, one, two]) == 3
        assert ledger.record(one) == 0

        used = usage_of(ledger)

    assert (used.uploaded_bytes, used.flags) == (250, ())


def test_looks_and_events_by_clocks_that_differ_make_no_reset(where: str) -> None:
    with Ledger(where) as ledger:
        ledger.record(Event(1, "session_start", "a", at(0), 0, 0, 0))
        ledger.record(Event(2, "session_heartbeat", "a", at(1800), 1800, 200, 0))
        # Our clock is an hour ahead: the look at 0:10 by the vendor's clock.
        ledger.record(session("a", "active", (600, 100, 0)), at=at(4200))
        ledger.record(session("a", "active", (3000, 300, 0)), at=at(6600))

        assert usage_of(ledger).uploaded_bytes == 300


def test_looks_keep_their_order_when_our_clock_is_set_back(
    where: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    times = iter([at(3600), at(7200), at(3660), at(7260)])
    monkeypatch.setattr(
        "sessionvitals.ledger.ledger.now", lambda: int(next(times).timestamp()) * 10**6
    )
    with Ledger(where) as ledger:
        for number, up in enumerate((0, 100, 150, 170)):
            ledger.record(session("a", "active" if number else "pending", (up, up, 0)))

        used = usage_of(ledger)

    assert (used.uploaded_bytes, used.flags) == (170, ("clock",))


def test_the_client_is_the_first_that_a_status_names(where: str, space: Space) -> None:
    space.clock(set="2026-11-03T00:00:00Z", freeze=True)
    space.add_session("ping", "a", "connected", client_id="acme", uploaded_bytes=5, duration=1)
    space.sandbox.ping.zones("de")
    with Ledger(where) as ledger, space.sandbox.ping.client() as client:
        ledger.record_many(client.probe_many(["a", "nobody"]))
        ledger.record(client.session_status("a"))
        made = client.create_session("other", "de")
        ledger.record(made)
        ledger.record(client.probe(made.id))

        # By the vendor's clock, as its answers tell it.
        rows = ledger.usage(at(0), at(30 * DAY))

    assert [(each.client_id, each.uploaded_bytes, each.flags) for each in rows] == [
        (None, 0, ("vanished",)),  # nobody
        ("acme", 5, ("start_unknown",)),
    ]


def test_a_day_is_of_utc(where: str) -> None:
    east = timezone(timedelta(hours=9))
    with Ledger(where) as ledger:
        ledger.record(session("a", "active", (1, 10, 0)), at=at(DAY - 1))
        ledger.record(session("a", "active", (2, 30, 0)), at=at(DAY).astimezone(east))

        days = ledger.usage(at(0).astimezone(east), at(3 * DAY), by="day")

    assert [(each.start, each.end, each.uploaded_bytes) for each in days] == [
        (at(0), at(DAY), 10),
        (at(DAY), at(2 * DAY), 20),
    ]


def test_the_last_day_of_the_calendar_is_a_day(where: str) -> None:
    end = datetime.max.replace(tzinfo=timezone.utc)
    with Ledger(where) as ledger:
        ledger.record(session("a", "active", (1, 10, 0)), at=end - timedelta(hours=12))

        (used,) = ledger.usage(end - timedelta(days=30), end, by="day")

    assert (used.start.date(), used.end, used.uploaded_bytes) == (end.date(), end, 10)


def test_a_closed_period_is_closed_once_and_not_in_the_future(where: str) -> None:
    past = datetime(2026, 1, 1, tzinfo=timezone.utc)
    with Ledger(where) as ledger:
        assert ledger.closed_until is None
        with pytest.raises(ConfigurationError, match="in the future"):
            ledger.close_period(datetime.now(timezone.utc) + timedelta(days=1))
        ledger.close_period(past)
        assert ledger.closed_until == past
        with pytest.raises(ConfigurationError, match="closed already"):
            ledger.close_period(past)


def test_two_who_close_at_once_change_no_closed_period(
    where: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Ledger(where) as ledger:
        ledger.record(session("a", "active", (1, 10, 0)), at=at(2))
    with Ledger(where) as slow:
        lock = slow._store.lock

        def lock_late() -> None:
            with Ledger(where) as fast:
                fast.close_period(at(10))
                fast.record(session("a", "active", (2, 500, 0)), at=at(3))
            lock()

        monkeypatch.setattr(slow._store, "lock", lock_late)
        with pytest.raises(ConfigurationError, match="closed already"):
            slow.close_period(at(5))

        assert slow.closed_until == at(10)
        assert slow.usage(at(1), at(10)).uploaded_bytes == 10


def test_windows_may_be_given_in_any_zone(where: str) -> None:
    berlin = ZoneInfo("Europe/Berlin")  # its clocks are set back from 3:00 to 2:00 that night
    hour = [datetime(2026, 10, 25, 2, 30, fold=fold, tzinfo=berlin) for fold in (0, 1)]
    with Ledger(where) as ledger:
        for number, used in enumerate((0, 5, 7)):
            when = datetime(2026, 10, 25, number, 20, tzinfo=timezone.utc)
            ledger.record(session("s", "active" if used else "pending", (0, used, 0)), at=when)
        (found,) = ledger.usage(*hour)
        assert found.uploaded_bytes == 5
        assert [found.start, found.end] == [each.astimezone(timezone.utc) for each in hour]
        assert found.end.tzinfo is timezone.utc


@pytest.mark.parametrize(
    ("start", "end"), [(datetime.min, datetime(2026, 1, 1)), (datetime(2026, 1, 1), datetime.max)]
)
def test_times_before_the_year_1_or_after_9999_are_refused(
    where: str, start: datetime, end: datetime
) -> None:
    zone = timezone(timedelta(hours=9 if start == datetime.min else -9))
    with Ledger(where) as ledger, pytest.raises(ConfigurationError, match="out of range"):
        ledger.usage(start.replace(tzinfo=zone), end.replace(tzinfo=zone))


@pytest.mark.parametrize("provider", ["tiun", "eliza"])
def test_vendors_without_counters_are_refused(provider: str, where: str) -> None:
    with Ledger(where) as ledger:
        with pytest.raises(ConfigurationError, match=f"{provider} does not count"):
            ledger.record(Session(provider=provider, id="a", state="active"))
        assert len(ledger.usage(at(0), at(DAY))) == 0


def test_what_is_no_observation_is_refused(where: str) -> None:
    with Ledger(where) as ledger:
        with pytest.raises(ConfigurationError, match="not str"):
            ledger.record("vpn-1")
        with pytest.raises(ConfigurationError, match="aware datetime"):
            ledger.record(session("a"), at=datetime(2026, 11, 1))
        with pytest.raises(ConfigurationError, match="2\\^63"):
            ledger.record(Event(1, "session_end", "a", at(0), 1, 2**63, 0))
        with pytest.raises(ConfigurationError, match="the window is empty"):
            ledger.usage(at(1), at(1))
        with pytest.raises(ConfigurationError, match="later, earlier, linear"):
            ledger.usage(at(0), at(1), split="fair")
        assert ledger.record(session("a\0"), at=at(0)) == 1


def test_one_writes_at_a_time_and_any_number_read(
    where: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sessionvitals.ledger.stores.postgres.PATIENCE", 0.0)
    with Ledger(where) as ledger, Ledger(where) as other:
        ledger.record(session("a", "active", (1, 1, 1)), at=at(0))
        assert usage_of(other).uploaded_bytes == 1
        with pytest.raises(LedgerError, match="another process is writing"):
            other.record(session("a", "active", (2, 2, 2)), at=at(1))
        ledger.close()
        assert other.record(session("a", "active", (2, 2, 2)), at=at(1)) == 1


def test_a_ledger_that_has_to_be_there_is_not_made(where: str, tmp_path: Path) -> None:
    with pytest.raises(LedgerError, match="there is no ledger"):
        Ledger(where, create=False)
    assert list(tmp_path.iterdir()) == []
