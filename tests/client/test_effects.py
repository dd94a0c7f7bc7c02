"""What an error says of a call that failed: may the vendor have carried it out?"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import pickle
from typing import Any

import pytest
from tests.support.asking import ASYNC_CLIENTS
from tests.support.operations import OPERATIONS, Operation
from tests.support.peers import Talk, answer, peer, resets, says, says_and_stays, says_in_turn
from tests.support.vendors import PING, TIUN, Vendor

from sessionvitals import CallCancelled, CallError, CancelToken


def refuses(status: bytes) -> Talk:
    return says(answer(b"", b"HTTP/1.1 " + status))


#: What a peer does with a request, and whether the call may have taken effect then.
ENDS: dict[str, tuple[Talk, bool]] = {
    "closes": (says(), True),
    "resets": (resets(), True),
    "half a head": (says(b"HTTP/1.1 2"), True),
    "half a body": (says(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nab"), True),
    "half a refusal": (says(b"HTTP/1.1 400 Bad\r\nContent-Length: 5\r\n\r\nab"), True),
    "never answers": (says_and_stays(b""), True),
    "no HTTP": (says(b"SSH-2.0-x\r\n\r\n"), True),
    "204": (refuses(b"204 No Content"), True),
    "302": (refuses(b"302 Found"), True),
    "408": (refuses(b"408 Request Timeout"), True),
    "500": (refuses(b"500 Oops"), True),
    "503": (refuses(b"503 Busy"), True),
    "400": (refuses(b"400 Bad"), False),
    "401": (refuses(b"401 No"), False),
    "409": (refuses(b"409 No"), False),
    "429": (refuses(b"429 Slow"), False),
}


def error_of(vendor: Vendor, url: str, **options: Any) -> CallError:
    client = vendor.client(url, **{"timeout": 5.0, **options})
    with pytest.raises(CallError) as caught:
        vendor.ask(client, "s")
    return caught.value


@pytest.mark.parametrize("end", ENDS)
def test_an_error_says_whether_the_call_may_have_taken_effect(end: str) -> None:
    talk, may_have = ENDS[end]
    options = {"timeout": 0.2} if end == "never answers" else {}
    with peer(talk) as told:
        error = error_of(TIUN, told.url, **options)
        assert error.may_have_taken_effect is may_have
        assert pickle.loads(pickle.dumps(error)).may_have_taken_effect is may_have
        assert error.to_dict()["may_have_taken_effect"] is may_have
        assert not error_of(PING, told.url, **options).may_have_taken_effect, "a read has none"


def test_what_was_never_sent_has_taken_no_effect() -> None:
    assert not error_of(TIUN, "http://127.0.0.1:1").may_have_taken_effect
    with peer(says(answer(b""))) as told:
        token = CancelToken()
        token.cancel()
        assert not error_of(TIUN, told.url, cancel=token).may_have_taken_effect
        assert told.requests == []


@pytest.mark.parametrize("operation", [op for op in OPERATIONS if not op.is_stream], ids=str)
def test_asyncio_sends_nothing_with_a_token_that_is_cancelled_already(operation: Operation) -> None:
    """A request that is begun all the same may be on its way before it is ended."""
    token, later = CancelToken(), CancelToken()
    token.cancel()

    async def ask(url: str) -> list[CallError]:
        key: Any = operation.vendor.key
        errors: list[CallError] = []
        keys = [key] if key is None else [key, lambda: key]  # one that changes takes another way
        for given in keys:
            client: Any = ASYNC_CLIENTS[operation.provider](given, base_url=url, max_retries=0)
            begun = asyncio.ensure_future(operation.call(client, cancel=later))
            later.cancel()  # the task has not run yet
            view = client.with_options(cancel=token)
            for call in (operation.call(client, cancel=token), operation.call(view), begun):
                with pytest.raises(CallCancelled) as caught:
                    await call
                errors.append(caught.value)
        return errors

    with peer(says(answer(b""))) as told:
        expected = error_of(operation.vendor, told.url, cancel=token)
        errors = asyncio.run(ask(told.url))
        assert told.requests == []
    for error in errors:
        assert error.to_dict() == expected.to_dict()
        assert error.call is not None
        assert error.call.operation == operation.name


def test_an_earlier_try_that_was_lost_may_have_taken_effect_whatever_the_last_one_said() -> None:
    lost = [True]

    def talk(told: Any, connection: Any, request: bytes) -> None:
        if not lost.pop():
            connection.sendall(answer(b"", b"HTTP/1.1 400 Bad"))
        lost.append(False)

    with peer(talk) as told:
        error = error_of(TIUN, told.url, max_retries=1, resend_unsafe=True)
    assert error.call is not None
    assert [each.http_status for each in error.call.attempts] == [0, 400]
    assert error.may_have_taken_effect


def test_every_route_says_it() -> None:
    async def awaited(url: str) -> list[CallError]:
        async with ASYNC_CLIENTS["tiun"](TIUN.key, base_url=url, max_retries=0) as client:
            found = []
            for method in ("verify", "probe"):
                with pytest.raises(CallError) as caught:
                    await getattr(client, method)("s")
                found.append(caught.value)
            async for outcome in client.probe_many(["s"]):
                assert isinstance(outcome.error, CallError)
                found.append(outcome.error)
            return found

    with peer(refuses(b"503 Busy")) as told:
        (outcome,) = TIUN.client(told.url).probe_many(["s"])
        assert isinstance(outcome.error, CallError)
        errors = [outcome.error, *asyncio.run(awaited(told.url))]
    assert [error.may_have_taken_effect for error in errors] == [True] * 4


@pytest.mark.parametrize("http_status", [200, 204, 302, 408, 500])
def test_a_pure_parser_says_it_too(http_status: int) -> None:
    if http_status != 200:
        with pytest.raises(CallError) as caught:
            TIUN.parse("s", http_status, {}, b"")
        assert caught.value.may_have_taken_effect
    with pytest.raises(CallError) as caught:
        PING.parse("s", http_status, {}, b"")
    assert not caught.value.may_have_taken_effect


def test_the_log_says_it(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "sessionvitals")
    with peer(says_in_turn(*[answer(b"", b"HTTP/1.1 503 Busy")] * 2)) as told:
        error_of(TIUN, told.url)
        error_of(PING, told.url)
    facts = [getattr(record, "sessionvitals")["may_have_taken_effect"] for record in caplog.records]  # noqa: B009
    assert facts == [True, False]
    said = ["may have taken effect" in record.getMessage() for record in caplog.records]
    assert said == [True, False]


def test_a_report_names_the_operation_beside_the_method() -> None:
    # With a close said, as a PATCH that meets one unsaid is not sent again.
    with peer(says(answer(b"", b"HTTP/1.1 200 OK", b"Connection: close"))) as told:
        client = TIUN.client(told.url)
        reports = [TIUN.ask(client, "s").call, client.probe("s").call]
        assert [(each.operation, each.method) for each in reports] == [
            ("verify", "PATCH"),
            ("probe", "PATCH"),
        ]
        assert reports[0].to_dict()["operation"] == "verify"
        with contextlib.suppress(CallError):
            PING.ask(PING.client(told.url), "s")
    assert error_of(PING, "http://127.0.0.1:1").call.operation == "session_status"  # type: ignore[union-attr]
