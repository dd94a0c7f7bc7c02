"""Fixtures and markers, and what a failed test is told of its sandbox.

One mock runs for each worker; each test has a space of it to itself, so there is
nothing to reset and tests run in parallel. The space goes when its test has passed.
"""

from __future__ import annotations

import contextlib
import inspect
import itertools
import json
import os
import re
import reprlib
import secrets
from collections.abc import Mapping
from hashlib import blake2b
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import urlsplit

import pytest

from .page import page_of
from .report import describe

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

    from sessionvitals.sandbox import Sandbox

SCENARIO = "sessionvitals_scenario"
DIALECT = "sessionvitals_dialect"
MARKERS = (
    'sessionvitals_dialect(eliza="server", ...): speak as the vendor\'s real server does',
    'sessionvitals_scenario("tiun_life"): load a scenario, by name or as a dict',
)
_sandbox_key = pytest.StashKey["Sandbox"]()
_outcomes_key = pytest.StashKey["list[tuple[str, str]]"]()  # (phase, outcome) so far
_reports_key = pytest.StashKey[Path]()  # the folder of --sessionvitals-reports
_is_last_key = pytest.StashKey[bool]()  # no test follows it in this process
_shown_key = pytest.StashKey["tuple[str, str | None]"]()  # before the mock ends: report, page
_number = itertools.count(1)
#: Other containers that use the same mock have processes of the same number.
_run = secrets.token_hex(4)


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("sessionvitals", "the sandbox of tiun, Ping Network and elizaOS")
    group.addoption(
        "--sessionvitals-mock",
        metavar="READY",
        help="use a mock that runs already: the line of JSON that it printed when it was ready",
    )
    group.addoption(
        "--sessionvitals-reports",
        metavar="DIRECTORY",
        help="where a failed test's sandbox is written as a page of HTML; default: among pytest's "
        "temporary files",
    )


def pytest_configure(config: pytest.Config) -> None:
    for marker in MARKERS:
        config.addinivalue_line("markers", marker)
    if given := config.getoption("--sessionvitals-reports"):
        config.stash[_reports_key] = Path(given).absolute()  # a test may go to another folder
    _read_given_mock(config)  # a wrong one is said before any test runs


def _read_given_mock(config: pytest.Config) -> dict[str, Any] | None:
    """Return the ready line of --sessionvitals-mock; None if a mock is to be started.

    Raises:
        pytest.UsageError: It is none.
    """
    given = config.getoption("--sessionvitals-mock")
    if given is None:
        return None
    try:
        ready = json.loads(given)
    except (ValueError, RecursionError):
        ready, problem = {}, "it is no JSON"
    else:
        problem = _find_problem(ready)
    if problem:
        raise pytest.UsageError(
            "--sessionvitals-mock takes the line of JSON that sessionvitals-mock prints when it is "
            f"ready, and this is not one: {problem}"
        )
    return cast("dict[str, Any]", ready)


def _find_problem(ready: object) -> str:
    """Return what a sandbox needs and the ready line has not; an empty text if it has all."""
    if not isinstance(ready, dict):
        return "it is no JSON object"
    if not _is_url(ready.get("url")):
        return 'it has no "url" that begins with http:// or https://'
    for vendor in ("tiun", "ping", "eliza"):
        base_urls, keys = ready.get("base_urls"), ready.get("keys")
        if not isinstance(base_urls, dict) or not _is_url(base_urls.get(vendor)):
            return f'it has no "base_urls" of {vendor}'
        # The key of a vendor that requires none is null.
        if not isinstance(keys, dict) or not isinstance(keys.get(vendor, 0), str | None):
            return f'it has no "keys" of {vendor}'
    return "" if "seed" in ready else 'it has no "seed"'


def _is_url(value: object) -> bool:
    if not isinstance(value, str) or not value.startswith(("http://", "https://")):
        return False
    try:
        parts = urlsplit(value)
        return bool(parts.hostname) and parts.port != 0
    except ValueError:  # a port that is no number
        return False


