"""elizaOS's operations."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from ..._core import ElizaStreamEvent, TimeoutConfig
from ..failures import CommandError
from .operation import Operation
from .parameters import id_argument, json_of, read_text, time_of

if TYPE_CHECKING:
    from ..._sync.eliza import ElizaClient

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
    try:
        return {**rest, name: TimeoutConfig(**members)} if members else rest
    except ValueError as error:  # "nan" is a float
        raise CommandError(str(error)) from None


def with_content(given: dict[str, Any]) -> dict[str, Any]:
    """Return the arguments with the text of standard input for a content of -."""
    if given["content"] != "-":
        return given
    return {**given, "content": read_text("-", "").removesuffix("\n")}


def fields_of(event: ElizaStreamEvent) -> list[str]:
    """Return the event's type, and its text; what the server sent if it has none."""
    return [event.type, (event.data_json or "") if event.text is None else event.text]


def messages(client: ElizaClient, given: dict[str, Any]) -> Any:
    """Return a tuple of messages, or those of every page as they come."""
    is_all = given.pop("all", False)
    foreign = ("limit", "before", "after") if is_all else ("since",)
    for name in foreign:
        if name in given:
            raise CommandError(f"--{name} is for a call {'without' if is_all else 'with'} --all")
    if is_all:
        return client.iter_messages(**given)
    return client.get_messages(**given).messages


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
    Operation(
        "find-session",
        "find_session",
        "Find the live session that was created with a key.\n\n"
        "For a create-session whose answer was lost. Nothing is printed where there is none, or "
        "none yet.",
        [id_argument("create_key", "CREATE_KEY")],
        is_yes_or_no=True,
    ),
    Operation(
        "send-message",
        "send_message",
        "Send a message of a session's user.\n\n"
        "A TEXT of - is read from standard input. With --transport http the call waits for the "
        "agent's reply, for 35 seconds if no timeout is named; without, messages shows the reply.",
        [
            id_argument("session_id"),
            click.Argument(["content"], metavar="TEXT|-"),
            click.Option(
                ["--transport"],
                type=click.Choice(("websocket", "http")),
                help="websocket by default.",
            ),
            click.Option(["--metadata"], type=json_of, metavar="JSON", help="Kept with it."),
            click.Option(["--attachments"], type=json_of, metavar="JSON", help="Sent as it is."),
            click.Option(["--message-key"], metavar="TEXT", help="Kept in the metadata."),
        ],
        lambda client, given: client.send_message(**with_content(given)),
        acts=True,
    ),
    Operation(
        "stream-message",
        "stream_message",
        "Send a message of a session's user, and show the agent's reply as it is written.\n\n"
        "A TEXT of - is read from standard input. One line an event: its type and its text, which "
        "is the whole reply for done. The message is sent once; if the stream breaks before done, "
        "the error says how much of the reply had come.",
        [
            id_argument("session_id"),
            click.Argument(["content"], metavar="TEXT|-"),
            click.Option(["--metadata"], type=json_of, metavar="JSON", help="Kept with it."),
            click.Option(["--attachments"], type=json_of, metavar="JSON", help="Sent as it is."),
            click.Option(["--message-key"], metavar="TEXT", help="Kept in the metadata."),
        ],
        lambda client, given: client.stream_message(**with_content(given)),
        acts=True,
        fields_of=fields_of,
    ),
    Operation(
        "messages",
        "get_messages",
        "Show a session's messages, newest first.\n\n"
        "A time is ISO 8601 with its zone, or milliseconds since 1970. With --after the server "
        "may leave some out on either side; --all shows each message once.",
        [
            id_argument("session_id"),
            click.Option(["--limit"], type=int, metavar="N", help="1 to 100; 50 by default."),
            click.Option(["--before"], type=time_of, metavar="TIME", help="Earlier ones alone."),
            click.Option(["--after"], type=time_of, metavar="TIME", help="Later ones alone."),
            click.Option(["--all"], is_flag=True, help="Every page."),
            click.Option(
                ["--since"], type=time_of, metavar="TIME", help="With --all: not before this."
            ),
        ],
        messages,
        also=("iter_messages",),
        columns=("created_at", "is_agent", "content"),
    ),
    Operation(
        "find-message",
        "find_message",
        "Find the message that was sent with a key.\n\n"
        "For a send-message whose answer was lost. Nothing is printed where there is none, or "
        "none yet.",
        [id_argument("session_id"), id_argument("message_key", "MESSAGE_KEY")],
        is_yes_or_no=True,
    ),
)
