"""The pytest plugin, as a user's own test run sees it: pytest in a process of its own."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.plugin.users import Run
from tests.support.sandbox import Mock, Space

READY = json.dumps(
    {
        "url": "http://127.0.0.1:8750",
        "base_urls": dict.fromkeys(("tiun", "ping", "eliza"), "http://127.0.0.1:8750"),
        "keys": {"tiun": "a", "ping": "b", "eliza": None},
        "seed": 1,
    }
)

PAYWALL = """
    def test_the_paywall_shuts_after_thirty_minutes(sessionvitals_mock):
        sessionvitals_mock.tiun.add_session("reader-1", state="valid", expires_after=1800)
        tiun = sessionvitals_mock.tiun.client()
        assert tiun.verify("reader-1")
        sessionvitals_mock.clock.advance(minutes=30)
        assert not tiun.verify("reader-1")
"""


def test_the_paywall_example_passes_with_a_mock_of_its_own(tmp_path: Path) -> None:
    run = Run(tmp_path, PAYWALL)
    assert "1 passed" in run.output, run.output


def test_counters_after_an_hour_of_virtual_time(tmp_path: Path, shared: str) -> None:
    run = Run(
        tmp_path,
        """
        def test_an_hour_is_billed(sessionvitals_mock):
            sessionvitals_mock.clock.freeze()
            sessionvitals_mock.ping.add_session(
                "vpn-1", state="connected", upload_rate=1000, download_rate=5000
            )
            sessionvitals_mock.clock.advance(hours=1)
            used = sessionvitals_mock.ping.client().session_status("vpn-1")
            assert used.duration_seconds == 3600
            assert (used.uploaded_bytes, used.downloaded_bytes) == (3_600_000, 18_000_000)
        """,
        shared,
    )
    assert "1 passed" in run.output, run.output


def test_an_expiry_is_warned_of_then_said_once_then_gone(tmp_path: Path, shared: str) -> None:
    run = Run(
        tmp_path,
        """
        import pytest
        import sessionvitals

        def test_expiry(sessionvitals_mock):
            sessionvitals_mock.eliza.add_session("chat-1", state="active")
            eliza = sessionvitals_mock.eliza.client()
            assert not eliza.get_session("chat-1").is_near_expiration
            sessionvitals_mock.clock.advance(minutes=26)
            assert eliza.get_session("chat-1").is_near_expiration
            sessionvitals_mock.clock.advance(minutes=5)
            with pytest.raises(sessionvitals.SessionExpiredError):
                eliza.get_session("chat-1")
            with pytest.raises(sessionvitals.NotFoundError):
                eliza.get_session("chat-1")
        """,
        shared,
    )
    assert "1 passed" in run.output, run.output


def test_code_that_makes_its_own_clients_finds_the_sandbox(tmp_path: Path, shared: str) -> None:
    run = Run(
        tmp_path,
        """
        import os
        import subprocess
        import sys

        import pytest
        import sessionvitals

        @pytest.fixture(autouse=True)
        def outside(monkeypatch):
            monkeypatch.setenv("PING_API_KEY", "a real key")
            monkeypatch.setenv("ELIZA_API_KEY", "a real key")
            monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
            monkeypatch.setenv("NO_PROXY", "example.com")

        def test_here_and_in_a_process(outside, sessionvitals_mock_env):
            sessionvitals_mock_env.ping.add_session("vpn-1", state="connected")
            assert sessionvitals.PingClient().probe("vpn-1").live
            assert not sessionvitals.ElizaClient().probe("nobody").live
            assert "ELIZA_API_KEY" not in os.environ
            command = [sys.executable, "-m", "sessionvitals", "status", "--check", "ping", "vpn-1"]
            assert subprocess.run(command).returncode == 0

        def test_the_variables_alone(sessionvitals_mock):
            assert sessionvitals_mock.env["PING_BASE_URL"] == sessionvitals_mock.ping.base_url
            assert sessionvitals_mock.env["TIUN_ACCESS_TOKEN"] == sessionvitals_mock.tiun.key
        """,
        shared,
    )
    assert "2 passed" in run.output, run.output


def test_asyncio_has_the_same_sandbox(tmp_path: Path, shared: str) -> None:
    run = Run(
        tmp_path,
        """
        import asyncio

        def test_asyncio(sessionvitals_mock):
            async def ask():
                async with sessionvitals_mock.tiun.async_client() as tiun:
                    return await tiun.verify("reader-1")

            sessionvitals_mock.tiun.add_session("reader-1", state="valid")
            assert asyncio.run(ask())
        """,
        shared,
    )
    assert "1 passed" in run.output, run.output


def test_a_fault_that_never_fires_fails_the_test(tmp_path: Path, shared: str) -> None:
    run = Run(
        tmp_path,
        """
        def test_no_call(sessionvitals_mock):
            sessionvitals_mock.faults.script("503*2")
            sessionvitals_mock.ping.client(max_retries=0).with_options(timeout=5)
        """,
        shared,
    )
    assert run.exit_code == 1
    assert "scripted but never fired: 503 (fired 0 of 2)" in run.output


def test_a_call_that_was_expected_and_not_made_fails_the_test(tmp_path: Path, shared: str) -> None:
    run = Run(
        tmp_path,
        """
        def test_no_call(sessionvitals_mock):
            sessionvitals_mock.journal.expect("tiun", "reader-1")

        def test_the_call(sessionvitals_mock):
            sessionvitals_mock.journal.expect("tiun", "reader-1")
            sessionvitals_mock.tiun.client().verify("reader-1")
        """,
        shared,
    )
    assert "expected but not made: 1 call(s) to tiun for 'reader-1': no, 0 came" in run.output
    assert "2 passed, 1 error" in run.output  # at its end: the test itself had nothing to say


def test_a_failed_test_is_told_of_its_sandbox(tmp_path: Path, shared: str) -> None:
    run = Run(
        tmp_path,
        """
        import urllib.request

        def test_wrong(sessionvitals_mock):
            sessionvitals_mock.clock.freeze("2026-01-01T00:00:00Z")
            sessionvitals_mock.faults.script("503")
            assert sessionvitals_mock.ping.client(max_retries=1).probe("vpn-9").live
        """,
        shared,
    )
    assert run.exit_code == 1
    for expected in (
        "sessionvitals sandbox",
        "virtual time  2026-01-01T00:00:00.000Z (frozen)",
        "seed          ",
        "faults        1 fired; not fired: none",
        "/customer/v2/sessions/vpn-9/status -> 503 (fault: 503)",
        "/customer/v2/sessions/vpn-9/status -> 404",
        "curl -i --globoff --path-as-is -X GET",
    ):
        assert expected in run.output, run.output
    assert "ping-sandbox-key" not in run.output


def test_a_request_with_no_route_is_a_near_miss_in_the_report(tmp_path: Path, shared: str) -> None:
    run = Run(
        tmp_path,
        """
        import sessionvitals

        def test_wrong(sessionvitals_mock):
            url = sessionvitals_mock.ping.base_url.replace("/v2", "/v3")
            sessionvitals_mock.ping.client(base_url=url, max_retries=0).probe("vpn-9")
        """,
        shared,
    )
    assert "no route for:" in run.output
    assert "/customer/v3/sessions/vpn-9/status; the nearest route is" in run.output


def test_a_test_that_was_cut_short_owes_no_fault_and_no_call(tmp_path: Path, shared: str) -> None:
    run = Run(
        tmp_path,
        """
        import unittest

        import pytest

        @pytest.fixture(autouse=True)
        def announced(sessionvitals_mock):
            sessionvitals_mock.faults.script("503")
            sessionvitals_mock.journal.expect("tiun", "reader-1")

        @pytest.mark.xfail(strict=True, raises=ZeroDivisionError)
        def test_marked():
            1 / 0

        def test_expected():
            pytest.xfail("not yet")

        def test_skipped():
            pytest.skip("not here")

        class TestOld(unittest.TestCase):
            @unittest.expectedFailure
            def test_expected(self):
                self.fail()

            def test_skipped(self):
                self.skipTest("not here")

        @pytest.mark.xfail
        def test_that_passes():
            pass
        """,
        shared,
        "-rA",
    )
    assert "2 skipped, 4 xfailed, 1 xpassed in" in run.output, run.output
    assert "XFAIL at teardown of test_users.py::test_that_passes" in run.output


def test_workers_share_a_mock_and_never_meet(tmp_path: Path, shared: str) -> None:
    run = Run(
        tmp_path,
        """
        import pytest

        @pytest.mark.parametrize("number", range(200))
        def test_only_mine(sessionvitals_mock, number):
            sessionvitals_mock.clock.freeze("2026-01-01T00:00:00Z")
            sessionvitals_mock.ping.add_session(
                "vpn", state="connected", client_id=f"c-{number}", upload_rate=number
            )
            sessionvitals_mock.faults.script("500")
            sessionvitals_mock.clock.advance(10)
            ping = sessionvitals_mock.ping.client(max_retries=1)
            used = ping.session_status("vpn")
            assert (used.client_id, used.uploaded_bytes) == (f"c-{number}", 10 * number)
            assert sessionvitals_mock.journal.count() == 2
            assert len(sessionvitals_mock.admin("GET", "sessions")["sessions"]) == 1
        """,
        shared,
        "-n4",
    )
    assert "200 passed" in run.output, run.output


def test_the_plugin_loads_nothing_until_it_is_used(tmp_path: Path) -> None:
    run = Run(
        tmp_path,
        """
        import sys

        def test_nothing_loaded():
            assert not [name for name in sys.modules if name.split(".")[0] == "sessionvitals"]
        """,
    )
    assert "1 passed" in run.output, run.output


def test_a_space_goes_with_its_test_unless_that_failed(
    tmp_path: Path, mock: Mock, shared: str
) -> None:
    run = Run(
        tmp_path,
        """
        import pytest

        @pytest.mark.parametrize("what", ["passes", "fails", "leaves"])
        def test_a_call(sessionvitals_mock, what):
            sessionvitals_mock.ping.add_session(f"that-{what}", state="connected")
            assert what != "fails"
            if what == "leaves":
                sessionvitals_mock.faults.script("503")
        """,
        shared,
        "-s",
    )
    assert "1 failed, 2 passed, 1 error" in run.output, run.output
    names = [each["name"] for each in Space(mock, "default").admin("GET", "spaces")["spaces"]]
    spaces = [Space(mock, name) for name in names]
    seeded = [each["id"] for space in spaces for each in space.admin("GET", "sessions")["sessions"]]
    assert sorted(each for each in seeded if each.startswith("that-")) == [
        "that-fails",
        "that-leaves",
    ]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "it is no JSON"),
        ("http://127.0.0.1:8750", "it is no JSON"),
        ("[" * 100_000, "it is no JSON"),
        ("[]", "it is no JSON object"),
        ("{}", 'it has no "url"'),
        ('{"url": 7}', 'it has no "url"'),
        ('{"url": "127.0.0.1:8750"}', 'it has no "url"'),
        ('{"url": "http://127.0.0.1:port"}', 'it has no "url"'),
        ('{"url": "http://127.0.0.1:8750", "seed": 1}', 'it has no "base_urls" of tiun'),
        (READY.replace('"eliza"', '"elisa"'), 'it has no "base_urls" of eliza'),
        (READY.replace('"keys"', '"key"'), 'it has no "keys" of tiun'),
        (READY.replace('"seed"', '"sed"'), 'it has no "seed"'),
    ],
    ids=[
        "empty",
        "url",
        "deep",
        "list",
        "nothing",
        "number",
        "bare",
        "port",
        "old",
        "typo",
        "key",
        "seed",
    ],
)
def test_a_wrong_ready_line_is_a_usage_error(tmp_path: Path, text: str, why: str) -> None:
    run = Run(tmp_path, "def test_it(): pass", f"--sessionvitals-mock={text}")
    assert run.exit_code == pytest.ExitCode.USAGE_ERROR, run.output
    assert (
        "ERROR: --sessionvitals-mock takes the line of JSON that sessionvitals-mock prints when it "
        f"is ready, and this is not one: {why}" in run.output
    )
    assert "Traceback" not in run.output
