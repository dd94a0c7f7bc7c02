"""Answers that no vendor would send, and every parser must survive: a typed error or an answer."""

from __future__ import annotations

import json

import pytest
from tests.support.vendors import ELIZA, PING, TIUN, VENDORS, Vendor

from sessionvitals import CallError, ContractError, HttpStatusError, NotFoundError

MEBIBYTE = 1 << 20
JSON_READERS = [ELIZA, PING]

HOSTILE = {
    "nothing": b"",
    "white space": b" \r\n\t",
    "a brace": b"{",
    "null": b"null",
    "true": b"true",
    "a number": b"5",
    "text": b'"ok"',
    "a list": b"[]",
    "an empty object": b"{}",
    "not a number": b'{"client_id":NaN}',
    "infinity": b'{"client_id":-Infinity}',
    "a number beyond a double": b"1e400",
    "a trailing comma": b'{"client_id":"c","status":"created",}',
    "a comment": b'{"client_id":"c","status":"created"}//',
    "a block comment": b'/**/{"client_id":"c","status":"created"}',
    "single quotes": b"{'client_id':'c','status':'created'}",
    "no quotes": b'{client_id:"c",status:"created"}',
    "two documents": b'{"client_id":"c","status":"created"}{}',
    "garbage behind it": b'{"client_id":"c","status":"created"}x',
    "a NUL behind it": b'{"client_id":"c","status":"created"}\0',
    "a NUL before it": b'\0{"client_id":"c","status":"created"}',
    "a NUL in a text": b'{"client_id":"c\0","status":"created"}',
    "a line break in a text": b'{"client_id":"c\n","status":"created"}',
    "a leading zero": b'{"client_id":"c","status":"created","duration":01}',
    "a plus sign": b'{"client_id":"c","status":"created","duration":+1}',
    "hexadecimal": b'{"client_id":"c","status":"created","duration":0x1}',
    "invalid UTF-8": b'{"client_id":"\xff","status":"created"}',
    "overlong UTF-8": b'{"client_id":"\xc0\xaf","status":"created"}',
    "a surrogate in UTF-8": b'{"client_id":"\xed\xa0\x80","status":"created"}',
    "a lone surrogate escape": b'{"client_id":"\\ud800","status":"created"}',
    "a bad escape": b'{"client_id":"\\x41","status":"created"}',
    "UTF-16": '{"client_id":"c","status":"created"}'.encode("utf-16"),
    "gzip": b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03\xab\xae\x05\x00C\xbf\xa6\xa3\x02\x00\x00\x00",
    "an HTML page": b"<!DOCTYPE html><html></html>",
    "100,000 open brackets": b"[" * 100_000,
    "100,000 open braces": b'{"a":' * 100_000,
    "a member nested 65 deep": b'{"client_id":"c","status":"created","x":'
    + b"[" * 64
    + b"]" * 64
    + b"}",
    "the same member twice": b'{"client_id":"c","status":"created","status":"connected"}',
    "the same optional member twice": b'{"client_id":"c","status":"created","duration":1,'
    b'"duration":2}',
    "more than a mebibyte": b'{"client_id":"c","status":"created","x":"' + b"x" * MEBIBYTE + b'"}',
    "a mebibyte of white space": b" " * MEBIBYTE + b'{"client_id":"c","status":"created"}',
    "a mebibyte of quotes": b'"' * MEBIBYTE,
    "a mebibyte of backslashes": b'{"' + b"\\" * MEBIBYTE,
}


@pytest.mark.parametrize("body", HOSTILE.values(), ids=HOSTILE)
def test_a_body_that_breaks_the_contract_is_a_contract_error(body: bytes) -> None:
    with pytest.raises(ContractError) as raised:
        PING.parse("s", 200, {}, body)
    assert raised.value.expected
    assert raised.value.found
    assert len(str(raised.value)) < 1000


@pytest.mark.parametrize("body", HOSTILE.values(), ids=HOSTILE)
def test_and_for_eliza_too(body: bytes) -> None:
    body = body.replace(b'"client_id":"c"', ELIZA.good_body[1:-1])
    with pytest.raises(ContractError):
        ELIZA.parse(
            "s",
            200,
            {},
            body.replace(b'"duration"', b'"renewalCount"').replace(b'"status"', b'"channelId"'),
        )


