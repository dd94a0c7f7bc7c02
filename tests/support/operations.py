"""Every operation with arguments that can be sent, and what it can change at the vendor."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from tests.support.vendors import VENDORS, Client, Vendor

AGENT = "11111111-1111-4111-8111-111111111111"
USER = "22222222-2222-4222-8222-222222222222"
TIMEOUT = {
    "timeout_minutes": 30,
    "auto_renew": True,
    "max_duration_minutes": 720,
    "warning_threshold_minutes": 5,
}


@dataclass(frozen=True)
class Operation:
    provider: str
    name: str
    effect: str  # none, idempotent or once: as the library's own table has it
    arguments: dict[str, Any] = field(default_factory=lambda: {"session_id": "s"})
    is_stream: bool = False  # its call is over with its first item
    route: str = ""  # what the mock's journal calls it, if not so

    def __str__(self) -> str:
        return f"{self.provider} {self.name}"

    @property
    def vendor(self) -> Vendor:
        return VENDORS[self.provider]

    def call(self, client: Client, **options: Any) -> Any:
        answer = getattr(client, self.name)(**self.arguments, **options)
        return next(answer) if self.is_stream else answer


OPERATIONS = [
    Operation("eliza", "check_health", "none", {}),
    Operation("eliza", "create_session", "once", {"agent_id": AGENT, "user_id": USER}),
    Operation("eliza", "list_sessions", "none", {}),
    Operation("eliza", "get_session", "none"),
    Operation("eliza", "renew_session", "once"),
    Operation("eliza", "send_heartbeat", "once"),
    Operation("eliza", "update_timeout", "once", {"session_id": "s", "config": TIMEOUT}),
    Operation("eliza", "delete_session", "idempotent"),
    Operation("eliza", "send_message", "once", {"session_id": "s", "content": "hello"}),
    Operation(
        "eliza",
        "stream_message",
        "once",
        {"session_id": "s", "content": "hello"},
        is_stream=True,
        route="send_message",
    ),
    Operation("eliza", "get_messages", "none"),
    Operation("tiun", "verify", "once"),
    Operation("tiun", "verify_user", "once", {"token": "t"}),
    Operation("tiun", "get_user_info", "none", {"user_id": "u"}),
    Operation("ping", "session_status", "none"),
    Operation("ping", "list_zones", "none", {}),
    Operation("ping", "events", "none", {}, is_stream=True),
    Operation("ping", "create_session", "once", {"client_id": "c", "zone": "us-east"}),
    Operation("ping", "pause_session", "once"),
    Operation("ping", "resume_session", "once"),
    *(
        Operation("ping", f"{verb}_{whose}_limits", effect, arguments)
        for whose in ("global", "client", "session")
        for verb, effect, arguments in (
            ("get", "none", {}),
            ("update", "once", {"download_speed": 1}),
            ("delete", "idempotent", {}),
        )
    ),
]
