"""``sessionvitals doctor``: what it says of a machine where something is not right."""

from __future__ import annotations

import json
import socket
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.support.peers import answer, peer, says, says_and_stays
from tests.support.sandbox import Mock, Space, start_mock
from tests.support.shell import environment_of, run
from tests.support.vendors import PING

GOOD_PING = answer(PING.good_body)


@pytest.fixture
def environment(space: Space) -> dict[str, str]:
    return environment_of(space)


@pytest.fixture(scope="module")
def tls_mock() -> Iterator[Mock]:
    with start_mock(["--tls"]) as running:
        yield running


def examine(environment: dict[str, str], *arguments: str) -> tuple[int, dict[str, Any]]:
    """Run the doctor; return its exit code and, by vendor, the findings by step."""
    done = run(environment, "doctor", "--json", *arguments)
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    assert not rows or "build" in rows[0], done.stderr
    found: dict[str, Any] = {}
    for row in rows[1:]:
        steps: dict[str, list[dict[str, Any]]] = {}
        for finding in row["findings"]:
            steps.setdefault(finding["step"], []).append(finding)
        found[row["provider"]] = steps
    return done.returncode, found


def words(findings: list[dict[str, Any]]) -> str:
    return "; ".join(f"{finding['verdict']}: {finding['words']}" for finding in findings)


def problems(steps: dict[str, Any]) -> list[str]:
    """Return the steps that have a problem."""
    return [step for step, found in steps.items() for each in found if each["verdict"] == "problem"]


def test_all_is_well_with_the_mock(environment: dict[str, str]) -> None:
    code, found = examine(environment)

    assert code == 0
    assert sorted(found) == ["eliza", "ping", "tiun"]
    for steps in found.values():
        assert list(steps) == ["base url", "key", "proxy", "connect", "probe", "clock"]
        assert {each["verdict"] for step in steps.values() for each in step} == {"ok"}
    assert found["ping"]["base url"][0]["source"] == "PING_BASE_URL"
    assert found["ping"]["key"][0]["source"] == "PING_API_KEY"
    assert found["ping"]["probe"][0]["state"] == "not_found"
    assert found["tiun"]["probe"][0]["state"] == "denied"


def test_the_builds_facts_come_first(environment: dict[str, str]) -> None:
    done = run(environment, "doctor", "--json", "ping")

    build = json.loads(done.stdout.splitlines()[0])["build"]
    assert {"sessionvitals", "compiler", "tls", "python", "platform", "ca_places"} <= set(build)
    assert build["python"].endswith(sys.version.split()[0])
    assert build["tls"].startswith("OpenSSL ")


def test_a_session_may_be_named(environment: dict[str, str], space: Space) -> None:
    space.add_session("ping", "vpn-1", "connected")

    code, found = examine(environment, "ping", "--session-id", "vpn-1")

    assert code == 0
    assert found["ping"]["probe"][0]["state"] == "active"


def test_words_are_for_people(environment: dict[str, str]) -> None:
    done = run(environment, "doctor", "ping")

    assert (done.returncode, done.stderr) == (0, "")
    lines = done.stdout.splitlines()
    assert lines[0].startswith("sessionvitals ")
    assert "ping" in lines
    assert any(line.split() == ["ok", "key", "from", "PING_API_KEY"] for line in lines)


def test_a_verified_certificate_is_told(environment: dict[str, str], tls_mock: Mock) -> None:
    environment["PING_BASE_URL"] = f"{tls_mock.url}/customer/v2"
    environment["SSL_CERT_FILE"] = tls_mock.ready["ca_file"]

    code, found = examine(environment, "ping")

    assert code == 0, found
    assert words(found["ping"]["tls"]) == "ok: TLSv1.3, verified"


def test_a_certificate_of_an_unknown_issuer_is_one_problem(
    environment: dict[str, str], tls_mock: Mock
) -> None:
    environment["PING_BASE_URL"] = f"{tls_mock.url}/customer/v2"

    code, found = examine(environment, "ping")

    assert code == 6
    assert problems(found["ping"]) == ["tls"]
    assert "certificate" in words(found["ping"]["tls"])


