"""The bytes of a response -> the events that they are, however they are cut; and requests as bytes.

The reader is the engine's own, asked without a socket.
"""

from __future__ import annotations

import itertools
import operator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sessionvitals import ConfigurationError
from sessionvitals._core import inspect_request, inspect_response

OK = b"HTTP/1.1 200 OK\r\n"
CHUNKED = OK + b"Transfer-Encoding: chunked\r\n\r\n"
SIZED = OK + b"Content-Length: 5\r\n\r\n"
MEBIBYTE = 1024 * 1024


def events_of(*pieces: bytes, **options: Any) -> list[tuple[Any, ...]]:
    """Return the events, with neighbouring pieces of the body joined and violations without what was
    found, which may be cut where the pieces are."""
    joined: list[tuple[Any, ...]] = []
    events = inspect_response(list(pieces), **options)
    for kind, group in itertools.groupby(events, key=operator.itemgetter(0)):
        if kind == "data":
            joined.append(("data", b"".join(event[1] for event in group)))
        else:
            joined += (event[:2] if kind == "violation" else event for event in group)
    return joined


def head(status: int = 200, *headers: tuple[bytes, bytes], alive: bool = True) -> tuple[Any, ...]:
    return ("head", status, list(headers), alive)


LENGTH_5 = (b"Content-Length", b"5")
IN_CHUNKS = (b"Transfer-Encoding", b"chunked")

#: Bytes, and the events that they are.
RESPONSES: dict[str, tuple[bytes, list[tuple[Any, ...]]]] = {
    "a length": (SIZED + b"hello", [head(200, LENGTH_5), ("data", b"hello"), ("end", 0)]),
    "a length of 0": (
        OK + b"Content-Length: 0\r\nX-Empty:\r\n\r\n",
        [head(200, (b"Content-Length", b"0"), (b"X-Empty", b"")), ("end", 0)],
    ),
    "bytes behind it": (
        SIZED + b"hello" + OK,
        [head(200, LENGTH_5), ("data", b"hello"), ("end", len(OK))],
    ),
    "no body at 204": (b"HTTP/1.1 204 No Content\r\n\r\n", [head(204), ("end", 0)]),
    "no body at 304, whatever its length says": (
        b"HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n",
        [head(304, LENGTH_5), ("end", 0)],
    ),
    "white space around a value": (
        OK + b"Content-Length:\t5 \r\n\r\nhello",
        [head(200, LENGTH_5), ("data", b"hello"), ("end", 0)],
    ),
    "interim heads": (
        b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early\r\nLink: x\r\n\r\n" + SIZED + b"hello",
        [head(200, LENGTH_5), ("data", b"hello"), ("end", 0)],
    ),
    "chunks": (
        CHUNKED + b"5\r\nhello\r\n6;x=y\r\n world\r\n0\r\n\r\n",
        [head(200, IN_CHUNKS), ("data", b"hello world"), ("end", 0)],
    ),
    "chunks with trailers and more behind them": (
        CHUNKED + b"2\r\nhi\r\n0\r\nTrailer: x\r\n\r\nmore",
        [head(200, IN_CHUNKS), ("data", b"hi"), ("end", 4)],
    ),
    "sizes padded with white space": (
        CHUNKED + b"2  \r\nhi\r\n1 \t; x=y\r\n!\r\n0 \r\n\r\n",
        [head(200, IN_CHUNKS), ("data", b"hi!"), ("end", 0)],
    ),
    "no chunk": (CHUNKED + b"0\r\n\r\n", [head(200, IN_CHUNKS), ("end", 0)]),
    "a chunk's line of 256 bytes": (
        CHUNKED + b"1;" + b"x" * 254 + b"\r\na\r\n0\r\n\r\n",
        [head(200, IN_CHUNKS), ("data", b"a"), ("end", 0)],
    ),
    "until the close": (
        OK + b"\r\nhello",
        [head(200, alive=False), ("data", b"hello"), ("end", 0)],
    ),
    "HTTP/1.0": (
        b"HTTP/1.0 200 OK\r\nContent-Length: 5\r\n\r\nhello",
        [head(200, LENGTH_5, alive=False), ("data", b"hello"), ("end", 0)],
    ),
    "nothing": (b"", [("cut",)]),
    "half a head": (OK, [("cut",)]),
    "half a body": (SIZED + b"hel", [head(200, LENGTH_5), ("data", b"hel"), ("cut",)]),
    "half a chunk": (
        CHUNKED + b"5\r\nhel",
        [head(200, IN_CHUNKS), ("data", b"hel"), ("cut",)],
    ),
    "no last chunk": (
        CHUNKED + b"2\r\nhi\r\n",
        [head(200, IN_CHUNKS), ("data", b"hi"), ("cut",)],
    ),
}

