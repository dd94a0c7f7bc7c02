"""Build a source distribution without a network, import it, and make it again from itself.

Usage: check_sdist.py SDIST. Needs unshare (Debian: util-linux), and in this Python's environment
scikit-build-core, pybind11 and build. The machine's nlohmann/json is hidden from CMake, so the
header that the archive brings is what is used.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

HIDDEN = ("nlohmann_json",)
IMPORT = """
import sys
sys.path.insert(0, {site!r})
import sessionvitals
assert sessionvitals.__file__.startswith({site!r}), sessionvitals.__file__
print(sessionvitals.__version__)
"""


def run(*command: str | Path, cwd: Path, **variables: str) -> str:
    """Run a step without a network; end with what it said if it fails."""
    done = subprocess.run(
        ["unshare", "--user", "--map-root-user", "--net", *command],
        cwd=cwd,
        env={**os.environ, **variables},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    if done.returncode != 0:
        sys.exit(f"{command[0]} failed:\n{done.stdout}")
    return done.stdout


def sha256(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()


def make_again(tree: Path, target: Path, epoch: int) -> Path:
    target.mkdir()
    build = (sys.executable, "-m", "build", "--sdist", "--no-isolation", "--outdir", target, ".")
    run(*build, cwd=tree, SOURCE_DATE_EPOCH=str(epoch))
    (archive,) = target.iterdir()
    return archive


def main() -> int:
    sdist = Path(sys.argv[1]).resolve()
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        with tarfile.open(sdist) as archive:
            members = archive.getmembers()
            archive.extractall(folder)
        (tree,) = folder.iterdir()
        epoch = int(next(each.mtime for each in members if each.isfile()))
        again = make_again(tree, folder / "again", epoch)
        if sha256(again) != sha256(sdist):
            sys.exit("the source distribution makes another of itself")
        settings = [
            f"--config-settings=cmake.define.CMAKE_DISABLE_FIND_PACKAGE_{name}=ON"
            for name in HIDDEN
        ]
        pip = (sys.executable, "-m", "pip", "--disable-pip-version-check", "install", "--quiet")
        site = folder / "site"
        run(
            *(*pip, "--no-build-isolation", "--no-deps", "--no-index", "--target", site),
            *(*settings, "."),
            cwd=tree,
        )
        version = run(sys.executable, "-I", "-c", IMPORT.format(site=str(site)), cwd=folder)
        mock = run(site / "bin/sessionvitals-mock", "--version", cwd=folder)
    print(f"{sdist.name}: sha256 {sha256(sdist)}; built offline: {version.strip()}, {mock.strip()}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
