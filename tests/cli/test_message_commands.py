"""An elizaOS session's messages, sent and shown by commands."""

from __future__ import annotations

import json

import pytest
from tests.support.sandbox import Space
from tests.support.shell import environment_of, on_a_terminal, run

pytest.importorskip("click")

AGENT = "11111111-1111-4111-8111-111111111111"
USER = "22222222-2222-4222-8222-222222222222"


@pytest.fixture
def environment(space: Space) -> dict[str, str]:
    """The environment of a user of a server with one session, whose agent answers."""
    space.clock(set="2026-01-01T00:00:00Z", freeze=True)
    space.add_session("eliza", "chat", "active", agent_id=AGENT, user_id=USER)
    return environment_of(space)


def contents(stdout: str) -> list[str]:
    return [json.loads(line)["content"] for line in stdout.splitlines()]


@pytest.mark.parametrize("given", ["argument", "standard input"])
def test_a_message_is_sent_and_shown(given: str, environment: dict[str, str]) -> None:
    text = "two\nlines" if given == "standard input" else "two lines"
    word, stdin = ("-", f"{text}\n") if given == "standard input" else (text, "")

    sent = run(environment, "eliza", "send-message", "chat", word, "--json", given=stdin)
    shown = run(environment, "eliza", "messages", "chat", "--json")

    assert sent.returncode == 0, sent.stderr
    assert text in contents(shown.stdout)


def test_every_message_is_shown_once_newest_first(
    space: Space, environment: dict[str, str]
) -> None:
    texts = [f"m-{number}" for number in range(230)]
    for first in range(0, 230, 10):
        space.sandbox.eliza.add_messages("chat", *texts[first : first + 10])
        space.clock(advance=1)

    every = run(environment, "eliza", "messages", "chat", "--all", "--json")
    late = run(
        environment,
        *("eliza", "messages", "chat", "--all", "--json", "--since", "2026-01-01T00:00:22Z"),
    )
    few = run(environment, "eliza", "messages", "chat", "--limit", "3", "--json")

    assert sorted(contents(every.stdout)) == sorted(texts)
    assert sorted(contents(late.stdout)) == sorted(texts[220:])
    assert contents(few.stdout) == contents(every.stdout)[:3]


def test_messages_are_rows_on_a_terminal(space: Space, environment: dict[str, str]) -> None:
    space.sandbox.eliza.add_messages("chat", "hello\nthere")

    shown = on_a_terminal(environment, "eliza", "messages", "chat").splitlines()

    assert shown[0].split() == ["created_at", "is_agent", "content"]
    assert shown[1].split() == ["2026-01-01T00:00:00Z", "false", r"hello\nthere"]


@pytest.mark.parametrize(
    ("option", "said"),
    {
        "--before": "neither ISO 8601 nor",
        "--since": "no time zone",
    }.items(),
)
def test_a_time_that_is_none_is_refused(
    option: str, said: str, environment: dict[str, str]
) -> None:
    time = "noon" if option == "--before" else "2026-01-01T00:00:00"

    done = run(environment, "eliza", "messages", "chat", "--all", option, time)

    assert done.returncode == 2
    assert said in done.stderr


def test_options_of_one_page_are_not_those_of_all(environment: dict[str, str]) -> None:
    page = run(environment, "eliza", "messages", "chat", "--since", "0")
    every = run(environment, "eliza", "messages", "chat", "--all", "--limit", "3")

    assert page.returncode == every.returncode == 2
    assert page.stderr == "sessionvitals: --since is for a call with --all\n"
    assert every.stderr == "sessionvitals: --limit is for a call without --all\n"


def test_a_message_is_found_by_its_key(environment: dict[str, str]) -> None:
    run(environment, "eliza", "send-message", "chat", "hello", "--message-key", "k-1")

    found = run(environment, "eliza", "find-message", "chat", "k-1", "--check")
    none = run(environment, "eliza", "find-message", "chat", "k-2", "--check")

    assert "content: hello\n" in found.stdout
    assert (found.returncode, none.returncode, none.stdout) == (0, 1, "")
