"""A run on a Ray cluster of two nodes on this machine. Ray's wheel is large, so CI has none."""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from tests.support.asking import seed
from tests.support.fleet.clients import ROOT, published
from tests.support.vendors import VENDORS

if TYPE_CHECKING:
    from tests.support.sandbox import Space

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        importlib.util.find_spec("ray") is None,
        reason="Ray is not installed: pip install 'sessionvitals[ray]'",
    ),
]

#: Prints the status. A node is killed once that many partitions are done, if it is not 0.
PROGRAM = """
import json, sys
from functools import partial
import ray
from ray.cluster_utils import Cluster
from sessionvitals import AuthenticationError, Pace, PingClient
from sessionvitals.fleet import ray as on_ray

out, ids, base_url, kill_at = sys.argv[1:]
cluster = Cluster(initialize_head=True, head_node_args={"num_cpus": 1, "include_dashboard": False})
node = cluster.add_node(num_cpus=1)
ray.init(address=cluster.address, log_to_driver=False, logging_level="error")
killed = []

def show(done, partitions, rows):
    if int(kill_at) and done >= int(kill_at) and not killed:
        killed.append(done)
        cluster.remove_node(node, allow_graceful=False)

try:
    status = on_ray.run(
        ids, partial(PingClient, base_url=base_url, max_retries=0), out, run_id="r",
        partitions=12, workers=4, pace=Pace(400, burst=4), on_progress=show,
    )
    print(json.dumps({**status.to_dict(), "killed": killed}))
except AuthenticationError as error:
    print(json.dumps({"refused": str(error)}))
finally:
    ray.shutdown()
    cluster.shutdown()
"""


def run_on_ray(
    space: Space, tmp_path: Path, ids: list[str], kill_at: int = 0, key: str | None = None
) -> dict[str, object]:
    (tmp_path / "ids.txt").write_text("\n".join(ids))
    done = subprocess.run(
        [
            *(sys.executable, "-c", PROGRAM, tmp_path / "out", tmp_path / "ids.txt"),
            *(space.base_url("ping"), str(kill_at)),
        ],
        capture_output=True,
        text=True,
        cwd=ROOT,
        timeout=180,
        env={
            **os.environ,
            "PING_API_KEY": key or str(VENDORS["ping"].key),
            "RAY_USAGE_STATS_ENABLED": "0",
        },
    )
    assert done.returncode == 0, done.stderr[-4000:]
    answer: dict[str, object] = json.loads(done.stdout.splitlines()[-1])
    return answer


def test_a_node_is_killed_in_mid_run_and_every_id_has_one_row(space: Space, tmp_path: Path) -> None:
    ids = seed(space, 600)
    status = run_on_ray(space, tmp_path, ids, kill_at=3)
    assert status["killed"]
    assert (status["done"], status["rows"], status["committed"]) == (12, 600, True)
    assert sorted(row["id"] for row in published(tmp_path / "out", "r")) == sorted(ids)


def test_a_wrong_key_publishes_nothing(space: Space, tmp_path: Path) -> None:
    status = run_on_ray(space, tmp_path, seed(space, 60), key="wrong")
    assert "refused" in status
    assert published(tmp_path / "out", "r") == []
