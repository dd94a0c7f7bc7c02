"""A key that every client is given is found in nothing that comes out of any of them."""

from __future__ import annotations

import asyncio
import copy
import json
import logging
import pickle
import traceback
from collections.abc import Callable
from typing import Any

import pytest
from tests.support.peers import answer, peer, says, says_and_stays, says_in_turn
from tests.support.sandbox import Space
from tests.support.shell import environment_of, run
from tests.support.vendors import PING, VENDORS, Vendor

import sessionvitals
from sessionvitals import (
    AsyncElizaClient,
    AsyncPingClient,
    AsyncTiunClient,
    CallError,
    PingClient,
    SessionVitalsError,
    logs,
)

CANARY = "canary-7f3c9b1e"
ECHO = CANARY.encode()

JSON = b"Content-Type: application/json"
TYPE = b"Content-Type: text/plain"


def refusal(status: bytes, body: bytes, *headers: bytes) -> bytes:
    return answer(body, b"HTTP/1.1 " + status, JSON, *headers)


BODY = json.dumps(
    {
        "title": CANARY,
        "detail": f"no {CANARY}",
        "type": f"about:{CANARY}",
        "instance": CANARY,
        "code": CANARY,
        "message": f"wrong key {CANARY}.",
        "error": {"code": CANARY, "message": f"got {CANARY}", "details": {"key": [CANARY]}},
        "details": {CANARY: CANARY},
        "requestId": CANARY,
        "success": False,
    }
).encode()
HEADERS = (b"X-Request-Id: " + ECHO, b"X-Echo: " + ECHO, b"Retry-After: " + ECHO)

#: What a peer says that sends the key back in every way there is.
ECHOES: dict[str, bytes] = {
    **{
        f"{status}, in body and headers": refusal(status.encode(), BODY, *HEADERS)
        for status in (
            *("400 Bad Request", "401 Unauthorized", "403 Forbidden", "410 Gone", "418 Teapot"),
            *("429 Too Many Requests", "500 Internal Server Error", "301 Moved"),
        )
    },
    "401 with the key as its reason": answer(b"", b"HTTP/1.1 401 " + ECHO),
    "401 with a text of it": answer(b"bad " + ECHO, b"HTTP/1.1 401 No", TYPE),
    "401 with a page of it": answer(b"<p>" + ECHO * 50 + b"</p>", b"HTTP/1.1 401 No"),
    "404 that is not about the session": answer(ECHO, b"HTTP/1.1 404 " + ECHO, *HEADERS),
    "200 that is not JSON": answer(ECHO),
    "200 that is a JSON string": answer(b'"' + ECHO + b'"'),
    "200 with members of a wrong type": answer(
        json.dumps(
            {m: [CANARY] for m in ("status", "clientId", "sessionId", "agentId", "expiresAt")}
        ).encode()
    ),
    "200 with it as a member's name": answer(b'{"' + ECHO + b'": {'),
    "200 with a time of it": answer(
        json.dumps({"sessionId": "s", "agentId": "a", "expiresAt": CANARY}).encode()
    ),
    "a status line of it": ECHO + b" 200 OK\r\n\r\n",
    "a bad length of it": b"HTTP/1.1 200 OK\r\nContent-Length: " + ECHO + b"\r\n\r\n",
    "a bad header of it": b"HTTP/1.1 200 OK\r\n" + ECHO + b" " + ECHO + b"\r\n\r\n",
    "a chunk of it": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + ECHO + b"\r\n",
    "a coding of it": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: " + ECHO + b"\r\n\r\n",
    "half an answer of it": b"HTTP/1.1 200 OK\r\nContent-Length: 999\r\n\r\n" + ECHO,
    "a redirect to it": answer(b"", b"HTTP/1.1 302 Found", b"Location: http://h/?k=" + ECHO),
}
ASYNC: dict[str, Any] = {
    "tiun": AsyncTiunClient,
    "ping": AsyncPingClient,
    "eliza": AsyncElizaClient,
}

Ask = Callable[[Vendor, str], Any]


def open_client(vendor: Vendor, url: str, **options: Any) -> Any:
    return vendor.open(url, CANARY, vendor.style, max_retries=1, **options)


def own_call(vendor: Vendor, url: str) -> Any:
    return vendor.ask(open_client(vendor, url), "s")


def probe(vendor: Vendor, url: str) -> Any:
    return open_client(vendor, url).probe("s")


def bulk(vendor: Vendor, url: str) -> Any:
    return list(open_client(vendor, url).probe_many(["s", "t"]))


