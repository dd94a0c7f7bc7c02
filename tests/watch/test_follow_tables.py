"""What looks at a session tell, and when the next one is: the pure part of a watch, by tables."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from sessionvitals import Session, SessionState
from sessionvitals._core import inspect_follow, inspect_watch_plan

FINAL = ["ended", "expired", "not_found", "denied"]


def session(state: str, word: str = "", left: float | None = None, **fields: Any) -> Session:
    if left is not None:
        fields["time_remaining"] = timedelta(seconds=left)
    return Session(
        provider="ping", id="s-1", state=SessionState(state), provider_state=word, **fields
    )


def follow(*answers: Any, until: list[str] = FINAL, gap: float = 10, **rules: Any) -> list[Any]:
    """Look every `gap` seconds; a look takes none."""
    looks = [(number * gap, number * gap, answer) for number, answer in enumerate(answers)]
    told: list[Any] = inspect_follow(looks, until=until, **rules)
    return told


def reasons(*answers: Any, **rules: Any) -> list[str | None]:
    return [told["reason"] for told in follow(*answers, **rules)]


def delays(*answers: Any, gap: float = 10, **rules: Any) -> list[float]:
    told = follow(*answers, gap=gap, **rules)
    return [round(each["next"] - number * gap, 6) for number, each in enumerate(told)]


def test_the_first_look_is_told_and_then_what_changes() -> None:
    active, ended = session("active", "connected"), session("ended", "disconnected")

    assert reasons(active, active, ended) == ["first", None, "final"]


def test_another_word_of_the_provider_is_a_change() -> None:
    seen = reasons(session("unknown", "odd"), session("unknown", "odder"))

    assert seen == ["first", "changed"]


def test_unknown_is_never_final() -> None:
    told = follow(session("active"), session("unknown", "incomplete"))

    assert [each["is_over"] for each in told] == [False, False]


@pytest.mark.parametrize(
    ("option", "fields"),
    [("counters", {"uploaded_bytes": 1}), ("counters", {"duration": timedelta(seconds=1)})],
)
def test_counters_are_changes_only_when_asked_for(option: str, fields: dict[str, Any]) -> None:
    looks = session("active"), session("active", **fields)

    assert reasons(*looks) == ["first", None]
    assert reasons(*looks, **{option: True}) == ["first", "changed"]


def test_what_is_waited_for_ends_it_as_reached() -> None:
    told = follow(session("pending"), session("active"), until=["active"])[-1]

    assert (told["reason"], told["is_over"], told["is_reached"]) == ("final", True, True)


def test_another_end_ends_it_as_not_reached() -> None:
    told = follow(session("pending"), session("ended"), until=["active"])[-1]

    assert (told["reason"], told["is_over"], told["is_reached"]) == ("final", True, False)


def test_without_end_a_session_may_come_back_and_one_that_is_gone_is_over() -> None:
    looks = session("active"), session("ended"), session("active"), session("not_found")

    assert reasons(*looks, until=[]) == ["first", "changed", "changed", "final"]


def test_a_session_that_is_awaited_may_be_missing_at_first_and_not_later() -> None:
    gone, active = session("not_found"), session("active")

    assert reasons(gone, gone, active, gone, waits=True) == ["first", None, "changed", "final"]
    assert reasons(gone) == ["final"]


def test_looks_grow_apart_while_nothing_changes_and_start_anew_after_a_change() -> None:
    active = session("active")

    grown = delays(*[active] * 4, session("pending"))
    assert grown == pytest.approx([1, 1.5, 2.25, 3.375, 1], rel=0.001)
    assert delays(*[active] * 20)[-1] == pytest.approx(60, rel=0.001)


@pytest.mark.parametrize(("chance", "delay"), [(0, 0.9), (0.5, 1), (0.999999, 1.1)])
def test_looks_are_spread_by_a_tenth(chance: float, delay: float) -> None:
    assert delays(session("active"), chance=chance) == [pytest.approx(delay, rel=0.001)]


def test_every_is_from_look_to_look_and_exact() -> None:
    looks = [(0, 0.5, session("active")), (2, 9, session("active"))]
    told = inspect_follow(looks, until=FINAL, every=2.0, chance=0.9)

    assert [each["next"] for each in told] == [2, 9], "a late look is made at once, and only once"


@pytest.mark.parametrize("every", [30.0, None])
def test_looks_that_are_due_at_about_the_same_time_share_a_wake_up(every: float | None) -> None:
    """A thousandth of the time between looks, at most 100 ms, is one tick of all sessions."""
    wait = every or 60
    nexts = set()
    for number in range(100):
        begun = number * wait / 100
        looks = [(begun, begun + 0.01, session("active"))]
        (told,) = inspect_follow(looks, until=FINAL, every=every, shortest=60.0)
        nexts.add(told["next"])
        late = told["next"] - begun - wait
        assert -wait / 1000 < late < (1e-6 if every else 0.010001), "never later than without ticks"
    ticks = {round(each / (wait / 1000), 6) for each in nexts}
    assert all(tick == round(tick) for tick in ticks)


def test_an_interval_of_hours_has_ticks_of_a_tenth_of_a_second() -> None:
    (told,) = inspect_follow([(0.05, 0.06, session("active"))], until=FINAL, every=3600.0)

    assert told["next"] == pytest.approx(3600.0)


@pytest.mark.parametrize(("chance", "next_look"), [(0, 0.4), (0.9, 0.625)])
def test_a_known_end_is_looked_at(chance: float, next_look: float) -> None:
    told = follow(session("active", left=0.4), chance=chance)[0]

    assert told["next"] == pytest.approx(next_look)
    assert told["known_end"] == pytest.approx(next_look)


def test_growth_does_not_pass_a_known_end() -> None:
    active = session("active", left=5)

    assert max(delays(*[active] * 12, chance=0)) <= 5


def test_a_session_that_is_gone_after_its_known_end_has_expired() -> None:
    gone = session("not_found")

    assert follow(session("active", left=10), gone)[1]["inferred"] == "expired"
    assert follow(session("active", left=11), gone)[1]["inferred"] is None
    assert follow(session("active"), gone)[1]["inferred"] is None


def test_a_trouble_is_told_once_it_has_lasted() -> None:
    fails = ["TransportError"] * 6
    seen = reasons(session("active"), *fails, session("active"), gap=10)

    assert seen == ["first", None, None, None, "trouble", None, None, "recovered"]


def test_a_trouble_of_slow_looks_takes_three_of_them() -> None:
    seen = reasons(session("active"), *["ServerError"] * 5, every=20.0, gap=20)

    assert seen == ["first", None, None, None, "trouble", None]


def test_a_short_trouble_is_not_told_and_what_changed_may_have_been_missed() -> None:
    told = follow(session("active"), "TransportError", session("pending"))

    assert [each["reason"] for each in told] == ["first", None, "changed"]
    assert told[2]["missed"] is True
    assert follow(session("active"), session("pending"))[1]["missed"] is False


@pytest.mark.parametrize(
    "error", ["AuthenticationError", "PermissionDeniedError", "ConfigurationError"]
)
def test_an_error_that_does_not_pass_stops_all(error: str) -> None:
    assert follow(session("active"), error)[1]["stops"] is True


def test_a_broken_answer_is_told_at_once_and_ends_no_session_that_was_read() -> None:
    """It may be a page of maintenance."""
    broken, active = "ContractError", session("active")

    assert reasons(active, *[broken] * 9) == ["first", "trouble", *[None] * 8]
    assert reasons(active, broken, broken, active, broken) == [
        "first", "trouble", None, "recovered", "trouble",
    ]  # fmt: skip
    assert reasons(broken, broken, broken, resumed=active) == ["trouble", None, None]


def test_the_third_broken_answer_of_a_session_that_was_never_read_is_final() -> None:
    """The base URL may be another server's, and nobody should have to wait for the deadline."""
    broken, lost = "ContractError", "TransportError"

    assert reasons(broken, lost, broken, broken) == ["trouble", None, None, "final"]


