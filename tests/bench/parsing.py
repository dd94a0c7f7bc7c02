"""Time the parsers alone, in one process and interleaved; print microseconds as JSON."""

from __future__ import annotations

import contextlib
import dataclasses
import json
import statistics
import time
import typing
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sessionvitals

# A busy moment is longer than a round, so that it hits all readers alike.
ROUNDS, CALLS = 45, 800
HEADERS = [("Date", "Thu, 01 Jan 2026 00:00:00 GMT"), ("Content-Type", "application/json")]
PING = (
    b'{"client_id":"client-4711","status":"connected","duration":3600,'
    b'"uploaded_bytes":123456789,"downloaded_bytes":987654321}'
)
ELIZA_ID = "3f0e2b9a-7c1d-4e55-9a2f-1d2c3b4a5968"
ELIZA = (
    b'{"sessionId":"' + ELIZA_ID.encode() + b'",'
    b'"agentId":"11111111-1111-4111-8111-111111111111",'
    b'"userId":"22222222-2222-4222-8222-222222222222",'
    b'"createdAt":"2026-01-01T00:00:00.000Z","lastActivity":"2026-01-01T00:10:00.000Z",'
    b'"metadata":{"plan":"gold","tags":["a","b"],"visits":12},'
    b'"expiresAt":"2026-01-01T00:40:00.000Z","timeoutConfig":{"timeoutMinutes":30,'
    b'"autoRenew":true,"maxDurationMinutes":720,"warningThresholdMinutes":5},'
    b'"renewalCount":0,"timeRemaining":1800000,"isNearExpiration":false}'
)


@dataclass(frozen=True)
class Ping:
    client_id: str
    status: str
    duration: int | None = None
    uploaded_bytes: int | None = None
    downloaded_bytes: int | None = None


@dataclass(frozen=True)
class Timeouts:
    timeoutMinutes: int
    autoRenew: bool
    maxDurationMinutes: int
    warningThresholdMinutes: int


@dataclass(frozen=True)
class Eliza:
    sessionId: str
    agentId: str
    userId: str
    createdAt: datetime
    lastActivity: datetime
    metadata: dict[str, Any]
    expiresAt: datetime
    timeoutConfig: Timeouts
    renewalCount: int
    timeRemaining: int
    isNearExpiration: bool


def read_time(text: str) -> datetime:
    return datetime.fromisoformat(text.replace("Z", "+00:00"))


def read_eliza() -> Eliza:
    members = json.loads(ELIZA)
    for name in ("createdAt", "lastActivity", "expiresAt"):
        members[name] = read_time(members[name])
    members["timeoutConfig"] = Timeouts(**members["timeoutConfig"])
    return Eliza(**members)


def call(parse: Callable[..., object], body: bytes, session_id: str) -> Callable[[], object]:
    return lambda: parse(200, HEADERS, body, session_id)


READERS: dict[str, Callable[[], object]] = {
    "ping ours": call(sessionvitals.parse_ping_session_status_response, PING, "s"),
    "ping json + dataclass": lambda: Ping(**json.loads(PING)),
    "eliza ours": call(sessionvitals.parse_eliza_get_session_response, ELIZA, ELIZA_ID),
    "eliza json + dataclass": read_eliza,
}


def struct_of(model: Any) -> Any:
    """Return the dataclass as msgspec's own kind of class, which it reads fastest into."""
    types = typing.get_type_hints(model)
    fields = []
    for field in dataclasses.fields(model):
        kind = types[field.name]
        kind = struct_of(kind) if dataclasses.is_dataclass(kind) else kind
        has_default = field.default is not dataclasses.MISSING
        fields.append((field.name, kind, field.default) if has_default else (field.name, kind))
    return msgspec.defstruct(model.__name__, fields)


with contextlib.suppress(ImportError):
    import msgspec

    for name, kind, body in (("ping", Ping, PING), ("eliza", Eliza, ELIZA)):
        decode = msgspec.json.Decoder(struct_of(kind)).decode
        READERS[f"{name} msgspec"] = lambda decode=decode, body=body: decode(body)  # type: ignore[misc]

with contextlib.suppress(ImportError):
    import pydantic

    for name, kind, body in (("ping", Ping, PING), ("eliza", Eliza, ELIZA)):
        validate = pydantic.TypeAdapter(kind).validate_json
        READERS[f"{name} pydantic"] = lambda validate=validate, body=body: validate(body)  # type: ignore[misc]


def main() -> None:
    times: dict[str, list[float]] = {name: [] for name in READERS}
    for _ in range(ROUNDS):
        for name, read in READERS.items():
            begun = time.perf_counter()
            for _ in range(CALLS):
                read()
            times[name].append((time.perf_counter() - begun) / CALLS * 1e6)
    print(json.dumps({name: statistics.median(some) for name, some in times.items()}))


if __name__ == "__main__":
    main()
