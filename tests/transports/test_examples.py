"""The C++ examples, as they stand in examples/, run against the mock."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest
from tests.support.consumers import ROOT
from tests.support.sandbox import Space
from tests.support.shell import environment_of

pytestmark = pytest.mark.slow

#: name of the example: its arguments, its stdin, its exit code, its stdout
RUNS = [
    ("one_question", [], "", 0, r"connected 7\n"),
    ("bulk", [], "vpn-1\nvpn-2\nnobody\n", 0, r"nobody not_found\nvpn-1 active\nvpn-2 ended\n"),
    ("bulk", [], "vpn-1\n\n", 1, r" failed: .+\nvpn-1 active\n"),
    ("follow", ["60", "vpn-2"], "", 0, r"vpn-2 final: ended\n"),
    ("follow", ["1", "vpn-1", "vpn-2"], "", 124, r"vpn-1 first: active\nvpn-2 final: ended\n"),
    ("follow", ["0", "vpn-1"], "", 1, ""),
    ("own_errors", ["reader-1"], "", 0, r"200: the article\n"),
    ("own_errors", ["nobody"], "", 0, r"402: please subscribe\n"),
    ("own_errors", [""], "", 1, r"503: our own mistake.+\n"),
    (
        *("gate", [], "reader-1\nreader-1\n\nnobody\n", 0),
        r" 402 missing\nnobody 402 denied\nreader-1 200 valid\nreader-1 200 valid, asked before\n",
    ),
    ("own_transport", [], "", 0, r"chat-1\n"),
    (
        *("tunnel", [], "", 0),
        r"de: 1000000 bytes a second\npaused\nruns\nvless://mock@127\.0\.0\.1:1/[0-9a-f-]+\n",
    ),
    ("httplib_transport", [], "", 0, r"connected 1\n"),
]


@pytest.mark.parametrize(("name", "arguments", "stdin", "code", "stdout"), RUNS)
def test_an_example_does_what_it_says(
    name: str,
    arguments: list[str],
    stdin: str,
    code: int,
    stdout: str,
    programs: Path,
    space: Space,
) -> None:
    space.add_session("tiun", "reader-1", "valid")
    space.add_session("ping", "vpn-1", "connected", uploaded_bytes=7)
    space.add_session("ping", "vpn-2", "disconnected")
    space.add_session("eliza", "chat-1", "active")
    space.sandbox.ping.zones({"code": "us", "has_active_nodes": False}, "de")
    space.sandbox.ping.limits("client", max_sessions=5)

    done = subprocess.run(
        [str(programs / "examples" / name), *arguments],
        env=environment_of(space),
        input=stdin,
        capture_output=True,
        text=True,
        timeout=30,
    )

    assert done.returncode == code, done.stderr
    said = "".join(sorted(done.stdout.splitlines(keepends=True)))  # bulk: as they come
    assert re.fullmatch(stdout, said), said


def test_every_example_is_run() -> None:
    assert {file.stem for file in (ROOT / "examples").glob("*.cpp")} == {run[0] for run in RUNS}


def test_the_example_of_the_readme_is_one_of_them() -> None:
    blocks = re.findall(
        r"^```cpp\n(.*?)^```", (ROOT / "README.md").read_text(), re.MULTILINE | re.DOTALL
    )

    assert blocks == [(ROOT / "examples/one_question.cpp").read_text()]
