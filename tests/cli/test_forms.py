"""``-o table|tsv|csv|json|ndjson``, ``--watch``, and how fast a terminal gets its rows."""

from __future__ import annotations

import csv
import io
import json
import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.support.asking import seed
from tests.support.sandbox import Space
from tests.support.shell import COMMAND, environment_of, open_terminal, read_terminal, run

pytest.importorskip("click")

FORMS = ["table", "tsv", "csv", "json", "ndjson"]


@pytest.fixture
def environment(space: Space) -> dict[str, str]:
    space.add_session("ping", "vpn", "disconnected", uploaded_bytes=9007199254740993)
    space.add_session("ping", "=1+1", "connected")
    return environment_of(space)


def read_csv(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


READ: dict[str, Callable[[str], list[str]]] = {
    "table": lambda text: [line.split()[0] for line in text.splitlines()[1:]],
    "tsv": lambda text: [line.split("\t")[0] for line in text.splitlines()],
    "csv": lambda text: [row["id"].removeprefix("'") for row in read_csv(text)],
    "json": lambda text: [row["id"] for row in json.loads(text)],
    "ndjson": lambda text: [json.loads(line)["id"] for line in text.splitlines()],
}


@pytest.mark.parametrize("form", FORMS)
def test_status_prints_its_rows_in_each_form(form: str, environment: dict[str, str]) -> None:
    done = run(environment, "status", "ping", "vpn", "=1+1", "nobody", "-o", form)

    assert (done.returncode, done.stderr) == (0, "")
    assert READ[form](done.stdout) == ["vpn", "=1+1", "nobody"]
    if form in ("csv", "json", "ndjson"):
        assert "9007199254740993" in done.stdout


@pytest.mark.parametrize("form", FORMS)
def test_an_operation_prints_its_answer_in_each_form(
    form: str, environment: dict[str, str], space: Space
) -> None:
    space.add_session("eliza", "chat-1", "active")
    done = run(environment, "eliza", "list-sessions", "-o", form)

    assert (done.returncode, done.stderr) == (0, "")
    if form == "json":
        assert "chat-1" in {each["session_id"] for each in json.loads(done.stdout)}
    elif form == "ndjson":
        assert "chat-1" in {json.loads(line)["session_id"] for line in done.stdout.splitlines()}
    elif form == "csv":
        assert "chat-1" in {row["session_id"] for row in read_csv(done.stdout)}
    else:
        assert "chat-1" in done.stdout
        assert ("\t" in done.stdout) == (form == "tsv")


def test_a_list_of_nothing_has_the_names_of_its_columns(environment: dict[str, str]) -> None:
    done = run(environment, "eliza", "list-sessions", "-o", "csv")
    assert done.returncode == 0
    assert done.stdout.startswith("session_id,")
    assert done.stdout.count("\n") == 1


def test_nothing_is_an_array_of_nothing(environment: dict[str, str]) -> None:
    assert json.loads(run(environment, "status", "ping", "-", "-o", "json").stdout) == []


@pytest.mark.parametrize(
    "wrong",
    [
        ["--json", "-o", "csv"],
        ["-o", "yaml"],
        ["-o", "csv", "--out", "x.csv"],
        ["--watch", "--check"],
        ["--watch", "-o", "json"],
    ],
    ids=" ".join,
)
def test_what_does_not_go_together_is_a_usage_error(
    wrong: list[str], environment: dict[str, str]
) -> None:
    done = run(environment, "status", "ping", "vpn", *wrong)

    assert (done.returncode, done.stdout) == (2, "")
    assert "Traceback" not in done.stderr


def test_watch_shows_a_session_until_ctrl_c(environment: dict[str, str], space: Space) -> None:
    command = ["env", "--default-signal=INT", *COMMAND, "status", "ping", "=1+1", "--watch"]
    with subprocess.Popen(
        [*command, "-o", "ndjson"], env=environment, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        first = json.loads(process.stdout.readline())
        process.send_signal(2)
        process.communicate(timeout=30)

    assert (first["session_id"], first["after"]["state"]) == ("=1+1", "active")
    assert process.returncode == 130


def test_a_terminal_takes_little_longer_than_a_pipe(
    environment: dict[str, str], space: Space, tmp_path: Path
) -> None:
    (tmp_path / "ids").write_text("\n".join(seed(space, 3000)))

    def seconds_of(output: int, read: Callable[[], None]) -> float:
        children = os.times()
        with (
            (tmp_path / "ids").open() as ids,
            subprocess.Popen(
                [*COMMAND, "status", "ping", "-"], env=environment, stdin=ids, stdout=output
            ),
        ):
            os.close(output)
            read()
        after = os.times()
        return (
            after.children_user
            + after.children_system
            - children.children_user
            - children.children_system
        )

    ours, theirs = open_terminal()

    def read_all_of_the_terminal() -> None:
        for _ in read_terminal(ours):
            pass

    on_a_terminal = seconds_of(theirs, read_all_of_the_terminal)
    reading, writing = os.pipe()

    def read_all_of_the_pipe() -> None:
        with os.fdopen(reading, "rb") as pipe:
            pipe.read()

    in_a_pipe = seconds_of(writing, read_all_of_the_pipe)

    # Processor time, which no other work on this machine changes.
    assert on_a_terminal < 1.5 * in_a_pipe
