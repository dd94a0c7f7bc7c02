"""probe_table: outcomes as columns, for every library that knows Arrow's PyCapsule interface."""

from __future__ import annotations

import asyncio
import datetime
import gc
from typing import TYPE_CHECKING, Any

import pytest
from tests.support.asking import asked, async_client, descriptors, seed

from sessionvitals import CancelToken, ConfigurationError, OutcomeTable, Session

if TYPE_CHECKING:
    from tests.support.sandbox import Space

COLUMNS = {
    "id": "string",
    "provider": "string",
    "state": "string",
    "provider_state": "string",
    "live": "bool",
    "expires_at": "timestamp[us, tz=UTC]",
    "time_remaining_milliseconds": "int64",
    "duration_seconds": "int64",
    "uploaded_bytes": "int64",
    "downloaded_bytes": "int64",
    "error": "string",
    "error_message": "string",
}


@pytest.fixture
def arrow() -> Any:
    return pytest.importorskip("pyarrow")


def rows_of(arrow: Any, table: OutcomeTable) -> dict[str, dict[str, Any]]:
    read = arrow.table(table)
    read.validate(full=True)
    return {row["id"]: row for row in read.to_pylist()}


def test_the_columns_are_typed(space: Space, arrow: Any) -> None:
    with space.client("ping") as client:
        table = client.probe_table([])
    schema = arrow.schema(table)
    assert {field.name: str(field.type) for field in schema} == COLUMNS
    assert table.column_names == tuple(COLUMNS)
    assert arrow.table(table).num_rows == len(table) == 0
    not_null = [field.name for field in schema if not field.nullable]
    assert not_null == ["id", "provider"]


def test_a_row_says_what_the_session_says(space: Space, arrow: Any) -> None:
    exact = 2**53 + 1
    space.add_session(
        "ping", "done", "disconnected", duration=3600, uploaded_bytes=exact, downloaded_bytes=0
    )
    space.add_session("ping", "new", "created")
    with space.client("ping") as client:
        rows = rows_of(arrow, client.probe_table(["done", "new", "nobody"]))
        done, new = client.probe("done"), client.probe("new")
    assert rows["done"]["uploaded_bytes"] == exact
    for id_, session in (("done", done), ("new", new)):
        for name in COLUMNS:
            if name.startswith("error"):
                assert rows[id_][name] is None
            elif name == "state":
                assert rows[id_][name] == session.state.value
            else:
                assert rows[id_][name] == getattr(session, name), name
    assert rows["new"]["uploaded_bytes"] is None, "what was not said is null, never zero"
    assert rows["nobody"]["state"] == "not_found"
    assert rows["nobody"]["live"] is False


def test_times_are_exact(space: Space, arrow: Any) -> None:
    space.clock(set="2026-01-01T00:00:00.250Z", freeze=True)
    space.add_session("eliza", "chat", "active")
    with space.client("eliza") as client:
        row = rows_of(arrow, client.probe_table(["chat"]))["chat"]
        session = client.probe("chat")
    assert isinstance(row["expires_at"], datetime.datetime)
    assert row["expires_at"] == session.expires_at
    assert row["time_remaining_milliseconds"] == session.time_remaining_milliseconds
    assert row["provider"] == "eliza"


def test_a_failure_is_a_row_with_its_error(space: Space, arrow: Any) -> None:
    ids: list[Any] = [*seed(space, 3), "", None, "\ud800", "gr\u00fc\u00df \U0001f600"]
    space.faults(script="500, ok*")
    with space.client("ping") as client:
        table = client.probe_table(ids)
    read = arrow.table(table)
    read.validate(full=True)
    errors = [row for row in read.to_pylist() if row["error"]]
    names = sorted(row["error"] for row in errors)
    assert names == ["ConfigurationError"] * 3 + ["ServerError"]
    for row in errors:
        assert row["error_message"]
        assert row["state"] is None
        assert row["live"] is None
    assert "gr\u00fc\u00df \U0001f600" in read["id"].to_pylist()


def test_rows_come_in_order_when_asked(space: Space, arrow: Any) -> None:
    ids = seed(space, 500)
    with space.client("ping") as client:
        table = client.probe_table(ids, ordered=True, concurrency=32)
    assert arrow.table(table)["id"].to_pylist() == ids


def test_many_batches_are_one_table(space: Space, arrow: Any) -> None:
    ids = [""] * 200_000  # refused without being sent, and so at once
    with space.client("ping") as client:
        table = client.probe_table(ids)
    read = arrow.table(table)
    read.validate(full=True)
    assert read.num_rows == len(table) == 200_000
    assert read["id"].num_chunks > 1
    assert read["error"].value_counts().to_pylist() == [
        {"values": "ConfigurationError", "counts": 200_000}
    ]


def test_what_was_read_lives_on_without_the_table(space: Space, arrow: Any) -> None:
    ids = seed(space, 50)
    with space.client("ping") as client:
        table = client.probe_table(ids, ordered=True)
    column = arrow.table(table)["id"].combine_chunks()
    again = arrow.table(table)
    del table
    gc.collect()
    assert column.to_pylist() == again["id"].to_pylist() == ids


