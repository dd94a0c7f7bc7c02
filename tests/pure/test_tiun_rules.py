"""What a right tiun client does, as far as it needs no socket. The rest: contract/."""

from __future__ import annotations

import pytest
from tests.support.vendors import TIUN, header_map

from sessionvitals import (
    AuthenticationError,
    ConfigurationError,
    HttpStatusError,
    TiunVerdict,
    build_tiun_verify_request,
    parse_tiun_verify_response,
)

PROBLEM_JSON = {"Content-Type": "application/problem+json"}


def parse(http_status: int, body: bytes = b"", content_type: str = "") -> TiunVerdict:
    headers = {"Content-Type": content_type} if content_type else {}
    return parse_tiun_verify_response(http_status, headers, body, "reader-1")


@pytest.mark.rule("tiun", 1)
def test_only_exactly_200_is_valid() -> None:
    assert parse(200).valid is True
    assert bool(parse(200)) is True
    for http_status in sorted({*range(100, 600)} - {200, 404}):
        with pytest.raises(HttpStatusError) as raised:
            parse(http_status, b'{"valid": true}')
        assert raised.value.http_status == http_status


@pytest.mark.rule("tiun", 1)
def test_404_is_a_verdict_and_it_is_no() -> None:
    verdict = parse(404, b'{"title": "Not Found", "status": 404}')

    assert verdict.valid is False
    assert bool(verdict) is False


@pytest.mark.rule("tiun", 1)
def test_401_blames_the_key_and_not_the_session() -> None:
    with pytest.raises(AuthenticationError, match="nothing of the session") as raised:
        parse(401)

    assert "access_token" in str(raised.value)
    assert "X-TIUN-API-KEY" in str(raised.value)


@pytest.mark.rule("tiun", 3)
def test_the_request_says_that_its_body_is_empty_and_of_no_type() -> None:
    request = TIUN.request("reader-1")
    headers = header_map(request)

    assert request.method == "PATCH"
    assert request.body == b""
    assert headers["content-length"] == "0"
    assert "content-type" not in headers
    assert headers["accept"] == "application/problem+json, application/json"


@pytest.mark.rule("tiun", 4)
@pytest.mark.parametrize(
    "content_type",
    [
        "application/problem+json",
        "application/json",
        "APPLICATION/PROBLEM+JSON",
        "application/vnd.tiun.v2+json",
        "application/problem+json; charset=utf-8",
        'application/json;profile="a;b"',
        "",
    ],
)
def test_a_problem_is_read_from_any_json_type(content_type: str) -> None:
    verdict = parse(404, b'{"title": "Not Found", "status": 404}', content_type)

    assert verdict.problem is not None
    assert verdict.problem.title == "Not Found"
    assert verdict.problem.http_status == 404


@pytest.mark.rule("tiun", 4)
@pytest.mark.parametrize(
    "type_uri",
    [
        "https://tools.ietf.org/html/rfc9110#section-15.5.5",
        "https://tools.ietf.org/html/rfc7231#section-6.5.4",
    ],
)
def test_problems_of_all_runtimes_are_read(type_uri: str) -> None:
    body = f'{{"type":"{type_uri}","title":"Not Found","status":404,"traceId":"00-1-2-00"}}'
    problem = parse(404, body.encode()).problem

    assert problem is not None
    assert problem.type == type_uri
    assert problem.extra == {"traceId": "00-1-2-00"}


@pytest.mark.rule("tiun", 4)
@pytest.mark.parametrize("body", [b"", b'{"title":"Unauthorized","status":401}'])
def test_a_401_may_have_no_body(body: bytes) -> None:
    with pytest.raises(AuthenticationError) as raised:
        parse(401, body)
    assert raised.value.body == body


@pytest.mark.rule("tiun", 5)
def test_a_member_of_the_wrong_type_is_ignored() -> None:
    body = b'{"type":1,"title":{"a":1},"status":"404","detail":[],"instance":false,"x":1}'
    problem = parse(404, body).problem

    assert problem is not None
    assert problem.type == "about:blank"
    assert not problem.title
    assert problem.http_status is None
    assert not problem.detail
    assert not problem.instance
    assert problem.extra == {"x": 1}


