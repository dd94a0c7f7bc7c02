"""Words for the user, on standard error, in terms of the command."""

from __future__ import annotations

import contextlib
import re
import sys
from collections.abc import Callable

from ..errors import CallError, SessionVitalsError
from .ids import text_of

#: Arguments that are options of the same name.
OPTIONS = (
    *("timeout", "deadline", "every", "rounds", "max_retries", "concurrency"),
    *("workers", "partitions", "rate", "burst", "run_id"),
)

# The library's messages name arguments of Python; the command has options and variables for them.
# A test holds the messages in the sources against this.
TERMS: list[tuple[str, str | Callable[[re.Match[str]], str]]] = [
    (r"\bca_file= or SSL_CERT_FILE", "SSL_CERT_FILE"),
    (r"\bca_file=", "SSL_CERT_FILE"),
    (r"\b(deadline|timeout)=", r"--\1"),
    (r"\bmore connections by max_connections=", "ask for fewer at once by --concurrency"),
    (r'\b(?:authorization_scheme|header_name)="([\w-]+)"', r"--auth-scheme \1"),
    (r"\b(?:api_key|access_token) \(or (\w+)\)", lambda found: key_file or found[1]),
    (r"\bNo (?:api_key|access_token) for\b", "No key for"),
    (r"\bpass base_url, of\b", "pass --base-url, of"),
    (r"\bset base_url to\b", "set --base-url to"),
    (r"\b([Cc])heck base_url\b", r"\1heck --base-url"),
    (r": (?:give|check) client_certificate_file=", ", and the command has none: use the library"),
    (r"\blist_zones\(\)", "sessionvitals ping zones"),
    (r"\bpass it, or set\b", "put it in a file for --key-file, or set"),
    (r"(?<![\w-])base_url is empty: pass it", "--base-url is empty: give it"),
    (
        rf"(?<![\w-])({'|'.join(OPTIONS)}) (must|has to) be\b",
        lambda found: f"--{found[1].replace('_', '-')} {found[2]} be",
    ),
    (r"(?<![\w-])key (must be the name of the limit)", r"--redis-key \1"),
    (r"; None for none\b", ""),
    (r"\bpass the id that the vendor gave, a str\b", "pass the id that the vendor gave, in UTF-8"),
    (r"\bhas a lone surrogate: .*?cut\b", "is not UTF-8: pass the id that the vendor gave"),
    (r"\bask by probe_many in one process, or .*", "ask by sessionvitals status, in one process"),
    (
        r"\b(\w+) knows no way ('.*?') to send its credential; there are:",
        r"--auth-scheme \2: \1 has",
    ),
    (r"\b(is this the right account\?)\. ", r"\1 "),
]

#: What the key was read from, as --key-file FILE; empty for the environment.
key_file = ""


def name_key_file(name: str) -> None:
    """Have messages about the key name this in place of the environment's variable."""
    global key_file
    key_file = name


def in_terms_of_the_command(words: str) -> str:
    """Return a message of the library with options in the place of Python's arguments."""
    for pattern, replacement in TERMS:
        words = re.sub(pattern, replacement, words)
    return words


def printable(text: str) -> str:
    """Return the text with every character escaped that could move the cursor or break a row.

    Ids and vendors' words come from outside; a terminal would obey them.
    """
    if text.isprintable():
        return text
    return "".join(
        c if c.isprintable() else c.encode("unicode_escape", "backslashreplace").decode()
        for c in text
    )


def say(words: str) -> None:
    """Write a line of words, behind what is printed; nothing if it cannot be written."""
    with contextlib.suppress(OSError):
        sys.stdout.flush()
    if sys.stderr is not None:
        with contextlib.suppress(OSError):
            line = printable(in_terms_of_the_command(words))
            print(f"sessionvitals: {line}", file=sys.stderr, flush=True)


#: How many characters of an id are said.
LONGEST_ID = 200
MAY_HAVE_TAKEN_EFFECT = "the call may have taken effect: look before you repeat it"


def say_error(session_id: str, error: SessionVitalsError) -> None:
    """Say what became of the question about one id of many."""
    text = text_of(session_id)
    # A line of a wrong file may be megabytes; the row on standard output has it whole.
    if len(text) > LONGEST_ID:
        text = f"{text[:LONGEST_ID]}... ({len(text)} characters)"
    say_call_error(error, f"{text}: ")


def say_call_error(error: SessionVitalsError, prefix: str = "") -> None:
    say(f"{prefix}{error}")
    if isinstance(error, CallError) and error.may_have_taken_effect:
        say(f"{prefix}{MAY_HAVE_TAKEN_EFFECT}")
