"""A ledger of each kind: a file, and a schema of a PostgreSQL that runs for these tests."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.support.ledger import postgres

_number = itertools.count(1)


@pytest.fixture(scope="session")
def server() -> Iterator[str]:
    """The URL of a PostgreSQL; skips where there is none."""
    pytest.importorskip("psycopg")
    if postgres.programs() is None:
        pytest.skip("PostgreSQL is not installed: apt-get install postgresql")
    with postgres.postgres() as url:
        yield url


@pytest.fixture
def schema_url(server: str) -> str:
    """The URL of a new, empty schema."""
    import psycopg

    name = f"test_{next(_number)}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"CREATE SCHEMA {name}")
    return f"{server}?options=-csearch_path%3D{name}"


@pytest.fixture(params=["sqlite", "postgresql"])
def where(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Where a new ledger can be: a path, or a URL."""
    if request.param == "sqlite":
        return str(tmp_path / "usage.sqlite")
    return str(request.getfixturevalue("schema_url"))
