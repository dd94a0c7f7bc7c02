"""``sessionvitals ledger``."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.support.ledger.metered import at, session
from tests.support.sandbox import Space
from tests.support.shell import environment_of, interrupted, on_a_terminal, run

pytest.importorskip("click")

from sessionvitals.ledger import Ledger

WINDOW = ("--from", "2026-11-01", "--to", "2026-12-01T00:00:00Z")


@pytest.fixture
def environment(space: Space) -> dict[str, str]:
    space.clock(set="2026-11-03T00:00:00Z", freeze=True)
    space.add_session("ping", "vpn-1", "connected", client_id="acme", uploaded_bytes=2**53 + 1)
    return environment_of(space)


@pytest.fixture
def path(tmp_path: Path) -> str:
    path = tmp_path / "usage.sqlite"
    with Ledger(path) as ledger:
        ledger.record(session("a\x1b[1m", "pending", (0, 0, 0)), at=at(0))
        ledger.record(session("a\x1b[1m", "active", (9, 2**53 + 1, 7)), at=at(60))
        ledger.record(session("a\x1b[1m", "active", (1, 1, 1)), at=at(120))
    return str(path)


def test_follow_then_usage_gives_exact_sums(environment: dict[str, str], tmp_path: Path) -> None:
    file = str(tmp_path / "usage.sqlite")
    followed = run(
        environment, "ledger", "follow", "ping", file, "-", "--rounds", "1", given="vpn-1\nno\n"
    )
    used = run(environment, "ledger", "usage", file, *WINDOW, "--json")

    assert (followed.returncode, followed.stdout) == (0, "")
    assert "1 rounds, 2 looks recorded; 1 sessions left" in followed.stderr
    rows = {row["client_id"]: row for row in map(json.loads, used.stdout.splitlines())}
    assert rows["acme"]["uploaded_bytes"] == 2**53 + 1
    assert rows["acme"]["flags"] == ["start_unknown"]
    assert rows[None]["flags"] == ["vanished"]


def test_follow_names_the_ids_that_cannot_be_sent(
    environment: dict[str, str], tmp_path: Path
) -> None:
    ids = ["vpn-1", ".", "..", "./", ""]
    file = str(tmp_path / "usage.sqlite")
    followed = run(environment, "ledger", "follow", "ping", file, *ids, "--rounds", "1")

    assert followed.returncode == 0
    assert "cannot be sent: '.', '..'" in followed.stderr


def test_usage_and_gaps_are_fields_or_a_table(environment: dict[str, str], path: str) -> None:
    fields = run(environment, "ledger", "usage", path, *WINDOW, "--by", "session")
    listed = run(environment, "ledger", "gaps", path, *WINDOW)
    table = on_a_terminal(environment, "ledger", "usage", path, *WINDOW, "--by", "session")

    assert fields.stdout == "a\\x1b[1m\t1\t9007199254740994\t8\t10\treset\n"
    assert listed.stdout.startswith(
        "reset\t2026-11-01T00:01:00+00:00\t2026-11-01T00:02:00+00:00\ta\\x1b[1m\t\ta counter fell"
    )
    head, row = table.splitlines()
    assert head.split("  ")[0] == "session"
    assert "9007199254740994" in row
    assert "\x1b" not in row


def test_usage_is_drawn_and_exported(
    environment: dict[str, str], path: str, tmp_path: Path
) -> None:
    pytest.importorskip("matplotlib")
    picture, sums, all_rows = (tmp_path / name for name in ("u.svg", "u.csv", "o.ndjson"))

    drawn = run(
        environment, "ledger", "usage", path, *WINDOW, "--plot", str(picture), "--out", str(sums)
    )
    exported = run(environment, "ledger", "export", path, str(all_rows))

    assert (drawn.returncode, exported.returncode) == (0, 0), drawn.stderr + exported.stderr
    assert picture.read_bytes().startswith(b"<?xml")
    assert "9007199254740994" in sums.read_text()
    assert exported.stderr == f"sessionvitals: {all_rows} has 3 observations\n"
    assert len(all_rows.read_text().splitlines()) == 3


def test_what_cannot_be_drawn_is_exported(
    environment: dict[str, str], path: str, tmp_path: Path
) -> None:
    window = ("--from", "2020-01-01", "--to", "2020-02-01")
    words = ["--plot", str(tmp_path / "u.svg"), "--out", str(tmp_path / "u.csv")]
    empty = run(environment, "ledger", "usage", path, *window, *words)
    assert (empty.returncode, "nothing to draw" in empty.stderr) == (2, True), empty.stderr
    assert [each.name for each in tmp_path.glob("u.*")] == ["u.csv"]


def test_a_period_is_closed(environment: dict[str, str], path: str) -> None:
    closed = run(environment, "ledger", "close", path, "--until", "2026-01-01")
    again = run(environment, "ledger", "close", path, "--until", "2026-01-01")

    assert (closed.returncode, closed.stderr) == (
        0,
        "sessionvitals: closed until 2026-01-01T00:00:00+00:00\n",
    )
    assert again.returncode == 2
    assert "closed already" in again.stderr


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("follow", "tiun", "x.sqlite", "a"), 2, "tiun does not count what a session uses"),
        (("follow", "eliza", "x.sqlite", "a"), 2, "eliza does not count what a session uses"),
        (("usage", "no.sqlite"), 74, "no.sqlite: there is no ledger"),
        (("usage", "foreign"), 74, "foreign: file is not a database"),
        (("gaps", "foreign", "--from", "yesterday"), 2, "yesterday is no date or time"),
        (("usage", "here.sqlite", "--from", "2027-01-01", "--to", "2026-01-01"), 2, "is empty"),
        (("export", "here.sqlite", "rows.xlsx"), 2, "has to end in one of"),
        (("export", "here.sqlite", "no/folder.csv"), 74, "No such file or directory"),
    ],
)
def test_what_cannot_be_done_is_said(
    arguments: tuple[str, ...],
    code: int,
    words: str,
    environment: dict[str, str],
    tmp_path: Path,
) -> None:
    (tmp_path / "foreign").write_text("no database at all\n" * 99)
    Ledger(tmp_path / "here.sqlite").close()
    command, *rest = arguments
    names = [
        str(tmp_path / each) if "sqlite" in each or each in ("foreign", "rows.xlsx") else each
        for each in rest
    ]

    refused = run(environment, "ledger", command, *names)

    assert (refused.returncode, refused.stdout) == (code, "")
    assert words in refused.stderr
    assert not (tmp_path / "x.sqlite").exists()


def test_ctrl_c_ends_a_follow(environment: dict[str, str], tmp_path: Path) -> None:
    file = str(tmp_path / "usage.sqlite")

    code, _ = interrupted(environment, "ledger", "follow", "ping", file, "a")

    assert code == 130
    Ledger(file, create=False).close()
