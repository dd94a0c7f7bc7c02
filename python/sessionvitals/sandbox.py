"""Use a space of a running mock, from a test or a program.

>>> with running_sandbox() as sandbox:
...     _ = sandbox.tiun.add_session("reader-1", state="valid", expires_after=1800)
...     tiun = sandbox.tiun.client()
...     assert tiun.verify("reader-1")
...     _ = sandbox.clock.advance(minutes=30)
...     assert not tiun.verify("reader-1")

It uses the mock's admin interface only, and the standard library only.
"""

from __future__ import annotations

import json
from collections import Counter
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import quote, urlencode

from ._core import inspect_provider
from ._sync.eliza import ElizaClient
from ._sync.ping import PingClient
from ._sync.tiun import TiunClient
from .errors import ConfigurationError
from .mock_program import admin_headers, ask_admin, find_scenario, opener_for, running_mock
from .seeding import ElizaSandbox, PingSandbox, TiunSandbox, Vendor

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence


class Sandbox:
    """One space of the mock: sessions, clock, faults and journal of its own.

    ``url`` is the space's base URL. ``ready`` is the mock's ready line: its seed, its keys. A mock
    that was started with ``--admin-token`` wants the same token here: ``admin_token``, by default
    the variable ``SESSIONVITALS_ADMIN_TOKEN``.
    """

    def __init__(
        self, ready: Mapping[str, Any], name: str = "default", *, admin_token: str | None = None
    ) -> None:
        self._headers = admin_headers(admin_token)
        self._ca_file: str | None = ready.get("ca_file")
        opener_for(self._ca_file)  # a file that is not there is said at once
        self.ready: dict[str, Any] = dict(ready)
        self.name = name
        self.url: str = f"{ready['url']}/~{quote(name, safe='')}"
        self.tiun: TiunSandbox = TiunSandbox(self, "tiun", TiunClient)
        self.ping: PingSandbox = PingSandbox(self, "ping", PingClient)
        self.eliza: ElizaSandbox = ElizaSandbox(self, "eliza", ElizaClient)
        self.clock: Clock = Clock(self)
        self.faults: Faults = Faults(self)
        self.journal: Journal = Journal(self)

    def admin(self, method: str, path: str, body: object = None, *, timeout: float = 30) -> Any:
        """Make a call to the admin interface; return its JSON. ``timeout`` is in seconds.

        Raises:
            ConfigurationError: The mock refused, or does not answer; the message says why.
        """
        return ask_admin(
            f"{self.url}/__admin/{path}", method, body, self._headers, self._ca_file, timeout
        )

    @property
    def dashboard_url(self) -> str:
        """The address of the page that shows this space in a browser."""
        return f"{self.url}/__admin/"

    @property
    def env(self) -> dict[str, str]:
        """The environment variables that lead clients of any process to this space.

        >>> sorted(sandbox.env)
        ['ELIZA_BASE_URL', 'PING_API_KEY', 'PING_BASE_URL', 'TIUN_ACCESS_TOKEN', 'TIUN_BASE_URL']
        """
        return {name: value for name, value in self.variables().items() if value is not None}

    def variables(self) -> dict[str, str | None]:
        """Return the same, with None for the key of a vendor that requires none."""
        variables: dict[str, str | None] = {}
        for vendor in self._vendors():
            facts = inspect_provider(vendor.name)
            variables[str(facts["base_url_variable"])] = vendor.base_url
            variables[str(facts["credential_variable"])] = vendor.key
        if self._ca_file:
            variables["SSL_CERT_FILE"] = self._ca_file
        return variables

    def _vendors(self) -> list[Vendor[Any]]:
        return [each for each in vars(self).values() if isinstance(each, Vendor)]

    def use_dialect(self, **dialects: str) -> None:
        """Choose how vendors answer where their documents and their servers differ.

        >>> sandbox.use_dialect(eliza="server")
        """
        self.admin("PUT", "dialect", dialects)

    def load_scenario(self, scenario: str | Path | Mapping[str, Any]) -> None:
        """Load a scenario: one of the package by its name, a file by its path, or a dict.

        >>> sandbox.load_scenario("demo")

        Raises:
            ConfigurationError: There is no such scenario, it cannot be read, or the mock refused it.
        """
        if isinstance(scenario, str):
            scenario = find_scenario(scenario)
        if isinstance(scenario, Path):
            scenario = _read(scenario)
        self.admin("POST", "scenarios", scenario)
        for vendor in self._vendors():
            vendor.take_key(scenario.get("keys"))

    def drop(self) -> None:
        """Forget the space and all that is in it."""
        self.admin("DELETE", f"spaces/{quote(self.name, safe='')}")

    def __repr__(self) -> str:
        return f"Sandbox({self.url!r})"


