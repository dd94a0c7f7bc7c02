"""Building a stranger's C++ program against the library as it is installed."""

from __future__ import annotations

import fcntl
import os
import re
import shutil
import subprocess
from pathlib import Path

ROOT = Path(__file__).parents[2]

#: Compilers, browsers and shells are not to run under the sanitizer that the tests may run under.
ENVIRONMENT = {name: value for name, value in os.environ.items() if name != "LD_PRELOAD"}


def run(*command: str | Path) -> str:
    """Run a build step; return what it printed. Fails the test with that if it failed."""
    done = subprocess.run(
        command, env=ENVIRONMENT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    assert done.returncode == 0, done.stdout
    return done.stdout


#: A build as pip makes it: of this tree, optimised, and without sanitizers.
_OURS = f"^CMAKE_HOME_DIRECTORY:INTERNAL={re.escape(str(ROOT))}$"
_RELEASE = "^CMAKE_BUILD_TYPE:[A-Z]+=Release$"
_SANITIZED = "^SESSIONVITALS_SANITIZE:[A-Z]+=."


def newest_build() -> Path | None:
    """Return the folder where this tree was last built, or None: pip may keep none."""

    def fits(text: str) -> bool:
        ours, release, sanitized = (
            re.search(line, text, re.MULTILINE) for line in (_OURS, _RELEASE, _SANITIZED)
        )
        return bool(ours and release and not sanitized)

    builds = [
        cache.parent
        for cache in ROOT.glob("build/*/CMakeCache.txt")
        if fits(cache.read_text()) and (cache.parent / ".ninja_log").exists()
    ]
    return max(builds, key=lambda build: (build / ".ninja_log").stat().st_mtime, default=None)


def install(prefix: Path, scratch: Path) -> None:
    """Install the C++ library under the prefix, as the sources are now.

    It comes from where pip has built it, brought up to date there, or else it is built anew.
    """
    here = ("--prefix", prefix, "--component", "cpp")
    if build := newest_build():
        with (build / "lock").open("w") as lock:  # the workers of a run share it
            fcntl.flock(lock, fcntl.LOCK_EX)
            make = ("cmake", "--build", build, "--target", "sessionvitals")
            # That fails where pip's tools are gone with its own environment.
            if subprocess.run(make, env=ENVIRONMENT, capture_output=True).returncode == 0:
                run("cmake", "--install", build, *here)
                return
    build = scratch / "library"
    run("cmake", "-S", ROOT, "-B", build, "-G", "Ninja", "-DSESSIONVITALS_MOCKS=OFF")
    run("cmake", "--build", build)
    run("cmake", "--install", build, *here)


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
