"""Files and databases that are no ledgers, are of another version, or are full."""

from __future__ import annotations

import os
import resource
import signal
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.support.ledger.metered import at, session
from tests.support.sandbox import Space

from sessionvitals import ConfigurationError
from sessionvitals.ledger import Ledger, LedgerError
from sessionvitals.ledger.stores import schema, sqlite


def test_a_file_that_is_no_database_is_refused_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("nothing to do with a database\n" * 50)

    with pytest.raises(LedgerError, match=r"notes\.txt: file is not a database"):
        Ledger(path)

    assert path.read_text().startswith("nothing to do")


def test_another_programs_database_is_refused_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "theirs.sqlite"
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE theirs (a)")
    connection.close()
    before = path.read_bytes()

    with pytest.raises(LedgerError, match="a database, but no ledger; nothing was changed"):
        Ledger(path)

    assert path.read_bytes() == before
    assert [each.name for each in tmp_path.iterdir()] == ["theirs.sqlite"]


def test_a_damaged_ledger_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "usage.sqlite"
    with Ledger(path) as ledger:
        ledger.record_many((session(f"s-{n}", "active", (1, 1, 1)) for n in range(2000)), at=at(0))
    with path.open("r+b") as file:
        file.seek(4096)
        file.write(b"\xff" * 65536)

    with pytest.raises(LedgerError, match=r"usage\.sqlite: .*malformed"), Ledger(path) as ledger:
        ledger.usage(at(0), at(1))


@pytest.mark.parametrize(
    "damage",
    [
        "DROP TABLE ledger_notes",
        "ALTER TABLE ledger_observations RENAME COLUMN uploaded TO up",
        "DELETE FROM ledger_texts",
        "DELETE FROM ledger_sessions",
        "UPDATE ledger_observations SET source = 9",
        "PRAGMA user_version = -1",
        "PRAGMA user_version = 0",
    ],
)
def test_a_ledger_that_lacks_something_is_refused(tmp_path: Path, damage: str) -> None:
    path = tmp_path / "usage.sqlite"
    with Ledger(path) as ledger:
        ledger.record(session("s", "active", (1, 1, 1)), at=at(0))
    with sqlite3.connect(path) as connection:
        connection.execute(damage)
    connection.close()

    def read(what: Callable[[Ledger], object]) -> None:
        with pytest.raises(LedgerError, match="damaged"), Ledger(path) as ledger:
            what(ledger)

    read(lambda ledger: ledger.usage(at(0), at(1), by="session"))
    read(lambda ledger: ledger.export(tmp_path / "all.csv"))
    assert not (tmp_path / "all.csv").exists()


@pytest.mark.parametrize("create", [True, False])
def test_paths_that_cannot_be_files_are_refused(tmp_path: Path, create: bool) -> None:
    with pytest.raises(LedgerError):
        Ledger(tmp_path, create=create)
    with pytest.raises(LedgerError):
        Ledger(tmp_path / "no" / "folder.sqlite", create=create)
    (tmp_path / "empty").touch()
    if create:
        Ledger(tmp_path / "empty").close()
    else:
        with pytest.raises(LedgerError, match="the file is empty and no ledger"):
            Ledger(tmp_path / "empty", create=False)


def execute(where: str, sql: str) -> None:
    if where.startswith("postgresql:"):
        psycopg = pytest.importorskip("psycopg")
        with psycopg.connect(where, autocommit=True) as connection:
            connection.execute(sql)
    else:
        connection = sqlite3.connect(where, isolation_level=None)
        connection.execute(sql)
        connection.close()


def test_a_newer_ledger_is_refused(where: str) -> None:
    with Ledger(where) as ledger:
        ledger.record(session("a", "active", (1, 1, 1)), at=at(0))
    is_file = not where.startswith("postgresql:")
    execute(where, "PRAGMA user_version = 99" if is_file else "UPDATE ledger_schema SET version=99")

    with pytest.raises(LedgerError, match="version 99, made by a newer sessionvitals"):
        Ledger(where)


def test_a_foreign_schema_is_refused(schema_url: str) -> None:
    execute(schema_url, "CREATE TABLE ledger_observations (theirs TEXT)")

    with pytest.raises(LedgerError, match="are no ledger's; nothing was changed"):
        Ledger(schema_url)


