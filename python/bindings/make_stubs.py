"""Write the stub of the compiled module: python make_stubs.py FILE.

pybind11-stubgen writes it, but for the classes of values, which are not pybind11's: theirs are
written from the tables that they are made from.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from sessionvitals import _core

STATE = "sessionvitals.states.SessionState"
#: What all vendors' answers have, each by a field of its own.
DETAIL = """class Detail:
    \"""
    What the vendors' own answers have in common.
    \"""
    def to_dict(self) -> dict[str, typing.Any]:
        ...
    @property
    def call(self) -> CallReport | None:
        ...
"""
OUTCOME = """@typing.final
class Outcome:
    \"""
    What became of one id of a bulk.
    \"""
    def __new__(cls, id: str, session: Session | None, error: typing.Any) -> Outcome:
        ...
    @property
    def error(self) -> sessionvitals.errors.SessionVitalsError | None:
        \"""
        The error that probe would have raised; None if there is a session.
        \"""
    @property
    def id(self) -> str:
        ...
    @property
    def session(self) -> Session | None:
        \"""
        The session; None if there is an error.
        \"""
"""
PENDING = """@typing.final
class PendingAnswer:
    \"""
    What a task awaits for the answer of a call.
    \"""
    def __await__(self) -> typing.Generator[typing.Any, None, typing.Any]:
        ...
    def cancel(self, msg: object = None) -> bool:
        \"""
        End the call; return whether it was not over yet.
        \"""
    @property
    def number(self) -> int:
        \"""
        What cancel_begun() ends the call by.
        \"""
"""


def docstring(text: str, indent: str) -> str:
    return f'{indent}"""\n{indent}{text}\n{indent}"""\n' if text else f"{indent}...\n"


def attribute(name: str, annotation: str, doc: str) -> str:
    return f"    @property\n    def {name}(self) -> {annotation}:\n" + docstring(doc, " " * 8)


def exact_annotation(field: dict[str, Any]) -> str:
    return "str | None" if field["is_json"] else str(field["plain_annotation"])


def arguments(fields: list[dict[str, Any]], are_required: bool) -> str:
    """Return the fields as keyword arguments, each of them in both its forms."""
    written = ["*"]
    for field in fields:
        annotation = field["annotation"].replace(STATE, f"{STATE} | str")
        default = "" if field["is_required"] and are_required else " = ..."
        written.append(f"{field['name']}: {annotation}{default}")
        if field["exact_name"]:
            written.append(f"{field['exact_name']}: {exact_annotation(field)} = ...")
    return ", ".join(written)


def class_body(name: str, facts: dict[str, Any]) -> str:
    base = "(Detail)" if facts["is_answer"] else ""
    fields = facts["fields"]
    names = ", ".join(repr(field["name"]) for field in fields if not field["is_aside"])
    text = f"@typing.final\nclass {name}{base}:\n" + docstring(facts["doc"], "    ")
    text += f"    __match_args__ = ({names})\n"
    text += "    @classmethod\n"
    text += f"    def from_dict(cls, members: dict[str, typing.Any], /) -> {name}:\n"
    text += docstring("Return the value that to_dict() gave these members of.", " " * 8)
    if facts["has_truth"]:
        text += "    def __bool__(self) -> bool:\n        ...\n"
    text += (
        f"    def __new__(cls, {arguments(fields, are_required=True)}) -> {name}:\n        ...\n"
    )
    for method in ("with_", "__replace__"):
        text += f"    def {method}(self, {arguments(fields, are_required=False)}) -> {name}:\n"
        text += docstring("Return the same value with other fields.", " " * 8)
    for method in facts["class_methods"]:
        text += (
            f"    @classmethod\n    def {method['name']}(cls, {method['arguments']}) -> {name}:\n"
        )
        text += docstring(method["doc"], " " * 8)
    text += "    def to_dict(self) -> dict[str, typing.Any]:\n"
    text += docstring(
        "Return the fields as JSON has them: exact numbers with their unit in the name, "
        "times as ISO 8601 text.",
        " " * 8,
    )
    for field in fields:
        text += attribute(field["name"], field["annotation"], field["doc"])
        if field["exact_name"]:
            text += attribute(field["exact_name"], exact_annotation(field), field["doc"])
    for field in facts["computed"]:
        text += attribute(field["name"], field["annotation"], field["doc"])
    return text


def main(target: Path) -> None:
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(
            [sys.executable, "-m", "pybind11_stubgen", _core.__name__, "-o", folder],
            check=True,
            cwd=folder,
            capture_output=True,
        )
        stub = (Path(folder) / "sessionvitals/_core.pyi").read_text()
    bodies = {"Detail": DETAIL, "Outcome": OUTCOME, "PendingAnswer": PENDING}
    for name, facts in _core.inspect_value_classes().items():
        bodies[name] = class_body(name, facts)
    for name, body in bodies.items():
        block = re.search(rf"^class {name}\b.*:\n(?:^(?: .*)?\n)*", stub, re.MULTILINE)
        assert block, name
        stub = stub.replace(block[0], body)
    for module in ("sessionvitals.errors", "sessionvitals.states"):
        if f"import {module}\n" not in stub:
            stub = stub.replace("import typing\n", f"import {module}\nimport typing\n", 1)
    stub = stub.replace("typing.ClassVar[tuple]", "typing.ClassVar[tuple[float, ...]]")
    target.write_text(stub)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
