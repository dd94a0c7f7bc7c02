"""Every ``--help`` has examples that the command takes, and all of it is on the man page."""

from __future__ import annotations

import shlex
import shutil
import subprocess
import sysconfig
from pathlib import Path

import click
import pytest
from tests.support.consumers import ENVIRONMENT
from tests.support.shell import COMMAND

from sessionvitals.cli.commands import program
from sessionvitals.cli.shell.manual import EXAMPLES, commands_of, examples_of, man_page

LEAVES = {
    path: command for path, command in commands_of(program) if not isinstance(command, click.Group)
}


def test_the_examples_are_those_of_the_commands() -> None:
    assert EXAMPLES.keys() == LEAVES.keys()


@pytest.mark.parametrize("path", LEAVES)
def test_a_help_shows_examples_that_the_command_takes(
    path: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("token.txt").write_text("a token")
    command = LEAVES[path]
    shown = command.get_help(click.Context(command, info_name=path))
    for example in examples_of(path):
        assert example in " ".join(shown.split())
        words = shlex.split(example)[1 + len(path.split()) :]
        for sign in ("<", ">", "|"):  # what follows is the shell's
            words = words[: words.index(sign)] if sign in words else words
        command.make_context(path, words)


def test_the_man_page_has_every_command_and_option() -> None:
    page = man_page(program)

    for path, command in LEAVES.items():
        assert f'.SS "{path}'.replace("-", r"\-") in page
        for parameter in command.params:
            if isinstance(parameter, click.Option):
                assert parameter.opts[0].replace("-", r"\-") in page
    assert not [line for line in page.splitlines() if line.startswith("'")]


def test_the_page_that_is_installed_is_that_of_the_commands() -> None:
    page = Path(__file__).parents[2] / "docs/sessionvitals.1"
    assert page.read_text() == man_page(program) + "\n", "make sync writes it anew"
    installed = Path(sysconfig.get_path("data"), "share/man/man1", page.name)
    assert installed.read_text() == page.read_text()


def test_man_reads_the_page_without_a_warning(tmp_path: Path) -> None:
    done = subprocess.run([*COMMAND, "man"], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
    groff = shutil.which("groff")
    if groff is None:
        pytest.skip("no groff here")

    shown = subprocess.run(
        [groff, "-man", "-ww", "-Tutf8"],
        input=done.stdout,
        env={**ENVIRONMENT, "MANWIDTH": "80"},
        capture_output=True,
        text=True,
    )

    assert (shown.returncode, shown.stderr) == (0, "")