@pytest.mark.parametrize("version", range(1, schema.VERSION))
def test_an_older_ledger_is_migrated_and_keeps_its_rows(
    version: int, where: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as older:
        older.setattr(schema, "VERSIONS", schema.VERSIONS[:version])
        older.setattr(schema, "VERSION", version)
        with Ledger(where) as ledger:
            ledger.record(session("a", "active", (1, 7, 1)), at=at(0))

    with Ledger(where, create=False) as ledger:
        assert ledger.usage(at(0), at(1)).uploaded_bytes == 7
        ledger.close_period(at(1))
        ledger.record(session("a", "active", (2, 9, 1)), at=at(2))
        assert ledger.usage(at(0), at(3)).uploaded_bytes == 9


def test_the_url_of_no_server_is_refused_without_its_password(server: str) -> None:
    with pytest.raises(LedgerError, match=r"^postgresql://127\.0\.0\.1/postgres: ") as refusal:
        Ledger("postgresql://ledger:hush@127.0.0.1:1/postgres")
    assert "hush" not in str(refusal.value)


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://u:sec%ret@127.0.0.1:1/db",
        "postgresql://u:sec ret@127.0.0.1:1/db",
        "postgresql://u:sec/ret@127.0.0.1:1/db",
        "postgresql://127.0.0.1:1/db?password=sec%ret",
        "postgresql://u:secret@[::1/db",
        "postgresql://u:x@sec@ret@127.0.0.1:1/db",
        "postgresql://u:x@ret@127.0.0.1:1/db?connect_timeout=1",
        "postgres://sec@u:ret@127.0.0.1:1/db",
    ],
)
def test_a_url_that_cannot_be_read_is_refused_without_its_password(url: str) -> None:
    pytest.importorskip("psycopg")
    with pytest.raises(LedgerError, match="cannot be read") as raised:
        Ledger(url)
    error: BaseException | None = raised.value
    while error is not None:
        assert "sec" not in str(error)
        assert "ret" not in str(error)
        error = error.__cause__ or error.__context__


def test_a_full_disk_is_an_error_and_nothing_is_lost(tmp_path: Path) -> None:
    path = tmp_path / "usage.sqlite"
    many = [session(f"{'s' * 400}-{n}", "active", (1, 1, 1)) for n in range(1000)]
    with Ledger(path) as ledger:
        ledger.record(session("a", "active", (1, 7, 1)), at=at(0))
        ledger._store.execute("PRAGMA max_page_count = 100")
        with pytest.raises(LedgerError, match=r"usage\.sqlite: database or disk is full"):
            ledger.record_many(many, at=at(1))
        assert ledger.usage(at(0), at(9)).uploaded_bytes == 7
        ledger._store.execute("PRAGMA max_page_count = 100000")
        assert ledger.record_many(many, at=at(1)) == 1000  # room again


def test_a_ledger_on_a_disk_that_is_read_only_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a #%3F ledger.sqlite"
    with Ledger(path) as ledger:
        ledger.record(session("a", "active", (1, 7, 1)), at=at(0))
    (tmp_path / f"{path.name}.lock").unlink()
    monkeypatch.setattr(sqlite, "is_read_only", lambda path: True)
    with Ledger(path) as ledger:
        assert ledger.usage(at(0), at(9)).uploaded_bytes == 7
        assert [each.name for each in tmp_path.iterdir()] == [path.name]
        with pytest.raises(LedgerError, match="readonly database"):
            ledger.record(session("a", "active", (2, 9, 2)), at=at(1))


def test_a_reader_who_may_not_write_there_is_told_so() -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "usage.sqlite")
        Ledger(path).close()
        Path(folder).chmod(0o555)
        user = os.geteuid()
        os.seteuid(user or 65534)  # root may write everywhere
        try:
            with pytest.raises(LedgerError, match="this user may make none there: get the right"):
                Ledger(path)
        finally:
            os.seteuid(user)
            Path(folder).chmod(0o700)


@pytest.mark.parametrize("place", ["", ":memory:", "file:usage?mode=memory", "file:usage.sqlite"])
def test_a_place_that_is_no_file_is_refused(
    place: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ConfigurationError, match="path of a file"):
        Ledger(place)
    assert list(tmp_path.iterdir()) == []


def test_a_file_with_a_name_that_sqlite_would_read_is_a_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with Ledger("./:memory:") as ledger:
        assert ledger.record(session("a", "active", (1, 1, 1)), at=at(0)) == 1
    assert (tmp_path / ":memory:").stat().st_size


@pytest.mark.parametrize("where", ["mysql://h/d", "postgress://h/d", "file:///tmp/x.sqlite"])
def test_a_url_of_another_database_is_refused(where: str) -> None:
    with pytest.raises(LedgerError, match="no place for a ledger"):
        Ledger(where)


LIMITED = """
import sys
import tempfile
from tests.support.ledger.metered import at, session
from sessionvitals.ledger import Ledger, LedgerError
with Ledger(sys.argv[1]) as ledger:
    done = 0
    try:
        for _ in range(100):
            looks = [session(f"{'s' * 200}-{done}-{n}", "active", (1, 1, 1)) for n in range(500)]
            done += ledger.record_many(looks, at=at(1))
    except LedgerError as error:
        print(done, error)
"""


def test_a_file_that_may_not_grow_keeps_what_was_acknowledged(tmp_path: Path) -> None:
    path = tmp_path / "usage.sqlite"

    def limit() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (2_000_000, 2_000_000))

    said = subprocess.run(
        [sys.executable, "-c", LIMITED, path],
        preexec_fn=limit,
        capture_output=True,
        text=True,
        cwd=Path(__file__).parents[2],
    )

    done, _, words = said.stdout.partition(" ")
    assert "usage.sqlite: " in words, said
    with Ledger(path, create=False) as ledger:
        assert ledger.usage(at(0), at(9)).uploaded_bytes == int(done) > 0


