"""A site owner's mistakes: said at construction, said loudly in the log, and never open."""

from __future__ import annotations

import asyncio
import copy
import logging
import subprocess
import sys
from datetime import timedelta
from http import HTTPStatus
from typing import Any

import pytest
from tests.gate.forms import call_asgi, call_wsgi, paid_asgi, scope_of
from tests.gate.test_conformance import client_of
from tests.support.sandbox import Space

from sessionvitals import AsyncTiunClient, ConfigurationError, PingClient, TiunClient
from sessionvitals.gate import GateDecision, TiunGate, from_cookie, from_header, from_query, notes
from sessionvitals.gate.answers import private

NOWHERE: dict[str, Any] = {"access_token": "any", "base_url": "http://127.0.0.1:1"}


@pytest.fixture(autouse=True)
def _nothing_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(notes, "_said", {})


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("deny_status", 401),
        ("deny_status", 200),
        ("deny_status", 402.0),
        ("on_outage", "open"),
        ("on_outage", True),
        ("max_age", -1),
        ("max_age", 61),
        ("max_age", True),
        ("max_age", float("nan")),
        pytest.param("max_age", 10**400, id="max_age-huge"),
        ("timeout", 0),
        ("timeout", None),
        ("timeout", timedelta(seconds=3)),
        ("timeout", float("nan")),
        ("max_in_flight", 0),
        ("max_in_flight", 1.5),
        ("max_in_flight", float("inf")),
        ("recheck", 1),
        pytest.param("recheck", 10**400, id="recheck-huge"),
        ("respond", "page"),
        ("respond", asyncio.sleep),
        ("on_outage", asyncio.sleep),
        ("cache", "public"),
        ("allow_preflight", "no"),
        ("allow_preflight", 1),
        ("source", 5),
        ("source", []),
        ("source", "X-Session-Id"),
        ("source", [from_header("A"), "B"]),
    ],
)
def test_an_option_out_of_range_is_said_at_construction(option: str, value: Any) -> None:
    with pytest.raises(ConfigurationError, match=option):
        TiunGate(TiunClient(**NOWHERE), **{option: value})


def test_a_status_of_the_standard_library_is_taken() -> None:
    gate = TiunGate(TiunClient(**NOWHERE), deny_status=HTTPStatus.FORBIDDEN)  # type: ignore[arg-type]
    assert gate.deny_status == 403


@pytest.mark.parametrize("name", ["", "X Session", "X-Session-Id:", "Ä", "a\r\nb"])
def test_a_source_that_no_request_can_have_is_refused(name: str) -> None:
    for source in (from_header, from_cookie):
        with pytest.raises(ConfigurationError):
            source(name)


def test_a_client_of_the_wrong_kind_is_refused() -> None:
    waits: Any = TiunGate(TiunClient(**NOWHERE))
    for form in ("asgi", "fastapi"):
        with pytest.raises(ConfigurationError, match=form):
            getattr(waits, form)(None)
    with pytest.raises(ConfigurationError, match="forward_auth"):
        waits.forward_auth()
    with pytest.raises(ConfigurationError, match="wsgi"):
        TiunGate(AsyncTiunClient(**NOWHERE)).wsgi(lambda environ, start: [])
    other: Any = PingClient(api_key="any", base_url="http://127.0.0.1:1")
    with pytest.raises(ConfigurationError, match="TiunClient"):
        TiunGate(other)


def test_forward_auth_reads_no_query() -> None:
    gate = TiunGate(AsyncTiunClient(**NOWHERE), source=[from_header("A"), from_query("a")])
    with pytest.raises(ConfigurationError, match="query"):
        gate.forward_auth()


