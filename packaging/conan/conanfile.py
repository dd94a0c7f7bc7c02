"""The Conan 2 recipe of the C++ library: ``conan create packaging/conan``, from a clone."""

from __future__ import annotations

from pathlib import Path

from conan import ConanFile
from conan.errors import ConanInvalidConfiguration
from conan.tools.build import check_min_cppstd
from conan.tools.cmake import CMake, CMakeDeps, CMakeToolchain, cmake_layout
from conan.tools.files import copy, load


class SessionVitals(ConanFile):
    name = "sessionvitals"
    description = "One client for three session-status APIs (tiun, Ping Network, elizaOS)"
    license = "MIT"
    package_type = "static-library"
    settings = "os", "arch", "compiler", "build_type"

    def set_version(self) -> None:
        header = load(self, self.tree / "cpp/sessionvitals/version.h")
        self.version = header.partition('kVersion = "')[2].partition('"')[0]

    @property
    def tree(self) -> Path:
        return Path(self.recipe_folder).parents[1]

    def export_sources(self) -> None:
        for pattern in ("CMakeLists.txt", "LICENSE", "cpp/*"):
            copy(self, pattern, self.tree, self.export_sources_folder)

    def requirements(self) -> None:
        self.requires("openssl/[>=3.0 <4]")

    def validate(self) -> None:
        if self.settings.os != "Linux":
            raise ConanInvalidConfiguration("sessionvitals runs on Linux only")
        check_min_cppstd(self, 20)

    def layout(self) -> None:
        cmake_layout(self)

    def generate(self) -> None:
        CMakeDeps(self).generate()
        toolchain = CMakeToolchain(self)
        toolchain.cache_variables["SESSIONVITALS_MOCKS"] = False
        toolchain.generate()

    def build(self) -> None:
        cmake = CMake(self)
        cmake.configure()
        cmake.build()

    def package(self) -> None:
        CMake(self).install(component="cpp")
        copy(self, "LICENSE", self.source_folder, Path(self.package_folder) / "licenses")

    def package_info(self) -> None:
        self.cpp_info.libs = ["sessionvitals"]
        self.cpp_info.system_libs = ["pthread"]
        self.cpp_info.requires = ["openssl::ssl", "openssl::crypto"]
        self.cpp_info.set_property("cmake_target_name", "sessionvitals::sessionvitals")
