"""What readers get: the refusal, and the headers of a served answer.

402 is reserved by RFC 9110 s15.5.3 and in wide use; 401 would need a scheme in WWW-Authenticate
(s15.5.2), and there is none. The body is a problem of RFC 9457.

A shared cache must never keep a paid page. So no answer leaves a gate as public, and the headers
that only caches and CDNs read are removed: some of them win over Cache-Control.
"""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from http import HTTPStatus
from typing import NamedTuple

from . import notes
from .values import GateRefusal, Reason

Headers = list[tuple[str, str]]
#: What ``respond`` returns: status, headers and body.
Page = tuple[int, Iterable[tuple[str, str]] | Mapping[str, str], str | bytes]
Respond = Callable[[GateRefusal], Page]

NO_STORE = "no-store"
PRIVATE = "private, no-store"
#: What caches read besides Cache-Control; nginx's X-Accel-Expires and Akamai's Edge-Control among it.
OF_CACHES = frozenset({"expires", "surrogate-control", "x-accel-expires", "edge-control"})
#: What would say that the body is not as long as Content-Length says.
OF_FRAMING = frozenset({"transfer-encoding", "trailer"})
#: CDN-Cache-Control (RFC 9213) and its vendors' own.
OF_A_CDN = "cdn-cache-control"

_JUDGED = {each.encode() for each in OF_CACHES} | {b"cache-control", b"vary"}
_OF_A_CDN = OF_A_CDN.encode()
_DIRECTIVE = re.compile(r'(?:[^,"]|"[^"]*")+')
_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_VALUE = re.compile(r"[\t\x20-\x7e\x80-\xff]*")


class Answer(NamedTuple):
    """A whole answer of the gate's own."""

    status: int
    headers: Headers
    body: bytes

    @property
    def status_line(self) -> str:
        try:
            return f"{self.status} {HTTPStatus(self.status).phrase}"
        except ValueError:
            return f"{self.status} Refused"

    @property
    def raw_headers(self) -> list[tuple[bytes, bytes]]:
        return [(n.lower().encode("latin-1"), v.encode("latin-1")) for n, v in self.headers]


def status_of(reason: Reason, deny_status: int) -> int:
    """Return the status of a refusal: the reader's to mend, or the site's."""
    return deny_status if reason in ("missing", "malformed", "denied") else 503


def refusal(
    told: GateRefusal, *, vary: str, is_head: bool, respond: Respond | None, least_status: int = 200
) -> Answer:
    """Return the answer to a reader who is refused: the site's own page, or a problem."""
    answer = None if respond is None else _own_page(told, respond, least_status)
    status, headers, body = answer or _problem(told)
    if told.reason in ("outage", "busy") and not _has(headers, "retry-after"):
        headers.append(("Retry-After", "5"))
    headers = [pair for pair in private(headers, vary=vary) if pair[0].lower() != "content-length"]
    headers = [(n, NO_STORE if n == "Cache-Control" else v) for n, v in headers]
    headers.append(("Content-Length", str(len(body))))
    return Answer(status, headers, b"" if is_head else body)


def preflight(vary: str) -> Answer:
    """Return the answer to a preflight of CORS, which the application does not get to see."""
    return Answer(204, [("Cache-Control", NO_STORE), *([("Vary", vary)] if vary else [])], b"")


def private(headers: Iterable[tuple[str, str]], *, vary: str, keeps_age: bool = False) -> Headers:
    """Return the application's headers as they may leave: no shared cache keeps the answer."""
    kept: Headers = []
    control: list[str] = []
    varies: list[str] = []
    for name, value in headers:
        lower = name.lower()
        if lower == "cache-control":
            control += [each.strip() for each in _DIRECTIVE.findall(value)]
        elif lower == "vary":
            varies += [each.strip() for each in value.split(",")]
        elif lower not in OF_CACHES and not lower.endswith(OF_A_CDN):
            kept.append((name, value))
    kept.append(("Cache-Control", _control(control, keeps_age)))
    known = {each.lower() for each in varies}
    varies += [each for each in vary.split(", ") if each and each.lower() not in known]
    if varies:
        kept.append(("Vary", "*" if "*" in varies else ", ".join(filter(None, varies))))
    return kept


