"""A ledger's rows and sums in files, charts and notebooks."""

from __future__ import annotations

import csv
import errno
import json
import os
import sys
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest
from tests.support.ledger.metered import Event, at, session

from sessionvitals import ConfigurationError
from sessionvitals.ledger import Ledger, LedgerError, UsageReport
from sessionvitals.ledger.exporting import export

GREATEST = 2**63 - 1


@pytest.fixture
def ledger(where: str) -> Iterator[Ledger]:
    with Ledger(where) as ledger:
        fill(ledger)
        yield ledger


def fill(ledger: Ledger) -> None:
    ledger.record(session("=b", "pending", (0, 0, 0)), at=at(0))
    ledger.record(session("=b", "active", (1, GREATEST, 2)), at=at(60))
    ledger.record(session("c", "active", (1, GREATEST, 2)), at=at(60))
    ledger.record(Event(5, "session_end", "=b", at(90), 90))


def report_of(ledger: Ledger) -> UsageReport:
    return ledger.usage(at(0), at(86_400), by="session")


def test_observations_go_into_csv_and_ndjson(ledger: Ledger, tmp_path: Path) -> None:
    assert ledger.export(tmp_path / "all.ndjson") == 4
    assert ledger.export(tmp_path / "all.csv") == 4

    rows = [json.loads(line) for line in (tmp_path / "all.ndjson").read_text().splitlines()]
    with (tmp_path / "all.csv").open(newline="") as file:
        cells = list(csv.DictReader(file))

    assert [row["uploaded_bytes"] for row in rows] == [0, GREATEST, GREATEST, None]
    assert [row["source"] for row in rows] == ["given", "given", "given", "event"]
    assert rows[3]["vendor_at"] == "2026-11-01T00:01:30+00:00"
    assert [row["session_id"] for row in rows] == ["=b", "=b", "c", "=b"]
    assert [row["session_id"] for row in cells] == ["'=b", "'=b", "c", "'=b"]
    assert cells[3]["uploaded_bytes"] == ""
    assert sorted(each.name for each in tmp_path.glob("all*")) == ["all.csv", "all.ndjson"]


def test_no_spreadsheet_takes_a_cell_for_a_formula(tmp_path: Path) -> None:
    ids = ["=1", "+1", "-1", "@x", "\t=1", "\r=1", "\n=1", "\uff1d1", "'=1"]
    with Ledger(tmp_path / "usage.sqlite") as ledger:
        ledger.record_many(session(each, "active", (1, 2, 3)) for each in ids)
        ledger.export(tmp_path / "all.csv")
    with (tmp_path / "all.csv").open(newline="") as file:
        assert [row["session_id"] for row in csv.DictReader(file)] == [f"'{each}" for each in ids]


def test_parquet_has_exact_sums_and_times(ledger: Ledger, tmp_path: Path) -> None:
    parquet = pytest.importorskip("pyarrow.parquet")
    ledger.export(tmp_path / "all.parquet")
    ledger.usage(at(0), at(86_400)).export(tmp_path / "sums.parquet")

    rows = parquet.read_table(tmp_path / "all.parquet").to_pylist()
    (sums,) = parquet.read_table(tmp_path / "sums.parquet").to_pylist()

    assert rows[1]["uploaded_bytes"] == GREATEST
    assert rows[3]["vendor_at"] == at(90)
    assert rows[3]["event_id"] == 5
    assert sums["uploaded_bytes"] == Decimal(2 * GREATEST)
    assert (sums["start"], sums["flags"]) == (at(0), "start_unknown")


def test_an_export_that_fails_leaves_the_former_file(
    ledger: Ledger, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "all.csv"
    out.write_text("former")

    def is_full(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("sessionvitals.ledger.exporting.os.fsync", is_full)
    with pytest.raises(LedgerError, match=r"all\.csv: No space left"):
        ledger.export(out)
    with pytest.raises(ConfigurationError, match="has to end in one of"):
        ledger.export(tmp_path / "all.xlsx")

    assert out.read_text() == "former"
    assert [each.name for each in tmp_path.glob("all*")] == ["all.csv"]


@pytest.mark.parametrize("name", ["bill.csv", "bill.ndjson"])
def test_two_exports_to_one_name_publish_a_whole_file_each(tmp_path: Path, name: str) -> None:
    out, alone = tmp_path / name, tmp_path / f"alone-{name}"
    columns = {"number": int, "who": str}
    first, second = [(number, "first") for number in range(9000)], [(1, "second")]

    def rows() -> Iterator[tuple[int, str]]:
        yield from first[:5000]
        assert export(second, columns, out) == 1
        export(second, columns, alone)
        assert out.read_bytes() == alone.read_bytes()
        yield from first[5000:]

    assert export(rows(), columns, out) == len(first)
    export(first, columns, alone)

    assert out.read_bytes() == alone.read_bytes()
    assert {each.name for each in tmp_path.iterdir()} == {out.name, alone.name}


def test_an_export_may_be_read_by_whom_the_umask_lets(tmp_path: Path) -> None:
    former = os.umask(0o027)
    try:
        export([], {"number": int}, tmp_path / "bill.csv")
    finally:
        os.umask(former)

    assert (tmp_path / "bill.csv").stat().st_mode & 0o777 == 0o640


@pytest.mark.parametrize("form", ["svg", "png"])
@pytest.mark.parametrize("by", ["client", "session", "day"])
def test_a_chart_is_drawn(tmp_path: Path, form: str, by: str) -> None:
    pytest.importorskip("matplotlib")
    path = tmp_path / f"usage.{form}"
    with Ledger(tmp_path / "usage.sqlite") as ledger:
        fill(ledger)
        report, nothing = ledger.usage(at(0), at(86_400), by=by), ledger.usage(at(-9), at(-8))

    report.plot(path)

    assert path.read_bytes().startswith(b"<?xml" if form == "svg" else b"\x89PNG")
    with pytest.raises(ConfigurationError, match="nothing to draw"):
        nothing.plot(path)
    with pytest.raises(ConfigurationError, match="a chart is one of"):
        report.plot(tmp_path / "usage.gif")


def test_a_notebook_shows_a_table(tmp_path: Path) -> None:
    with Ledger(tmp_path / "usage.sqlite") as ledger:
        ledger.record(session("<script>", "active", (1, 1000, 1)), at=at(70))
        shown = report_of(ledger)._repr_html_()

    assert "<script>" not in shown
    assert "<td>&lt;script&gt;</td><td>1</td><td>1,000</td>" in shown
    assert "start_unknown" in shown


def test_what_a_missing_extra_is_needed_for_is_a_mistake_of_the_set_up(
    ledger: Ledger, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in ("pyarrow", "matplotlib.figure"):
        monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(ConfigurationError, match=r"pip install 'sessionvitals\[table\]'"):
        ledger.export(tmp_path / "all.parquet")
    with pytest.raises(ConfigurationError, match=r"pip install 'sessionvitals\[plot\]'"):
        report_of(ledger).plot(tmp_path / "sums.svg")
    assert list(tmp_path.glob("*.parquet*")) == []
