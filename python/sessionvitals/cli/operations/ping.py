"""Ping Network's operations."""

from __future__ import annotations

from collections.abc import Iterator

import click

from ..._core import SessionEvent, StreamGap
from .operation import Operation
from .parameters import id_argument

#: What the account's limits are of, in words.
SCOPES = {"global": "the whole account", "client": "each client", "session": "each session"}
#: What limits there are; those of clients have two more.
LIMITS = {
    "--downloaded-bytes": "How much may be downloaded.",
    "--uploaded-bytes": "How much may be uploaded.",
    "--download-speed": "Bytes a second.",
    "--upload-speed": "Bytes a second.",
}
LIMITS_OF_CLIENTS = {
    **LIMITS,
    "--max-sessions": "Sessions at once.",
    "--max-reconnections": "Reconnections in a session.",
}

#: What the words say that have commands below them.
GROUPS = {
    "limits": "See, change or delete what the account may use.",
    "limits get": "Show limits.",
    "limits update": "Change limits.",
    "limits delete": "Delete limits.",
}


def limits() -> Iterator[Operation]:
    for scope, words in SCOPES.items():
        options = LIMITS_OF_CLIENTS if scope == "client" else LIMITS
        yield Operation(
            f"limits get {scope}", f"get_{scope}_limits", f"Show the limits of {words}."
        )
        yield Operation(
            f"limits update {scope}",
            f"update_{scope}_limits",
            f"Change limits of {words}, and show all of them.\n\n"
            "What is not given is kept. What 0 means is not documented.",
            [
                click.Option([name], type=int, metavar="N", help=meaning)
                for name, meaning in options.items()
            ],
            acts=True,
        )
        yield Operation(
            f"limits delete {scope}",
            f"delete_{scope}_limits",
            f"Delete the limits of {words}.",
            acts=True,
            deletes=f"the limits of {words}",
        )


def fields_of(item: SessionEvent | StreamGap) -> list[str]:
    """Return the time, the type and the session of an event, and what it counts."""
    members = item.to_dict()
    if isinstance(item, StreamGap):
        return [members["until"], "gap", f"events since {members['since']} may have been missed"]
    counted = ("duration_seconds", "downloaded_bytes", "uploaded_bytes")
    return [
        members["created_at"],
        item.event_type,
        item.session_id,
        *(f"{name}={members[name]}" for name in counted if members[name] is not None),
    ]


OPERATIONS = (
    Operation("zones", "list_zones", "List where sessions can run."),
    Operation(
        "create-session",
        "create_session",
        "Make a session, and show its configuration this one time.\n\n"
        "The configuration and its link are the credential of the tunnel. Keep the answer: no "
        "call gives them again, or finds a session whose answer was lost.",
        [
            click.Option(["--client-id"], required=True, metavar="ID", help="A name of yours."),
            click.Option(["--zone"], required=True, metavar="CODE", help="As zones has it."),
            click.Option(
                ["--reusable/--not-reusable"],
                default=None,
                help="Whether it can be paused; the vendor's choice if left out.",
            ),
        ],
        acts=True,
    ),
    Operation(
        "session-status",
        "session_status",
        "Say what a session is doing, and what it has carried.",
        [id_argument("session_id")],
    ),
    Operation(
        "events",
        "events",
        "Show what the account's sessions do, as it happens.\n\n"
        "One line an event: the time, the type, the session, and what it has carried. A stream "
        "that breaks is opened again. Ping tells nothing of the time in between: the next line is "
        "then a gap, with --json an object with the one member gap. An event that is none of Ping's is "
        "said on standard error, and with --json as an object with the one member error; the stream "
        "goes on, and the exit code is then 6 at its end. Ctrl-C or --deadline ends it.",
        fields_of=fields_of,
    ),
    Operation(
        "pause-session",
        "pause_session",
        "Pause a session that is reusable.",
        [id_argument("session_id")],
        acts=True,
    ),
    Operation(
        "resume-session",
        "resume_session",
        "Resume a session that is paused.",
        [id_argument("session_id")],
        acts=True,
    ),
    *limits(),
)
