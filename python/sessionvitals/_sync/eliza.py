"""elizaOS: how long does this agent's chat session live?"""

# Written by python/generate_sync.py from _async/eliza.py: change that, then run make sync.
from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from os import PathLike

from .. import _core
from .._core import CancelToken, ElizaSession, TimeoutConfig
from ..options import given
from ..rotating import with_key
from .carrier import carry
from .client import Client

__all__ = ["ElizaClient", "ElizaSession", "TimeoutConfig"]


class ElizaClient(Client):
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
    ) -> None:
        self._cancel = cancel
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
