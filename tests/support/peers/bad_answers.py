"""Answers that no server should give, as bytes, and what may come of each."""

from __future__ import annotations

import gzip
from dataclasses import dataclass

from tests.support.peers import answer
from tests.support.vendors import Vendor

OK = b"HTTP/1.1 200 OK\r\n"
BODY = b"%BODY%"  # stands for the vendor's own right body
LENGTH = b"%LENGTH%"
SIZED = b"Content-Length: " + LENGTH + b"\r\n\r\n" + BODY
CHUNKED = b"Transfer-Encoding: chunked\r\n\r\n"
CHUNK = b"%CHUNK%"  # the right body as one chunk, without the last one
LAST = b"0\r\n\r\n"

# What may come of an answer. None of them is ever "valid" by mistake: see test_bad_peers.expect_outcome().
ANSWER = "an answer"
LOST = "no complete response"
BROKEN = "an answer that is none"
BODY_IS_BROKEN = "a body that breaks the contract, which tiun ignores"


@dataclass(frozen=True)
class Said:
    outcome: str | int  # an int: refused with that HTTP status
    raw: bytes


SAYINGS: dict[str, Said] = {
    # Less than a response.
    "nothing": Said(LOST, b""),
    "one byte": Said(LOST, b"H"),
    "half a status line": Said(LOST, b"HTTP/1.1 20"),
    "a status line alone": Said(LOST, OK),
    "half a header": Said(LOST, OK + b"Content-Len"),
    "a head without its last line": Said(LOST, OK + b"Content-Length: 0\r\n"),
    "a body one byte short": Said(LOST, OK + b"Content-Length: 100\r\n\r\n" + b"x" * 99),
    "no body where one was announced": Said(LOST, OK + b"Content-Length: 5\r\n\r\n"),
    "half a chunk's size": Said(LOST, OK + CHUNKED + b"1"),
    "a chunk cut short": Said(LOST, OK + CHUNKED + b"10\r\nabc"),
    "chunks without the last one": Said(LOST, OK + CHUNKED + CHUNK),
    "a last chunk without its line": Said(LOST, OK + CHUNKED + CHUNK + b"0\r\n"),
    # Something else than HTTP/1.
    "SSH": Said(BROKEN, b"SSH-2.0-OpenSSH_9.2\r\n"),
    "SMTP": Said(BROKEN, b"220 mail.example.com ESMTP\r\n\r\n"),
    "a TLS alert": Said(BROKEN, b"\x15\x03\x03\x00\x02\x02\x28"),
    "HTTP/0.9": Said(BROKEN, b"<html>hello</html>"),
    "HTTP/2 settings": Said(BROKEN, b"\0\0\x06\x04\0\0\0\0\0\0\x05\0\0\x40\0\r\n\r\n"),
    "HTTP/2 in a status line": Said(BROKEN, b"HTTP/2 200 OK\r\n" + SIZED),
    "HTTP/2.0 in a status line": Said(BROKEN, b"HTTP/2.0 200 OK\r\n" + SIZED),
    "RTSP": Said(BROKEN, b"RTSP/1.0 200 OK\r\n" + SIZED),
    "a request": Said(BROKEN, b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"),
    "a JSON body without a head": Said(BROKEN, BODY + b"\r\n\r\n"),
    "zeros": Said(BROKEN, b"\0" * 5000),
    "a small http": Said(BROKEN, b"http/1.1 200 OK\r\n" + SIZED),
    # Status lines.
    "a status of four digits": Said(BROKEN, b"HTTP/1.1 2000 OK\r\n" + SIZED),
    "a status of two digits": Said(BROKEN, b"HTTP/1.1 20 OK\r\n" + SIZED),
    "a status of letters": Said(BROKEN, b"HTTP/1.1 abc OK\r\n" + SIZED),
    "a negative status": Said(BROKEN, b"HTTP/1.1 -200 OK\r\n" + SIZED),
    "no status": Said(BROKEN, b"HTTP/1.1 OK\r\n" + SIZED),
    "a status with a plus": Said(BROKEN, b"HTTP/1.1 +200 OK\r\n" + SIZED),
    "a status of 0": Said(BROKEN, b"HTTP/1.1 000 No\r\n" + SIZED),
    "a status of 600": Said(600, b"HTTP/1.1 600 No\r\n" + SIZED),
    "a status of 999": Said(999, b"HTTP/1.1 999 No\r\n" + SIZED),
    "HTTP/1.2": Said(BROKEN, b"HTTP/1.2 200 OK\r\n" + SIZED),
    "a space too many before the status": Said(BROKEN, b"HTTP/1.1  200 OK\r\n" + SIZED),
    "a line feed alone behind the status": Said(BROKEN, b"HTTP/1.1 200 OK\n" + SIZED),
    "a status with no reason": Said(ANSWER, b"HTTP/1.1 200\r\n" + SIZED),
    "a status with an empty reason": Said(ANSWER, b"HTTP/1.1 200 \r\n" + SIZED),
    "a reason of 100,000 characters": Said(
        BROKEN, b"HTTP/1.1 200 " + b"x" * 100_000 + b"\r\n" + SIZED
    ),
    "a reason of 5,000,000 characters": Said(
        BROKEN, b"HTTP/1.1 200 " + b"x" * 5_000_000 + b"\r\n" + SIZED
    ),
    "a reason beyond ASCII": Said(ANSWER, b"HTTP/1.1 200 \xff\xfe\r\n" + SIZED),
    "a NUL in the reason": Said(BROKEN, b"HTTP/1.1 200 O\0K\r\n" + SIZED),
    "an empty line before the status": Said(BROKEN, b"\r\n" + OK + SIZED),
    "HTTP/1.0 with a length": Said(ANSWER, b"HTTP/1.0 200 OK\r\n" + SIZED),
    "HTTP/1.0 until the end": Said(ANSWER, b"HTTP/1.0 200 OK\r\n\r\n" + BODY),
    "HTTP/1.1 until the end": Said(ANSWER, OK + b"\r\n" + BODY),
    "line feeds alone": Said(BROKEN, (OK + SIZED).replace(b"\r\n", b"\n")),
    # Headers.
    "a header without a colon": Said(BROKEN, OK + b"Nonsense\r\n" + SIZED),
    "a header without a name": Said(BROKEN, OK + b": x\r\n" + SIZED),
    "a space before the colon": Said(BROKEN, OK + b"X-A : b\r\n" + SIZED),
    "a length with a space before its colon": Said(
        BROKEN, OK + b"Content-Length : " + LENGTH + b"\r\n\r\n" + BODY
    ),
    "a folded header": Said(BROKEN, OK + b"X-A: b\r\n c\r\n" + SIZED),
    "a NUL in a header": Said(BROKEN, OK + b"X-A: a\0b\r\n" + SIZED),
    "a bare CR in a header": Said(BROKEN, OK + b"X-A: a\rb\r\n" + SIZED),
    "a control character in a header": Said(BROKEN, OK + b"X-A: \x1b[2J\r\n" + SIZED),
    "a header beyond ASCII": Said(ANSWER, OK + b"X-A: \xe9\xff\r\n" + SIZED),
    "a header of 70,000 characters": Said(BROKEN, OK + b"X-A: " + b"a" * 70_000 + b"\r\n" + SIZED),
    "a header of 5,000,000 characters": Said(
        BROKEN, OK + b"X-A: " + b"a" * 5_000_000 + b"\r\n" + SIZED
    ),
    "100,000 headers": Said(BROKEN, OK + b"A: b\r\n" * 100_000 + SIZED),
    "an empty header": Said(ANSWER, OK + b"X-A:\r\n" + SIZED),
    "no space behind a colon": Said(
        ANSWER, OK + b"X-A:b\r\nContent-Length:" + LENGTH + b"\r\n\r\n" + BODY
    ),
    "a cookie": Said(ANSWER, OK + b"Set-Cookie: a=b\r\n" + SIZED),
    # Lengths.
    "a length of letters": Said(BROKEN, OK + b"Content-Length: abc\r\n\r\n" + BODY),
    "a negative length": Said(BROKEN, OK + b"Content-Length: -1\r\n\r\n" + BODY),
    "an empty length": Said(BROKEN, OK + b"Content-Length:\r\n\r\n" + BODY),
    "a length with a plus": Said(BROKEN, OK + b"Content-Length: +" + LENGTH + b"\r\n\r\n" + BODY),
    "a hexadecimal length": Said(BROKEN, OK + b"Content-Length: 0x5\r\n\r\n" + BODY),
    "a length with an exponent": Said(BROKEN, OK + b"Content-Length: 1e1\r\n\r\n" + BODY),
    "a length with a point": Said(BROKEN, OK + b"Content-Length: 5.0\r\n\r\n" + BODY),
    "a length beyond 64 bits": Said(
        BROKEN, OK + b"Content-Length: 18446744073709551617\r\n\r\n" + BODY
    ),
    "a length of a terabyte": Said(BROKEN, OK + b"Content-Length: 1099511627776\r\n\r\n" + BODY),
    "two lengths that differ": Said(BROKEN, OK + b"Content-Length: 1\r\n" + SIZED),
    "two lengths in one header": Said(
        BROKEN, OK + b"Content-Length: 1, " + LENGTH + b"\r\n\r\n" + BODY
    ),
    "the same length twice": Said(ANSWER, OK + b"Content-Length: " + LENGTH + b"\r\n" + SIZED),
    "a length too small": Said(BODY_IS_BROKEN, OK + b"Content-Length: 1\r\n\r\n{" + BODY),
    "a length and chunks": Said(BROKEN, OK + b"Content-Length: 5\r\n" + CHUNKED + CHUNK + LAST),
    # Chunks.
    "chunks": Said(ANSWER, OK + CHUNKED + CHUNK + LAST),
    "chunks with a trailer": Said(ANSWER, OK + CHUNKED + CHUNK + b"0\r\nX-A: b\r\n\r\n"),
    "chunks with an extension": Said(ANSWER, OK + CHUNKED + CHUNK + b"0;a=b\r\n\r\n"),
    "a chunk's size of letters": Said(BROKEN, OK + CHUNKED + b"zz\r\n" + BODY + b"\r\n" + LAST),
    "a negative chunk's size": Said(BROKEN, OK + CHUNKED + b"-5\r\nabcde\r\n" + LAST),
    "an empty chunk's size": Said(BROKEN, OK + CHUNKED + b"\r\nabcde\r\n" + LAST),
    "a chunk's size beyond 64 bits": Said(
        BROKEN, OK + CHUNKED + b"fffffffffffffffff\r\nabcde\r\n" + LAST
    ),
    "a chunk of 2^63 bytes": Said(BROKEN, OK + CHUNKED + b"8000000000000000\r\nabcde\r\n" + LAST),
    "a chunk's size with 0x": Said(BROKEN, OK + CHUNKED + b"0x5\r\nabcde\r\n" + LAST),
    "a chunk without its end": Said(BROKEN, OK + CHUNKED + b"1\r\nabc\r\n" + LAST),
    "a chunk's extension of 1,000,000 characters": Said(
        BROKEN, OK + CHUNKED + b"1;" + b"x" * 1_000_000 + b"\r\n{\r\n" + LAST
    ),
    "100,000 trailers": Said(
        BROKEN, OK + CHUNKED + CHUNK + b"0\r\n" + b"A: b\r\n" * 100_000 + b"\r\n"
    ),
    "chunks of one byte, 2,000,000 of them": Said(
        BROKEN, OK + CHUNKED + b"1\r\nx\r\n" * 2_000_000 + LAST
    ),
    "a transfer coding nobody asked for": Said(BROKEN, OK + b"Transfer-Encoding: gzip\r\n" + SIZED),
    "chunked in name only": Said(LOST, OK + CHUNKED + BODY),
    "a chunk's size with a space behind": Said(ANSWER, OK + CHUNKED + CHUNK + b"0 \r\n\r\n"),
    "a chunk's size with a space before": Said(BROKEN, OK + CHUNKED + CHUNK + b" 0\r\n\r\n"),
    "chunks with line feeds alone": Said(LOST, OK + CHUNKED + b"1\n{\n0\n\n"),
    "chunks with a length in the trailer": Said(
        ANSWER, OK + CHUNKED + CHUNK + b"0\r\nContent-Length: 1\r\n\r\n"
    ),
    "chunks said twice": Said(
        BROKEN, OK + b"Transfer-Encoding: chunked\r\n" + CHUNKED + CHUNK + LAST
    ),
    "chunks that are compressed": Said(
        BROKEN, OK + b"Transfer-Encoding: gzip, chunked\r\n\r\n" + CHUNK + LAST
    ),
    "chunks in HTTP/1.0": Said(BROKEN, b"HTTP/1.0 200 OK\r\n" + CHUNKED + CHUNK + LAST),
    "a transfer coding that is none": Said(BROKEN, OK + b"Transfer-Encoding: identity\r\n" + SIZED),
    "a length that is folded": Said(
        BROKEN, OK + b"Content-Length:\r\n " + LENGTH + b"\r\n\r\n" + BODY
    ),
    # Bodies.
    "UTF-16": Said(BODY_IS_BROKEN, answer('{"client_id":"c","status":"s"}'.encode("utf-16"))),
    "two bodies in one": Said(BODY_IS_BROKEN, answer(b"{} {}")),
    "a guard against scripts before the body": Said(BODY_IS_BROKEN, answer(b")]}',\n{}")),
    "a member twice": Said(
        BODY_IS_BROKEN,
        answer(
            b'{"client_id":"c","status":"connected","status":"ended","sessionId":"s","agentId":"a",'
            b'"userId":"u","createdAt":"2026-01-01T00:00:00Z","userId":"v"}'
        ),
    ),
    "a compressed body": Said(
        BODY_IS_BROKEN, answer(gzip.compress(b'{"a":1}'), OK[:-2], b"Content-Encoding: gzip")
    ),
    "a compressed bomb": Said(
        BODY_IS_BROKEN, answer(gzip.compress(b" " * 10_000_000), OK[:-2], b"Content-Encoding: gzip")
    ),
    "a body compressed in name only": Said(ANSWER, OK + b"Content-Encoding: br\r\n" + SIZED),
    "invalid UTF-8": Said(BODY_IS_BROKEN, answer(b'{"client_id":"\xff"}')),
    "a body of NULs": Said(BODY_IS_BROKEN, answer(b"\0" * 1000)),
    "100,000 open brackets": Said(BODY_IS_BROKEN, answer(b"[" * 100_000)),
    "a body of 2 MiB": Said(BROKEN, answer(b" " * (2 << 20))),
    "an HTML page": Said(BODY_IS_BROKEN, answer(b"<html>", OK[:-2], b"Content-Type: text/html")),
    "the wrong vendor's answer": Said(BODY_IS_BROKEN, answer(b'{"ok":true}')),
    # Interim and other statuses.
    "100 before the answer": Said(ANSWER, b"HTTP/1.1 100 Continue\r\n\r\n" + OK + SIZED),
    "102 before the answer": Said(ANSWER, b"HTTP/1.1 102 Processing\r\n\r\n" + OK + SIZED),
    "103 with headers before the answer": Said(
        ANSWER, b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" + OK + SIZED
    ),
    "three interim answers": Said(ANSWER, b"HTTP/1.1 100 Continue\r\n\r\n" * 3 + OK + SIZED),
    "10,000 interim answers": Said(
        BROKEN, b"HTTP/1.1 103 Early Hints\r\n\r\n" * 10_000 + OK + SIZED
    ),
    "an interim answer alone": Said(LOST, b"HTTP/1.1 100 Continue\r\n\r\n"),
    "101, another protocol": Said(
        BROKEN, b"HTTP/1.1 101 Switching\r\nUpgrade: x\r\n\r\n" + OK + SIZED
    ),
    "199": Said(ANSWER, b"HTTP/1.1 199 Odd\r\n\r\n" + OK + SIZED),
    "204": Said(204, b"HTTP/1.1 204 None\r\n\r\n"),
    "204 with a length": Said(204, b"HTTP/1.1 204 None\r\nContent-Length: 5\r\n\r\nhello"),
    "205": Said(205, b"HTTP/1.1 205 Reset\r\nContent-Length: 0\r\n\r\n"),
    "205 with a body": Said(205, b"HTTP/1.1 205 Reset\r\n" + SIZED),
    "201": Said(201, b"HTTP/1.1 201 Created\r\n" + SIZED),
    "206": Said(206, b"HTTP/1.1 206 Partial\r\n" + SIZED),
    "304": Said(304, b"HTTP/1.1 304 Not Modified\r\n\r\n"),
    "304 with a length": Said(304, b"HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n"),
    "302 to nowhere": Said(302, b"HTTP/1.1 302 Found\r\nContent-Length: 0\r\n\r\n"),
    "302 to another scheme": Said(
        302, answer(b"", b"HTTP/1.1 302 Found", b"Location: file:///etc")
    ),
    "401 with a challenge": Said(
        401,
        answer(
            b"", b"HTTP/1.1 401 No", b'WWW-Authenticate: Digest realm="a", nonce="b", qop="auth"'
        ),
    ),
    "407": Said(407, answer(b"", b"HTTP/1.1 407 No", b"Proxy-Authenticate: Basic")),
    "408 at once": Said(408, answer(b"", b"HTTP/1.1 408 Slow", b"Connection: close")),
    "500 with a page cut short": Said(LOST, b"HTTP/1.1 500 No\r\nContent-Length: 50\r\n\r\n<html>"),
    # More than a response.
    "a second answer at once": Said(ANSWER, (OK + SIZED) * 2),
    "bytes behind the answer": Said(ANSWER, OK + SIZED + b"garbage"),
}


def spoken(vendor: Vendor, raw: bytes) -> bytes:
    """Put the vendor's own right body where it belongs."""
    body = vendor.good_body or b"ignored"
    chunk = b"%x\r\n%s\r\n" % (len(body), body)
    return raw.replace(LENGTH, b"%d" % len(body)).replace(CHUNK, chunk).replace(BODY, body)
