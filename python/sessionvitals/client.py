"""What the clients of all vendors have in common.

A client is thin: the compiled core builds, carries and parses. Each vendor's
module, ``ping.py`` for one, adds how the vendor is asked in its own words.
"""

from __future__ import annotations

from os import PathLike, fsdecode

from . import single_flight
from ._core import CancelToken, ClientSettings, OutcomeTable
from .bulk import fill, run
from .errors import ConfigurationError
from .lazily import load_for_calls

TYPE_CHECKING = False  # typing itself is not imported: `import sessionvitals` is to be cheap
if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable, Mapping
    from typing import Any, ClassVar

    from typing_extensions import Self, TypedDict, Unpack

    from ._core import Outcome, Session
    from .single_flight import SharedCall

    class CallOptions(TypedDict, total=False):
        """For one call. What is left out or None is the client's."""

        deadline: float | None  #: seconds for the whole call, retries and waits included
        max_retries: int | None  #: 0 to 10
        resend_unsafe: bool | None  #: also resend what may act twice, once a byte may have left
        cancel: CancelToken | None  #: ends the call early, from any thread

    class ViewOptions(CallOptions, total=False):
        """For a view of a client. What is left out or None is the client's."""

        retry_patch: bool | None  #: tiun's name for resend_unsafe; not both

    class ClientOptions(ViewOptions, total=False):
        """For a client. What is left out or None is the default in the comment."""

        ca_file: str | PathLike[str] | None  #: PEM; SSL_CERT_FILE, SSL_CERT_DIR, the system's
        client_certificate_file: str | PathLike[str] | None  #: PEM; none
        client_key_file: str | PathLike[str] | None  #: PEM; in client_certificate_file
        proxy: str | None  #: "http://host:port"; the environment's
        trust_env: (
            bool | None
        )  #: True: heed HTTP_PROXY, HTTPS_PROXY, ALL_PROXY, NO_PROXY, SSL_CERT_*
        max_connections: int | None  #: 128, to one origin, shared by all clients of the process


# The types are checked here because the compiled constructors, given one value of a wrong type,
# would quote all the others: a key, or a proxy with its password.
OPTION_TYPES: dict[str, tuple[type, ...]] = {
    "deadline": (float, int),
    "max_retries": (int,),
    "resend_unsafe": (bool,),
    "retry_patch": (bool,),
    "cancel": (CancelToken,),
    "ca_file": (str, PathLike),
    "client_certificate_file": (str, PathLike),
    "client_key_file": (str, PathLike),
    "proxy": (str,),
    "trust_env": (bool,),
    "max_connections": (int,),
}


def to_settings(options: ClientOptions) -> ClientSettings:
    """Return the options as the compiled core takes them. Raises ConfigurationError."""
    given: dict[str, Any] = {}
    for name, value in options.items():
        if name not in OPTION_TYPES:
            raise TypeError(f"a client has no option {name!r}: it has {', '.join(OPTION_TYPES)}")
        if value is None:
            continue
        if not isinstance(value, OPTION_TYPES[name]):
            raise wrong_type(name, value)
        given[name] = fsdecode(value) if isinstance(value, PathLike) else value
        if isinstance(given[name], str):
            check_encodable(name, given[name])
    return ClientSettings(**given)


def check_text(**arguments: str) -> None:
    """Raise ConfigurationError for an argument that is no text, or an empty one."""
    for name, value in arguments.items():
        if not isinstance(value, str):
            raise wrong_type(name, value)
        if not value:
            raise ConfigurationError(f"{name} is empty: pass it, or leave it out")
        check_encodable(name, value)


def check_encodable(name: str, value: str) -> None:
    """Raise ConfigurationError for text with a lone surrogate, which is no text to the core."""
    if not value.isascii() and any("\ud800" <= c <= "\udfff" for c in value):
        raise ConfigurationError(
            f"{name} has a lone surrogate: pass it as it was before it was cut"
        )


def check_optional_text(**arguments: str | None) -> None:
    """Raise ConfigurationError for an argument that is neither None nor text, or is empty."""
    check_text(**{name: value for name, value in arguments.items() if value is not None})


def wrong_type(name: str, value: object) -> ConfigurationError:
    return ConfigurationError(f"{name} is of type {type(value).__name__}: see the client's help()")


# The compiled methods, given a name that they do not have, would quote all values: a key among them.
CALL_OPTIONS = frozenset({"deadline", "max_retries", "resend_unsafe", "cancel"})
VIEW_OPTIONS = CALL_OPTIONS | {"retry_patch"}


def check_names(options: Mapping[str, object], known: frozenset[str]) -> None:
    """Raise TypeError for options of a name that there is not."""
    if not options.keys() <= known:
        wrong = ", ".join(sorted(options.keys() - known))
        raise TypeError(f"no option is called {wrong}: there are {', '.join(sorted(known))}")


class Closed:
    """What a client has in place of its compiled half once it is closed."""

    __slots__ = ()

    base_url = "closed"

    def __getattr__(self, name: str) -> object:
        raise ConfigurationError("this client is closed: make a new one, or close it later")


