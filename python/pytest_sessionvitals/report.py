"""What a failed test is told of its sandbox."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sessionvitals.sandbox import Sandbox

ENDS = "(the plugin's own mock ends with the run; one given by --sessionvitals-mock stays)"
LATEST = 20  # requests: a page of a terminal
#: Headers that curl writes itself.
NOT_REPEATED = {"host", "content-length", "transfer-encoding", "connection", "user-agent"}


def describe(sandbox: Sandbox, *, outlives_run: bool = True) -> str:
    """Return the space's time, seed, faults, latest requests and near misses, as lines of text.

    ``outlives_run`` is whether the mock still runs when a person reads them.

    A mock that has gone is no second failure: then the text says that.
    """
    try:
        return "\n".join(_lines(sandbox, outlives_run))
    except Exception as error:  # noqa: BLE001 whatever answers, the test's own failure comes first
        return f"the mock could not be asked: {type(error).__name__}: {error}"


def _lines(sandbox: Sandbox, outlives_run: bool) -> list[str]:
    clock = sandbox.admin("GET", "clock")
    faults = sandbox.faults.state
    journal = sandbox.admin("GET", f"requests?limit={LATEST}")
    frozen = " (frozen)" if clock["frozen"] else ""
    lines = [
        f"space         {sandbox.url}",
        f"virtual time  {clock['now']}{frozen}",
        f"seed          {sandbox.ready['seed']}",
        f"faults        {faults['fired']} fired; not fired: "
        + (", ".join(sandbox.faults.unfired) or "none"),
        f"requests      {journal['seen']} came, the latest {len(journal['requests'])}:",
    ]
    lines += [f"  {_request(request)}" for request in journal["requests"]]
    misses = sandbox.journal.near_misses()
    if misses:
        lines.append("no route for:")
        lines += [f"  {_miss(miss)}" for miss in misses]
    if journal["requests"]:
        lines.append(f"again         {_curl(sandbox, journal['requests'][-1])}")
        if not outlives_run:  # a debugger still finds it there
            lines.append(f"              {ENDS}")
    return lines


def _request(request: dict[str, Any]) -> str:
    words = [str(request.get("at", "")), request["method"], request["target"], "->"]
    words.append(str(request.get("http_status") or "no answer"))
    if request.get("fault"):
        words.append(f"(fault: {request['fault']})")
    return " ".join(words)


def _miss(miss: dict[str, Any]) -> str:
    request = miss["request"]
    nearest = request.get("nearest_route")
    hint = f"; the nearest route is {nearest}" if nearest else ""
    return f"{request['method']} {request['target']}{hint}"


def _curl(sandbox: Sandbox, request: dict[str, Any]) -> str:
    url = str(sandbox.ready["url"]) + request["target"]
    words = ["curl", "-i", "--globoff", "--path-as-is"]
    words += ["--head"] if request["method"] == "HEAD" else ["-X", request["method"]]
    sent = {name.lower() for name, _ in request["headers"]}
    for name, value in request["headers"]:
        if name.lower() not in NOT_REPEATED:
            words += ["-H", f"{name}: {value}" if value else f"{name};"]
    body = request["body"]
    if body and body.isprintable():  # nothing else goes to a terminal
        words += ["--data-raw", body, *([] if "content-type" in sent else ["-H", "Content-Type:"])]
    return " ".join(shlex.quote(word) for word in [*words, url])
