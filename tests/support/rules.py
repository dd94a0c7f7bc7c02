"""What a right client does, line by line and vendor by vendor.

A test that proves a line is marked ``@pytest.mark.rule("tiun", 2)``; pure/test_rules.py checks that
every line has one. ``pytest -m rule --collect-only`` lists them.
"""

from __future__ import annotations

RULES: dict[str, dict[int, str]] = {
    "tiun": {
        1: "valid is exactly 200, invalid is 404, 401 is a wrong set-up, all else is unknown",
        2: "a PATCH is not sent again once a byte may have left, but for a 429, which is waited for; "
        "before that, freely",
        3: "Content-Length: 0, no Content-Type, Accept for problems",
        4: "any +json type, any case, any parameters; a 401 may be empty",
        5: "wrong-typed members are ignored, unknown ones kept, the status line decides",
        6: "no redirect is followed",
        7: "empty ids, dot segments and control characters are refused, the rest is encoded",
        8: "keys and header names that cannot be sent are refused; the key is in nothing",
    },
    "ping": {
        1: "a GET is tried again after 429, 500, 502, 503, 504 and lost answers, never after "
        "400, 401, 404",
        2: "counters are int64 to the last digit; null is absent; a wrong member is named",
        3: "a 404 without the envelope is the same error, with its body",
        4: "details may be null, absent or an object; bodies end with a newline and are escaped",
        5: "Retry-After in all its forms, then X-RateLimit-Reset, then backoff; never past the "
        "timeout",
        6: "pause and resume are not sent twice",
    },
    "eliza": {
        1: "every form of error is read; .code is the vendor's text; stack is dropped",
        2: "404 and 410 are both gone; the time of expiry only from details",
        3: "times with or without fractions, Z or an offset; an unreadable one is named",
        4: "only four members are required; unknown ones are kept; absent is not null",
        5: "timeoutConfig's numbers may be fractions or huge; timeRemaining is int64",
        6: "metadata is any JSON, as deep as it likes, and costs nothing until asked for",
        7: "Content-Type is ignored; ids are encoded; ids that ask for something else refused",
        8: "X-API-KEY only with a key, and kept as secret as the others",
        9: "GET is tried again as Ping's is; 401, 404, 410 never",
        10: "nearness, time left and the clock's skew by the server's own members",
    },
}
