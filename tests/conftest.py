"""One mock for each worker, a space of its own for each test.

The contract tests can be pointed at any server instead::

    pytest tests/contract --eliza-url http://localhost:3000 --eliza-agent UUID

Keys for it come from TIUN_ACCESS_TOKEN, PING_API_KEY and ELIZA_API_KEY. A test that must prepare
its server through the mock's admin interface is marked ``needs_admin`` and skipped there.
"""

from __future__ import annotations

import itertools
import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.sandbox import Mock, Space, start_mock
from tests.support.servers import Servers
from tests.support.vendors import VENDORS

KEY_VARIABLES = {"tiun": "TIUN_ACCESS_TOKEN", "ping": "PING_API_KEY", "eliza": "ELIZA_API_KEY"}
_number = itertools.count(1)


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("contract", "contract tests against any server")
    for name in VENDORS:
        group.addoption(f"--{name}-url", help=f"a {name} server's base URL, instead of the mock's")
    group.addoption(
        "--eliza-agent", help="the UUID of an agent that server runs, to create sessions for"
    )


def pytest_configure(config: pytest.Config) -> None:
    for marker in (
        "needs_admin: prepares the server through the mock's admin interface",
        "rule(vendor, line): proves that line of the vendor's 'What a right client does'",
    ):
        config.addinivalue_line("markers", marker)


def _urls(config: pytest.Config) -> dict[str, str]:
    urls = {name: config.getoption(f"--{name}-url") for name in VENDORS}
    return {name: url for name, url in urls.items() if url}


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if not _urls(config):
        return
    skip = pytest.mark.skip(reason="needs the mock's admin interface to prepare the server")
    for item in items:
        if item.get_closest_marker("needs_admin"):
            item.add_marker(skip)


@pytest.fixture(autouse=True)
def _no_settings_from_outside(
    monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> None:
    """Keep the keys, addresses and proxies of the machine out of the tests."""
    for variable in [*KEY_VARIABLES.values(), *(f"{name.upper()}_BASE_URL" for name in VENDORS)]:
        if not _urls(request.config):
            monkeypatch.delenv(variable, raising=False)
    for variable in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "SSL_CERT_FILE", "SSL_CERT_DIR"):
        monkeypatch.delenv(variable, raising=False)
        monkeypatch.delenv(variable.lower(), raising=False)


@pytest.fixture(scope="session")
def mock_binary() -> Path:
    """The mock: $SESSIONVITALS_MOCK, or the one installed beside this Python."""
    name = "sessionvitals-mock"
    beside = Path(sys.executable).parent
    found = os.environ.get("SESSIONVITALS_MOCK") or shutil.which(name, path=str(beside))
    found = found or shutil.which(name)
    if not found:
        pytest.fail(
            f"no {name} beside {sys.executable} nor on the path: install the package, or "
            "set SESSIONVITALS_MOCK"
        )
    return Path(found)


@pytest.fixture(scope="session")
def mock(mock_binary: Path) -> Iterator[Mock]:
    """A running mock, one for each worker; gone with it."""
    with start_mock([str(mock_binary)]) as running:
        yield running


@pytest.fixture
def space(mock: Mock, request: pytest.FixtureRequest) -> Space:
    """A space of the mock that no other test has."""
    worker = os.environ.get("PYTEST_XDIST_WORKER", "main")
    return Space(mock, f"{worker}-{next(_number)}")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run each test of any server in both dialects that the mock plays, or once elsewhere."""
    if "servers" in metafunc.fixturenames:
        dialects = ["its own"] if _urls(metafunc.config) else ["seed", "server"]
        metafunc.parametrize("servers", dialects, indirect=True)


@pytest.fixture
def servers(request: pytest.FixtureRequest) -> Servers:
    """Where the vendors are: the servers of the command line, or else a space of the mock."""
    config = request.config
    urls = _urls(config)
    if urls:
        keys = {name: os.environ.get(variable) for name, variable in KEY_VARIABLES.items()}
        return Servers(urls, keys, config.getoption("--eliza-agent"))
    space: Space = request.getfixturevalue("space")
    space.admin("PUT", "dialect", {"eliza": request.param})
    return Servers.of_space(space)
