"""Asking for every id, and what to say at the end: how many were answered, failed, not asked."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterator, Sequence
from contextlib import closing
from typing import TYPE_CHECKING

from ..errors import (
    AuthenticationError,
    ConfigurationError,
    DeadlineExceeded,
    HttpStatusError,
    PermissionDeniedError,
    RateLimitError,
    ServerError,
    SessionVitalsError,
)
from . import (
    EXIT_AUTHENTICATION,
    EXIT_DEADLINE,
    EXIT_NOT_LIVE,
    EXIT_OK,
    EXIT_RATE_LIMIT,
    EXIT_REFUSED,
    EXIT_UNAVAILABLE,
    EXIT_USAGE,
)
from .output import Progress
from .words import say_error

if TYPE_CHECKING:
    from .. import Session
    from .._sync.client import Client
    from .export import Sink
    from .ids import Ids

# When ids failed in different ways, the first of these that occurred is the exit code.
CODES: Sequence[tuple[type[SessionVitalsError], int]] = (
    (AuthenticationError, EXIT_AUTHENTICATION),
    (PermissionDeniedError, EXIT_AUTHENTICATION),
    (RateLimitError, EXIT_RATE_LIMIT),
    (DeadlineExceeded, EXIT_DEADLINE),
    (ConfigurationError, EXIT_USAGE),
    (ServerError, EXIT_UNAVAILABLE),
    (HttpStatusError, EXIT_REFUSED),
    (SessionVitalsError, EXIT_UNAVAILABLE),
)


def code_of(error: SessionVitalsError) -> int:
    return next(code for kind, code in CODES if isinstance(error, kind))


class Run:
    """One run over all ids."""

    def __init__(self, client: Client, ids: Ids, sink: Sink, progress: Progress) -> None:
        self._client = client
        self._ids = ids
        self._sink = sink
        self._progress = progress
        self._drawn = 0
        self._answered = 0
        self._failures: Counter[str] = Counter()
        self._codes: set[int] = set()
        self._all_live = True
        self._is_whole = False

    def ask_all(self, concurrency: int) -> None:
        """Ask for every id, until there are no more or the key is refused. Raises CommandError."""
        for session_id, answer, is_last in self._answers(concurrency):
            self._sink.take(session_id, answer)
            if is_last:
                self._sink.flush()
            if isinstance(answer, SessionVitalsError):
                self._note_failure(session_id, answer)
                self._codes.add(code_of(answer))
                if isinstance(answer, AuthenticationError):
                    return  # the same key would be refused for every other id
            else:
                self._answered += 1
                self._all_live = self._all_live and answer.live
            self._progress.show(self._counts())
        self._is_whole = True

    def _answers(
        self, concurrency: int
    ) -> Iterator[tuple[str, Session | SessionVitalsError, bool]]:
        """Yield what became of each id, in their order, and if it is the last that has come."""
        drawn: deque[str] = deque()
        come = 0

        def note_come(count: int) -> None:
            nonlocal come
            come = count

        def draw() -> Iterator[str]:
            for session_id in self._ids.ready():
                drawn.append(session_id)
                self._drawn += 1
                yield session_id

        # Each round takes what has come, so that none waits for an id that has not.
        while self._ids.wait():
            outcomes = self._client.probe_many(
                draw(), concurrency=concurrency, ordered=True, on_progress=note_come
            )
            with closing(outcomes):
                for taken, outcome in enumerate(outcomes, 1):
                    # Not outcome.id, which cannot be bytes that are not UTF-8.
                    answer = outcome.error or outcome.session
                    assert answer is not None
                    yield drawn.popleft(), answer, taken == come

    def _note_failure(self, session_id: str, error: SessionVitalsError) -> None:
        kind = type(error).__name__
        if not self._failures[kind] and not self._sink.says_failures:
            self._progress.clear()
            say_error(session_id, error)
        self._failures[kind] += 1

    def exit_code(self, check: bool) -> int:
        if self._codes:
            return next(code for _, code in CODES if code in self._codes)
        return EXIT_NOT_LIVE if check and not self._all_live else EXIT_OK

    def finish(self) -> str:
        """Write what is left; return what to say, empty if all is answered and shown.

        Raises:
            CommandError: It could not be written.
        """
        self._progress.clear()
        sentence = self._sink.finish(
            is_whole=self._is_whole, answered=self._answered, failed=self._failures.total()
        )
        has_all = self._is_whole and not self._failures and not self._ids.left_out
        if not sentence and has_all:
            return ""
        return f"{self.summary()}; {sentence}" if sentence else self.summary()

    def summary(self) -> str:
        """Return how many ids were answered, failed and were not asked, in words."""
        self._progress.clear()
        words = self._counts()
        rest, is_all = self._ids.count_rest()
        rest += self._drawn - self._answered - self._failures.total()
        if rest or not is_all:
            words += f", {'' if is_all else 'at least '}{rest} not asked or not waited for"
        return words

    def _counts(self) -> str:
        words = f"{self._answered} answered"
        if self._ids.left_out:
            words += f", {self._ids.left_out} left out as answered before"
        if self._failures:
            kinds = ", ".join(f"{count} {kind}" for kind, count in self._failures.most_common())
            words += f", {self._failures.total()} failed ({kinds})"
        return words
