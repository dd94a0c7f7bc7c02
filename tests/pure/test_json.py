"""One table of members reads a struct from JSON and writes it again; Python's json is the witness."""

from __future__ import annotations

import contextlib
import json
import math
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sessionvitals import ConfigurationError, ContractError
from sessionvitals._core import inspect_json_reading, inspect_json_writing

MANY = settings(deadline=None, derandomize=True, max_examples=500)

INT64 = st.integers(-(2**63), 2**63 - 1)
FINITE = st.floats(allow_nan=False, allow_infinity=False)
TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))
#: What stands for itself in JSON: no float that Python writes in another way than C++.
ANY_JSON: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | INT64 | FINITE | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=8,
)
PART = st.fixed_dictionaries({"name": TEXT}, optional={"anything": ANY_JSON})
WHOLE = st.fixed_dictionaries(
    {
        "text": TEXT,
        "integer": INT64,
        "number": FINITE,
        "flag": st.booleans(),
        "time": st.integers(0, 10**15).map(
            lambda us: datetime(1990, 1, 1, tzinfo=timezone.utc) + timedelta(microseconds=us)
        ),
        "part": PART,
        "parts": st.lists(PART, max_size=3),
    },
    optional={
        "maybe_text": TEXT,
        "seconds": INT64,
        "milliseconds": INT64,
        "numbers": st.lists(FINITE, max_size=3),
        "words": st.lists(TEXT, min_size=1, max_size=3),
        "unknown": ANY_JSON,
    },
)
LEAST: dict[str, Any] = {
    "text": "t",
    "integer": 1,
    "number": 0.5,
    "flag": True,
    "time": "2026-01-01T00:00:00Z",
    "part": {"name": "p"},
    "parts": [],
}


def told(whole: dict[str, Any]) -> dict[str, Any]:
    """Return the object with its time as JSON has it."""
    time = whole["time"]
    return {**whole, "time": time.isoformat().replace("+00:00", "Z")}


def shuffled(whole: dict[str, Any], data: st.DataObject) -> dict[str, Any]:
    return dict(data.draw(st.permutations(list(whole.items()))))


def read(text: str) -> dict[str, Any]:
    read: dict[str, Any] = json.loads(inspect_json_reading(text.encode()))
    return read


def read_with(name: str, json_text: str) -> dict[str, Any]:
    others = {key: value for key, value in LEAST.items() if key != name}
    return read(f'{json.dumps(others)[:-1]},"{name}":{json_text}}}')


def same(got: Any, expected: Any) -> bool:
    """Compare as JSON does: 1 and 1.0 are one number, a time one moment."""
    if isinstance(expected, dict):
        return got.keys() == expected.keys() and all(same(got[k], expected[k]) for k in expected)
    if isinstance(expected, list):
        return len(got) == len(expected) and all(map(same, got, expected))
    return bool(got == expected and isinstance(got, bool) == isinstance(expected, bool))


#: What stands between members and behind a name. The first is how most servers write.
SEPARATORS = st.sampled_from([(",", ":"), (", ", ": "), (" ,", " :"), (",\n\t", ":\r\n")])


@MANY
@given(whole=WHOLE, data=st.data(), is_ascii=st.booleans(), separators=SEPARATORS)
def test_what_is_read_is_written_again(
    whole: dict[str, Any], data: st.DataObject, is_ascii: bool, separators: tuple[str, str]
) -> None:
    text = json.dumps(shuffled(told(whole), data), ensure_ascii=is_ascii, separators=separators)
    written = inspect_json_reading(text.encode())

    got = json.loads(written)
    assert datetime.fromisoformat(got.pop("time").replace("Z", "+00:00")) == whole["time"]
    expected = {name: value for name, value in whole.items() if name != "time"}
    assert same(got, expected)
    assert inspect_json_reading(written) == written


def test_members_are_written_in_the_order_of_the_table_and_without_spaces() -> None:
    text = json.dumps({**dict(reversed(LEAST.items())), "new": 5, "words": ["é"]}, indent=1)
    assert inspect_json_reading(text.encode()).decode() == (
        '{"text":"t","integer":1,"number":0.5,"flag":true,"time":"2026-01-01T00:00:00Z",'
        '"part":{"name":"p"},"parts":[],"words":["é"],"new":5}'
    )


def test_a_null_optional_member_is_written_as_null_and_an_absent_one_not_at_all() -> None:
    assert read_with("seconds", "null") == {**LEAST, "seconds": None}
    assert "seconds" not in read_with("words", '["w"]')


@MANY
@given(number=FINITE | st.floats(min_value=1e-320, max_value=1e-300))
def test_a_number_is_read_as_its_nearest_double(number: float) -> None:
    assert read_with("number", json.dumps(number))["number"] == number


