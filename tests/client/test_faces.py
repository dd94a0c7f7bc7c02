"""The clients that wait and those for asyncio are one: the same methods, options and words."""

from __future__ import annotations

import asyncio
import gc
import inspect
import subprocess
import sys
import threading
import typing
import weakref
from pathlib import Path
from typing import Any

import pytest
from tests.support.consumers import ROOT
from tests.support.sandbox import Space
from tests.support.vendors import VENDORS, Vendor

import sessionvitals
from sessionvitals import CallCancelled, CancelToken, ConfigurationError, ServerError

each_vendor = pytest.mark.parametrize("vendor", VENDORS.values(), ids=str)
GENERATOR = ROOT / "python/generate_sync.py"
CALLS = {"tiun": "verify", "ping": "session_status", "eliza": "get_session"}


def awaited(vendor: Vendor) -> Any:
    return getattr(sessionvitals, f"Async{vendor.client_class.__name__}")


def public(cls: type) -> dict[str, Any]:
    return {
        name: value
        for name, value in inspect.getmembers(cls, inspect.isfunction)
        if not name.startswith("_")
    }


def test_the_clients_that_wait_are_written_from_those_for_asyncio(tmp_path: Path) -> None:
    pytest.importorskip("ruff")
    subprocess.run([sys.executable, GENERATOR, tmp_path], check=True)

    for file in sorted(tmp_path.iterdir()):
        committed = ROOT / "python/sessionvitals/_sync" / file.name
        assert file.read_text() == committed.read_text(), "run make sync"
    assert len(list(tmp_path.iterdir())) > len(VENDORS)


@each_vendor
def test_both_faces_have_the_same_methods_and_options(vendor: Vendor) -> None:
    waiting, awaiting = public(vendor.client_class), public(awaited(vendor))

    assert waiting.keys() == awaiting.keys()
    for name, method in waiting.items():
        ours, theirs = inspect.signature(method), inspect.signature(awaiting[name])
        assert list(ours.parameters) == list(theirs.parameters)
        assert not [p for p in ours.parameters.values() if p.kind is p.VAR_KEYWORD], name


@each_vendor
def test_annotations_can_be_looked_at_at_run_time(vendor: Vendor) -> None:
    for client in (vendor.client_class, awaited(vendor)):
        for name in ("probe", "probe_many", "probe_table", CALLS[vendor.name], "__init__"):
            hints = typing.get_type_hints(getattr(client, name))
            assert "return" in hints


FUNCTIONS = {
    f"{name}.{member}": function
    for name in sessionvitals.__all__
    for member, function in inspect.getmembers(getattr(sessionvitals, name), inspect.isfunction)
    if not member.startswith("_") or (member == "__init__" and name.endswith("Client"))
} | {
    name: getattr(sessionvitals, name)
    for name in sessionvitals.__all__
    if inspect.isfunction(getattr(sessionvitals, name))
}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_annotations_of_all_that_is_public_can_be_looked_at(name: str) -> None:
    assert typing.get_type_hints(FUNCTIONS[name]) or not FUNCTIONS[name].__annotations__


@each_vendor
def test_annotations_of_a_clients_own_members_can_be_looked_at(vendor: Vendor) -> None:
    for client in (vendor.client_class, awaited(vendor)):
        assert typing.get_type_hints(client)["provider"] is str


@each_vendor
@pytest.mark.parametrize(
    ("option", "value"),
    [("timeout", "soon"), ("timeout", True), ("max_retries", 1.5), ("cancel", "now")],
)
def test_an_option_of_a_wrong_type_is_named_and_nothing_else_is(
    vendor: Vendor, option: str, value: Any
) -> None:
    client = vendor.client("http://127.0.0.1:1")

    for ask in (client.probe, getattr(client, CALLS[vendor.name])):
        with pytest.raises(ConfigurationError) as raised:
            ask("a-secret-id", **{option: value})
        assert option in str(raised.value)
        assert "a-secret-id" not in str(raised.value)
    with pytest.raises(ConfigurationError, match=option):
        client.probe_many(["a"], **{option: value})


