"""``sessionvitals VENDOR OPERATION``: every call of a client as a command."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from tests.support.peers import answer, peer, says
from tests.support.sandbox import Space
from tests.support.shell import environment_of, interrupted, on_a_terminal, run

pytest.importorskip("click")

from sessionvitals import CLIENTS
from sessionvitals._sync.client import Client
from sessionvitals.cli.operations import OPERATIONS

#: Not one call: it goes on beside a program.
NO_COMMAND = {"keep_alive"}
#: Keys that find what was made; they open nothing.
NAMES_OF_ONES_OWN = {"--create-key", "--message-key"}
USER = '{"userId":"u-1","email":"reader@example.com","productAccess":[{"productId":"p-1"}]}'


@pytest.fixture
def environment(space: Space) -> dict[str, str]:
    space.add_session("ping", "up", "connected", client_id="c-1")
    space.add_session("tiun", "reader", "valid")
    return environment_of(space)


def scripted(space: Space, body: str, http_status: int = 200) -> None:
    fault = {"kind": "status", "http_status": http_status, "body": body}
    space.faults({**fault, "headers": {"content-type": "application/json"}})


@pytest.mark.parametrize("form", [["--json"], ["-o", "json"]], ids=" ".join)
def test_a_client_that_cannot_be_made_is_an_error_in_json_too(
    environment: dict[str, str], form: list[str]
) -> None:
    del environment["PING_API_KEY"]
    done = run(environment, "ping", "zones", *form)

    assert done.returncode == 2
    assert json.loads(done.stdout)["error"]["type"] == "ConfigurationError"
    assert "PING_API_KEY" in done.stderr


@pytest.mark.parametrize("kind", CLIENTS, ids=lambda kind: kind.provider)
def test_every_call_of_a_client_is_a_command(kind: type[Client]) -> None:
    methods = {
        name
        for name in set(dir(kind)) - set(dir(Client)) - NO_COMMAND
        if callable(getattr(kind, name)) and not name.startswith("_")
    }

    called = {
        method
        for operation in OPERATIONS[kind.provider]
        for method in (operation.method, *operation.also)
    }
    assert called == methods


@pytest.mark.parametrize("provider", OPERATIONS)
def test_the_help_lists_the_operations_each_on_one_whole_line(
    provider: str, environment: dict[str, str]
) -> None:
    said = run(environment, provider, "--help").stdout.partition("Commands:")[2]

    assert "..." not in said
    for operation in OPERATIONS[provider]:
        assert f"\n  {operation.command.split()[0]} " in said


@pytest.mark.parametrize("provider", OPERATIONS)
def test_no_flag_of_an_operation_takes_a_secret(provider: str, environment: dict[str, str]) -> None:
    for operation in OPERATIONS[provider]:
        said = run(environment, provider, *operation.command.split(), "--help").stdout
        flags = re.findall(r"--[a-z-]+", said)
        assert "--json" in flags
        secret = {flag for flag in flags if re.search("key|token|secret|password", flag)}
        assert secret - NAMES_OF_ONES_OWN <= {"--key-file", "--token-file"}


def test_an_answer_is_a_line_for_each_field(environment: dict[str, str]) -> None:
    done = run(environment, "ping", "session-status", "up")

    assert done.stdout == "session_id: up\nclient_id: c-1\nstatus: connected\n"
    assert (done.returncode, done.stderr) == (0, "")


def test_json_is_the_value_on_one_line(environment: dict[str, str]) -> None:
    done = run(environment, "ping", "session-status", "up", "--json")

    assert done.stdout.count("\n") == 1
    value = json.loads(done.stdout)
    assert (value["session_id"], value["status"], value["duration_seconds"]) == (
        "up",
        "connected",
        None,
    )


def test_a_terminal_gets_aligned_fields(environment: dict[str, str]) -> None:
    shown = on_a_terminal(environment, "ping", "session-status", "up")

    assert shown.splitlines() == ["session_id  up", "client_id   c-1", "status      connected"]


def test_fields_of_a_value_within_have_its_name(space: Space, environment: dict[str, str]) -> None:
    scripted(space, f'{{"isAuthenticated":true,"userInfo":{USER}}}')

    done = run(environment, "tiun", "verify-user", "--token-file", "-", given="a.b.c\n")

    assert done.stdout.splitlines() == [
        "is_authenticated: true",
        "user.user_id: u-1",
        "user.email: reader@example.com",
        'user.product_access: [{"productId": "p-1"}]',
    ]


def test_what_moves_a_cursor_is_escaped(space: Space, environment: dict[str, str]) -> None:
    scripted(space, USER.replace("reader", "\\u001b[2J\\n"))

    done = run(environment, "tiun", "user-info", "u-1")

    assert r"email: \x1b[2J\n@example.com" in done.stdout


@pytest.mark.parametrize("given", ["file", "standard input"])
def test_a_users_token_is_sent_and_never_shown(
    given: str, space: Space, environment: dict[str, str], tmp_path: Path
) -> None:
    (tmp_path / "token").write_text("marked.secret.token\n")
    scripted(space, "no", 500)
    source = str(tmp_path / "token") if given == "file" else "-"

    done = run(
        {**environment, "SESSIONVITALS_LOG": "debug"},
        *("tiun", "verify-user", "--json", "--token-file", source),
        given="marked.secret.token\n",
    )

    assert done.returncode == 6
    assert "marked" not in done.stdout + done.stderr
    assert space.sandbox.journal.requests(provider="tiun")


def test_a_token_file_that_cannot_be_read_is_named(
    environment: dict[str, str], tmp_path: Path
) -> None:
    (tmp_path / "token").write_bytes(b"marked\xff")

    none = run(environment, "tiun", "verify-user", "--token-file", str(tmp_path / "none"))
    other = run(environment, "tiun", "verify-user", "--token-file", str(tmp_path / "token"))

    assert (none.returncode, other.returncode) == (2, 2)
    assert none.stderr.startswith(f"sessionvitals: --token-file {tmp_path}/none: No such file")
    assert other.stderr == f"sessionvitals: --token-file {tmp_path}/token: not text in UTF-8\n"


#: What happens: (the exit code, the arguments, what the vendor says in place of the mock)
CODES: dict[str, tuple[int, list[str], bytes | None]] = {
    "a yes": (0, ["verify", "reader"], None),
    "a no is an answer too": (0, ["verify", "nobody"], None),
    "with --check, a yes": (0, ["verify", "reader", "--check"], None),
    "with --check, a no": (1, ["verify", "nobody", "--check"], None),
    "no such operation": (2, ["verify-all"], None),
    "an id that cannot be sent": (2, ["verify", ".."], None),
    "a base URL that is none": (2, ["verify", "--base-url", "gopher://x", "reader"], None),
    "a refused key": (4, ["verify", "reader"], answer(b"", b"HTTP/1.1 401 Unauthorized")),
    "a rate limit": (
        5,
        ["verify", "reader", "--max-retries", "0"],
        answer(b"", b"HTTP/1.1 429 Too Many Requests"),
    ),
    "no such user": (3, ["user-info", "u"], answer(b"{}", b"HTTP/1.1 404 Not Found")),
    "a contract that is broken": (6, ["user-info", "u"], answer(b"[]")),
}


@pytest.mark.parametrize("case", CODES)
def test_the_exit_code_of_an_operation_is_as_that_of_status(
    case: str, environment: dict[str, str]
) -> None:
    code, arguments, said = CODES[case]
    if said is None:
        done = run(environment, "tiun", *arguments)
    else:
        with peer(says(said)) as vendor:
            done = run({**environment, "TIUN_BASE_URL": vendor.url}, "tiun", *arguments)

    assert done.returncode == code, done.stderr
    assert "Traceback" not in done.stderr
    assert bool(done.stderr) == (code > 1)


def test_a_number_that_is_none_is_a_usage_error(environment: dict[str, str]) -> None:
    command = ["eliza", "create-session", "--agent-id", "a", "--user-id", "u"]
    command += ["--timeout-minutes", "nan"]
    finished = run(environment, *command)
    assert (finished.returncode, finished.stdout) == (2, "")
    assert "timeout_minutes must be a number" in finished.stderr
    assert "a bug" not in finished.stderr


def test_an_error_that_may_have_acted_says_so(space: Space, environment: dict[str, str]) -> None:
    scripted(space, "", 503)

    done = run(environment, "tiun", "verify", "reader", "--json")

    words = "the call may have taken effect: look before you repeat it"
    assert done.stderr.splitlines()[1:] == [f"sessionvitals: {words}"]
    error = json.loads(done.stdout)["error"]
    assert (error["type"], error["may_have_taken_effect"]) == ("ServerError", True)


def test_ctrl_c_during_a_call_that_acts_says_so(environment: dict[str, str]) -> None:
    said = "the call may have taken effect: look before you repeat it"
    ended = interrupted(environment, "tiun", "verify", "x")
    assert ended == (130, f"sessionvitals: interrupted: {said}\n")