@pytest.mark.rule("tiun", 5)
def test_unknown_members_of_a_problem_are_kept() -> None:
    body = b'{"title":"No","errors":{"id":["gone",null,1.5]},"count":9007199254740993}'
    problem = parse(404, body).problem

    assert problem is not None
    assert problem.extra == {"errors": {"id": ["gone", None, 1.5]}, "count": 9007199254740993}


@pytest.mark.rule("tiun", 5)
def test_the_status_line_decides_when_the_body_disagrees() -> None:
    verdict = parse(404, b'{"title":"OK","status":200}')
    assert verdict.valid is False
    with pytest.raises(AuthenticationError):
        parse(401, b'{"title":"Not Found","status":404}')


@pytest.mark.rule("tiun", 5)
def test_a_problem_without_a_type_is_about_blank() -> None:
    problem = parse(404, b'{"title":"No"}').problem
    assert problem is not None
    assert problem.type == "about:blank"


@pytest.mark.rule("tiun", 5)
@pytest.mark.parametrize("body", [b"", b"<html>", b"[1]", b"\xff\xfe", b'{"title":"No'])
def test_a_body_that_is_no_problem_does_not_hide_the_status(body: bytes) -> None:
    verdict = parse(404, body, "text/html")
    assert verdict.valid is False
    assert verdict.problem is None
    with pytest.raises(AuthenticationError):
        parse(401, body, "text/html")


@pytest.mark.rule("tiun", 5)
def test_a_404_without_a_problem_hints_at_the_base_url() -> None:
    assert "base URL" in (parse(404, b"<html>Not Found</html>").hint or "")
    assert not parse(404, b'{"title":"Not Found","status":404}').hint


@pytest.mark.rule("tiun", 7)
@pytest.mark.parametrize("session_id", ["", ".", "..", "a\r\nb", "a\0", "\t", "a\x7f", "\x1b[0m"])
def test_an_id_that_would_ask_another_endpoint_is_refused(session_id: str) -> None:
    with pytest.raises(ConfigurationError, match="session id"):
        TIUN.request(session_id)


@pytest.mark.rule("tiun", 7)
@pytest.mark.parametrize(
    ("session_id", "segment"),
    [
        ("a/b", "a%2Fb"),
        ("../x", "..%2Fx"),
        ("...", "..."),
        ("%2e", "%252e"),
        ("a?b#c", "a%3Fb%23c"),
        ("a b+c", "a%20b%2Bc"),
        ("é", "%C3%A9"),
        ("A-z_0.~", "A-z_0.~"),
        ("!$&'()*,;=:@", "%21%24%26%27%28%29%2A%2C%3B%3D%3A%40"),
    ],
)
def test_all_but_unreserved_characters_are_percent_encoded(session_id: str, segment: str) -> None:
    assert TIUN.request(session_id).target == f"/live_api/s2s/v1/sessions/{segment}/status"


@pytest.mark.rule("tiun", 8)
@pytest.mark.parametrize("key", ["", "a\r\nX-Evil: 1", "a\nb", "a\rb", "a\0b", "\x7f", "\tkey"])
def test_a_key_that_no_header_can_carry_is_refused(key: str) -> None:
    with pytest.raises(ConfigurationError, match="access_token") as raised:
        build_tiun_verify_request("reader-1", access_token=key)
    assert not key or key not in str(raised.value)


@pytest.mark.rule("tiun", 8)
@pytest.mark.parametrize("name", ["X Y", "X:Y", "X\r\nY", "X\0Y", "É", "X\tY", '"X"', "X/Y"])
def test_a_header_name_that_is_none_is_refused(name: str) -> None:
    with pytest.raises(ConfigurationError, match="header"):
        build_tiun_verify_request("reader-1", access_token="key", header_name=name)


@pytest.mark.rule("tiun", 8)
@pytest.mark.parametrize("name", ["X-ACCESS-TOKEN", "X-TIUN-API-KEY", "x-own-name"])
def test_the_key_goes_into_the_header_that_was_chosen_and_no_other(name: str) -> None:
    request = build_tiun_verify_request("reader-1", access_token="the-key", header_name=name)
    carriers = [each for each, value in header_map(request).items() if "the-key" in value]
    assert carriers == [name.lower()]
