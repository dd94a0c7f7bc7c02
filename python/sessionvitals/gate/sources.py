"""Where a request has the session's id: a header, a cookie or a member of the query.

A source returns every value that it finds. Exactly one of a possible shape is an id: with two of
them, whoever is in front of the site may have looked at the other.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Protocol
from urllib.parse import unquote_to_bytes

from ..errors import ConfigurationError

# RFC 9110 s5.6.2.
_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
#: An id that can be asked for: visible ASCII.
_ID = re.compile(r"[!-~]{1,256}")
#: In a header a comma joins the values of two lines, as proxies and WSGI servers do (RFC 9110 s5.3).
_HEADER_ID = re.compile(r"[!-+\--~]{1,256}")
#: In a cookie, what RFC 6265 s4.1.1 allows.
_COOKIE_ID = re.compile(r"[!#-+\--:<-\[\]-~]{1,256}")


class Request(Protocol):
    """What sources read of a request, of whatever framework."""

    def header(self, name: str) -> list[str]:
        """Return the values of each line of that header, or one that joins them."""

    @property
    def query(self) -> str: ...


class ScopeRequest:
    """A request as ASGI has it."""

    __slots__ = ("_scope",)

    def __init__(self, scope: Mapping[str, Any]) -> None:
        self._scope = scope

    def header(self, name: str) -> list[str]:
        wanted = name.lower().encode("latin-1")
        return [
            value.decode("latin-1")
            for key, value in self._scope["headers"]
            if key == wanted or key.lower() == wanted
        ]

    @property
    def query(self) -> str:
        return str(self._scope.get("query_string", b""), "latin-1")


class EnvironRequest:
    """A request as WSGI has it: the lines of a header are joined already."""

    __slots__ = ("_environ",)

    def __init__(self, environ: Mapping[str, Any]) -> None:
        self._environ = environ

    def header(self, name: str) -> list[str]:
        value = self._environ.get("HTTP_" + name.upper().replace("-", "_"))
        return [] if value is None else [value]

    @property
    def query(self) -> str:
        return str(self._environ.get("QUERY_STRING", ""))


class Source:
    """One place of a request."""

    #: The request header that the answer depends on, for ``Vary``; empty for none.
    vary = ""
    shape = _ID

    def values(self, request: Request) -> list[str]:
        raise NotImplementedError

    def strip(self, query: str) -> str:
        """Return the query as the application is to see it."""
        return query


class Header(Source):
    shape = _HEADER_ID

    def __init__(self, name: str) -> None:
        self.name: str = _checked(name, "header")
        self.vary: str = self.name

    def values(self, request: Request) -> list[str]:
        return request.header(self.name)


class Cookie(Source):
    vary = "Cookie"
    shape = _COOKIE_ID

    def __init__(self, name: str) -> None:
        self.name: str = _checked(name, "cookie")

    def values(self, request: Request) -> list[str]:
        pairs = (
            pair.partition("=") for line in request.header("cookie") for pair in line.split(";")
        )
        return [value.strip(" \t") for name, _, value in pairs if name.strip(" \t") == self.name]


class Query(Source):
    def __init__(self, name: str, *, strip: bool) -> None:
        if not isinstance(name, str) or not name:
            raise ConfigurationError("The name of a query's member must be text, and not empty.")
        self.name: str = name
        self._strips = strip

    def values(self, request: Request) -> list[str]:
        pairs = (member.partition("=") for member in request.query.split("&"))
        return [_decoded(value) for name, _, value in pairs if _decoded(name) == self.name]

    def strip(self, query: str) -> str:
        if not self._strips:
            return query
        members = query.split("&")
        return "&".join(m for m in members if _decoded(m.partition("=")[0]) != self.name)


def from_header(name: str) -> Source:
    """Read the id from that request header. Browsers send none with a WebSocket's handshake."""
    return Header(name)


def from_cookie(name: str) -> Source:
    """Read the id from that cookie, as it stands there."""
    return Cookie(name)


def from_query(name: str, *, strip: bool = False) -> Source:
    """Read the id from that member of the query.

    A query stands in logs and in ``Referer``, and the id is a secret of the reader's. ``strip``
    removes the member from what the application sees; servers in front have seen it.
    """
    return Query(name, strip=strip)


def checked_sources(source: Source | Iterable[Source]) -> tuple[Source, ...]:
    """Return the sources in order. Raises ConfigurationError for anything else."""
    sources: tuple[Any, ...] = (source,)
    if isinstance(source, Iterable):
        sources = tuple(source)
    if not sources or not all(isinstance(each, Source) for each in sources):
        raise ConfigurationError(
            "source must be from_header(...), from_cookie(...) or from_query(...), or a list of them."
        )
    return sources


def find(sources: Sequence[Source], request: Request) -> str | None:
    """Return the id; None if no source has one; "" for one that cannot be an id.

    The first source that the request has decides: an id that is refused there is not looked for
    elsewhere.
    """
    for source in sources:
        values = source.values(request)
        if values:
            return values[0] if len(values) == 1 and source.shape.fullmatch(values[0]) else ""
    return None


def is_possible(session_id: object) -> bool:
    """Whether it can be an id at all, wherever it came from."""
    return isinstance(session_id, str) and _ID.fullmatch(session_id) is not None


def _checked(name: str, kind: str) -> str:
    if not isinstance(name, str) or not _TOKEN.fullmatch(name):
        raise ConfigurationError(f"The name of a {kind} must be a token of HTTP, not {name!r}.")
    return name


def _decoded(text: str) -> str:
    # What is not UTF-8 becomes a character that no id has.
    return unquote_to_bytes(text.replace("+", " ")).decode(errors="replace")
