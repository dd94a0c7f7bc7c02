"""Everything public is on a page of docs/reference/: names, errors, commands, routes, headers."""

from __future__ import annotations

import importlib
import json
import pkgutil
import re
import shutil
import subprocess
import sys
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from tests.support.consumers import ROOT

import sessionvitals
from sessionvitals import sandbox, seeding
from sessionvitals.cli.commands import program
from sessionvitals.ledger import report

REFERENCE = ROOT / "docs/reference"
#: The package and its public packages, which say in __all__ what is public.
MODULES = [
    sessionvitals,
    *(
        package
        for found in pkgutil.iter_modules(sessionvitals.__path__)
        if found.ispkg and not found.name.startswith("_")
        if hasattr(package := importlib.import_module(f"sessionvitals.{found.name}"), "__all__")
    ),
]
ERRORS = {
    name: module.__name__
    for module in MODULES
    for name in module.__all__
    if isinstance(value := getattr(module, name), type) and issubclass(value, Exception)
}
SECTIONS = (
    "What it means",
    "Whether the call may have taken effect",
    "What to do",
    "Example",
    "The class",
)


def text_of(folder: Path) -> str:
    return "\n".join(page.read_text() for page in sorted(folder.rglob("*.md")))


def documented(directives: str) -> set[str]:
    return set(re.findall(rf"\.\. (?:{directives}):: ([\w.]+)", text_of(REFERENCE)))


def public_names() -> set[str]:
    names = {f"{module.__name__}.{name}" for module in MODULES for name in module.__all__}
    for module in (sandbox, seeding):
        names |= {
            f"{module.__name__}.{name}"
            for name, value in vars(module).items()
            if getattr(value, "__module__", "") == module.__name__ and not name.startswith("_")
        }
    return names - {"sessionvitals.seeding.AnyClient"}  # a type variable


def commands() -> Iterator[tuple[str, click.Command]]:
    def walk(command: click.Command, path: str) -> Iterator[tuple[str, click.Command]]:
        yield path, command
        if isinstance(command, click.Group):
            for name, nested in command.commands.items():
                yield from walk(nested, f"{path} {name}".strip())

    return walk(program, "")


def routes() -> dict[str, list[str]]:
    """Return each call of the admin interface with its tags."""
    paths = json.loads((ROOT / "mocks/openapi/admin.json").read_text())["paths"]
    return {
        f"{method.upper()} {path}": call["tags"]
        for path, item in paths.items()
        for method, call in item.items()
        if method != "parameters"
    }


def installed_headers() -> set[str]:
    """Return the headers that cpp/CMakeLists.txt installs."""
    cmake = (ROOT / "cpp/CMakeLists.txt").read_text()
    left_out = set(re.findall(r'PATTERN "([\w.]+)" EXCLUDE', cmake))
    folder = ROOT / "cpp/sessionvitals"
    headers = [header.relative_to(folder) for header in folder.rglob("*.h")]
    return {str(header) for header in headers if not left_out & {*header.parts}}


def test_every_public_name_is_on_a_page() -> None:
    found = documented("autoclass|autofunction|py:data")

    assert public_names() - found == set()


def test_every_error_has_a_page_that_says_what_to_do() -> None:
    pages = {page.stem: page.read_text() for page in (REFERENCE / "errors").glob("*.md")}

    assert ERRORS.keys() == pages.keys() - {"index"}
    for error, module in ERRORS.items():
        assert re.findall("^## (.*)$", pages[error], re.MULTILINE) == list(SECTIONS), error
        assert f".. autoclass:: {module}.{error}\n" in pages[error]
        assert f"\n{error}\n" in pages["index"]


def test_every_option_of_the_pytest_plugin_is_on_the_page() -> None:
    page = (REFERENCE / "python/sandbox.md").read_text()
    plugin = (ROOT / "python/pytest_sessionvitals/plugin.py").read_text()

    for name in re.findall(r'"(--sessionvitals-[a-z]+)"|^    \'(\w+)\(', plugin, re.MULTILINE):
        assert "".join(name) in page


