"""Values can be made by hand, for the tests of those who use them, and with one field changed."""

from __future__ import annotations

import copy
import inspect
import json
import pickle
import sys
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from tests.support.contracts import EXCHANGES, Exchange
from tests.support.vendors import parse

from sessionvitals import (
    Attempt,
    CallReport,
    ElizaSession,
    Page,
    PingSessionStatus,
    ProblemDetails,
    RateLimit,
    Session,
    SessionState,
    TimeoutConfig,
    TiunVerdict,
    _core,
    parse_eliza_get_session_response,
)
from sessionvitals._core import inspect_value_classes

NEW_YEAR = datetime(2026, 1, 1, tzinfo=timezone.utc)
TOKYO = timezone(timedelta(hours=9))
PING = PingSessionStatus(
    session_id="s", client_id="c", status="connected", uploaded_bytes=2**63 - 1
)
REPORT = CallReport(
    operation="probe",
    method="GET",
    origin="http://h:1",
    attempts=(Attempt(phase="done", http_status=200, duration=timedelta(milliseconds=3)),),
)
MADE: list[Any] = [
    PING,
    REPORT,
    RateLimit(limit=3, reset_after=timedelta(seconds=9)),
    ElizaSession(
        session_id="s",
        agent_id="a",
        user_id="u",
        created_at=NEW_YEAR,
        metadata={"plan": ["gold", None, 1.5]},
        timeout_config=TimeoutConfig(timeout_minutes=3, auto_renew=[True]),
        time_remaining=timedelta(milliseconds=1),
        null_members=("channelId",),
        extra={"mood": "good"},
    ),
    TiunVerdict(session_id="s", valid=False, problem=ProblemDetails(title="no", extra={"n": 1})),
    Session(provider="ping", id="s", state=SessionState.ACTIVE, expires_at=NEW_YEAR, detail=PING),
]
ANSWERS = [parse(each) for each in EXCHANGES if each.returns_a_value]
each_value = pytest.mark.parametrize("value", MADE, ids=lambda value: type(value).__name__)


@each_value
def test_what_to_dict_says_makes_the_same_value(value: Any) -> None:
    members = json.loads(json.dumps(value.to_dict()))
    assert type(value).from_dict(members) == value
    assert type(value).from_dict(members).to_dict() == value.to_dict()


@pytest.mark.parametrize("exchange", [e for e in EXCHANGES if e.returns_a_value], ids=str)
def test_what_to_dict_says_of_an_answer_makes_the_same_answer(exchange: Exchange) -> None:
    answer = parse(exchange)
    assert type(answer).from_dict(answer.to_dict()).to_dict() == answer.to_dict()


@each_value
def test_a_value_is_replaced_field_by_field(value: Any) -> None:
    assert value.__replace__() == value
    for name in type(value).__match_args__:
        again = value.__replace__(**{name: getattr(value, name)})
        assert again == value
        assert again is not value
    if sys.version_info >= (3, 13):
        assert copy.replace(value) == value


def test_a_replaced_value_keeps_its_other_fields_and_its_report() -> None:
    session = Session(provider="ping", id="s", state="active", detail=PING, call=REPORT)
    ended = session.__replace__(state="ended", duration=timedelta(seconds=7))
    assert (ended.state, ended.duration_seconds, ended.live) == (SessionState.ENDED, 7, False)
    assert (ended.detail, ended.call, session.state) == (PING, REPORT, SessionState.ACTIVE)


@each_value
def test_the_signature_names_the_fields(value: Any) -> None:
    parameters = inspect.signature(type(value)).parameters.values()
    assert {each.kind for each in parameters} == {inspect.Parameter.KEYWORD_ONLY}
    assert [each.name for each in parameters][: len(value.__match_args__)] == list(
        value.__match_args__
    )


def test_a_value_matches_a_pattern() -> None:
    match Session(provider="ping", id="s", state="active"):
        case Session("ping", session_id, state=SessionState.ACTIVE):
            assert session_id == "s"
        case _:
            pytest.fail("no match")


