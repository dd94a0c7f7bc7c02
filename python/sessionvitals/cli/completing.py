"""What a shell is offered where click knows no better."""

from __future__ import annotations

import re
import subprocess

import click
from click.shell_completion import CompletionItem

from ..errors import SessionVitalsError
from ..mock_program import find_mock


class MockCommand(click.Command):
    """The native program's options are its own: it is asked for them."""

    def shell_complete(self, context: click.Context, incomplete: str) -> list[CompletionItem]:
        try:
            usage = subprocess.check_output([find_mock(), "--help"], text=True)
        except (SessionVitalsError, OSError, subprocess.SubprocessError):
            return []
        options = re.findall(r"^ +(--[a-z-]+)", usage, re.MULTILINE)
        return [CompletionItem(each) for each in options if each.startswith(incomplete)]
