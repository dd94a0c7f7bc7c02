"""``--concurrency``: as many connections as ids are asked for at once."""

from __future__ import annotations

import resource
import socket
import subprocess
from pathlib import Path
from typing import Any

import pytest
from tests.support.sandbox import Space
from tests.support.shell import COMMAND, environment_of

pytest.importorskip("click")

from sessionvitals import PingClient
from sessionvitals.cli import clients, main
from sessionvitals.cli import fleet as fleet_commands
from sessionvitals.cli import ledger as ledger_commands

MORE_THAN_BY_DEFAULT = 140


def test_more_than_128_ids_are_asked_for_at_once(space: Space) -> None:
    words = ["status", "ping", "-", "--concurrency", str(MORE_THAN_BY_DEFAULT)]
    held: list[socket.socket] = []
    with socket.create_server(("127.0.0.1", 0), backlog=256) as silent:
        silent.settimeout(5)
        environment = environment_of(space)
        environment["PING_BASE_URL"] = f"http://127.0.0.1:{silent.getsockname()[1]}"
        with subprocess.Popen(
            [*COMMAND, *words, "--max-retries", "0", "--timeout", "20"],
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            text=True,
        ) as process:
            assert process.stdin is not None
            process.stdin.write("".join(f"{n}\n" for n in range(MORE_THAN_BY_DEFAULT)))
            process.stdin.close()
            try:
                while len(held) < MORE_THAN_BY_DEFAULT:
                    held.append(silent.accept()[0])
            except TimeoutError:
                pass
            process.kill()
    for each in held:
        each.close()
    assert len(held) == MORE_THAN_BY_DEFAULT


class Made(Exception):
    """A client was to be made."""


@pytest.mark.parametrize(("concurrency", "expected"), [(64, None), (128, None), (300, 300)])
@pytest.mark.parametrize("command", ["fleet", "ledger"])
def test_the_clients_of_other_commands_have_as_many(
    command: str,
    concurrency: int,
    expected: int | None,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    made: dict[str, Any] = {}

    def make(key: str | None, **options: Any) -> PingClient:
        made.update(options)
        raise Made

    def run(ids: str, factory: Any, *rest: Any, **options: Any) -> None:
        factory()

    for module in (fleet_commands, ledger_commands):
        monkeypatch.setitem(module.CLIENT_BY_NAME, "ping", make)
    monkeypatch.setattr(fleet_commands, "runner", lambda address: run)
    words = {
        "fleet": ["fleet", "run", "ping", "ids.txt", "--out", str(tmp_path)],
        "ledger": ["ledger", "follow", "ping", str(tmp_path / "ledger"), "s-0"],
    }[command]

    main([*words, "--concurrency", str(concurrency)])

    assert "timeout" in made or command == "fleet"
    assert made.get("max_connections") == expected


@pytest.mark.parametrize(
    ("soft", "hard", "expected", "raised"),
    [(1024, 4096, 2000, 2064), (1024, 1024, 960, 1024), (4096, 4096, 2000, None)],
)
def test_the_limit_of_open_files_is_raised_for_them(
    soft: int,
    hard: int,
    expected: int,
    raised: int | None,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    limits: list[tuple[int, int]] = []
    monkeypatch.setattr(resource, "getrlimit", lambda kind: (soft, hard))
    monkeypatch.setattr(resource, "setrlimit", lambda kind, limit: limits.append(limit))

    assert clients.connections_for(2000) == expected

    assert limits == ([] if raised is None else [(raised, hard)])
    assert ("ulimit -n allows 960 connections" in capfd.readouterr().err) == (expected < 2000)
