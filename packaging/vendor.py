"""Put the third-party header that the mock needs into third_party/, for the source distribution.

It is never in git. Each file is known by its SHA-256, so it may come from anywhere: from a folder
that $SESSIONVITALS_VENDOR_DIR names, laid out as third_party/ is, else from the project's own pages.
``--debian`` takes it from Debian's source package, by apt, which checks it by Debian's
signature: for machines that reach nothing but a mirror of Debian. Run it from any folder; it changes
nothing that is right already.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
import urllib.request
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
TARGET = ROOT / "third_party"

JSON = "https://raw.githubusercontent.com/nlohmann/json/v3.11.3"


@dataclass(frozen=True)
class Vendored:
    """One file of third_party/."""

    path: str
    url: str
    sha256: str


FILES = (
    Vendored(
        "nlohmann-json/nlohmann/json.hpp",
        f"{JSON}/single_include/nlohmann/json.hpp",
        "9bea4c8066ef4a1c206b2be5a36302f8926f7fdc6087af5d20b417d0cf103ea6",
    ),
    Vendored(
        "nlohmann-json/LICENSE.MIT",
        f"{JSON}/LICENSE.MIT",
        "86b998c792894ccb911a1cb7994f7a9652894e7a094c0b5e45be2f553f45cf14",
    ),
)

#: Debian's source packages, and where in their tarballs the files of third_party/ are.
DEBIAN = {
    "nlohmann-json3": {
        "single_include/nlohmann/json.hpp": "nlohmann-json/nlohmann/json.hpp",
        "LICENSE.MIT": "nlohmann-json/LICENSE.MIT",
    },
}


class VendorError(Exception):
    """A file could not be had, or is another than the pinned one."""


def is_right(content: bytes, file: Vendored) -> bool:
    return hashlib.sha256(content).hexdigest() == file.sha256


def read_pinned(file: Vendored) -> bytes:
    """Return the pinned content, from the folder of the environment or by HTTPS."""
    if folder := os.environ.get("SESSIONVITALS_VENDOR_DIR"):
        content, source = (Path(folder) / file.path).read_bytes(), folder
    else:
        with urllib.request.urlopen(file.url, timeout=60) as answer:
            content, source = answer.read(), file.url
    if not is_right(content, file):
        raise VendorError(f"{file.path} from {source} does not have the pinned SHA-256")
    return content


def vendor_pinned(target: Path) -> None:
    for file in FILES:
        place = target / file.path
        if place.is_file() and is_right(place.read_bytes(), file):
            continue
        write(place, read_pinned(file))


def vendor_from_debian(target: Path) -> None:
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        fetch_debian_sources(folder)
        for package, files in DEBIAN.items():
            tarballs = sorted(folder.glob(f"{package}_*.orig.tar.*"))
            if len(tarballs) != 1:
                raise VendorError(f"apt-get source gave no single tarball of {package}")
            with tarfile.open(tarballs[0]) as archive:
                for member in archive.getmembers():
                    inside = member.name.partition("/")[2]
                    if inside in files and (content := archive.extractfile(member)):
                        write(target / files[inside], content.read())
            missing = [path for path in files.values() if not (target / path).is_file()]
            if missing:
                raise VendorError(f"{package} of Debian has no {', '.join(missing)}")


def fetch_debian_sources(folder: Path) -> None:
    """Download the source packages; apt's own settings and lists stay as they are."""
    release = dict(
        line.split("=", 1) for line in Path("/etc/os-release").read_text().splitlines() if line
    )
    keyring = "/usr/share/keyrings/debian-archive-keyring.gpg"
    sources = folder / "debian.list"
    suite = release["VERSION_CODENAME"]
    sources.write_text(f"deb-src [signed-by={keyring}] http://deb.debian.org/debian {suite} main\n")
    lists = folder / "lists"
    (lists / "partial").mkdir(parents=True)
    apt = (
        *(
            "apt-get",
            "-qq",
            "-o",
            f"Dir::Etc::sourcelist={sources}",
            "-o",
            "Dir::Etc::sourceparts=-",
        ),
        *("-o", f"Dir::State::lists={lists}", "-o", "APT::Sandbox::User=root"),
        *("-o", f"Dir::Cache={folder}"),
    )
    subprocess.run([*apt, "update"], cwd=folder, check=True)
    subprocess.run([*apt, "source", "--download-only", *DEBIAN], cwd=folder, check=True)


def write(place: Path, content: bytes) -> None:
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_bytes(content)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--debian", action="store_true", help="take Debian's source packages")
    parser.add_argument("--target", type=Path, default=TARGET, help="another folder to fill")
    given = parser.parse_args()
    if given.debian:
        shutil.rmtree(given.target, ignore_errors=True)  # no mixture of two origins
    try:
        (vendor_from_debian if given.debian else vendor_pinned)(given.target)
    except (OSError, VendorError, subprocess.CalledProcessError) as error:
        print(f"vendor.py: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