class Client:
    """Asks one vendor about sessions. Not used itself: see TiunClient, PingClient, ElizaClient.

    One client may be shared by many threads and lives across a fork; clients
    with the same settings share their connections, so many cost no more than
    one. It is also a context manager, which closes it at the end of the block.

    Options, for every client: ``deadline=10`` seconds for a whole call, its
    retries and waits included; ``max_retries=2``; ``resend_unsafe=False``, which
    tiun also calls ``retry_patch``; ``cancel=`` a CancelToken; ``ca_file=``, ``client_certificate_file=``,
    ``client_key_file=``, ``proxy=``; ``trust_env=True``; ``max_connections=128``.
    Methods take ``deadline=``, ``max_retries=``, ``resend_unsafe=`` and ``cancel=`` for one call.
    """

    __slots__ = ("_compiled", "_recent")

    #: The vendor's name: "tiun", "ping" or "eliza".
    provider: ClassVar[str] = ""
    #: Whether the question itself may change something at the vendor.
    asks_by_patch: ClassVar[bool] = False

    _compiled: Any
    _recent: dict[str, SharedCall]  #: what single_flight.py keeps for this client and its views

    def __new__(cls, *arguments: object, **options: object) -> Self:
        load_for_calls()
        client = super().__new__(cls)
        client._recent = {}
        return client

    def __init__(
        self,
        key: str | None = None,
        /,
        *,
        base_url: str | None = None,
        **options: Unpack[ClientOptions],
    ) -> None:
        raise TypeError("use TiunClient, PingClient or ElizaClient")

    def probe(
        self,
        session_id: str,
        *,
        max_age: float | None = None,
        reuse_patch: bool = False,
        **options: Unpack[CallOptions],
    ) -> Session:
        """Ask for one session's state, in the words that all vendors share.

        "No such session" is an answer: its state is ``SessionState.NOT_FOUND``, or
        ``DENIED`` where the vendor does not say why.

        With ``max_age``, in seconds, an answer that was asked for at most that long ago will do:
        one that came to this client or a view of it, or one that is on its way, so that equal calls
        at once are one request. tiun, whose question is a PATCH, also wants ``reuse_patch=True``.

        Raises:
            ConfigurationError: The id cannot be sent, or an option is out of range.
            TransportError: No complete answer came; DeadlineExceeded if it was time that ran out.
            HttpStatusError: The vendor refused for a reason that is not the session.
            ContractError: The answer was not what the vendor documents.
        """
        session: Session
        if not options and max_age is None:
            session = self._compiled.probe(session_id)
            return session
        check_names(options, CALL_OPTIONS)
        if max_age is None or not isinstance(session_id, str):
            session = self._compiled.probe(session_id, **options)
            return session
        age = single_flight.check_sharing(max_age, self.asks_by_patch, reuse_patch)
        compiled = self._compiled
        deadline = options.pop("deadline", None)
        return single_flight.probe(
            self._recent,
            session_id,
            age,
            lambda seconds: compiled.probe(session_id, deadline=seconds, **options),
            compiled.deadline if deadline is None else deadline,
            options.get("cancel") or compiled.cancel,
        )

    def probe_many(
        self,
        session_ids: Iterable[str],
        *,
        concurrency: int = 64,
        ordered: bool = False,
        on_progress: Callable[[int], object] | None = None,
        **options: Unpack[CallOptions],
    ) -> Generator[Outcome, None, None]:
        """Ask for the state of many sessions at once; yield each outcome as it comes.

        An outcome has the ``id`` and either a ``session`` or an ``error``: one bad id never fails
        the rest. In a sequence equal ids are asked once, wherever they are; in any other iterable,
        those that are in the window at the same time. ``deadline`` is one for all together: when it
        passes, what is left fails with DeadlineExceeded. A 429 that names a wait makes all calls
        wait together.

        ``session_ids`` may be any iterable; a window of it is taken at a time, so that a million
        cost no more memory than a thousand. ``on_progress`` is called with the number done so far.

        Raises:
            ConfigurationError: ``concurrency`` is not from 1 to 4096, or an option is out of range.
        """
        check_names(options, CALL_OPTIONS)
        bulk = self._compiled.bulk_probe(concurrency, ordered, **options)
        return run(bulk, session_ids, on_progress)

    def probe_table(
        self,
        session_ids: Iterable[str],
        *,
        concurrency: int = 64,
        ordered: bool = False,
        on_progress: Callable[[int], object] | None = None,
        **options: Unpack[CallOptions],
    ) -> OutcomeTable:
        """Ask for the state of many sessions at once; return the outcomes as columns.

        As ``probe_many`` does, but one row an outcome, for ``pyarrow.table``, ``polars.DataFrame``,
        DuckDB and all else that knows Arrow's PyCapsule interface; none of them is needed. What a
        vendor did not say is null. A row that failed has ``error``, the name of the error's class,
        and ``error_message``.

        Raises:
            ConfigurationError: ``concurrency`` is not from 1 to 4096, or an option is out of range.
        """
        check_names(options, CALL_OPTIONS)
        bulk = self._compiled.bulk_probe(concurrency, ordered, **options)
        return fill(OutcomeTable(self.provider), bulk, session_ids, on_progress)

    def with_options(self, **options: Unpack[ViewOptions]) -> Self:
        """Return a client that differs in these options, and shares everything else.

        Raises:
            ConfigurationError: An option is out of range.
        """
        check_names(options, VIEW_OPTIONS)
        view = object.__new__(type(self))
        view._compiled = self._compiled.with_options(**options)
        view._recent = self._recent
        return view

    def close(self) -> None:
        """End the client: every later call is a ConfigurationError. Others are not disturbed."""
        self._compiled = Closed()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def __reduce__(self) -> tuple[object, ...]:
        raise TypeError(
            f"a {type(self).__name__} holds a key and is not pickled or copied: make one where it "
            "is needed (another process finds the key in its environment), or use with_options()"
        )

    def __repr__(self) -> str:
        return f"{type(self).__name__}(base_url={self._compiled.base_url!r})"
