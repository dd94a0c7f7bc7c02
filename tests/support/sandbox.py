"""The mock as the tests use it: through the Sandbox that users have, with shorter words."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sessionvitals.mock_program import running_mock
from sessionvitals.sandbox import Sandbox
from tests.support.contracts import Exchange
from tests.support.vendors import VENDORS, Client, open_client


@dataclass(frozen=True)
class Mock:
    """A running mock, as its ready line describes it."""

    ready: dict[str, Any]

    @property
    def url(self) -> str:
        return str(self.ready["url"])

    @property
    def port(self) -> int:
        return int(self.ready["port"])

    @property
    def pid(self) -> int:
        return int(self.ready["pid"])

    def processor_time(self) -> int:
        """Return how long it has run, in nanoseconds."""
        return int(Path(f"/proc/{self.pid}/schedstat").read_text().split()[0])


@contextlib.contextmanager
def start_mock(arguments: Sequence[str | Path] = ()) -> Iterator[Mock]:
    """Run a mock on a free port until the block ends; it dies with this process in any case."""
    with running_mock(arguments) as ready:
        yield Mock(ready)


class Space:
    """One space of the mock: its own sessions, clock, faults and journal."""

    def __init__(self, mock: Mock, name: str) -> None:
        self.mock = mock
        self.name = name
        self.port = mock.port
        self.sandbox = Sandbox(mock.ready, name)
        self.url = self.sandbox.url
        #: Ask the admin interface: (method, path, body=None) -> its JSON.
        self.admin = self.sandbox.admin

    def sibling(self, name: str) -> Space:
        """Return another space of the same mock."""
        return Space(self.mock, f"{self.name}-{name}")

    def add_session(self, provider: str, session_id: str, state: str, **fields: object) -> None:
        self.admin(
            "POST", "sessions", {"provider": provider, "id": session_id, "state": state, **fields}
        )

    def clock(self, **change: object) -> dict[str, Any]:
        """Change the space's clock: set=, advance= (seconds), freeze=True, resume=True."""
        return dict(self.admin("POST", "clock", change))

    def faults(self, *faults: dict[str, Any], script: str | None = None, **more: object) -> None:
        """Script what goes wrong next: faults as objects, or a script of words."""
        body = {"script": script} if script is not None else {"faults": list(faults)}
        self.admin("POST", "faults", {**body, **more})

    def base_url(self, provider: str) -> str:
        return self.url + VENDORS[provider].prefix

    def client(self, provider: str, **options: Any) -> Client:
        return VENDORS[provider].client(self.base_url(provider), **options)

    def open_client(self, exchange: Exchange, **options: Any) -> Client:
        return open_client(exchange, self.base_url(exchange.provider), **options)

    def prepare(self, exchange: Exchange) -> None:
        """Bring the space into the state that the exchange is given."""
        given = exchange.given
        if "keys" in given:
            self.admin("PUT", "keys", given["keys"])
        if "dialect" in given:
            self.admin("PUT", "dialect", given["dialect"])
        if "clock" in given:
            self.clock(set=given["clock"], freeze=True)
        if "account" in given:
            self.admin("PUT", "account", given["account"])
        if "agent" in given:
            self.admin("PUT", "agent", given["agent"])
        if "sessions" in given:
            self.admin("POST", "sessions", {"sessions": given["sessions"]})
        if exchange.is_scripted:
            self.faults(
                {
                    "kind": "status",
                    "http_status": exchange.response["http_status"],
                    "headers": exchange.response["headers"],
                    "body": exchange.body.decode(),
                }
            )
