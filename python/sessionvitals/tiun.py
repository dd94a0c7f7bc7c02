"""tiun: may this paid content be served?"""

from __future__ import annotations

from . import _core
from .client import CALL_OPTIONS, Client, check_names, check_optional_text, check_text, to_settings

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing_extensions import Unpack

    from ._core import Request, TiunVerdict
    from .client import CallOptions, ClientOptions


class TiunClient(Client):
    """Asks tiun.

    ``access_token`` is TIUN_ACCESS_TOKEN's if left out, ``base_url`` TIUN_BASE_URL's and then the
    vendor's; ``sandbox=True`` asks the vendor's own sandbox. The vendor's current guide names the
    header X-TIUN-API-KEY: try ``header_name=`` if a token that should work does not. The other
    options are those of every Client.

    Raises:
        ConfigurationError: There is no token, or something given cannot be used.
    """

    __slots__ = ()

    provider = "tiun"
    asks_by_patch = True

    _compiled: _core.TiunClient

    def __init__(
        self,
        access_token: str | None = None,
        *,
        base_url: str | None = None,
        sandbox: bool = False,
        header_name: str = "X-ACCESS-TOKEN",
        **options: Unpack[ClientOptions],
    ) -> None:
        check_optional_text(access_token=access_token, base_url=base_url)
        check_text(header_name=header_name)
        self._compiled = _core.TiunClient(
            access_token, base_url, bool(sandbox), header_name, to_settings(options)
        )

    def verify(self, session_id: str, **options: Unpack[CallOptions]) -> TiunVerdict:
        """Ask whether the session's content may be served; the verdict is true only on 200.

        A 404 is the verdict false: tiun does not tell unknown from expired from out of funds.
        Everything else raises, because nothing is known of the session then: an outage never
        reads as valid.

        Raises:
            ConfigurationError: The id cannot be sent, an empty one for instance.
            AuthenticationError: The token is wrong, or is of tiun's other environment.
            TransportError: No complete answer came; DeadlineExceeded if it was time that ran out.
            HttpStatusError: tiun refused otherwise.
        """
        if not options:
            return self._compiled.verify(session_id)
        check_names(options, CALL_OPTIONS)
        return self._compiled.verify(session_id, **options)


def build_tiun_request(
    session_id: str, *, access_token: str, header_name: str = "X-ACCESS-TOKEN"
) -> Request:
    """Return the request that asks tiun about a session. Pure: nothing is sent or read.

    Raises:
        ConfigurationError: The id or the token cannot be sent.
    """
    check_text(access_token=access_token, header_name=header_name)
    return _core.build_tiun_request(session_id, access_token=access_token, header_name=header_name)
