"""Where the vendors' servers are: in a space of the mock, or wherever the command line says."""

from __future__ import annotations

import http.client
import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest

from tests.support.vendors import VENDORS, Client

if TYPE_CHECKING:
    from tests.support.sandbox import Space

MOCK_AGENT = "11111111-1111-4111-8111-111111111111"


@dataclass(frozen=True)
class Servers:
    urls: dict[str, str]
    keys: dict[str, str | None]
    eliza_agent: str | None
    space: Space | None = None  # of the mock; None elsewhere

    @classmethod
    def of_space(cls, space: Space) -> Servers:
        return cls(
            {name: space.base_url(name) for name in VENDORS},
            {name: vendor.key for name, vendor in VENDORS.items()},
            MOCK_AGENT,
            space,
        )

    def with_eliza_key(self) -> Servers:
        """Return the same where eliza asks for a key; skips the test if it does not."""
        if self.space is not None:
            self.space.admin("PUT", "keys", {"eliza": "eliza-server-token"})
            return replace(self, keys={**self.keys, "eliza": "eliza-server-token"})
        if not self.keys["eliza"]:
            pytest.skip("no ELIZA_API_KEY in the environment")
        return self

    def client(self, provider: str, **options: Any) -> Client:
        """Return a client of that vendor's server; skips the test if there is none."""
        if provider not in self.urls:
            pytest.skip(f"no --{provider}-url was given")
        vendor = VENDORS[provider]
        if vendor.key is not None and not self.keys[provider]:
            pytest.skip(f"no key for {provider} in the environment")
        options = {"max_retries": 0, "deadline": 30.0, "key": self.keys[provider], **options}
        key = options.pop("key")
        return vendor.open(self.urls[provider], key, vendor.style, **options)

    def create_eliza_session(self, **members: object) -> dict[str, Any]:
        """Create a session by the vendor's own call, and return what it answered."""
        if "eliza" not in self.urls:
            pytest.skip("no --eliza-url was given")
        if not self.eliza_agent:
            pytest.skip("no --eliza-agent was given to create sessions for")
        body = {"agentId": self.eliza_agent, "userId": "22222222-2222-4222-8222-222222222222"}
        answer = self.ask_eliza("POST", "/api/messaging/sessions", {**body, **members})
        assert "sessionId" in answer, answer
        return answer

    def ask_eliza(self, method: str, target: str, body: object = None) -> dict[str, Any]:
        """Make any call to the eliza server, past the client under test."""
        url = urlsplit(self.urls["eliza"])
        connection = http.client.HTTPConnection(url.hostname or "", url.port, timeout=30)
        headers = {"Content-Type": "application/json"} if body is not None else {}
        if self.keys["eliza"]:
            headers["X-API-KEY"] = self.keys["eliza"]
        try:
            connection.request(
                method,
                url.path.rstrip("/") + target,
                None if body is None else json.dumps(body),
                headers,
            )
            return dict(json.loads(connection.getresponse().read()))
        finally:
            connection.close()
