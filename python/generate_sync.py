"""Write the clients that wait, sessionvitals/_sync, from those for asyncio, sessionvitals/_async.

    python python/generate_sync.py [FOLDER]

They differ in ``async``, ``await`` and the names below, so they are written once. What differs in
substance, how a call is carried and a stream waited for, is written by hand in each folder:
carrier.py, stream.py.
"""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

PACKAGE = Path(__file__).parent / "sessionvitals"
BY_HAND = {"__init__.py", "carrier.py", "following.py", "hub.py", "stream.py"}

#: What stands in _async, and what it is in _sync.
REPLACED = {
    r'\bawait carry_plain\(self, "(\w+)", ': r"self._compiled.\1(",
    r"\bcarry_plain, ": "",
    r"\basync (def|with|for)\b": r"\1",
    r"\bawait ": "",
    r"\bAsyncGenerator\[(\w+), None\]": r"Generator[\1, None, None]",
    r"\b(\w+)\[(\w+)\] \| AsyncIterable\[\2\]": r"\1[\2]",
    r"\bAwaitable\[(\w+)\]": r"\1",
    r"\bAsyncGenerator, Awaitable, Callable,": "Callable, Generator,",
    r"\bimport AsyncGenerator\b(?!, Aw)": "import Generator",
    r"\b__aenter__\b": "__enter__",
    r"\b__aexit__\b": "__exit__",
    r"\b__aiter__\b": "__iter__",
    r"\b__anext__\b": "__next__",
    r"\bStopAsyncIteration\b": "StopIteration",
    r"\bprobe_async\b": "probe",
    r"\bAsync(\w*(?:Client|Keeper|Stream|Watch))\b": r"\1",
}
NOTE = "# Written by python/generate_sync.py from _async/{name}: change that, then run make sync.\n"
FUTURE = "from __future__ import annotations\n"


def to_sync(name: str, source: str) -> str:
    """Return the text of _sync/NAME for that of _async/NAME, before it is laid out."""
    for pattern, replacement in REPLACED.items():
        source = re.sub(pattern, replacement, source, flags=re.MULTILINE)
    return source.replace(FUTURE, NOTE.format(name=name) + FUTURE, 1)


def main() -> None:
    target = Path(sys.argv[1]) if len(sys.argv) > 1 else PACKAGE / "_sync"
    written = []
    for file in sorted((PACKAGE / "_async").glob("*.py")):
        if file.name not in BY_HAND:
            written.append(target / file.name)
            written[-1].write_text(to_sync(file.name, file.read_text()))
    config = str(PACKAGE.parents[1] / "pyproject.toml")
    for command in (["check", "--quiet", "--fix"], ["format", "--quiet"]):
        subprocess.run(
            [sys.executable, "-m", "ruff", *command, "--config", config, *written], check=True
        )


if __name__ == "__main__":
    main()