def test_resuming_tells_only_what_differs_and_that_it_may_have_missed_something() -> None:
    before = session("active", "connected")

    assert reasons(before, resumed=before) == [None]
    told = follow(session("pending"), resumed=before)[0]
    assert (told["reason"], told["missed"]) == ("changed", True)


def test_an_end_is_told_to_a_resumed_watch_too() -> None:
    assert reasons(session("ended"), resumed=session("ended")) == ["final"]


def test_looks_are_made_in_the_order_of_plan() -> None:
    made = inspect_watch_plan([3, 1, 2, 1])

    assert [number for _, number, _ in made] == [1, 3, 2, 0]


def test_the_budget_delays_looks_and_keeps_their_order() -> None:
    made = inspect_watch_plan([0.0] * 50, rate=10.0)
    times = [time for time, _, _ in made]

    assert [number for _, number, _ in made] == list(range(50))
    assert times[:10] == [0] * 10, "a second's worth at once"
    assert times[-1] == pytest.approx(4, abs=0.01)
    for until in (0.5, 1, 2, 3):
        assert sum(time <= until for time in times) <= 10 * until + 10


def test_no_session_starves_under_the_budget() -> None:
    made = inspect_watch_plan([0.0] * 40, rate=10.0, repeat=1.0, until=60.0)
    looks = [sum(number == each for _, number, _ in made) for each in range(40)]

    assert max(looks) - min(looks) <= 1
    assert max(lag for _, _, lag in made) <= 40 / 10


def test_a_closed_gate_delays_all() -> None:
    made = inspect_watch_plan([0, 1, 2], opens=5.0)

    assert [time for time, _, _ in made] == [5, 5, 5]


def test_missed_turns_are_not_made_up_for() -> None:
    made = inspect_watch_plan([0.0], repeat=1.0, step=10.0, until=60.0)

    assert len(made) == 7
