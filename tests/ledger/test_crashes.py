"""A process that is killed at each commit: what was acknowledged is there, and nothing is half."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest
from tests.support.ledger.metered import at, session

from sessionvitals.ledger import Ledger
from sessionvitals.ledger.stores.sql import Store

#: Where in the second of three batches of ten rows the process dies.
POINTS = [
    "before_begin",
    "after_begin",
    "after_keys",
    "after_rows",
    "before_commit",
    "after_commit",
]

PROGRAM = """
import os, signal, sys
from tests.support.ledger.metered import at, session
from sessionvitals.ledger import Ledger

where, point = sys.argv[1:]
batch = 0

def dying(name, place):
    real = getattr(type(ledger._store), name)
    def call(self, *arguments):
        if batch == 1 and point == f"before_{place}" and matches(name, arguments):
            os.kill(os.getpid(), signal.SIGKILL)
        result = real(self, *arguments)
        if batch == 1 and point == f"after_{place}" and matches(name, arguments):
            os.kill(os.getpid(), signal.SIGKILL)
        return result
    setattr(type(ledger._store), name, call)

def matches(name, arguments):
    if name == "execute":
        return arguments[0].startswith("BEGIN")
    return True

ledger = Ledger(where)
dying("execute", "begin")
dying("know_sessions", "keys")
dying("insert", "rows")
dying("commit", "commit")
for batch in range(3):
    looks = [
        session(f"s-{n}-{batch if n > 5 else 0}", "active", (batch * 60, batch * 100, n))
        for n in range(10)
    ]
    ledger.record_many(looks, at=at(batch * 60))
    print(batch, flush=True)
"""


@pytest.mark.parametrize("point", POINTS)
def test_a_ledger_survives_kill_9_at_every_commit_point(point: str, where: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, where, point],
        capture_output=True,
        text=True,
        cwd=Path(__file__).parents[2],
    )
    assert done.returncode == -signal.SIGKILL, done.stderr
    assert done.stdout.split() == ["0"]  # what was acknowledged

    with Ledger(where, create=False) as ledger:
        with ledger._store.snapshot():
            kept = list(ledger._store.observations())
        assert len(kept) == (20 if point == "after_commit" else 10)
        assert {row[5] for row in kept} >= {at(0)}
        # The same process again from where it was acknowledged: doing a batch twice does no harm.
        for batch in (1, 2):
            looks = [
                session(f"s-{n}-{batch if n > 5 else 0}", "active", (batch * 60, batch * 100, n))
                for n in range(10)
            ]
            assert ledger.record_many(looks, at=at(batch * 60)) == 10
        used = ledger.usage(at(0), at(86_400))
        assert used.uploaded_bytes == 6 * 200 + 4 * 100 + 4 * 200
        assert used.downloaded_bytes == sum(range(6)) + 3 * sum(range(6, 10))


def test_a_failed_transaction_leaves_no_keys_behind(
    where: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = Store.commit
    with Ledger(where) as ledger:

        def fail(self: Store) -> None:
            raise KeyboardInterrupt

        monkeypatch.setattr(Store, "commit", fail)
        with pytest.raises(KeyboardInterrupt):
            ledger.record(session("a", "active", (1, 1, 1)), at=at(0))
        monkeypatch.setattr(Store, "commit", real)
        assert ledger.record(session("b", "active", (1, 5, 1)), at=at(0)) == 1
        assert ledger.record(session("a", "active", (1, 7, 1)), at=at(0)) == 1

        used = ledger.usage(at(0), at(1), by="session")

    assert [(each.session_id, each.uploaded_bytes) for each in used] == [("a", 7), ("b", 5)]
