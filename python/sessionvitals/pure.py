"""The pure halves of a call, for those who bring their own HTTP."""

# Written by python/bindings/make_pure.py from the compiled module: run make stubs.
from __future__ import annotations

import datetime

from . import _core
from ._core import (
    Request,
    TimeoutConfig,
    parse_eliza_check_health_response,
    parse_eliza_create_session_response,
    parse_eliza_delete_session_response,
    parse_eliza_get_messages_response,
    parse_eliza_get_session_response,
    parse_eliza_list_sessions_response,
    parse_eliza_renew_session_response,
    parse_eliza_send_heartbeat_response,
    parse_eliza_send_message_response,
    parse_eliza_stream_message_event,
    parse_eliza_update_timeout_response,
    parse_ping_create_session_response,
    parse_ping_delete_client_limits_response,
    parse_ping_delete_global_limits_response,
    parse_ping_delete_session_limits_response,
    parse_ping_events_event,
    parse_ping_get_client_limits_response,
    parse_ping_get_global_limits_response,
    parse_ping_get_session_limits_response,
    parse_ping_list_zones_response,
    parse_ping_pause_session_response,
    parse_ping_resume_session_response,
    parse_ping_session_status_response,
    parse_ping_update_client_limits_response,
    parse_ping_update_global_limits_response,
    parse_ping_update_session_limits_response,
    parse_tiun_get_user_info_response,
    parse_tiun_verify_response,
    parse_tiun_verify_user_response,
)
from .lazy_import import Any

__all__ = [
    "build_eliza_check_health_request",
    "build_eliza_create_session_request",
    "build_eliza_delete_session_request",
    "build_eliza_get_messages_request",
    "build_eliza_get_session_request",
    "build_eliza_list_sessions_request",
    "build_eliza_renew_session_request",
    "build_eliza_send_heartbeat_request",
    "build_eliza_send_message_request",
    "build_eliza_stream_message_request",
    "build_eliza_update_timeout_request",
    "build_ping_create_session_request",
    "build_ping_delete_client_limits_request",
    "build_ping_delete_global_limits_request",
    "build_ping_delete_session_limits_request",
    "build_ping_events_request",
    "build_ping_get_client_limits_request",
    "build_ping_get_global_limits_request",
    "build_ping_get_session_limits_request",
    "build_ping_list_zones_request",
    "build_ping_pause_session_request",
    "build_ping_resume_session_request",
    "build_ping_session_status_request",
    "build_ping_update_client_limits_request",
    "build_ping_update_global_limits_request",
    "build_ping_update_session_limits_request",
    "build_tiun_get_user_info_request",
    "build_tiun_verify_request",
    "build_tiun_verify_user_request",
    "parse_eliza_check_health_response",
    "parse_eliza_create_session_response",
    "parse_eliza_delete_session_response",
    "parse_eliza_get_messages_response",
    "parse_eliza_get_session_response",
    "parse_eliza_list_sessions_response",
    "parse_eliza_renew_session_response",
    "parse_eliza_send_heartbeat_response",
    "parse_eliza_send_message_response",
    "parse_eliza_stream_message_event",
    "parse_eliza_update_timeout_response",
    "parse_ping_create_session_response",
    "parse_ping_delete_client_limits_response",
    "parse_ping_delete_global_limits_response",
    "parse_ping_delete_session_limits_response",
    "parse_ping_events_event",
    "parse_ping_get_client_limits_response",
    "parse_ping_get_global_limits_response",
    "parse_ping_get_session_limits_response",
    "parse_ping_list_zones_response",
    "parse_ping_pause_session_response",
    "parse_ping_resume_session_response",
    "parse_ping_session_status_response",
    "parse_ping_update_client_limits_response",
    "parse_ping_update_global_limits_response",
    "parse_ping_update_session_limits_response",
    "parse_tiun_get_user_info_response",
    "parse_tiun_verify_response",
    "parse_tiun_verify_user_response",
]


def build_eliza_check_health_request(*, api_key: str | None = None) -> Request:
    """Return the request that check_health() sends to eliza. Pure: nothing is sent or read.

    Raises:
        ConfigurationError: An argument or the credential cannot be sent.
    """
    return _core.build_eliza_check_health_request(api_key=api_key)


def build_eliza_create_session_request(
    agent_id: str,
    user_id: str,
    metadata: Any | None = None,
    timeout_config: TimeoutConfig | None = None,
    create_key: str | None = None,
    *,
    api_key: str | None = None,
) -> Request:
    """Return the request that create_session() sends to eliza. Pure: nothing is sent or read.

    Raises:
        ConfigurationError: An argument or the credential cannot be sent.
    """
    return _core.build_eliza_create_session_request(
        agent_id, user_id, metadata, timeout_config, create_key, api_key=api_key
    )


def build_eliza_delete_session_request(session_id: str, *, api_key: str | None = None) -> Request:
    """Return the request that delete_session() sends to eliza. Pure: nothing is sent or read.

    Raises:
        ConfigurationError: An argument or the credential cannot be sent.
    """
    return _core.build_eliza_delete_session_request(session_id, api_key=api_key)


