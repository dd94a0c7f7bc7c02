"""Clocks that are wrong for a look or an event: no sum is above the truth, none is wrong unseen."""

from __future__ import annotations

import random
from itertools import pairwise, permutations

import pytest
from tests.support.ledger.metered import START, Event, at, session
from tests.support.sandbox import Space

from sessionvitals.ledger import Ledger, Usage
from sessionvitals.ledger.ordering import in_order, settle

DAY = 86_400
YEAR = 365 * DAY
#: Midnight in 1970, as a clock without a battery has it.
EPOCH = -round(START.timestamp())


class Clock:
    """This machine's clock, as the ledger reads it."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.seconds = 0
        monkeypatch.setattr("sessionvitals.ledger.ledger.now", self.now)
        monkeypatch.setattr("sessionvitals.ledger.following.now", self.now)

    def now(self) -> int:
        return int(at(self.seconds).timestamp()) * 10**6


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    return Clock(monkeypatch)


def look(ledger: Ledger, clock: Clock, seconds: int, up: int) -> None:
    clock.seconds = seconds
    ledger.record(session("a", "active" if up else "pending", (up, up, 0)))


def used(ledger: Ledger, start: float, end: float) -> tuple[int, tuple[str, ...]]:
    report = ledger.usage(at(start), at(end))
    return report.uploaded_bytes, tuple(sorted({f for each in report for f in each.flags}))


@pytest.mark.parametrize("wrong", [40 * DAY, YEAR, EPOCH])
def test_one_look_with_a_wrong_time_costs_the_month_nothing(
    wrong: int, where: str, clock: Clock
) -> None:
    with Ledger(where) as ledger:
        for number in range(7):
            look(ledger, clock, wrong if number == 3 else 60 * number, 60 * number)

        assert used(ledger, 0, 30 * DAY) == (360, ("clock",))
        assert used(ledger, wrong, wrong + DAY) == (0, ("clock",))
        assert used(ledger, EPOCH, 2 * YEAR) == (360, ("clock",))
        assert used(ledger, 0, 120) == (60, ())
        gaps = ledger.gaps(at(0), at(30 * DAY))
        assert [(gap.kind, gap.start, gap.end) for gap in gaps] == [("clock", at(120), at(240))]


def test_every_window_between_the_looks_in_order_is_flagged(where: str, clock: Clock) -> None:
    with Ledger(where) as ledger:
        for number in range(9):  # for two days the clock is a year ahead
            ahead = YEAR if number in (3, 4, 5) else 0
            look(ledger, clock, ahead + number * DAY, number * DAY)

        assert used(ledger, 0, 2 * DAY) == (DAY, ())
        for day in (2, 3, 4, 5, 6):
            assert "clock" in used(ledger, day * DAY, (day + 1) * DAY)[1]
        assert used(ledger, 7 * DAY, YEAR) == (2 * DAY, ())
        assert used(ledger, YEAR, 2 * YEAR) == (0, ("clock",))
        assert used(ledger, 0, 2 * YEAR)[0] == 8 * DAY


def test_a_step_of_our_clock_hides_no_later_gap(space: Space, where: str, clock: Clock) -> None:
    space.clock(set=START.isoformat(), freeze=True)
    space.add_session("ping", "a", "connected", client_id="acme")
    with Ledger(where) as ledger, space.sandbox.ping.client() as client:
        for number in range(6):
            clock.seconds = number * 3600 + (YEAR if number == 2 else 0)
            ledger.follow(client, ["a"], rounds=1)

        gaps = [gap for gap in ledger.gaps(at(0), at(DAY)) if gap.kind == "not_following"]

    hours = [(gap.start, gap.end) for gap in gaps]
    ahead = at(3600), at(YEAR + 7200)
    spans = [
        (at(first * 3600), at(last * 3600)) for first, last in ((0, 1), (1, 3), (3, 4), (4, 5))
    ]
    assert hours == sorted([*spans, ahead], key=lambda span: span[1])


def test_a_month_that_was_closed_amid_wrong_times_stays_as_it_was(where: str, clock: Clock) -> None:
    edge = 30 * DAY
    with Ledger(where) as ledger:
        for seconds, up in ((0, 0), (60, 60), (YEAR, 120), (YEAR + 60, 180), (240, 240)):
            look(ledger, clock, seconds, up)
        clock.seconds = edge
        ledger.close_period(at(edge))
        november, gaps = used(ledger, 0, edge), ledger.gaps(at(0), at(edge))
        assert november == (60, ("clock",))
        for number in (1, 2, 3):
            look(ledger, clock, edge + number * 60, 240 + number * 60)

        assert used(ledger, 0, edge) == november
        assert ledger.gaps(at(0), at(edge)) == gaps
        up, flags = used(ledger, edge, edge + DAY)
        assert (up, "late" in flags) == (360, True)  # it has what November lacks
        assert used(ledger, 0, 2 * YEAR)[0] == 420


@pytest.mark.parametrize("split", ["later", "earlier", "linear"])
@pytest.mark.parametrize("seed", range(20))
def test_wrong_clocks_make_no_sum_too_high_and_windows_add_up(
    seed: int, split: str, clock: Clock, tmp_path_factory: pytest.TempPathFactory
) -> None:
    draw = random.Random(seed)
    edges = [EPOCH, *sorted(draw.randint(0, 6000) for _ in range(5)), 3 * YEAR]
    with Ledger(tmp_path_factory.mktemp("clock") / "usage.sqlite") as ledger:
        events = []
        for number in range(60):
            wrong = draw.choice((EPOCH, YEAR, -600, 900)) if draw.random() < 0.2 else 0
            look(ledger, clock, number * 60 + wrong, number * 60)
            kind = "session_heartbeat" if number else "session_start"
            events.append(Event(number, kind, "b", at(clock.seconds), *[number * 60] * 3))
            if number == 40 and seed % 2:
                clock.seconds = 3000
                ledger.close_period(at(2000))
        draw.shuffle(events)
        ledger.record_many(events)

        def sums(start: int, end: int) -> dict[str | None, Usage]:
            found = ledger.usage(at(start), at(end), by="session", split=split)
            return {each.session_id: each for each in found}

        parts = [sums(*window) for window in pairwise(edges)]
        whole = sums(edges[0], edges[-1])
        for name in ("a", "b"):
            in_parts = sum(part[name].uploaded_bytes for part in parts if name in part)
            assert in_parts == whole[name].uploaded_bytes <= 59 * 60
            assert "clock" in whole[name].flags
        assert whole["a"].uploaded_bytes == 59 * 60  # the order of looks is known


def test_an_event_with_a_wrong_time_makes_no_reset(where: str) -> None:
    with Ledger(where) as ledger:
        for number, up in enumerate((0, 100, 150, 200, 300)):
            kind = "session_heartbeat" if number else "session_start"
            when = at(60 * number + (YEAR if number == 2 else 0))
            ledger.record(Event(number + 1, kind, "a", when, up, up, 0))

        assert used(ledger, 0, DAY) == (300, ("clock",))
        assert used(ledger, YEAR, 2 * YEAR) == (0, ("clock",))
        assert used(ledger, 0, 2 * YEAR) == (300, ("clock",))


def test_events_whose_ids_and_times_disagree_are_never_too_high(where: str) -> None:
    with Ledger(where) as ledger:
        for name, ids in enumerate(permutations(range(1, 5))):
            for number, up in zip(ids, (0, 100, 150, 300), strict=True):
                kind = "session_heartbeat" if up else "session_start"
                ledger.record(Event(number, kind, f"s-{name}", at(up), up, up, 0))

        rows = ledger.usage(at(0), at(DAY), by="session")

    assert all(row.uploaded_bytes <= 300 for row in rows)
    assert all(row.uploaded_bytes == 300 or "clock" in row.flags for row in rows)


def test_times_within_the_slack_are_moved_and_are_not_wrong() -> None:
    assert settle([10, 9, 20], 1) == ([10, 10, 20], [])
    times, (run,) = settle([10, 9, 99, 20], 1)
    assert times == [10, 10, 20, 20]
    assert (run.places, run.began, run.at, run.first, run.last) == ([2], 10, 20, 99, 99)


@pytest.mark.parametrize("seed", range(50))
def test_the_longest_sequence_in_order_is_found(seed: int) -> None:
    draw = random.Random(seed)
    times = [draw.randint(0, 9) for _ in range(8)]
    places = in_order(times)
    assert places == sorted(set(places))
    assert all(times[a] <= times[b] for a, b in pairwise(places))
    longest = [1] * len(times)
    for b in range(len(times)):
        longest[b] = 1 + max((longest[a] for a in range(b) if times[a] <= times[b]), default=0)
    assert len(places) == max(longest)
