"""The contracts in mocks/contracts, as the tests read them.

An exchange has four parts, and they are the library's whole data flow::

    ask  --build-->  request  --the vendor-->  response  --parse-->  meaning

    name       what happens, in words; unique in its file
    source     the document that says so
    standing   how well it is known: seed, vendor, wire, standard or inferred
    given      how a space of the mock is prepared; {} needs nothing and works on any server:
               clock (set and frozen), sessions, keys, dialect, account; {"answer": "scripted"} where no
               state of the mock gives this answer, and a fault makes it give `response` verbatim
    ask        the operation, which is the client's method of that name, its arguments by name,
               the key (null: none) and the key's style
    request    what goes on the wire: method, target, headers (lower case) and those that must
               be absent, body. The transport adds content-length, host and connection
    response   http_status, headers and either body (JSON) or text (verbatim);
               volatile: pointers to members whose value is the server's to choose
    meaning    returns: to_dict() of the answer, or null for None; or raises and fields: a class and what it carries
    probe      the same answer as probe() gives it; absent where the operation is not what
               probe() asks

``streams`` are exchanges whose answer is a stream of server-sent events, and what a vendor answers in
place of one. They differ in this:

    given      agent: what elizaOS's agent does; happens: calls of the admin interface, made once
               the stream is open, which the events are of
    response   events: each with its event (its type), and its data (JSON) or its text (verbatim).
               volatile: pointers into each of the data
    meaning    items: to_dict() of each item, or raises and fields of an event that costs itself
               alone. then: what comes after them: "end", "gap", or raises and fields; absent
               where the stream goes on

``real_server`` says how a real server of the vendor is asked, and prepared by its own calls:

    key        the environment's variable that holds its key, the header that carries it, and the
               key that the mock accepts in its place
    dialect    the mock's dialect that plays it; absent: the default
    agent      the call that lists what sessions can be created for, and where in its answer
    create     the call that creates a session in that state: {member} stands for the session's
               own, as `given` has it; `take` points to the new id
    repeat     the call that raises that member of a session by one
    delete     the call that ends a session
    chosen     pointers to what such a server chooses by itself, in response, meaning and probe

The library itself never sees these files, and the mock answers without them.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

DIRECTORY = Path(__file__).parents[2] / "mocks" / "contracts"
STANDINGS = {"seed", "vendor", "wire", "standard", "inferred"}


@dataclass(frozen=True)
class Exchange:
    provider: str
    name: str
    source: str
    standing: str
    given: dict[str, Any]
    ask: dict[str, Any]
    request: dict[str, Any]
    response: dict[str, Any]
    meaning: dict[str, Any]
    probe: dict[str, Any] | None = None

    def __str__(self) -> str:
        return f"{self.provider}: {self.name}"

    @property
    def operation(self) -> str:
        return str(self.ask["operation"])

    @property
    def arguments(self) -> dict[str, Any]:
        return dict(self.ask["arguments"])

    @property
    def body(self) -> bytes:
        """The body of the response, as a server would send it."""
        if "events" in self.response:
            return "".join(map(_event_text, self.response["events"])).encode()
        if "text" in self.response:
            return str(self.response["text"]).encode()
        return json.dumps(self.response["body"], separators=(",", ":")).encode()

    @property
    def returns_a_value(self) -> bool:
        """Whether the meaning is one value of the library's: no error, no page of them, not None."""
        returned = self.meaning.get("returns")
        return returned is not None and "items" not in returned

    @property
    def is_scripted(self) -> bool:
        return self.given.get("answer") == "scripted"


def _event_text(event: dict[str, Any]) -> str:
    data = event["text"] if "text" in event else json.dumps(event["data"])
    return f"event: {event['event']}\ndata: {data}\n\n"


@dataclass(frozen=True)
class Contract:
    provider: str
    format: str
    sources: dict[str, str]
    vocabulary: dict[str, str]
    exchanges: list[Exchange]
    streams: list[Exchange] = field(default_factory=list)
    real_server: dict[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        return self.provider


def load(path: Path) -> Contract:
    contract = json.loads(path.read_text(encoding="utf-8"))
    exchanges, streams = (
        [Exchange(contract["provider"], **each) for each in contract.pop(kind, [])]
        for kind in ("exchanges", "streams")
    )
    return Contract(exchanges=exchanges, streams=streams, **contract)


CONTRACTS = [load(path) for path in sorted(DIRECTORY.glob("*.json"))]
EXCHANGES = [exchange for contract in CONTRACTS for exchange in contract.exchanges]
STREAMS = [stream for contract in CONTRACTS for stream in contract.streams]


def find(provider: str, name: str) -> Exchange:
    """Return the exchange of that name."""
    (found,) = [each for each in EXCHANGES if (each.provider, each.name) == (provider, name)]
    return found
