"""Ping Network: what is this VPN session doing, and what has it used?"""

# Written by python/generate_sync.py from _async/ping.py: change that, then run make sync.
from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from os import PathLike

from .. import _core
from .._core import CancelToken, PingSessionStatus
from ..options import given
from ..rotating import with_key
from .carrier import carry
from .client import Client

__all__ = ["PingClient", "PingSessionStatus"]


class PingClient(Client):
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
