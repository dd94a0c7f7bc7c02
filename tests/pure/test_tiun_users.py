"""tiun's two calls about users: the token is a secret, and only a plain true is a yes."""

from __future__ import annotations

import json

import pytest

from sessionvitals import (
    AuthenticationError,
    ConfigurationError,
    ContractError,
    TiunUserVerification,
    build_tiun_get_user_info_request,
    build_tiun_verify_user_request,
    parse_tiun_verify_user_response,
)

TOKEN = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJyZWFkZXIifQ.c2VjcmV0LXNpZ25hdHVyZQ"


def verified(body: object, http_status: int = 200) -> TiunUserVerification:
    return parse_tiun_verify_user_response(http_status, {}, json.dumps(body).encode(), TOKEN)


def test_the_answer_is_true_only_for_an_authenticated_user() -> None:
    assert verified({"isAuthenticated": True})
    assert not verified({"isAuthenticated": False})


@pytest.mark.parametrize("said", [None, 1, "true", [], {}], ids=str)
def test_anything_but_true_or_false_is_no_answer(said: object) -> None:
    with pytest.raises(ContractError) as raised:
        verified({"isAuthenticated": said})
    assert raised.value.member == "/isAuthenticated"


@pytest.mark.parametrize("token", ["", "a b", "a\n", "\x7f", "\u00e9", "a" * (16 * 1024 + 1)])
def test_a_token_that_cannot_be_sent_is_refused_and_not_quoted(token: str) -> None:
    with pytest.raises(ConfigurationError, match="token") as raised:
        build_tiun_verify_user_request(token, access_token="k")
    assert not token.strip() or token not in str(raised.value).replace("token", "")


def test_a_token_of_16_kib_is_sent() -> None:
    token = "a" * (16 * 1024)
    request = build_tiun_verify_user_request(token, access_token="k")
    assert json.loads(request.body) == {"userVerificationToken": token}
    assert dict(request.headers)["Content-Length"] == str(len(request.body))
    assert token not in repr(request)


def test_no_error_repeats_a_token_that_the_vendor_has_sent_back() -> None:
    with pytest.raises(AuthenticationError) as raised:
        verified({"title": f"bad token {TOKEN}", "detail": TOKEN, "echo": [TOKEN]}, 401)
    error = raised.value
    assert TOKEN not in str(error)
    assert TOKEN not in repr(vars(error))

    with pytest.raises(ContractError) as broken:
        verified({"isAuthenticated": TOKEN})
    assert TOKEN not in repr(vars(broken.value)) + str(broken.value)


@pytest.mark.parametrize("user_id", ["", ".", "..", "a\n"])
def test_an_id_of_a_user_that_cannot_be_sent_is_named(user_id: str) -> None:
    with pytest.raises(ConfigurationError, match="user id"):
        build_tiun_get_user_info_request(user_id, access_token="k")


def test_an_argument_of_a_wrong_type_is_named_and_the_key_is_not_shown() -> None:
    with pytest.raises(ConfigurationError, match=r"token must be a str, not int\.") as raised:
        build_tiun_verify_user_request(5, access_token="secret-key")  # type: ignore[arg-type]
    assert "secret-key" not in str(raised.value)
    with pytest.raises(TypeError) as misspelt:
        build_tiun_verify_user_request("t", acces_token="secret-key")  # type: ignore[call-arg]
    assert "secret-key" not in str(misspelt.value)
