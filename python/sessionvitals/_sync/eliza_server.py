"""What an elizaOS server says of itself and of all its sessions."""

# Written by python/generate_sync.py from _async/eliza_server.py: change that, then run make sync.
from __future__ import annotations

from datetime import timedelta

from .._core import CancelToken, ElizaHealth, ElizaSession
from ..errors import CallError, ContractError
from ..page import Page
from .carrier import carry
from .client import Client
from .eliza_messages import check_key, has_key


class ElizaServerClient(Client):
    """What ElizaClient has for a whole server."""

    __slots__ = ()

    def check_health(
        self,
        *,
        timeout: float | timedelta | None = None,
        max_retries: int | None = None,
        resend_unsafe: bool | None = None,
        cancel: CancelToken | None = None,
    ) -> ElizaHealth:
        """Ask how the server is: its clock, and how many sessions it has.

        Raises:
            AuthenticationError: The server wants a key, or another one.
            TransportError: No complete answer came; DeadlineExceeded if it was time that ran out.
            HttpStatusError: The server refused otherwise.
            ContractError: The answer was not what elizaOS documents.
        """
        answer: ElizaHealth = carry(
            self, "check_health", (), timeout, max_retries, resend_unsafe, cancel
        )
        return answer

    def list_sessions(
        self,
        *,
        timeout: float | timedelta | None = None,
        max_retries: int | None = None,
        resend_unsafe: bool | None = None,
        cancel: CancelToken | None = None,
    ) -> Page[ElizaSession]:
        """Return all live sessions: those of every user, so this is for servers' own use.

        The server has no pages. A session takes about 500 bytes.

        Raises:
            AuthenticationError: The server wants a key, or another one.
            TransportError: No complete answer came; DeadlineExceeded if it was time that ran out.
            HttpStatusError: The server refused otherwise.
            ContractError: The answer was not what elizaOS documents, or is over 16 MiB, which is
                about 30,000 sessions.
        """
        answer: Page[ElizaSession] = carry(
            self, "list_sessions", (), timeout, max_retries, resend_unsafe, cancel
        )
        return answer

    def find_session(
        self,
        create_key: str,
        *,
        timeout: float | timedelta | None = None,
        max_retries: int | None = None,
        resend_unsafe: bool | None = None,
        cancel: CancelToken | None = None,
    ) -> ElizaSession | None:
        """Return the newest live session that was created with that key, or None.

        For the case where the answer to ``create_session`` was lost. None does not say that there
        will be none: the server may still be at it.

        Raises:
            ConfigurationError: The key is no text, or is empty.
            CallError: As ``list_sessions``, which this asks.
        """
        check_key("create_key", create_key)
        sessions = self.list_sessions(
            timeout=timeout, max_retries=max_retries, resend_unsafe=resend_unsafe, cancel=cancel
        )
        found = [each for each in sessions if has_key(each, create_key)]
        return max(found, key=lambda each: each.created_at) if found else None

    def _find_lost(
        self,
        create_key: str,
        lost: CallError,
        timeout: float | timedelta | None,
        max_retries: int | None,
        cancel: CancelToken | None,
    ) -> ElizaSession:
        """Return the session that a call has created whose answer was lost, or raise its error."""
        try:
            sessions = self.list_sessions(timeout=timeout, max_retries=max_retries, cancel=cancel)
        except CallError:
            raise lost from None
        found = [each for each in sessions if has_key(each, create_key)]
        if not found:
            raise lost
        if len(found) > 1:
            ids = ", ".join(each.session_id for each in found)
            raise ContractError(
                f"{len(found)} sessions have the create_key, and one of them may be the lost call's: "
                f"{ids}. Use a key that no session had before.",
                expected="one session with the create_key",
                found=f"{len(found)}",
                call=lost.call,
                may_have_taken_effect=True,
            )
        report = None if lost.call is None else lost.call.with_(reconciled=True)
        return found[0].with_(call=report)