def awaited(vendor: Vendor, url: str) -> Any:
    client = ASYNC[vendor.name](CANARY, base_url=url, max_retries=1)
    return asyncio.run(client.probe("s"))


WAYS: dict[str, Ask] = {
    "its own call": own_call,
    "probe": probe,
    "probe_many": bulk,
    "asyncio": awaited,
}


def everything(thing: Any) -> str:
    """Return all that can be read of an object, and of what it holds."""
    parts = [repr(thing), str(thing)]
    if isinstance(thing, list):
        return "\n".join([*parts, *map(everything, thing)])
    if isinstance(thing, sessionvitals.Outcome):
        return "\n".join([*parts, everything(thing.session or thing.error)])
    if isinstance(thing, BaseException):
        parts += map(repr, vars(thing).items())
        parts += traceback.format_exception(thing)
        parts += [everything(each) for each in (thing.__cause__, thing.__context__) if each]
    if hasattr(thing, "to_dict"):
        parts.append(json.dumps(thing.to_dict()))
    for copied in (thing, copy.copy(thing), copy.deepcopy(thing)):
        parts.append(repr(pickle.dumps(copied, 0)))
    if (call := getattr(thing, "call", None)) is not None:
        parts += [
            repr(call),
            json.dumps(call.to_dict()),
            repr([one.to_dict() for one in call.attempts]),
        ]
    if isinstance(thing, sessionvitals.HttpStatusError):
        parts += [repr(thing.details), repr(thing.body)]
    return "\n".join(parts)


