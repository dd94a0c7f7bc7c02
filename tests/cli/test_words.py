"""What the command says is in terms of the command: options and variables, not Python's arguments."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from tests.support.peers import answer, peer, says
from tests.support.sandbox import Space
from tests.support.shell import environment_of, run

pytest.importorskip("click")

from sessionvitals.cli.words import in_terms_of_the_command

ROOT = Path(__file__).parents[2]
ARGUMENT = re.compile(r"\b[a-z]+(?:_[a-z]+)*=(?=[\s\".,;)]|$)|\bbase_url\b")
#: Arguments of calls that the command does not make.
NOT_OF_THE_COMMAND = ("max_age", "reuse_patch")


def messages() -> list[str]:
    """Return each text of the library's sources that names an argument of Python."""
    found = []
    for file in [
        *(ROOT / "cpp/sessionvitals").rglob("*.cpp"),
        *(ROOT / "python/sessionvitals").glob("*.py"),
    ]:
        # One literal may stand on several lines.
        source = re.sub(r'"\s*\n\s*f?"', "", file.read_text())
        for literal in re.findall(r'"((?:[^"\\\n]|\\.)+)"', source):
            text = literal.replace('\\"', '"')
            if " " in text and ARGUMENT.search(text):
                found.append(text)
    return found


def test_no_message_names_an_argument_of_python_on_the_command_line() -> None:
    said = messages()

    assert len(said) > 5
    wrong = [
        text
        for text in map(in_terms_of_the_command, said)
        if ARGUMENT.search(text) and not any(each in text for each in NOT_OF_THE_COMMAND)
    ]
    assert wrong == []


def test_a_refused_key_names_the_option_that_may_help(space: Space) -> None:
    environment = environment_of(space)
    with peer(says(answer(b"", b"HTTP/1.1 401 Unauthorized"))) as vendor:
        environment["TIUN_BASE_URL"] = environment["PING_BASE_URL"] = vendor.url
        ping = run(environment, "status", "ping", "x").stderr
        tiun = run(environment, "status", "tiun", "x").stderr

    assert "Check PING_API_KEY and" in ping
    assert "try --auth-scheme bearer." in ping
    assert "try --auth-scheme X-TIUN-API-KEY." in tiun


def test_a_missing_key_names_the_file_and_the_variable(space: Space) -> None:
    environment = environment_of(space)
    del environment["PING_API_KEY"]

    said = run(environment, "status", "ping", "x").stderr

    assert said.startswith("sessionvitals: No key for ping: put it in a file for --key-file, or ")
    assert "PING_API_KEY" in said


def test_a_line_of_a_wrong_file_is_said_in_part_and_printed_whole(space: Space) -> None:
    line = "x" * 100_000 + "\x01"
    done = run(environment_of(space), "status", "ping", "-", given=line)

    assert done.returncode == 2
    assert done.stdout.startswith("x" * 100_000 + "\\x01\terror")
    assert "... (100001 characters): The session id has a control character" in done.stderr
    assert len(done.stderr) < 1000


def test_each_command_has_one_whole_line_in_the_help(space: Space) -> None:
    said = run(environment_of(space), "--help").stdout

    assert "..." not in said.partition("Commands:")[2]