@pytest.mark.parametrize("body", HOSTILE.values(), ids=HOSTILE)
@pytest.mark.parametrize("vendor", VENDORS.values(), ids=str)
@pytest.mark.parametrize("http_status", [404, 401, 500])
def test_a_hostile_body_does_not_hide_the_status(
    vendor: Vendor, http_status: int, body: bytes
) -> None:
    if vendor is TIUN and http_status == 404:
        assert not TIUN.parse("s", 404, {}, body)
        return
    with pytest.raises(HttpStatusError) as raised:
        vendor.parse("s", http_status, {}, body)
    assert raised.value.http_status == http_status
    assert len(str(raised.value)) < 2000


@pytest.mark.parametrize("body", HOSTILE.values(), ids=HOSTILE)
def test_no_body_makes_a_valid_session_invalid(body: bytes) -> None:
    assert TIUN.parse("s", 200, {}, body)


@pytest.mark.parametrize("vendor", JSON_READERS, ids=str)
def test_every_cut_of_a_right_body_is_a_contract_error(vendor: Vendor) -> None:
    for cut in range(len(vendor.good_body)):
        with pytest.raises(ContractError):
            vendor.parse("s", 200, {}, vendor.good_body[:cut])


@pytest.mark.parametrize("vendor", JSON_READERS, ids=str)
def test_a_byte_order_mark_is_no_harm(vendor: Vendor) -> None:
    # RFC 8259 s8.1: a reader may ignore it rather than treat it as an error.
    try:
        answer = vendor.parse("s", 200, {}, b"\xef\xbb\xbf" + vendor.good_body)
    except ContractError:
        return
    assert answer == vendor.parse("s", 200, {}, vendor.good_body)


@pytest.mark.parametrize("vendor", JSON_READERS, ids=str)
@pytest.mark.parametrize("depth", [1, 62, 63])
def test_64_levels_are_read(vendor: Vendor, depth: int) -> None:
    deep = b"[" * depth + b"]" * depth
    answer = vendor.parse("s", 200, {}, vendor.good_body[:-1] + b',"x":' + deep + b"}")
    assert answer.extra == {"x": json.loads(deep)}


@pytest.mark.parametrize("vendor", JSON_READERS, ids=str)
@pytest.mark.parametrize("depth", [64, 65, 1000])
def test_65_levels_are_too_many(vendor: Vendor, depth: int) -> None:
    deep = b"[" * depth + b"]" * depth
    with pytest.raises(ContractError, match="64"):
        vendor.parse("s", 200, {}, vendor.good_body[:-1] + b',"x":' + deep + b"}")


@pytest.mark.parametrize("vendor", JSON_READERS, ids=str)
def test_a_mebibyte_is_read_and_one_byte_more_is_not(vendor: Vendor) -> None:
    padding = MEBIBYTE - len(vendor.good_body)
    assert vendor.parse("s", 200, {}, vendor.good_body + b" " * padding)
    with pytest.raises(ContractError, match="1048576"):
        vendor.parse("s", 200, {}, vendor.good_body + b" " * (padding + 1))


@pytest.mark.parametrize("vendor", JSON_READERS, ids=str)
@pytest.mark.parametrize("number", ["1e400", "-1e400", "1E-400", "9" * 400, "1." + "3" * 400])
def test_a_huge_number_in_a_member_we_do_not_read_costs_nothing(
    vendor: Vendor, number: str
) -> None:
    answer = vendor.parse("s", 200, {}, vendor.good_body[:-1] + f',"x":{number}}}'.encode())
    assert answer == vendor.parse("s", 200, {}, vendor.good_body[:-1] + f',"x":{number}}}'.encode())
    assert set(answer.extra) == {"x"}


@pytest.mark.parametrize("vendor", JSON_READERS, ids=str)
def test_a_secret_in_a_member_the_contract_does_not_name_is_not_quoted(vendor: Vendor) -> None:
    with pytest.raises(CallError) as raised:
        vendor.parse("s", 200, {}, b'{"password":"hunter2"}')
    assert "hunter2" not in str(raised.value)


@pytest.mark.parametrize("vendor", VENDORS.values(), ids=str)
def test_a_long_refusal_is_kept_whole_and_quoted_short(vendor: Vendor) -> None:
    body = json.dumps({"error": {"code": "C" * 5000, "message": "m" * 500_000}}).encode()
    with pytest.raises(HttpStatusError) as raised:
        vendor.parse("s", 500, {}, body)
    assert raised.value.body == body
    assert len(str(raised.value)) < 2000


@pytest.mark.parametrize("vendor", [ELIZA, PING], ids=str)
def test_a_refusal_that_is_not_text_is_still_an_error_with_its_bytes(vendor: Vendor) -> None:
    with pytest.raises(NotFoundError) as raised:
        vendor.parse("s", 404, {}, b"\xff\xfe\0binary")
    assert raised.value.body == b"\xff\xfe\0binary"
    str(raised.value).encode()
