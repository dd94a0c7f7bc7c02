"""elizaOS's operations."""

from __future__ import annotations

from typing import Any

import click

from ..._core import TimeoutConfig
from .operation import Operation
from .parameters import id_argument, json_of

#: The members of a session's timeout config.
TIMEOUT_CONFIG: dict[str, dict[str, Any]] = {
    "--timeout-minutes": {"type": float, "metavar": "N", "help": "How long it lives unused."},
    "--auto-renew/--no-auto-renew": {"help": "Whether use renews it."},
    "--max-duration-minutes": {"type": float, "metavar": "N", "help": "How long it lives at most."},
    "--warning-threshold-minutes": {
        "type": float,
        "metavar": "N",
        "help": "How long before its end it is called near.",
    },
}
MEMBERS = ("timeout_minutes", "auto_renew", "max_duration_minutes", "warning_threshold_minutes")


def timeout_options(*, required: bool) -> list[click.Option]:
    # What is required has no default, not even None.
    rest: dict[str, Any] = {"required": True} if required else {"default": None}
    return [click.Option([name], **rest, **more) for name, more in TIMEOUT_CONFIG.items()]


def with_timeout_as(name: str, arguments: dict[str, Any]) -> dict[str, Any]:
    """Return the arguments with the members of a timeout config as one."""
    members = {each: arguments[each] for each in MEMBERS if each in arguments}
    rest = {each: value for each, value in arguments.items() if each not in members}
    return {**rest, name: TimeoutConfig(**members)} if members else rest


OPERATIONS = (
    Operation("health", "check_health", "Ask how the server is."),
    Operation(
        "create-session",
        "create_session",
        "Create a session of a user with an agent.\n\n"
        "The server brings a time that is out of its range into it: the timeout_config that is "
        "shown is the one that holds.",
        [
            click.Option(["--agent-id"], required=True, metavar="UUID", help="Of the server's."),
            click.Option(["--user-id"], required=True, metavar="UUID", help="Of your choice."),
            click.Option(["--metadata"], type=json_of, metavar="JSON", help="Kept with it."),
            click.Option(["--create-key"], metavar="TEXT", help="Kept in the metadata."),
            *timeout_options(required=False),
        ],
        lambda client, given: client.create_session(**with_timeout_as("timeout_config", given)),
        acts=True,
    ),
    Operation(
        "list-sessions",
        "list_sessions",
        "List the live sessions of all users.",
        columns=("session_id", "user_id", "expires_at"),
    ),
    Operation(
        "get-session",
        "get_session",
        "Say all that the server tells of a session.\n\n"
        "To look at an expired session deletes it: the server says 410 once, and then 404.",
        [id_argument("session_id")],
    ),
    Operation(
        "renew-session",
        "renew_session",
        "Have a session's time start anew.",
        [id_argument("session_id")],
        acts=True,
    ),
    Operation(
        "heartbeat",
        "send_heartbeat",
        "Say that a session is in use.\n\nIt is renewed if its config says auto_renew.",
        [id_argument("session_id")],
        acts=True,
    ),
    Operation(
        "update-timeout",
        "update_timeout",
        "Replace a session's whole timeout config.\n\n"
        "All four members are wanted: the server takes the agent's default for one that is left "
        "out, and not what the session has.",
        [id_argument("session_id"), *timeout_options(required=True)],
        lambda client, given: client.update_timeout(**with_timeout_as("config", given)),
        acts=True,
    ),
    Operation(
        "delete-session",
        "delete_session",
        "Delete a session.",
        [id_argument("session_id")],
        acts=True,
        deletes="session {session_id}",
    ),
)
