"""C++'s TiunGate: the decision alone, from threads."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import pytest
from tests.support.sandbox import Space
from tests.support.shell import environment_of

pytestmark = pytest.mark.slow


def decide(
    programs: Path, space: Space, *ids: str, options: str = "0 5 64 deny", **environment: str
) -> list[str]:
    done = subprocess.run(
        [programs / "gate_threads", *options.split(), *ids],
        env={**environment_of(space), **environment},
        capture_output=True,
        text=True,
        timeout=30,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


#: case: the id, the mock's answer, what the gate says, questions
CASES: dict[str, tuple[str, dict[str, Any] | None, str, int]] = {
    "missing": ("", None, "refuse missing", 0),
    "malformed": ("a b", None, "refuse malformed", 0),
    "too long": ("a" * 257, None, "refuse malformed", 0),
    "reserved": ("..", None, "refuse malformed", 0),
    "active": ("paid", None, "serve valid", 1),
    "denied": ("nobody", None, "refuse denied", 1),
    "429": ("paid", {"kind": "status", "http_status": 429}, "refuse outage", 1),
    "500": ("paid", {"kind": "status", "http_status": 500}, "refuse outage", 1),
    "time-out": ("paid", {"kind": "stall"}, "refuse outage", 1),
    "contract broken": ("paid", {"kind": "status", "http_status": 204}, "refuse outage", 1),
}


@pytest.mark.parametrize("case", CASES)
def test_a_decision_is_as_the_table_says(case: str, programs: Path, space: Space) -> None:
    session_id, fault, says, questions = CASES[case]
    space.add_session("tiun", "paid", "valid")
    if fault is not None:
        space.faults({**fault, "times": 1})
    options = "0 0.2 64 deny" if case == "time-out" else "0 5 64 deny"

    assert decide(programs, space, session_id, options=options) == [says]
    assert space.sandbox.journal.count(provider="tiun") == questions


def test_our_own_key_refused_is_never_served(programs: Path, space: Space) -> None:
    said = decide(programs, space, "a", options="0 5 64 serve", TIUN_ACCESS_TOKEN="wrong")

    assert [each.partition(":")[0] for each in said] == ["refuse key"]


def test_an_outage_is_served_if_the_site_says_so(programs: Path, space: Space) -> None:
    space.faults({"kind": "status", "http_status": 500, "times": 1})

    assert decide(programs, space, "a", options="0 5 64 serve") == ["serve outage"]


def test_an_option_out_of_range_refuses_and_says_which(programs: Path, space: Space) -> None:
    for options, name in (("61 5 64 deny", "max_age"), ("0 0 64 deny", "timeout")):
        [said] = decide(programs, space, "a", options=options)
        assert said.startswith(f"refuse key: {name} must be")


@pytest.mark.parametrize(("max_age", "most"), [("0", 16), ("60", 1)])
def test_threads_share_a_question(max_age: str, most: int, programs: Path, space: Space) -> None:
    space.add_session("tiun", "paid", "valid")
    space.faults({"kind": "delay", "delay": 0.3, "times": 1})

    said = decide(programs, space, *["paid"] * 24, options=f"{max_age} 10 1 deny")

    assert said == ["serve valid"] * 24  # with one in flight at most: none was busy
    assert space.sandbox.journal.count(provider="tiun") <= most


def test_more_questions_than_the_limit_are_busy(programs: Path, space: Space) -> None:
    space.faults({"kind": "stall", "times": 1})

    said = decide(programs, space, "a", "b", "c", options="0 0.5 1 deny")

    assert said == ["refuse busy", "refuse busy", "refuse outage"]


def test_a_question_that_had_too_little_time_is_no_outage(programs: Path, space: Space) -> None:
    """Who asks twice at once is denied late, and the second time there is no time left to be."""
    space.faults({"kind": "delay", "delay": 0.6, "times": 20})

    said = decide(programs, space, *["nobody"] * 8, options="0 1 64 serve")

    assert set(said) <= {"refuse denied", "refuse busy"}
    assert "refuse denied" in said