def test_a_server_that_speaks_no_tls_is_one_problem(
    environment: dict[str, str], mock: Mock
) -> None:
    environment["PING_BASE_URL"] = mock.url.replace("http:", "https:")

    code, found = examine(environment, "ping")

    assert code == 6
    assert problems(found["ping"]) == ["tls"]


def test_a_closed_port_is_one_problem(environment: dict[str, str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    environment["ELIZA_BASE_URL"] = f"http://127.0.0.1:{port}"

    code, found = examine(environment, "eliza")

    assert code == 6
    assert problems(found["eliza"]) == ["connect"]
    assert "Connection refused" in words(found["eliza"]["connect"])
    assert found["eliza"]["connect"][0]["error"] == "TransportError"


def test_a_name_without_an_address_is_one_problem(environment: dict[str, str]) -> None:
    environment["ELIZA_BASE_URL"] = "http://no-such-host.invalid"

    code, found = examine(environment, "eliza", "--timeout", "5")

    assert code in {6, 124}  # some resolvers never answer
    assert problems(found["eliza"]) == ["name"]
    assert "no-such-host.invalid" in words(found["eliza"]["name"])


def test_a_name_that_is_found_is_told(environment: dict[str, str], mock: Mock) -> None:
    environment["ELIZA_BASE_URL"] = f"http://localhost:{mock.port}"

    code, found = examine(environment, "eliza")

    assert code == 0
    assert words(found["eliza"]["name"]) == "ok: localhost has an address"


@pytest.mark.parametrize(("scheme", "step"), [("http", "probe"), ("https", "tls")])
def test_a_server_that_says_nothing_costs_the_deadline_and_no_more(
    scheme: str, step: str, environment: dict[str, str]
) -> None:
    with peer(says_and_stays(b"")) as told:
        environment["ELIZA_BASE_URL"] = f"{scheme}://127.0.0.1:{told.port}"
        code, found = examine(environment, "--timeout", "1")

    assert code == 124
    assert problems(found["eliza"]) == [step]
    assert found["eliza"][step][0]["error"] == "DeadlineExceeded"
    assert found["ping"]["probe"][0]["verdict"] == "ok"
    assert found["tiun"]["probe"][0]["verdict"] == "ok"


@pytest.mark.parametrize(
    ("vendor", "hint"),
    {
        "tiun": "--auth-scheme X-TIUN-API-KEY",
        "ping": "--auth-scheme bearer",
        "eliza": "Check ELIZA_API_KEY",
    }.items(),
)
def test_a_refused_key_is_authentication_with_one_hint(
    vendor: str, hint: str, environment: dict[str, str]
) -> None:
    with peer(says(answer(b"", b"HTTP/1.1 401 Unauthorized"))) as told:
        environment[f"{vendor.upper()}_BASE_URL"] = told.url
        done = run(environment, "doctor", vendor)

    assert done.returncode == 4
    assert done.stdout.count("PROBLEM") == 1
    assert done.stdout.count(hint) == 1, done.stdout


def test_the_key_is_sent_as_asked_for(environment: dict[str, str]) -> None:
    with peer(says(GOOD_PING)) as told:
        environment["PING_BASE_URL"] = told.url
        run(environment, "doctor", "ping", "--auth-scheme", "bearer")
        run(environment, "status", "ping", "--auth-scheme", "bearer", "x")
        refused = run(environment, "status", "eliza", "--auth-scheme", "bearer", "x")

    assert [b"Authorization: Bearer ping-sandbox-key" in each for each in told.requests] == [
        True,
        True,
    ]
    assert refused.returncode == 2
    assert refused.stderr == "sessionvitals: --auth-scheme: eliza has one way to send a key\n"


def test_no_key_is_usage_if_the_vendor_is_named(environment: dict[str, str]) -> None:
    del environment["PING_API_KEY"]

    code, found = examine(environment, "ping")

    assert code == 2
    assert words(found["ping"]["key"]) == "problem: none: set PING_API_KEY"
    assert problems(found["ping"]) == ["key"]


def test_a_vendor_that_nothing_is_set_up_for_is_not_examined(environment: dict[str, str]) -> None:
    for variable in ("TIUN_ACCESS_TOKEN", "TIUN_BASE_URL", "ELIZA_BASE_URL"):
        del environment[variable]

    done = run(environment, "doctor")

    assert done.returncode == 0
    assert "PROBLEM" not in done.stdout
    assert done.stderr == (
        "sessionvitals: not set up, and not examined (eliza: ELIZA_API_KEY or ELIZA_BASE_URL; "
        "tiun: TIUN_ACCESS_TOKEN or TIUN_BASE_URL)\n"
    )


def test_nothing_set_up_is_said_once_with_what_to_do(environment: dict[str, str]) -> None:
    for variable in [*environment]:
        if variable.startswith(("TIUN_", "PING_", "ELIZA_")):
            del environment[variable]

    done = run(environment, "doctor")

    assert done.returncode == 2
    assert "PROBLEM" not in done.stdout
    assert len(done.stderr.splitlines()) == 1
    assert "ping: PING_API_KEY or PING_BASE_URL" in done.stderr


def test_a_404_without_problem_details_smells_of_a_wrong_base_url(
    environment: dict[str, str],
) -> None:
    with peer(says(answer(b"<h1>Not Found</h1>", b"HTTP/1.1 404 Not Found"))) as told:
        environment["TIUN_BASE_URL"] = told.url
        code, found = examine(environment, "tiun")

    assert code == 0
    assert "hint: " in words(found["tiun"]["probe"])
    assert "base URL" in words(found["tiun"]["probe"])


def test_a_server_that_knows_every_session_is_told(environment: dict[str, str]) -> None:
    with peer(says(GOOD_PING)) as told:
        environment["PING_BASE_URL"] = told.url
        code, found = examine(environment, "ping")

    assert code == 0
    assert "hint: a server that knows a made-up session" in words(found["ping"]["probe"])


@pytest.mark.parametrize(("advance", "order"), [(3600, "behind"), (-3600, "ahead of")])
def test_a_clock_that_is_off_is_told(
    advance: int, order: str, environment: dict[str, str], space: Space
) -> None:
    space.clock(advance=advance)

    code, found = examine(environment, "ping")

    assert code == 0
    assert f"s {order} the server's" in words(found["ping"]["clock"])
    assert abs(abs(found["ping"]["clock"][0]["skew_seconds"]) - 3600) < 60


def test_the_proxy_and_the_reason_for_it_are_told(environment: dict[str, str]) -> None:
    environment["HTTP_PROXY"] = "http://user:canary-5c1@127.0.0.1:9"
    code, found = examine(environment, "ping")
    assert code == 6
    assert words(found["ping"]["proxy"]) == "ok: 127.0.0.1:9 (HTTP_PROXY)"
    assert "canary-5c1" not in json.dumps(found)

    environment["NO_PROXY"] = "127.0.0.1"
    code, found = examine(environment, "ping")
    assert code == 0
    assert "NO_PROXY" in words(found["ping"]["proxy"])


@pytest.mark.parametrize(
    "base_url", ["gopher://h", "http://user:canary-5c1@h", "http://h:99999", "h"]
)
def test_a_base_url_that_is_none_is_usage(base_url: str, environment: dict[str, str]) -> None:
    environment["PING_BASE_URL"] = base_url

    code, found = examine(environment, "ping")

    assert code == 2
    assert problems(found["ping"]) == ["base url"]
    assert "canary-5c1" not in json.dumps(found)


def test_a_key_and_a_base_url_may_be_given_for_one_vendor(
    environment: dict[str, str], tmp_path: Path
) -> None:
    base_url = environment.pop("PING_BASE_URL")
    del environment["PING_API_KEY"]
    key_file = tmp_path / "key"
    key_file.write_text("ping-sandbox-key\n")
    given = ["--base-url", base_url, "--key-file", str(key_file)]

    code, found = examine(environment, "ping", *given)

    assert code == 0
    assert found["ping"]["base url"][0]["source"] == "the argument"
    assert found["ping"]["key"][0]["source"] == "the argument"
    assert run(environment, "doctor", *given).returncode == 2
    assert run(environment, "doctor", "ping", "tiun", *given).returncode == 2


def test_ca_places_that_cannot_be_read_are_named(environment: dict[str, str]) -> None:
    environment["SSL_CERT_FILE"] = "nowhere.pem"

    done = run(environment, "doctor", "ping")

    assert "CA certificates: nowhere.pem (SSL_CERT_FILE, which cannot be read)" in done.stdout
