"""The ways a C++ project gets the library: installed, by pkg-config, as a part of its own build."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from tests.support.consumers import ENVIRONMENT, ROOT, install, newest_build, run

PROGRAM = """
#include <sessionvitals/client/ping_client.h>
#include <sessionvitals/version.h>

#include <iostream>

static_assert(SESSIONVITALS_VERSION_NUMBER >= 100);

int main() {
  const sessionvitals::PingClient ping({.api_key = "key", .base_url = "not an address"});
  std::cout << sessionvitals::kVersion << ' '
            << sessionvitals::class_name(ping.session_status("id").error().kind()) << '\\n';
}
"""

#: A project that makes the library a part of its own build, and has a build type or has none.
PARENT = """
cmake_minimum_required(VERSION 3.24)
project(parent LANGUAGES CXX)
{how}
add_executable(program program.cpp)
target_link_libraries(program PRIVATE sessionvitals::sessionvitals)
"""
HOW = {
    "add_subdirectory": f"add_subdirectory({ROOT} sessionvitals)",
    "FetchContent": f"""
include(FetchContent)
FetchContent_Declare(sessionvitals SOURCE_DIR {ROOT})
FetchContent_MakeAvailable(sessionvitals)
""",
}


@pytest.fixture(scope="module")
def prefix(tmp_path_factory: pytest.TempPathFactory) -> Path:
    scratch = tmp_path_factory.mktemp("installed")
    install(scratch / "prefix", scratch)
    return scratch / "prefix"


@pytest.mark.slow
def test_pkg_config_gives_what_a_program_needs(prefix: Path, tmp_path: Path) -> None:
    (tmp_path / "program.cpp").write_text(PROGRAM)
    (folder,) = prefix.glob("lib*/**/pkgconfig")
    environment = ENVIRONMENT | {"PKG_CONFIG_PATH": str(folder)}

    def pkg_config(*arguments: str) -> list[str]:
        command = ["pkg-config", *arguments, "sessionvitals"]
        done = subprocess.run(command, env=environment, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        return done.stdout.split()

    flags = pkg_config("--cflags", "--libs")
    run("g++", "-std=c++20", tmp_path / "program.cpp", "-o", tmp_path / "program", *flags)

    assert pkg_config("--modversion") == ["0.1.0"]
    assert run(tmp_path / "program") == "0.1.0 ConfigurationError\n"


def test_an_install_for_a_package_stays_below_destdir(prefix: Path, tmp_path: Path) -> None:
    build = newest_build()
    if build is None:
        pytest.skip("pip keeps no build folder here")
    done = subprocess.run(
        ["cmake", "--install", build, "--prefix", "/usr", "--component", "cpp"],
        env=ENVIRONMENT | {"DESTDIR": str(tmp_path / "root")},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr

    files = {str(file.relative_to(tmp_path)) for file in tmp_path.rglob("*") if file.is_file()}
    kinds = {re.sub(r"sessionvitals/.*\.h$", "sessionvitals/*.h", name) for name in files}
    library = r"root/usr/lib\w*(/[\w-]+)?"
    expected = (
        r"root/usr/include/sessionvitals/\*\.h",
        rf"{library}/libsessionvitals\.a",
        rf"{library}/pkgconfig/sessionvitals\.pc",
        rf"{library}/cmake/sessionvitals/sessionvitals(Config|ConfigVersion|Targets[\w-]*)\.cmake",
    )
    assert [name for name in kinds if not any(re.fullmatch(each, name) for each in expected)] == []
    assert all(any(re.fullmatch(each, name) for name in kinds) for each in expected)
    assert "prefix=${pcfiledir}/" in next(
        file.read_text() for file in tmp_path.rglob("sessionvitals.pc")
    )


@pytest.mark.parametrize("how", HOW)
def test_a_parent_keeps_its_build_type_and_builds_no_mock(how: str, tmp_path: Path) -> None:
    (tmp_path / "program.cpp").write_text(PROGRAM)
    (tmp_path / "CMakeLists.txt").write_text(PARENT.format(how=HOW[how]))
    build = tmp_path / "build"

    run("cmake", "-S", tmp_path, "-B", build, "-G", "Ninja")

    cache = (build / "CMakeCache.txt").read_text()
    assert "\nCMAKE_BUILD_TYPE:STRING=\n" in cache
    assert "\nSESSIONVITALS_MOCKS:BOOL=OFF\n" in cache
    targets = run("ninja", "-C", build, "-t", "targets", "all")
    assert "libsessionvitals.a" in targets
    assert "sessionvitals-mock" not in targets
    assert not (build / "compile_commands.json").exists()
    if os.environ.get("SESSIONVITALS_BUILD_CONSUMERS"):  # some minutes, where nothing is cached
        run("cmake", "--build", build)
        assert run(build / "program") == "0.1.0 ConfigurationError\n"


def test_every_preset_configures(tmp_path: Path) -> None:
    listed = subprocess.run(
        ["cmake", "--list-presets"], cwd=ROOT, env=ENVIRONMENT, capture_output=True, text=True
    )
    names = re.findall(r'(?m)^\s+"(\w+)"', listed.stdout)
    assert names == ["release", "library", "sanitized"]
    for name in names:
        run("cmake", "-S", ROOT, "--preset", name, "-B", tmp_path / name)


def configure_without(tmp_path: Path, *options: str) -> str:
    """Return what CMake says of a machine that lacks something, in one line."""
    done = subprocess.run(
        ["cmake", "-S", ROOT, "-B", tmp_path / "build", "-G", "Ninja", *options],
        env=ENVIRONMENT,
        capture_output=True,
        text=True,
    )
    assert done.returncode != 0
    assert done.stderr.count("CMake Error") == 1, done.stderr
    return " ".join(done.stderr.split())


INSTALL = re.compile(r"apt-get install ([\w+ -]+?) Call Stack")


def test_all_that_a_machine_lacks_is_said_in_one_sentence(tmp_path: Path) -> None:
    hidden = ["OpenSSL", "nlohmann_json", "Python"]
    options = [f"-DCMAKE_DISABLE_FIND_PACKAGE_{each}=ON" for each in hidden]

    said = configure_without(tmp_path, "-DSESSIONVITALS_PYTHON=ON", *options)

    (sentence,) = re.findall(
        r"sessionvitals cannot be built, because this machine lacks: .*?\. ", said
    )
    for each in ("OpenSSL 3", "nlohmann/json", "Python 3.10"):
        assert each in sentence
    command = INSTALL.search(said)
    assert command
    makefile = (ROOT / "Makefile").read_text()
    assert [each for each in command[1].split() if each not in makefile] == []


def test_a_machine_without_a_compiler_is_told_what_to_install(tmp_path: Path) -> None:
    hidden = ["CMAKE_FIND_USE_CMAKE_SYSTEM_PATH", "CMAKE_FIND_USE_SYSTEM_ENVIRONMENT_PATH"]

    ninja = f"-DCMAKE_MAKE_PROGRAM={shutil.which('ninja')}"
    said = configure_without(tmp_path, ninja, *(f"-D{each}=OFF" for each in hidden))

    assert "this machine lacks: a C++ compiler." in said
    assert INSTALL.search(said)


def test_another_system_than_linux_is_refused_in_words(tmp_path: Path) -> None:
    said = configure_without(tmp_path, "-DCMAKE_SYSTEM_NAME=FreeBSD")
    assert "sessionvitals runs on Linux only." in said


def test_no_source_is_scanned_for_modules(tmp_path: Path) -> None:
    run("cmake", "-S", ROOT, "-B", tmp_path, "-G", "Ninja", "-DCMAKE_CXX_COMPILER_LAUNCHER=")
    # What a scanner would write, of which CMake 3.28 and newer make a step for each source.
    assert ".ddi" not in (tmp_path / "build.ninja").read_text()