class Clock:
    """The space's clock. Every time in every answer comes from it."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox

    @property
    def now(self) -> datetime:
        return _to_datetime(self._sandbox.admin("GET", "clock")["now"])

    def advance(self, duration: timedelta | float = 0, **parts: float) -> datetime:
        """Move by a timedelta, by seconds, or by ``minutes=30``; also backwards. Return the time."""
        step = duration if isinstance(duration, timedelta) else timedelta(seconds=duration)
        return self._change(advance=(step + timedelta(**parts)).total_seconds())

    def set(self, time: datetime | str) -> datetime:
        """Set the time, an aware datetime or ISO 8601 text."""
        return self._change(set=time if isinstance(time, str) else time.isoformat())

    def freeze(self, time: datetime | str | None = None) -> datetime:
        """Stop the time, now or at ``time``; advance() and set() still move it."""
        at = {} if time is None else {"set": time if isinstance(time, str) else time.isoformat()}
        return self._change(**at, freeze=True)

    def resume(self) -> datetime:
        """Let the time run on from where it stands."""
        return self._change(resume=True)

    def _change(self, **change: object) -> datetime:
        return _to_datetime(self._sandbox.admin("POST", "clock", change)["now"])


class Faults:
    """The faults of the space, as a script."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox

    def script(self, script: str, *, when: str = "before", **scope: str) -> None:
        """Answer the next requests by a script.

        >>> sandbox.faults.script("503*2, reset, ok", provider="ping")

        ``scope`` narrows them: ``provider=``, ``operation=``, ``session_id=``. ``when`` is
        "before" or "after" the request has had its effect. ``"cut(events=2)"`` harms a stream
        behind its second event; the mock's guide has the other faults.
        """
        _refuse_none(scope)
        self._sandbox.admin("POST", "faults", {"script": script, "when": when, "scope": scope})

    def add(self, *faults: Mapping[str, Any], when: str = "before", **scope: str) -> None:
        """Add faults to the script, each as a dict; see the mock's guide for the members.

        >>> sandbox.faults.add({"kind": "delay", "delay": 2}, provider="ping")
        """
        _refuse_none(scope)
        body = {"faults": list(faults), "when": when, "scope": scope}
        self._sandbox.admin("POST", "faults", body)

    def clear(self) -> None:
        self._sandbox.admin("DELETE", "faults")

    @property
    def state(self) -> dict[str, Any]:
        """Every script, with how often each of its faults has fired."""
        return cast("dict[str, Any]", self._sandbox.admin("GET", "faults"))

    @property
    def unfired(self) -> list[str]:
        """The scripted faults that have not happened yet, in words."""
        return [
            f"{fault['fault']} (fired {fault['fired']} of {fault['times']})"
            for script in self.state["faults"]
            for fault in script["faults"]
            if fault["times"] != 0 and fault["fired"] < fault["times"] and fault["fault"] != "ok"
        ]


#: The mock lists no more at once.
MOST_REQUESTS = 10_000


