"""Have the metadata of a repaired wheel name the licences of what is linked into it.

The build puts the licences' texts into the wheel; the metadata is the project's own and says MIT.
Usage: finish_wheel.py WHEEL_OR_FOLDER...
"""

from __future__ import annotations

import base64
import hashlib
import re
import sys
import zipfile
from pathlib import Path

EXPRESSION = "MIT AND BSD-3-Clause AND Apache-2.0"


def finish(wheel: Path) -> None:
    """Write the wheel anew, with all else as it was, file by file and in the same order."""
    with zipfile.ZipFile(wheel) as archive:
        entries = [(info, archive.read(info)) for info in archive.infolist() if not info.is_dir()]
    files = {info.filename: content for info, content in entries}
    (metadata,) = (name for name in files if name.endswith(".dist-info/METADATA"))
    folder = metadata.removesuffix("METADATA")
    licences = sorted(
        name.removeprefix(f"{folder}licenses/")
        for name in files
        if name.startswith(f"{folder}licenses/")
    )
    head, separator, description = files[metadata].decode().partition("\n\n")
    lines = [line for line in head.splitlines() if not line.startswith("License-File:")]
    lines = [
        f"License-Expression: {EXPRESSION}" if line.startswith("License-Expression:") else line
        for line in lines
    ]
    at = next(i for i, line in enumerate(lines) if line.startswith("License-Expression:")) + 1
    lines[at:at] = [f"License-File: {name}" for name in licences]
    files[metadata] = ("\n".join(lines) + separator + description).encode()
    record = f"{folder}RECORD"
    files[record] = update_record(files[record].decode(), metadata, files[metadata]).encode()
    with zipfile.ZipFile(wheel, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for info, _ in entries:
            archive.writestr(info, files[info.filename], zipfile.ZIP_DEFLATED, 9)


def update_record(record: str, name: str, content: bytes) -> str:
    digest = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()
    line = f"{name},sha256={digest},{len(content)}"
    found, count = re.subn(rf"(?m)^{re.escape(name)},[^\r\n]*", line, record)
    if count != 1:
        raise ValueError(f"RECORD names {name} {count} times")
    return found


def wheels_of(arguments: list[str]) -> list[Path]:
    """Return the wheels that are named, and those in the folders that are."""
    found = []
    for path in map(Path, arguments):
        found += sorted(path.glob("sessionvitals-*.whl")) if path.is_dir() else [path]
    if not found:
        sys.exit("no wheel was named")
    return found


if __name__ == "__main__":
    for each in wheels_of(sys.argv[1:]):
        finish(each)
