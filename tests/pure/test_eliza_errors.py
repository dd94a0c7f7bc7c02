"""What a right elizaOS client makes of a refusal: the first two lines of its rules."""

from __future__ import annotations

import json
from datetime import datetime, timezone
from typing import Any

import pytest

import sessionvitals
from sessionvitals import (
    HttpStatusError,
    NotFoundError,
    SessionExpiredError,
    parse_eliza_get_session_response,
)


def refusal(http_status: int, body: object) -> HttpStatusError:
    sent = body if isinstance(body, bytes) else json.dumps(body).encode()
    with pytest.raises(HttpStatusError) as raised:
        parse_eliza_get_session_response(http_status, {}, sent, "s")
    return raised.value


FORMS: dict[str, tuple[int, Any, str | None, str | None, Any]] = {
    "seed": (404, {"error": "no", "code": "C", "details": {"a": 1}}, "C", "no", {"a": 1}),
    "A": (
        404,
        {"error": {"code": "C", "message": "no", "timestamp": "t", "stack": "s"}},
        "C",
        "no",
        None,
    ),
    "A with details": (
        500,
        {"error": {"code": "C", "message": "no", "details": "d"}},
        "C",
        "no",
        "d",
    ),
    "B": (429, {"success": False, "error": {"code": "C", "message": "no"}}, "C", "no", None),
    "C": (404, {"success": False, "error": {"message": "no", "code": 404}}, None, "no", None),
    "D": (500, {"success": False, "error": {"message": "no", "code": 500}}, None, "no", None),
    "E": (401, {"error": "API key required", "message": "no"}, None, "no", None),
    "E without a message": (401, {"error": "no"}, None, "no", None),
    "G": (400, b"", None, None, None),
    "not JSON": (502, b"<html>", None, None, None),
    "of wrong types": (500, {"error": [1], "code": {}, "message": 5}, None, None, None),
    "a list": (500, [1, 2], None, None, None),
}


@pytest.mark.rule("eliza", 1)
@pytest.mark.parametrize("form", FORMS)
def test_every_form_of_error_is_read(form: str) -> None:
    http_status, body, code, message, details = FORMS[form]
    error = refusal(http_status, body)
    assert error.http_status == http_status
    assert (error.code, error.message, error.details) == (code, message, details)


@pytest.mark.rule("eliza", 1)
def test_the_status_line_decides_which_error_it_is() -> None:
    body = {"error": {"code": "SESSION_EXPIRED", "message": "x"}}
    names = {
        400: "BadRequestError",
        401: "AuthenticationError",
        403: "PermissionDeniedError",
        404: "NotFoundError",
        410: "SessionExpiredError",
        429: "RateLimitError",
        500: "ServerError",
        503: "ServerError",
        418: "HttpStatusError",
    }
    for http_status, name in names.items():
        assert type(refusal(http_status, body)) is getattr(sessionvitals, name)


@pytest.mark.rule("eliza", 1)
@pytest.mark.parametrize(
    "body",
    [
        {"error": {"code": "C", "message": "no", "stack": "CANARY at /srv/app.js:1"}},
        {"error": {"code": "C", "stack": {"frames": ["CANARY"]}, "message": "no"}},
        {"error": "no", "code": "C", "message": "no", "stack": "CANARY"},
        {"stack": "CANARY", "error": {"code": "C", "message": "no", "stack": "CANARY"}},
        {"error": {"code": "C", "message": "no", "details": {"stack": "CANARY"}}},
        b'{"error":{"code":"C","message":"no","stack":"CANARY","stack":"CANARY"}}',
        b'{"error":{"code":"C","message":"no","stack":"CANARY"',
        b'{"error":{"code":"C","message":"no","st\\u0061ck":"CANARY"}}',
        b'{"error":{"code":"C","message":"no","st\\u0061ck":"CANARY"}',
        [{"stack": "CANARY"}],
        {"error": {"code": "C", "details": {"cause": {"stack": "CANARY"}}, "stack": "CANARY"}},
    ],
    ids=str,
)
def test_a_stack_trace_is_in_nothing(body: object) -> None:
    error = refusal(500, body)
    shown = [
        str(error),
        repr(error),
        error.body.decode(),
        str(error.message),
        str(error.details),
        str(error.details_json),
        str(vars(error)),
    ]
    assert not [text for text in shown if "CANARY" in text]


@pytest.mark.rule("eliza", 1)
def test_a_body_without_its_stack_traces_is_still_what_the_vendor_said() -> None:
    error = refusal(500, {"stack": "at b", "error": {"code": "C", "stack": "at a", "x": [1]}})
    assert json.loads(error.body) == {
        "stack": None,
        "error": {"code": "C", "stack": None, "x": [1]},
    }


@pytest.mark.rule("eliza", 2)
def test_404_and_410_are_both_gone_and_told_apart() -> None:
    gone = {"error": "no", "code": "SESSION_EXPIRED"}
    assert type(refusal(404, gone)) is NotFoundError
    assert type(refusal(410, gone)) is SessionExpiredError


@pytest.mark.rule("eliza", 2)
def test_the_time_of_expiry_comes_from_details_alone() -> None:
    said = refusal(
        410,
        {
            "error": "x",
            "code": "SESSION_EXPIRED",
            "details": {"sessionId": "s", "expiresAt": "2026-01-01T00:30:00.5Z"},
        },
    )
    assert isinstance(said, SessionExpiredError)
    assert said.expires_at == datetime(2026, 1, 1, 0, 30, 0, 500000, tzinfo=timezone.utc)

    real = refusal(
        410,
        {
            "error": {
                "code": "SESSION_EXPIRED",
                "message": "Session 's' expired at 2026-01-01T00:30:00.000Z",
            }
        },
    )
    assert isinstance(real, SessionExpiredError)
    assert real.expires_at is None


@pytest.mark.parametrize(
    ("body", "hints"),
    [
        ({"error": "Session not found", "code": "SESSION_NOT_FOUND"}, False),
        ({"error": "Session not found"}, False),  # servers up to 1.4.2
        ({"success": False, "error": {"message": "API endpoint not found", "code": 404}}, True),
        (b"<html>", True),
    ],
    ids=["as documented", "text alone", "no such route", "somebody else's"],
)
def test_a_404_of_another_server_hints_at_the_base_url(body: object, hints: bool) -> None:
    assert ("It came without the error" in str(refusal(404, body))) == hints


@pytest.mark.parametrize("reserved", ["health", "Health", "HEALTH"])
def test_the_id_of_another_endpoint_is_refused_in_any_case(reserved: str) -> None:
    with pytest.raises(sessionvitals.ConfigurationError, match="reserved"):
        sessionvitals.build_eliza_get_session_request(reserved)
