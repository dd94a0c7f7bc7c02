"""What is logged of a call, where, and by whom."""

from __future__ import annotations

import asyncio
import logging
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from tests.support.peers import answer, peer, says, says_in_turn
from tests.support.sandbox import Space
from tests.support.vendors import PING

from sessionvitals import AsyncPingClient, PingClient, SessionVitalsError, logs

BUSY = answer(b"", b"HTTP/1.1 503 Busy", b"Retry-After: 0")
GOOD = answer(PING.good_body)
REFUSED = answer(b"", b"HTTP/1.1 401 Unauthorized")


def sync_call(url: str, **options: Any) -> None:
    PingClient("key", base_url=url, **options).probe("session-1")


def async_call(url: str, **options: Any) -> None:
    async def ask() -> None:
        await AsyncPingClient("key", base_url=url, **options).probe("session-1")

    asyncio.run(ask())


def bulk_call(url: str, **options: Any) -> None:
    for outcome in PingClient("key", base_url=url, **options).probe_many(["session-1"]):
        if outcome.error:
            raise outcome.error


def async_bulk_call(url: str, **options: Any) -> None:
    async def ask() -> None:
        client = AsyncPingClient("key", base_url=url, **options)
        async for outcome in client.probe_many(["session-1"]):
            if outcome.error:
                raise outcome.error

    asyncio.run(ask())


CALLS = {"sync": sync_call, "async": async_call, "bulk": bulk_call, "async bulk": async_bulk_call}
each_way = pytest.mark.parametrize("ask", CALLS.values(), ids=CALLS)
Ask = Callable[..., None]


@pytest.fixture(autouse=True)
def _no_warnings_said_before() -> Iterator[None]:
    logs._said.clear()
    yield
    logs._said.clear()


def facts(record: logging.LogRecord) -> dict[str, Any]:
    said: dict[str, Any] = record.__dict__["sessionvitals"]
    return said


@each_way
def test_at_debug_a_good_call_is_one_record_and_one_for_its_attempt(
    ask: Ask, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, "sessionvitals")
    with peer(says(GOOD)) as told:
        ask(told.url)

    one_attempt, call = caplog.records
    assert [one_attempt.levelname, call.levelname] == ["DEBUG", "DEBUG"]
    assert call.getMessage().startswith("ping probe: answered 200 in ")
    assert f"attempt 1 to 127.0.0.1:{told.port} (new): 200 in" in one_attempt.getMessage()
    said = facts(call)
    assert said.pop("elapsed_ms") > 0
    assert said == {
        "provider": "ping",
        "operation": "probe",
        "session_id": "session-1",
        "origin": told.url,
        "outcome": "answered",
        "http_status": 200,
        "attempts": 1,
    }


@each_way
def test_at_info_a_good_call_says_nothing(ask: Ask, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "sessionvitals")
    with peer(says(GOOD)) as told:
        ask(told.url)
    assert caplog.records == []


@each_way
def test_at_info_a_call_that_was_tried_again_is_one_record(
    ask: Ask, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "sessionvitals")
    with peer(says_in_turn(BUSY, GOOD)) as told:
        ask(told.url)

    (call,) = caplog.records
    assert call.levelname == "INFO"
    assert call.getMessage().endswith("(2 attempts)")
    assert facts(call)["attempts"] == 2


@each_way
def test_at_info_a_call_that_failed_is_one_record(
    ask: Ask, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "sessionvitals")
    with peer(says(BUSY)) as told, pytest.raises(SessionVitalsError) as raised:
        ask(told.url, max_retries=0)

    (call,) = caplog.records
    assert call.levelname == "INFO"
    assert str(raised.value) in call.getMessage()
    assert facts(call)["error"] == "ServerError"
    assert facts(call)["http_status"] == 503


@each_way
def test_a_refused_key_is_a_warning_once_and_then_for_information(
    ask: Ask, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "sessionvitals")
    with peer(says(REFUSED)) as told:
        for _ in range(3):
            with pytest.raises(SessionVitalsError):
                ask(told.url)
    assert [record.levelname for record in caplog.records] == ["WARNING", "INFO", "INFO"]


def test_a_broken_contract_is_a_warning(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.WARNING, "sessionvitals")
    with peer(says(answer(b"{}"))) as told, pytest.raises(SessionVitalsError):
        sync_call(told.url)
    assert [record.levelname for record in caplog.records] == ["WARNING"]


def test_a_clock_that_is_far_off_is_a_warning(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.WARNING, "sessionvitals")
    old = answer(
        PING.good_body,
        b"HTTP/1.1 200 OK",
        b"Date: Thu, 01 Jan 2015 00:00:00 GMT",
    )
    with peer(says(old)) as told:
        end = time.monotonic() + 30
        # Clocks are looked at once a second, and a test before may have had that look.
        while not caplog.records and time.monotonic() < end:
            sync_call(told.url)
        sync_call(told.url)
    (warning,) = caplog.records
    assert "ahead of the server's" in warning.getMessage()


