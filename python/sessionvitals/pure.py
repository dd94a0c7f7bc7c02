"""The pure halves of a call that write a request, for those who bring their own HTTP."""

from __future__ import annotations

from . import _core

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ._core import Request


def build_eliza_get_session_request(session_id: str, *, api_key: str | None = None) -> Request:
    """Return the request that asks elizaOS about a session. Pure: nothing is sent or read.

    Raises:
        ConfigurationError: The id or the key cannot be sent.
    """
    return _core.build_eliza_get_session_request(session_id, api_key=api_key)


def build_ping_session_status_request(
    session_id: str, *, api_key: str, authorization_scheme: str = "raw"
) -> Request:
    """Return the request that asks Ping about a session. Pure: nothing is sent or read.

    Raises:
        ConfigurationError: The id or the key cannot be sent.
    """
    return _core.build_ping_session_status_request(
        session_id, api_key=api_key, authorization_scheme=authorization_scheme
    )


def build_tiun_verify_request(
    session_id: str, *, access_token: str, header_name: str = "X-ACCESS-TOKEN"
) -> Request:
    """Return the request that asks tiun about a session. Pure: nothing is sent or read.

    Raises:
        ConfigurationError: The id or the token cannot be sent.
    """
    return _core.build_tiun_verify_request(
        session_id, access_token=access_token, header_name=header_name
    )
