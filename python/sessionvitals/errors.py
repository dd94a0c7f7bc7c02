"""What can go wrong, told apart by whose problem it is.

SessionVitalsError
|-- ConfigurationError           yours, before anything was sent (also a ValueError)
|-- WatchTimeout                 a session was not in the state in time (also a TimeoutError)
|-- StateImpossible              a session came to another end than the one waited for
|-- LedgerError, FleetError      of sessionvitals.ledger and sessionvitals.fleet
`-- CallError                    .call: the report of every attempt; .may_have_taken_effect
    |-- CallCancelled            your own wish: the call's CancelToken was cancelled
    |-- TransportError           the network's: no complete response (.phase: how far it came)
    |   `-- DeadlineExceeded     ... in the time allowed (also a TimeoutError)
    |-- HttpStatusError          a refusal: .http_status .code .message .body .request_id
    |   |-- BadRequestError 400, AuthenticationError 401, PermissionDeniedError 403
    |   |-- NotFoundError 404, SessionExpiredError 410 (.expires_at)
    |   |-- RateLimitError 429   (.retry_after .rate_limit)
    |   `-- ServerError 5xx
    `-- ContractError            an answer that breaks the contract: .member .expected .found

str(error) says what happened and what to do about it. No error ever holds a
credential. Each pickles and copies with all its fields: they are keyword
arguments with a default, and live in ``__dict__``, which is what an exception
is pickled with.
"""

from __future__ import annotations

TYPE_CHECKING = False  # typing itself is not imported: `import sessionvitals` is to be cheap
if TYPE_CHECKING:
    from datetime import datetime, timedelta
    from typing import Any

    from ._core import CallReport, RateLimit


class SessionVitalsError(Exception):
    """Any failure of this library."""

    def __init__(self, text: str = "", /) -> None:
        super().__init__(text)

    def __str__(self) -> str:
        return str(self.args[0])

    def to_dict(self) -> dict[str, object]:
        """Return what there is to tell apart, as JSON has it: type, message and a few fields."""
        return {"type": type(self).__name__, "message": str(self)}


class ConfigurationError(SessionVitalsError, ValueError):
    """Something given to the library cannot be used: a key, an id, an address, an option.

    Nothing was sent.
    """


class CallError(SessionVitalsError):
    """A call was made and gave no answer about the session."""

    def __init__(
        self,
        text: str = "",
        /,
        *,
        call: CallReport | None = None,
        may_have_taken_effect: bool = False,
    ) -> None:
        super().__init__(text)
        #: True if the call may have changed something at the vendor, so that repeating it may act
        #: twice: the operation does, a byte of some attempt may have left, and that attempt was not
        #: answered with a 4xx (a 408 is no such answer).
        self.may_have_taken_effect = may_have_taken_effect
        #: Every try: how far it came, where to, how long it took, why the next one waited.
        #: None for what a pure ``parse_*_response`` raises.
        self.call = call

    def to_dict(self) -> dict[str, object]:
        return {**super().to_dict(), "may_have_taken_effect": self.may_have_taken_effect}


class TransportError(CallError):
    """No complete response arrived. Asking again may help."""

    def __init__(self, text: str = "", /, *, phase: str = "", **call: Any) -> None:
        super().__init__(text, **call)
        #: How far the call came: queue, resolve, connect, proxy, tls, send, receive or wait.
        self.phase = phase


class DeadlineExceeded(TransportError, TimeoutError):
    """No complete response arrived in the time allowed, retries and their waits included."""


class CallCancelled(CallError):
    """The call was ended by its CancelToken."""

    def __init__(self, text: str = "", /, *, phase: str = "", **call: Any) -> None:
        super().__init__(text, **call)
        #: How far the call came: queue, resolve, connect, proxy, tls, send, receive or wait.
        self.phase = phase


class HttpStatusError(CallError):
    """The vendor answered, and the answer was a refusal."""

    def __init__(
        self,
        text: str = "",
        /,
        *,
        http_status: int = 0,
        code: str | None = None,
        message: str | None = None,
        body: bytes = b"",
        request_id: str | None = None,
        details_json: str | None = None,
        **call: Any,
    ) -> None:
        super().__init__(text, **call)
        self.http_status = http_status
        #: The vendor's own code, verbatim; None if it sent none.
        self.code: str | None = code or None
        #: The vendor's own words; None if it sent none.
        self.message: str | None = message or None
        #: The body as it came, less any stack trace.
        self.body = body
        #: What the vendor's support will ask for; None if it sent none.
        self.request_id: str | None = request_id or None
        #: The vendor's own details as JSON text; None if it sent none.
        self.details_json: str | None = details_json or None

    def to_dict(self) -> dict[str, object]:
        return {**super().to_dict(), "http_status": self.http_status}

    @property
    def details(self) -> object:
        """The vendor's own details, read from ``details_json``; None if it sent none.

        Raises:
            ContractError: They are nested deeper than Python reads.
        """
        if self.details_json is None:
            return None
        from .lazy_import import importing

        with importing:
            from .json_text import read_json
        return read_json(self.details_json.encode())


class BadRequestError(HttpStatusError):
    """400: the vendor cannot read the request, most often because of the id."""


class AuthenticationError(HttpStatusError):
    """401: the vendor does not know the key. It says nothing about the session."""


class PermissionDeniedError(HttpStatusError):
    """403: the vendor knows the key and does not let it do this."""


class NotFoundError(HttpStatusError):
    """404: the vendor knows no such session."""


class SessionExpiredError(HttpStatusError):
    """410: the session has expired. elizaOS says so once; after that it is a 404."""

    def __init__(
        self, text: str = "", /, *, expires_at: datetime | None = None, **refusal: Any
    ) -> None:
        super().__init__(text, **refusal)
        #: When the session expired; None where the vendor does not say.
        self.expires_at = expires_at


class RateLimitError(HttpStatusError):
    """429: too many requests."""

    def __init__(
        self,
        text: str = "",
        /,
        *,
        retry_after: timedelta | None = None,
        rate_limit: RateLimit | None = None,
        **refusal: Any,
    ) -> None:
        super().__init__(text, **refusal)
        #: How long the vendor asks to wait; None if it does not say.
        self.retry_after = retry_after
        #: The limit, what is left of it and when it begins anew, as far as the vendor says.
        self.rate_limit = rate_limit


class ServerError(HttpStatusError):
    """5xx: the vendor failed. Asking again may help."""


class ContractError(CallError):
    """The vendor answered, and the answer was not what it documents."""

    def __init__(
        self,
        text: str = "",
        /,
        *,
        member: str = "",
        expected: str = "",
        found: str = "",
        **call: Any,
    ) -> None:
        super().__init__(text, **call)
        #: JSON Pointer to the member that breaks the contract; empty for the whole answer.
        self.member = member
        self.expected = expected
        self.found = found
