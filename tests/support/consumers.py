"""Building a stranger's C++ program against the library as it is installed."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

ROOT = Path(__file__).parents[2]

#: Compilers are not to run under the sanitizer that the tests may run under.
ENVIRONMENT = {name: value for name, value in os.environ.items() if name != "LD_PRELOAD"}


def run(*command: str | Path) -> str:
    """Run a build step; return what it printed. Fails the test with that if it failed."""
    done = subprocess.run(
        command, env=ENVIRONMENT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    assert done.returncode == 0, done.stdout
    return done.stdout


def newest_build() -> Path | None:
    """Return the folder where this tree was last built, or None: pip may keep none."""
    builds = [
        cache.parent
        for cache in ROOT.glob("build/*/CMakeCache.txt")
        if f"CMAKE_HOME_DIRECTORY:INTERNAL={ROOT}\n" in cache.read_text()
        and (cache.parent / ".ninja_log").exists()
    ]
    return max(builds, key=lambda build: (build / ".ninja_log").stat().st_mtime, default=None)


def install(prefix: Path, scratch: Path) -> None:
    """Install the C++ library under the prefix: from where pip has built it, or built anew."""
    build = newest_build()
    if build is None:
        build = scratch / "library"
        run("cmake", "-S", ROOT, "-B", build, "-G", "Ninja", "-DSESSIONVITALS_MOCKS=OFF")
        run("cmake", "--build", build)
    run("cmake", "--install", build, "--prefix", prefix, "--component", "cpp")


def build_consumer(source: Path, prefix: Path, scratch: Path) -> Path:
    """Build tests/packaging/consumer with that source file as its program; return the program."""
    build = scratch / "consumer"
    run(
        *("cmake", "-S", ROOT / "tests/packaging/consumer", "-B", build, "-G", "Ninja"),
        f"-DCMAKE_PREFIX_PATH={prefix}",
        f"-DCONSUMER_SOURCE={source}",
    )
    run("cmake", "--build", build)
    return build / "consumer"


def installed_and_moved(scratch: Path) -> Path:
    """Install the library, move it elsewhere, and return where to."""
    install(scratch / "first", scratch)
    moved = scratch / "moved to" / "a place of its own"
    moved.parent.mkdir()
    shutil.move(scratch / "first", moved)
    return moved
