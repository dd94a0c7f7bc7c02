"""tiun: may this paid content be served?"""

from __future__ import annotations

from os import PathLike

from .. import _core
from .._core import CancelToken, TiunVerdict
from ..options import given
from .carrier import carry
from .client import AsyncClient


class AsyncTiunClient(AsyncClient):
    """Asks tiun.

    ``access_token`` is TIUN_ACCESS_TOKEN's if left out, ``base_url`` TIUN_BASE_URL's and then the
    vendor's; ``sandbox=True`` asks the vendor's own sandbox. The vendor's current guide names the
    header X-TIUN-API-KEY: try ``header_name=`` if a token that should work does not. The other
    options are those of every AsyncClient.

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
        deadline: float | None = None,
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
        self._compiled = _core.TiunClient(
            access_token,
            base_url=base_url,
            sandbox=sandbox,
            header_name=header_name,
            **given(
                deadline=deadline,
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
            ),
        )

    async def verify(
        self,
        session_id: str,
        *,
        deadline: float | None = None,
        max_retries: int | None = None,
        resend_unsafe: bool | None = None,
        cancel: CancelToken | None = None,
    ) -> TiunVerdict:
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
        answer: TiunVerdict = await carry(
            self, "verify", session_id, deadline, max_retries, resend_unsafe, cancel
        )
        return answer
