"""``sessionvitals doctor``: what ``doctor.py`` found, in words or as JSON."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from .. import PROVIDERS
from ..doctor import PROBLEM, Examination, describe_build, examine
from . import (
    EXIT_AUTHENTICATION,
    EXIT_DEADLINE,
    EXIT_OK,
    EXIT_RATE_LIMIT,
    EXIT_UNAVAILABLE,
    EXIT_USAGE,
)
from .output import printable, say

SEVERITY = (
    *(EXIT_OK, EXIT_UNAVAILABLE, EXIT_USAGE),
    *(EXIT_DEADLINE, EXIT_RATE_LIMIT, EXIT_AUTHENTICATION),
)
MARKS = {"ok": "ok", "hint": "!", "problem": "PROBLEM", "skipped": "-"}


@click.command()
@click.argument("providers", nargs=-1, type=click.Choice(PROVIDERS), metavar="[PROVIDER]...")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
@click.option("--session-id", metavar="ID", help="The session to ask about; a made-up one if not.")
@click.option("--base-url", metavar="URL", help="Another server; for one PROVIDER.")
@click.option(
    "--key-file",
    type=click.Path(dir_okay=False, path_type=Path),
    help="A file whose first line is the key, in place of the environment's; for one PROVIDER.",
)
@click.option(
    "--deadline",
    type=click.FloatRange(0, 3600, min_open=True),
    default=15.0,
    show_default=True,
    metavar="SECONDS",
    help="For everything.",
)
def doctor(
    providers: Sequence[str],
    as_json: bool,
    session_id: str | None,
    base_url: str | None,
    key_file: Path | None,
    deadline: float,
) -> int:
    """Say what stands between this machine and each PROVIDER, or all of them.

    Name, proxy, connection, certificate, key (never its value), one question, clock; and what this
    program was built from. A vendor that is not named and that nothing is set up for is looked at,
    and does not count for the exit code, which is that of ``status``.
    """
    from .asking import code_of
    from .commands import first_line_of

    given: dict[str, Any] = {"session_id": session_id}
    if base_url or key_file:
        if len(providers) != 1:
            raise click.UsageError("--base-url and --key-file go with exactly one PROVIDER")
        given["base_url"] = base_url
        given["key"] = first_line_of(key_file) if key_file else None
    build = describe_build()
    show_build(build, as_json)
    examinations = examine(
        list(providers or PROVIDERS),
        deadline=deadline,
        each=print_json if as_json else print_words,
        **given,
    )
    counted = [each for each in examinations if each.is_set_up or each.provider in providers]
    if not counted:
        say("no vendor is set up: name one, or set its variables (see sessionvitals doctor --help)")
    codes = [code_for(each, code_of) for each in counted]
    return max(codes, default=EXIT_OK, key=severity)


def code_for(examination: Examination, code_of: Any) -> int:
    if examination.error is not None:
        return int(code_of(examination.error))
    if examination.is_well:
        return EXIT_OK
    return EXIT_DEADLINE if examination.is_given_up else EXIT_UNAVAILABLE


def severity(code: int) -> int:
    """Order codes as ``status`` does, which names the worst."""
    return SEVERITY.index(code)


def show_build(build: dict[str, Any], as_json: bool) -> None:
    if as_json:
        print(json.dumps({"build": build}), flush=True)
        return
    print(
        f"sessionvitals {build['sessionvitals']}, {build['python']}, {build['compiler']}, "
        f"{build['tls']}"
    )
    print(build["platform"])
    for place in build["ca_places"]:
        there = "" if place["is_readable"] else ", which cannot be read"
        print(f"CA certificates: {printable(place['path'])} ({place['source']}{there})")
    if not build["ca_places"]:
        print("CA certificates: none found; set SSL_CERT_FILE")


def print_json(examination: Examination) -> None:
    print(json.dumps(examination.to_dict()), flush=True)  # ASCII, so that no terminal obeys it


def print_words(examination: Examination) -> None:
    print(f"\n{examination.provider}")
    for finding in examination.findings:
        mark = MARKS[finding.verdict]
        print(f"  {mark:7} {finding.step:8} {printable(finding.words)}", flush=True)
    if any(finding.verdict == PROBLEM for finding in examination.findings):
        return
    if not examination.is_set_up:
        print("  (nothing is set up for it)", flush=True)
