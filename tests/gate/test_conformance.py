"""What every form of the gate answers, whether the application ran, and what tiun was asked."""

from __future__ import annotations

from typing import Any

import pytest
from tests.gate.forms import BODY, FORMS, Headers, Reply, opened
from tests.support.sandbox import Space

#: case: the reader's headers, the reason of the decision, questions a request, the mock's answer
CASES: dict[str, tuple[Headers, str, int, dict[str, Any] | None]] = {
    "missing": ([], "missing", 0, None),
    "empty": ([("X-Session-Id", "")], "malformed", 0, None),
    "two values": ([("X-Session-Id", "paid"), ("X-Session-Id", "paid")], "malformed", 0, None),
    "malformed": ([("X-Session-Id", "paid ")], "malformed", 0, None),
    "too long": ([("X-Session-Id", "p" * 257)], "malformed", 0, None),
    "reserved": ([("X-Session-Id", "..")], "malformed", 0, None),
    "active": ([("X-Session-Id", "paid")], "valid", 1, None),
    "denied": ([("X-Session-Id", "nobody")], "denied", 1, None),
    "401 key": ([("X-Session-Id", "paid")], "key", 1, {"kind": "status", "http_status": 401}),
    "403 key": ([("X-Session-Id", "paid")], "key", 1, {"kind": "status", "http_status": 403}),
    "429": ([("X-Session-Id", "paid")], "outage", 1, {"kind": "status", "http_status": 429}),
    "500": ([("X-Session-Id", "paid")], "outage", 1, {"kind": "status", "http_status": 500}),
    "time-out": ([("X-Session-Id", "paid")], "outage", 1, {"kind": "stall"}),
    "contract broken": (
        *([("X-Session-Id", "paid")], "outage", 1),
        {"kind": "status", "http_status": 204},
    ),
}
PREFLIGHT = [("Origin", "https://a.example"), ("Access-Control-Request-Method", "GET")]
METHODS: list[tuple[str, Headers]] = [
    ("GET", []),
    ("HEAD", []),
    ("POST", []),
    ("OPTIONS", []),
    ("OPTIONS", PREFLIGHT),
]
DENY = {"missing": 402, "malformed": 402, "denied": 402}


def client_of(space: Space) -> dict[str, Any]:
    return {
        "access_token": "tiun-sandbox-token",
        "base_url": space.base_url("tiun"),
        "max_retries": 0,
    }


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("form", FORMS)
def test_a_request_is_answered_as_the_table_says(form: str, case: str, space: Space) -> None:
    headers, reason, questions, fault = CASES[case]
    space.add_session("tiun", "paid", "valid")
    if fault is not None:
        space.faults({**fault, "times": 0})
    patches = 0
    options = {"timeout": 0.1 if case == "time-out" else 10.0}

    with opened(form, client_of(space), options) as ask:
        for method, more in METHODS:
            reply = ask(method, [*headers, *more], "")

            patches += questions
            assert space.sandbox.journal.count(provider="tiun") == patches
            if reason == "valid":
                check_served(form, reply, method)
            else:
                assert reply.calls == []
                check_refused(reply, reason, method)


def check_served(form: str, reply: Reply, method: str) -> None:
    if form == "forward_auth":
        assert (reply.status, reply.body, reply.calls) == (204, b"", [])
        assert reply.headers == {"cache-control": "no-store", "vary": "X-Session-Id"}
        return
    assert reply.status == 200
    assert reply.body in ([BODY, b""] if method == "HEAD" else [BODY])
    session, query = reply.calls.pop()
    assert (session.id, session.state, query, reply.calls) == ("paid", "active", "", [])
    assert reply.headers.pop("cache-control") == "private, no-store"
    assert reply.headers.pop("vary") == "Accept-Encoding, X-Session-Id"
    assert reply.headers.pop("etag") == '"1"'
    assert {*reply.headers} <= {"content-length", "content-type"}