def test_a_wrong_key_is_said_once_a_minute(
    space: Space, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = 100.0
    monkeypatch.setattr("sessionvitals.gate.notes.time.monotonic", lambda: now)
    gate = TiunGate(TiunClient(**{**client_of(space), "access_token": "of another site"}))

    said = []
    for now in (100.0, 101.0, 159.9, 160.0, 161.0):  # noqa: B007 the clock reads it
        assert gate.decide("a-readers-secret").reason == "key"
        said.append(sum(each.levelno == logging.ERROR for each in caplog.records))

    assert said == [1, 1, 1, 2, 2]
    assert "a-readers-secret" not in caplog.text
    assert "of another site" not in caplog.text


def test_a_wrong_key_is_seen_where_logging_is_not_set_up(space: Space) -> None:
    program = """if 1:
        from sessionvitals import TiunClient
        from sessionvitals.gate import TiunGate
        TiunGate(TiunClient("wrong")).decide("a-readers-secret")
    """
    done = subprocess.run(
        [sys.executable, "-c", program],
        env={"TIUN_BASE_URL": space.base_url("tiun")},
        capture_output=True,
        text=True,
    )

    assert done.stderr.startswith("no reader is served")
    assert "a-readers-secret" not in done.stderr


@pytest.mark.parametrize(
    "on_outage", [lambda outage: "perhaps", lambda outage: 1 / 0, lambda: "serve"]
)
def test_a_function_that_fails_lets_nobody_in(
    on_outage: Any, caplog: pytest.LogCaptureFixture
) -> None:
    gate = TiunGate(TiunClient(**NOWHERE, max_retries=0), on_outage=on_outage)

    assert gate.decide("reader") == GateDecision(allowed=False, reason="outage")
    assert "on_outage" in caplog.text


def test_a_function_decides_by_what_it_is_told() -> None:
    told = []

    def on_outage(outage: Any) -> Any:
        told.append(outage)
        return "serve"

    gate = TiunGate(TiunClient(**NOWHERE, max_retries=0), on_outage=on_outage)

    assert gate.decide("reader") == GateDecision(allowed=True, reason="outage")
    assert told[0].session_id == "reader"
    assert type(told[0].error).__name__ == "TransportError"
    assert "reader" not in repr(told[0])
    assert gate.counts == {"outage": 1, "outage_served": 1}


@pytest.mark.parametrize(
    ("page", "words"),
    [
        (None, "respond"),
        ((200.5, {}), "respond"),
        ((402.5, {}, b""), "the status is 402.5"),
        ((99, {}, b""), "the status is 99"),
        ((204, {}, b""), "the status is 204"),
        (("204", {}, b""), "the status is '204'"),
        ((402, {"A": "b\r\nC: d"}, b""), "'A'"),
        ((402, {"A b": "c"}, b""), "'A b'"),
        ((402, {"A": "€"}, b""), "'A'"),
        ((402, {"Transfer-Encoding": "chunked"}, b"x"), "Transfer-Encoding"),
        ((402, [("trailer", "x")], b"x"), "trailer"),
        ((402, {}, object()), "the body is object, not str or bytes"),
        ((402, {}, 5), "the body is int, not str or bytes"),
        ((402, {}, [1, 2]), "the body is list, not str or bytes"),
    ],
)
def test_a_page_that_cannot_be_sent_is_replaced(
    page: Any, words: str, caplog: pytest.LogCaptureFixture
) -> None:
    gate = TiunGate(AsyncTiunClient(**NOWHERE), respond=lambda refusal: page)

    reply = asyncio.run(call_asgi(gate.asgi(paid_asgi([])), scope_of("GET", [], "")))

    assert reply.problem == {
        "type": "about:blank",
        "title": "Payment Required",
        "status": 402,
        "reason": "missing",
    }
    assert "respond" in caplog.text
    assert words in caplog.text


def test_a_page_with_a_status_of_success_lets_nobody_past_a_proxy() -> None:
    gate = TiunGate(AsyncTiunClient(**NOWHERE), respond=lambda refusal: (200, {}, b"teaser"))

    page = asyncio.run(call_asgi(gate.asgi(paid_asgi([])), scope_of("GET", [], "")))
    answer = asyncio.run(call_asgi(gate.forward_auth(), scope_of("GET", [], "")))

    assert (page.status, page.body, page.calls) == (200, b"teaser", [])
    assert page.headers["cache-control"] == "no-store"
    assert answer.status == 402


def test_a_closed_client_lets_nobody_in(caplog: pytest.LogCaptureFixture) -> None:
    client = TiunClient(**NOWHERE)
    gate = TiunGate(client, on_outage="serve")
    client.close()

    assert gate.decide("reader").reason == "key"
    assert "no reader is served" in caplog.text


def test_a_key_function_that_fails_raises_to_the_server() -> None:
    keys = iter(["any"])
    gate = TiunGate(TiunClient(lambda: next(keys), base_url="http://127.0.0.1:1"))
    gate.client = _Failing()  # type: ignore[assignment]

    with pytest.raises(ZeroDivisionError):
        gate.decide("reader")
    with pytest.raises(ZeroDivisionError):
        call_wsgi(gate.wsgi(lambda environ, start: []), "GET", [("X-Session-Id", "a")], "")


class _Failing:
    def probe(self, session_id: str, **_: object) -> None:
        raise ZeroDivisionError


def test_no_repr_shows_the_id(space: Space) -> None:
    space.add_session("tiun", "a-readers-secret", "valid")
    decision = TiunGate(TiunClient(**client_of(space))).decide("a-readers-secret")

    assert decision.allowed
    assert "a-readers-secret" not in repr(decision)
    assert copy.copy(decision) == decision


@pytest.mark.parametrize(
    ("control", "keeps_age", "leaves"),
    [
        (None, False, "private, no-store"),
        ("public, max-age=60", False, "private, no-store"),
        ("no-store", False, "private, no-store"),
        ("no-transform", False, "private, no-store, no-transform"),
        (None, True, "private, no-cache"),
        ("public, max-age=60, s-maxage=99", True, "private, max-age=60"),
        (
            'private="set-cookie", max-age=60, must-revalidate',
            True,
            "private, max-age=60, must-revalidate",
        ),
        ('private="a, public", max-age=60', True, "private, max-age=60"),
        ("Public, MAX-AGE=60", True, "private, MAX-AGE=60"),
        ("max-age=60, no-store", True, "private, no-store"),
        ("public", True, "private, no-cache"),
    ],
)
def test_no_answer_leaves_as_public(control: str | None, keeps_age: bool, leaves: str) -> None:
    headers = [("Vary", "*"), ("Netlify-CDN-Cache-Control", "public"), ("Edge-Control", "a")]
    headers += [] if control is None else [("cache-control", control)]

    left = private(headers, vary="Cookie", keeps_age=keeps_age)

    assert left == [("Cache-Control", leaves), ("Vary", "*")]


def test_the_first_source_that_is_there_decides(space: Space) -> None:
    space.add_session("tiun", "paid", "valid")
    sources = [from_cookie("sid"), from_header("X-Session-Id")]
    gate = TiunGate(AsyncTiunClient(**client_of(space)), source=sources)
    app = gate.asgi(paid_asgi([]))

    def ask(*headers: tuple[str, str]) -> tuple[int, str]:
        reply = asyncio.run(call_asgi(app, scope_of("GET", headers, "")))
        return reply.status, reply.headers["vary"]

    assert ask(("X-Session-Id", "paid"))[0] == 200
    assert ask(("Cookie", "sid=nobody"), ("X-Session-Id", "paid"))[0] == 402
    assert ask(("Cookie", "sid="), ("X-Session-Id", "paid"))[0] == 402
    assert ask(("Cookie", 'sid="paid"'))[0] == 402
    assert ask(("Cookie", "sid=paid; sid=paid"))[0] == 402
    assert ask(("Cookie", "sid=paid"), ("Cookie", "sid=other"))[0] == 402
    assert ask(("Cookie", "SID=nobody; sid=paid"))[0] == 200
    assert ask() == (402, "Cookie, X-Session-Id")


def test_frameworks_are_imported_only_with_their_form() -> None:
    program = """if 1:
        import sys
        from sessionvitals import AsyncTiunClient
        from sessionvitals.gate import TiunGate
        gate = TiunGate(AsyncTiunClient("any", base_url="http://127.0.0.1:1"))
        gate.asgi(None), gate.forward_auth()
        brought = {"fastapi", "starlette", "django", "asgiref", "uvicorn"} & {*sys.modules}
        sys.exit(", ".join(brought) or 0)
    """
    subprocess.run([sys.executable, "-c", program], check=True)
