"""The limits of a Ping Network account: of all of it, of each client, of each session."""

from __future__ import annotations

from datetime import timedelta

from .._core import CancelToken, PingLimits
from .carrier import carry
from .client import AsyncClient


class AsyncPingLimitsClient(AsyncClient):
    """What AsyncPingClient does with limits. All are the account's: no call takes an id."""

    __slots__ = ()

    async def get_global_limits(
        self,
        *,
        timeout: float | timedelta | None = None,
        max_retries: int | None = None,
        resend_unsafe: bool | None = None,
        cancel: CancelToken | None = None,
    ) -> PingLimits:
        """Ask for the limits of the whole account.

        Bytes, bytes a second and numbers are exact. What Ping leaves out is None.


        Raises:
            NotFoundError: There are no such limits.
            AuthenticationError: The key is wrong, or is to be sent by the other scheme.
            TransportError: No complete answer came; DeadlineExceeded if it was time that ran out.
            HttpStatusError: Ping refused otherwise.
            ContractError: The answer was not what Ping documents.
        """
        answer: PingLimits = await carry(
            self, "get_global_limits", (), timeout, max_retries, resend_unsafe, cancel
        )
        return answer

    async def get_client_limits(
        self,
        *,
        timeout: float | timedelta | None = None,
        max_retries: int | None = None,
        resend_unsafe: bool | None = None,
        cancel: CancelToken | None = None,
    ) -> PingLimits:
        """Ask for the limits of each client of the account.

        Bytes, bytes a second and numbers are exact. What Ping leaves out is None.


        Raises:
            NotFoundError: There are no such limits.
            AuthenticationError: The key is wrong, or is to be sent by the other scheme.
            TransportError: No complete answer came; DeadlineExceeded if it was time that ran out.
            HttpStatusError: Ping refused otherwise.
            ContractError: The answer was not what Ping documents.
        """
        answer: PingLimits = await carry(
            self, "get_client_limits", (), timeout, max_retries, resend_unsafe, cancel
        )
        return answer

    async def get_session_limits(
        self,
        *,
        timeout: float | timedelta | None = None,
        max_retries: int | None = None,
        resend_unsafe: bool | None = None,
        cancel: CancelToken | None = None,
    ) -> PingLimits:
        """Ask for the limits of each session of the account.

        Bytes, bytes a second and numbers are exact. What Ping leaves out is None.


        Raises:
            NotFoundError: There are no such limits.
            AuthenticationError: The key is wrong, or is to be sent by the other scheme.
            TransportError: No complete answer came; DeadlineExceeded if it was time that ran out.
            HttpStatusError: Ping refused otherwise.
            ContractError: The answer was not what Ping documents.
        """
        answer: PingLimits = await carry(
            self, "get_session_limits", (), timeout, max_retries, resend_unsafe, cancel
        )
        return answer

    async def update_global_limits(
        self,
        downloaded_bytes: int | None = None,
        uploaded_bytes: int | None = None,
        download_speed: int | None = None,
        upload_speed: int | None = None,
        *,
        timeout: float | timedelta | None = None,
        max_retries: int | None = None,
        resend_unsafe: bool | None = None,
        cancel: CancelToken | None = None,
    ) -> PingLimits:
        """Change limits of the whole account; return all of them.

        What is None is not sent, and so is kept. What 0 means is not documented. The call is not
        sent again once a byte of it may have left, because that could undo another's change.


        Raises:
            ConfigurationError: No limit is given, or one is negative.
            NotFoundError: There are no such limits: Ping documents no call that creates them.
            AuthenticationError: The key is wrong, or is to be sent by the other scheme.
            TransportError: No complete answer came; DeadlineExceeded if it was time that ran out.
            HttpStatusError: Ping refused otherwise.
            ContractError: The answer was not what Ping documents.
        """
        question = (downloaded_bytes, uploaded_bytes, download_speed, upload_speed)
        answer: PingLimits = await carry(
            self, "update_global_limits", question, timeout, max_retries, resend_unsafe, cancel
        )
        return answer

    async def update_client_limits(
        self,
        downloaded_bytes: int | None = None,
        uploaded_bytes: int | None = None,
        download_speed: int | None = None,
        upload_speed: int | None = None,
        max_sessions: int | None = None,
        max_reconnections: int | None = None,
        *,
        timeout: float | timedelta | None = None,
        max_retries: int | None = None,
        resend_unsafe: bool | None = None,
        cancel: CancelToken | None = None,
    ) -> PingLimits:
        """Change limits of each client of the account; return all of them.

        What is None is not sent, and so is kept. What 0 means is not documented. The call is not
        sent again once a byte of it may have left, because that could undo another's change.


        Raises:
            ConfigurationError: No limit is given, or one is negative.
            NotFoundError: There are no such limits: Ping documents no call that creates them.
            AuthenticationError: The key is wrong, or is to be sent by the other scheme.
            TransportError: No complete answer came; DeadlineExceeded if it was time that ran out.
            HttpStatusError: Ping refused otherwise.
            ContractError: The answer was not what Ping documents.
        """
        question = (
            downloaded_bytes,
            uploaded_bytes,
            download_speed,
            upload_speed,
            max_sessions,
            max_reconnections,
        )
        answer: PingLimits = await carry(
            self, "update_client_limits", question, timeout, max_retries, resend_unsafe, cancel
        )
        return answer

    async def update_session_limits(
        self,
        downloaded_bytes: int | None = None,
        uploaded_bytes: int | None = None,
        download_speed: int | None = None,
        upload_speed: int | None = None,
        *,
        timeout: float | timedelta | None = None,
        max_retries: int | None = None,
        resend_unsafe: bool | None = None,
        cancel: CancelToken | None = None,
    ) -> PingLimits:
        """Change limits of each session of the account; return all of them.

        What is None is not sent, and so is kept. What 0 means is not documented. The call is not
        sent again once a byte of it may have left, because that could undo another's change.


        Raises:
            ConfigurationError: No limit is given, or one is negative.
            NotFoundError: There are no such limits: Ping documents no call that creates them.
            AuthenticationError: The key is wrong, or is to be sent by the other scheme.
            TransportError: No complete answer came; DeadlineExceeded if it was time that ran out.
            HttpStatusError: Ping refused otherwise.
            ContractError: The answer was not what Ping documents.
        """
        question = (downloaded_bytes, uploaded_bytes, download_speed, upload_speed)
        answer: PingLimits = await carry(
            self, "update_session_limits", question, timeout, max_retries, resend_unsafe, cancel
        )
        return answer

    async def delete_global_limits(
        self,
        *,
        timeout: float | timedelta | None = None,
        max_retries: int | None = None,
        resend_unsafe: bool | None = None,
        cancel: CancelToken | None = None,
    ) -> None:
        """Delete the limits of the whole account.

        A NotFoundError to a second attempt is success: the first, whose answer was lost, may have
        deleted them.

        Raises:
            NotFoundError: There are no such limits.
            AuthenticationError: The key is wrong, or is to be sent by the other scheme.
            TransportError: No complete answer came; DeadlineExceeded if it was time that ran out.
            HttpStatusError: Ping refused otherwise.
            ContractError: The answer was not what Ping documents.
        """
        await carry(self, "delete_global_limits", (), timeout, max_retries, resend_unsafe, cancel)

    async def delete_client_limits(
        self,
        *,
        timeout: float | timedelta | None = None,
        max_retries: int | None = None,
        resend_unsafe: bool | None = None,
        cancel: CancelToken | None = None,
    ) -> None:
        """Delete the limits of each client of the account.

        A NotFoundError to a second attempt is success: the first, whose answer was lost, may have
        deleted them.

        Raises:
            NotFoundError: There are no such limits.
            AuthenticationError: The key is wrong, or is to be sent by the other scheme.
            TransportError: No complete answer came; DeadlineExceeded if it was time that ran out.
            HttpStatusError: Ping refused otherwise.
            ContractError: The answer was not what Ping documents.
        """
        await carry(self, "delete_client_limits", (), timeout, max_retries, resend_unsafe, cancel)

    async def delete_session_limits(
        self,
        *,
        timeout: float | timedelta | None = None,
        max_retries: int | None = None,
        resend_unsafe: bool | None = None,
        cancel: CancelToken | None = None,
    ) -> None:
        """Delete the limits of each session of the account.

        A NotFoundError to a second attempt is success: the first, whose answer was lost, may have
        deleted them.

        Raises:
            NotFoundError: There are no such limits.
            AuthenticationError: The key is wrong, or is to be sent by the other scheme.
            TransportError: No complete answer came; DeadlineExceeded if it was time that ran out.
            HttpStatusError: Ping refused otherwise.
            ContractError: The answer was not what Ping documents.
        """
        await carry(self, "delete_session_limits", (), timeout, max_retries, resend_unsafe, cancel)
