"""The page that a failed test's sandbox is written as."""

from __future__ import annotations

from pathlib import Path

from tests.plugin.users import Run


def test_a_failed_tests_sandbox_is_a_page_that_needs_nothing_else(
    tmp_path: Path, shared: str
) -> None:
    run = Run(
        tmp_path,
        """
        import urllib.error
        import urllib.request

        def test_it(sessionvitals_mock):
            sessionvitals_mock.clock.freeze("2026-01-01T00:00:00Z")
            sessionvitals_mock.faults.script("503, reset", provider="ping")
            sessionvitals_mock.ping.add_session("</script>\\u202e<b>", state="created")
            sessionvitals_mock.ping.client().probe("vpn-9")
            try:
                urllib.request.urlopen(sessionvitals_mock.url + "/customer/v3/<b>")
            except urllib.error.HTTPError as error:
                error.close()
            assert False

        def test_good(sessionvitals_mock):
            pass
        """,
        shared,
        "--sessionvitals-reports=pages",
        "--junitxml=report.xml",
    )
    (file,) = (tmp_path / "pages").iterdir()
    assert file.name.startswith("test_users.py-test_it-call-")
    assert f"as a page     {file.as_uri()}" in run.output
    assert str(file) in (tmp_path / "report.xml").read_text()
    text = file.read_text(encoding="utf-8")
    for words in (
        "virtual time 2026-01-01T00:00:00.000Z, frozen",
        "503 (1 of 1), reset (",
        "/customer/v3/&lt;b&gt;: 501",
        "The nearest is GET /customer/v2/zones (ping, list_zones)",
        "&lt;/script&gt;\\u202e&lt;b&gt;",
        "Authorization: [redacted]",
    ):
        assert words in text, text
    assert "<script" not in text
    assert "<b>" not in text
    assert "http-equiv" in text


def test_each_test_has_a_page_of_its_own(tmp_path: Path, shared: str) -> None:
    run = Run(
        tmp_path,
        """
        import pytest

        @pytest.mark.parametrize("what", ["a/b", "a:b", "a" * 200 + "/b", "a" * 200 + ":b"])
        def test_it(sessionvitals_mock, what):
            assert False
        """,
        shared,
        "--sessionvitals-reports=pages",
    )
    assert "4 failed" in run.output, run.output
    assert len(list((tmp_path / "pages").iterdir())) == 4


def test_a_page_that_cannot_be_written_is_no_second_failure(tmp_path: Path, shared: str) -> None:
    (tmp_path / "file").write_text("")
    run = Run(
        tmp_path,
        "def test_it(sessionvitals_mock): assert False",
        shared,
        "--sessionvitals-reports=file/under",
    )
    assert "1 failed" in run.output, run.output
    assert "space         http" in run.output
    assert "as a page" not in run.output
