"""How late the machine lets anybody run: what a deadline's overrun is compared with.

A call that ends 200 ms late on a machine that runs 30 compilers has done nothing wrong. A process
of its own waits for short times and works for a moment after each, as a call does. How late it
was is the machine's; only what a call adds to that is the engine's.
"""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

CONTROL = """
import hashlib, json, select, sys, time
print("ready", flush=True)
late, is_over, work = [], False, bytes(50_000)
while not is_over:
    begun = time.monotonic()
    is_over = bool(select.select([sys.stdin], [], [], 0.02)[0])
    hashlib.sha256(work)
    late.append((time.monotonic() - begun - 0.02) * 1000)
print(json.dumps(late[:-1]))
"""


def quantile(values: Sequence[float], part: float) -> float:
    """Return the value that this part of the others are not above; 0 if there are none."""
    return sorted(values)[int((len(values) - 1) * part)] if values else 0.0


@dataclass
class Control:
    #: How late it was each time, in milliseconds; filled at the end of the block.
    late: list[float] = field(default_factory=list)

    def worst(self) -> float:
        return max(self.late, default=0.0)


@contextlib.contextmanager
def control() -> Iterator[Control]:
    """Run the control process beside the block."""
    command = [sys.executable, "-c", CONTROL]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        found = Control()
        try:
            yield found
        finally:
            told, _ = process.communicate()
            found.late = json.loads(told)
