"""Python's reference pages: signatures from the sources and the stub, names as users import them.

autodoc imports what it documents. Here `sessionvitals._core` is its stub: signatures and types of
the compiled module are those that type checkers see, and nothing needs to be compiled.
"""

from __future__ import annotations

import importlib.util
import sys
from importlib.machinery import ModuleSpec, SourceFileLoader
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx import addnodes
from sphinx.application import Sphinx

SOURCES = Path(__file__).parents[2] / "python"
CORE = "sessionvitals._core"
#: The modules whose names users import.
PLACES = tuple(
    f"sessionvitals{module}"
    for module in (
        *("", ".sandbox", ".seeding", ".ledger", ".telemetry"),
        *(".gate", ".gate.asgi", ".gate.wsgi", "._sync.stream", "._async.stream"),
    )
)


class StubFinder:
    """Finds the stub where Python looks for the compiled module."""

    @staticmethod
    def find_spec(name: str, path: object = None, target: object = None) -> ModuleSpec | None:
        if name != CORE:
            return None
        stub = str(SOURCES / "sessionvitals/_core.pyi")
        return importlib.util.spec_from_file_location(
            name, stub, loader=SourceFileLoader(name, stub)
        )


def import_from_sources() -> None:
    written, sys.dont_write_bytecode = sys.dont_write_bytecode, True
    sys.meta_path.insert(0, StubFinder())  # type: ignore[arg-type]
    sys.path.insert(0, str(SOURCES))
    try:
        import sessionvitals

        for name in sessionvitals.__all__:
            kind = getattr(sessionvitals, name)  # some are imported when they are looked at
            # Python's __new__ of clients takes anything; what counts is their __init__.
            for each in getattr(kind, "__mro__", ()):
                if each.__name__ in {"Client", "AsyncClient"} and "__new__" in vars(each):
                    del each.__new__
    finally:
        sys.dont_write_bytecode = written


def find_by_last_name(
    app: Sphinx, env: Any, node: addnodes.pending_xref, content: nodes.TextElement
) -> nodes.Node | None:
    """Resolve a name of a private module, `sessionvitals._core.Session`, by the public one's page."""
    if node.get("refdomain") != "py":
        return None
    domain = env.domains.python_domain
    last = node["reftarget"].rpartition(".")[2]
    for place in PLACES:
        name = f"{place}.{last}"
        if name in domain.objects:
            found = domain.objects[name]
            return _reference(app, node, found.docname, found.node_id, content)
    return None


def _reference(
    app: Sphinx, node: addnodes.pending_xref, docname: str, target: str, content: nodes.TextElement
) -> nodes.reference:
    uri = app.builder.get_relative_uri(node["refdoc"], docname)
    reference = nodes.reference("", "", internal=True, refuri=f"{uri}#{target}")
    reference += content
    return reference


def leave_out(
    app: Sphinx, what: str, name: str, member: object, skip: bool, options: object
) -> bool | None:
    """Leave out what only Python itself calls."""
    return True if name in {"with_traceback", "add_note", "provider"} else None


def turn_raises_into_fields(
    app: Sphinx, what: str, name: str, value: object, options: object, lines: list[str]
) -> None:
    """Turn the docstrings' one kind of section, ``Raises:``, into Sphinx's fields.

    napoleon would, and would take "How far it came: connect, ..." for a type and its meaning too.
    """
    text: list[str] = []
    in_section = False
    for line in lines:
        if line == "Raises:":
            in_section = True
            text.append("")
        elif in_section and line[:4] == " " * 4:
            name, colon, meaning = line[4:].partition(": ")
            is_continued = line[4:5] == " " or not colon
            text.append(line if is_continued else f":raises {name}: {meaning}")
        else:
            in_section = in_section and not line
            text.append(line)
    lines[:] = text


def setup(app: Sphinx) -> dict[str, bool]:
    import_from_sources()
    app.connect("missing-reference", find_by_last_name)
    app.connect("autodoc-skip-member", leave_out)
    app.connect("autodoc-process-docstring", turn_raises_into_fields)
    return {"parallel_read_safe": True}
