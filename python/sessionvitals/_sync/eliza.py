"""elizaOS: how long does this agent's chat session live?"""

# Written by python/generate_sync.py from _async/eliza.py: change that, then run make sync.
from __future__ import annotations

from _collections_abc import Callable
from datetime import timedelta
from os import PathLike

from .. import _core
from .._core import (
    CancelToken,
    ElizaCursors,
    ElizaHealth,
    ElizaMessage,
    ElizaMessagePage,
    ElizaReply,
    ElizaSentMessage,
    ElizaSession,
    ElizaSessionStatus,
    ElizaStreamEvent,
    TimeoutConfig,
)
from ..errors import CallError, ConfigurationError
from ..lazy_import import Any
from ..observing import may_propagate
from ..options import given
from ..rotating import with_key
from .carrier import carry
from .eliza_messages import ElizaMessagesClient
from .eliza_server import ElizaServerClient
from .keeper import Keeper

__all__ = [
    "ElizaClient",
    "ElizaCursors",
    "ElizaHealth",
    "ElizaMessage",
    "ElizaMessagePage",
    "ElizaReply",
    "ElizaSentMessage",
    "ElizaSession",
    "ElizaSessionStatus",
    "ElizaStreamEvent",
    "TimeoutConfig",
]


class ElizaClient(ElizaServerClient, ElizaMessagesClient):
    """Asks an elizaOS server.

    ``base_url`` is ELIZA_BASE_URL's if left out, and then http://localhost:3000. ``api_key`` is
    ELIZA_API_KEY's, and then none: only a server that was given a token wants one. The other
    options are those of every Client.

    Raises:
        ConfigurationError: Something given cannot be used.
    """

    __slots__ = ()

    provider = "eliza"

    _compiled: _core.ElizaClient

    def __init__(
        self,
        api_key: str | Callable[[], str] | None = None,
        *,
        base_url: str | None = None,
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
            lambda key: _core.ElizaClient(
                key,
                base_url=base_url,
                **options,
            ),
        )

    def get_session(
        self,
        session_id: str,
        *,
        timeout: float | timedelta | None = None,
        max_retries: int | None = None,
        resend_unsafe: bool | None = None,
        cancel: CancelToken | None = None,
    ) -> ElizaSession:
        """Ask for the session, with its expiry and the time left by the server's own clock.

        Raises:
            NotFoundError: The server knows no such session, any more or at all.
            SessionExpiredError: The session has expired. Said once; from then on it is not found.
            AuthenticationError: The server wants a key, or another one.
            TransportError: No complete answer came; DeadlineExceeded if it was time that ran out.
            HttpStatusError: The server refused otherwise.
            ContractError: The answer was not what elizaOS documents.
        """
        answer: ElizaSession = carry(
            self, "get_session", (session_id,), timeout, max_retries, resend_unsafe, cancel
        )
        return answer

    def keep_alive(
        self,
        session_id: str,
        *,
        margin: float | timedelta = 60.0,
        on_lost: Callable[[ElizaSession | None], object] | None = None,
        timeout: float | timedelta | None = None,
        max_retries: int | None = None,
        cancel: CancelToken | None = None,
    ) -> Keeper:
        """Keep a session alive until the keeper is closed: a context manager.

        The session is looked at, at once and at least every 5 minutes. When less than ``margin`` of
        its time is left it is sent a heartbeat, or renewed where its config has no auto-renewal;
        never oftener than every quarter of ``margin``, which is seconds or a timedelta, or of the
        session's life, where that is shorter. That is done in the core's thread, also while the
        program does something else.

        At its maximum duration the server lets a session expire all the same. Then, or when it is
        gone for another reason, the keeper stops, and ``on_lost`` is called with the session as it
        was seen last: in a thread of its own, and for asyncio in the event loop. No other session is
        made.

        Raises:
            ConfigurationError: The id cannot be sent, or an option is out of range.
        """
        return Keeper(
            self,
            session_id,
            margin,
            on_lost,
            given(timeout=timeout, max_retries=max_retries, cancel=cancel),
        )

    def create_session(
        self,
        agent_id: str,
        user_id: str,
        *,
        metadata: Any = None,
        timeout_config: TimeoutConfig | None = None,
        create_key: str | None = None,
        reconcile: bool = False,
        timeout: float | timedelta | None = None,
        max_retries: int | None = None,
        resend_unsafe: bool | None = None,
        cancel: CancelToken | None = None,
    ) -> ElizaSession:
        """Create a session of a user with an agent, and return it.

        Both ids are UUIDs; the user's is of your choice. ``metadata`` is any JSON, of at most 10,240
        UTF-16 units. ``timeout_config`` may leave members out, which are then the agent's defaults.
        The server brings numbers that are out of its range into it and does not say so: the
        ``timeout_config`` of the answer is the one that holds.

        ``create_key``, a text of yours, is kept in the metadata as ``sessionvitals_key``, and
        ``find_session`` finds the session by it. It is for the case where the answer was lost: a
        call that may have taken effect is never sent again by itself. With ``reconcile=True`` the
        call then looks for the session itself, once, and returns it if it is there; its ``call`` is
        the report of the lost one, with ``reconciled`` true. If it is not there, the first error is
        raised: the server may be at it still. The look may take as long as the call: both together
        take twice ``timeout`` at most. Use a key that no session had before.

        Raises:
            ConfigurationError: An id is empty, or the metadata is too long.
            NotFoundError: No agent of that id runs on the server.
            AuthenticationError: The server wants a key, or another one.
            TransportError: No complete answer came; DeadlineExceeded if it was time that ran out.
            HttpStatusError: The server refused otherwise.
            ContractError: The answer was not what elizaOS documents.
        """
        if reconcile and create_key is None:
            raise ConfigurationError("reconcile needs a create_key: it is what is looked for.")
        answer: ElizaSession
        try:
            answer = carry(
                self,
                "create_session",
                (agent_id, user_id, metadata, timeout_config, create_key),
                timeout,
                max_retries,
                resend_unsafe,
                cancel,
            )
        except CallError as error:
            if create_key is None or not (reconcile and error.may_have_taken_effect):
                raise
            answer = self._find_lost(create_key, error, timeout, max_retries, cancel)
        return answer

    def renew_session(
        self,
        session_id: str,
        *,
        timeout: float | timedelta | None = None,
        max_retries: int | None = None,
        resend_unsafe: bool | None = None,
        cancel: CancelToken | None = None,
    ) -> ElizaSession:
        """Have the session's time start anew, whatever its config says, and return it.

        At its maximum duration the session has expired: no renewal brings it back.

        Raises:
            NotFoundError: The server knows no such session, any more or at all.
            SessionExpiredError: The session has expired.
            AuthenticationError: The server wants a key, or another one.
            TransportError: No complete answer came; DeadlineExceeded if it was time that ran out.
            HttpStatusError: The server refused otherwise.
            ContractError: The answer was not what elizaOS documents.
        """
        answer: ElizaSession = carry(
            self, "renew_session", (session_id,), timeout, max_retries, resend_unsafe, cancel
        )
        return answer

    def send_heartbeat(
        self,
        session_id: str,
        *,
        timeout: float | timedelta | None = None,
        max_retries: int | None = None,
        resend_unsafe: bool | None = None,
        cancel: CancelToken | None = None,
    ) -> ElizaSession:
        """Say that the session is in use, and return it: it is renewed if its config says so.

        Without ``auto_renew`` only ``last_activity`` changes, and not ``expires_at``.

        Raises:
            NotFoundError: The server knows no such session, any more or at all.
            SessionExpiredError: The session has expired.
            AuthenticationError: The server wants a key, or another one.
            TransportError: No complete answer came; DeadlineExceeded if it was time that ran out.
            HttpStatusError: The server refused otherwise.
            ContractError: The answer was not what elizaOS documents.
        """
        answer: ElizaSession = carry(
            self, "send_heartbeat", (session_id,), timeout, max_retries, resend_unsafe, cancel
        )
        return answer

    def update_timeout(
        self,
        session_id: str,
        config: TimeoutConfig,
        *,
        timeout: float | timedelta | None = None,
        max_retries: int | None = None,
        resend_unsafe: bool | None = None,
        cancel: CancelToken | None = None,
    ) -> ElizaSession:
        """Replace the session's whole timeout config, and return the session.

        The config needs all four members, because elizaOS takes the agent's default for one that
        is left out, and not what the session has. To change one, take the session's own::

            config = TimeoutConfig.of(client.get_session(session_id))
            client.update_timeout(session_id, config.with_(timeout_minutes=60))

        These are two calls: what another changes between them is lost. Without ``auto_renew`` the
        time counts from the session's creation, and the session may have expired at once: its
        ``time_remaining`` is then 0.

        Raises:
            ConfigurationError: The config lacks a member, or its ``auto_renew`` is no bool.
            BadRequestError: The server takes no such timeout.
            NotFoundError: The server knows no such session, any more or at all.
            SessionExpiredError: The session has expired.
            AuthenticationError: The server wants a key, or another one.
            TransportError: No complete answer came; DeadlineExceeded if it was time that ran out.
            HttpStatusError: The server refused otherwise.
            ContractError: The answer was not what elizaOS documents.
        """
        answer: ElizaSession = carry(
            self,
            "update_timeout",
            (session_id, config),
            timeout,
            max_retries,
            resend_unsafe,
            cancel,
        )
        return answer

    def delete_session(
        self,
        session_id: str,
        *,
        timeout: float | timedelta | None = None,
        max_retries: int | None = None,
        resend_unsafe: bool | None = None,
        cancel: CancelToken | None = None,
    ) -> None:
        """Delete the session.

        An attempt that was not answered is followed by another one; that the session is then gone is
        success.

        Raises:
            NotFoundError: The server knows no such session, and this call has not deleted it.
            AuthenticationError: The server wants a key, or another one.
            TransportError: No complete answer came; DeadlineExceeded if it was time that ran out.
            HttpStatusError: The server refused otherwise.
            ContractError: The answer was not what elizaOS documents.
        """
        carry(self, "delete_session", (session_id,), timeout, max_retries, resend_unsafe, cancel)