@each_vendor
def test_an_option_that_is_not_there_is_a_type_error(vendor: Vendor) -> None:
    with pytest.raises(TypeError, match="deadlin"):
        vendor.client("http://127.0.0.1:1").probe("a-secret-id", deadlin=1)  # type: ignore[call-arg]


def test_a_token_ends_a_call_of_asyncio(space: Space) -> None:
    space.admin("POST", "faults", {"script": "stall*"})
    token = CancelToken()

    async def ask() -> None:
        client = sessionvitals.AsyncPingClient("ping-sandbox-key", base_url=space.base_url("ping"))
        asyncio.get_running_loop().call_soon(token.cancel)
        await asyncio.gather(*(client.probe(f"s-{n}", cancel=token) for n in range(3)))

    with pytest.raises(CallCancelled):
        asyncio.run(ask())


def test_a_clients_token_ends_its_calls_of_asyncio(space: Space) -> None:
    space.admin("POST", "faults", {"script": "stall*"})
    token = CancelToken()

    async def ask() -> None:
        client = sessionvitals.AsyncPingClient(
            "ping-sandbox-key", base_url=space.base_url("ping"), cancel=token
        )
        asyncio.get_running_loop().run_in_executor(None, token.cancel)
        await client.session_status("s")

    with pytest.raises(CallCancelled):
        asyncio.run(ask())


@pytest.mark.parametrize("way", ["a token", "a changing key"])
def test_a_call_of_asyncio_that_failed_keeps_nothing_alive(space: Space, way: str) -> None:
    space.admin("POST", "faults", {"script": "500*"})
    key: Any = "ping-sandbox-key"
    if way == "a changing key":
        key = lambda: "ping-sandbox-key"

    async def ask() -> weakref.ref[asyncio.AbstractEventLoop]:
        client = sessionvitals.AsyncPingClient(key, base_url=space.base_url("ping"), max_retries=0)
        with pytest.raises(ServerError):
            await client.probe("s", cancel=CancelToken() if way == "a token" else None)
        return weakref.ref(asyncio.get_running_loop())

    loop = asyncio.run(ask())
    gc.collect()
    assert loop() is None


def test_a_table_is_filled_for_asyncio_while_the_loop_runs(space: Space) -> None:
    space.add_session("ping", "vpn-1", "connected")
    told: list[tuple[int, int]] = []

    async def ask() -> sessionvitals.OutcomeTable:
        client = sessionvitals.AsyncPingClient("ping-sandbox-key", base_url=space.base_url("ping"))
        return await client.probe_table(
            ["vpn-1", "vpn-2"],
            ordered=True,
            on_progress=lambda done: told.append((done, threading.get_ident())),
        )

    table = asyncio.run(ask())

    assert len(table) == 2
    assert told[-1] == (2, threading.get_ident())


@each_vendor
def test_a_method_takes_what_the_compiled_one_takes_in_its_order(vendor: Vendor) -> None:
    # The method passes its arguments on by position.
    compiled = getattr(sessionvitals._core, vendor.client_class.__name__)
    operations = {name.removeprefix("begin_") for name in vars(compiled) if "begin_" in name}
    assert CALLS[vendor.name] in operations

    for operation in operations - {"probe"}:
        method = inspect.signature(getattr(vendor.client_class, operation))
        build = getattr(sessionvitals, f"build_{vendor.name}_{operation}_request")
        taken = [
            (each.name, each.default)
            for each in inspect.signature(build).parameters.values()
            if each.kind is each.POSITIONAL_OR_KEYWORD
        ]
        ours = [(each.name, each.default) for each in method.parameters.values()]
        assert ours[1 : 1 + len(taken)] == taken, operation
