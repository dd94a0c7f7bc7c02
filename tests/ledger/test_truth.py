"""The ledger against sessions whose true usage is known: never above it, and exact without gaps."""

from __future__ import annotations

import random
from datetime import timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from tests.support.ledger.metered import Event, Metered, Sample, at, samples, session

from sessionvitals.ledger import Ledger, UsageReport

END = at(40 * 86400)


def sums(report: UsageReport) -> tuple[int, int, int]:
    return report.duration_seconds, report.uploaded_bytes, report.downloaded_bytes


def kept_of(seen: list[Sample], draw: random.Random) -> list[Sample]:
    """Lose some samples; the first use only together with the creation, see the module deriving."""
    kept = [each for each in seen[2:] if draw.random() < 0.9]
    return [*(seen[:2] if draw.random() < 0.8 else []), *kept]


def arrivals(seen: list[Sample], name: str, draw: random.Random) -> list[Event]:
    """Return the samples as the events of a stream: some lost, some twice, in another order."""
    kinds = {"pending": "session_start", "active": "session_heartbeat", "ended": "session_end"}
    events = [
        Event(1000 + number, kinds[each.state], name, at(each.at), *each.counters)
        for number, each in enumerate(kept_of(seen, draw))
    ]
    kept = list(events)
    kept += [draw.choice(kept) for _ in range(draw.randint(0, 3)) if kept]
    kept.sort(key=lambda event: event.id + draw.uniform(0, 4))
    return kept


@pytest.mark.parametrize("seed", range(40))
def test_usage_is_never_above_the_truth_and_equals_it_without_flags(
    seed: int, tmp_path: Path
) -> None:
    draw = random.Random(seed)
    truth = {}
    with Ledger(tmp_path / "usage.sqlite") as ledger:
        for number in range(12):
            metered = Metered(f"s-{number}", draw)
            seen = list(samples(metered, draw.randint(1, 8)))
            source = draw.choice(("given", "event", "both"))
            events, looks = [], []
            if source != "given":
                events = arrivals(seen, metered.name, draw)
            if source != "event":
                looks = kept_of(seen, draw)
                looks += [draw.choice(looks) for _ in range(draw.randint(0, 2)) if looks]
                draw.shuffle(looks)
            ledger.record_many(events)
            for look in looks:
                ledger.record(session(metered.name, look.state, look.counters), at=at(look.at))
            times = [look.at for look in looks] + [
                (event.created_at - at(0)) // timedelta(seconds=1) for event in events
            ]
            last = max(times, default=-1)
            truth[metered.name] = max([(0, 0, 0), *(u for t, u in metered.truth if t <= last)])
        found = {each.session_id: each for each in ledger.usage(at(0), END, by="session")}
    exact = 0
    for name, true in truth.items():
        if name not in found:
            assert true == (0, 0, 0)
            continue
        used = found[name]
        got = (used.duration_seconds, used.uploaded_bytes, used.downloaded_bytes)
        assert all(mine <= theirs for mine, theirs in zip(got, true, strict=True)), used
        if not used.flags:
            assert got == true
            exact += 1
    assert exact  # the flags do not make the test say nothing


@pytest.mark.parametrize("split", ["later", "earlier", "linear"])
@pytest.mark.parametrize("seed", range(10))
def test_adjacent_windows_add_up_to_the_whole(seed: int, split: str, tmp_path: Path) -> None:
    draw = random.Random(seed)
    with Ledger(tmp_path / "usage.sqlite") as ledger:
        for number in range(5):
            metered = Metered(f"s-{number}", draw)
            ledger.record_many(arrivals(list(samples(metered, 8)), metered.name, draw))
            for each in samples(Metered(f"s-{number}", draw), 3):
                ledger.record(session(metered.name, each.state, each.counters), at=at(each.at))
        if seed % 2:
            ledger.close_period(at(300))
            ledger.record(session("s-0", "active", (1, 10**15, 5)), at=at(200))
        edges = sorted({0, 40 * 86400, *(draw.randint(1, 4000) for _ in range(6))})
        for by in ("client", "session", "day"):
            whole = ledger.usage(at(0), END, by=by, split=split)
            parts = [ledger.usage(at(a), at(b), by=by, split=split) for a, b in pairwise(edges)]
            assert sums(whole) == tuple(map(sum, zip(*map(sums, parts), strict=True)))
            assert all(used.total_bytes >= 0 for part in parts for used in part)


@pytest.mark.parametrize("split", ["later", "earlier", "linear"])
@pytest.mark.parametrize("seed", range(10))
def test_a_closed_period_gives_the_same_figures_for_ever(
    seed: int, split: str, tmp_path: Path
) -> None:
    draw = random.Random(seed)
    with Ledger(tmp_path / "usage.sqlite") as ledger:
        late = []
        for number in range(6):
            metered = Metered(f"s-{number}", draw)
            events = arrivals(list(samples(metered, 8)), metered.name, draw)
            held = [each for each in events if draw.random() < 0.4]
            late += [each for each in held if each not in events[:1]]
            ledger.record_many(each for each in events if each not in held)
        edge = at(400)
        ledger.close_period(edge)

        def closed() -> list[UsageReport]:
            return [
                ledger.usage(at(a), at(b), by=by, split=split)
                for a, b in ((0, 400), (0, 200), (150, 400))
                for by in ("client", "session", "day")
            ] + [ledger.usage(at(0), edge, first="skip", split=split)]

        before, gaps = closed(), ledger.gaps(at(0), edge)
        ledger.record_many(late)
        more = [session(each.session_id, "active", (7, 10**14, 10**14)) for each in late]
        ledger.record_many(more, at=at(390))
        assert closed() == before
        assert ledger.gaps(at(0), edge) == gaps
        assert "late" in {gap.kind for gap in ledger.gaps(edge, END)}
        whole, rest = ledger.usage(at(0), END, split=split), ledger.usage(edge, END, split=split)
        assert sums(whole)[1] == before[0].uploaded_bytes + rest.uploaded_bytes
        assert all(used.uploaded_bytes >= 0 and used.duration_seconds >= 0 for used in rest)
