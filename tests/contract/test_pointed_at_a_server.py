"""The contract tests pointed at a server, as the README says: a space of the mock plays it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from tests.support.contracts import EXCHANGES, STREAMS
from tests.support.preparing import why_not
from tests.support.sandbox import Space
from tests.support.servers import MOCK_AGENT

ROOT = Path(__file__).parents[2]


def contract_tests(space: Space, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run the contract tests against the space as if it were a real elizaOS server."""
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "tests/contract"]
    return subprocess.run(
        [*command, "--eliza-url", space.base_url("eliza"), "--eliza-agent", MOCK_AGENT],
        cwd=ROOT,
        env={**os.environ, "PYTEST_ADDOPTS": "", **environment},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def test_a_key_in_the_environment_is_given_to_that_server_only(space: Space) -> None:
    space.admin("PUT", "keys", {"eliza": "the-servers-own-key"})
    # As a real server, it runs one agent. An agent that replies is not compared.
    space.admin("PUT", "dialect", {"eliza": "server", "eliza_agents": [MOCK_AGENT]})
    space.admin("PUT", "agent", {"reply": None})

    ran = contract_tests(space, ELIZA_API_KEY="the-servers-own-key")

    assert ran.returncode == 0, ran.stdout
    assert f"eliza at {space.base_url('eliza')}: " in ran.stdout
    assert " 0 failed" in ran.stdout
    # Every test asked that server: none ran against peers of the tests' own.
    summary = ran.stdout[ran.stdout.index("servers that were asked") :]
    ours = [each for each in [*EXCHANGES, *STREAMS] if each.provider == "eliza"]
    asked = [each for each in ours if why_not(each) is None]
    assert len(asked) >= 30
    assert f"exchanges of the contract: {len(asked)} of {len(ours)}" in summary
    # Why one was skipped, and how to have it run.
    assert "SESSION_MIN_TIMEOUT_MINUTES=1" in summary


def test_what_was_created_is_deleted(space: Space) -> None:
    space.admin("PUT", "dialect", {"eliza": "server"})

    ran = contract_tests(space)

    assert ran.returncode == 0, ran.stdout
    created = space.admin("GET", "requests/count?operation=create_session&http_status=201")
    assert created["count"] >= 10
    assert space.admin("GET", "sessions?provider=eliza")["total"] == 0


def test_a_server_that_limits_rates_is_told_in_words_and_asked_no_more(space: Space) -> None:
    space.admin("PUT", "limits", {"eliza": {"limit": 20, "window": 900}})

    ran = contract_tests(space)

    assert ran.returncode == 1, "a run that could not ask everything is no success"
    assert "0 failed" in ran.stdout
    assert "eliza limits rates and answers 429: try again in 900 s" in ran.stdout
    refused = space.admin("GET", "requests/count?provider=eliza&http_status=429")["count"]
    assert refused == 1