def build_eliza_get_messages_request(
    session_id: str,
    limit: int | None = None,
    before: int | datetime.datetime | None = None,
    after: int | datetime.datetime | None = None,
    *,
    api_key: str | None = None,
) -> Request:
    """Return the request that get_messages() sends to eliza. Pure: nothing is sent or read.

    Raises:
        ConfigurationError: An argument or the credential cannot be sent.
    """
    return _core.build_eliza_get_messages_request(session_id, limit, before, after, api_key=api_key)


def build_eliza_get_session_request(session_id: str, *, api_key: str | None = None) -> Request:
    """Return the request that get_session() sends to eliza. Pure: nothing is sent or read.

    Raises:
        ConfigurationError: An argument or the credential cannot be sent.
    """
    return _core.build_eliza_get_session_request(session_id, api_key=api_key)


def build_eliza_list_sessions_request(*, api_key: str | None = None) -> Request:
    """Return the request that list_sessions() sends to eliza. Pure: nothing is sent or read.

    Raises:
        ConfigurationError: An argument or the credential cannot be sent.
    """
    return _core.build_eliza_list_sessions_request(api_key=api_key)


def build_eliza_renew_session_request(session_id: str, *, api_key: str | None = None) -> Request:
    """Return the request that renew_session() sends to eliza. Pure: nothing is sent or read.

    Raises:
        ConfigurationError: An argument or the credential cannot be sent.
    """
    return _core.build_eliza_renew_session_request(session_id, api_key=api_key)


def build_eliza_send_heartbeat_request(session_id: str, *, api_key: str | None = None) -> Request:
    """Return the request that send_heartbeat() sends to eliza. Pure: nothing is sent or read.

    Raises:
        ConfigurationError: An argument or the credential cannot be sent.
    """
    return _core.build_eliza_send_heartbeat_request(session_id, api_key=api_key)


def build_eliza_send_message_request(
    session_id: str,
    content: str,
    transport: str = "websocket",
    metadata: Any | None = None,
    attachments: Any | None = None,
    message_key: str | None = None,
    *,
    api_key: str | None = None,
) -> Request:
    """Return the request that send_message() sends to eliza. Pure: nothing is sent or read.

    Raises:
        ConfigurationError: An argument or the credential cannot be sent.
    """
    return _core.build_eliza_send_message_request(
        session_id, content, transport, metadata, attachments, message_key, api_key=api_key
    )


def build_eliza_stream_message_request(
    session_id: str,
    content: str,
    metadata: Any | None = None,
    attachments: Any | None = None,
    message_key: str | None = None,
    *,
    api_key: str | None = None,
) -> Request:
    """Return the request that stream_message() sends to eliza. Pure: nothing is sent or read.

    Raises:
        ConfigurationError: An argument or the credential cannot be sent.
    """
    return _core.build_eliza_stream_message_request(
        session_id, content, metadata, attachments, message_key, api_key=api_key
    )


def build_eliza_update_timeout_request(
    session_id: str, config: TimeoutConfig, *, api_key: str | None = None
) -> Request:
    """Return the request that update_timeout() sends to eliza. Pure: nothing is sent or read.

    Raises:
        ConfigurationError: An argument or the credential cannot be sent.
    """
    return _core.build_eliza_update_timeout_request(session_id, config, api_key=api_key)


def build_ping_create_session_request(
    client_id: str,
    zone: str,
    connection_type: str = "vless",
    reusable: bool | None = None,
    *,
    api_key: str,
    authorization_scheme: str = "raw",
) -> Request:
    """Return the request that create_session() sends to ping. Pure: nothing is sent or read.

    Raises:
        ConfigurationError: An argument or the credential cannot be sent.
    """
    return _core.build_ping_create_session_request(
        client_id,
        zone,
        connection_type,
        reusable,
        api_key=api_key,
        authorization_scheme=authorization_scheme,
    )


def build_ping_delete_client_limits_request(
    *, api_key: str, authorization_scheme: str = "raw"
) -> Request:
    """Return the request that delete_client_limits() sends to ping. Pure: nothing is sent or read.

    Raises:
        ConfigurationError: An argument or the credential cannot be sent.
    """
    return _core.build_ping_delete_client_limits_request(
        api_key=api_key, authorization_scheme=authorization_scheme
    )


def build_ping_delete_global_limits_request(
    *, api_key: str, authorization_scheme: str = "raw"
) -> Request:
    """Return the request that delete_global_limits() sends to ping. Pure: nothing is sent or read.

    Raises:
        ConfigurationError: An argument or the credential cannot be sent.
    """
    return _core.build_ping_delete_global_limits_request(
        api_key=api_key, authorization_scheme=authorization_scheme
    )


def build_ping_delete_session_limits_request(
    *, api_key: str, authorization_scheme: str = "raw"
) -> Request:
    """Return the request that delete_session_limits() sends to ping. Pure: nothing is sent or read.

    Raises:
        ConfigurationError: An argument or the credential cannot be sent.
    """
    return _core.build_ping_delete_session_limits_request(
        api_key=api_key, authorization_scheme=authorization_scheme
    )


