"""The rules of this repository that a machine can keep."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from fnmatch import fnmatch
from pathlib import Path

import pytest
from tests.support.contracts import CONTRACTS, Contract

import sessionvitals

ROOT = Path(__file__).parents[2]
FOLDERS = (".ci", ".github", "cpp", "docs", "examples", "mocks", "packaging", "python", "tests")
FILES = sorted(
    file
    for place in [ROOT.glob("*"), *((ROOT / folder).rglob("*") for folder in FOLDERS)]
    for file in place
    if file.is_file() and "__pycache__" not in file.parts and file.name != ".git"
)
SOURCES = [file for file in FILES if file.suffix in {".h", ".cpp", ".py"}]
NATIVE = [file for file in FILES if file.suffix in {".h", ".cpp"}]
# Data is as long as it is, and generated files are nobody's to read.
WRITTEN = [file for file in FILES if file.suffix in {".h", ".cpp", ".py", ".cmake"}]

# The values: no I/O in any of them. Those of the wire know no session either.
WIRE = {"context", "effect", "errors", "http", "options", "rate_limit", "report", "result"}
WIRE |= {"server_sent_event", "shared_text", "timestamp", "transport"}
VALUES = WIRE | {"session", "operation", "provider", "stream"}

# What each folder's files may include of ours. More telling patterns come first: the first that
# fits a file is its rule. In a rule, {WIRE} stands for each of the headers above.
ENGINE = "sessionvitals/engine"
OURS = {
    **{f"cpp/sessionvitals/{name}.h": ["sessionvitals/{VALUES}.h"] for name in VALUES},
    "cpp/sessionvitals/values/*": ["sessionvitals/{VALUES}.h", "sessionvitals/values/*"],
    "cpp/sessionvitals/provider.cpp": ["sessionvitals/{VALUES}.h", "sessionvitals/providers/*"],
    "cpp/sessionvitals/providers/*": [
        "sessionvitals/{VALUES}.h",
        "sessionvitals/providers/*",
        "sessionvitals/values/*",
    ],
    "cpp/sessionvitals/transports/*": ["sessionvitals/{WIRE}.h"],
    # The engine's folders, from the pure ones up; none knows a session.
    f"cpp/{ENGINE}/http/*": ["sessionvitals/{WIRE}.h", f"{ENGINE}/http/*"],
    f"cpp/{ENGINE}/*": ["sessionvitals/{WIRE}.h", f"{ENGINE}/*"],
    # The clients, who bring the two together; what is installed of them shows no engine.
    "cpp/sessionvitals/client/*.cpp": ["sessionvitals/*"],
    "cpp/sessionvitals/client/client_core.h": ["sessionvitals/*"],
    "cpp/sessionvitals/client/bulk_calls.h": ["sessionvitals/*"],
    "cpp/sessionvitals/client/bulk_thread.h": ["sessionvitals/*"],
    "cpp/sessionvitals/watch/watch_*.h": ["sessionvitals/*"],
    "cpp/sessionvitals/watch/hints/*": ["sessionvitals/*"],
    "cpp/sessionvitals/*.cpp": ["sessionvitals/*"],
    "cpp/sessionvitals/*.h": ["sessionvitals/*.h", "!sessionvitals/engine/*"],
    # What looks at the engine's parts, and what wakes an event loop.
    "python/bindings/runtime/wire.cpp": ["sessionvitals/*.h", "python/bindings/*"],
    "python/bindings/runtime/inspect.cpp": ["sessionvitals/*.h", "python/bindings/*"],
    "python/bindings/clients/trust.cpp": [f"{ENGINE}/tls/trust.h", "python/bindings/*"],
    "python/bindings/awaiting/channel.h": [
        f"{ENGINE}/drivers/round.h",
        f"{ENGINE}/drivers/wait.h",
        "python/bindings/*",
    ],
    "python/bindings/*": ["sessionvitals/*.h", "!sessionvitals/engine/*", "python/bindings/*"],
    # The mock's folders, from what knows nothing of the others up.
    "mocks/server/values/*": ["mocks/server/values/*"],
    "mocks/server/*": ["mocks/server/*"],
}
# Where the compiler looks for what stands in quotes, in the files below each of these folders.
INCLUDE_ROOTS = ("python/bindings/", "mocks/server/")

# Those who use the library and may bring their own.
USERS = ("examples/", "packaging/conan/", "tests/")

# The only places where each third-party library may be included.
LIBRARIES = {
    "httplib.h": [
        "cpp/sessionvitals/transports/httplib_transport.h",  # for users who have it; no source includes it
    ],
    "openssl/": [
        "cpp/sessionvitals/engine/tls/*",
        "mocks/server/wire/tls.*",
        "mocks/server/wire/certificates.*",
        "mocks/server/browser/capability.cpp",  # a hash, for what no page can guess
        "mocks/server/recording/recording.cpp",  # a hash, for what is redacted
        "mocks/server/recording/upstream_link.cpp",  # TLS with the server that is recorded
    ],
    "nlohmann/": ["mocks/server/values/json.*"],
    "pybind11/": ["python/bindings/*"],
}
SYSTEM = ("arpa/", "linux/", "net/", "netinet/", "sys/")


def name_of(file: Path) -> str:
    return str(file.relative_to(ROOT))


def includes(file: Path) -> Iterator[tuple[str, bool]]:
    """Yield each included name, and whether it stands in quotes."""
    for quoted, angled in re.findall(
        r'^#include (?:"(.+)"|<(.+)>)', file.read_text(), re.MULTILINE
    ):
        yield quoted or angled, bool(quoted)


@pytest.mark.parametrize("file", NATIVE, ids=name_of)
def test_a_file_includes_only_what_its_folder_may_know(file: Path) -> None:
    rules = [rule for pattern, rule in OURS.items() if fnmatch(name_of(file), pattern)]
    if not rules:
        assert name_of(file).startswith(USERS), "a new folder: say in OURS what it may include"
        return
    ours = {included for included, is_quoted in includes(file) if is_quoted}

    assert {included for included in ours if not is_allowed(included, file, rules[0])} == set()


def is_allowed(included: str, file: Path, rule: list[str]) -> bool:
    patterns = [
        each.format(VALUES=name, WIRE=name)
        for each in rule
        for name in (sorted(WIRE if "{WIRE}" in each else VALUES) if "{" in each else [""])
    ]
    for root in INCLUDE_ROOTS:
        if name_of(file).startswith(root) and (ROOT / root / included).exists():
            included = root + included
    if any(fnmatch(included, each[1:]) for each in patterns if each.startswith("!")):
        return False
    return any(fnmatch(included, each) for each in patterns)


@pytest.mark.parametrize(
    "file", [file for file in NATIVE if not name_of(file).startswith(USERS)], ids=name_of
)
def test_a_library_is_included_in_one_place(file: Path) -> None:
    for included, is_quoted in includes(file):
        if is_quoted or included.startswith(SYSTEM):
            continue
        for library, places in LIBRARIES.items():
            if included.startswith(library):
                assert any(fnmatch(name_of(file), place) for place in places), included
                break
        else:
            assert "/" not in included, f"a new library: say in LIBRARIES where {included} belongs"


@pytest.mark.parametrize("folder", ["cpp/sessionvitals/engine", "mocks/server/wire"])
def test_both_ends_read_and_write_http_by_themselves(folder: str) -> None:
    files = [file for file in (ROOT / folder).rglob("*") if file.is_file()]

    assert files
    assert [name_of(file) for file in files if b"httplib" in file.read_bytes()] == []


def test_no_library_shows_in_a_header_that_is_installed() -> None:
    # A header in transports/ is for those who have its library.
    private = {"engine", "transports"}
    public = [file for file in (ROOT / "cpp").rglob("*.h") if not private & {*file.parts}]

    theirs = re.compile(r"\b(httplib|nlohmann|pybind11)::|\bSSL(_CTX)? ?\*")

    assert [name_of(file) for file in public if theirs.search(file.read_text())] == []


def test_the_mock_and_the_core_share_no_code() -> None:
    def runs(folder: str) -> dict[str, str]:
        """Return every five lines in a row that say something, and where they stand."""
        found = {}
        for file in NATIVE:
            if not name_of(file).startswith(folder):
                continue
            lines = [line.strip() for line in file.read_text().splitlines()]
            lines = [line for line in lines if len(line) > 8 and not line.startswith("#include")]
            for start in range(len(lines) - 4):
                found["\n".join(lines[start : start + 5])] = name_of(file)
        return found

    core, mock = runs("cpp/"), runs("mocks/")

    assert {run: (core[run], mock[run]) for run in core.keys() & mock.keys()} == {}


@pytest.mark.parametrize("file", [f for f in WRITTEN if f.name != "pure.py"], ids=name_of)
def test_a_file_can_be_read_in_one_sitting(file: Path) -> None:
    # Three hundred lines, give or take; tests are tables, and are read one case at a time.
    most = 420 if name_of(file).startswith("tests/") else 340

    assert len(file.read_text().splitlines()) <= most


def folders_of_sources() -> list[Path]:
    return sorted({file.parent for file in SOURCES})


@pytest.mark.parametrize("folder", folders_of_sources(), ids=name_of)
def test_a_folder_of_sources_is_small_or_has_a_page(folder: Path) -> None:
    count = sum(file.parent == folder for file in SOURCES)

    assert count <= 20
    assert count <= 10 or (folder / "README.md").is_file()


def test_cpp_sources_are_ascii() -> None:
    assert [name_of(file) for file in NATIVE if not file.read_bytes().isascii()] == []


def test_no_file_names_a_machine() -> None:
    of_a_machine = re.compile(rb"(?<![\w.-])/(work|farm|root|home)/|index-url|\.pyenv")
    ours = Path(__file__)
    named = [name_of(f) for f in FILES if f != ours and of_a_machine.search(f.read_bytes())]

    assert named == []


def test_every_page_that_a_source_cites_is_there() -> None:
    by_name = {file.name for file in FILES} | {"page.md"}  # any page, where docs/ is explained
    cited = {
        (name_of(file), page)
        for file in SOURCES
        for page in re.findall(r"[\w.-]+\.md\b|\b[A-Z]{4,}, rule \d+", file.read_text())
        if page not in by_name and file != Path(__file__)
    }

    assert cited == set()


def test_nothing_has_the_name_of_a_strangers_package() -> None:
    theirs = re.compile(rb"session[-_ ]?" + rb"pulse", re.IGNORECASE)
    named = [name_of(f) for f in FILES if theirs.search(f.read_bytes() + name_of(f).encode())]

    assert named == []


def test_no_third_party_source_is_in_the_tree() -> None:
    theirs = {"httplib.h", "json.hpp", "json_fwd.hpp", "pybind11.h"}

    assert [name_of(file) for file in FILES if file.name in theirs] == []


def test_every_provider_has_a_contract_and_every_contract_a_provider() -> None:
    assert [contract.provider for contract in CONTRACTS] == list(sessionvitals.PROVIDERS)


def test_every_provider_has_a_client_and_every_client_a_provider() -> None:
    assert [client.provider for client in sessionvitals.CLIENTS] == list(sessionvitals.PROVIDERS)


@pytest.mark.parametrize("contract", CONTRACTS, ids=str)
def test_every_contract_has_an_answer_a_refused_key_and_an_unknown_session(
    contract: Contract,
) -> None:
    statuses = {exchange.response["http_status"] for exchange in contract.exchanges}

    assert {200, 401, 404} <= statuses


@pytest.mark.parametrize("contract", CONTRACTS, ids=str)
def test_every_exchange_names_its_source(contract: Contract) -> None:
    assert [str(each) for each in contract.exchanges if not each.source.strip()] == []


def test_the_pure_functions_are_those_of_the_extension(tmp_path: Path) -> None:
    pytest.importorskip("ruff")
    made = tmp_path / "pure.py"
    script = ROOT / "python/bindings/make_pure.py"
    subprocess.run([sys.executable, script, made], check=True, cwd=tmp_path)
    committed = ROOT / "python/sessionvitals/pure.py"

    assert made.read_text() == committed.read_text(), "run make stubs"


def test_the_stub_is_what_the_extension_says(tmp_path: Path) -> None:
    pytest.importorskip("pybind11_stubgen")
    made = tmp_path / "_core.pyi"
    script = ROOT / "python/bindings/make_stubs.py"
    subprocess.run([sys.executable, script, made], check=True, cwd=tmp_path)
    committed = ROOT / "python/sessionvitals/_core.pyi"

    assert made.read_text() == committed.read_text(), "run make stubs"