def test_a_field_has_an_exact_form_too() -> None:
    assert PING.__replace__(duration_seconds=2**62).duration_seconds == 2**62
    session = ElizaSession.from_dict(
        {**MADE[3].to_dict(), "metadata": None, "metadata_json": "[1]"}
    )
    assert session.metadata == [1]
    assert session.metadata_json == "[1]"
    with pytest.raises(TypeError, match="duration or duration_seconds, not both"):
        PING.__replace__(duration=timedelta(0), duration_seconds=0)


def test_times_are_kept_in_utc() -> None:
    for time in (datetime(2026, 1, 1, 9, tzinfo=TOKYO), "2026-01-01T09:00:00+09:00"):
        session = Session(provider="ping", id="s", state="active", expires_at=time)  # type: ignore[arg-type]
        assert session.expires_at == NEW_YEAR
        assert session == MADE[-1].__replace__(detail=None)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"client_id": 7}, "PingSessionStatus: client_id must be a str, not int"),
        ({"client_id": None}, "client_id must be a str, not NoneType"),
        ({"client_id": "\ud800"}, "client_id has a lone surrogate"),
        ({"uploaded_bytes": "7"}, "uploaded_bytes must be an int, not str"),
        ({"uploaded_bytes": True}, "uploaded_bytes must be an int, not bool"),
        ({"uploaded_bytes": 7.0}, "uploaded_bytes must be an int, not float"),
        ({"uploaded_bytes": 2**63}, "uploaded_bytes must be from -9223372036854775808 to"),
        ({"duration": 7}, "duration must be a datetime.timedelta, not int"),
        ({"duration": timedelta(microseconds=1)}, "duration is finer than the field: .* seconds"),
        ({"duration_seconds": timedelta(1)}, "duration_seconds must be an int"),
        ({"extra": []}, "extra must be a dict, not list"),
        ({"extra": {1: 2}}, "extra must be a str, not int"),
        ({"extra": {"a": object()}}, "extra must be JSON: .*not JSON serializable"),
        ({"extra": {"a": float("nan")}}, "extra must be JSON"),
        ({"call": PING}, "call must be a CallReport"),
        ({"nope": 1}, "PingSessionStatus has no field 'nope'"),
    ],
    ids=lambda given: given if isinstance(given, str) else next(iter(given)),
)
def test_a_wrong_field_is_named(changes: dict[str, Any], message: str) -> None:
    with pytest.raises((TypeError, ValueError), match=message):
        PING.__replace__(**changes)
    with pytest.raises((TypeError, ValueError), match=message):
        PingSessionStatus(**{"session_id": "s", "client_id": "c", "status": "x", **changes})


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"state": "activ"}, "state must be one of active, pending, .*unknown"),
        ({"state": 1}, "state must be a str, not int"),
        ({"expires_at": datetime(2026, 1, 1)}, "expires_at must be aware"),
        ({"expires_at": "soon"}, "expires_at is no time of RFC 3339"),
        ({"expires_at": datetime.max.replace(tzinfo=timezone(-timedelta(hours=1)))}, "years 1 to"),
        ({"expires_at": 5}, "expires_at must be a datetime.datetime, not int"),
        ({"detail": 5}, "detail must be an answer of a vendor's, not int"),
        ({"detail": {"a": 1}}, "detail has the members of no vendor's answer"),
    ],
    ids=lambda given: given if isinstance(given, str) else next(iter(given)),
)
def test_a_wrong_field_of_a_session_is_named(changes: dict[str, Any], message: str) -> None:
    with pytest.raises((TypeError, ValueError), match=message):
        Session(**{"provider": "ping", "id": "s", "state": "active", **changes})


def test_a_value_needs_its_fields_by_name() -> None:
    with pytest.raises(TypeError, match="Session needs 'state'"):
        Session(provider="ping", id="s")  # type: ignore[call-arg]
    with pytest.raises(TypeError, match="takes its fields by name"):
        Session("ping", "s", "active")  # type: ignore[call-arg]


