"""Which ids to ask for: the words of the command line, and the lines of standard input."""

from __future__ import annotations

import os
import re
import select
import sys
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence

from ..bulk import id_in_line
from . import EXIT_IO
from .failures import CommandError, write_error

STANDARD_INPUT = 0
#: A longer line is no list of ids, and would be held in memory whole. No server takes such a target.
MAX_LINE = 1 << 20
#: How long the ids that were not asked are counted, in seconds: their writer may never end.
MAX_COUNTING = 0.2

NEEDS_ESCAPE = re.compile("[\0\n\r\udc80-\udcff]|\\\\[x\\\\]")
TO_ESCAPE = re.compile("[\0\n\r\udc80-\udcff\\\\]")


def text_of(session_id: str) -> str:
    r"""Return the id as text that can be written in UTF-8, on one line.

    Nearly every id is returned as it is. In one with bytes that are not UTF-8, a line break or a
    NUL, those are ``\xNN`` and a backslash is ``\\``; so is a backslash that would look like one
    of these. Different ids have different texts.
    """
    if not NEEDS_ESCAPE.search(session_id):
        return session_id
    return TO_ESCAPE.sub(_escape, session_id)


def _escape(found: re.Match[str]) -> str:
    character = found[0]
    if character == "\\":
        return "\\\\"
    # Python reads a byte that is not UTF-8 as a surrogate, U+DC00 and the byte.
    return f"\\x{ord(character) & 0xFF:02x}"


class Ids:
    """The ids to ask for, in order; a ``-`` among the words stands for standard input.

    One id a line there, as ``id_in_line`` reads it. Standard input is read when it has something,
    so that no id that has come waits for one that has not.
    """

    def __init__(self, words: Sequence[str], is_left_out: Callable[[str], bool]) -> None:
        self._words = deque(words)
        self._is_left_out = is_left_out
        self._ready: deque[str] = deque()
        self._is_reading = False  # standard input
        self._has_begun = False
        self._cut_line: list[bytes] = []  # its pieces
        #: How many were not asked for because of ``is_left_out``.
        self.left_out: int = 0

    def wait(self) -> bool:
        """Wait until there is an id. Returns False at the end."""
        return self._fill(may_wait=True)

    def ready(self) -> Iterator[str]:
        """Yield the ids that have come, and end without waiting for others."""
        while self._fill(may_wait=False):
            yield self._ready.popleft()

    def count_rest(self) -> tuple[int, bool]:
        """Return how many ids have come and were not drawn, and whether no other can come."""
        end = time.monotonic() + MAX_COUNTING
        count = 0
        while time.monotonic() < end and self._fill(may_wait=False):
            count += len(self._ready)
            self._ready.clear()
        return count, not (self._words or self._is_reading)

    def longest(self) -> int:
        """Return the length of the longest id that has come and was not drawn."""
        return max(map(len, self._ready), default=0)

    def _fill(self, *, may_wait: bool) -> bool:
        """Return whether an id is there, after reading if there is none."""
        while not self._ready:
            if self._is_reading:
                if not may_wait and not has_something(STANDARD_INPUT):
                    return False
                self._read()
            elif self._words:
                self._take_words()
            else:
                return False
        return True

    def _take_words(self) -> None:
        while self._words:
            word = self._words.popleft()
            if word == "-":
                if sys.stdin is None:  # its number may be another file's by now
                    raise CommandError("standard input is closed", EXIT_IO)
                self._is_reading = True
                return
            self._add(os.fsencode(word))

    def _read(self) -> None:
        try:
            more = os.read(STANDARD_INPUT, 65536)
        except OSError as error:
            raise write_error("standard input", error) from error
        rest, *others = more.split(b"\n")
        self._cut_line.append(rest)
        if sum(map(len, self._cut_line)) > MAX_LINE:
            raise CommandError(
                "standard input: a line is longer than 1 MiB; give one id a line, each ended by a "
                "line feed"
            )
        if more and not others:
            return
        lines = [b"".join(self._cut_line), *others[:-1]]
        self._cut_line = others[-1:]
        self._is_reading = bool(more)
        for line in lines:
            is_first, self._has_begun = not self._has_begun, True
            if line := id_in_line(line, is_first=is_first):
                self._add(line)

    def _add(self, line: bytes) -> None:
        session_id = line.decode("utf-8", "surrogateescape")
        if self._is_left_out(session_id):
            self.left_out += 1
        else:
            self._ready.append(session_id)


def has_something(descriptor: int) -> bool:
    """Return whether reading would not wait: something has come, or the end."""
    poll = select.poll()
    poll.register(descriptor, select.POLLIN)
    return bool(poll.poll(0))