class Journal:
    """The requests that the space received. Secrets are redacted before they are kept."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox
        self._expected: list[tuple[str, dict[str, object]]] = []

    def requests(self, **criteria: object) -> list[dict[str, Any]]:
        """Return the requests that match: ``provider=``, ``operation=``, ``session_id=``, ...

        With ``limit=`` the latest so many, up to 10,000.

        Raises:
            ConfigurationError: Without it: there are more, or requests that may match were evicted.
        """
        found = self._ask("requests", {"limit": MOST_REQUESTS, **criteria})
        requests = cast("list[dict[str, Any]]", found["requests"])
        if "limit" not in criteria and (found["evicted"] or len(requests) == MOST_REQUESTS):
            raise ConfigurationError(
                f"the journal has forgotten {found['evicted']} requests that may match, or more "
                f"match than {MOST_REQUESTS}: set a limit, to get the latest ones"
            )
        return requests

    def count(self, **criteria: object) -> int:
        """Return how many match.

        Raises:
            ConfigurationError: Requests that may match were evicted: the count is not known.
        """
        counted = self._ask("requests/count", criteria)
        if not counted["exact"]:
            raise ConfigurationError(
                f"the journal has forgotten {counted['evicted']} requests that may match: "
                "count before so many come"
            )
        return int(counted["count"])

    def wait(self, *, timeout: float = 5, **criteria: object) -> bool:
        """Wait until a request matches (``at_least=2`` of them); return False on a timeout."""
        criteria = {"timeout": timeout, **criteria}
        answer = self._ask("requests/wait", criteria, timeout=timeout + 30)
        return bool(answer["verdict"] == "yes")

    def near_misses(self, **criteria: object) -> list[dict[str, Any]]:
        """Return the requests that match best, and field by field why they do not match."""
        found = self._ask("requests/near-misses", criteria)
        return cast("list[dict[str, Any]]", found["near_misses"])

    def expect(self, provider: str, session_id: str, *, times: int = 1) -> None:
        """Expect so many calls about the session; a test that makes other than these fails."""
        words = f"{times} call(s) to {provider} for {session_id!r}"
        criteria = {"provider": provider, "session_id": session_id, "exactly": times}
        self._expected.append((words, criteria))

    @property
    def unmade(self) -> list[str]:
        """The expected calls that were not made, or were made more often, in words."""
        return [
            f"{words}: {answer['verdict']}, {answer['count']} came"
            for words, criteria in self._expected
            if (answer := self._ask("requests/count", criteria))["verdict"] != "yes"
        ]

    def _ask(
        self, path: str, criteria: Mapping[str, object], *, timeout: float = 30
    ) -> dict[str, Any]:
        # Percent-encoded, spaces too: the mock takes a plus in a query as a plus.
        _refuse_none(criteria)
        texts = {
            name: str(value).lower() if isinstance(value, bool) else str(value)
            for name, value in criteria.items()
        }
        query = urlencode(texts, quote_via=quote)
        answer = self._sandbox.admin("GET", f"{path}?{query}", timeout=timeout)
        return cast("dict[str, Any]", answer)


def _refuse_none(given: Mapping[str, object]) -> None:
    # It would stand for all, where somebody has a variable that is not set.
    if missing := [name for name, value in given.items() if value is None]:
        raise ConfigurationError(f"{missing[0]} is None: leave it out, or pass what to look for")


def _read(scenario: Path) -> dict[str, Any]:
    try:
        text = scenario.read_text(encoding="utf-8")
        return cast("dict[str, Any]", json.loads(text, object_pairs_hook=_members))
    except (OSError, ValueError) as error:
        raise ConfigurationError(f"the scenario {scenario} cannot be read: {error}") from error


def _members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) < len(pairs):
        twice = next(
            name for name, count in Counter(name for name, _ in pairs).items() if count > 1
        )
        raise ValueError(f"an object has the member {twice!r} twice")
    return members


def _to_datetime(text: str) -> datetime:
    return datetime.fromisoformat(text.replace("Z", "+00:00"))


@contextmanager
def running_sandbox(arguments: Sequence[str | Path] = ()) -> Iterator[Sandbox]:
    """Run a mock on a free port until the block ends; give its default space."""
    with running_mock(arguments) as ready:
        yield Sandbox(ready)