#: What is no response, and what was expected in its place.
FLAWS: dict[str, tuple[bytes, str]] = {
    "another protocol": (b"SSH-2.0-OpenSSH_9.2\r\n\r\n", "an HTTP/1.x response"),
    "a frame of HTTP/2": (b"\0\0\0\4\0\0\0\0\0", "an HTTP/1.x response"),
    "an alert of TLS": (b"\x15\3\3\0\2\2\x28", "an HTTP/1.x response"),
    "HTTP/2": (b"HTTP/2 200\r\n\r\n", "an HTTP/1.x response"),
    "a status line that ends in LF alone": (
        b"HTTP/1.1 200 OK\nContent-Length: 0\n\n",
        "lines that end in CR LF",
    ),
    "a status of two digits": (
        b"HTTP/1.1 20 OK\r\n\r\n",
        'a status line such as "HTTP/1.1 200 OK"',
    ),
    "a status line of 8193 bytes": (
        b"HTTP/1.1 200 " + b"x" * 8180 + b"\r\n\r\n",
        "a status line of at most 8192 bytes",
    ),
    "a folded header": (
        OK + b"X-A: b\r\n c\r\n\r\n",
        'a header field such as "Name: value"',
    ),
    "a space before the colon": (
        OK + b"X-A : b\r\n\r\n",
        'a header field such as "Name: value"',
    ),
    "101 headers": (OK + b"X-A: b\r\n" * 101 + b"\r\n", "at most 100 header fields"),
    "a NUL in a value": (
        OK + b"X-A: a\0b\r\n\r\n",
        "a header field without control characters",
    ),
    "a head of more than 64 KiB": (
        OK + b"X-A: " + b"b" * 65536 + b"\r\n\r\n",
        "a head of at most 64 KiB",
    ),
    "a length of letters": (
        OK + b"Content-Length: abc\r\n\r\n",
        "a Content-Length that is one number",
    ),
    "two lengths": (
        OK + b"Content-Length: 1\r\nContent-Length: 2\r\n\r\n",
        "one Content-Length",
    ),
    "a length and chunks": (
        OK + b"Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
        "either Content-Length or Transfer-Encoding",
    ),
    "gzip": (
        OK + b"Transfer-Encoding: gzip, chunked\r\n\r\n",
        "a Transfer-Encoding that is chunked, once",
    ),
    "nine interim heads": (
        b"HTTP/1.1 102 Processing\r\n\r\n" * 9,
        "at most 8 interim responses (1xx)",
    ),
    "a switch of protocols": (
        b"HTTP/1.1 101 Switching\r\n\r\n",
        "no change of protocol, as none was asked for",
    ),
}

