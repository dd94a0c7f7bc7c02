"""Runs on a Ray cluster of two nodes on this machine: `make test-ray`. Not in CI, for its 240 MB."""

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

from sessionvitals.fleet import points

if TYPE_CHECKING:
    from tests.support.sandbox import Space

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        importlib.util.find_spec("ray") is None,
        reason="Ray is not installed: make test-ray installs it",
    ),
]

#: All in one cluster, as its start takes longest: a wrong key, workers that are killed at each
#: point, and a node that is killed once three partitions are done. Prints what came of each.
PROGRAM = """
import json, os, subprocess, sys
from functools import partial
import ray
from ray.cluster_utils import Cluster
from sessionvitals import AuthenticationError, ConfigurationError, Pace, PingClient, TiunClient
from sessionvitals.fleet import FleetError, ray as on_ray
from tests.support.fleet.clients import dying_at_each

out, ids, base_url, marks, key = sys.argv[1:]
os.chdir(os.path.dirname(out))
out = os.path.basename(out)
del os.environ["PING_API_KEY"]
cluster = Cluster(initialize_head=True, head_node_args={"num_cpus": 1, "include_dashboard": False})
node = cluster.add_node(num_cpus=1)
ray.init(
    address=cluster.address, log_to_driver=False, logging_level="error",
    runtime_env={"env_vars": {"PING_API_KEY": key, "MARKS": marks}},
)

def run(run_id, factory, **options):
    try:
        return on_ray.run(ids, factory, out, run_id=run_id, **options).to_dict()
    except (AuthenticationError, ConfigurationError, FleetError) as error:
        return {"refused": f"{type(error).__name__}: {error}"}

def kill(done, partitions, rows):
    seen.append((done, partitions, rows))
    if done >= 3 and not killed:
        killed.append(done)
        cluster.remove_node(node, allow_graceful=False)

killed, seen = [], []
ping = partial(PingClient, base_url=base_url, max_retries=0)
found = {}
try:
    os.environ["PING_API_KEY"] = key
    found["points"] = run("points", partial(dying_at_each, base_url), partitions=8, workers=4)
    found["node"] = run(
        "node", ping, partitions=12, workers=4, pace=Pace(400, burst=4), on_progress=kill
    )
    found["again"] = run("node", ping)
    found["workers"] = run("workers", ping, workers=0)
    found["pace"] = run("pace", ping, pace=7)
    found["tiun"] = run("tiun", partial(TiunClient, base_url=base_url))
    ray.shutdown()
    ray.init(
        address=cluster.address, log_to_driver=False, logging_level="error",
        runtime_env={"env_vars": {"PING_API_KEY": "wrong"}},
    )
    found["wrong"] = run("wrong", ping, partitions=2)
    ray.shutdown()
    with open("key", "w") as file:
        file.write(key)
    command = [sys.executable, "-m", "sessionvitals", "fleet", "run", "ping", ids, "--out", out]
    command += ["--run-id", "command", "--partitions", "3", "--base-url", base_url, "--json"]
    command += ["--key-file", "key", "--workers", "2"]
    done = subprocess.run([*command, "--ray", cluster.address], capture_output=True, text=True)
    found["command"] = json.loads(done.stdout or "{}") or done.stderr
    done = subprocess.run([*command, "--ray", "nowhere"], capture_output=True, text=True)
    found["nowhere"] = [done.returncode, done.stderr]
    print(json.dumps({**found, "killed": killed, "seen": seen}))
finally:
    ray.shutdown()
    cluster.shutdown()
"""


def test_whatever_is_killed_every_id_has_one_row(space: Space, tmp_path: Path) -> None:
    ids = seed(space, 600)
    (tmp_path / "ids.txt").write_text("\n".join(ids))
    marks = tmp_path / "marks"
    marks.mkdir()
    key = str(VENDORS["ping"].key)
    done = subprocess.run(
        [
            *(sys.executable, "-c", PROGRAM, tmp_path / "out", tmp_path / "ids.txt"),
            *(space.base_url("ping"), marks, key),
        ],
        capture_output=True,
        text=True,
        cwd=ROOT,
        timeout=240,
        env={
            **os.environ,
            "TIUN_ACCESS_TOKEN": "key",
            "PING_API_KEY": "of the driver",
            "PYTHONPATH": str(ROOT),
            "RAY_USAGE_STATS_ENABLED": "0",
        },
    )
    assert done.returncode == 0, done.stderr[-4000:]
    found = json.loads(done.stdout.splitlines()[-1])

    assert {each.name for each in marks.iterdir()} == set(points.POINTS), "a worker died at each"
    assert found["killed"], "a node died"
    for run_id, partitions in (("points", 8), ("node", 12), ("command", 3)):
        status = found[run_id]
        assert (status["done"], status["rows"], status["committed"]) == (partitions, 600, True)
        assert sorted(row["id"] for row in published(tmp_path / "out", run_id)) == sorted(ids)
    assert found["again"] == found["node"], "nothing is left to do"
    assert found["seen"][0] == [0, 12, 0]
    assert found["seen"][-1] == [12, 12, 600]
    assert found["nowhere"][0] == 2
    assert "no Ray cluster was found at nowhere" in found["nowhere"][1]
    assert "workers must be" in found["workers"]["refused"]
    assert "pace must be" in found["pace"]["refused"]
    assert "PATCH" in found["tiun"]["refused"]
    assert found["wrong"]["refused"].startswith("AuthenticationError")
    assert published(tmp_path / "out", "wrong") == []
