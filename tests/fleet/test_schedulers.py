"""The page's lines for Dask, Spark and Celery do what they say, where these are installed."""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from tests.support.asking import seed
from tests.support.fleet.clients import ROOT, published
from tests.support.vendors import VENDORS

from sessionvitals import fleet

if TYPE_CHECKING:
    from tests.support.sandbox import Space

pytestmark = pytest.mark.slow
PAGE = ROOT / "docs/reference/python/fleet.md"

#: What stands around each line: a cluster on this machine.
AROUND = {
    "dask": """
import dask.distributed
if __name__ == "__main__":
    with dask.distributed.Client(n_workers=2, threads_per_worker=1, dashboard_address=":0") as dask_client:
        {line}
""",
    "pyspark": """
from pyspark.sql import SparkSession
spark = SparkSession.builder.master("local[2]").config("spark.ui.enabled", "false").getOrCreate()
{line}
spark.stop()
""",
    "celery": """
import celery, time
from celery.contrib.testing.worker import start_worker
celery_app = celery.Celery(broker="memory://")
celery_app.conf.worker_hijack_root_logger = False
{task}
with start_worker(celery_app, perform_ping_check=False, pool="threads", concurrency=2):
    {line}
    while fleet.status(out, "december").missing:
        time.sleep(0.02)
""",
}
BEGINNING = """
import sys
from sessionvitals import PingClient, fleet
out = sys.argv[1]
plan = fleet.status(out, "december")
"""


def lines_of_the_page() -> tuple[str, dict[str, str]]:
    """Return the page's unit, and the line of each scheduler."""
    text = PAGE.read_text(encoding="utf-8")
    block = re.search(r":skip: it needs a cluster of each\n(.*?)```", text, re.DOTALL)
    assert block
    unit, lines = block[1].strip().split("\n\n\n")
    dask, spark, _, task, celery = lines.splitlines()
    assert '"s3://bucket/sessions"' in unit
    return unit.replace('"s3://bucket/sessions"', "out"), {
        "dask": dask,
        "pyspark": spark,
        "celery": celery,
        "task": task,
    }


@pytest.mark.parametrize("name", AROUND)
def test_the_line_of_a_scheduler_asks_for_every_id(space: Space, tmp_path: Path, name: str) -> None:
    if importlib.util.find_spec(name) is None:
        pytest.skip(f"{name} is not installed")
    if name == "pyspark" and shutil.which("java") is None:
        pytest.skip("pyspark needs Java")
    ids = seed(space, 60)
    out = tmp_path / "out"
    fleet.partition(ids, out, run_id="december", partitions=6)
    unit, lines = lines_of_the_page()
    program = tmp_path / "program.py"
    program.write_text(
        BEGINNING + unit + "\n\n" + AROUND[name].format(line=lines[name], task=lines["task"])
    )

    done = subprocess.run(
        [sys.executable, program, out],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        timeout=120,
        env={
            **os.environ,
            "PING_API_KEY": str(VENDORS["ping"].key),
            "PING_BASE_URL": space.base_url("ping"),
            "PYSPARK_PYTHON": sys.executable,
        },
    )

    assert done.returncode == 0, done.stderr[-3000:]
    committed = fleet.commit(out, "december")
    assert (committed.done, committed.rows, committed.errors_by_kind) == (6, 60, {})
    assert sorted(row["id"] for row in published(out, "december")) == sorted(ids)