FLAWS_OF_CHUNKS: dict[str, tuple[bytes, str]] = {
    "a size of letters": (b"xyz\r\n", "a chunk's size in hexadecimal"),
    "a negative size": (b"-2\r\n", "a chunk's size in hexadecimal"),
    "a size with a word after it": (b"2 x\r\n", "a chunk's size in hexadecimal"),
    "a size after a space": (b" 2\r\n", "a chunk's size in hexadecimal"),
    "a size of nine digits": (b"000000001\r\n", "a chunk's size in hexadecimal"),
    "an extension that is no text": (b"2;a=\x7f\r\n", "a chunk's size in hexadecimal"),
    "an extension beyond ASCII": (b"2;a=\xe9\r\n", "a chunk's size in hexadecimal"),
    "no end of line": (b"2\r\nhiXX", "an end of line after each chunk"),
    "half an end of line": (b"2\r\nhi\rX", "an end of line after each chunk"),
    "a line of 257 bytes": (
        b"1;" + b"x" * 255 + b"\r\n",
        "chunk sizes and trailers of a sane length",
    ),
    "a trailer without end": (
        b"0\r\n" + b"x" * 9000,
        "chunk sizes and trailers of a sane length",
    ),
}


@pytest.mark.parametrize(("response", "expected"), RESPONSES.values(), ids=RESPONSES)
def test_a_response_gives_its_events(response: bytes, expected: list[tuple[Any, ...]]) -> None:
    assert events_of(response) == expected


@pytest.mark.parametrize("response", [said for said, _ in RESPONSES.values()], ids=RESPONSES)
def test_every_cut_of_a_response_gives_the_same_events(response: bytes) -> None:
    whole = events_of(response)
    if whole[-1] != ("end", 0):  # how much is left behind an end depends on what had come by then
        response = response[: len(response) - whole[-1][-1]] if whole[-1][0] == "end" else response
        whole = events_of(response)

    assert events_of(*(response[at : at + 1] for at in range(len(response)))) == whole
    for cut in range(len(response) + 1):
        assert events_of(response[:cut], response[cut:]) == whole


BYTES = {
    **{name: said for name, (said, _) in RESPONSES.items()},
    **{name: said for name, (said, _) in FLAWS.items()},
    **{name: CHUNKED + said for name, (said, _) in FLAWS_OF_CHUNKS.items()},
}


@settings(deadline=None, derandomize=True, max_examples=300)
@given(said=st.sampled_from(list(BYTES.values())), cuts=st.lists(st.floats(0, 1), max_size=6))
def test_any_cuts_give_the_same_events(said: bytes, cuts: list[float]) -> None:
    marks = sorted({0, len(said), *(int(cut * len(said)) for cut in cuts)})
    pieces = [said[a:b] for a, b in itertools.pairwise(marks)]

    assert [event[:1] if event[0] == "end" else event for event in events_of(*pieces)] == [
        event[:1] if event[0] == "end" else event for event in events_of(said)
    ]


@pytest.mark.parametrize(("said", "expected"), FLAWS.values(), ids=FLAWS)
def test_what_is_no_response_is_refused_at_its_head(said: bytes, expected: str) -> None:
    assert events_of(said) == [("violation", expected)]


@pytest.mark.parametrize(("said", "expected"), FLAWS_OF_CHUNKS.values(), ids=FLAWS_OF_CHUNKS)
def test_chunks_that_are_none_are_refused(said: bytes, expected: str) -> None:
    assert events_of(CHUNKED + said)[-1] == ("violation", expected)


@pytest.mark.parametrize("limit", [0, 10, MEBIBYTE, 3 * MEBIBYTE])
def test_a_body_may_be_as_long_as_its_limit_and_no_longer(limit: int) -> None:
    def framed(size: int) -> dict[str, bytes]:
        return {
            "length": OK + b"Content-Length: %d\r\n\r\n" % size + b"x" * size,
            "chunks": CHUNKED
            + (b"%x\r\n" % size + b"x" * size + b"\r\n") * (size > 0)
            + b"0\r\n\r\n",
            "close": OK + b"\r\n" + b"x" * size,
        }

    for said in framed(limit).values():
        assert events_of(said, body_limit=limit)[-1] == ("end", 0)
    words = f"{limit // MEBIBYTE} MiB" if limit % MEBIBYTE == 0 else f"{limit} bytes"
    for said in framed(limit + 1).values():
        assert events_of(said, body_limit=limit)[-1] == ("violation", f"a body of at most {words}")