@pytest.mark.parametrize("said", ECHOES.values(), ids=ECHOES)
@pytest.mark.parametrize("vendor", VENDORS.values(), ids=str)
@pytest.mark.parametrize("way", WAYS)
def test_a_key_that_a_peer_sends_back_is_in_no_error_and_no_log(
    way: str, vendor: Vendor, said: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    logs._said.clear()
    with peer(says(said)) as told:
        try:
            come = WAYS[way](vendor, told.url)
        except SessionVitalsError as error:
            come = error

    assert any(ECHO in request for request in told.requests), "the key was sent at all"
    if isinstance(come, CallError) or (isinstance(come, list) and come[0].error):
        assert CANARY not in everything(come)
    assert caplog.records
    assert CANARY not in caplog.text
    assert CANARY not in "\n".join(repr(vars(record)) for record in caplog.records)


@pytest.mark.parametrize("vendor", VENDORS.values(), ids=str)
def test_a_key_is_in_nothing_of_a_call_that_went_well(
    vendor: Vendor, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    with peer(says(answer(vendor.good_body))) as told:
        for ask in (own_call, probe, bulk):
            assert CANARY not in everything(ask(vendor, told.url))
    assert CANARY not in caplog.text


@pytest.mark.parametrize("vendor", VENDORS.values(), ids=str)
def test_a_client_shows_no_key_and_is_neither_pickled_nor_copied(vendor: Vendor) -> None:
    client = open_client(vendor, "http://127.0.0.1:1")
    for one in (
        client,
        client.with_options(timeout=1),
        ASYNC[vendor.name](CANARY, base_url="http://h"),
    ):
        compiled = getattr(one, "_compiled", None)
        assert CANARY not in repr(one) + str(one) + repr(compiled) + repr(dir(one))
        for way in (pickle.dumps, copy.copy, copy.deepcopy):
            with pytest.raises(TypeError, match="not pickled or copied") as raised:
                way(one)
            assert CANARY not in everything_of_a_trace(raised.value)


def everything_of_a_trace(error: BaseException) -> str:
    return repr(error) + "".join(traceback.format_exception(error))


@pytest.mark.parametrize("vendor", VENDORS.values(), ids=str)
@pytest.mark.parametrize("name", ["key", "api_key", "access_token", "proxy", "headers"])
def test_a_key_under_a_wrong_name_is_not_quoted(vendor: Vendor, name: str) -> None:
    client = open_client(vendor, "http://127.0.0.1:1")
    waiting = ASYNC[vendor.name](CANARY, base_url="http://127.0.0.1:1")
    wrong = {name: f"http://u:{CANARY}@h"}
    mistakes: list[Callable[[], Any]] = [
        lambda: vendor.ask(client, "s", **wrong),
        lambda: client.probe("s", **wrong),
        lambda: client.with_options(**wrong),
        lambda: list(client.probe_many(["s"], **wrong)),
        lambda: asyncio.run(waiting.probe("s", **wrong)),
        lambda: type(client)(CANARY, timeout=1, **{f"{name}_": CANARY}),
        lambda: vendor.build("s", [CANARY], ""),  # type: ignore[arg-type]
    ]
    for mistake in mistakes:
        with pytest.raises((TypeError, SessionVitalsError)) as raised:
            mistake()
        assert CANARY not in everything_of_a_trace(raised.value), mistake


@pytest.mark.parametrize("vendor", VENDORS.values(), ids=str)
@pytest.mark.parametrize("bad", ["\r\nX: 1", "\0", "\n", "\u20ac", "\ud800"])
def test_a_key_that_cannot_be_sent_is_not_quoted(vendor: Vendor, bad: str) -> None:
    for key in (CANARY + bad, bad + CANARY):
        with pytest.raises((SessionVitalsError, ValueError)) as raised:
            vendor.open("http://127.0.0.1:1", key, vendor.style)
        assert CANARY not in everything_of_a_trace(raised.value)


def test_a_request_hides_its_key() -> None:
    for vendor in VENDORS.values():
        request = vendor.build("s", CANARY, vendor.style)
        assert CANARY not in repr(request) + str(request)
        for way in (pickle.dumps, copy.copy, copy.deepcopy):
            with pytest.raises(TypeError) as raised:
                way(request)
            assert CANARY not in str(raised.value)


@pytest.mark.parametrize(
    "said",
    [
        answer(b"", b"HTTP/1.1 407 user:" + ECHO, b"Proxy-Authenticate: Basic " + ECHO),
        answer(ECHO, b"HTTP/1.1 502 " + ECHO),
    ],
)
@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_proxys_password_is_in_no_error_and_no_log(
    scheme: str, said: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    with peer(says(said)) as told:
        client = PingClient(
            "key",
            base_url=f"{scheme}://127.0.0.2:1",
            proxy=f"http://user:{CANARY}@127.0.0.1:{told.port}",
        )
        assert CANARY not in repr(client)
        with pytest.raises(SessionVitalsError) as raised:
            client.probe("s", max_retries=0)
    assert CANARY not in caplog.text
    assert f"user:{CANARY}" not in everything(raised.value)


@pytest.mark.parametrize(
    "command", [["status", "ping", "s"], ["status", "ping", "--json", "s", "t"]]
)
@pytest.mark.parametrize("said", ECHOES.values(), ids=ECHOES)
def test_a_key_is_in_nothing_that_the_command_prints(
    command: list[str], said: bytes, space: Space
) -> None:
    with peer(says(said)) as told:
        environment = {
            **environment_of(space),
            "PING_BASE_URL": told.url,
            "PING_API_KEY": CANARY,
            "SESSIONVITALS_LOG": "debug",
        }
        done = run(environment, *command, "--max-retries", "0")
    assert "sessionvitals: " in done.stderr  # the log is on
    assert CANARY not in done.stdout + done.stderr


@pytest.mark.parametrize("form", [[], ["--json"]])
@pytest.mark.parametrize("vendor", VENDORS.values(), ids=str)
def test_a_key_is_in_nothing_that_the_doctor_prints(
    vendor: Vendor, form: list[str], space: Space
) -> None:
    names = {"tiun": "TIUN_ACCESS_TOKEN", "ping": "PING_API_KEY", "eliza": "ELIZA_API_KEY"}
    for said in (ECHOES["401 Unauthorized, in body and headers"], ECHOES["a status line of it"]):
        with peer(says(said)) as told:
            environment = {
                **environment_of(space),
                f"{vendor.name.upper()}_BASE_URL": told.url,
                names[vendor.name]: CANARY,
                "SESSIONVITALS_LOG": "debug",
            }
            done = run(environment, "doctor", vendor.name, *form)
        assert done.returncode in {4, 6}, done.stderr
        assert CANARY not in done.stdout + done.stderr
        assert str(len(CANARY)) + " characters" not in done.stdout


def test_a_call_that_ends_early_shows_no_key(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    with peer(says_and_stays(b"HTTP/1.1 401 " + ECHO + b"\r\n")) as told:
        for options in ({"timeout": 0.05}, {"cancel": cancelled()}):
            with pytest.raises(CallError) as raised:
                open_client(PING, told.url, **options).probe("s")
            assert CANARY not in everything(raised.value)
    with peer(says_in_turn(*[ECHOES["429 Too Many Requests, in body and headers"]] * 3)) as told:
        with pytest.raises(CallError) as raised:
            open_client(PING, told.url).probe("s")
        assert CANARY not in everything(raised.value)
    assert CANARY not in caplog.text


def cancelled() -> sessionvitals.CancelToken:
    token = sessionvitals.CancelToken()
    token.cancel()
    return token
