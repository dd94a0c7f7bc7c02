"""What is installed: the Python package and the C++ library."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from importlib import metadata
from pathlib import Path
from types import ModuleType

import pytest
from tests.support.consumers import ENVIRONMENT, ROOT, build_consumer, installed_and_moved
from tests.support.sandbox import Space

import sessionvitals

PACKAGE = Path(sessionvitals.__file__).parent


def python(program: str, *, path: Path | None = None) -> subprocess.CompletedProcess[str]:
    """Run a program in a new Python; with a path, in one that has nothing else installed."""
    alone = ["-I", "-S"] if path else []
    setting = f"import sys; sys.path.insert(0, {str(path)!r})\n" if path else ""
    return subprocess.run(
        [sys.executable, *alone, "-c", setting + program], capture_output=True, text=True
    )


def test_importing_brings_no_third_party_module_and_nothing_slow() -> None:
    program = "import sys; old = {*sys.modules}; import sessionvitals; print(*{*sys.modules} - old)"

    # In a Python with nothing installed but the package, so that no other package's hook counts.
    done = python(program, path=PACKAGE.parent)

    assert done.returncode == 0, done.stderr
    brought = {name.partition(".")[0] for name in done.stdout.split()}
    # Python's own as well, though it does not list it: which interpreter this is, up to 3.11.
    unlisted = {"__main__", "_xxsubinterpreters"}
    assert brought - {"sessionvitals"} <= set(sys.stdlib_module_names) | unlisted
    slow = {"asyncio", "dataclasses", "email", "json", "logging", "re", "ssl", "typing", "urllib"}
    slow |= {"collections", "contextlib", "enum", "functools", "threading", "types"}
    assert brought & slow == set()


@pytest.mark.parametrize(
    "site",
    ["lib/python3.11/site-packages", "lib/python3/dist-packages", "."],
    ids=["--user and --prefix", "Debian", "--target"],
)
def test_the_mock_that_came_with_the_package_is_the_one_that_runs(
    tmp_path: Path, site: str
) -> None:
    folder = tmp_path / site
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "sessionvitals").symlink_to(PACKAGE)
    program = tmp_path / "bin/sessionvitals-mock"
    program.parent.mkdir()
    program.touch(mode=0o755)

    done = python(
        "import os; os.environ.pop('SESSIONVITALS_MOCK', None)\n"
        "from sessionvitals.mock_program import find_mock; print(find_mock())",
        path=folder,
    )

    assert done.stdout.strip() == str(program), done.stderr


def test_what_is_measured_against_is_installed_apart_from_the_tests() -> None:
    """Niquests brings urllib3-future, which overwrites the urllib3 of the tests."""
    makefile = (ROOT / "Makefile").read_text()
    (recipe,) = (line for line in makefile.splitlines() if "sessionvitals[bench]" in line)
    assert recipe.strip().startswith("$(BENCH)/bin/python -m pip ")
    with pytest.raises(metadata.PackageNotFoundError):
        metadata.version("urllib3-future")


@pytest.mark.skipif("LD_PRELOAD" in os.environ, reason="a sanitizer is slow to load")
def test_importing_costs_less_than_pythons_own_http_client() -> None:
    def cpu_time(module: str) -> int:
        program = "import time; begun = time.process_time_ns()\n" + f"import {module}\n"
        program += "print(time.process_time_ns() - begun)"
        return int(python(program, path=PACKAGE.parent).stdout)

    # The least of some, because a busy machine adds to each. It is about half.
    ours = min(cpu_time("sessionvitals") for _ in range(7))
    assert ours < 0.75 * min(cpu_time("http.client") for _ in range(7))


def test_importing_without_the_compiled_module_says_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "sessionvitals").mkdir()
    for file in PACKAGE.glob("*.py"):
        shutil.copy(file, tmp_path / "sessionvitals")

    done = python("import sessionvitals", path=tmp_path)

    assert done.returncode == 1
    assert "pip install" in done.stderr


def test_the_types_are_installed() -> None:
    assert (PACKAGE / "py.typed").exists()
    assert (PACKAGE / "_core.pyi").exists()


def test_the_compiled_module_needs_no_http_library() -> None:
    (module,) = PACKAGE.glob("_core.*.so")

    said = subprocess.run(
        ["readelf", "--dynamic", module], capture_output=True, text=True, check=True
    ).stdout

    needed = re.findall(r"\(NEEDED\).*\[(.+)\]", said)
    assert any("ssl" in name for name in needed)
    assert [name for name in needed if "http" in name] == []


def test_the_version_is_the_same_everywhere() -> None:
    pattern = r'^(?:version = "|project\(sessionvitals VERSION )([\d.]+)'
    said = {
        file: re.findall(pattern, (ROOT / file).read_text(), re.MULTILINE)
        for file in ("pyproject.toml", "CMakeLists.txt")
    }

    assert list(said.values()) == [[sessionvitals.__version__]] * 2
    header = (ROOT / "cpp/sessionvitals/version.h").read_text()
    assert f'kVersion = "{sessionvitals.__version__}"' in header
    (numbers,) = re.findall(r"(\d+)\.(\d+)\.(\d+)", sessionvitals.__version__)
    major, minor, patch = map(int, numbers)
    assert f"VERSION_NUMBER {major * 10000 + minor * 100 + patch}\n" in header


def is_public(name: str, value: object) -> bool:
    return (
        not name.startswith("_")
        and not isinstance(value, ModuleType)
        and name not in {"annotations", "TYPE_CHECKING"}
    )


def test_everything_public_is_named_in_all_and_is_there() -> None:
    public = {name for name, value in vars(sessionvitals).items() if is_public(name, value)}

    assert public <= set(sessionvitals.__all__)
    for name in sessionvitals.__all__:  # some of which are imported on first use
        assert hasattr(sessionvitals, name)


USERS_PROGRAM = """
from sessionvitals import ElizaClient, NotFoundError, PingClient, SessionState, TiunClient

