"""RedisPace where Redis answers and refuses: the message names what to change, and no secret."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from typing import Any

import pytest
from tests.support.fleet.redis import Redis, running_redis

from sessionvitals import ConfigurationError, RedisPace, TransportError
from sessionvitals.pacing import redis_pace
from sessionvitals.pacing.redis_refusals import refusal_of

SECRET = "s3cret-of-redis"
OTHER = "0ther-secret"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Redis]:
    redis = pytest.importorskip("redis")
    with running_redis(tmp_path_factory.mktemp("redis")) as running:
        with redis.Redis(port=running.port) as admin:
            admin.config_set("requirepass", SECRET)
        with redis.Redis(port=running.port, password=SECRET) as admin:
            admin.lpush("sessionvitals:{a list}", "x")
            admin.lpush("sessionvitals:{workers}:workers", "x")
            admin.set("sessionvitals:{a text}", "x")
            for user, rules in {"keyless": "~a +@all", "scriptless": "~* +get"}.items():
                admin.execute_command("ACL", "SETUSER", user, "on", f">{OTHER}", *rules.split())
        yield running


#: What stands before the @, the database and the key, and a part of the message for each.
REFUSED: dict[str, tuple[str, str, str, str]] = {
    "no password": ("", "0", "k", r"asks for a password\. Put it into the URL"),
    "wrong password": (f":{OTHER}@", "0", "k", "refuses the password"),
    "wrong user": (f"nobody:{OTHER}@", "0", "k", "refuses the user's name or password"),
    "no such database": (f":{SECRET}@", "99", "k", "has no database 99"),
    "a list": (f":{SECRET}@", "0", "a list", r"key 'sessionvitals:\{a list\}'.*something else"),
    "a text": (f":{SECRET}@", "0", "a text", r"key 'sessionvitals:\{a text\}'.*something else"),
    "workers": (f":{SECRET}@", "0", "workers", r"\{workers\}' in .*, or one that begins so"),
    "no right to keys": (f"keyless:{OTHER}@", "0", "k", r"does not let .*sessionvitals:\{k\}\*"),
    "no right to scripts": (f"scriptless:{OTHER}@", "0", "k", "does not let .*evalsha"),
}


def shown_of(error: BaseException | None) -> str:
    """Return all the messages that a traceback shows."""
    shown = []
    while error is not None:
        shown.append(str(error))
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    return "\n".join(shown)


@pytest.mark.parametrize("case", REFUSED)
@pytest.mark.parametrize("by_variable", [False, True], ids=["url", "REDIS_URL"])
def test_a_refusal_names_what_to_change(
    server: Redis, case: str, by_variable: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    credentials, database, key, expected = REFUSED[case]
    url = f"redis://{credentials}127.0.0.1:{server.port}/{database}"
    monkeypatch.setenv("REDIS_URL", url)
    pace = RedisPace(None if by_variable else url, key=key, rate=10)

    for _ in range(2):
        with pytest.raises(ConfigurationError, match=expected) as raised:
            pace.take()

    shown = shown_of(raised.value)
    assert ("REDIS_URL" if by_variable else f"redis://127.0.0.1:{server.port}") in shown
    assert SECRET not in shown
    assert OTHER not in shown
    assert "does not answer" not in shown


def test_a_refusal_that_may_pass_is_a_transport_error(server: Redis) -> None:
    import redis

    url = f"redis://:{SECRET}@127.0.0.1:{server.port}"
    with redis.Redis.from_url(url) as admin:
        admin.config_set("maxmemory", 1)
        try:
            with pytest.raises(TransportError, match="refuses: OutOfMemoryError: ") as raised:
                RedisPace(url, key="k", rate=10).take()
        finally:
            admin.config_set("maxmemory", 0)
    assert SECRET not in shown_of(raised.value)


def test_what_redis_repeats_of_the_password_is_not_quoted() -> None:
    redis = pytest.importorskip("redis")
    error = redis.ResponseError(f"unknown command 'AUTH', with args beginning with: '{SECRET}' ")
    refusal = refusal_of(error, "redis://h:1", "sessionvitals:{k}", {"password": SECRET})
    assert refusal is not None
    assert "unknown command 'AUTH'" in refusal.what
    assert SECRET not in refusal.what
    assert refusal_of(OSError(), "redis://h:1", "sessionvitals:{k}", {}) is None


def test_a_refusal_after_an_answer_is_warned_of(
    server: Redis, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    import redis

    monkeypatch.setattr(redis_pace, "RETRY_AFTER", 0.1)
    url = f"redis://:{SECRET}@127.0.0.1:{server.port}"
    pace: Any = RedisPace(url, key="taken", rate=1000)
    pace.take()
    with redis.Redis.from_url(url) as admin:
        admin.delete("sessionvitals:{taken}")
        admin.lpush("sessionvitals:{taken}", "x")
    with caplog.at_level(logging.WARNING, logger="sessionvitals"):
        end = time.monotonic() + 5
        while not caplog.records and time.monotonic() < end:
            pace.take()

    (record,) = caplog.records
    assert record.getMessage() == (
        f"The key 'sessionvitals:{{taken}}' in Redis at redis://127.0.0.1:{server.port}, or one "
        "that begins so, holds something else than a limit: this process keeps to 1/1 of its rate"
    )