def build_ping_events_request(
    last_event_id: str = "", *, api_key: str, authorization_scheme: str = "raw"
) -> Request:
    """Return the request that events() sends to ping. Pure: nothing is sent or read.

    Raises:
        ConfigurationError: An argument or the credential cannot be sent.
    """
    return _core.build_ping_events_request(
        last_event_id, api_key=api_key, authorization_scheme=authorization_scheme
    )


def build_ping_get_client_limits_request(
    *, api_key: str, authorization_scheme: str = "raw"
) -> Request:
    """Return the request that get_client_limits() sends to ping. Pure: nothing is sent or read.

    Raises:
        ConfigurationError: An argument or the credential cannot be sent.
    """
    return _core.build_ping_get_client_limits_request(
        api_key=api_key, authorization_scheme=authorization_scheme
    )


def build_ping_get_global_limits_request(
    *, api_key: str, authorization_scheme: str = "raw"
) -> Request:
    """Return the request that get_global_limits() sends to ping. Pure: nothing is sent or read.

    Raises:
        ConfigurationError: An argument or the credential cannot be sent.
    """
    return _core.build_ping_get_global_limits_request(
        api_key=api_key, authorization_scheme=authorization_scheme
    )


def build_ping_get_session_limits_request(
    *, api_key: str, authorization_scheme: str = "raw"
) -> Request:
    """Return the request that get_session_limits() sends to ping. Pure: nothing is sent or read.

    Raises:
        ConfigurationError: An argument or the credential cannot be sent.
    """
    return _core.build_ping_get_session_limits_request(
        api_key=api_key, authorization_scheme=authorization_scheme
    )


def build_ping_list_zones_request(*, api_key: str, authorization_scheme: str = "raw") -> Request:
    """Return the request that list_zones() sends to ping. Pure: nothing is sent or read.

    Raises:
        ConfigurationError: An argument or the credential cannot be sent.
    """
    return _core.build_ping_list_zones_request(
        api_key=api_key, authorization_scheme=authorization_scheme
    )


def build_ping_pause_session_request(
    session_id: str, *, api_key: str, authorization_scheme: str = "raw"
) -> Request:
    """Return the request that pause_session() sends to ping. Pure: nothing is sent or read.

    Raises:
        ConfigurationError: An argument or the credential cannot be sent.
    """
    return _core.build_ping_pause_session_request(
        session_id, api_key=api_key, authorization_scheme=authorization_scheme
    )


def build_ping_resume_session_request(
    session_id: str, *, api_key: str, authorization_scheme: str = "raw"
) -> Request:
    """Return the request that resume_session() sends to ping. Pure: nothing is sent or read.

    Raises:
        ConfigurationError: An argument or the credential cannot be sent.
    """
    return _core.build_ping_resume_session_request(
        session_id, api_key=api_key, authorization_scheme=authorization_scheme
    )


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


def build_ping_update_client_limits_request(
    downloaded_bytes: int | None = None,
    uploaded_bytes: int | None = None,
    download_speed: int | None = None,
    upload_speed: int | None = None,
    max_sessions: int | None = None,
    max_reconnections: int | None = None,
    *,
    api_key: str,
    authorization_scheme: str = "raw",
) -> Request:
    """Return the request that update_client_limits() sends to ping. Pure: nothing is sent or read.

    Raises:
        ConfigurationError: An argument or the credential cannot be sent.
    """
    return _core.build_ping_update_client_limits_request(
        downloaded_bytes,
        uploaded_bytes,
        download_speed,
        upload_speed,
        max_sessions,
        max_reconnections,
        api_key=api_key,
        authorization_scheme=authorization_scheme,
    )


def build_ping_update_global_limits_request(
    downloaded_bytes: int | None = None,
    uploaded_bytes: int | None = None,
    download_speed: int | None = None,
    upload_speed: int | None = None,
    *,
    api_key: str,
    authorization_scheme: str = "raw",
) -> Request:
    """Return the request that update_global_limits() sends to ping. Pure: nothing is sent or read.

    Raises:
        ConfigurationError: An argument or the credential cannot be sent.
    """
    return _core.build_ping_update_global_limits_request(
        downloaded_bytes,
        uploaded_bytes,
        download_speed,
        upload_speed,
        api_key=api_key,
        authorization_scheme=authorization_scheme,
    )


def build_ping_update_session_limits_request(
    downloaded_bytes: int | None = None,
    uploaded_bytes: int | None = None,
    download_speed: int | None = None,
    upload_speed: int | None = None,
    *,
    api_key: str,
    authorization_scheme: str = "raw",
) -> Request:
    """Return the request that update_session_limits() sends to ping. Pure: nothing is sent or read.

    Raises:
        ConfigurationError: An argument or the credential cannot be sent.
    """
    return _core.build_ping_update_session_limits_request(
        downloaded_bytes,
        uploaded_bytes,
        download_speed,
        upload_speed,
        api_key=api_key,
        authorization_scheme=authorization_scheme,
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
