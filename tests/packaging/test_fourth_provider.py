"""A fourth vendor, made up and whole, and then a second operation of it, added to a copy of the tree.

The vendor is new files, and a line in each list that names the vendors. The operation, which sends a
body and returns a list, is a patch of seven files. All else is written by the generators. The copy is
built once, and its own clients, mock, command and contract tests are run.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from tests.support.consumers import ENVIRONMENT, ROOT, run

NEW = ROOT / "tests/fourth_provider"
PATCH = ROOT / "tests/packaging/second_operation.patch"
JOINED = ROOT / "tests/packaging/joined.cmake"

#: file: the lines of its lists beside which a new one stands, and the new ones
LISTS = {
    "cpp/CMakeLists.txt": {
        "  sessionvitals/providers/eliza.cpp": "  sessionvitals/providers/maple.cpp",
    },
    "cpp/sessionvitals/provider.cpp": {
        '#include "sessionvitals/providers/eliza.h"': '#include "sessionvitals/providers/maple.h"',
        "      &providers::eliza,": "      &providers::maple,",
    },
    "cpp/sessionvitals/sessionvitals.h": {
        '#include "sessionvitals/client/eliza_client.h"': '#include "sessionvitals/client/maple_client.h"',
    },
    "mocks/CMakeLists.txt": {
        "  server/main.cpp": "  server/vendors/maple.cpp",
    },
    "mocks/server/vendors/vendors.cpp": {
        '#include "vendors/eliza/eliza.h"': '#include "vendors/maple.h"',
        "      eliza(),": "      maple(),",
    },
    "python/CMakeLists.txt": {
        "  bindings/clients/eliza.cpp": "  bindings/clients/maple.cpp",
    },
    "python/bindings/bindings.h": {
        "void bind_eliza(py::module_& module);": "void bind_maple(py::module_& module);",
    },
    "python/bindings/module.cpp": {
        "  bind_eliza(module);": "  bind_maple(module);",
    },
    "python/sessionvitals/__init__.py": {
        "from ._sync import eliza as _eliza": "from ._sync import maple as _maple",
        "from ._sync.eliza import *": "from ._sync.maple import *",
        "from ._sync.eliza import ElizaClient": "from ._sync.maple import MapleClient",
        "    ElizaClient,": "    MapleClient,",
        "    from ._async.eliza import AsyncElizaClient": "    from ._async.maple import AsyncMapleClient",
        '    "AsyncElizaClient",': '    "AsyncMapleClient",',
        "__all__ += _eliza.__all__": "__all__ += _maple.__all__",
    },
    "python/sessionvitals/sandbox.py": {
        "from ._sync.eliza import ElizaClient": "from ._sync.maple import MapleClient",
        '        self.eliza: ElizaSandbox = ElizaSandbox(self, "eliza", ElizaClient)': '        self.maple = Vendor(self, "maple", MapleClient)',
    },
    # How the tests open its client.
    "tests/support/vendors.py": {
        "VENDORS = {vendor.name: vendor for vendor in (ELIZA, PING, TIUN)}": 'VENDORS["maple"] = Vendor("maple", sessionvitals.MapleClient, "api_key", None, "sap", "", '
        '"maple-sandbox-key", "X-Maple-Key", b"")',
    },
}


def copy_with_a_fourth(copy: Path) -> None:
    for part in ("CMakeLists.txt", "pyproject.toml", "cpp", "mocks", "python", "tests"):
        source = ROOT / part
        (shutil.copytree if source.is_dir() else shutil.copy)(source, copy / part)
    for file in NEW.rglob("*.*"):
        place = copy / file.relative_to(NEW)
        assert not place.exists()
        shutil.copy(file, place)
    for name, lines in LISTS.items():
        text = (copy / name).read_text()
        for beside, line in lines.items():
            assert text.count(f"\n{beside}\n") == 1, (name, beside)
            text = text.replace(f"\n{beside}\n", f"\n{beside}\n{line}\n")
        (copy / name).write_text(text)
    run("patch", "--directory", copy, "--strip=1", "--fuzz=0", "--input", PATCH)


def build(copy: Path) -> None:
    """Build the copy into its own python/sessionvitals, in the least time: it is asked once.

    Nothing is optimised or described to a debugger, and the compiler collects its garbage late.
    Files are compiled together. Where two have a name for themselves that is the same, which is no
    mistake, each is compiled alone.
    """
    cmakedir = run(sys.executable, "-m", "pybind11", "--cmakedir").strip()
    included = "CMAKE_PROJECT_sessionvitals_INCLUDE"
    for joined_or_alone in (f"-D{included}={JOINED}", f"-U{included}"):
        run(
            *("cmake", "-S", copy, "-B", copy / "build", "-G", "Ninja"),
            *("-DSESSIONVITALS_PYTHON=ON", "-DSESSIONVITALS_MOCKS=ON"),
            *("-DCMAKE_BUILD_TYPE=Debug", "-DCMAKE_CXX_FLAGS_DEBUG=-O0 -g0"),
            "-DCMAKE_CXX_FLAGS=--param ggc-min-heapsize=500000",
            f"-Dpybind11_DIR={cmakedir}",
            f"-DPython_EXECUTABLE={sys.executable}",
            f"-DCMAKE_CXX_COMPILER_LAUNCHER={shutil.which('ccache') or ''}",
            joined_or_alone,
        )
        make = ("cmake", "--build", copy / "build")
        built = subprocess.run(make, env=ENVIRONMENT, capture_output=True, text=True)
        if built.returncode == 0:
            break
    assert built.returncode == 0, built.stdout
    (module,) = (copy / "build").rglob("_core.*.so")
    shutil.copy(module, copy / "python/sessionvitals")


class Copy:
    """The copy of the tree, built, and programs that find it before what is installed."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (mock,) = (folder / "build").rglob("sessionvitals-mock")
        self.environment = {
            **{name: value for name, value in os.environ.items() if "PYTEST" not in name},
            "PYTHONPATH": str(folder / "python"),
            "SESSIONVITALS_MOCK": str(mock),
        }

    def python(self, *arguments: str | Path, **more: str) -> str:
        """Run Python in the copy; return what it printed. Fails the test if it failed."""
        done = subprocess.run(
            [sys.executable, *arguments],
            cwd=self.folder,
            env={**self.environment, **more},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        assert done.returncode == 0, done.stdout
        return done.stdout


def test_a_second_operation_is_at_most_seven_files() -> None:
    touched = re.findall(r"^\+\+\+ b/(\S+)$", PATCH.read_text(), re.MULTILINE)

    assert len(set(touched)) == len(touched)
    assert len(touched) <= 7, touched


# One test, as it is built once.
@pytest.mark.slow
@pytest.mark.skipif(
    "LD_PRELOAD" in os.environ, reason="the sanitizers have nothing new to see here"
)
def test_a_fourth_vendor_is_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # Objects of an earlier copy are as good, wherever that was.
    monkeypatch.setitem(ENVIRONMENT, "CCACHE_BASEDIR", str(tmp_path))
    monkeypatch.setitem(ENVIRONMENT, "CCACHE_NOHASHDIR", "1")
    copy_with_a_fourth(tmp_path)
    run(sys.executable, tmp_path / "python/generate_sync.py")
    build(tmp_path)
    copy = Copy(tmp_path)
    package = tmp_path / "python/sessionvitals"
    copy.python("python/bindings/make_pure.py", package / "pure.py")
    copy.python("python/bindings/make_stubs.py", package / "_core.pyi")

    copy.python("-W", "error", "use_it.py")

    contract = ["tests/contract/test_exchanges.py", "tests/pure/test_exchanges.py"]
    passed = copy.python("-m", "pytest", "-q", "-p", "no:cacheprovider", "-k", "maple", *contract)
    assert re.search(r"[1-9]\d passed", passed), passed

    copy.python("-m", "mypy", "--strict", "typed.py", package / "_async/maple.py")
