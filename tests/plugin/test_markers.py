"""The markers of the pytest plugin, in a user's own test run."""

from __future__ import annotations

from pathlib import Path

from tests.plugin.users import Run


def test_markers_choose_the_dialect_and_the_scenario(tmp_path: Path, shared: str) -> None:
    run = Run(
        tmp_path,
        """
        import pytest
        import sessionvitals

        @pytest.mark.sessionvitals_dialect(eliza="server")
        @pytest.mark.sessionvitals_scenario("demo")
        def test_markers(sessionvitals_mock):
            assert len(sessionvitals_mock.admin("GET", "sessions")["sessions"]) >= 9
            with pytest.raises(sessionvitals.NotFoundError) as raised:
                sessionvitals_mock.eliza.client().get_session("nobody")
            assert raised.value.message == "Session with ID 'nobody' not found"
        """,
        shared,
    )
    assert "1 passed" in run.output, run.output


def test_the_closest_marker_wins(tmp_path: Path, shared: str) -> None:
    run = Run(
        tmp_path,
        """
        import pytest

        def scenario(name):
            clock = {"set": "2030-01-01T00:00:00Z", "freeze": True}
            sessions = [{"provider": "ping", "id": name, "state": "connected"}]
            mark = pytest.mark.sessionvitals_scenario
            return mark({"clock": clock if name == "function" else {}, "sessions": sessions})

        dialect = pytest.mark.sessionvitals_dialect
        pytestmark = [scenario("module"), dialect(ping="bearer", eliza="server")]

        def seeded(sandbox):
            return [each["id"] for each in sandbox.admin("GET", "sessions")["sessions"]]

        def spoken(sandbox):
            words = sandbox.admin("GET", "dialect")
            return words["tiun"], words["ping"], words["eliza"]

        def test_module(sessionvitals_mock):
            assert seeded(sessionvitals_mock) == ["module"]
            assert spoken(sessionvitals_mock) == ("seed", "bearer", "server")

        @scenario("function")
        @dialect(ping="raw")
        def test_function(sessionvitals_mock):
            assert seeded(sessionvitals_mock) == ["function"]
            assert sessionvitals_mock.clock.now.year == 2030
            assert spoken(sessionvitals_mock) == ("seed", "raw", "server")

        @pytest.mark.parametrize("what", [pytest.param("it", marks=scenario("parameter"))])
        @scenario("function")
        def test_parameter(sessionvitals_mock, what):
            assert seeded(sessionvitals_mock) == ["parameter"]

        @scenario("base")
        @dialect(ping="both", tiun="both")
        class TestBase:
            def test_class(self, sessionvitals_mock):
                assert seeded(sessionvitals_mock) == ["base"]
                assert spoken(sessionvitals_mock) == ("both", "both", "server")

        @scenario("derived")
        @dialect(ping="raw")
        class TestDerived(TestBase):
            def test_class(self, sessionvitals_mock):
                assert seeded(sessionvitals_mock) == ["derived"]
                assert spoken(sessionvitals_mock) == ("both", "raw", "server")
        """,
        shared,
    )
    assert "5 passed" in run.output, run.output