def test_a_server_that_goes_away_is_an_error_and_nothing_is_lost(
    schema_url: str, server: str
) -> None:
    psycopg = pytest.importorskip("psycopg")
    with Ledger(schema_url) as ledger:
        ledger.record(session("a", "active", (1, 7, 1)), at=at(0))
        with psycopg.connect(server, autocommit=True) as other:
            other.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE pid != pg_backend_pid() AND state IS NOT NULL"
            )
        with pytest.raises(LedgerError):
            ledger.record(session("a", "active", (2, 9, 1)), at=at(1))
    with Ledger(schema_url, create=False) as ledger:
        assert ledger.record(session("a", "active", (2, 9, 1)), at=at(1)) == 1
        assert ledger.usage(at(0), at(9)).uploaded_bytes == 9


def test_a_ledger_is_not_written_after_a_fork(tmp_path: Path) -> None:
    with Ledger(tmp_path / "usage.sqlite") as ledger:
        ledger._store._process = os.getppid()
        with pytest.raises(LedgerError, match="open it anew in the child"):
            ledger.record(session("a", "active", (1, 7, 1)), at=at(0))
        with Ledger(tmp_path / "usage.sqlite") as other:  # the child holds no lock either
            assert other.record(session("a", "active", (1, 7, 1)), at=at(0)) == 1


def test_a_forked_child_keeps_no_closed_ledger_locked(tmp_path: Path) -> None:
    path = tmp_path / "usage.sqlite"
    ledger = Ledger(path)
    ledger.record(session("a", "active", (1, 7, 1)), at=at(0))
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:  # lives until the test closes the pipe
        os.close(writing)
        os.read(reading, 1)
        os._exit(0)
    try:
        os.close(reading)
        ledger.close()
        with Ledger(path) as again:
            assert again.record(session("a", "active", (2, 9, 1)), at=at(1)) == 1
    finally:
        os.close(writing)
        os.waitpid(child, 0)


def test_a_forked_child_that_closes_takes_no_lock_from_its_parent(tmp_path: Path) -> None:
    path = tmp_path / "usage.sqlite"
    with Ledger(path) as ledger, Ledger(path) as other:
        ledger.record(session("a", "active", (1, 7, 1)), at=at(0))
        child = os.fork()
        if child == 0:
            ledger._store.unlock()
            os._exit(0)
        os.waitpid(child, 0)
        with pytest.raises(LedgerError, match="another process is writing"):
            other.record(session("a", "active", (2, 9, 1)), at=at(1))


def test_an_older_sqlite_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqlite, "LEAST_VERSION", (99, 0, 0))
    with pytest.raises(LedgerError, match=r"needs SQLite 3\.37"):
        Ledger(tmp_path / "usage.sqlite")


def test_a_ledger_that_was_moved_is_written_no_more(space: Space, tmp_path: Path) -> None:
    space.add_session("ping", "s", "connected")
    path, moved = tmp_path / "u.sqlite", tmp_path / "november.sqlite"
    with Ledger(path) as ledger, space.client("ping") as ping:
        ledger.follow(ping, ["s"], rounds=1)
        path.rename(moved)
        with pytest.raises(LedgerError, match="moved or deleted while it was open"):
            ledger.follow(ping, ["s"], rounds=1)
        # A new one in its place would cost the rows that only the -wal has.
        with pytest.raises(LedgerError, match=r"the file has gone, and .*-wal has"):
            Ledger(path)
        moved.rename(path)
        ledger.follow(ping, ["s"], rounds=1)
    with Ledger(path) as ledger:
        assert ledger.export(tmp_path / "seen.csv") == 2


def test_a_program_may_go_to_another_folder(
    space: Space, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    space.add_session("ping", "s", "connected")
    monkeypatch.chdir(tmp_path)
    with Ledger("u.sqlite") as ledger, space.client("ping") as ping:
        monkeypatch.chdir("/")
        ledger.follow(ping, ["s"], rounds=1)
    with Ledger(tmp_path / "u.sqlite") as ledger:
        assert ledger.export(tmp_path / "seen.csv") == 1


@pytest.mark.parametrize("link", [False, True])
def test_a_ledger_is_not_exported_over_itself(space: Space, tmp_path: Path, link: bool) -> None:
    space.add_session("ping", "s", "connected")
    path = target = tmp_path / "u.ndjson"
    with Ledger(path) as ledger, space.client("ping") as ping:
        ledger.follow(ping, ["s"], rounds=1)
        if link:
            target = tmp_path / "v.ndjson"
            target.symlink_to(path)
        with pytest.raises(ConfigurationError, match="is the ledger itself"):
            ledger.export(target)
        assert ledger.export(tmp_path / "seen.ndjson") == 1
