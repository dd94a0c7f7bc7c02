"""elizaOS: how long does this agent's chat session live?"""

from __future__ import annotations

from . import _core
from .client import CALL_OPTIONS, Client, check_names, check_optional_text, to_settings

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing_extensions import Unpack

    from ._core import ElizaSession, Request
    from .client import CallOptions, ClientOptions


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
        api_key: str | None = None,
        *,
        base_url: str | None = None,
        **options: Unpack[ClientOptions],
    ) -> None:
        check_optional_text(api_key=api_key, base_url=base_url)
        self._compiled = _core.ElizaClient(api_key, base_url, to_settings(options))

    def get_session(self, session_id: str, **options: Unpack[CallOptions]) -> ElizaSession:
        """Ask for the session, with its expiry and the time left by the server's own clock.

        Raises:
            NotFoundError: The server knows no such session, any more or at all.
            SessionExpiredError: The session has expired. Said once; from then on it is not found.
            AuthenticationError: The server wants a key, or another one.
            TransportError: No complete answer came; DeadlineExceeded if it was time that ran out.
            HttpStatusError: The server refused otherwise.
            ContractError: The answer was not what elizaOS documents.
        """
        if not options:
            return self._compiled.get_session(session_id)
        check_names(options, CALL_OPTIONS)
        return self._compiled.get_session(session_id, **options)


def build_eliza_request(session_id: str, *, api_key: str | None = None) -> Request:
    """Return the request that asks elizaOS about a session. Pure: nothing is sent or read.

    Raises:
        ConfigurationError: The id or the key cannot be sent.
    """
    check_optional_text(api_key=api_key)
    return _core.build_eliza_request(session_id, api_key=api_key)