def _find_markers(item: pytest.Item, name: str) -> list[pytest.Mark]:
    """Return the test's markers of that name, the closest last: each overrides those before it.

    Not ``iter_markers``, reversed or not: in one node, pytest has a base class's markers before
    the derived one's, and a function's before those of its parameters.
    """
    return [
        marker for node in item.listchain() for marker in node.own_markers if marker.name == name
    ]


def _follow_marker(marker: pytest.Mark, sandbox: Sandbox) -> None:
    """Prepare the sandbox as the marker says; a marker that cannot be followed fails the test."""
    try:
        if marker.name == DIALECT:
            if marker.args or not marker.kwargs:
                raise ValueError(f'name the vendor and the dialect: {DIALECT}(eliza="server")')
            sandbox.use_dialect(**marker.kwargs)
        else:
            given = marker.args[0] if len(marker.args) == 1 else None
            if marker.kwargs or not isinstance(given, (str, Path, Mapping)):
                raise ValueError(
                    f'give one scenario, by its name, as a path or as a dict: {SCENARIO}("demo")'
                )
            sandbox.load_scenario(given)
    except (ValueError, TypeError, OSError) as error:  # a file that is not there or no JSON, too
        pytest.fail(f"{_show_marker(marker)}: {error}", pytrace=False)


def _show_marker(marker: pytest.Mark) -> str:
    words = [reprlib.repr(each) for each in marker.args]
    words += [f"{name}={reprlib.repr(value)}" for name, value in marker.kwargs.items()]
    return f"@pytest.mark.{marker.name}({', '.join(words)})"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_setup(item: pytest.Item) -> Generator[None]:
    """Refuse a test's own marker that nothing has followed once the test is set up.

    Those of a class or module are for its tests that have a sandbox; others may be beside them. A
    test that takes ``request`` may still ask for the fixture.
    """
    yield
    unused = [marker for marker in item.own_markers if marker.name in (SCENARIO, DIALECT)]
    if not unused or _sandbox_key in item.stash or item.config.getoption("setupplan", False):
        return
    if isinstance(item, pytest.Function) and "request" in inspect.signature(item.obj).parameters:
        return
    pytest.fail(
        f"{_show_marker(unused[0])}: the test has no sandbox. Take the fixture "
        "sessionvitals_mock or sessionvitals_mock_env, or remove the marker.",
        pytrace=False,
    )


@pytest.fixture(scope="session")
def sessionvitals_mock_server(pytestconfig: pytest.Config) -> Iterator[Mapping[str, Any]]:
    """What the mock said when it was ready: url, port, pid, seed, keys."""
    given = _read_given_mock(pytestconfig)
    if given is not None:
        yield given
        return
    from sessionvitals.mock_program import running_mock

    with running_mock() as ready:
        yield ready


@pytest.fixture
def sessionvitals_mock(
    request: pytest.FixtureRequest, sessionvitals_mock_server: Mapping[str, Any]
) -> Iterator[Sandbox]:
    """A sandbox of the three vendors that no other test has.

    ``.tiun``, ``.ping`` and ``.eliza`` seed sessions and make clients; ``.clock`` turns time;
    ``.faults`` scripts what goes wrong; ``.journal`` says what came. A test that leaves a scripted
    fault unfired, or a call unmade that ``.journal.expect`` announced, fails and says so.
    """
    from sessionvitals.sandbox import Sandbox

    worker = os.environ.get("PYTEST_XDIST_WORKER", "main")
    name = f"{worker}-{os.getpid()}-{_run}-{next(_number)}"
    sandbox = Sandbox(sessionvitals_mock_server, name)
    request.node.stash[_sandbox_key] = sandbox
    request.node.stash[_outcomes_key] = []
    for marker in (*_find_markers(request.node, SCENARIO), *_find_markers(request.node, DIALECT)):
        _follow_marker(marker, sandbox)
    yield sandbox
    if request.node.stash.get(_is_last_key, False):
        request.node.stash[_shown_key] = _show(request.node, sandbox, "teardown")
    left = [f"scripted but never fired: {fault}" for fault in sandbox.faults.unfired]
    left += [f"expected but not made: {call}" for call in sandbox.journal.unmade]
    # A test that was cut short, also by a skip or as it was expected to fail, has not come to all.
    if left and _has_passed(request.node):
        pytest.fail("the test left its sandbox with\n  " + "\n  ".join(left), pytrace=False)


