"""Errors and answers as calls really make them, reports of attempts and all, in another process."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from typing import Any

import pytest
from tests.support.peers import Talk, answer, peer, resets, says, says_and_stays
from tests.support.vendors import PING

from sessionvitals import CallError, CancelToken, PingClient, errors

PROTOCOLS = range(pickle.HIGHEST_PROTOCOL + 1)
JSON = b"Content-Type: application/json"
LIMIT = (b"Retry-After: 7", b"X-RateLimit-Limit: 5", b"X-RateLimit-Remaining: 0")
BODY = b'{"code":"C","message":"no","details":{"a":[1]},"expiresAt":"2026-01-01T00:00:00Z"}'


def refuses(status: bytes, *headers: bytes) -> Talk:
    return says(answer(BODY, b"HTTP/1.1 " + status, JSON, b"X-Request-Id: r-1", *headers))


#: What a peer does, and the class that it comes to.
REAL: dict[type[CallError], Talk] = {
    errors.BadRequestError: refuses(b"400 Bad"),
    errors.AuthenticationError: refuses(b"401 No"),
    errors.PermissionDeniedError: refuses(b"403 No"),
    errors.NotFoundError: refuses(b"404 No"),
    errors.SessionExpiredError: refuses(b"410 Gone"),
    errors.RateLimitError: refuses(b"429 Slow", *LIMIT),
    errors.ServerError: refuses(b"503 Busy"),
    errors.HttpStatusError: refuses(b"418 Teapot"),
    errors.ContractError: says(answer(b"[]")),
    errors.TransportError: resets(),
    errors.DeadlineExceeded: says_and_stays(b"HTTP/1.1 200 OK\r\n"),
    errors.CallCancelled: says_and_stays(b""),
}


def real_error(kind: type[CallError]) -> CallError:
    options: dict[str, Any] = {"timeout": 5.0}
    if kind is errors.DeadlineExceeded:
        options["timeout"] = 0.05
    if kind is errors.CallCancelled:
        options["cancel"] = CancelToken()
        options["cancel"].cancel()
    with peer(REAL[kind]) as told:
        client = PingClient("key", base_url=told.url, max_retries=0)
        with pytest.raises(kind) as raised:
            client.session_status("s", **options)
    assert type(raised.value) is kind
    assert raised.value.call is not None
    return raised.value


def echo(thing: Any) -> Any:
    return thing


def throw(error: CallError) -> None:
    raise error


@pytest.fixture(scope="module")
def pool() -> Iterator[ProcessPoolExecutor]:
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as executor:
        yield executor


@pytest.mark.parametrize("kind", REAL, ids=lambda kind: kind.__name__)
def test_a_real_error_arrives_with_its_report(
    kind: type[CallError], pool: ProcessPoolExecutor
) -> None:
    error = real_error(kind)
    arrived: list[Any] = [copy.copy(error), copy.deepcopy(error)]
    arrived += [pickle.loads(pickle.dumps(error, protocol)) for protocol in PROTOCOLS]
    arrived += [pool.submit(echo, error).result(), pool.submit(throw, error).exception()]
    for one in arrived:
        assert type(one) is kind
        assert str(one) == str(error)
        assert vars(one) == vars(error)


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_an_answer_arrives_by_every_protocol(protocol: int) -> None:
    with peer(says(answer(PING.good_body))) as told:
        client = PingClient("key", base_url=told.url)
        answers = [client.session_status("s"), client.probe("s"), *client.probe_many(["s"])]
    for one in answers:
        arrived = pickle.loads(pickle.dumps(one, protocol))
        assert arrived == one
        assert getattr(arrived, "call", None) == getattr(one, "call", None)
