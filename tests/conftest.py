"""One mock for each worker, a space of its own for each test.

The contract tests can be pointed at real servers instead::

    pytest tests/contract --eliza-url http://localhost:3000

Then only the tests that take ``servers`` run. What they need they create by the vendor's own calls,
and delete it; the last lines say how much was asked of which server. Keys come from the environment
(TIUN_ACCESS_TOKEN, PING_API_KEY, ELIZA_API_KEY) and are given to that server only.
"""

from __future__ import annotations

import contextlib
import gc
import itertools
import os
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest

from sessionvitals.errors import SessionVitalsError
from sessionvitals.mock_program import find_mock
from tests.support import asked
from tests.support.browsers import browser, firefox, tab
from tests.support.contracts import EXCHANGES, STREAMS
from tests.support.preparing import why_not
from tests.support.sandbox import Mock, Space, start_mock
from tests.support.servers import REAL_SERVERS, Servers, Told
from tests.support.vendors import VENDORS

__all__ = ["browser", "firefox", "tab"]  # fixtures of every folder

_number = itertools.count(1)
_TOLD = pytest.StashKey[Told]()


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("contract", "contract tests against real servers")
    for name in VENDORS:
        group.addoption(f"--{name}-url", help=f"a {name} server's base URL, instead of the mock's")
    group.addoption(
        "--eliza-agent",
        help="the UUID of an agent to create sessions for; default: the first that the server runs",
    )
    group.addoption(
        "--eliza-patience",
        type=float,
        default=90.0,
        help="how many seconds a test may wait for a session to expire; default: 90",
    )
    group.addoption(
        "--eliza-clock",
        type=Path,
        help="the file by which the server's clock is turned: see tests/contract/clock.mjs",
    )


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line(
        "markers", "rule(vendor, line): proves that line of the vendor's 'What a right client does'"
    )
    keys = {name: os.environ.get(each["key"]["variable"]) for name, each in REAL_SERVERS.items()}
    agent, patience = config.getoption("--eliza-agent"), config.getoption("--eliza-patience")
    config.stash[_TOLD] = Told(keys, agent, patience, config.getoption("--eliza-clock"))


def _urls(config: pytest.Config) -> dict[str, str]:
    urls = {name: config.getoption(f"--{name}-url") for name in VENDORS}
    return {name: url for name, url in urls.items() if url}


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Start with what compiles; where real servers are asked, leave out what asks none of them.

    The compilers of one worker then use the time for which the tests of another wait, and no worker
    is left with them alone at the end.
    """
    items.sort(key=lambda item: item.get_closest_marker("slow") is None)
    if not _urls(config):
        return
    others = [each for each in items if "servers" not in getattr(each, "fixturenames", ())]
    config.hook.pytest_deselected(items=others)
    items[:] = [each for each in items if "servers" in getattr(each, "fixturenames", ())]


def pytest_collection_finish() -> None:
    """Keep the collector of garbage from looking again and again at what is there until the end."""
    gc.collect()
    gc.freeze()


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    if urls := _urls(config):
        terminalreporter.section("servers that were asked")
        exchanges: dict[str, Counter[str]] = defaultdict(Counter)
        for exchange in [*EXCHANGES, *STREAMS]:
            exchanges[exchange.provider][why_not(exchange) or "asked"] += 1
        for line in asked.lines(urls, asked.summed(terminalreporter.stats), exchanges):
            terminalreporter.line(line)


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Fail a run that could not ask every server it was pointed at."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    urls = _urls(session.config)
    if not urls or reporter is None or session.exitstatus != pytest.ExitCode.OK:
        return
    sums = asked.summed(reporter.stats)
    if not asked.is_whole(urls, sums):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


@pytest.fixture(autouse=True)
def _no_settings_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep the keys, addresses and proxies of the machine out of the tests, and how Python runs."""
    monkeypatch.delenv("PYTHONUNBUFFERED", raising=False)
    for name, server in REAL_SERVERS.items():
        monkeypatch.delenv(server["key"]["variable"], raising=False)
        monkeypatch.delenv(f"{name.upper()}_BASE_URL", raising=False)
    for variable in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "SSL_CERT_FILE", "SSL_CERT_DIR"):
        monkeypatch.delenv(variable, raising=False)
        monkeypatch.delenv(variable.lower(), raising=False)


@pytest.fixture(scope="session")
def mock_binary() -> Path:
    """The mock: $SESSIONVITALS_MOCK, or the one installed beside this Python."""
    return find_mock()


@pytest.fixture(scope="session")
def mock() -> Iterator[Mock]:
    """A running mock, one for each worker; gone with it."""
    with start_mock() as running:
        yield running


@pytest.fixture
def space(mock: Mock, request: pytest.FixtureRequest) -> Iterator[Space]:
    """A space of the mock that no other test has, and that goes with its test."""
    worker = os.environ.get("PYTEST_XDIST_WORKER", "main")
    space = Space(mock, f"{worker}-{next(_number)}")
    yield space
    with contextlib.suppress(OSError, SessionVitalsError):  # it may be gone, or the mock
        space.sandbox.drop()


@pytest.fixture(params=["seed", "server"])
def chat(space: Space, request: pytest.FixtureRequest) -> Space:
    """A space with one elizaOS session, "s", in either dialect, at the start of 2026 for ever."""
    space.admin("PUT", "dialect", {"eliza": request.param})
    space.clock(set="2026-01-01T00:00:00Z", freeze=True)
    space.add_session("eliza", "s", "active")
    return space


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run each test of any server in both dialects that the mock plays, or once elsewhere."""
    if "servers" in metafunc.fixturenames:
        both = ["server"] if "exchange" in metafunc.fixturenames else ["seed", "server"]
        dialects = ["its own"] if _urls(metafunc.config) else both
        metafunc.parametrize("servers", dialects, indirect=True)


@pytest.fixture
def servers(request: pytest.FixtureRequest) -> Iterator[Servers]:
    """Where the vendors are: the servers of the command line, or else a space of the mock."""
    urls = _urls(request.config)
    if urls:
        found = Servers(urls, request.config.stash[_TOLD])
        request.node.user_properties.append((asked.PROPERTY, found.asked))
    else:
        space: Space = request.getfixturevalue("space")
        space.admin("PUT", "dialect", {"eliza": request.param})
        found = Servers.of_space(space)
    yield found
    found.clean_up()
