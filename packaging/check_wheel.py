"""Look a wheel over before anybody installs it: what it exports, needs, holds and weighs.

Usage: check_wheel.py WHEEL_OR_FOLDER...   Needs nm and readelf (Debian: binutils). Prints what was
found, and ends with 1 if something is not as it has to be.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

from finish_wheel import EXPRESSION, wheels_of

MOST_BYTES = 8 * 1024 * 1024

#: What any system that a wheel is for has: libc and its parts, and the C++ runtime.
NEEDED = re.compile(
    r"(lib(c|m|dl|rt|pthread)\.so\.\d+|ld-linux[\w-]*\.so\.\d|libstdc\+\+\.so\.6|libgcc_s\.so\.1"
    r"|libc\.musl-\w+\.so\.1|ld-musl-\w+\.so\.1)"
)
OF_OPENSSL = re.compile(r"(SSL|TLS|EVP|X509|BIO|ERR|CRYPTO|OPENSSL|OSSL|RSA|EC|ASN1|PEM|RAND)_\w+")
THIRD_PARTIES = ("nlohmann-json", "openssl", "pybind11")


def output_of(*command: str | Path) -> str:
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def exported_by(file: Path) -> set[str]:
    """Return the names of all dynamic symbols that the file defines, without their versions."""
    lines = output_of("nm", "--dynamic", "--defined-only", "--format=posix", file).splitlines()
    return {line.split()[0].partition("@")[0] for line in lines if line.strip()}


def undefined_in(file: Path) -> set[str]:
    lines = output_of("nm", "--dynamic", "--undefined-only", "--format=posix", file).splitlines()
    return {line.split()[0].partition("@")[0] for line in lines if line.strip()}


def needed_by(file: Path) -> set[str]:
    return set(re.findall(r"\(NEEDED\).*\[(.+)\]", output_of("readelf", "--dynamic", file)))


def check_binary(file: Path, name: str, may_export: set[str] | None) -> list[str]:
    """Return what is wrong with an extension, or with a program (may_export None)."""
    exported = exported_by(file)
    problems = []
    if may_export is not None and exported != may_export:
        problems.append(f"{name} exports {', '.join(sorted(exported ^ may_export)[:5])}")
    for what, symbols in (("exports", exported), ("wants", undefined_in(file))):
        if theirs := sorted(each for each in symbols if OF_OPENSSL.fullmatch(each)):
            problems.append(f"{name} {what} OpenSSL's {', '.join(theirs[:5])}")
    if other := sorted(each for each in needed_by(file) if not NEEDED.fullmatch(each)):
        problems.append(f"{name} needs {', '.join(other)}")
    return problems


def check_metadata(folder: Path) -> list[str]:
    (metadata,) = folder.glob("*.dist-info/METADATA")
    head = metadata.read_text().partition("\n\n")[0]
    problems = []
    if f"License-Expression: {EXPRESSION}\n" not in head:
        problems.append(f"the metadata does not say {EXPRESSION}")
    for name in ("LICENSE", *(f"third_party/{each}/LICENSE" for each in THIRD_PARTIES)):
        if not (metadata.parent / "licenses" / name).is_file():
            problems.append(f"the licence {name} is missing")
        if f"License-File: {name}\n" not in head + "\n":
            problems.append(f"the metadata does not name the licence {name}")
    boms = list(metadata.parent.glob("sboms/sessionvitals.cdx.json"))
    if not boms:
        return [*problems, "the list of components (SBOM) is missing"]
    bom = json.loads(boms[0].read_text())
    named = {each["name"]: each["version"] for each in bom["components"]}
    if bom["bomFormat"] != "CycloneDX" or sorted(named) != sorted(THIRD_PARTIES):
        problems.append(f"the list of components names {', '.join(named)}")
    (extension,) = folder.glob("sessionvitals/_core*.so")
    if f"OpenSSL {named.get('openssl')} ".encode() not in extension.read_bytes():
        problems.append("the list of components names another OpenSSL than is linked")
    return problems


def check_mock(folder: Path) -> list[str]:
    found = list(folder.glob("*.data/scripts/sessionvitals-mock"))
    if not found:
        return ["the mock's program is missing"]
    if found[0].read_bytes()[:4] != b"\x7fELF":
        return ["the mock's program is a wrapper around another"]
    found[0].chmod(0o755)  # zipfile keeps no modes
    problems = check_binary(found[0], "the mock", None)
    done = subprocess.run([found[0], "--version"], capture_output=True, text=True)
    if done.returncode != 0 or not done.stdout.startswith("sessionvitals-mock "):
        problems.append(f"the mock does not run: {done.stderr.strip()}")
    return problems


def check(wheel: Path) -> list[str]:
    """Return what is wrong with the wheel."""
    size = wheel.stat().st_size
    problems = [f"{size} bytes are more than {MOST_BYTES}"] if size > MOST_BYTES else []
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        with zipfile.ZipFile(wheel) as archive:
            archive.extractall(folder)
            modes = {each.filename: each.external_attr >> 16 for each in archive.infolist()}
        problems += [
            f"{name} cannot be run"
            for name, mode in modes.items()
            if ".data/scripts/" in name and not mode & 0o100
        ]
        extensions = list(folder.glob("sessionvitals/*.so"))
        if [each.name.partition(".")[0] for each in extensions] != ["_core"]:
            return [*problems, "the wheel has not exactly one extension, _core"]
        if list(folder.glob("*.libs/*")):
            problems.append("auditwheel has put libraries into the wheel")
        problems += check_binary(extensions[0], "_core", {"PyInit__core"})
        problems += check_metadata(folder)
        problems += check_mock(folder)
        if not list(folder.glob("*.data/data/share/man/man1/sessionvitals.1")):
            problems.append("the man page is missing")
    return problems


def main() -> int:
    is_wrong = False
    for wheel in wheels_of(sys.argv[1:]):
        problems = check(wheel)
        is_wrong = is_wrong or bool(problems)
        print(f"{wheel.name}: {wheel.stat().st_size / 1e6:.1f} MB, {'; '.join(problems) or 'good'}")
    return int(is_wrong)


if __name__ == "__main__":
    sys.exit(main())
