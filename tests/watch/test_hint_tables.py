"""What an event means for the next look, and when a lost stream is opened again: by tables."""

from __future__ import annotations

from typing import Any

import pytest
from tests.watch.test_follow_tables import session

from sessionvitals._core import inspect_heed, inspect_hints

ACTIVE, ENDED = session("active", "connected"), session("ended", "disconnected")


@pytest.mark.parametrize(
    ("seen", "given", "at"),
    [
        # Something has happened: at once, whatever was planned, but never later than that.
        (ACTIVE, {"is_alive": False}, 10),
        (ENDED, {"is_alive": False}, 10),
        (None, {"is_alive": False}, 10),
        ("TransportError", {"is_alive": False}, 10),
        (ACTIVE, {"is_alive": False, "every": 60.0}, 10),
        (ACTIVE, {"is_alive": False, "planned": 9.0}, 9),
        # It goes on: 60 s from now, and 5 minutes after the last look.
        (ACTIVE, {"is_alive": True}, 70),
        (ACTIVE, {"is_alive": True, "now": 280.0, "planned": 290.0}, 300),
        (ACTIVE, {"is_alive": True, "now": 299.0, "planned": 310.0}, 310),
        (ACTIVE, {"is_alive": True, "planned": 80.0}, 80),
        # Not later than its known end, and not where the caller has said how often.
        (session("active", left=30), {"is_alive": True}, 30),
        (ACTIVE, {"is_alive": True, "every": 15.0}, 15),
        (ACTIVE, {"is_alive": True, "counters": True}, 15),
        ("TransportError", {"is_alive": True}, 15),
        (None, {"is_alive": True}, 15),
        # It lives, and the last look said otherwise: a look, at the pace of one that changes.
        (ENDED, {"is_alive": True}, 10),
        (ENDED, {"is_alive": True, "now": 0.25}, 1),
        (ENDED, {"is_alive": True, "now": 0.25, "every": 5.0}, 5),
    ],
)
def test_when_the_look_after_an_event_is(seen: Any, given: dict[str, Any], at: float) -> None:
    given = {"now": 10.0, "planned": 15.0, **given}

    assert inspect_heed(seen, **given) == at


LOST = "TransportError"


@pytest.mark.parametrize(
    ("steps", "losses"),
    [
        # A server that ends it, and a connection that breaks: again, later each time.
        ([(0, "open"), (1, "end"), (2, "open"), (3, LOST)], [(1, False), (2, False)]),
        # ... from the start once a stream was steady: heard for 30 s.
        ([(0, LOST), (1, "open"), (31, "bytes"), (32, "end")], [(1, False), (1, False)]),
        ([(0, LOST), (1, "open"), (30, "bytes"), (32, LOST)], [(1, False), (2, True)]),
        # It is told once if 30 s did not help, and again only after a steady stream.
        ([(0, LOST), (10, LOST), (30, LOST), (60, LOST)],
         [(1, False), (2, False), (4, True), (8, False)]),
        ([(0, LOST), (30, LOST), (31, "open"), (70, "bytes"), (71, LOST), (101, LOST)],
         [(1, False), (2, True), (1, False), (2, True)]),
        # An open stream that is silent is told at once.
        ([(0, "open"), (90, "DeadlineExceeded"), (91, "open"), (181, "DeadlineExceeded")],
         [(1, True), (2, False)]),
        # One that did not open in time is as one that broke.
        ([(0, "DeadlineExceeded")], [(1, False)]),
        # What breaks the contract when open is told, and opened again.
        ([(0, "open"), (1, "ContractError"), (2, "open"), (3, "ContractError")],
         [(1, True), (2, False)]),
        # A refusal is for good.
        ([(0, "AuthenticationError")], [(None, True)]),
        ([(0, "ContractError")], [(None, True)]),
        ([(0, "open"), (9, "end"), (10, "NotFoundError")], [(1, False), (None, True)]),
        # The wait grows to 30 s.
        ([(0, LOST)] * 7, [(wait, False) for wait in (1, 2, 4, 8, 16, 30, 30)]),
    ],
)  # fmt: skip
def test_what_follows_a_loss(steps: list[Any], losses: list[Any]) -> None:
    told = inspect_hints([(float(now), what) for now, what in steps])

    assert [(wait and round(wait, 3), is_told) for wait, is_told in told] == losses


def test_a_server_may_ask_to_be_left_alone_for_longer() -> None:
    assert inspect_hints([(0.0, "open"), (1.0, "end")], asked=7.0) == [(7.0, False)]
