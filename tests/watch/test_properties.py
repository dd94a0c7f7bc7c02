"""What holds for any run of a watch: no state that lasts is left out, by looks or by events."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Any

import pytest
from tests.support.asking import seed
from tests.watch.test_watch import DEADLINE, EVERY, change_session

if TYPE_CHECKING:
    from tests.support.sandbox import Space

STATES = ["created", "connected", "disconnected"]
#: By looks alone; by looks that events add to; by events alone, as no look comes by itself.
WAYS: dict[str, dict[str, Any]] = {
    "looks": {"every": EVERY, "events": "never"},
    "looks and events": {"every": EVERY, "events": "auto"},
    "events": {"every": 3600.0, "events": "auto"},
}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("chance", range(5))
def test_every_state_that_lasts_until_it_is_looked_at_is_told_in_order(
    space: Space, way: str, chance: int
) -> None:
    choose = random.Random(chance)
    ids = seed(space, choose.randrange(3, 6))
    lived = {each: ["connected"] for each in ids}
    told: dict[str, list[str]] = {each: [] for each in ids}
    journal = space.sandbox.journal
    with (
        space.client("ping") as client,
        client.watch_many(ids, deadline=DEADLINE, until=(), rate=9999, **WAYS[way]) as many,
    ):
        for _ in ids:
            change = next(many)
            told[change.session_id].append(change.after.provider_state)
        if way != "looks":
            assert journal.wait(operation="events", at_least=1)
        for _ in range(12):
            each = choose.choice(ids)
            # An event tells when a connection begins and ends, and of no other state.
            known = STATES[1:] if way == "events" else STATES
            state = choose.choice([state for state in known if state != lived[each][-1]])
            change_session(space, each, state)
            lived[each].append(state)
            if way == "events":  # one look for each, and no other
                change = next(many)
                told[change.session_id].append(change.after.provider_state)
                assert told == lived
                continue
            looks = journal.count(operation="session_status", session_id=each)
            assert journal.wait(operation="session_status", session_id=each, at_least=looks + 1)
        while told != lived:
            change = next(many)
            told[change.session_id].append(change.after.provider_state)
            states = told[change.session_id]
            assert states == lived[change.session_id][: len(states)]
            assert change.reason == "changed"
