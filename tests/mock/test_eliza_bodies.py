"""The bodies that elizaOS's real server takes, and what it makes of them: the dialect "server"."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from tests.support.calls import eliza
from tests.support.wire import Received

if TYPE_CHECKING:
    from tests.support.sandbox import Space

USER = "22222222-2222-4222-8222-222222222222"
MISSING = "Missing required fields: agentId, userId"


@pytest.fixture(autouse=True)
def _as_the_server(space: Space) -> None:
    space.clock(set="2026-01-01T00:00:00Z", freeze=True)
    space.admin("PUT", "dialect", {"eliza": "server"})


def send(space: Space, path: str, method: str, body: Any, **headers: str) -> Received:
    return eliza(space, path, method, json.dumps(body).encode(), **headers)


BODIES: dict[str, tuple[bytes, str, int, str]] = {
    "null": (b"null", "application/json", 500, "Unexpected token 'n', \"null\" is not valid JSON"),
    "a long text": (
        b'"' + b"a" * 30 + b'"',
        "application/json",
        500,
        'Unexpected token \'"\', ""aaaaaaaaa"... is not valid JSON',
    ),
    "malformed": (b"{", "application/json", 500, "The body is not valid JSON"),
    "a charset": (b"{}", "application/json; charset=latin1", 500, 'unsupported charset "LATIN1"'),
    "UTF-16": (b"{}", "application/json; charset=utf-16", 500, "The body is not valid JSON"),
    "too large": (
        b'"' + b" " * 2097152 + b'"',
        "APPLICATION/JSON",
        500,
        "request entity too large",
    ),
    "a type in upper case": (
        b"{}",
        "Application/JSON",
        400,
        "Invalid or missing Content-Type header",
    ),
    "a form": (b"a=b", "application/x-www-form-urlencoded", 400, MISSING),
    "an array": (b"[]", "application/json", 400, MISSING),
    "a mark": (b"\xef\xbb\xbf{}", "application/json", 400, MISSING),
    "no UTF-8": (b'{"agentId":"\xff"}', "application/json", 400, MISSING),
}


@pytest.mark.parametrize("name", BODIES)
def test_a_body_is_parsed_before_anything_else(space: Space, name: str) -> None:
    body, content_type, http_status, message = BODIES[name]
    space.admin("PUT", "limits", {"eliza": {"limit": 9, "window": 900}})
    refused = eliza(space, "", "POST", body, Content_Type=content_type)
    assert (refused.http_status, refused.json["error"]["message"]) == (http_status, message)
    assert refused.header("RateLimit-Limit") == (None if http_status == 500 else "9")
    if http_status == 500:
        space.admin("PUT", "keys", {"eliza": "a-token"})
        again = eliza(space, "", "POST", body, Content_Type=content_type)
        assert again.http_status == 500, "and before the key"


def test_what_follows_a_nul_is_refused_with_it(space: Space) -> None:
    space.add_session("eliza", "s", "active")
    refused = eliza(space, "/s/timeout", "PATCH", b'{"timeoutMinutes":30}\0garbage')
    assert refused.http_status == 500
    assert refused.json["error"]["code"] == 500
    assert eliza(space, "/s/timeout", "PATCH", b'{"timeoutMinutes":30}\0').http_status == 500


def test_no_body_at_all_misses_what_it_needs(space: Space) -> None:
    space.add_session("eliza", "s", "active")
    assert eliza(space, "", "POST").json["error"]["message"] == MISSING
    refused = eliza(space, "/s/timeout", "PATCH").json["error"]
    assert refused["details"] == {"reason": "Invalid timeout configuration format"}
    emptied = eliza(space, "/s/timeout", "PATCH", Content_Type="application/json")
    assert emptied.http_status == 200


def test_a_call_without_need_of_a_body_refuses_a_wrong_one_too(space: Space) -> None:
    space.add_session("eliza", "s", "active")
    for path in ("/s/renew", "/s/heartbeat"):
        assert eliza(space, path, "POST", b"x", Content_Type="text/plain").http_status == 400
    space.admin("PUT", "dialect", {"eliza": "seed"})
    assert eliza(space, "/s/renew", "POST", b"x", Content_Type="text/plain").http_status == 400


def create(space: Space, **members: Any) -> Received:
    return send(space, "", "POST", {"agentId": USER, "userId": USER, **members})


@pytest.mark.parametrize("members", [{"agentId": None}, {"userId": 7}, {"agentId": ["x"]}])
def test_one_id_missing_is_both_missing(space: Space, members: dict[str, Any]) -> None:
    refused = create(space, **members).json["error"]
    assert refused["message"] == MISSING
    assert refused["details"] == {"missingFields": ["agentId", "userId"]}


@pytest.mark.parametrize("falsy", [None, False, 0, ""])
def test_metadata_that_is_false_is_none(space: Space, falsy: Any) -> None:
    assert create(space, metadata=falsy).json["metadata"] == {}


@pytest.mark.parametrize("kept", [True, 7, "x", [], [1, {"a": None}]])
def test_other_metadata_is_kept_as_it_is(space: Space, kept: Any) -> None:
    assert create(space, metadata=kept).json["metadata"] == kept


def test_the_size_of_metadata_is_counted_in_utf_16(space: Space) -> None:
    def told(text: str, most: int) -> list[int]:
        body = {"agentId": USER, "userId": USER, "metadata": {"a": text * most}}
        more = {**body, "metadata": {"a": text * (most + 1)}}
        sent = [json.dumps(each, ensure_ascii=False).encode() for each in (body, more)]
        return [eliza(space, "", "POST", each).http_status for each in sent]

    assert told("x", 10240 - 8) == told("é", 10240 - 8) == told("😀", 5120 - 4) == [201, 400]
    assert create(space, metadata="x" * 20000).http_status == 201, "a text is not measured"
    refused = create(space, metadata={"a": "x" * 20000}).json["error"]
    reason = "Metadata exceeds maximum size of 10240 bytes"
    assert refused["message"] == f"Invalid metadata: {reason}"
    assert refused["details"] == {"reason": reason, "providedMetadata": {"a": "x" * 20000}}


@pytest.mark.parametrize(
    "members",
    [
        {"metadata": {"a": "x\0y"}},
        {"metadata": [{"\0": 1}]},
        {"metadata": "\ud800"},
        {"metadata": {"a": "\udc00b"}},
        {"timeoutConfig": {"autoRenew": "\0"}},
    ],
)
def test_what_the_database_cannot_store_is_500(space: Space, members: dict[str, Any]) -> None:
    refused = create(space, **members)
    assert refused.http_status == 500
    assert refused.json["error"]["code"] == "SESSION_CREATION_FAILED"
    assert eliza(space, "").json["total"] == 0


@pytest.mark.parametrize(("metadata", "stored"), [("\U0001f600", False), ("\uffff", True)])
def test_text_beyond_the_bmp_cannot_be_stored_as_metadata(
    space: Space, metadata: str, stored: bool
) -> None:
    answer = create(space, metadata=metadata)
    assert answer.http_status == (201 if stored else 500)
    if not stored:
        assert answer.json["error"]["code"] == "SESSION_CREATION_FAILED"
    assert create(space, metadata=[metadata]).http_status == 201


def test_a_pair_of_surrogates_is_a_character(space: Space) -> None:
    text = "\U0001f600 \\ud800"
    assert create(space, metadata=[text]).json["metadata"] == [text]


NUMBERS: list[tuple[Any, float]] = [
    (None, 5),
    (True, 5),
    ("7", 7),
    (" 7.5\n", 7.5),
    ("\u00a06", 6),
    ("\u2028 6\ufeff\u3000", 6),
    ("\u200b6", 30),
    ("", 5),
    ("x", 30),
    ("7x", 30),
    ("+-7", 30),
    ("0x10", 16),
    ("1e2", 100),
    ("Infinity", 30),
    ([], 5),
    ([9], 9),
    ([["8"]], 8),
    ([True], 30),
    ([7, 8], 30),
    ({}, 30),
    (1e300, 1440),
]


@pytest.mark.parametrize(("sent", "minutes"), NUMBERS, ids=[repr(sent) for sent, _ in NUMBERS])
def test_create_reads_numbers_as_javascript_does(space: Space, sent: Any, minutes: float) -> None:
    created = create(space, timeoutConfig={"timeoutMinutes": sent}).json
    assert created["timeoutConfig"]["timeoutMinutes"] == minutes


@pytest.mark.parametrize(
    ("kept", "renews"), [(None, 0), (0, 0), ("", 0), ("no", 1), ([], 1), ({"x": [1]}, 1)]
)
def test_create_keeps_any_auto_renew(space: Space, kept: Any, renews: int) -> None:
    created = create(space, timeoutConfig={"autoRenew": kept}).json
    assert created["timeoutConfig"]["autoRenew"] == kept
    beaten = eliza(space, f"/{created['sessionId']}/heartbeat", "POST").json
    assert beaten["renewalCount"] == renews


@pytest.mark.parametrize(
    ("config", "reason"),
    [
        ({"timeoutMinutes": 4.999}, "Timeout must be between 5 and 1440 minutes"),
        ({"timeoutMinutes": "1441"}, "Timeout must be between 5 and 1440 minutes"),
        ({"timeoutMinutes": None}, "Invalid timeout configuration format"),
        ({"maxDurationMinutes": True}, "Invalid timeout configuration format"),
        ({"autoRenew": "yes"}, "Invalid timeout configuration format"),
    ],
)
def test_patch_timeout_says_what_was_wrong(
    space: Space, config: dict[str, Any], reason: str
) -> None:
    space.add_session("eliza", "s", "active")
    refused = send(space, "/s/timeout", "PATCH", config)
    assert (refused.http_status, refused.json["error"]["code"]) == (400, "VALIDATION_ERROR")
    assert refused.json["error"]["message"] == f"Invalid timeout configuration: {reason}"
    assert refused.json["error"]["details"] == {"reason": reason, "providedConfig": config}


@pytest.mark.parametrize(
    ("config", "minutes"),
    [
        ({"timeoutMinutes": "7"}, (7, 720, 5)),
        ({"timeoutMinutes": "x"}, (30, 720, 5)),
        ({"maxDurationMinutes": "90"}, (30, 90, 5)),
        ({"warningThresholdMinutes": "8"}, (30, 720, 8)),
        ([], (30, 720, 5)),
    ],
)
def test_patch_timeout_takes_numbers_as_text(
    space: Space, config: Any, minutes: tuple[int, int, int]
) -> None:
    space.add_session("eliza", "s", "active")
    changed = send(space, "/s/timeout", "PATCH", config).json["timeoutConfig"]
    assert minutes == (
        changed["timeoutMinutes"],
        changed["maxDurationMinutes"],
        changed["warningThresholdMinutes"],
    )
