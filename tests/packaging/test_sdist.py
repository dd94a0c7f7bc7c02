"""The source distribution: what git has and the third-party headers, the same bytes each time."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest
from tests.support.consumers import ENVIRONMENT, ROOT

#: The headers' places in third_party/; what stands in them is nothing to these tests.
VENDORED = (
    "third_party/nlohmann-json/LICENSE.MIT",
    "third_party/nlohmann-json/nlohmann/" + "json" + ".hpp",
)


def tracked() -> list[str]:
    done = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True)
    if done.returncode != 0:
        pytest.skip("not a clone")
    return [name for name in done.stdout.splitlines() if (ROOT / name).is_file()]


@pytest.fixture(scope="module")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of what git tracks, as it is now, with headers where vendor.py puts them."""
    copy = tmp_path_factory.mktemp("clone")
    for name in tracked():
        (copy / name).parent.mkdir(parents=True, exist_ok=True)
        (copy / name).write_bytes((ROOT / name).read_bytes())
        (copy / name).chmod((ROOT / name).stat().st_mode)
    for name in VENDORED:
        (copy / name).parent.mkdir(parents=True, exist_ok=True)
        (copy / name).write_text("a header\n")
    return copy


def make_sdist(clone: Path, target: Path) -> Path:
    target.mkdir()
    program = f"from scikit_build_core.build import build_sdist; build_sdist({str(target)!r})"
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=clone,
        env=ENVIRONMENT | {"SOURCE_DATE_EPOCH": "1760000000"},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    (archive,) = target.iterdir()
    return archive


def test_it_holds_what_git_has_and_the_headers(clone: Path, tmp_path: Path) -> None:
    with tarfile.open(make_sdist(clone, tmp_path / "dist")) as archive:
        names = {member.name.partition("/")[2] for member in archive if member.isfile()}

    assert names - {*tracked()} == {"PKG-INFO", *VENDORED}
    assert {*tracked()} - names == set()


def test_it_is_the_same_bytes_at_another_time(clone: Path, tmp_path: Path) -> None:
    first = make_sdist(clone, tmp_path / "first")
    for name in ("README.md", VENDORED[0]):
        os.utime(clone / name, (1, 1))
    second = make_sdist(clone, tmp_path / "second")

    assert (
        hashlib.sha256(first.read_bytes()).digest() == hashlib.sha256(second.read_bytes()).digest()
    )


def test_it_makes_the_same_of_itself(clone: Path, tmp_path: Path) -> None:
    first = make_sdist(clone, tmp_path / "first")
    unpacked = tmp_path / "unpacked"
    unpacked.mkdir()
    subprocess.run(["tar", "xzf", first, "-C", unpacked], check=True)
    (tree,) = unpacked.iterdir()
    second = make_sdist(tree, tmp_path / "second")

    assert first.read_bytes() == second.read_bytes()


def test_nothing_is_fetched_unasked(tmp_path: Path) -> None:
    hidden = ["-DCMAKE_DISABLE_FIND_PACKAGE_nlohmann_json=ON"]

    done = subprocess.run(
        ["cmake", "-S", str(ROOT), "-B", str(tmp_path), "-G", "Ninja", *hidden],
        env=ENVIRONMENT,
        capture_output=True,
        text=True,
    )

    if (ROOT / "third_party").exists():  # as vendor.py leaves it
        assert done.returncode == 0, done.stderr
        return
    assert done.returncode != 0
    assert "nlohmann-json3-dev" in done.stderr
    assert "SESSIONVITALS_FETCH=ON" in done.stderr


def test_a_header_that_is_another_than_the_pinned_one_is_refused(tmp_path: Path) -> None:
    for name in VENDORED:
        place = tmp_path / "from" / name.partition("/")[2]
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text("another\n")

    done = subprocess.run(
        [sys.executable, ROOT / "packaging/vendor.py", "--target", tmp_path / "third_party"],
        env=ENVIRONMENT | {"SESSIONVITALS_VENDOR_DIR": str(tmp_path / "from")},
        capture_output=True,
        text=True,
    )

    assert done.returncode == 1
    assert "does not have the pinned SHA-256" in done.stderr
    assert not (tmp_path / "third_party").exists()
