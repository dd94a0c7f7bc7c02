"""The bytes of a text/event-stream -> its events, however they are cut (WHATWG HTML s9.2.6)."""

from __future__ import annotations

import itertools
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sessionvitals._core import inspect_events

KIBIBYTE = 1024


def events_of(*pieces: bytes) -> list[tuple[Any, ...]]:
    events: list[tuple[Any, ...]] = inspect_events(list(pieces))[0]
    return events


def message(data: bytes, kind: bytes = b"message", last_id: bytes = b"") -> tuple[bytes, ...]:
    return (kind, data, last_id)


STREAMS: dict[str, tuple[bytes, list[tuple[bytes, ...]]]] = {
    "one line": (b"data: a\n\n", [message(b"a")]),
    "CR LF": (b"data: a\r\n\r\n", [message(b"a")]),
    "CR": (b"data: a\r\rdata: b\r\r", [message(b"a"), message(b"b")]),
    "all three line ends": (b"data: a\r\ndata: b\rdata: c\n\n", [message(b"a\nb\nc")]),
    "no space after the colon": (b"data:a\n\n", [message(b"a")]),
    "one space of two is the value's": (b"data:  a\n\n", [message(b" a")]),
    "a colon in the value": (b"data: a:b\n\n", [message(b"a:b")]),
    "a named type": (b"event: tick\ndata: a\n\n", [message(b"a", b"tick")]),
    "a type is for one event": (
        b"event: tick\ndata: a\n\ndata: b\n\n",
        [message(b"a", b"tick"), message(b"b")],
    ),
    "a type without data is dropped": (b"event: tick\n\ndata: b\n\n", [message(b"b")]),
    "empty data is an event": (b"data\n\ndata:\n\n", [message(b""), message(b"")]),
    "two lines of empty data": (b"data\ndata\n\n", [message(b"\n")]),
    "comments": (b": hello\n:\ndata: a\n: more\n\n:\n\n", [message(b"a")]),
    "an id stays": (
        b"id: 1\ndata: a\n\ndata: b\n\nid\ndata: c\n\n",
        [message(b"a", last_id=b"1"), message(b"b", last_id=b"1"), message(b"c")],
    ),
    "an id without data is kept for the next": (
        b"id: 7\n\ndata: a\n\n",
        [message(b"a", last_id=b"7")],
    ),
    "an id with a NUL is ignored": (b"id: 1\0\ndata: a\n\n", [message(b"a")]),
    "unknown fields": (b"foo: bar\ndata: a\nDATA: b\n\n", [message(b"a")]),
    "a byte order mark": (b"\xef\xbb\xbfdata: a\n\n", [message(b"a")]),
    "a second byte order mark is a name's": (b"\xef\xbb\xbf\xef\xbb\xbfdata: a\n\n", []),
    "bytes that are no UTF-8": (b"data: \xff\xc3\n\n", [message(b"\xff\xc3")]),
    "an event that is not ended is none": (b"data: a\n\ndata: b\n", [message(b"a")]),
    "nothing": (b"", []),
    "line ends alone": (b"\n\r\n\r\n\n", []),
}


@pytest.mark.parametrize(("said", "expected"), STREAMS.values(), ids=STREAMS)
def test_a_stream_gives_its_events(said: bytes, expected: list[tuple[bytes, ...]]) -> None:
    assert events_of(said) == expected


@pytest.mark.parametrize(("said", "expected"), STREAMS.values(), ids=STREAMS)
def test_every_cut_of_a_stream_gives_the_same_events(
    said: bytes, expected: list[tuple[bytes, ...]]
) -> None:
    assert events_of(*(said[at : at + 1] for at in range(len(said)))) == expected
    for cut in range(len(said) + 1):
        assert events_of(said[:cut], said[cut:]) == expected


LINES = st.sampled_from(
    [b"data: a", b"data", b"data:\xff", b"event: t", b"id: 1", b"id", b"retry: 5", b":", b"", b""]
)


@settings(deadline=None, derandomize=True, max_examples=300)
@given(
    lines=st.lists(st.tuples(LINES, st.sampled_from([b"\n", b"\r", b"\r\n"])), max_size=20),
    cuts=st.lists(st.integers(0, 200), max_size=6),
)
def test_any_cuts_give_the_same_events(lines: list[tuple[bytes, bytes]], cuts: list[int]) -> None:
    said = b"".join(line + end for line, end in lines)
    marks = sorted({0, len(said), *(min(cut, len(said)) for cut in cuts)})
    pieces = [said[a:b] for a, b in itertools.pairwise(marks)]

    assert inspect_events(pieces) == inspect_events([said])


@pytest.mark.parametrize(
    ("value", "retry"),
    [
        (b"3000", timedelta(seconds=3)),
        (b"0", timedelta(0)),
        (b"", None),
        (b"-1", None),
        (b"+1", None),
        (b"1.5", None),
        (b"3s", None),
        (b"99999999999999999999", None),
    ],
)
def test_retry_is_heeded_only_if_it_is_digits(value: bytes, retry: timedelta | None) -> None:
    assert inspect_events([b"retry: " + value + b"\n"])[1] == retry


@pytest.mark.parametrize("start", [b": ", b"x"])
def test_a_line_of_no_event_is_bounded_too(start: bytes) -> None:
    longest = start + b"x" * (1025 * KIBIBYTE - len(start))

    assert events_of(longest + b"\n\ndata: a\n\n")[-1] == message(b"a")
    assert events_of(longest, b"x")[-1] == ("violation", "an event stream's line of at most 1 MiB")


def test_an_event_of_1_mib_may_be_one_line() -> None:
    """As JSON, which has no line breaks, always is."""
    longest = b"data: " + b"x" * 1024 * KIBIBYTE

    assert events_of(longest + b"\n\n") == [message(b"x" * 1024 * KIBIBYTE)]
    assert events_of(longest + b"x\n\n") == [("violation", "an event of at most 1 MiB")]


def test_an_event_of_1_mib_is_the_longest() -> None:
    line = b"data: " + b"x" * 32767 + b"\n"  # 32 KiB with the line feed that joins it to the next

    ((_, data, _),) = events_of(line * 32 + b"\n")
    assert len(data) == 1024 * KIBIBYTE - 1
    assert events_of(line * 32 + b"data\n\n") == [message(data + b"\n")]
    assert events_of(line * 33)[-1] == ("violation", "an event of at most 1 MiB")