def test_a_record_is_made_in_the_callers_thread(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, "sessionvitals")
    with peer(says(GOOD)) as told:
        for ask in CALLS.values():
            ask(told.url)
    assert {record.thread for record in caplog.records} == {threading.get_ident()}


def test_what_was_never_sent_is_not_logged(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, "sessionvitals")
    client = PingClient("key", base_url="http://127.0.0.1:1")
    with pytest.raises(SessionVitalsError):
        client.probe("..")
    assert [outcome.error is not None for outcome in client.probe_many([".."])] == [True]
    assert caplog.records == []


def test_a_session_id_is_a_field_and_not_in_the_message(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG, "sessionvitals")
    with peer(says(GOOD)) as told:
        sync_call(told.url)
    assert "session-1" not in caplog.text
    assert facts(caplog.records[-1])["session_id"] == "session-1"


def test_a_peer_cannot_forge_a_line_of_the_log(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, "sessionvitals")
    body = b'{"message":"no\\n2026-01-01 CRITICAL all is well\\u001b[2J"}'
    head = b"HTTP/1.1 400 Bad Request"
    json = b"Content-Type: application/json"
    with peer(says(answer(body, head, json))) as told, pytest.raises(SessionVitalsError):
        sync_call(told.url)
    for record in caplog.records:
        assert record.getMessage().isprintable()


def test_a_handler_that_fails_costs_no_answer(caplog: pytest.LogCaptureFixture) -> None:
    class Broken(logging.Filter):
        def filter(self, record: logging.LogRecord) -> bool:
            raise RuntimeError("of the filter")

    logger = logging.getLogger("sessionvitals")
    broken = Broken()
    caplog.set_level(logging.DEBUG, "sessionvitals")
    logger.addFilter(broken)
    unraisable: list[object] = []
    hook, sys.unraisablehook = sys.unraisablehook, lambda args: unraisable.append(args.exc_value)
    try:
        with peer(says(GOOD)) as told:
            sync_call(told.url)
    finally:
        logger.removeFilter(broken)
        sys.unraisablehook = hook
    assert [str(each) for each in unraisable] == ["of the filter"]


def run(program: str, url: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", program, url],
        env={"PATH": "", "PING_API_KEY": "key", **environment},
        capture_output=True,
        text=True,
        timeout=60,
    )


ASK = "import sys; from sessionvitals import PingClient; PingClient(base_url=sys.argv[1])"
PROBE = f"{ASK}.probe('session-1')\n"


def test_logging_is_not_imported_by_us() -> None:
    with peer(says(GOOD)) as told:
        done = run(PROBE + "assert 'logging' not in sys.modules", told.url)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("order", ["before", "after"])
def test_logging_may_be_set_up_before_or_after_the_import(order: str) -> None:
    set_up = "import logging; logging.basicConfig(level='DEBUG', format='%(name)s %(message)s')\n"
    importing = "import sys; from sessionvitals import PingClient\n"
    asking = "PingClient(base_url=sys.argv[1]).probe('session-1')\n"
    program = set_up + importing if order == "before" else importing + set_up
    with peer(says(GOOD)) as told:
        done = run(program + asking, told.url)
    assert "sessionvitals ping probe: answered 200 in " in done.stderr


def test_a_program_that_sets_nothing_up_sees_nothing() -> None:
    with peer(says(REFUSED)) as told:
        program = f"import logging\n{ASK}\ntry:\n    {PROBE}except Exception: pass\n"
        done = run(program, told.url)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize(("level", "lines"), [("debug", 2), ("info", 0), ("DEBUG", 2), ("", 0)])
def test_the_variable_shows_records_on_standard_error(level: str, lines: int) -> None:
    with peer(says(GOOD)) as told:
        done = run(PROBE, told.url, SESSIONVITALS_LOG=level)
    assert done.returncode == 0
    assert len(done.stderr.splitlines()) == lines
    assert done.stdout == ""


def test_a_level_that_is_none_is_named_and_taken_for_info() -> None:
    with peer(says(GOOD)) as told:
        done = run(PROBE, told.url, SESSIONVITALS_LOG="loud")
    assert "SESSIONVITALS_LOG is none of debug, info, warning" in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_a_program_with_its_own_handlers_gets_each_record_once() -> None:
    set_up = "import logging; logging.basicConfig(format='mine %(message)s')\n"
    with peer(says(GOOD)) as told:
        done = run(set_up + PROBE, told.url, SESSIONVITALS_LOG="debug")
    lines = done.stderr.splitlines()
    assert len(lines) == 2
    assert all(line.startswith("mine ") for line in lines)


def test_the_vendors_own_methods_are_logged_by_name(
    space: Space, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "sessionvitals")
    for vendor, operation in {"ping": "session_status", "eliza": "get_session"}.items():
        with pytest.raises(SessionVitalsError):
            getattr(space.client(vendor), operation)("nobody")
    assert [facts(record)["operation"] for record in caplog.records] == [
        "session_status",
        "get_session",
    ]
