"""tiun: may this paid content be served?"""

# Written by python/generate_sync.py from _async/tiun.py: change that, then run make sync.
from __future__ import annotations

from _collections_abc import Callable
from datetime import timedelta
from os import PathLike

from .. import _core
from .._core import CancelToken, ProblemDetails, TiunUser, TiunUserVerification, TiunVerdict
from ..observing import may_propagate
from ..options import given
from ..rotating import with_key
from .carrier import carry
from .client import Client

__all__ = ["ProblemDetails", "TiunClient", "TiunUser", "TiunUserVerification", "TiunVerdict"]


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
    probe_is_unsafe = True

    _compiled: _core.TiunClient

    def __init__(
        self,
        access_token: str | Callable[[], str] | None = None,
        *,
        base_url: str | None = None,
        sandbox: bool = False,
        header_name: str = "X-ACCESS-TOKEN",
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
            access_token,
            lambda key: _core.TiunClient(
                key,
                base_url=base_url,
                sandbox=sandbox,
                header_name=header_name,
                **options,
            ),
        )

    def verify(
        self,
        session_id: str,
        *,
        timeout: float | timedelta | None = None,
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
        answer: TiunVerdict = carry(
            self, "verify", (session_id,), timeout, max_retries, resend_unsafe, cancel
        )
        return answer

    def verify_user(
        self,
        token: str,
        *,
        timeout: float | timedelta | None = None,
        max_retries: int | None = None,
        resend_unsafe: bool | None = None,
        cancel: CancelToken | None = None,
    ) -> TiunUserVerification:
        """Ask whether a token, which a user's browser brought, is good, and whose it is.

        The answer is true only if the user is authenticated: a user who is not is a proper answer
        too. The token lives for five minutes and is a secret: it is sent as it is, neither decoded
        nor kept, and stands in no error. Whether it works twice is not documented, so the call is
        not sent again once a byte of it may have left.

        The vendor describes this call in its skill pages and not in its OpenAPI document.

        Raises:
            ConfigurationError: The token is empty, over 16 KiB or not of visible ASCII.
            AuthenticationError: The access token is wrong.
            TransportError: No complete answer came; DeadlineExceeded if it was time that ran out.
            HttpStatusError: tiun refused otherwise.
            ContractError: The answer does not say whether the user is authenticated.
        """
        answer: TiunUserVerification = carry(
            self, "verify_user", (token,), timeout, max_retries, resend_unsafe, cancel
        )
        return answer

    def get_user_info(
        self,
        user_id: str,
        *,
        timeout: float | timedelta | None = None,
        max_retries: int | None = None,
        resend_unsafe: bool | None = None,
        cancel: CancelToken | None = None,
    ) -> TiunUser:
        """This is not authentication: anyone who knows the user's id gets an answer.

        Return what tiun knows of the user. ``product_access`` is kept as it came: the vendor
        documents an array, and one integrator reads an object.

        The vendor describes this call in its skill pages and not in its OpenAPI document.

        Raises:
            ConfigurationError: The id cannot be sent, an empty one for instance.
            NotFoundError: tiun knows no such user.
            AuthenticationError: The access token is wrong.
            TransportError: No complete answer came; DeadlineExceeded if it was time that ran out.
            HttpStatusError: tiun refused otherwise.
            ContractError: The answer was not what tiun documents.
        """
        answer: TiunUser = carry(
            self, "get_user_info", (user_id,), timeout, max_retries, resend_unsafe, cancel
        )
        return answer
