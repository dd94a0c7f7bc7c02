"""Runs every block of a page of docs/: what readers copy, as it stands there.

A page has a folder, a namespace and a space of the mock to itself, at noon of 2026-01-01 and frozen.
Its blocks run in order:

- ``python`` runs in the page's namespace, where ``sandbox`` is its space. A block with a caption is
  written to a file of that name instead, which a ``console`` block has to run.
- ``output`` is what the block before it printed; ``...`` stands for anything.
- ``console`` has commands after ``$ `` and what each of them prints.
- ``cpp`` blocks of a page make one program, which is compiled apart: they are the slow ones.
- ``text`` is not run. Any other block says why it is not: ``:skip: reason``.
"""

from __future__ import annotations

import contextlib
import doctest
import io
import os
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

from sybil import Document, Example, Region
from sybil.parsers.markdown.lexers import FencedCodeBlockLexer
from sybil.parsers.myst.lexers import DirectiveLexer

from tests.support.consumers import ROOT
from tests.support.sandbox import Space
from tests.support.shell import environment_of

DOCS = ROOT / "docs"
PAGES = sorted(DOCS.rglob("*.md"))

#: Plugins that these tests have installed, and a reader need not have.
PLUGINS = ("schemathesis", "anyio", "xdist", "hypothesispytest", "cacheprovider")


def blocks(document: Document) -> Iterator[Region]:
    """Yield each block of code, with its language as ``arguments``: what sybil calls a parser."""
    fenced = FencedCodeBlockLexer(
        language=r"\w+", mapping={"language": "arguments", "source": "source"}
    )
    for region in (*fenced(document), *DirectiveLexer(r"code-block", r"\w+")(document)):
        region.parsed = region.lexemes["source"]
        region.evaluator = run_block
        yield region


def read_page(page: Path) -> Document:
    return Document.parse(str(page), blocks)


def language_of(example: Example) -> str:
    return str(example.region.lexemes["arguments"])


def options_of(example: Example) -> dict[str, str]:
    return dict(example.region.lexemes.get("options") or {})


def is_left_out(example: Example) -> bool:
    return language_of(example) == "text" or bool(options_of(example).get("skip", "").strip())


class Page:
    """What the blocks of one page share."""

    def __init__(self, space: Space, folder: Path) -> None:
        space.clock(set="2026-01-01T12:00:00Z", freeze=True)
        space.add_session("tiun", "reader-1", "valid")
        space.add_session("ping", "vpn-1", "connected")
        space.add_session("ping", "vpn-2", "disconnected")
        counters = {"uploaded_bytes": 50 * 2**20, "downloaded_bytes": 2**53 + 1, "duration": 3600}
        space.add_session("ping", "vpn-3", "connected", client_id="acme", **counters)
        space.add_session("eliza", "chat-1", "active")
        space.sandbox.ping.zones("de", "us-east")
        for scope in ("global", "client", "session"):
            space.sandbox.ping.limits(scope, downloaded_bytes=5_000_000_000)
        space.sandbox.tiun.users(
            {"user_id": "user-1", "email": "reader@example.com", "tokens": ["a-users-token"]}
        )
        self.space = space
        self.folder = folder
        self.environment = {
            **environment_of(space),
            "PYTEST_ADDOPTS": " ".join(f"-p no:{name}" for name in PLUGINS),
            "NO_PROXY": "127.0.0.1",
        }
        self.printed: str | None = ""  # None: by a program that is compiled apart
        self.unused: set[str] = set()

    def run(self, document: Document) -> None:
        document.namespace.update(page=self, sandbox=self.space.sandbox, __name__="__main__")
        for example in document.examples():
            example.evaluate()
        assert not self.unused, f"no console block runs {self.unused}"


def program_of(document: Document) -> tuple[str, str]:
    """Return the page's C++ program, empty if it has none, and what it prints."""
    found = {"cpp": "", "output": ""}
    before = ""
    for example in document.examples():
        language = language_of(example)
        if language == "cpp" or (language == "output" and before == "cpp"):
            found[language] += str(example.parsed)
        before = language
    return found["cpp"], found["output"]


def run_block(example: Example) -> str | None:
    """Run one block; return what is wrong with it. What sybil calls an evaluator."""
    page: Page = example.namespace["page"]
    if is_left_out(example):
        return None
    language, text = language_of(example), str(example.parsed)
    if language == "python":
        return run_python(page, example, text)
    if language == "console":
        return run_console(page, text)
    if language == "output":
        return None if page.printed is None else difference(text, page.printed)
    if language == "cpp":
        page.printed = None
        return None
    return f"a block of {language} is not run: label it text, or give it :skip: and the reason"


def run_python(page: Page, example: Example, text: str) -> str | None:
    name = options_of(example).get("caption")
    if name:
        (page.folder / name).write_text(text)
        page.unused.add(name)
        return None
    if "def test_" in text:
        return "a test is run by pytest: give the block a :caption:, and run that file"
    lines = "\n" * (example.line + example.region.lexemes["source"].line_offset)
    code = compile(lines + text, example.path, "exec", dont_inherit=True)
    with contextlib.redirect_stdout(io.StringIO()) as printed, in_folder(page.folder):
        exec(code, example.namespace)  # noqa: S102 that is what these tests do
    page.printed = printed.getvalue()
    return None


@contextlib.contextmanager
def in_folder(folder: Path) -> Iterator[None]:
    before = Path.cwd()
    os.chdir(folder)
    try:
        yield
    finally:
        os.chdir(before)


def run_console(page: Page, text: str) -> str | None:
    for command, expected in commands(text):
        done = subprocess.run(
            ["bash", "-c", command],
            env=page.environment,
            cwd=page.folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        page.unused = {name for name in page.unused if name not in command}
        if wrong := difference(expected, done.stdout):
            return f"$ {command}  (exit code {done.returncode})\n{wrong}"
    return None


def commands(text: str) -> list[tuple[str, str]]:
    """Return each command of a console block with what it is to print."""
    found = re.findall(r"^\$ (.*(?:\n> .*)*)\n?((?:(?!\$ ).*\n?)*)", text, re.MULTILINE)
    return [(command.replace("\n> ", "\n"), expected) for command, expected in found]


def difference(expected: str, got: str) -> str | None:
    checker = doctest.OutputChecker()
    expected = expected.rstrip() + "\n" if expected.strip() else ""
    got = (
        "\n".join(line.rstrip() for line in got.rstrip().splitlines()) + "\n" if got.strip() else ""
    )
    if checker.check_output(expected, got, doctest.ELLIPSIS):
        return None
    return f"expected:\n{expected}got:\n{got}"
