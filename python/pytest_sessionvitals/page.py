"""A failed test's sandbox as one page of HTML, which needs nothing else to be read."""

from __future__ import annotations

import html
import json
import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sessionvitals.sandbox import Sandbox

MOST = 1000  # requests

# What a browser would not show, or would turn the text around by.
_INVISIBLE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]"
)

_HEAD = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<style>
:root { color-scheme: light dark; }
body { font: 15px/1.45 system-ui, sans-serif; max-width: 80rem; margin: 1rem auto; padding: 0 1rem; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; vertical-align: top; padding: .25rem .5rem; border-bottom: 1px solid gray;
  overflow-wrap: anywhere; }
pre { white-space: pre-wrap; overflow-wrap: anywhere; margin: .25rem 0; }
summary { cursor: pointer; overflow-wrap: anywhere; }
.pair { display: grid; grid-template-columns: repeat(auto-fit, minmax(20rem, 1fr)); gap: 1rem; }
</style>
"""


def page_of(sandbox: Sandbox, title: str) -> str:
    """Return the page: the space's clock, faults, sessions and requests as they are now."""
    clock = sandbox.admin("GET", "clock")
    faults = sandbox.faults.state["faults"]
    sessions = sandbox.admin("GET", "sessions?limit=1000")
    journal = sandbox.admin("GET", f"requests?limit={MOST}")
    frozen = ", frozen" if clock["frozen"] else ""
    parts = [
        _HEAD,
        f"<title>{_text(title)}</title>\n</head>\n<body>\n<main>\n<h1>{_text(title)}</h1>\n",
        f"<p>Space {_text(sandbox.url)}, virtual time {_text(clock['now'])}{frozen}, ",
        f"seed {_text(sandbox.ready['seed'])}.</p>\n<h2>Faults</h2>\n",
        _table(("script", "for", "fired", "left"), map(_fault, faults)),
        f"<h2>Requests</h2>\n<p>{journal['seen']} came",
        f", the latest {len(journal['requests'])} are here.</p>\n",
        *map(_request, reversed(journal["requests"])),
        f"<h2>Sessions</h2>\n<p>{sessions['total']} sessions.</p>\n",
        _table(("provider", "id", "state", "members"), map(_session, sessions["sessions"])),
        "</main>\n</body>\n</html>\n",
    ]
    return "".join(parts)


def _text(value: object) -> str:
    shown = _INVISIBLE.sub(lambda found: f"\\u{ord(found[0]):04x}", str(value))
    return html.escape(shown)


def _table(names: tuple[str, ...], rows: Iterable[tuple[object, ...]]) -> str:
    lines = ["".join(f"<td>{_text(cell)}</td>" for cell in row) for row in rows]
    if not lines:
        return "<p>none</p>\n"
    head = "".join(f'<th scope="col">{name}</th>' for name in names)
    body = "".join(f"<tr>{line}</tr>\n" for line in lines)
    return f"<table>\n<tr>{head}</tr>\n{body}</table>\n"


def _fault(script: dict[str, Any]) -> tuple[object, ...]:
    words = ", ".join(
        f"{each['fault']} ({each['fired']} of {each['times'] or 'always'})"
        for each in script["faults"]
    )
    scope = ", ".join(f"{name} {value}" for name, value in script["scope"].items())
    left = "for ever" if script["remaining"] is None else script["remaining"]
    return words, scope or "all requests", script["fired"], left


def _session(session: dict[str, Any]) -> tuple[object, ...]:
    named = ("provider", "id", "state")
    rest = {name: value for name, value in session.items() if name not in named}
    return *(session[name] for name in named), json.dumps(rest, ensure_ascii=False)


def _request(request: dict[str, Any]) -> str:
    status = request["http_status"] or "no answer"
    words = f"{request['number']}. {request['method']} {request['target']}: {status}"
    if request["fault"]:
        words += f", fault {request['fault']}"
    answer = request["answer"]
    said = "nothing was answered"
    if answer is not None:
        said = _message(str(status), answer)
    notes = f"<p>{_text(request['at'])}, {request['duration_ms']} ms. "
    notes += f"Played by: {_text(request['rule'] or 'no rule')}.</p>\n"
    if "nearest_route" in request:
        notes += (
            f"<p>No vendor has this route. The nearest is {_text(request['nearest_route'])}.</p>\n"
        )
    asked = _message(f"{request['method']} {request['target']}", request)
    return (
        f"<details><summary>{_text(words)}</summary>\n{notes}"
        f'<div class="pair"><pre>{_text(asked)}</pre><pre>{_text(said)}</pre></div></details>\n'
    )


def _message(first: str, message: dict[str, Any]) -> str:
    lines = [first, *(f"{name}: {value}" for name, value in message["headers"])]
    cut = "\n(the beginning only)" if message["truncated"] else ""
    return "\n".join(lines) + f"\n\n{message['body']}{cut}"
