"""Lets a `code-block` say why the tests do not run it: `:skip: reason`. Readers do not see it."""

from __future__ import annotations

from typing import Any, ClassVar

from docutils.parsers.rst import directives
from sphinx.application import Sphinx
from sphinx.directives.code import CodeBlock


class SkippableCodeBlock(CodeBlock):
    option_spec: ClassVar[dict[str, Any]] = {  # type: ignore[misc]
        **CodeBlock.option_spec,
        "skip": directives.unchanged_required,
    }


def setup(app: Sphinx) -> dict[str, bool]:
    app.add_directive("code-block", SkippableCodeBlock, override=True)
    return {"parallel_read_safe": True}
