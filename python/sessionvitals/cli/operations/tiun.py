"""tiun's operations."""

from __future__ import annotations

import click

from .operation import Operation
from .parameters import SecretFile, id_argument

OPERATIONS = (
    Operation(
        "verify",
        "verify",
        "Ask whether a session's content may be served.",
        [id_argument("session_id")],
        is_yes_or_no=True,
        acts=True,
    ),
    Operation(
        "verify-user",
        "verify_user",
        "Ask whether a user's token is good, and whose it is.\n\n"
        "No flag takes the token itself, which every user of the machine could read.",
        [
            click.Option(
                ["--token-file", "token"],
                type=SecretFile(),
                required=True,
                metavar="FILE|-",
                help="A file with the user's token; - for standard input.",
            )
        ],
        is_yes_or_no=True,
        acts=True,
    ),
    Operation(
        "user-info",
        "get_user_info",
        "Say what tiun knows of a user.\n\n"
        "This is not authentication: anyone who knows the user's id gets an answer.",
        [id_argument("user_id", "USER_ID")],
    ),
)