def test_every_kind_of_gap_is_on_the_page() -> None:
    page = (REFERENCE / "python/ledger.md").read_text()

    assert dict(re.findall(r"^\| `(\w+)` \| (.*) \|$", page, re.MULTILINE)) == report.KINDS


def test_every_command_is_on_the_page_with_an_example() -> None:
    page = (REFERENCE / "command.md").read_text()
    examples = "".join(re.findall(r"^```console\n(.*?)^```", page, re.MULTILINE | re.DOTALL))

    for path, command in commands():
        if path:
            assert f"```{{command}} {path}\n" in page
        if not isinstance(command, click.Group):
            assert f"sessionvitals {path}" in examples, f"{path} has no example"


def test_every_exit_code_is_on_the_page() -> None:
    page = (REFERENCE / "command.md").read_text()
    codes = {value for name, value in vars(sessionvitals.cli).items() if name.startswith("EXIT_")}

    rows = re.findall(r"^\| ([\d, ]+) \|", page, re.MULTILINE)

    assert {int(code) for row in rows for code in row.split(",")} == codes


def test_every_admin_route_is_on_the_page() -> None:
    tags = set(re.findall(r"\{admin-routes\} (\w+)", (REFERENCE / "admin.md").read_text()))

    assert {route for route, its in routes().items() if not tags & set(its)} == set()


def test_every_installed_header_is_on_a_page() -> None:
    pages = re.findall(r"\{header\} ([\w./]+)", text_of(REFERENCE / "cpp"))

    assert sorted(pages) == sorted(installed_headers())


@pytest.mark.slow
def test_the_site_has_all_of_it_and_no_warning(tmp_path: Path) -> None:
    pytest.importorskip("breathe", reason="make .venv/with-docs installs it")
    if not shutil.which("doxygen"):
        pytest.skip("doxygen is not installed")
    from sphinx.util.inventory import InventoryFile

    done = subprocess.run(
        [
            *(sys.executable, "-m", "sphinx", "-q", "-W", "--keep-going", "-n", "-b", "html"),
            *("-D", "llms_txt_enabled=0", "-d", tmp_path / "doctrees"),
            *(ROOT / "docs", tmp_path / "html"),
        ],
        capture_output=True,
        text=True,
    )

    assert (done.returncode, done.stdout + done.stderr) == (0, "")
    inventory = InventoryFile.loads((tmp_path / "html/objects.inv").read_bytes(), uri="").data
    assert public_names() - {name for kind in inventory for name in inventory[kind]} == set()
    assert routes().keys() == inventory["std:route"].keys()
    assert options_of_commands() - inventory["std:cmdoption"].keys() == set()
    cpp = {name for kind, names in inventory.items() if kind.startswith("cpp:") for name in names}
    page = (tmp_path / "html/reference/python/ping.html").read_text()
    assert "authorization_scheme" in page.partition("sessionvitals.PingClient.session_status")[0]
    assert symbols_of_headers(tmp_path / "doxygen/xml/index.xml") - cpp == set()


def options_of_commands() -> set[str]:
    return {
        f"{f'sessionvitals {path}'.strip().replace(' ', '-')}.{name}"
        for path, command in commands()
        for option in command.params
        if isinstance(option, click.Option) and not option.hidden
        for name in [*option.opts, *option.secondary_opts]
    }


def symbols_of_headers(index: Path) -> set[str]:
    """Return the classes, functions, types and constants that Doxygen found."""
    found = set()
    for compound in ET.parse(index).getroot():
        name = compound.findtext("name") or ""
        if compound.get("kind") in {"class", "struct"}:
            found.add(name)
        if compound.get("kind") in {"class", "struct", "namespace"}:
            found |= {
                f"{name}::{member.findtext('name')}"
                for member in compound.iter("member")
                if member.get("kind") in {"function", "enum", "typedef", "variable"}
            }
    return found
