"""``sessionvitals doctor``: what ``doctor.py`` found, in words or as JSON."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from .. import PROVIDERS
from ..doctor import Examination, describe_build, examine_all, is_set_up, variables_of
from . import (
    EXIT_AUTHENTICATION,
    EXIT_DEADLINE,
    EXIT_OK,
    EXIT_RATE_LIMIT,
    EXIT_UNAVAILABLE,
    EXIT_USAGE,
)
from .asking import code_of
from .clients import auth_scheme_option, client_options, first_line_of, key_file_option
from .words import in_terms_of_the_command, printable, say

SEVERITY = (
    *(EXIT_OK, EXIT_UNAVAILABLE, EXIT_USAGE),
    *(EXIT_DEADLINE, EXIT_RATE_LIMIT, EXIT_AUTHENTICATION),
)
MARKS = {"ok": "ok", "hint": "!", "problem": "PROBLEM"}


@click.command(short_help="Find what keeps a vendor from answering.")
@click.argument("providers", nargs=-1, type=click.Choice(PROVIDERS), metavar="[PROVIDER]...")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
@click.option("--session-id", metavar="ID", help="The session to ask about; a made-up one if not.")
@click.option("--base-url", metavar="URL", help="Another server; for one PROVIDER.")
@key_file_option
@auth_scheme_option
@click.option(
    "--timeout",
    type=click.FloatRange(0, 3600, min_open=True),
    default=10.0,
    show_default=True,
    metavar="SECONDS",
    help="For each vendor.",
)
def doctor(
    providers: Sequence[str],
    as_json: bool,
    session_id: str | None,
    base_url: str | None,
    key_file: Path | None,
    auth_scheme: str | None,
    timeout: float,
) -> int:
    """Find what keeps each PROVIDER from answering; without one, each that is set up.

    Looks at the settings, makes one probe, and says how far it came: name, connection,
    certificate, key (never its value), answer, clock. The exit codes are those of status.
    """
    given: dict[str, Any] = {"session_id": session_id, "timeout": timeout}
    if base_url or key_file or auth_scheme:
        if len(providers) != 1:
            raise click.UsageError(
                "--base-url, --key-file and --auth-scheme go with exactly one PROVIDER"
            )
        given["base_url"] = base_url
        given["key"] = first_line_of(key_file) if key_file else None
        given.update(client_options(providers[0], auth_scheme))
    show_build(describe_build(), as_json)
    examined = list(providers) or [each for each in PROVIDERS if is_set_up(each)]
    examinations = examine_all(examined, **given)
    for each in examinations:
        (print_json if as_json else print_words)(each)
    others = [each for each in PROVIDERS if each not in examined]
    if others and not providers:
        how = "; ".join(f"{each}: {' or '.join(variables_of(each))}" for each in others)
        say(f"not set up, and not examined ({how})")
    if not examined:
        return EXIT_USAGE
    return max(
        (code_of(each.error) if each.error else EXIT_OK for each in examinations),
        key=SEVERITY.index,
    )


def show_build(build: dict[str, Any], as_json: bool) -> None:
    if as_json:
        print(json.dumps({"build": build}), flush=True)
        return
    places = build.pop("ca_places")
    is_bundled = build.pop("tls_is_bundled")
    build["tls"] += " (bundled: heeds no openssl.cnf)" if is_bundled else " (the system's)"
    print(", ".join(f"{name} {value}" for name, value in build.items()))
    for place in places:
        there = "" if place["is_readable"] else ", which cannot be read"
        print(f"CA certificates: {printable(place['path'])} ({place['source']}{there})")
    if not places:
        print("CA certificates: none found; set SSL_CERT_FILE")


def print_json(examination: Examination) -> None:
    print(json.dumps(examination.to_dict()), flush=True)  # ASCII, so that no terminal obeys it


def print_words(examination: Examination) -> None:
    print(f"\n{examination.provider}")
    for finding in examination.findings:
        words = in_terms_of_the_command(finding.words)
        print(f"  {MARKS[finding.verdict]:7} {finding.step:12} {printable(words)}", flush=True)