@pytest.mark.parametrize("limit", [MEBIBYTE, 8 * MEBIBYTE])
def test_the_framing_of_chunks_is_bounded_by_a_quarter_of_the_body(limit: int) -> None:
    one = b"1\r\nx\r\n"  # 5 bytes of framing
    most = limit // 4 // 5

    def last(count: int) -> tuple[Any, ...]:
        return events_of(CHUNKED + one * count + b"0\r\n\r\n", body_limit=limit)[-1]

    assert last(most - 1) == ("end", 0)
    assert last(most + 1)[0] == "violation"


def test_an_answer_to_head_has_no_body() -> None:
    assert events_of(SIZED, method="HEAD") == [head(200, LENGTH_5), ("end", 0)]


def test_a_get_is_written_with_host_and_agent_and_no_length() -> None:
    written = inspect_request("GET", "/a?b=c", [(b"Accept", b"*/*")], host="h:81")

    first, *fields, empty, body = written.split(b"\r\n")
    assert first == b"GET /a?b=c HTTP/1.1"
    assert fields[:2] == [b"Host: h:81", b"Accept: */*"]
    assert fields[2].startswith(b"User-Agent: sessionvitals/")
    assert (len(fields), empty, body) == (3, b"", b"")


@pytest.mark.parametrize("method", ["PATCH", "POST", "PUT"])
def test_a_method_that_takes_a_body_says_a_length_of_0(method: str) -> None:
    assert b"\r\nContent-Length: 0\r\n" in inspect_request(method, "/")


@pytest.mark.parametrize("method", ["GET", "DELETE", "POST"])
def test_a_body_is_written_with_its_length_as_it_is(method: str) -> None:
    body = "{\r\n\0}" + "x" * 10_000

    written = inspect_request(method, "/", body=body)

    head_, _, rest = written.partition(b"\r\n\r\n")
    assert head_.count(b"Content-Length: 10005") == 1
    assert rest == body.encode()


def test_host_and_length_are_the_engines_to_say_and_the_agent_the_callers() -> None:
    given = [(b"host", b"evil"), (b"CONTENT-LENGTH", b"99"), (b"user-agent", b"mine")]

    written = inspect_request("GET", "/", given, host="good")

    assert written == b"GET / HTTP/1.1\r\nHost: good\r\nuser-agent: mine\r\n\r\n"


def test_a_proxy_is_given_the_whole_url_and_its_authorization() -> None:
    written = inspect_request(
        "GET", "/a", target_prefix="http://h/v2", host="h", proxy_authorization="Basic eA=="
    )

    assert written.startswith(b"GET http://h/v2/a HTTP/1.1\r\nHost: h\r\n")
    assert b"\r\nProxy-Authorization: Basic eA==\r\n" in written


@pytest.mark.parametrize(
    ("method", "target", "headers"),
    [
        ("GE T", "/", []),
        ("", "/", []),
        ("GET\r\nX: y", "/", []),
        ("GET", "", []),
        ("GET", "a", []),
        ("GET", "/a b", []),
        ("GET", "/\r\nX: y", []),
        ("GET", "/é", []),
        ("GET", "/" + "x" * 8000, []),
        *[("GET", "/", [(name, b"x")]) for name in (b"", b"a b", b"a:", b"a\r\nb", b"\xe9")],
        *[
            ("GET", "/", [(b"x-key", b"CANARY" + bytes([code]) + b"y")])
            for code in [*range(0x20), 0x7F]
            if code != 0x09
        ],
    ],
)
def test_what_cannot_be_sent_as_it_is_is_refused_and_never_shown(
    method: str, target: str, headers: list[tuple[bytes, bytes]]
) -> None:
    with pytest.raises(ConfigurationError) as caught:
        inspect_request(method, target, headers)

    assert "CANARY" not in str(caught.value)
