"""A fourth provider, made up, added to a copy of the tree: new files, and a line in each list."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from tests.support.consumers import ROOT, run

NEW = ROOT / "tests/fourth_provider"

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
        "from ._sync.eliza import ElizaClient": "from ._sync.maple import MapleClient",
        "    ElizaClient,": "    MapleClient,",
        '    "ElizaClient",': '    "MapleClient",',
    },
}

ASK = """
import json
import urllib.request

import sessionvitals
from sessionvitals import MapleClient
from sessionvitals.mock_program import running_mock

print(*sessionvitals.PROVIDERS)
with running_mock() as mock:
    session = json.dumps({"provider": "maple", "id": "t/1", "state": "running"}).encode()
    urllib.request.urlopen(f"{mock['url']}/__admin/sessions", session)
    with MapleClient(mock["keys"]["maple"], base_url=mock["url"]) as maple:
        print(maple.sap("t/1").sap, maple.probe("t/1").state, maple.probe("t/2").state)
"""


def copy_with_a_fourth(copy: Path) -> None:
    for part in ("CMakeLists.txt", "cpp", "mocks", "python"):
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


def build(copy: Path) -> None:
    """Build the copy into its own python/sessionvitals, without optimising: it is asked once."""
    cmakedir = run(sys.executable, "-m", "pybind11", "--cmakedir").strip()
    ccache = shutil.which("ccache")
    run(
        *("cmake", "-S", copy, "-B", copy / "build", "-G", "Ninja"),
        *("-DSESSIONVITALS_PYTHON=ON", "-DSESSIONVITALS_MOCKS=ON"),
        *("-DCMAKE_BUILD_TYPE=Debug", "-DCMAKE_CXX_FLAGS=-O0 -g0"),
        f"-Dpybind11_DIR={cmakedir}",
        f"-DPython_EXECUTABLE={sys.executable}",
        *([f"-DCMAKE_CXX_COMPILER_LAUNCHER={ccache}"] if ccache else []),
    )
    run("cmake", "--build", copy / "build")
    (module,) = (copy / "build").rglob("_core.*.so")
    shutil.copy(module, copy / "python/sessionvitals")


@pytest.mark.slow
@pytest.mark.skipif(
    "LD_PRELOAD" in os.environ, reason="the sanitizers have nothing new to see here"
)
def test_a_fourth_provider_is_new_files_and_one_line_in_each_list(tmp_path: Path) -> None:
    copy_with_a_fourth(tmp_path)
    build(tmp_path)
    (mock,) = (tmp_path / "build").rglob("sessionvitals-mock")

    asked = subprocess.run(
        [sys.executable, "-c", ASK],
        env={**os.environ, "PYTHONPATH": f"{tmp_path}/python", "SESSIONVITALS_MOCK": str(mock)},
        capture_output=True,
        text=True,
    )

    assert asked.stdout.splitlines() == [
        "eliza maple ping tiun",
        "running active not_found",
    ], asked.stderr
