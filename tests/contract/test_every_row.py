"""The contracts have an exchange for every operation and every status that is documented of it.

The table is from the vendors' documents and, for elizaOS, from its server: mocks/contracts/*.md.
"""

from __future__ import annotations

from collections.abc import Iterator

from tests.support.contracts import EXCHANGES, STREAMS
from tests.support.operations import OPERATIONS

#: elizaOS checks its key, and limits rates, before it looks at the call.
ELIZA = (401, 429)
ELIZA_OF_A_SESSION = (404, 410, *ELIZA)
LIMITS = (401, 403, 404, 429, 500)

STATUSES: dict[str, dict[str, tuple[int, ...]]] = {
    "eliza": {
        "check_health": (200, *ELIZA),
        "create_session": (201, 400, 404, 500, *ELIZA),
        "list_sessions": (200, *ELIZA),
        "get_session": (200, *ELIZA_OF_A_SESSION),
        "renew_session": (200, *ELIZA_OF_A_SESSION),
        "send_heartbeat": (200, *ELIZA_OF_A_SESSION),
        "update_timeout": (200, 400, *ELIZA_OF_A_SESSION),
        "delete_session": (200, 404, *ELIZA),
        "send_message": (201, 400, 500, *ELIZA_OF_A_SESSION),
        "stream_message": (200, 400, 500, *ELIZA_OF_A_SESSION),
        "get_messages": (200, 400, *ELIZA_OF_A_SESSION),
    },
    "ping": {
        "list_zones": (200, 400, 401, 500),
        "create_session": (201, 400, 401, 404, 422, 500),
        "session_status": (200, 400, 401, 404, 429, 500),
        "events": (200, 401, 500),
        "pause_session": (200, 400, 401, 404, 500),
        "resume_session": (200, 400, 401, 404, 500),
        **{f"get_{whose}_limits": (200, *LIMITS) for whose in ("global", "client", "session")},
        **{
            f"update_{whose}_limits": (200, 400, *LIMITS)
            for whose in ("global", "client", "session")
        },
        **{f"delete_{whose}_limits": (204, *LIMITS) for whose in ("global", "client", "session")},
    },
    "tiun": {
        "verify": (200, 401, 404),
        "verify_user": (200, 401),
        "get_user_info": (200, 400, 401, 404),
    },
}


def rows() -> Iterator[tuple[str, str, int]]:
    """Give every row: (provider, operation, HTTP status)."""
    for provider, operations in STATUSES.items():
        for operation, statuses in operations.items():
            for http_status in statuses:
                yield provider, operation, http_status


def test_every_operation_is_documented() -> None:
    documented = {(provider, name) for provider, names in STATUSES.items() for name in names}
    assert documented == {(each.provider, each.name) for each in OPERATIONS}


def test_every_documented_status_of_every_operation_has_an_exchange() -> None:
    there = {
        (each.provider, each.operation, each.response["http_status"])
        for each in [*EXCHANGES, *STREAMS]
    }
    assert [row for row in rows() if row not in there] == []