@MANY
@given(
    text=st.from_regex(
        r"-?(0|[1-9][0-9]{0,400})(\.[0-9]{1,400})?([eE][+-]?[0-9]{1,3})?", fullmatch=True
    )
)
def test_a_number_of_any_digits_is_what_python_reads(text: str) -> None:
    expected = float(text)
    if math.isinf(expected):
        with pytest.raises(ConfigurationError, match="number"):  # read, and cannot be written
            read_with("number", text)
    else:
        assert read_with("number", text)["number"] == expected


@pytest.mark.parametrize(
    ("text", "sign"),
    [("1e400", 1), ("-1e400", -1), ("9" * 400, 1), ("1e99999999999999999999", 1)],
)
def test_a_number_past_the_largest_double_is_infinite(text: str, sign: int) -> None:
    assert float(text) == sign * math.inf
    with pytest.raises(ConfigurationError, match="finite"):
        read_with("number", text)


@pytest.mark.parametrize(
    "text", ["1e-400", "-1e-400", "0." + "0" * 400 + "1", "1e-99999999999999999"]
)
def test_a_number_below_the_smallest_double_is_zero(text: str) -> None:
    assert read_with("number", text)["number"] == 0


#: What may follow a number, and what stands beside the digits in ASCII.
BEHIND = ["", *" \n\r\t", *"/:.eE-+x\0\x7f"]


@pytest.mark.parametrize("count", range(1, 21))
@pytest.mark.parametrize("sign", ["", "-"])
def test_an_integer_is_read_wherever_its_text_ends(count: int, sign: str) -> None:
    number = sign + ("9876543210" * 2)[:count]
    for left in range(12):
        for behind in BEHIND:
            text = json.dumps(LEAST)[:-1] + f',"seconds":{number}{behind}' + " " * left + "}"
            try:
                got = read(text).get("seconds")
            except ContractError as error:
                got = error.expected
            if behind.strip():
                assert not isinstance(got, int), (number, behind, left)
            elif -(2**63) <= int(number) < 2**63:
                assert got == int(number), (number, behind, left)
            else:
                assert got == "a whole number of 64 bits"


@pytest.mark.parametrize(
    "text", ["01", "-", "+1", "1.", ".5", "1e", "1e+", "0x1", "1_0", "NaN", "-Infinity"]
)
@pytest.mark.parametrize("name", ["integer", "number", "unknown", "seconds"])
def test_what_only_looks_like_a_number_is_no_json(name: str, text: str) -> None:
    with pytest.raises(ContractError) as raised:
        read_with(name, text)
    assert (raised.value.member, raised.value.expected) == ("", "JSON")


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


def is_json(text: str) -> bool:
    """Return what Python says, without the constants that only Python knows."""

    def refuse(constant: str) -> None:
        raise ValueError(constant)

    try:
        json.loads(text, parse_constant=refuse)
    except ValueError:
        return False
    return True


def assert_read_only_if_json(text: str) -> None:
    """Check it; a violation of the table may come before the place where the text is no JSON."""
    try:
        inspect_json_reading(text.encode())
        found = ""
    except ContractError as error:
        found = error.expected
    assert found not in ("", "JSON") or is_json(text) == (found == "")


@settings(MANY, max_examples=3_000)
@given(
    pieces=st.lists(PIECES, max_size=8).map("".join),
    place=st.sampled_from(['"x":%s', '"x":[1,%s]', '%s"x":1', '"x":1%s']),
)
def test_only_json_is_read(pieces: str, place: str) -> None:
    assert_read_only_if_json(f"{{{place % pieces},{json.dumps(LEAST)[1:]}")


@MANY
@given(value=ANY_JSON, data=st.data())
def test_json_with_one_character_gone_is_read_only_if_it_is_json(
    value: Any, data: st.DataObject
) -> None:
    text = json.dumps({"x": [1, value], **LEAST}, ensure_ascii=False)
    gone = data.draw(st.integers(0, len(text) - 1))
    assert_read_only_if_json(text[:gone] + text[gone + 1 :])


@settings(MANY, max_examples=3_000)
@given(
    at=st.integers(0, 200),
    other=st.sampled_from([*'{}[]",:- 01aex\\\n', '"a":', ',"number":1', '"flag":']),
    separators=SEPARATORS,
)
def test_json_with_another_character_is_read_as_what_it_is(
    at: int, other: str, separators: tuple[str, str]
) -> None:
    text = json.dumps(LEAST, separators=separators)
    text = text[:at] + other + text[at + 1 :]
    assert_read_only_if_json(text)
    with contextlib.suppress(ContractError):
        assert same(read(text), json.loads(text))


STRINGS = {
    r'"\ud83d\ude00"': "\U0001f600",
    r'"\u00e9\n\/\b\f\t\"\\"': 'é\n/\b\f\t"\\',
    '"\x7f"': "\x7f",
    '"' + "x" * 7 + '\\u0041"': "xxxxxxxA",
    '"' + "é" * 9 + '"': "é" * 9,
}


