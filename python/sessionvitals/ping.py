"""Ping Network: what is this VPN session doing, and what has it used?"""

from __future__ import annotations

from . import _core
from .client import CALL_OPTIONS, Client, check_names, check_optional_text, check_text, to_settings

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing_extensions import Unpack

    from ._core import PingSessionStatus, Request
    from .client import CallOptions, ClientOptions


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
        api_key: str | None = None,
        *,
        base_url: str | None = None,
        authorization_scheme: str = "raw",
        **options: Unpack[ClientOptions],
    ) -> None:
        check_optional_text(api_key=api_key, base_url=base_url)
        check_text(authorization_scheme=authorization_scheme)
        self._compiled = _core.PingClient(
            api_key, base_url, authorization_scheme, to_settings(options)
        )

    def session_status(self, session_id: str, **options: Unpack[CallOptions]) -> PingSessionStatus:
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
        if not options:
            return self._compiled.session_status(session_id)
        check_names(options, CALL_OPTIONS)
        return self._compiled.session_status(session_id, **options)


def build_ping_request(
    session_id: str, *, api_key: str, authorization_scheme: str = "raw"
) -> Request:
    """Return the request that asks Ping about a session. Pure: nothing is sent or read.

    Raises:
        ConfigurationError: The id or the key cannot be sent.
    """
    check_text(api_key=api_key, authorization_scheme=authorization_scheme)
    return _core.build_ping_request(
        session_id, api_key=api_key, authorization_scheme=authorization_scheme
    )