@pytest.fixture
def sessionvitals_mock_env(sessionvitals_mock: Sandbox, monkeypatch: pytest.MonkeyPatch) -> Sandbox:
    """The same sandbox, with the environment set so that every client finds it.

    So code under test that makes its own clients, here or in a process that it starts, needs no
    key and no base URL.
    """
    for variable, value in sessionvitals_mock.variables().items():
        if value is None:
            monkeypatch.delenv(variable, raising=False)
        else:
            monkeypatch.setenv(variable, value)
    host = str(urlsplit(sessionvitals_mock.url).hostname)
    for variable in ("NO_PROXY", "no_proxy"):
        monkeypatch.setenv(variable, host, prepend="," if os.environ.get(variable) else None)
    return sessionvitals_mock


def _has_failed(item: pytest.Item) -> bool:
    return any(outcome == "failed" for _, outcome in item.stash[_outcomes_key])


def _has_passed(item: pytest.Item) -> bool:
    """Return whether each phase has passed; a subtest that was skipped does not tell of its test."""
    outcomes = item.stash[_outcomes_key]
    last = dict(outcomes)  # a test reports behind its subtests
    return not _has_failed(item) and set(last.values()) <= {"passed"}


def _show(item: pytest.Item, sandbox: Sandbox, when: str) -> tuple[str, str | None]:
    """Return the space as it is now, as lines of text and as a page if the mock can be asked."""
    try:
        page = page_of(sandbox, f"{item.nodeid} ({when})")
    except Exception:  # noqa: BLE001 whatever answers there, the test's own failure comes first
        page = None
    outside = item.config.getoption("--sessionvitals-mock") is not None
    return describe(sandbox, outlives_run=outside), page


def _write_page(item: pytest.Item, page: str, when: str) -> Path | None:
    """Write the page into a file; a file that cannot be written is no second failure."""
    given = item.config.stash.get(_reports_key, None)
    factory: Any = getattr(item.config, "_tmp_path_factory", None)
    try:
        folder = given or factory.getbasetemp() / "sessionvitals"
        folder.mkdir(parents=True, exist_ok=True)
        name = re.sub(r"[^A-Za-z0-9_.-]+", "-", item.nodeid)[-150:].strip("-.")
        # Ids that differ in their other characters alone have pages of their own.
        digest = blake2b(item.nodeid.encode(errors="replace"), digest_size=4).hexdigest()
        file = folder / f"{name}-{when}-{digest}.html"
        file.write_text(page, encoding="utf-8")
    except (OSError, ValueError, AttributeError):
        return None
    return file


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_teardown(item: pytest.Item, nextitem: pytest.Item | None) -> None:
    # Its teardown ends the mock, too, before pytest_runtest_makereport can ask it.
    item.stash[_is_last_key] = nextitem is None


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    sandbox = item.stash.get(_sandbox_key, None)
    if sandbox is not None:
        item.stash[_outcomes_key].append((report.when, report.outcome))
    if sandbox is not None and report.failed:
        before = item.stash.get(_shown_key, None) if report.when == "teardown" else None
        words, page = before or _show(item, sandbox, report.when)
        if page is not None and (file := _write_page(item, page, report.when)) is not None:
            words += f"\nas a page     {file.as_uri()}"
            item.user_properties.append(("sessionvitals_page", str(file)))
        report.sections.append(("sessionvitals sandbox", words))
    if sandbox is not None and report.when == "teardown":
        _drop(item, sandbox)
    return report


def _drop(item: pytest.Item, sandbox: Sandbox) -> None:
    """Forget the space of a test that passed; that of one that failed can still be looked at.

    All spaces share the journal's memory, so those of thousands of tests would leave a test none.
    """
    del item.stash[_sandbox_key]
    if _has_failed(item):
        return
    from sessionvitals.errors import SessionVitalsError

    with contextlib.suppress(SessionVitalsError):  # a test may have ended the mock
        sandbox.drop()
