"""The path of every operation, below the client's base URL. ``{id}`` is the session's id.

They are constants of the vendors' interfaces, and in no report of a call, which keeps no id.
"""

from __future__ import annotations

_ELIZA = "/api/messaging/sessions"
_TIUN = "/live_api/s2s/v1"
_PING_LIMITS = {
    f"{verb}_{whose}_limits": f"/customer/limits/{whose}"
    for verb in ("get", "update", "delete")
    for whose in ("global", "client", "session")
}

#: By vendor, then by operation.
PATHS: dict[str, dict[str, str]] = {
    "eliza": {
        "probe": f"{_ELIZA}/{{id}}",
        "get_session": f"{_ELIZA}/{{id}}",
        "delete_session": f"{_ELIZA}/{{id}}",
        "check_health": f"{_ELIZA}/health",
        "create_session": _ELIZA,
        "list_sessions": _ELIZA,
        "renew_session": f"{_ELIZA}/{{id}}/renew",
        "send_heartbeat": f"{_ELIZA}/{{id}}/heartbeat",
        "update_timeout": f"{_ELIZA}/{{id}}/timeout",
        "send_message": f"{_ELIZA}/{{id}}/messages",
        "get_messages": f"{_ELIZA}/{{id}}/messages",
    },
    "ping": {
        "probe": "/sessions/{id}/status",
        "session_status": "/sessions/{id}/status",
        "list_zones": "/zones",
        "create_session": "/sessions",
        "pause_session": "/sessions/{id}/pause",
        "resume_session": "/sessions/{id}/resume",
        **_PING_LIMITS,
    },
    "tiun": {
        "probe": f"{_TIUN}/sessions/{{id}}/status",
        "verify": f"{_TIUN}/sessions/{{id}}/status",
        "verify_user": f"{_TIUN}/users/verification",
        "get_user_info": f"{_TIUN}/users/{{user_id}}/info",
    },
}
#: The method of a probe, of which a bulk is made.
PROBE_METHODS = {"eliza": "GET", "ping": "GET", "tiun": "PATCH"}
