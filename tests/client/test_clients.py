"""What the Python half of the clients adds to the compiled one. No sockets."""

from __future__ import annotations

import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import sessionvitals
from sessionvitals import (
    CLIENTS,
    AsyncPingClient,
    Client,
    ConfigurationError,
    ElizaClient,
    PingClient,
    TiunClient,
    build_ping_session_status_request,
)

KEY = "canary-8f3a"
each_client = pytest.mark.parametrize("kind", CLIENTS, ids=lambda kind: kind.provider)


@pytest.mark.parametrize(
    ("argument", "make"),
    {
        "access_token": lambda: TiunClient(KEY.encode()),  # type: ignore[arg-type]
        "header_name": lambda: TiunClient(KEY, header_name=None),  # type: ignore[arg-type]
        "base_url": lambda: ElizaClient(KEY, base_url=Path(KEY)),  # type: ignore[arg-type]
        "authorization_scheme": lambda: PingClient(KEY, authorization_scheme=7),  # type: ignore[arg-type]
        "timeout": lambda: PingClient(KEY, timeout="7"),  # type: ignore[arg-type]
        "max_retries": lambda: PingClient(KEY, proxy=f"http://u:{KEY}@h", max_retries=1.5),  # type: ignore[arg-type]
        "cancel": lambda: PingClient(KEY, cancel=KEY),  # type: ignore[arg-type]
        "api_key": lambda: build_ping_session_status_request("s", api_key=[KEY]),  # type: ignore[arg-type]
    }.items(),
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_an_argument_of_a_wrong_type_is_named_and_no_secret_is_quoted(
    argument: str, make: Callable[[], Any]
) -> None:
    with pytest.raises(ConfigurationError, match=f"^{argument} is of type ") as raised:
        make()

    shown = "".join(traceback.format_exception(raised.value)[-1:])
    assert KEY not in shown + repr(raised.value)


@each_client
@pytest.mark.parametrize("empty", ["key", "base_url"])
def test_what_is_empty_is_not_taken_for_left_out(kind: type[Client], empty: str) -> None:
    key, base_url = ("", "http://h") if empty == "key" else (KEY, "")

    with pytest.raises(ConfigurationError, match="is empty"):
        kind(key, base_url=base_url)


@each_client
def test_a_client_shows_where_it_asks_and_no_key(kind: type[Client]) -> None:
    client = kind(KEY, base_url="http://h")

    assert repr(client) == f"{kind.__name__}(base_url='http://h')"
    assert not hasattr(client, "__dict__")


@each_client
def test_a_client_closes_at_the_end_of_its_block_and_not_its_views(kind: type[Client]) -> None:
    with kind(KEY, base_url="http://127.0.0.1:1", max_retries=0) as client:
        view = client.with_options(timeout=5)
        assert type(view) is kind

    with pytest.raises(ConfigurationError, match="closed"):
        client.probe("s")
    with pytest.raises(sessionvitals.TransportError):
        view.probe("s")


def test_client_itself_is_no_vendors() -> None:
    with pytest.raises(TypeError, match="TiunClient"):
        Client("key")


def test_a_path_may_be_a_path_and_none_is_the_default(tmp_path: Path) -> None:
    file = tmp_path / "ca.pem"
    file.touch()
    PingClient(KEY, ca_file=file, client_key_file=str(file))
    PingClient(KEY, ca_file=None, proxy=None, timeout=None, trust_env=None)


def test_a_session_state_is_also_its_word() -> None:
    word: str = sessionvitals.SessionState.NOT_FOUND

    assert word == "not_found"
    assert f"{word}" == "not_found"


class Tenants(PingClient):
    """As a program may extend a client: with members of its own, of every kind."""

    __slots__ = ("__hidden", "never_set", "tenant")

    def __init__(self, tenant: str, **options: Any) -> None:
        super().__init__(KEY, **options)
        self.tenant = tenant
        self.__hidden = [tenant]

    @property
    def hidden(self) -> list[str]:
        return self.__hidden


class Billed(Tenants):  # without slots: its instances have a dict
    def __init__(self, tenant: str, account: dict[str, int]) -> None:
        super().__init__(tenant)
        self.account = account


class Awaited(AsyncPingClient):
    __slots__ = "tenant"  # noqa: PLC0205 - as Python allows

    def __init__(self, tenant: str) -> None:
        super().__init__(KEY)
        self.tenant = tenant


def test_a_view_of_a_clients_subclass_has_what_its_instance_has() -> None:
    account = {"used": 1}
    client = Billed("t", account)

    view = client.with_options(timeout=1)

    assert type(view) is Billed
    assert (view.tenant, view.hidden, view.account) == ("t", ["t"], account)
    assert view.account is account, "the same object, as that of a copy"
    assert not hasattr(view, "never_set")
    view.tenant = "other"
    view.account = {}
    assert (client.tenant, client.account) == ("t", account)
    assert view._compiled.timeout == 1
    assert client._compiled.timeout == 10
    assert Awaited("t").with_options(max_retries=0).tenant == "t"
