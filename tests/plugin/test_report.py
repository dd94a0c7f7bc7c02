"""The lines that a failed test is told of its sandbox."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from tests.plugin.users import Run
from tests.support.consumers import ENVIRONMENT
from tests.support.sandbox import Space
from tests.support.wire import once

from pytest_sessionvitals.report import describe


@pytest.mark.parametrize(
    ("method", "path", "body", "headers"),
    [
        ("HEAD", "/customer/v2/sessions/s/status", b"", {}),
        ("GET", "/customer/v2/sessions/[a]{b}/../status?x='", b"", {"X_Empty": ""}),
        ("POST", "/customer/v2/sessions", b'{"client_id": "it\'s"}', {}),
        ("POST", "/api/messaging/sessions", b"{}", {"Content_Type": "application/json"}),
    ],
)
def test_the_latest_request_can_be_made_again(
    space: Space, method: str, path: str, body: bytes, headers: dict[str, str]
) -> None:
    once(space.port, f"/~{space.name}{path}", method, body, **headers)
    command = describe(space.sandbox).split("again ", 1)[1]
    subprocess.run(
        ["bash", "-c", command], check=True, capture_output=True, timeout=10, env=ENVIRONMENT
    )
    first, again = space.admin("GET", "requests")["requests"]
    for name in ("method", "target", "body", "http_status"):
        assert again[name] == first[name]


def test_no_control_characters_go_to_a_terminal(space: Space) -> None:
    once(space.port, f"/~{space.name}/customer/v2/sessions", "POST", b"\x1b[201~;id\n")
    assert describe(space.sandbox).replace("\n", "").isprintable()


def test_the_last_test_of_a_run_is_told_of_its_sandbox(tmp_path: Path) -> None:
    """Also where its mock, which the plugin started, ends with the test's own teardown."""
    run = Run(
        tmp_path,
        """
        def test_last(sessionvitals_mock):
            sessionvitals_mock.ping.client().probe("vpn-9")
            sessionvitals_mock.faults.script("503", provider="tiun")
        """,
        "--sessionvitals-reports=pages",
    )
    assert "scripted but never fired: 503 (fired 0 of 1)" in run.output
    assert "not fired: 503 (fired 0 of 1)\n" in run.output, run.output
    assert "/customer/v2/sessions/vpn-9/status -> 404" in run.output
    (file,) = (tmp_path / "pages").iterdir()
    assert file.name.startswith("test_users.py-test_last-teardown-")
    assert "/customer/v2/sessions/vpn-9/status: 404" in file.read_text(encoding="utf-8")


def test_the_last_test_of_a_run_whose_other_fixture_fails_is_told_too(tmp_path: Path) -> None:
    run = Run(
        tmp_path,
        """
        import pytest

        @pytest.fixture
        def database():
            yield
            assert False, "cannot close"

        @pytest.fixture(scope="session")
        def started(sessionvitals_mock_server):
            yield
            assert False, "cannot stop"

        @pytest.mark.parametrize("first", ["started", "database"])
        def test_last(request, first, started, sessionvitals_mock):
            request.getfixturevalue(first)
            sessionvitals_mock.ping.client().probe("vpn-9")
        """,
        "-n2",
        "--sessionvitals-reports=pages",
    )
    assert "2 passed, 2 errors" in run.output, run.output
    assert run.output.count("/customer/v2/sessions/vpn-9/status -> 404") == 2, run.output
    assert len(list((tmp_path / "pages").iterdir())) == 2


NOTE = "(the plugin's own mock ends with the run; one given by --sessionvitals-mock stays)"


@pytest.mark.parametrize("outside", [False, True], ids=["its own mock", "one that stays"])
def test_the_report_says_when_its_curl_line_needs_another_mock(
    tmp_path: Path, shared: str, outside: bool
) -> None:
    run = Run(
        tmp_path,
        """
        def test_it(sessionvitals_mock):
            sessionvitals_mock.ping.client().probe("vpn-9")
            assert False
        """,
        *([shared] if outside else []),
    )
    assert "again         curl -i " in run.output, run.output
    assert (NOTE in run.output) is not outside


def test_whatever_answers_in_the_mocks_place_a_run_goes_on(tmp_path: Path) -> None:
    test = """
        import pytest

        @pytest.mark.parametrize("body", ["[]", "null", '"x"', "[" * 5000 + "]" * 5000, "{}"])
        def test_it(sessionvitals_mock, monkeypatch, body):
            import json
            monkeypatch.setattr(sessionvitals_mock, "admin", lambda *a, **k: json.loads(body))
            assert 0, "the test's own words"
        """
    run = Run(tmp_path, test)
    assert "INTERNALERROR" not in run.output, run.output
    assert "5 failed" in run.output
    assert run.output.count("the mock could not be asked") >= 4, run.output


def test_a_report_is_where_it_was_said_also_after_a_change_of_folder(
    tmp_path: Path, shared: str
) -> None:
    test = """
        def test_it(sessionvitals_mock, monkeypatch, tmp_path):
            monkeypatch.chdir(tmp_path)
            assert 0
        """
    run = Run(tmp_path, test, shared, "--sessionvitals-reports=pages")
    assert "1 failed" in run.output
    assert len(list((tmp_path / "pages").iterdir())) == 1
