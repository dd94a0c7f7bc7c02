"""A table in pandas and polars, as HTML in a notebook: numbers exact, what was not said null."""

from __future__ import annotations

import html
import json
import re
import socket
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.support.peers import KEEP_OPEN, Peer, answer, peer
from tests.support.vendors import PING

from sessionvitals import OutcomeTable

EDGES = [0, 1, 2**53 - 1, 2**53 + 1, 2**62 + 1, 2**63 - 1]
COUNTS = st.one_of(st.none(), st.sampled_from(EDGES), st.integers(0, 2**63 - 1))


def says_what_the_id_says(told: Peer, connection: socket.socket, request: bytes) -> object:
    """Answer for "N_UP_DOWN" with these numbers; one that is no number is left out."""
    found = re.search(rb"_(\w+)_(\w+)", request.split()[1])
    assert found
    body: dict[str, object] = {"client_id": "c", "status": "connected"}
    for name, number in zip(("uploaded_bytes", "downloaded_bytes"), found.groups(), strict=True):
        if number.isdigit():
            body[name] = int(number)
    connection.sendall(answer(json.dumps(body).encode()))
    return KEEP_OPEN


@pytest.fixture
def url() -> Any:
    with peer(says_what_the_id_says) as vendor:
        yield vendor.url


def table_of(url: str, rows: list[tuple[int | None, int | None]]) -> OutcomeTable:
    ids = [
        f"{n}_{'x' if up is None else up}_{'x' if down is None else down}"
        for n, (up, down) in enumerate(rows)
    ]
    with PING.client(url, trust_env=False) as client:
        return client.probe_table(ids, ordered=True, concurrency=2)


@given(rows=st.lists(st.tuples(COUNTS, COUNTS), max_size=8))
@settings(
    max_examples=30,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_other_libraries_have_the_exact_numbers_and_the_nulls(
    url: str, rows: list[tuple[int | None, int | None]]
) -> None:
    table = table_of(url, rows)
    columns = dict(
        zip(
            ("uploaded_bytes", "downloaded_bytes"),
            zip(*rows, strict=True) if rows else ((), ()),
            strict=True,
        )
    )

    for name, numbers in columns.items():
        expected = list(numbers)
        assert table.to_arrow()[name].to_pylist() == expected
        pytest.importorskip("pandas")
        in_pandas = table.to_pandas()[name]
        assert [
            None if null else int(number)
            for number, null in zip(in_pandas, in_pandas.isna(), strict=True)
        ] == expected
        pytest.importorskip("polars")
        assert table.to_polars()[name].to_list() == expected
        assert len(table.to_pandas()) == len(table.to_polars()) == len(table)


def test_a_notebook_shows_a_table_with_every_text_escaped(url: str) -> None:
    pytest.importorskip("pyarrow")
    with PING.client(url, trust_env=False) as client:
        table = client.probe_table(["<b>_9007199254740993_x", ""])

    shown = table._repr_html_()

    assert "9007199254740993" in shown
    assert "&lt;b&gt;_9007199254740993_x" in shown
    assert "<b>" not in shown
    assert html.escape("ConfigurationError") in shown
    assert "time_remaining" not in shown, "no row fills this column"
