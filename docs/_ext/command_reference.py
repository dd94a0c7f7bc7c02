"""The directive `command`: a command's usage, help and options, as click has them.

```{command} ping zones
```
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective


@cache
def described() -> dict[str, dict[str, Any]]:
    """Return every command by its words after `sessionvitals`."""
    script = Path(__file__).with_name("describe_commands.py")
    said = subprocess.run([sys.executable, script], capture_output=True, text=True, check=True)
    return {each["path"].partition(" ")[2]: each for each in json.loads(said.stdout)}


class CommandDirective(SphinxDirective):
    optional_arguments = 1
    final_argument_whitespace = True

    def run(self) -> list[nodes.Node]:
        path = self.arguments[0] if self.arguments else ""
        command = described().get(path)
        if command is None:
            raise self.error(f"sessionvitals has no command {path!r}")
        self.env.note_dependency(__file__)
        return self.parse_text_to_nodes("\n".join(lines(command)))


def lines(command: dict[str, Any]) -> list[str]:
    text = ["```text", command["usage"], "```", "", *paragraphs(command["help"])]
    text += ["", "```{program} " + command["path"], "```", ""]
    for option in command["options"]:
        shown = ", ".join(
            f"{name} {option['takes']}".rstrip() if name.startswith("--") else name
            for name in option["names"]
        )
        meaning = option["help"] + (" Required." if option["required"] else "")
        text += ["````{option} " + shown, escaped(meaning) or "-", "````", ""]
    return text


def paragraphs(help_text: str) -> list[str]:
    """Return click's text as Markdown: what follows a line of \\b keeps its lines."""
    text: list[str] = []
    for paragraph in re.split(r"\n\s*\n", help_text):
        if paragraph.startswith("\b"):
            text += ["```text", *paragraph.lstrip("\b\n").splitlines(), "```"]
        else:
            text.append(escaped(paragraph))
        text.append("")
    return text


def escaped(text: str) -> str:
    return re.sub(r"([*_<>\[\]`])", r"\\\1", text)


def setup(app: Sphinx) -> dict[str, bool]:
    app.add_directive("command", CommandDirective)
    return {"parallel_read_safe": True}
