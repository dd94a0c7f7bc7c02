"""The pure halves of a call, for those who bring their own HTTP."""

# Written by python/bindings/make_pure.py from the compiled module: run make stubs.
from __future__ import annotations

from . import _core
from ._core import (
    Request,
    parse_eliza_get_session_response,
    parse_ping_session_status_response,
    parse_tiun_get_user_info_response,
    parse_tiun_verify_response,
    parse_tiun_verify_user_response,
)

__all__ = [
    "build_eliza_get_session_request",
    "build_ping_session_status_request",
    "build_tiun_get_user_info_request",
    "build_tiun_verify_request",
    "build_tiun_verify_user_request",
    "parse_eliza_get_session_response",
    "parse_ping_session_status_response",
    "parse_tiun_get_user_info_response",
    "parse_tiun_verify_response",
    "parse_tiun_verify_user_response",
]


def build_eliza_get_session_request(session_id: str, *, api_key: str | None = None) -> Request:
    """Return the request that get_session() sends to eliza. Pure: nothing is sent or read.

    Raises:
        ConfigurationError: An argument or the credential cannot be sent.
    """
    return _core.build_eliza_get_session_request(session_id, api_key=api_key)


def build_ping_session_status_request(
    session_id: str, *, api_key: str, authorization_scheme: str = "raw"
) -> Request:
    """Return the request that session_status() sends to ping. Pure: nothing is sent or read.

    Raises:
        ConfigurationError: An argument or the credential cannot be sent.
    """
    return _core.build_ping_session_status_request(
        session_id, api_key=api_key, authorization_scheme=authorization_scheme
    )


def build_tiun_get_user_info_request(
    user_id: str, *, access_token: str, header_name: str = "X-ACCESS-TOKEN"
) -> Request:
    """Return the request that get_user_info() sends to tiun. Pure: nothing is sent or read.

    Raises:
        ConfigurationError: An argument or the credential cannot be sent.
    """
    return _core.build_tiun_get_user_info_request(
        user_id, access_token=access_token, header_name=header_name
    )


def build_tiun_verify_request(
    session_id: str, *, access_token: str, header_name: str = "X-ACCESS-TOKEN"
) -> Request:
    """Return the request that verify() sends to tiun. Pure: nothing is sent or read.

    Raises:
        ConfigurationError: An argument or the credential cannot be sent.
    """
    return _core.build_tiun_verify_request(
        session_id, access_token=access_token, header_name=header_name
    )


def build_tiun_verify_user_request(
    token: str, *, access_token: str, header_name: str = "X-ACCESS-TOKEN"
) -> Request:
    """Return the request that verify_user() sends to tiun. Pure: nothing is sent or read.

    Raises:
        ConfigurationError: An argument or the credential cannot be sent.
    """
    return _core.build_tiun_verify_user_request(
        token, access_token=access_token, header_name=header_name
    )