def check_refused(reply: Reply, reason: str, method: str) -> None:
    status = DENY.get(reason, 503)
    assert reply.status == status
    assert reply.headers["cache-control"] == "no-store"
    assert reply.headers["vary"] == "X-Session-Id"
    assert ("retry-after" in reply.headers) == (reason in ("outage", "busy"))
    if method == "HEAD":
        assert reply.body == b""
    else:
        assert (reply.problem["status"], reply.problem["reason"]) == (status, reason)
        assert reply.headers["content-length"] == str(len(reply.body))
    assert b"paid" not in reply.body


@pytest.mark.parametrize("form", [form for form in FORMS if form != "forward_auth"])
def test_an_outage_is_served_if_the_site_says_so(form: str, space: Space) -> None:
    space.faults({"kind": "status", "http_status": 500, "times": 2})
    space.faults({"kind": "status", "http_status": 401, "times": 1})

    options = {"on_outage": "serve", "cache": "private"}
    with opened(form, client_of(space), options) as ask:
        reply = ask("GET", [("X-Session-Id", "paid")], "")
        assert (reply.status, reply.body, reply.calls) == (200, BODY, [(None, "")])
        assert reply.headers["cache-control"] == "private, no-store"
        assert ask("GET", [], "").status == 402
        assert ask("GET", [("X-Session-Id", "paid")], "").status == 200
        # Our own key refused is not an outage, and no reason to ask the reader to pay.
        assert ask("GET", [("X-Session-Id", "paid")], "").status == 503


@pytest.mark.parametrize("form", FORMS)
def test_deny_status_can_be_403(form: str, space: Space) -> None:
    with opened(form, client_of(space), {"deny_status": 403}) as ask:
        assert ask("GET", [], "").problem["status"] == 403
        assert ask("GET", [("X-Session-Id", "nobody")], "").status == 403


@pytest.mark.parametrize("form", [form for form in FORMS if form != "forward_auth"])
def test_a_preflight_is_answered_by_the_gate_if_the_site_says_so(form: str, space: Space) -> None:
    with opened(form, client_of(space), {"allow_preflight": True}) as ask:
        reply = ask("OPTIONS", PREFLIGHT, "")
        assert (reply.status, reply.body, reply.calls) == (204, b"", [])
        assert ask("OPTIONS", [], "").status == 402
        assert ask("OPTIONS", PREFLIGHT[:1], "").status == 402
        assert ask("GET", PREFLIGHT, "").status == 402


def test_a_preflight_is_no_yes_for_a_proxy(space: Space) -> None:
    with opened("forward_auth", client_of(space), {"allow_preflight": True}) as ask:
        assert ask("OPTIONS", PREFLIGHT, "").status == 402


@pytest.mark.parametrize("form", [form for form in FORMS if form != "forward_auth"])
def test_an_id_in_the_query_is_taken_out_if_the_site_says_so(form: str, space: Space) -> None:
    from sessionvitals.gate import from_query

    space.add_session("tiun", "paid", "valid")

    with opened(form, client_of(space), {"source": from_query("sid")}) as ask:
        reply = ask("GET", [], "a=1&sid=paid&b=2")
        assert (reply.status, reply.calls[0][1]) == (200, "a=1&sid=paid&b=2")
        assert ask("GET", [], "sid=paid&sid=paid").problem["reason"] == "malformed"
        assert ask("GET", [], "sid=").problem["reason"] == "malformed"
        assert ask("GET", [], "").problem["reason"] == "missing"
    with opened(form, client_of(space), {"source": from_query("sid", strip=True)}) as ask:
        reply = ask("GET", [], "a=1&%73id=paid&b=2")
        assert (reply.status, reply.calls[0][1]) == (200, "a=1&b=2")


@pytest.mark.parametrize("form", FORMS)
def test_a_site_can_have_its_own_page(form: str, space: Space) -> None:
    def respond(refusal: Any) -> Any:
        headers = {"Content-Type": "text/html", "Cache-Control": "public", "X-A": "1"}
        return refusal.status, headers, f"<h1>{refusal.reason}</h1>"

    with opened(form, client_of(space), {"respond": respond}) as ask:
        reply = ask("GET", [], "")

    assert (reply.status, reply.body) == (402, b"<h1>missing</h1>")
    assert (reply.headers["cache-control"], reply.headers["x-a"]) == ("no-store", "1")
    assert (reply.headers["content-type"], reply.headers["vary"]) == ("text/html", "X-Session-Id")
