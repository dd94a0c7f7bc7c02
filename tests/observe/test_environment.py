"""Options that come from the environment, and what wins over them."""

from __future__ import annotations

import pytest
from tests.support.peers import answer, peer, says_and_stays, says_in_turn

from sessionvitals import ConfigurationError, DeadlineExceeded, ElizaClient, ServerError

BUSY = says_in_turn(answer(b"", b"HTTP/1.1 503 Busy", b"Retry-After: 0"))


@pytest.fixture(autouse=True)
def _unset(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SESSIONVITALS_TIMEOUT", raising=False)
    monkeypatch.delenv("SESSIONVITALS_MAX_RETRIES", raising=False)


def attempts_of(client: ElizaClient, **options: int) -> int:
    with pytest.raises(ServerError) as raised:
        client.probe("s", max_retries=options.get("max_retries"))
    assert raised.value.call is not None
    return len(raised.value.call.attempts)


def test_a_call_wins_over_its_view_that_over_its_client_that_over_the_environment(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with peer(BUSY) as told:
        assert attempts_of(ElizaClient(base_url=told.url)) == 3  # the default: two retries
        monkeypatch.setenv("SESSIONVITALS_MAX_RETRIES", "1")
        assert attempts_of(ElizaClient(base_url=told.url)) == 2
        client = ElizaClient(base_url=told.url, max_retries=3)
        assert attempts_of(client) == 4
        view = client.with_options(max_retries=4)
        assert attempts_of(view) == 5
        assert attempts_of(view, max_retries=0) == 1
        assert attempts_of(view.with_options(timeout=9)) == 5


def test_the_deadline_comes_from_the_environment_and_an_argument_wins(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with peer(says_and_stays(b"HTTP/1.1 ")) as told:
        monkeypatch.setenv("SESSIONVITALS_TIMEOUT", "0.05")
        with pytest.raises(DeadlineExceeded):
            ElizaClient(base_url=told.url).probe("s")
        monkeypatch.setenv("SESSIONVITALS_TIMEOUT", "86400")
        with pytest.raises(DeadlineExceeded):
            ElizaClient(base_url=told.url, timeout=0.05).probe("s")


def test_the_environment_is_read_when_a_client_is_made(monkeypatch: pytest.MonkeyPatch) -> None:
    with peer(BUSY) as told:
        monkeypatch.setenv("SESSIONVITALS_MAX_RETRIES", "0")
        client = ElizaClient(base_url=told.url)
        monkeypatch.setenv("SESSIONVITALS_MAX_RETRIES", "5")
        assert attempts_of(client) == 1
        assert attempts_of(client.with_options(timeout=9)) == 1


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        *[("SESSIONVITALS_TIMEOUT", v) for v in ("0", "-1", "nan", "inf", "86401", "ten", "1s")],
        *[("SESSIONVITALS_TIMEOUT", v) for v in (" 1", "1 ", "1,5", "0x10", "\x1b[31m")],
        *[("SESSIONVITALS_MAX_RETRIES", v) for v in ("-1", "11", "1.5", "two", "99999999999")],
    ],
)
def test_a_value_that_cannot_be_used_is_refused_by_the_variables_name(
    variable: str, value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(variable, value)
    with pytest.raises(ConfigurationError, match=variable):
        ElizaClient(base_url="http://h")


@pytest.mark.parametrize("value", ["1", "0.5", "2.5e1", "86400"])
def test_a_deadline_is_a_number_of_seconds(value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SESSIONVITALS_TIMEOUT", value)
    assert ElizaClient(base_url="http://h")


def test_an_empty_variable_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SESSIONVITALS_TIMEOUT", "")
    monkeypatch.setenv("SESSIONVITALS_MAX_RETRIES", "")
    assert ElizaClient(base_url="http://h")


def test_a_variable_that_an_argument_overrides_is_not_looked_at(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("SESSIONVITALS_TIMEOUT", "never")
    monkeypatch.setenv("SESSIONVITALS_MAX_RETRIES", "never")
    assert ElizaClient(base_url="http://h", timeout=1, max_retries=0)