with TiunClient("token", sandbox=True, timeout=2.0) as tiun:
    verdict: bool = tiun.verify("a").valid
try:
    status = PingClient("key", authorization_scheme="bearer").session_status("b", max_retries=0)
    total: int = (status.uploaded_bytes or 0) + (status.downloaded_bytes or 0)
except NotFoundError as error:
    code: str | None = error.code
eliza = ElizaClient(base_url="http://localhost:3000").with_options(max_retries=0)
is_active: bool = eliza.probe("c").state is SessionState.ACTIVE
"""


def test_a_users_program_passes_mypy_strict(tmp_path: Path) -> None:
    api = pytest.importorskip("mypy.api")
    (tmp_path / "program.py").write_text(USERS_PROGRAM)

    said, _, code = api.run(
        ["--strict", "--cache-dir", str(tmp_path / "cache"), str(tmp_path / "program.py")]
    )

    assert code == 0, said


CPP_PROGRAM = """
#include <sessionvitals/sessionvitals.h>

#include <iostream>

int main(int, char** arguments) {
  const sessionvitals::PingClient ping({.api_key = arguments[2], .base_url = arguments[1]});
  const auto status = ping.session_status("vpn");
  if (!status) {
    std::cout << sessionvitals::class_name(status.error().kind()) << '\\n';
    return 1;
  }
  std::cout << status->status << ' ' << status->uploaded_bytes.value_or(0) << '\\n';
}
"""


def test_a_cpp_project_uses_the_library_from_an_installed_and_moved_prefix(
    tmp_path: Path, space: Space
) -> None:
    space.add_session("ping", "vpn", "disconnected", uploaded_bytes=9007199254740993)

    prefix = installed_and_moved(tmp_path)
    links = "".join(file.read_text() for file in prefix.glob("**/*.cmake"))
    assert "OpenSSL::SSL" in links
    assert "httplib" not in links
    headers = sorted(prefix.glob("include/sessionvitals/**/*.h"))
    every_header = "".join(
        f"#include <{header.relative_to(prefix / 'include')}>\n"
        for header in headers
        if "transports" not in header.parts  # for those who have its library
    )
    (tmp_path / "program.cpp").write_text(every_header + CPP_PROGRAM)
    program = build_consumer(tmp_path / "program.cpp", prefix, tmp_path)

    def ask(key: str) -> tuple[int, str]:
        command = [str(program), space.base_url("ping"), key]
        done = subprocess.run(command, env=ENVIRONMENT, capture_output=True, text=True)
        return done.returncode, done.stdout

    assert ask("ping-sandbox-key") == (0, "disconnected 9007199254740993\n")
    assert ask("stale") == (1, "AuthenticationError\n")
    assert {"client.h", "errors.h", "httplib_transport.h", "ping.h"} <= {
        header.name for header in headers
    }
    assert not [header for header in headers if {"engine", "reading"} & {*header.parts}]
