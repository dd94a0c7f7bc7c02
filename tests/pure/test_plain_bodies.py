"""Plain bodies are read by a short way of our own, all others by nlohmann/json: never otherwise.

A body is made unplain, without a change to what it says, by escaping one letter of its first name.
"""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.support.vendors import ELIZA, PING, Vendor

from sessionvitals import ContractError

MANY = settings(deadline=None, derandomize=True, max_examples=1_000)

#: Whatever can stand in JSON, and what cannot but nearly.
PIECES = st.sampled_from(
    [
        *'{}[]",:-+.',
        *"0123456789eE \t\n\r\v/\\",
        *("true", "false", "null", "True", "nul", "NaN", "Infinity", "01", "-0", "1e5", "0x1"),
        *('"a"', '"b":', '"a": 1', '"\\u0061"', '"\\x"', '"é"', '"\x01"', '"\x7f"', "'a'", "/**/"),
        *("{}", "[]", "[[", "]]", "[1,2]", '{"a":{}}', "[1,]", '{"a":1,}', "123456789012345678"),
        *("1234567890123456789", "9223372036854775807", "-9223372036854775808", "1e400", "2.5"),
    ]
)
FRAGMENTS = st.lists(PIECES, max_size=8).map("".join)
PLAIN_VALUES: st.SearchStrategy[Any] = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.text("abc {}[]:,-0", max_size=6),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("ab", max_size=2), inner),
    max_leaves=8,
)
BODIES = {
    PING: '{"client_id":"c","status":"connected",%s}',
    ELIZA: '{"agentId":"a","sessionId":"s","userId":"u",%s}',
}
KNOWN = {
    PING: ("duration", "uploaded_bytes", "status", "x"),
    ELIZA: ("metadata", "timeoutConfig", "createdAt", "renewalCount", "isNearExpiration", "x"),
}
each_vendor = pytest.mark.parametrize("vendor", BODIES, ids=str)


def meaning(vendor: Vendor, body: str) -> object:
    try:
        return vendor.parse("s", 200, {}, body.encode()).to_dict()
    except ContractError as error:
        return "breach", error.member
    except RecursionError:  # raised by Python's json, for .extra
        return "too deep for Python"


def assert_read_alike(vendor: Vendor, body: str) -> None:
    name = body[2 : body.index('":')]
    unplain = body.replace(f'"{name}"', f'"\\u{ord(name[0]):04x}{name[1:]}"', 1)
    assert unplain != body
    assert meaning(vendor, body) == meaning(vendor, unplain)


@each_vendor
@MANY
@given(data=st.data(), fragment=FRAGMENTS)
def test_anything_beside_the_known_members(
    vendor: Vendor, data: st.DataObject, fragment: str
) -> None:
    member = data.draw(st.sampled_from(KNOWN[vendor]))
    assert_read_alike(vendor, BODIES[vendor] % f'"{member}":{fragment}')


@each_vendor
@MANY
@given(fragment=FRAGMENTS)
def test_anything_in_place_of_a_member_and_after_the_end(vendor: Vendor, fragment: str) -> None:
    assert_read_alike(vendor, BODIES[vendor] % fragment)
    assert_read_alike(vendor, BODIES[vendor] % '"x":1' + fragment)


@each_vendor
@MANY
@given(data=st.data(), value=PLAIN_VALUES, space=st.sampled_from(["", " ", "\n\t", "\r "]))
def test_plain_values_laid_out_in_any_way(
    vendor: Vendor, data: st.DataObject, value: object, space: str
) -> None:
    member = data.draw(st.sampled_from(KNOWN[vendor]))
    text = json.dumps(value, separators=(f"{space},{space}", f"{space}:{space}"))
    assert_read_alike(vendor, BODIES[vendor] % f'{space}"{member}"{space}:{space}{text}{space}')


@each_vendor
@MANY
@given(value=PLAIN_VALUES, data=st.data())
def test_plain_values_with_one_character_gone(
    vendor: Vendor, value: object, data: st.DataObject
) -> None:
    text = json.dumps({"a": [1, 2], "v": value})
    gone = data.draw(st.integers(0, len(text) - 1))
    assert_read_alike(vendor, BODIES[vendor] % f'"x":{text[:gone]}{text[gone + 1 :]}')


@each_vendor
@pytest.mark.parametrize("levels", [1, 30, 31, 32, 33, 34, 61, 62, 63, 64, 65, 66, 100])
@pytest.mark.parametrize("opening", ["[", '{"a":'])
def test_any_depth(vendor: Vendor, levels: int, opening: str) -> None:
    closing = "]" if opening == "[" else "}"
    nested = opening * levels + "1" + closing * levels
    assert_read_alike(vendor, BODIES[vendor] % f'"x":{nested}')
    assert_read_alike(vendor, BODIES[vendor] % f'"x":{nested[:-1]}')
