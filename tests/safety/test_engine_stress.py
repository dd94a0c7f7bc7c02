"""The engine's own stress program: built here, run part by part, its figures printed (pytest -s).

It is linked to the library that pip has built. With $SESSIONVITALS_STRESS_SANITIZE=thread, or
address,undefined, the library is built again and both run under those sanitizers, which must find
nothing. $SESSIONVITALS_ENGINE_STRESS names one that is built already.
A deadline is judged without the time for which the kernel did not let the thread run, so that a
slow day fails no test; other times are printed.
"""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from tests.support.consumers import ROOT, install, run

pytestmark = pytest.mark.slow

SOURCE = ROOT / "tests/safety/engine_stress"
VECTORS = ROOT / "tests/safety/retry_vectors.json"


@pytest.fixture(scope="session")
def program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The stress program; built at most once for a run, and kept under build/."""
    if given := os.environ.get("SESSIONVITALS_ENGINE_STRESS"):
        return Path(given)
    sanitizers = os.environ.get("SESSIONVITALS_STRESS_SANITIZE", "")
    build = ROOT / "build" / "-".join(["engine_stress", *filter(None, sanitizers.split(","))])
    build.mkdir(parents=True, exist_ok=True)
    generator = ["-G", "Ninja"] if shutil.which("ninja") else []
    with (build / "lock").open("w") as lock:  # the workers of a run share it
        fcntl.flock(lock, fcntl.LOCK_EX)
        library = f"-DSESSIONVITALS_SANITIZE={sanitizers}"
        if not sanitizers:
            install(build / "prefix", tmp_path_factory.mktemp("library"))
            library = f"-DSESSIONVITALS_INSTALLED={build / 'prefix'}"
        run("cmake", "-S", SOURCE, "-B", build, library, *generator)
        run("cmake", "--build", build)
    return build / "sessionvitals_engine_stress"


def figures(program: Path, part: str, count: int | Path) -> dict[str, Any]:
    done = subprocess.run(
        [program, part, str(count)],
        capture_output=True,
        text=True,
        timeout=600,
        env={**os.environ, "TSAN_OPTIONS": "halt_on_error=1", "UBSAN_OPTIONS": "halt_on_error=1"},
    )
    print(f"\n{done.stdout}{done.stderr}", end="")
    assert done.returncode == 0, done.stdout + done.stderr
    result: dict[str, Any] = json.loads(done.stdout)
    return result


@pytest.mark.parametrize("driver", ["plans", "plans_by_reactor"])
def test_1000_fault_plans_end_in_time_and_name_their_phase(program: Path, driver: str) -> None:
    found = figures(program, driver, 1000)
    assert found["ended"] == 1000
    assert found["misreported"] == 0
    # The promise is 50 ms, less what the kernel did not let the thread run.
    assert found["own_p999_ms"] < 50


def test_10000_cancels_leave_the_pool_whole(program: Path) -> None:
    found = figures(program, "cancels", 10_000)
    assert found["cancelled"] > 0
    assert (found["wrong"], found["leased"], found["waiting"]) == (0, 0, 0)
    assert (found["more_descriptors"], found["more_threads"]) == (0, 0)


def test_children_of_a_fork_never_get_anothers_answer(program: Path) -> None:
    found = figures(program, "forks", 4000)
    assert (found["wrong"], found["failed"], found["disturbed_of_100"]) == (0, 0, 0)


def test_a_patch_is_never_sent_twice_and_a_get_always_comes_through(program: Path) -> None:
    found = figures(program, "sent_once", 2000)
    assert (found["patches_seen_twice"], found["gets_failed"]) == (0, 0)


def test_64_tls_connections_load_the_cas_once_and_get_their_own_answers(program: Path) -> None:
    found = figures(program, "tls", 6400)
    assert found["ca_loads"] == 1
    assert found["opened"] >= 64
    assert (found["wrong"], found["failed"], found["leased"]) == (0, 0, 0)
    assert found["second_client_us"] < 100_000, "1000 is the promise; this much loads CAs"


def test_addresses_are_raced_pools_bounded_and_fair_and_retries_budgeted(program: Path) -> None:
    assert figures(program, "rules", 1)["broken"] == 0


def test_the_same_bytes_give_the_same_events_however_they_are_cut(program: Path) -> None:
    found = figures(program, "messages", 100_000)
    assert found["whole"] > 10_000
    assert (found["wrong_cuts"], found["different"]) == (0, 0)


def test_the_table_of_retries_holds_in_cpp(program: Path) -> None:
    assert figures(program, "retry_vectors", VECTORS)["wrong"] == 0
