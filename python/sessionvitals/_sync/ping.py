"""Ping Network: VPN sessions, what they are doing, and what they have used."""

# Written by python/generate_sync.py from _async/ping.py: change that, then run make sync.
from __future__ import annotations

from _collections_abc import Callable
from datetime import timedelta
from os import PathLike

from .. import _core
from .._core import (
    CancelToken,
    PingLimits,
    PingPause,
    PingSession,
    PingSessionStatus,
    PingZone,
    SessionEvent,
    StreamGap,
)
from ..observing import may_propagate
from ..options import given
from ..page import Page
from ..rotating import with_key
from .carrier import carry
from .ping_limits import PingLimitsClient
from .stream import EventStream

__all__ = [
    "PingClient",
    "PingLimits",
    "PingPause",
    "PingSession",
    "PingSessionStatus",
    "PingZone",
    "SessionEvent",
    "StreamGap",
]


class PingClient(PingLimitsClient):
    """Asks Ping Network.

    ``api_key`` is PING_API_KEY's if left out, ``base_url`` PING_BASE_URL's and then the vendor's.
    The vendor's documents disagree on how the key is sent: ``authorization_scheme`` is "raw" or
    "bearer". The other options are those of every Client.

    Raises:
        ConfigurationError: There is no key, or something given cannot be used.
    """

    __slots__ = ()

    provider = "ping"

    _compiled: _core.PingClient

    def __init__(
        self,
        api_key: str | Callable[[], str] | None = None,
        *,
        base_url: str | None = None,
        authorization_scheme: str = "raw",
        timeout: float | timedelta | None = None,
        max_retries: int | None = None,
        resend_unsafe: bool | None = None,
        retry_patch: bool | None = None,
        cancel: CancelToken | None = None,
        ca_file: str | PathLike[str] | None = None,
        client_certificate_file: str | PathLike[str] | None = None,
        client_key_file: str | PathLike[str] | None = None,
        proxy: str | None = None,
        trust_env: bool | None = None,
        max_connections: int | None = None,
        propagate_trace: bool | None = None,
    ) -> None:
        self._cancel = cancel
        self._propagates = may_propagate(propagate_trace)
        options = given(
            timeout=timeout,
            max_retries=max_retries,
            resend_unsafe=resend_unsafe,
            retry_patch=retry_patch,
            cancel=cancel,
            ca_file=ca_file,
            client_certificate_file=client_certificate_file,
            client_key_file=client_key_file,
            proxy=proxy,
            trust_env=trust_env,
            max_connections=max_connections,
        )
        self._compiled = with_key(
            api_key,
            lambda key: _core.PingClient(
                key,
                base_url=base_url,
                authorization_scheme=authorization_scheme,
                **options,
            ),
        )

    def session_status(
        self,
        session_id: str,
        *,
        timeout: float | timedelta | None = None,
        max_retries: int | None = None,
        resend_unsafe: bool | None = None,
        cancel: CancelToken | None = None,
    ) -> PingSessionStatus:
        """Ask what the session is doing, how long it has run and how much it has carried.

        Counters are exact. One that the vendor leaves out is None, which may mean zero and may
        not: ``status.uploaded_bytes or 0`` is for the caller to write.

        Raises:
            NotFoundError: Ping knows no such session.
            AuthenticationError: The key is wrong, or is to be sent by the other scheme.
            TransportError: No complete answer came; DeadlineExceeded if it was time that ran out.
            HttpStatusError: Ping refused otherwise.
            ContractError: The answer was not what Ping documents.
        """
        answer: PingSessionStatus = carry(
            self, "session_status", (session_id,), timeout, max_retries, resend_unsafe, cancel
        )
        return answer

    def list_zones(
        self,
        *,
        timeout: float | timedelta | None = None,
        max_retries: int | None = None,
        resend_unsafe: bool | None = None,
        cancel: CancelToken | None = None,
    ) -> Page[PingZone]:
        """Ask where sessions can run.

        create_session() takes a zone's ``code``; its ``name`` is for people.


        Raises:
            AuthenticationError: The key is wrong, or is to be sent by the other scheme.
            TransportError: No complete answer came; DeadlineExceeded if it was time that ran out.
            HttpStatusError: Ping refused otherwise.
            ContractError: The answer was not what Ping documents.
        """
        answer: Page[PingZone] = carry(
            self, "list_zones", (), timeout, max_retries, resend_unsafe, cancel
        )
        return answer

    def create_session(
        self,
        client_id: str,
        zone: str,
        connection_type: str = "vless",
        reusable: bool | None = None,
        *,
        timeout: float | timedelta | None = None,
        max_retries: int | None = None,
        resend_unsafe: bool | None = None,
        cancel: CancelToken | None = None,
    ) -> PingSession:
        """Make a session, and keep the answer: no call gives its configuration again.

        ``configuration`` and ``configuration_link`` are the credential of the tunnel: repr() does
        not show them, and no error has them. ``zone`` is a zone's code, as list_zones() has it.
        "vless" is the only connection type that Ping documents; ``reusable`` is left out if None.

        The call is not sent again once a byte of it may have left, and Ping has no call that would
        find the session of a lost answer: look at ``may_have_taken_effect`` of an error.


        Raises:
            ConfigurationError: client_id or zone is empty, or the connection type is not "vless".
            NotFoundError: Ping knows no such zone.
            AuthenticationError: The key is wrong, or is to be sent by the other scheme.
            TransportError: No complete answer came; DeadlineExceeded if it was time that ran out.
            HttpStatusError: Ping refused otherwise.
            ContractError: The answer was not what Ping documents.
        """
        question = (client_id, zone, connection_type, reusable)
        answer: PingSession = carry(
            self, "create_session", question, timeout, max_retries, resend_unsafe, cancel
        )
        return answer

    def pause_session(
        self,
        session_id: str,
        *,
        timeout: float | timedelta | None = None,
        max_retries: int | None = None,
        resend_unsafe: bool | None = None,
        cancel: CancelToken | None = None,
    ) -> PingPause:
        """Pause a session that is reusable; return whether it is paused now.

        The call is not sent again once a byte of it may have left: after a lost answer, a 400 to a
        second call may mean that the first has worked.

        Ping does not say what session_status() tells of a session that is paused.


        Raises:
            BadRequestError: The session is not reusable, or is already paused.
            NotFoundError: Ping knows no such session.
            AuthenticationError: The key is wrong, or is to be sent by the other scheme.
            TransportError: No complete answer came; DeadlineExceeded if it was time that ran out.
            HttpStatusError: Ping refused otherwise.
            ContractError: The answer was not what Ping documents.
        """
        answer: PingPause = carry(
            self, "pause_session", (session_id,), timeout, max_retries, resend_unsafe, cancel
        )
        return answer

    def resume_session(
        self,
        session_id: str,
        *,
        timeout: float | timedelta | None = None,
        max_retries: int | None = None,
        resend_unsafe: bool | None = None,
        cancel: CancelToken | None = None,
    ) -> PingPause:
        """Resume a session that is paused; return whether it is paused now.

        The call is not sent again once a byte of it may have left: after a lost answer, a 400 to a
        second call may mean that the first has worked.


        Raises:
            BadRequestError: The session is not reusable, or is already running.
            NotFoundError: Ping knows no such session.
            AuthenticationError: The key is wrong, or is to be sent by the other scheme.
            TransportError: No complete answer came; DeadlineExceeded if it was time that ran out.
            HttpStatusError: Ping refused otherwise.
            ContractError: The answer was not what Ping documents.
        """
        answer: PingPause = carry(
            self, "resume_session", (session_id,), timeout, max_retries, resend_unsafe, cancel
        )
        return answer

    def events(
        self,
        *,
        idle_timeout: float | timedelta | None = None,
        deadline: float | timedelta | None = None,
        reconnect_after: float | timedelta | None = None,
        timeout: float | timedelta | None = None,
        max_retries: int | None = None,
        cancel: CancelToken | None = None,
    ) -> EventStream[SessionEvent | StreamGap]:
        """Return the stream of what the account's sessions do: SessionEvent and StreamGap.

        A stream that breaks, is cut, or says nothing for ``idle_timeout``, 90 seconds, not even a
        comment, is opened again: after ``reconnect_after``, 1 second, doubled for each attempt that
        fails up to 30, made up to half shorter by chance, and never sooner than the server asks.
        Ping gives no event of before a stream was opened, so the first item is then a StreamGap:
        look again at what you follow. An event that came before is dropped by its id.

        ``timeout`` is for the head of each answer. ``deadline`` is for the whole stream, which has
        none if it is left out. A stream that could never be opened fails after ``max_retries`` as
        a call does. After a ContractError for one event, the next may be asked for; any other
        error is the end.

        Raises:
            AuthenticationError: The key is wrong, or is to be sent by the other scheme.
            DeadlineExceeded: The stream's deadline passed.
            TransportError: The stream could not be opened a first time.
            HttpStatusError: Ping refused otherwise.
            ContractError: What came was no stream of events, or an event is none of Ping's.
        """
        options = given(
            idle_timeout=idle_timeout,
            deadline=deadline,
            reconnect_after=reconnect_after,
            timeout=timeout,
            max_retries=max_retries,
            cancel=cancel,
        )
        return EventStream(self, "events", (), options)
