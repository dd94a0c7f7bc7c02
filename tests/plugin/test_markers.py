"""The markers of the pytest plugin, in a user's own test run."""

from __future__ import annotations

from pathlib import Path

import pytest
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


def test_a_marker_with_wrong_arguments_is_an_error_that_says_what_to_write(
    tmp_path: Path, shared: str
) -> None:
    run = Run(
        tmp_path,
        """
        import pytest

        scenario = pytest.mark.sessionvitals_scenario
        dialect = pytest.mark.sessionvitals_dialect
        wrong = [
            scenario(name="demo"),
            scenario(),
            scenario("demo", "billing"),
            scenario(7),
            scenario("demmo"),
            scenario({"sesions": []}),
            dialect("server"),
            dialect(),
            dialect(elisa="server"),
            dialect(eliza="sever"),
        ]

        @pytest.mark.parametrize("_", [pytest.param(1, marks=each) for each in wrong])
        def test_it(sessionvitals_mock, _):
            pass
        """,
        shared,
    )
    assert "10 errors" in run.output, run.output
    one = 'give one scenario, by its name, as a path or as a dict: sessionvitals_scenario("demo")'
    vendor = 'name the vendor and the dialect: sessionvitals_dialect(eliza="server")'
    for words in (
        f"@pytest.mark.sessionvitals_scenario(name='demo'): {one}",
        f"@pytest.mark.sessionvitals_scenario(): {one}",
        f"@pytest.mark.sessionvitals_scenario('demo', 'billing'): {one}",
        f"@pytest.mark.sessionvitals_scenario(7): {one}",
        "@pytest.mark.sessionvitals_scenario('demmo'): no scenario 'demmo'; known: ",
        "@pytest.mark.sessionvitals_scenario({'sesions': []}): the mock refused POST",
        f"@pytest.mark.sessionvitals_dialect('server'): {vendor}",
        f"@pytest.mark.sessionvitals_dialect(): {vendor}",
        "@pytest.mark.sessionvitals_dialect(elisa='server'): the mock refused PUT",
        "@pytest.mark.sessionvitals_dialect(eliza='sever'): the mock refused PUT",
    ):
        assert words in run.output, (words, run.output)
    assert "Traceback" not in run.output
    assert "plugin.py" not in run.output


def test_a_tests_own_marker_without_the_fixture_is_an_error(tmp_path: Path, shared: str) -> None:
    run = Run(
        tmp_path,
        """
        import pytest

        pytestmark = pytest.mark.sessionvitals_dialect(eliza="server")
        demo = pytest.mark.sessionvitals_scenario("demo")

        @demo
        def test_without():
            pass

        @demo
        def test_with_the_environment(sessionvitals_mock_env):
            pass

        @demo
        @pytest.mark.usefixtures("sessionvitals_mock")
        def test_that_names_it():
            pass

        @demo
        def test_that_asks_for_it(request):
            request.getfixturevalue("sessionvitals_mock")

        @demo
        @pytest.mark.skip
        def test_skipped():
            pass

        def test_that_needs_no_sandbox_beside_those_that_do():
            pass
        """,
        shared,
    )
    assert "4 passed, 1 skipped, 1 error" in run.output, run.output
    assert (
        "@pytest.mark.sessionvitals_scenario('demo'): the test has no sandbox. Take the fixture "
        "sessionvitals_mock or sessionvitals_mock_env, or remove the marker." in run.output
    )


def test_a_plan_of_the_set_up_is_no_error(tmp_path: Path, shared: str) -> None:
    test = """
        import pytest

        @pytest.mark.sessionvitals_scenario("demo")
        def test_it(sessionvitals_mock): pass
        """
    run = Run(tmp_path, test, shared, "--setup-plan")
    assert (run.exit_code, "ERROR" in run.output) == (0, False), run.output


@pytest.mark.skipif(pytest.version_tuple < (9,), reason="pytest has subtests from 9 on")
def test_a_subtest_that_is_skipped_hides_no_unfired_fault(tmp_path: Path, shared: str) -> None:
    test = """
        import pytest

        def test_it(sessionvitals_mock, subtests):
            sessionvitals_mock.faults.script("503", provider="tiun")
            with subtests.test("one"):
                pytest.skip("not here")
        """
    run = Run(tmp_path, test, shared)
    assert "scripted but never fired: 503" in run.output, run.output
