"""Test a wheel in a root with Debian's Python and nothing else, without a network.

Usage: wheel_root.py WHEEL [ROOT]. Needs root, mmdebstrap and iproute2, and a Debian whose Python is
the wheel's. ROOT is kept and used again; it has no compiler, no header, no CA certificates and no pip:
pip is run from its own wheel.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
TESTS = ROOT / "packaging/wheel_tests/test_wheel.py"

#: What runs the tests, and what they put beside the wheel.
TOOLS = ("pytest", "click")
EXTRA = ("certifi", "cryptography", "pycurl")

SCRIPT = """
set -eu
cd /checked
pip="python3 $(echo tools/pip-*.whl)/pip --disable-pip-version-check --quiet --no-cache-dir"
export PIP_ROOT_USER_ACTION=ignore
$pip install --break-system-packages --no-index --find-links tools {tools} ./{wheel}
$pip install --no-index --find-links extra --target /checked/site {extra}
! command -v gcc || exit 1
cd /
sessionvitals demo >/checked/demo.txt
cat /checked/demo.txt
sessionvitals doctor | head -1 || true
SESSIONVITALS_CERTIFICATES=/checked/certificates SESSIONVITALS_EXTRA=/checked/site \\
  python3 -m pytest -c /dev/null -p no:cacheprovider -q -rs /checked/test_wheel.py
"""


def run(*command: str | Path) -> None:
    subprocess.run(command, check=True)


def make_root(root: Path) -> None:
    if (root / "usr/bin/python3").exists():
        return
    suite = next(
        line.partition("=")[2]
        for line in Path("/etc/os-release").read_text().splitlines()
        if line.startswith("VERSION_CODENAME=")
    )
    root.parent.mkdir(parents=True, exist_ok=True)
    run(
        *("mmdebstrap", "--quiet", "--variant=apt", "--include=python3", suite, root),
        "http://deb.debian.org/debian",
    )


def fill(root: Path, wheel: Path) -> None:
    checked = root / "checked"
    shutil.rmtree(checked, ignore_errors=True)
    checked.mkdir()
    (root / "etc/hosts").write_text("127.0.0.1 localhost\n")  # as any machine has it
    shutil.copy(wheel, checked)
    shutil.copy(TESTS, checked)
    shutil.copytree(ROOT / "tests/engine/certificates", checked / "certificates")
    pip = (sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet")
    download = (*pip, "download", "--only-binary=:all:", "--dest")
    run(*download, checked / "tools", "pip", *TOOLS)
    run(*download, checked / "extra", *EXTRA)


def main() -> int:
    wheel = Path(sys.argv[1]).resolve()
    root = Path(sys.argv[2] if len(sys.argv) > 2 else ROOT / "build/wheel-root").resolve()
    make_root(root)
    fill(root, wheel)
    script = SCRIPT.format(wheel=wheel.name, tools=" ".join(TOOLS), extra=" ".join(EXTRA))
    (root / "checked/run.sh").write_text(script)
    inside = f"ip link set lo up && mount -t proc proc '{root}/proc' && exec chroot '{root}' /bin/sh /checked/run.sh"
    done = subprocess.run(
        ["unshare", "--mount", "--pid", "--net", "--fork", "--kill-child", "sh", "-c", inside],
        env={
            "PATH": "/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
            "LANG": "C.UTF-8",
            "TERM": os.environ.get("TERM", "dumb"),
        },
    )
    return done.returncode


if __name__ == "__main__":
    sys.exit(main())
