"""What a gate logs: what the site's operator must see to, once a minute for each kind.

``logging.getLogger("sessionvitals.gate")``: ERROR if tiun refuses the site's own key or a function
of the site's fails, WARNING if tiun gives no verdict. Where the program has not set logging up, they
go to standard error: while the key is wrong, no reader is served. No record has a session's id.
"""

from __future__ import annotations

import logging
import time

from .. import logs

logger: logging.Logger = logging.getLogger("sessionvitals.gate")
logger.addHandler(logs.StandardError())

#: How often the same is said, in seconds.
BETWEEN = 60.0

# When each kind was said last.
_said: dict[str, float] = {}


def say(level: int, kind: str, words: str, *given: object) -> None:
    """Log it, unless its kind was logged less than a minute ago."""
    now = time.monotonic()
    last = _said.get(kind)
    if last is None or now - last >= BETWEEN:
        _said[kind] = now
        logger.log(level, words, *given)
