"""The examples of every ``--help``, and the man page, which is made of what click has."""

from __future__ import annotations

import re
from collections.abc import Iterator

import click

from ... import __version__

#: What comes behind "sessionvitals COMMAND" in an example: of each command, one or more.
EXAMPLES: dict[str, tuple[str, ...]] = {
    "status": (
        "ping vpn-1 vpn-2",
        "ping - -o csv < ids.txt",
        "tiun reader-1 --check",
        "ping - --out usage.parquet < ids.txt",
        "eliza chat-1 --watch",
    ),
    "watch": (
        "ping vpn-1 --deadline 10m",
        "tiun reader-1 --every 30s --forever",
        "eliza chat-1 chat-2 --until ended --deadline 2h --json",
    ),
    "doctor": ("", "ping --session-id vpn-1"),
    "demo": ("",),
    "mock": ("--open", "--scenario demo --port 8080"),
    "man": ("| man -l -", "> ~/.local/share/man/man1/sessionvitals.1"),
    "completion": ("bash", "zsh", "fish"),
    "ledger follow": ("ping usage.sqlite vpn-1 --every 60", "ping usage.sqlite - --rounds 1"),
    "ledger usage": ("usage.sqlite --by day -o csv", "usage.sqlite --out november.parquet"),
    "ledger gaps": ("usage.sqlite --from 2026-11-01",),
    "ledger export": ("usage.sqlite looks.csv",),
    "ledger close": ("usage.sqlite --until 2026-11-01",),
    "fleet run": ("ping ids.txt --out fleet --run-id november --workers 4 --rate 500",),
    "fleet partition": ("ids.txt --out fleet --run-id november --partitions 64",),
    "fleet status": ("fleet --run-id november",),
    "tiun verify": ("reader-1 --check",),
    "tiun verify-user": ("--token-file token.txt",),
    "tiun user-info": ("user-1 -o json",),
    "ping zones": ("", "-o csv"),
    "ping create-session": ("--client-id client-1 --zone de",),
    "ping session-status": ("vpn-1",),
    "ping events": ("--deadline 60", "-o ndjson"),
    "ping pause-session": ("vpn-1",),
    "ping resume-session": ("vpn-1",),
    "ping limits get global": ("",),
    "ping limits get client": ("",),
    "ping limits get session": ("",),
    "ping limits update global": ("--downloaded-bytes 1000000000",),
    "ping limits update client": ("--max-sessions 3",),
    "ping limits update session": ("--download-speed 1000000",),
    "ping limits delete global": ("--yes",),
    "ping limits delete client": ("--yes",),
    "ping limits delete session": ("--yes",),
    "eliza health": ("",),
    "eliza create-session": (
        (
            "--agent-id 0f6c1c5e-0000-4000-8000-000000000001 "
            "--user-id 0f6c1c5e-0000-4000-8000-000000000002"
        ),
    ),
    "eliza list-sessions": ("-o table",),
    "eliza get-session": ("chat-1",),
    "eliza renew-session": ("chat-1",),
    "eliza heartbeat": ("chat-1",),
    "eliza update-timeout": (
        (
            "chat-1 --timeout-minutes 60 --auto-renew --max-duration-minutes 720 "
            "--warning-threshold-minutes 5"
        ),
    ),
    "eliza delete-session": ("chat-1 --yes",),
    "eliza find-session": ("order-7",),
    "eliza send-message": ('chat-1 "Hello" --message-key greeting',),
    "eliza stream-message": ('chat-1 "Hello"',),
    "eliza messages": ("chat-1 --limit 10",),
    "eliza find-message": ("chat-1 greeting",),
}


def commands_of(command: click.Command, path: str = "") -> Iterator[tuple[str, click.Command]]:
    """Yield every command with its words, groups before what they hold."""
    yield path, command
    if isinstance(command, click.Group):
        for name in sorted(command.commands):
            yield from commands_of(command.commands[name], f"{path} {name}".strip())


def examples_of(path: str) -> list[str]:
    return [f"sessionvitals {path} {each}".rstrip() for each in EXAMPLES.get(path, ())]


def add_examples(program: click.Command) -> None:
    """Have the help of every command end with its examples."""
    for path, command in commands_of(program):
        if examples := examples_of(path):
            command.epilog = "\b\nExamples:\n" + "\n".join(f"  {each}" for each in examples)


def man_page(program: click.Command) -> str:
    """Return the manual of all commands, for man."""
    lines = [
        f'.TH SESSIONVITALS 1 "" "sessionvitals {__version__}" "User Commands"',
        ".SH NAME",
        r"sessionvitals \- ask tiun, Ping Network and elizaOS what their sessions are doing",
        ".SH SYNOPSIS",
        r".B sessionvitals",
        r"COMMAND [OPTIONS] [ARGUMENTS]...",
        ".SH DESCRIPTION",
        *paragraphs(program.help or ""),
        ".SH COMMANDS",
    ]
    for path, command in commands_of(program):
        if isinstance(command, click.Group):
            continue
        context = click.Context(command, info_name=path)
        usage = " ".join(command.collect_usage_pieces(context))
        lines += [f'.SS "{roff(f"{path} {usage}")}"', *paragraphs(command.help or "")]
        options = [each for each in command.params if isinstance(each, click.Option)]
        for option in options:  # the usage has the arguments; not every click has help for them
            if record := option.get_help_record(context):
                lines += [".TP", rf"\fB{roff(record[0])}\fR", roff(record[1])]
        if examples := examples_of(path):
            lines += [".PP", "Examples:", ".PP", ".nf", *map(roff, examples), ".fi"]
    return "\n".join(lines)


def paragraphs(words: str) -> Iterator[str]:
    """Yield click's text as roff: what follows a line of \\b keeps its lines."""
    for paragraph in re.split(r"\n\s*\n", words):
        yield ".PP"
        if paragraph.startswith("\b"):
            yield from (".nf", *map(roff, paragraph.lstrip("\b\n").splitlines()), ".fi")
        else:
            yield roff(" ".join(paragraph.split()))


def roff(text: str) -> str:
    """Return the text as roff shows it unchanged: no line of it is a request."""
    text = text.replace("\\", r"\e").replace("-", r"\-").replace('"', r"\(dq")
    return rf"\&{text}" if text.startswith((".", "'")) else text