def test_a_report_is_a_dict_with_its_units() -> None:
    assert REPORT.to_dict()["elapsed_microseconds"] == 0
    assert REPORT.to_dict()["clock_skew_seconds"] is None
    (attempt,) = REPORT.to_dict()["attempts"]
    assert attempt["duration_microseconds"] == 3000
    assert {"started_microseconds", "wait_microseconds"} <= attempt.keys()
    assert RateLimit(reset_after_seconds=9).to_dict()["reset_after_seconds"] == 9


@each_value
def test_pydantic_takes_and_gives_a_value(value: Any) -> None:
    pydantic = pytest.importorskip("pydantic", minversion="2")
    adapter = pydantic.TypeAdapter(type(value))
    assert adapter.validate_python(value) is value
    assert adapter.validate_json(adapter.dump_json(value)) == value
    assert json.loads(adapter.dump_json(value)) == value.to_dict()
    assert adapter.json_schema(mode="serialization")["properties"].keys() == value.to_dict().keys()
    model = pydantic.create_model(
        "Model", value=(type(value), ...), maybe=(type(value) | None, None)
    )
    again = model.model_validate_json(model(value=value).model_dump_json())
    assert (again.value, again.maybe) == (value, None)
    with pytest.raises(pydantic.ValidationError, match="has no field 'nope'"):
        adapter.validate_python({**value.to_dict(), "nope": 1})


@pytest.mark.parametrize("exchange", [each for each in EXCHANGES if each.returns_a_value], ids=str)
def test_pydantic_takes_and_gives_every_answer(exchange: Exchange) -> None:
    pydantic = pytest.importorskip("pydantic", minversion="2")
    answer: Any = parse(exchange)
    for value in answer if isinstance(answer, Page) else [answer]:
        adapter = pydantic.TypeAdapter(type(value))
        again = adapter.validate_json(adapter.dump_json(value))
        assert again.to_dict() == value.to_dict()


@pytest.mark.parametrize("name", sorted(inspect_value_classes()))
def test_every_value_can_be_made_matched_read_and_shown(name: str) -> None:
    kind = getattr(_core, name)
    for each in ("from_dict", "to_dict", "with_", "__replace__", "__match_args__", "_repr_html_"):
        assert hasattr(kind, each), each
    assert hasattr(kind, "__get_pydantic_core_schema__")
    with pytest.raises(TypeError):
        kind(no_such_field=1)


def test_a_skew_is_none_or_any_time_span_that_the_field_holds() -> None:
    for skew in (None, timedelta(0), timedelta(seconds=-5), timedelta(days=-999_999_999)):
        report = CallReport(clock_skew=skew)
        assert report.clock_skew == skew
        assert pickle.loads(pickle.dumps(report)) == report
        assert CallReport.from_dict(report.to_dict()) == report
    with pytest.raises(ValueError, match="too long"):
        CallReport(clock_skew_seconds=-(2**63))


def test_metadata_that_is_null_is_told_from_none_but_not_by_a_dict() -> None:
    """JSON's null is None in to_dict(), as what is absent; a pickle and a copy keep it."""
    body = b'{"sessionId":"s","agentId":"a","userId":"u","createdAt":"2026-01-01T00:00:00Z"%s}'
    null, absent = (
        parse_eliza_get_session_response(200, {}, body % rest, "s")
        for rest in (b',"metadata":null', b"")
    )
    assert (null.metadata, null.metadata_json, null.null_members) == (None, "null", ("metadata",))
    assert (absent.metadata, absent.metadata_json, absent.null_members) == (None, None, ())
    assert null != absent
    for same in (pickle.loads(pickle.dumps(null)), copy.deepcopy(null), null.with_(user_id="u")):
        assert same == null
    assert ElizaSession.from_dict(null.to_dict()).metadata_json is None
    assert ElizaSession.from_dict(null.to_dict()).null_members == ("metadata",)
