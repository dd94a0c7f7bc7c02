"""What a shell is offered where click knows no better."""

from __future__ import annotations

import os
import re
import subprocess

import click
from click.shell_completion import CompletionItem, shell_complete

from ...errors import SessionVitalsError
from ...mock_program import find_mock
from .. import EXIT_OK, EXIT_USAGE
from ..words import say

#: Set by the scripts that make a shell complete the command, to what the shell wants to know.
COMPLETION_VARIABLE = "_SESSIONVITALS_COMPLETE"
SHELLS = ("bash", "fish", "zsh")


def answer_shell(program: click.Command, instruction: str) -> int:
    """Print the completions that a shell's script asks for; return the exit code."""
    words, place = os.environ.get("COMP_WORDS"), os.environ.get("COMP_CWORD")
    # It is the number of the word at the cursor, but in fish the word itself.
    shell, _, wanted = instruction.partition("_")
    is_place = place is not None and (place.isdecimal() or shell == "fish")
    if shell in SHELLS and wanted == "complete" and (words is None or not is_place):
        wrong = "needs COMP_WORDS and COMP_CWORD"
    elif shell_complete(program, {}, "sessionvitals", COMPLETION_VARIABLE, instruction):
        wrong = f"must name one of {', '.join(SHELLS)}, as bash_complete does"
    else:
        return EXIT_OK
    say(f"{COMPLETION_VARIABLE} {wrong}. Unset it to run a command")
    return EXIT_USAGE


def offer_files(
    context: click.Context, parameter: click.Parameter, incomplete: str
) -> list[CompletionItem]:
    """Have the shell offer files: for a path that may be a URL, which click.Path would break."""
    return [CompletionItem(incomplete, type="file")]


def offer_folders(
    context: click.Context, parameter: click.Parameter, incomplete: str
) -> list[CompletionItem]:
    return [CompletionItem(incomplete, type="dir")]


def usage_of_mock() -> str:
    try:
        return subprocess.check_output([find_mock(), "--help"], text=True)
    except (SessionVitalsError, OSError, subprocess.SubprocessError):
        return ""


def offer_paths_of_mock(
    context: click.Context, parameter: click.Parameter, incomplete: str
) -> list[CompletionItem]:
    """Offer files or folders after an option whose usage says that it takes one."""
    before = context.params.get(parameter.name or "") or ()
    takes = dict(re.findall(r"(--[a-z-]+) (FILE|DIRECTORY)\b", usage_of_mock()))
    kind = {"FILE": "file", "DIRECTORY": "dir"}.get(takes.get(before[-1], "") if before else "")
    return [CompletionItem(incomplete, type=kind)] if kind else []


class MockCommand(click.Command):
    """The native program's options are its own: it is asked for them."""

    def shell_complete(self, context: click.Context, incomplete: str) -> list[CompletionItem]:
        options = re.findall(r"^ +(--[a-z-]+)", usage_of_mock(), re.MULTILINE)
        return [CompletionItem(each) for each in options if each.startswith(incomplete)]