def private_raw(
    headers: Iterable[tuple[bytes, bytes]], *, vary: str, keeps_age: bool
) -> list[tuple[bytes, bytes]]:
    """Return the same of headers as ASGI has them."""
    kept: list[tuple[bytes, bytes]] = []
    judged: list[tuple[bytes, bytes]] = []  # few, mostly none; the others are not decoded
    for name, value in headers:
        lower = name.lower()
        if lower in _JUDGED or lower.endswith(_OF_A_CDN):
            judged.append((lower, bytes(value)))
        else:
            kept.append((lower, value))
    kept += _judged_raw(tuple(judged), vary, keeps_age)
    return kept


@lru_cache(maxsize=64)  # an application says few things of caches, and says them in each answer
def _judged_raw(
    judged: tuple[tuple[bytes, bytes], ...], vary: str, keeps_age: bool
) -> tuple[tuple[bytes, bytes], ...]:
    """Return what takes the place of the headers that caches read."""
    as_text = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in judged]
    return tuple(
        (name.lower().encode("latin-1"), value.encode("latin-1"))
        for name, value in private(as_text, vary=vary, keeps_age=keeps_age)
    )


def _control(directives: list[str], keeps_age: bool) -> str:
    names = {each.partition("=")[0].strip().lower(): each for each in directives if each}
    if not keeps_age or "no-store" in names:
        return PRIVATE + (", no-transform" if "no-transform" in names else "")
    for shared in ("public", "private", "s-maxage", "proxy-revalidate"):
        names.pop(shared, None)
    if "max-age" not in names and "no-cache" not in names:
        names["no-cache"] = "no-cache"  # or the browser would guess an age
    return ", ".join(["private", *names.values()])


def _has(headers: Headers, wanted: str) -> bool:
    return any(name.lower() == wanted for name, _ in headers)


def _problem(told: GateRefusal) -> Answer:
    title = HTTPStatus(told.status).phrase
    body = {"type": "about:blank", "title": title, "status": told.status, "reason": told.reason}
    headers = [("Content-Type", "application/problem+json")]
    return Answer(told.status, headers, json.dumps(body).encode())


def _own_page(told: GateRefusal, respond: Respond, least_status: int) -> Answer | None:
    """Return what the site's function says; None if it fails or cannot be sent."""
    try:
        status, given, body = respond(told)
        headers = [
            (str(n), str(v)) for n, v in (given.items() if isinstance(given, Mapping) else given)
        ]
        _check_page(status, headers, body, least_status)
        return Answer(int(status), headers, body.encode() if isinstance(body, str) else bytes(body))
    except Exception as error:  # noqa: BLE001 the reader is refused in any case
        notes.say(
            logging.ERROR,
            "respond",
            "the gate's respond function failed, and readers get a plain answer: %s: %s",
            type(error).__name__,
            error,
        )
        return None


def _check_page(status: object, headers: Headers, body: object, least_status: int) -> None:
    """Raise ValueError or TypeError if the site's page cannot be sent, with words on what to return."""
    is_status = isinstance(status, int) and least_status <= status <= 599
    if not is_status or status in (204, 205, 304):
        raise ValueError(f"the status is {status!r}, not one from {least_status} with a body")
    for name, value in headers:
        if not (_NAME.fullmatch(name) and _VALUE.fullmatch(value)):
            raise ValueError(f"the header {name!r} has characters that cannot be sent")
        if name.lower() in OF_FRAMING:
            raise ValueError(f"leave {name} out: the gate sends the body whole, by its length")
    if not isinstance(body, (str, bytes, bytearray, memoryview)):
        raise TypeError(f"the body is {type(body).__name__}, not str or bytes")