def test_a_capsule_that_nobody_reads_releases_itself(space: Space) -> None:
    with space.client("ping") as client:
        table = client.probe_table(seed(space, 5))
    for _ in range(100):
        table.__arrow_c_stream__()
        table.__arrow_c_schema__()
    gc.collect()
    assert repr(table) == "OutcomeTable(5 rows)"


def test_a_table_goes_to_parquet_and_back(space: Space, arrow: Any, tmp_path: Any) -> None:
    parquet = pytest.importorskip("pyarrow.parquet")
    with space.client("ping") as client:
        table = client.probe_table(seed(space, 20), ordered=True)
    parquet.write_table(arrow.table(table), tmp_path / "usage.parquet")
    assert parquet.read_table(tmp_path / "usage.parquet") == arrow.table(table)


def test_progress_and_deadline_are_those_of_probe_many(space: Space, arrow: Any) -> None:
    ids = seed(space, 20)
    space.faults({"kind": "stall"}, scope={"session_id": ids[0]})
    seen: list[int] = []
    with space.client("ping") as client:
        table = client.probe_table(ids * 2, deadline=0.5, on_progress=seen.append)
        with pytest.raises(ConfigurationError, match="concurrency"):
            client.probe_table(ids, concurrency=0)
    rows = arrow.table(table).to_pylist()
    assert seen[-1] == len(rows) == 40
    assert sum(row["error"] == "DeadlineExceeded" for row in rows) == 2
    assert asked(space) == 20


def test_a_clients_token_ends_a_table_of_asyncio(space: Space, arrow: Any) -> None:
    ids = seed(space, 4)
    space.faults({"kind": "stall", "times": 99})
    token = CancelToken()

    async def ask() -> OutcomeTable:
        async with async_client(space, cancel=token) as client:
            asyncio.get_running_loop().call_later(0.1, token.cancel)
            return await client.probe_table(ids)

    errors = {row["error"] for row in arrow.table(asyncio.run(ask())).to_pylist()}
    assert errors == {"CallCancelled"}


def test_a_cancelled_task_leaves_its_callers_token_alone(space: Space) -> None:
    ids = seed(space, 4)
    space.faults({"kind": "stall", "times": 99}, scope={"session_id": ids[0]})
    token = CancelToken()
    told = []

    async def ask() -> Session:
        async with async_client(space, timeout=60.0) as client:
            begun = asyncio.Event()
            filling = asyncio.create_task(
                client.probe_table(ids, cancel=token, on_progress=lambda _: begun.set())
            )
            await begun.wait()
            filling.cancel()
            with pytest.raises(asyncio.CancelledError):
                await filling
            return await client.probe(ids[1], cancel=token)

    async def ask_and_listen() -> Session:
        asyncio.get_running_loop().set_exception_handler(lambda _, said: told.append(said))
        return await ask()

    assert asyncio.run(ask_and_listen()).live
    assert told == []
    assert not token.is_cancelled


def test_progress_that_fails_ends_a_table_of_asyncio(space: Space) -> None:
    ids = seed(space, 50)
    space.faults({"kind": "stall", "times": 99}, scope={"session_id": ids[0]})

    def fail(done: int) -> None:
        raise LookupError("the bar is gone")

    async def ask() -> None:
        async with async_client(space, timeout=60.0) as client:
            await client.probe_table(ids, on_progress=fail)

    with pytest.raises(LookupError, match="the bar is gone"):
        asyncio.run(ask())


def test_progress_that_has_no_next_ends_a_table_of_asyncio(space: Space) -> None:
    bar = iter(())

    async def ask() -> None:
        async with async_client(space) as client:
            await client.probe_table(seed(space, 50), on_progress=lambda _: next(bar))

    with pytest.raises(RuntimeError, match="on_progress raised StopIteration"):
        asyncio.run(ask())


def test_progress_that_exits_is_told_nothing_more_of_a_table_of_asyncio(space: Space) -> None:
    told: list[int] = []

    def leave(done: int) -> None:
        told.append(done)
        raise SystemExit(3)

    async def ask() -> None:
        async with async_client(space) as client:
            await client.probe_table(seed(space, 300), on_progress=leave)  # more than a window

    loop = asyncio.new_event_loop()
    task = loop.create_task(ask())
    with pytest.raises(SystemExit, match="3"):
        loop.run_until_complete(task)
    loop.run_until_complete(asyncio.wait({task}))
    loop.run_until_complete(loop.shutdown_default_executor())
    loop.close()
    assert task.cancelled()
    assert len(told) == 1


def test_a_bulk_says_how_many_rows_it_has_added(space: Space) -> None:
    ids = seed(space, 10)
    table = OutcomeTable("ping")
    with space.client("ping") as client:
        bulk = client._compiled.bulk_probe(4, False, table=table)
        assert not bulk.feed(iter(["", *ids, *ids]))
        rows = 0
        while added := bulk.take_rows():
            rows += added
        assert rows == len(table) == 21
        assert bulk.is_done
        assert not bulk.take_rows(must_wait=False)
        assert not bulk.take(), "what became of an id is in the table alone"
        bulk.close()


def test_tables_leave_nothing_behind(space: Space, arrow: Any) -> None:
    ids = seed(space, 10)
    with space.client("ping", max_connections=4) as client:
        arrow.table(client.probe_table(ids, concurrency=4))
        before = descriptors()
        for _ in range(20):
            arrow.table(client.probe_table(ids, concurrency=4))
        assert descriptors() <= before