@pytest.mark.parametrize("text", STRINGS)
def test_a_string_is_decoded(text: str) -> None:
    assert read_with("text", text)["text"] == STRINGS[text]


@pytest.mark.parametrize(
    "text",
    [
        *(
            r'"\ud800"',
            r'"\ud800x"',
            r'"\ud800\u0041"',
            r'"\udc00"',
            r'"\u12"',
            r'"\u12g4"',
            r'"\x"',
        ),
        *('"\n"', '"\t"', '"\x00"', '"', '"\\"', "'a'"),
    ],
)
@pytest.mark.parametrize("name", ["text", "unknown", "words"])
def test_what_is_no_string_is_no_json(name: str, text: str) -> None:
    with pytest.raises(ContractError) as raised:
        read_with(name, text)
    assert raised.value.expected == "JSON"


@pytest.mark.parametrize("character", [*map(chr, range(0x22)), "\x7f", "\xff", "\\"])
def test_a_control_character_is_in_no_string_wherever_it_stands(character: str) -> None:
    for before in range(9):
        for after in range(9):
            text = "x" * before + character + "y" * after
            if character < " " or character == "\\":
                with pytest.raises(ContractError):
                    read_with("text", f'"{text}"')
            else:
                assert read_with("text", f'"{text}"')["text"] == text


@pytest.mark.parametrize(
    "raw", [b"\xff", b"\xc0\xaf", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"\xe2\x82"]
)
def test_text_that_is_not_utf_8_is_no_json_and_is_not_written(raw: bytes) -> None:
    body = json.dumps(LEAST).encode().replace(b'"t"', b'"' + raw + b'"')
    with pytest.raises(ContractError, match="byte"):
        inspect_json_reading(body)
    with pytest.raises(ConfigurationError, match='"name" is not valid UTF-8'):
        inspect_json_writing(name=raw)


def test_a_nul_is_not_written() -> None:
    with pytest.raises(ConfigurationError, match='"name" has a NUL'):
        inspect_json_writing(name=b"a\0b")


@pytest.mark.parametrize("number", [math.inf, -math.inf, math.nan])
def test_a_number_that_is_not_finite_is_not_written(number: float) -> None:
    with pytest.raises(ConfigurationError, match='"number" is not a finite number'):
        inspect_json_writing(number=number)


@pytest.mark.parametrize("text", [b"", b"{", b"1 2", b"nul", b'{"a":\xff}', b"[}x"])
def test_json_text_that_is_none_is_not_written(text: bytes) -> None:
    with pytest.raises(ConfigurationError, match='"anything" is not JSON'):
        inspect_json_writing(anything=text)


PLACES = {
    '{"name":5}': "/part/name",
    '{"name":null}': "/part/name",
    "{}": "/part/name",
    '{"name":"a","name":"b"}': "/part/name",
    "[]": "/part",
    "null": "/part",
}


@pytest.mark.parametrize("text", PLACES)
def test_a_violation_says_where_it_is(text: str) -> None:
    with pytest.raises(ContractError) as raised:
        read_with("part", text)
    assert raised.value.member == PLACES[text]
    with pytest.raises(ContractError) as raised:
        read_with("parts", f'[{{"name":"a"}},{text}]')
    assert raised.value.member == PLACES[text].replace("/part", "/parts/1")


@pytest.mark.parametrize("depth", [1, 62, 63, 100, 50_000])
def test_an_opaque_member_may_be_nested_to_any_depth(depth: int) -> None:
    deep = "[" * depth + "]" * depth
    body = json.dumps({**LEAST, "part": {"name": "p", "anything": 0}}).replace("0}", deep + "}")
    assert deep in inspect_json_reading(body.encode()).decode()


@pytest.mark.parametrize(("name", "depth"), [("unknown", 63), ("unknown", 64), ("words", 70)])
def test_what_is_read_may_have_64_levels(name: str, depth: int) -> None:
    deep = "[" * depth + "]" * depth
    if name == "unknown" and depth == 63:
        assert read_with(name, deep)[name] == json.loads(deep)
        return
    with pytest.raises(ContractError) as raised:
        read_with(name, deep)
    assert raised.value.expected in {"at most 64 levels of nesting", "a string"}


@pytest.mark.parametrize(
    "text",
    [
        *(
            "{}x",
            "{},",
            "{",
            '{"a"',
            '{"a":',
            '{"a":1',
            '{"a":1,',
            '{"a":1,}',
            '{,"a":1}',
            '{"a" 1}',
        ),
        *('{"a":[1,]}', '{"a":[,1]}', '{"a":[1 2]}', '{"a":[1}', '{"a":{]}', "{5:1}", '{"a":tru}'),
    ],
)
def test_text_that_is_no_json_is_refused_as_a_whole(text: str) -> None:
    with pytest.raises(json.JSONDecodeError):
        json.loads(text)
    with pytest.raises(ContractError) as raised:
        inspect_json_reading(text.encode())
    assert raised.value.member == "" or text.startswith("{}")
