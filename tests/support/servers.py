"""Where the vendors' servers are: in a space of the mock, or wherever the command line says.

What a server needs for a test is made by the vendor's own calls and deleted after it.
"""

from __future__ import annotations

import contextlib
import dataclasses
import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import pytest

from sessionvitals import ElizaSession, RateLimitError
from tests.support.asked import LIMITED
from tests.support.contracts import CONTRACTS
from tests.support.raw import Answer, send
from tests.support.vendors import VENDORS, Client

if TYPE_CHECKING:
    from tests.support.sandbox import Space

MOCK_AGENT = "11111111-1111-4111-8111-111111111111"
USER = "22222222-2222-4222-8222-222222222222"
REAL_SERVERS = {contract.provider: contract.real_server for contract in CONTRACTS}


@dataclass
class Told:
    """What is known of the servers of the command line, for as long as the tests run."""

    keys: dict[str, str | None]
    eliza_agent: str | None
    #: How long a test may wait for a session to expire, in seconds.
    patience: float
    #: How many seconds the eliza server's clock is ahead: see contract/clock.mjs.
    eliza_clock: Path | None = None
    #: The words of a server that limits rates. Nothing more is asked of it.
    limited: dict[str, str] = field(default_factory=dict)


@dataclass
class Servers:
    urls: dict[str, str]
    told: Told
    space: Space | None = None  # of the mock; None elsewhere
    #: How many calls were made to each; a plain dict, which reports can carry between processes.
    asked: dict[str, int] = field(default_factory=dict)
    created: list[str] = field(default_factory=list)

    @classmethod
    def of_space(cls, space: Space) -> Servers:
        keys = {name: vendor.key for name, vendor in VENDORS.items()}
        urls = {name: space.base_url(name) for name in VENDORS}
        return cls(urls, Told(keys, MOCK_AGENT, 0), space)

    def with_eliza_key(self) -> Servers:
        """Return the same where eliza asks for a key; skips the test if it does not."""
        if self.space is not None:
            self.space.admin("PUT", "keys", {"eliza": "eliza-server-token"})
            keys = {**self.told.keys, "eliza": "eliza-server-token"}
            return dataclasses.replace(self, told=dataclasses.replace(self.told, keys=keys))
        self.expect("eliza")
        if not self.told.keys["eliza"]:
            pytest.skip("no ELIZA_API_KEY in the environment: the server may ask for no key")
        return self

    def client(self, provider: str, **options: Any) -> Client:
        """Return a client of that vendor's server; skips the test if there is none."""
        self.expect(provider)
        vendor = VENDORS[provider]
        if vendor.key is not None and not self.told.keys[provider]:
            variable = REAL_SERVERS[provider]["key"]["variable"]
            pytest.skip(f"no key for {provider} in the environment ({variable})")
        key = options.pop("key", self.told.keys[provider])
        style = options.pop("style", vendor.style)
        options = {"max_retries": 0, "timeout": 30.0, **options}
        client = vendor.open(self.urls[provider], key, style, **options)
        return cast("Client", _Counted(client, provider, self))

    def ask(self, provider: str, method: str, target: str, body: object = None) -> Answer:
        """Make any call to a vendor's server, past the client under test."""
        text = b"" if body is None else json.dumps(body).encode()
        headers = {"Content-Length": str(len(text))} if text or method != "GET" else {}
        if body is not None:
            headers["Content-Type"] = "application/json"
        if key := self.told.keys[provider]:
            headers[REAL_SERVERS[provider]["key"]["header"]] = key
        return self.counted(provider, lambda url: send(url, method, target, headers, text))

    def counted(self, provider: str, ask: Callable[[str], Answer]) -> Answer:
        """Ask the server at its base URL; skips the test if the server limits rates."""
        self.expect(provider)
        self.asked[provider] += 1
        answer = ask(self.urls[provider])
        if answer.http_status == 429:
            self.skip_limited(provider, answer.headers.get("retry-after"))
        return answer

    def create_eliza_session(self, **members: object) -> dict[str, Any]:
        """Create a session by the vendor's own call, and return what it answered."""
        body = {"agentId": self._eliza_agent(), "userId": USER, **members}
        answer = self.ask("eliza", "POST", "/api/messaging/sessions", body)
        assert answer.http_status == 201, answer
        created: dict[str, Any] = answer.json
        self.created.append(created["sessionId"])
        return created

    def note_created(self, answer: Answer) -> None:
        """Have the session deleted that an answer of 201 is about, if it is about one."""
        if answer.http_status == 201 and "sessionId" in answer.json:
            self.created.append(answer.json["sessionId"])

    def noted(self, answer: Any) -> Any:
        """Have the session deleted that an answer of a client is, if it is one; return the answer."""
        if isinstance(answer, ElizaSession):
            self.created.append(answer.session_id)
        return answer

    def create_short_eliza_session(self) -> dict[str, Any]:
        """Create a session of one minute that no call renews; skips the test if it is longer."""
        config = {"timeoutMinutes": 1, "autoRenew": False, "warningThresholdMinutes": 1}
        created = self.create_eliza_session(timeoutConfig=config)
        minutes = created.get("timeoutConfig", {}).get("timeoutMinutes")
        if minutes is None:
            pytest.skip("this server's sessions do not expire (1.4.2)")
        if self.space is None and minutes * 60 > self.told.patience:
            pytest.skip(
                f"the shortest timeout of this server is {minutes} minutes: start it with "
                f"SESSION_MIN_TIMEOUT_MINUTES=1, or wait with --eliza-patience {minutes * 60 + 5}"
            )
        return created

    def let_expire(self, session_id: str) -> None:
        """Return when the server's own clock is past the session's end; the mock's is moved."""
        target = f"/api/messaging/sessions/{session_id}"
        left = timedelta(milliseconds=self.ask("eliza", "GET", target).json["timeRemaining"])
        if self.space is not None:
            self.space.clock(advance=left.total_seconds())
        else:  # only the server's clock tells, and a look at the session would take its 410
            time.sleep(left.total_seconds() + 0.25)

    def turn_eliza_clock(self, seconds: float) -> None:
        """Have more of the eliza server's time pass; skips the test if its clock is not turned."""
        if self.space is not None:
            self.space.clock(advance=seconds)
            return
        clock = self.told.eliza_clock
        if clock is None:
            pytest.skip("no --eliza-clock was given: the server's clock cannot be turned")
        ahead = float(clock.read_text()) if clock.exists() else 0.0
        # Renamed into place, so that the server reads the old number or the new one.
        fresh = clock.with_suffix(".new")
        fresh.write_text(str(ahead + seconds))
        fresh.replace(clock)

    def clean_up(self) -> None:
        """Delete what was created, if it is still there."""
        with contextlib.suppress(pytest.skip.Exception):  # a server that limits rates
            for session_id in self.created:
                self.ask("eliza", "DELETE", f"/api/messaging/sessions/{session_id}")

    def skip_limited(self, provider: str, retry_after: str | None) -> None:
        wait = f"try again in {retry_after} s" if retry_after else "try again later"
        self.told.limited[provider] = f"{provider} {LIMITED}: {wait}"
        pytest.skip(self.told.limited[provider])

    def expect(self, provider: str) -> None:
        """Skip the test if there is no such server, or if it limits rates."""
        self.asked.setdefault(
            provider, 0
        )  # a test that is skipped before its first call counts, too
        if provider not in self.urls:
            pytest.skip(f"no --{provider}-url was given")
        if provider in self.told.limited:
            pytest.skip(self.told.limited[provider])

    def _eliza_agent(self) -> str:
        if self.told.eliza_agent is None:
            agents = self.ask("eliza", "GET", REAL_SERVERS["eliza"]["agent"]["target"]).json
            running = agents.get("data", {}).get("agents", [])
            if not running:
                pytest.skip("the eliza server runs no agent to create sessions for")
            self.told.eliza_agent = str(running[0]["id"])
        return self.told.eliza_agent

    def expect_obedient_agent(self) -> None:
        """Skip the test if eliza's agent does not do as a message tells it, as contract/agent.mjs."""
        target = REAL_SERVERS["eliza"]["agent"]["target"]
        agents = self.ask("eliza", "GET", target).json.get("data", {}).get("agents", [])
        if "Obedient" not in [each["name"] for each in agents if each["id"] == self.eliza_agent]:
            pytest.skip("the server's agent is not that of tests/contract/agent.mjs")

    @property
    def eliza_agent(self) -> str:
        return self._eliza_agent()


class _Counted:
    """A client whose calls are counted; a 429 skips the test with the server's words."""

    def __init__(self, client: Client, provider: str, servers: Servers) -> None:
        self._client = client
        self._provider = provider
        self._servers = servers

    def __getattr__(self, name: str) -> Any:
        value = getattr(self._client, name)
        if not callable(value):
            return value

        def counted(*arguments: Any, **options: Any) -> Any:
            self._servers.expect(self._provider)
            self._servers.asked[self._provider] += 1
            try:
                return value(*arguments, **options)
            except RateLimitError as error:
                wait = error.retry_after
                seconds = None if wait is None else f"{wait.total_seconds():.0f}"
                return self._servers.skip_limited(self._provider, seconds)

        return counted
