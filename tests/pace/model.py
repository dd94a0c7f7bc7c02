"""A naive model of a limit, and a clock that stands still."""

from __future__ import annotations

from fractions import Fraction

from hypothesis import strategies as st


class Clock:
    """A clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


class Bucket:
    """The naive model: a bucket of burst tokens that fills at the rate, in exact numbers."""

    def __init__(self, interval: int, burst: int) -> None:
        self.interval, self.burst = interval, burst
        self.tokens, self.at = Fraction(burst), 0
        self.closed_until = 0

    def take(self, now: int, want: int) -> int:
        if now < self.closed_until:
            return 0
        since = now - max(self.at, self.closed_until)
        self.tokens = min(Fraction(self.burst), self.tokens + Fraction(since, self.interval))
        self.at = now
        taken = min(want, int(self.tokens))
        self.tokens -= taken
        return taken

    def close(self, now: int, seconds: int) -> None:
        """No token until then, and one at that moment: what it had before is gone."""
        opens = now + seconds
        # What is spent beyond that moment stays spent.
        since = opens - max(self.at, self.closed_until)
        tokens = self.tokens + Fraction(since, self.interval)
        self.tokens, self.closed_until, self.at = min(tokens, Fraction(1)), opens, opens


STEPS = st.lists(
    st.tuples(st.integers(0, 5000), st.integers(1, 30), st.one_of(st.none(), st.integers(1, 3000))),
    max_size=40,
)
