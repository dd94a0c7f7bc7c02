"""What a client refuses before it would ask anyone."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from tests.support.asking import ASYNC_CLIENTS
from tests.support.peers import answer, peer, says
from tests.support.vendors import PING, TIUN, VENDORS, Vendor

from sessionvitals import CancelToken, ConfigurationError, PingClient, TiunClient

each_vendor = pytest.mark.parametrize("vendor", VENDORS.values(), ids=str)
ADDRESS = "http://127.0.0.1:1"


@each_vendor
@pytest.mark.parametrize("seconds", [0, -1, float("nan"), float("inf"), 86_401, 1e300])
def test_a_timeout_that_is_no_wait_is_refused(vendor: Vendor, seconds: float) -> None:
    with pytest.raises(ConfigurationError, match="timeout"):
        vendor.client(ADDRESS, timeout=seconds)
    client = vendor.client(ADDRESS)
    with pytest.raises(ConfigurationError, match="timeout"):
        vendor.ask(client, "s", timeout=seconds)
    with pytest.raises(ConfigurationError, match="timeout"):
        client.with_options(timeout=seconds)


@each_vendor
@pytest.mark.parametrize("max_retries", [-1, 11, 2**31 - 1])
def test_a_number_of_retries_out_of_range_is_refused(vendor: Vendor, max_retries: int) -> None:
    with pytest.raises(ConfigurationError, match="max_retries"):
        vendor.client(ADDRESS, max_retries=max_retries)


@each_vendor
def test_the_two_names_of_one_option_are_not_given_together(vendor: Vendor) -> None:
    both: dict[str, Any] = {"resend_unsafe": True, "retry_patch": True}
    with pytest.raises(ConfigurationError, match="resend_unsafe and retry_patch"):
        vendor.client(ADDRESS, **both)
    with pytest.raises(ConfigurationError, match="resend_unsafe and retry_patch"):
        vendor.client(ADDRESS).with_options(**both)
    assert vendor.client(ADDRESS, retry_patch=True).with_options(resend_unsafe=False)


@each_vendor
@pytest.mark.parametrize(
    "base_url",
    [
        "example.com",
        "ftp://example.com",
        "//example.com",
        "http://",
        "http://:80",
        "http://h:99999",
        "http://h:0",
        "http://h:x",
        "http://h:-1",
        "http://user:pass@h",
        "http://h/?query",
        "http://h/#fragment",
        "http://h/a b",
        "http://h\r\nX-Evil: 1",
        "http://h\0",
        "http://[::1",
        "http://[zz]",
        "file:///etc/passwd",
        "http://h/%zz\n",
    ],
)
def test_a_base_url_that_is_none_is_refused(vendor: Vendor, base_url: str) -> None:
    with pytest.raises(ConfigurationError, match=r"(?i)url"):
        vendor.client(base_url)


@pytest.mark.parametrize(
    ("vendor", "variable"), [(TIUN, "TIUN_ACCESS_TOKEN"), (PING, "PING_API_KEY")], ids=str
)
def test_a_missing_key_is_refused_and_its_variable_named(vendor: Vendor, variable: str) -> None:
    with pytest.raises(ConfigurationError, match=variable):
        vendor.open(ADDRESS, None, vendor.style)


def test_a_key_comes_from_the_environment_and_an_argument_wins(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("PING_API_KEY", "bad\nkey")
    with pytest.raises(ConfigurationError, match="PING_API_KEY"):
        PingClient()
    assert PingClient(api_key="good")


def test_a_base_url_comes_from_the_environment_and_an_argument_wins(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("TIUN_BASE_URL", "http://from-environment")
    monkeypatch.setenv("TIUN_ACCESS_TOKEN", "key")
    assert "http://from-environment" in repr(TiunClient())
    assert "http://argument" in repr(TiunClient(base_url="http://argument"))


@each_vendor
@pytest.mark.parametrize("session_id", [None, 5, b"s", ["s"], object()])
def test_an_id_that_is_no_text_is_refused(vendor: Vendor, session_id: Any) -> None:
    client = vendor.client(ADDRESS)
    with pytest.raises((ConfigurationError, TypeError)):
        vendor.ask(client, session_id)
    with pytest.raises((ConfigurationError, TypeError)):
        client.probe(session_id)


@each_vendor
def test_a_closed_client_refuses_calls_and_its_views_do_too(vendor: Vendor) -> None:
    client = vendor.client(ADDRESS)
    client.close()
    client.close()
    with pytest.raises(ConfigurationError, match="closed"):
        vendor.ask(client, "s")


@each_vendor
def test_an_option_that_does_not_exist_is_refused(vendor: Vendor) -> None:
    with pytest.raises(TypeError, match="timout"):
        vendor.client(ADDRESS, timout=5)
    with pytest.raises(TypeError, match="proxy"):
        vendor.ask(vendor.client(ADDRESS), "s", proxy="http://p")
    compiled: Any = vendor.client(ADDRESS)._compiled
    known = r"unknown option 'timout' \(known: cancel, max_retries, resend_unsafe"
    with pytest.raises(TypeError, match=known):
        compiled.probe(CANARY, timout=5)


#: Options of a call, and what is no value for each.
WRONG: dict[str, list[Any]] = {
    "timeout": ["7", b"7", True, [1], object()],
    "max_retries": ["2", 1.5, True, None.__class__],
    "resend_unsafe": ["yes", 1, 0],
    "cancel": ["now", 1, CancelToken],
}
CANARY = "canary-8f3a"


@each_vendor
@pytest.mark.parametrize(
    ("name", "value"), [(name, value) for name, values in WRONG.items() for value in values]
)
def test_an_option_of_a_wrong_type_is_named_and_nothing_else_is_quoted(
    vendor: Vendor, name: str, value: Any
) -> None:
    client: Any = vendor.client(ADDRESS)
    awaiting = ASYNC_CLIENTS[vendor.name](vendor.key, base_url=ADDRESS)

    async def wait(method: str) -> None:
        await getattr(awaiting, method)(CANARY, **{name: value})

    ways: list[Callable[[], Any]] = [
        lambda: vendor.ask(client, CANARY, **{name: value}),
        lambda: client.probe(CANARY, **{name: value}),
        lambda: client.probe(CANARY, max_age=5, reuse_patch=True, **{name: value}),
        lambda: client.with_options(**{name: value}),
        lambda: list(client.probe_many([CANARY], **{name: value})),
        lambda: client.probe_table([CANARY], **{name: value}),
    ]
    if name != "cancel":
        ways += [lambda: asyncio.run(wait("probe")), lambda: asyncio.run(wait(vendor.operation))]
    for way in ways:
        with pytest.raises(ConfigurationError, match=f"^{name} is of type ") as raised:
            way()
        assert CANARY not in str(raised.value)


@each_vendor
def test_an_invalid_option_is_refused_where_an_answer_is_known_already(vendor: Vendor) -> None:
    with peer(says(answer(vendor.good_body))) as told:
        client = vendor.client(told.url)
        client.probe("s", max_age=60, reuse_patch=True)
        with pytest.raises(ConfigurationError, match="timeout"):
            client.probe("s", max_age=60, reuse_patch=True, timeout=-1)


@each_vendor
@pytest.mark.parametrize(
    ("what", "arguments"),
    {
        "HTTP status is of type str": ("200", [("K", "canary-8f3a")], b"{}"),
        "HTTP status is out of range": (99, [("K", "canary-8f3a")], b"{}"),
        "HTTP status is out of range: ": (2**70, [("K", "canary-8f3a")], b"{}"),
        "body is of type str": (200, [("K", "canary-8f3a")], "canary-8f3a"),
        "header is of type int": (200, [("canary-8f3a", 1)], b"{}"),
        "header is of type str": (200, ["canary-8f3a"], b"{}"),
        "header is of type tuple": (200, [("canary-8f3a",)], b"{}"),
    }.items(),
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_parser_names_what_is_of_a_wrong_type_and_quotes_nothing(
    vendor: Vendor, what: str, arguments: tuple[Any, Any, Any]
) -> None:
    with pytest.raises(ConfigurationError, match=what) as raised:
        vendor.parse("s", *arguments)
    assert "canary" not in str(raised.value)
