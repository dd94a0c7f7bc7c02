"""A key that comes back cut in two, escaped, a hundred thousand times over, or as short as a word."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import quote, quote_plus

import pytest
from tests.support.peers import answer, peer, says
from tests.support.vendors import ELIZA, PING, TIUN, VENDORS, Vendor

from sessionvitals import CallError, ContractError, HttpStatusError

# Longer than any of our quotes, and no part of it is in another word of ours.
KEY = "qxzjv-" + "".join(f"{n:03}" for n in range(200))
#: What is left of a key that says too little to look for.
MOST_LEFT = 3


def ask(vendor: Vendor, said: bytes, key: str = KEY) -> Any:
    with peer(says(said)) as told:
        client = vendor.open(told.url, key, vendor.style, max_retries=0, timeout=30)
        with pytest.raises(CallError) as raised:
            vendor.ask(client, "s")
        assert key.encode() in told.requests[0]
    return raised.value


def left_of(key: str, error: CallError) -> int:
    """Return how many of the key's first characters can be read anywhere in the error."""
    assert error.call is not None
    shown = str(error) + repr(error) + repr(vars(error))
    shown += json.dumps(error.call.to_dict()) + "".join(t.error for t in error.call.attempts)
    return max(n for n in range(len(key) + 1) if key[:n] in shown)


def refusing(filler: int) -> bytes:
    text = "y" * filler + KEY
    body = {"error": {"code": text, "message": text}, "title": text, "detail": text}
    return answer(json.dumps(body).encode(), b"HTTP/1.1 400 Bad")


ECHO = KEY.encode()
OK = b"HTTP/1.1 200 OK\r\n"
CUTS: dict[str, Callable[[int], bytes]] = {
    "a vendor's words": lambda n: refusing(297 - n),
    "a status line": lambda n: b"HTTP/1.1 x" + b"y" * n + ECHO + b"\r\n\r\n",
    "a length": lambda n: OK + b"Content-Length: " + b"y" * n + ECHO + b"\r\n\r\n",
    "a field's name": lambda n: OK + b"a b" + b"y" * n + ECHO + b"\r\n\r\n",
    "a coding": lambda n: OK + b"Transfer-Encoding: " + b"y" * n + ECHO + b"\r\n\r\n",
    "a chunk's size": lambda n: OK + b"Transfer-Encoding: chunked\r\n\r\n" + ECHO + b"\r\n",
    "a redirect": lambda n: answer(
        b"", b"HTTP/1.1 302 Found", b"Location: http://h/" + b"y" * (290 - n) + ECHO
    ),
}


@pytest.mark.parametrize("place", CUTS)
@pytest.mark.parametrize("shift", [0, 1, 2, 3, 4, 5, 20])
@pytest.mark.parametrize("vendor", VENDORS.values(), ids=str)
def test_a_quote_that_is_cut_within_the_key_shows_none_of_it(
    vendor: Vendor, shift: int, place: str
) -> None:
    assert left_of(KEY, ask(vendor, CUTS[place](shift))) <= MOST_LEFT


@pytest.mark.parametrize("shift", [0, 1, 10, 30])
def test_a_time_that_is_cut_within_the_key_shows_none_of_it(shift: int) -> None:
    session = {"sessionId": "s", "agentId": "a", "userId": "u", "createdAt": "y" * shift + KEY}
    error = ask(ELIZA, answer(json.dumps(session).encode()))
    assert isinstance(error, ContractError)
    assert error.member == "/createdAt"
    assert left_of(KEY, error) <= MOST_LEFT


@pytest.mark.parametrize("slash", ["/", "\\/"], ids=["as most write it", "as PHP writes it"])
def test_a_key_that_json_has_to_escape_is_not_shown(slash: str) -> None:
    key = 'q/x"z\\j/v-0123456789'
    text = json.dumps({"error": {"code": key, "message": key, "details": {"sent": key}}})
    error = ask(PING, answer(text.replace("/", slash).encode(), b"HTTP/1.1 400 Bad"), key)
    assert isinstance(error, HttpStatusError)
    assert (error.code, error.message) == ("[redacted]", "[redacted]")
    assert error.details == {"sent": "[redacted]"}
    assert json.loads(error.body)["error"]["details"] == {"sent": "[redacted]"}


@pytest.mark.parametrize("form", ["\\u002B", "\\u002b"])
def test_a_key_that_json_may_write_by_numbers_is_not_shown(form: str) -> None:
    """As .NET does with plus signs, which keys in base64 have."""
    key = "a+b+0123456789=="
    text = json.dumps({"error": {"code": key, "message": key, "details": {"sent": [key, 1]}}})
    error = ask(PING, answer(text.replace("+", form).encode(), b"HTTP/1.1 400 Bad"), key)
    assert isinstance(error, HttpStatusError)
    assert error.details == {"sent": ["[redacted]", 1]}
    assert b"0123456789" not in error.body


@pytest.mark.parametrize(
    "written",
    [
        lambda key: quote(key, safe=""),
        lambda key: quote(key, safe="").lower(),
        quote_plus,
        lambda key: "".join(f"%{ord(character):02x}" for character in key),
    ],
    ids=["as a path", "with small digits", "as a form", "throughout"],
)
def test_a_key_that_is_percent_encoded_is_not_shown(written: Callable[[str], str]) -> None:
    key = "qx+7 zj/0123456789=="
    shown = written(key)
    text = json.dumps({"error": {"code": shown, "message": f"wrong key {shown}, 100%"}})
    error = ask(PING, answer(text.encode(), b"HTTP/1.1 400 Bad"), key)
    assert isinstance(error, HttpStatusError)
    assert (error.code, error.message) == ("[redacted]", "wrong key [redacted], 100%")
    assert shown not in str(error) + error.body.decode() + repr(vars(error))


@pytest.mark.parametrize("key", ["a", "er", "not"])
def test_a_key_of_up_to_three_characters_garbles_no_words(key: str) -> None:
    error = ask(TIUN, answer(b"", b"HTTP/1.1 401 No"), key)
    assert "[redacted]" not in str(error)
    assert "another" not in key
    assert str(error).startswith("tiun answered HTTP 401. Check access_token")


def test_a_body_of_nothing_but_the_key_is_redacted_in_one_pass() -> None:
    """Each occurrence moved by itself would take seconds, long past any deadline."""
    times = 250_000
    error = ask(PING, answer(b"q-z." * times, b"HTTP/1.1 400 Bad"), "q-z.")
    assert isinstance(error, HttpStatusError)
    assert error.body == b"[redacted]" * times
