"""Write sessionvitals/pure.py from the compiled module: python make_pure.py FILE.

The functions that build a request are Python's, so that a call with a wrong name of an argument is
refused by the interpreter: pybind11's own complaint would quote the others, a key among them.
"""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path

from sessionvitals import _core

HEAD = '''"""The pure halves of a call, for those who bring their own HTTP."""

# Written by python/bindings/make_pure.py from the compiled module: run make stubs.
from __future__ import annotations

{modules}from . import _core
from ._core import (
    {imports},
)
{names_of_types}
__all__ = [
    {names},
]
'''
FUNCTION = '''

def {name}({parameters}) -> Request:
    """Return the request that {operation}() sends to {provider}. Pure: nothing is sent or read.

    Raises:
        ConfigurationError: An argument or the credential cannot be sent.
    """
    return _core.{name}({arguments})
'''


def function(name: str) -> str:
    doc = getattr(_core, name).__doc__.partition("\n")[0].replace("sessionvitals._core.", "")
    (definition,) = ast.parse(f"def {doc}: ...").body
    assert isinstance(definition, ast.FunctionDef)
    given = definition.args
    match = re.fullmatch(r"build_([a-z]+)_(\w+)_request", name)
    assert match
    return FUNCTION.format(
        name=name,
        parameters=ast.unparse(given),
        provider=match[1],
        operation=match[2],
        arguments=", ".join(
            [each.arg for each in given.args] + [f"{a.arg}={a.arg}" for a in given.kwonlyargs]
        ),
    )


def main(target: Path) -> None:
    builders = [name for name in sorted(vars(_core)) if re.match(r"build_\w+_request$", name)]
    parsers = [
        name for name in sorted(vars(_core)) if re.match(r"parse_\w+_(response|event)$", name)
    ]
    functions = "".join(function(name) for name in builders)
    values = {
        name for name in _core.inspect_value_classes() if re.search(rf"\b{name}\b", functions)
    }
    has_any = "typing.Any" in functions
    functions = functions.replace("typing.Any", "Any")
    text = HEAD.format(
        modules="import datetime\n\n" if "datetime." in functions else "",
        names_of_types="from .lazy_import import Any\n" if has_any else "",
        imports=",\n    ".join(sorted({"Request", *values}) + parsers),
        names=",\n    ".join(f'"{name}"' for name in builders + parsers),
    )
    target.write_text(text + functions)
    config = str(Path(__file__).parents[2] / "pyproject.toml")
    subprocess.run(
        [sys.executable, "-m", "ruff", "format", "--quiet", "--config", config, target], check=True
    )


if __name__ == "__main__":
    main(Path(sys.argv[1]))
