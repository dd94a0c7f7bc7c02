"""``sessionvitals completion SHELL``, and what it makes a shell complete."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

BESIDE = Path(sys.executable).parent
ENVIRONMENT = {**os.environ, "PATH": f"{BESIDE}:{os.environ['PATH']}"}

#: What is typed: (the words before the cursor, one of the completions)
TYPED = {
    "a command": (["st"], "status"),
    "a provider": (["status", ""], "ping"),
    "an option": (["status", "ping", "--conc"], "--concurrency"),
    "an operation": (["tiun", "verify-"], "verify-user"),
    "an operation within a group": (["ping", "limits", "update", "cl"], "client"),
    "an option of an operation": (["tiun", "verify-user", "--tok"], "--token-file"),
    "a shell": (["completion", "z"], "zsh"),
    "an option of the mock": (["mock", "--sc"], "--scenario"),
}

# Each loads the script and completes the words as the shell does when Tab is pressed.
SHELLS = {
    "bash": """
        eval "$(sessionvitals completion bash)"
        COMP_WORDS=(sessionvitals "$@") COMP_CWORD=$#
        _sessionvitals_completion sessionvitals
        printf '%s\\n' "${COMPREPLY[@]}"
    """,
    "zsh": """
        autoload -Uz compinit && compinit -D
        eval "$(sessionvitals completion zsh)"
        compadd() { print -l -- "${(@)completions}" }
        _describe() { print -l -- "${(@)completions_with_descriptions}" }
        words=(sessionvitals "$@") CURRENT=$(($# + 1))
        _sessionvitals_completion
    """,
    "fish": """
        sessionvitals completion fish | source
        complete --do-complete (string join ' ' -- sessionvitals $argv)
    """,
}
ARGUMENTS = {
    "bash": ["--norc", "-c", SHELLS["bash"], "bash"],
    "zsh": ["-f", "-c", SHELLS["zsh"], "zsh"],
    "fish": ["--no-config", "-c", SHELLS["fish"]],
}


@pytest.mark.parametrize("case", TYPED)
@pytest.mark.parametrize("shell", SHELLS)
def test_a_shell_completes_the_command(shell: str, case: str, tmp_path: Path) -> None:
    program = shutil.which(shell)
    if program is None:
        pytest.skip(f"no {shell} here")
    words, expected = TYPED[case]

    done = subprocess.run(
        [program, *ARGUMENTS[shell], *words],
        env={**ENVIRONMENT, "HOME": str(tmp_path)},
        capture_output=True,
        text=True,
    )

    shown = [line.split("\t")[0].split(":")[0] for line in done.stdout.splitlines()]
    assert expected in shown, (done.stdout, done.stderr)
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("shell", SHELLS)
@pytest.mark.parametrize("case", TYPED)
def test_the_answers_to_a_shell_are_those_of_the_commands(shell: str, case: str) -> None:
    words, expected = TYPED[case]
    line = ["sessionvitals", *words]
    asked = {"COMP_WORDS": " ".join(line), "COMP_CWORD": str(len(words))}
    if shell == "fish":
        asked["COMP_CWORD"] = words[-1]

    done = subprocess.run(
        [BESIDE / "sessionvitals"],
        env={**ENVIRONMENT, **asked, "_SESSIONVITALS_COMPLETE": f"{shell}_complete"},
        capture_output=True,
        text=True,
    )

    assert done.returncode == 0, done.stderr
    assert expected in done.stdout


#: What is typed where a shell is to offer its own: (the words, files or folders)
PATHS = {
    "a scenario": (["mock", "--scenario", "sc/du"], "file"),
    "a recording": (["mock", "--port", "0", "--replay", "re"], "file"),
    "a new recording": (["mock", "--record", "http://x", "--to", ""], "file"),
    "contracts": (["mock", "--contracts", "co"], "dir"),
    "a ledger": (["ledger", "usage", "u.sq"], "file"),
    "a ledger to follow into": (["ledger", "follow", "ping", "u"], "file"),
    "a fleet's ids": (["fleet", "run", "ping", "ids.t"], "file"),
    "ids to sort": (["fleet", "partition", "ids"], "file"),
    "a fleet's folder": (["fleet", "run", "ping", "ids.txt", "--out", "o"], "dir"),
    "a run's folder": (["fleet", "status", "o"], "dir"),
    "a key": (["status", "ping", "--key-file", "k"], "file"),
    "a token": (["tiun", "verify-user", "--token-file", "t"], "file"),
}


def offered(words: list[str]) -> str:
    """Return what bash is told of the last of these words."""
    asked = {"COMP_WORDS": " ".join(["sessionvitals", *words]), "COMP_CWORD": str(len(words))}
    done = subprocess.run(
        [sys.executable, "-m", "sessionvitals"],
        env={**ENVIRONMENT, **asked, "_SESSIONVITALS_COMPLETE": "bash_complete"},
        capture_output=True,
        text=True,
    )
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


@pytest.mark.parametrize("case", PATHS)
def test_a_shell_is_to_offer_paths_where_the_command_takes_one(case: str) -> None:
    words, kind = PATHS[case]
    assert offered(words) == f"{kind},{words[-1]}\n"


def test_the_mock_is_offered_no_files_where_it_takes_none() -> None:
    assert offered(["mock", "--port", "8"]).strip() == ""
    assert offered(["mock", "--po"]) == "plain,--port\n", "the mock was asked"


@pytest.mark.parametrize(
    ("asked", "missing"),
    [
        ({"_SESSIONVITALS_COMPLETE": "bash_complete"}, "COMP_WORDS"),
        ({"_SESSIONVITALS_COMPLETE": "zsh_complete", "COMP_WORDS": "x"}, "COMP_CWORD"),
        (
            {"_SESSIONVITALS_COMPLETE": "bash_complete", "COMP_WORDS": "x", "COMP_CWORD": "x"},
            "COMP_CWORD",
        ),
        ({"_SESSIONVITALS_COMPLETE": "fish_complete", "COMP_WORDS": "x"}, "COMP_CWORD"),
        ({"_SESSIONVITALS_COMPLETE": "tcsh_complete"}, "bash, fish, zsh"),
        ({"_SESSIONVITALS_COMPLETE": "1"}, "bash, fish, zsh"),
    ],
    ids=str,
)
def test_a_completion_without_its_variables_is_a_usage_error(
    asked: dict[str, str], missing: str
) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "sessionvitals"],
        env={**ENVIRONMENT, **asked},
        capture_output=True,
        text=True,
    )
    assert (done.returncode, done.stdout) == (2, ""), done.stderr
    assert done.stderr.startswith("sessionvitals: _SESSIONVITALS_COMPLETE ")
    assert missing in done.stderr
