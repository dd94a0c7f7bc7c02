"""Where the compiled half may be loaded. What is not proven here is not promised."""

from __future__ import annotations

import subprocess
import sys

import pytest

IN_A_SUB_INTERPRETER = """
import sys
try:
    import _interpreters as interpreters  # from 3.13
except ImportError:
    import _xxsubinterpreters as interpreters

{before}
number = interpreters.create()
program = f'''
import sys
sys.path[:] = {{sys.path!r}}
try:
    import sessionvitals
except ImportError as error:
    print("refused:", error)
'''
failed = interpreters.run_string(number, program)
assert failed is None, failed
interpreters.destroy(number)
import sessionvitals
print(sessionvitals.PingClient("key", base_url="http://h"))
"""


@pytest.mark.parametrize("before", ["", "import sessionvitals"])
def test_a_sub_interpreter_is_refused_in_words_and_the_main_one_works_on(before: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", IN_A_SUB_INTERPRETER.format(before=before)],
        capture_output=True,
        text=True,
        timeout=60,
    )

    assert done.returncode == 0, done.stderr
    refused, client = done.stdout.splitlines()
    assert refused.startswith("refused: ")
    assert "interpreter" in refused
    assert client == "PingClient(base_url='http://h')"
