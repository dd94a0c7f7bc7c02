"""The vendors in a space of the mock: what can be seeded, and the clients that ask for it."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any, Generic, TypeVar, cast
from urllib.parse import quote
from urllib.request import getproxies

from ._sync.eliza import ElizaClient
from ._sync.ping import PingClient
from ._sync.tiun import TiunClient

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from ._sync.client import Client
    from .sandbox import Sandbox

AnyClient = TypeVar("AnyClient", bound="Client")


class Vendor(Generic[AnyClient]):
    """One vendor in a space: its sessions, and how it is reached."""

    def __init__(self, sandbox: Sandbox, name: str, make_client: Callable[..., AnyClient]) -> None:
        ready = sandbox.ready
        self.name = name
        #: What a client's ``base_url`` has to be.
        self.base_url: str = sandbox.url + ready["base_urls"][name].removeprefix(ready["url"])
        #: The key that the mock accepts; None if it requires none.
        self.key: str | None = ready["keys"][name]
        self._sandbox = sandbox
        self._make_client = make_client
        self._ca_file: str | None = ready.get("ca_file")

    def take_key(self, keys: Mapping[str, str | None] | None) -> None:
        """Take the key that a scenario gave the vendor, if it gave one."""
        if keys and self.name in keys:
            self.key = keys[self.name]

    def _needed(self) -> dict[str, Any]:
        """Return the options that a client needs to reach the mock."""
        options: dict[str, Any] = {"base_url": self.base_url}
        if self._ca_file:
            options["ca_file"] = self._ca_file
        if getproxies():  # which are not asked to reach it
            options["trust_env"] = False
        return options

    def client(self, **options: Any) -> AnyClient:
        """Return a client of this vendor in this space. Options are those of the client."""
        return self._make_client(self.key, **{**self._needed(), **options})

    def async_client(self, **options: Any) -> Any:
        """Return the same for asyncio."""
        import sessionvitals

        make = getattr(sessionvitals, f"Async{self._make_client.__name__}")
        return make(self.key, **{**self._needed(), **options})

    def add_session(self, session_id: str, state: str, **fields: object) -> dict[str, Any]:
        """Seed a session; return it as the mock stored it. See the mock's guide for the fields."""
        session = {"provider": self.name, "id": session_id, "state": state, **fields}
        return cast("dict[str, Any]", self._sandbox.admin("POST", "sessions", session))

    def change_session(self, session_id: str, **fields: object) -> dict[str, Any]:
        """Push a session into another ``state``, or change its other fields."""
        path = f"sessions/{self.name}/{quote(session_id, safe='')}"
        return cast("dict[str, Any]", self._sandbox.admin("PATCH", path, fields))


class TiunSandbox(Vendor[TiunClient]):
    """tiun in a space: its sessions, and the users of the site."""

    def users(self, *users: Mapping[str, Any]) -> None:
        """Set the users there are, each as a dict.

        >>> sandbox.tiun.users({"user_id": "u-1", "email": "a@example.com", "tokens": ["abc"]})
        >>> assert sandbox.tiun.client().verify_user("abc")

        A dict has ``user_id``, and may have ``email``, ``product_access`` (any JSON) and
        ``tokens``, which verify_user() takes for the user's. Any other token is nobody's.
        """
        self._sandbox.admin("PUT", "account", {"tiun": {"users": list(users)}})

    @property
    def script_url(self) -> str:
        """The address of the imitation of tiun's browser script, for ``import`` in a page.

        Who knows the address can start sessions of this space, and nothing else.
        """
        script = self._sandbox.admin("GET", "browser")["script"]
        return f"{self._sandbox.ready['url']}{script}"

    def browser(self, **settings: object) -> None:
        """Set what the reader of a page with that script does and can pay.

        >>> sandbox.tiun.browser(payment="fails")
        >>> sandbox.tiun.browser(payment="succeeds", interval=60, funds=3, expires_after=1800)

        ``payment`` is "succeeds" or "fails". ``funds`` is the number of intervals that a session
        can pay, ``interval`` their length in seconds, ``expires_after`` the seconds that it lasts
        at most; None for no end. ``user`` is the id of the one of users() who signs in.
        """
        self._sandbox.admin("PUT", "browser", settings)


class PingSandbox(Vendor[PingClient]):
    """Ping Network in a space: its sessions, and the zones and limits of the account."""

    def zones(self, *zones: Mapping[str, Any] | str) -> None:
        """Set the zones there are, each by its code or as a dict.

        >>> sandbox.ping.zones("us-east", {"code": "de", "name": "Germany"})
        >>> [zone.name for zone in sandbox.ping.client().list_zones()]
        ['us-east', 'Germany']

        A dict has ``code``, and may have ``name`` and ``has_active_nodes`` (True if left out).
        """
        listed = [{"code": each} if isinstance(each, str) else dict(each) for each in zones]
        self._sandbox.admin("PUT", "account", {"ping": {"zones": listed}})

    def limits(self, scope: str, **limits: int) -> None:
        """Set the limits of a scope: "global", "client" or "session".

        >>> sandbox.ping.limits("client", max_sessions=5)
        >>> sandbox.ping.client().get_client_limits().max_sessions
        5
        """
        self._sandbox.admin("PUT", "account", {"ping": {"limits": {scope: limits}}})


class ElizaSandbox(Vendor[ElizaClient]):
    """elizaOS in a space: its sessions, their messages, and the agent that replies to them."""

    def agent(
        self, reply: str | None = "ok", *, after: timedelta | float = 0, error: str | None = None
    ) -> None:
        """Set how agents reply: with a text, after seconds of virtual time.

        >>> sandbox.eliza.agent("You are welcome.", after=2)

        ``reply=None`` never replies; with ``error`` the agent fails instead.
        """
        seconds = after.total_seconds() if isinstance(after, timedelta) else after
        settings = {"reply": reply, "reply_after": seconds, "error": error}
        self._sandbox.admin("PUT", "agent", settings)

    def add_messages(self, session_id: str, *messages: Mapping[str, Any] | str) -> None:
        """Append messages to a session, each as its text or as a dict.

        >>> _ = sandbox.eliza.add_session("chat-1", state="active")
        >>> sandbox.eliza.add_messages("chat-1", "Hello", {"content": "Hi", "is_agent": True})

        A dict has ``content``, and may have ``id``, ``author_id``, ``is_agent``, ``created_at``
        (ISO 8601) and ``metadata``.
        """
        added = [{"content": each} if isinstance(each, str) else dict(each) for each in messages]
        self.change_session(session_id, append_messages=added)
