"""What the clients of all vendors have in common.

A client is thin: the compiled core builds, carries and parses. Each vendor's module, ``ping.py``
for one, adds the vendor's own calls.
"""

# Written by python/generate_sync.py from _async/client.py: change that, then run make sync.
from __future__ import annotations

# What annotations name is imported for those who look at them at run time; from where it is
# defined, as collections costs more to import than all of this.
from _collections_abc import Callable, Generator, Iterable
from datetime import timedelta

from .. import observing, single_flight
from .._core import CancelToken, Outcome, OutcomeTable, Session
from ..lazy_import import Any, ClassVar, Self, load_for_calls
from ..options import copy_attributes, given
from ..pacing.pace import Pace
from ..rotating import Closed, keep_to_key
from ..single_flight import SharedCall
from .carrier import carry, fill_table, run_bulk
from .watching import WatchingClient


class Client(WatchingClient):
    """Asks one vendor about sessions. The base of TiunClient, PingClient and others.

    One client may be shared by many threads and lives across a fork; clients with the same settings
    share their connections, so many cost no more than one. It is also a context manager, which
    closes it at the end of the block.

    Options of every client, with what they are when left out: ``timeout=10`` seconds for a whole
    call, retries and waits included; ``max_retries=2``, 0 to 10; ``resend_unsafe=False``, whether a
    call that may act twice is sent again once a byte of it may have left; ``retry_patch``, tiun's
    name for the same; ``cancel=``, a CancelToken that ends calls early; ``ca_file=``, PEM, else
    SSL_CERT_FILE, SSL_CERT_DIR and the system's; ``client_certificate_file=`` and
    ``client_key_file=``, PEM; ``proxy="http://host:port"``, else the environment's;
    ``trust_env=True``, whether proxies and certificates of the environment count;
    ``max_connections=128`` to one origin, shared by all clients of the process;
    ``propagate_trace``, whether requests carry OpenTelemetry's ``traceparent`` and ``tracestate``,
    else what ``sessionvitals.telemetry.enable()`` was told, and without that they do not.

    A key may also be a function that returns it, for keys that change. It is called when the client
    is made, then before a call at most once a minute, and once more when the vendor refuses the key
    with a 401: a call that changes nothing is then made again with the other key, in what is left of
    its time. It is called in the caller's thread, for asyncio in the event loop, so it must be quick.
    """

    __slots__ = ("_cancel", "_compiled", "_propagates", "_recent")

    #: The vendor's name: "tiun", "ping" or "eliza".
    provider: ClassVar[str] = ""
    #: Whether the question itself may change something at the vendor.
    probe_is_unsafe: ClassVar[bool] = False

    _cancel: CancelToken | None  #: of calls that name none
    _compiled: Any
    _propagates: (
        bool | None
    )  #: whether requests carry the trace's context; None: as enabled for all
    _recent: dict[str, SharedCall]  #: what single_flight.py keeps for this client and its views

    def __new__(cls, *arguments: object, **options: object) -> Self:
        load_for_calls()
        client = super().__new__(cls)
        client._propagates = None
        client._recent = {}
        return client

    def __init__(self, *arguments: object, **options: object) -> None:
        raise TypeError("use TiunClient, PingClient or ElizaClient")

    def probe(
        self,
        session_id: str,
        *,
        max_age: float | None = None,
        reuse_patch: bool = False,
        timeout: float | timedelta | None = None,
        max_retries: int | None = None,
        resend_unsafe: bool | None = None,
        cancel: CancelToken | None = None,
    ) -> Session:
        """Ask for one session's state, in the words that all vendors share.

        "No such session" is an answer: its state is ``SessionState.NOT_FOUND``, or ``DENIED`` where
        the vendor does not say why.

        With ``max_age``, in seconds, an answer that was asked for at most that long ago will do: one
        that came to this client or a view of it, or one that is on its way, so that equal calls at
        the same time are one request. tiun, whose question is a PATCH, also wants
        ``reuse_patch=True``.

        Raises:
            ConfigurationError: The id cannot be sent, or an option is out of range.
            TransportError: No complete answer came; DeadlineExceeded if it was time that ran out.
            HttpStatusError: The vendor refused for a reason that is not the session.
            ContractError: The answer was not what the vendor documents.
        """
        session: Session
        # Most calls are so, and reading options costs as much as parsing the answer.
        is_plain = max_age is timeout is max_retries is resend_unsafe is None and cancel is None
        if is_plain and observing.observer is None:
            session = self._compiled.probe(session_id)
            return session
        if max_age is None or not isinstance(session_id, str):
            session = carry(
                self, "probe", (session_id,), timeout, max_retries, resend_unsafe, cancel
            )
            return session
        session = self._probe_shared(
            session_id, max_age, reuse_patch, timeout, max_retries, resend_unsafe, cancel
        )
        return session

    # Apart from probe(), as each call would pay for the variables that ask() closes over.
    def _probe_shared(
        self,
        session_id: str,
        max_age: float,
        reuse_patch: bool,
        timeout: float | timedelta | None,
        max_retries: int | None,
        resend_unsafe: bool | None,
        cancel: CancelToken | None,
    ) -> Session:
        age = single_flight.check_sharing(max_age, self.probe_is_unsafe, reuse_patch)
        keep_to_key(self._compiled, self._recent)

        def ask(seconds: float) -> Session:
            answer: Session = carry(
                self, "probe", (session_id,), seconds, max_retries, resend_unsafe, cancel
            )
            return answer

        # Also where an answer is known already, an option that cannot be used is refused.
        options = given(
            timeout=timeout, max_retries=max_retries, resend_unsafe=resend_unsafe, cancel=cancel
        )
        longest = self._compiled.with_options(**options).timeout
        watched = cancel or self._cancel
        session: Session = single_flight.probe(self._recent, session_id, age, ask, longest, watched)
        return session

    def probe_many(
        self,
        session_ids: Iterable[str],
        *,
        concurrency: int = 64,
        ordered: bool = False,
        on_progress: Callable[[int], object] | None = None,
        pace: Pace | None = None,
        timeout: float | timedelta | None = None,
        deadline: float | timedelta | None = None,
        max_retries: int | None = None,
        resend_unsafe: bool | None = None,
        cancel: CancelToken | None = None,
    ) -> Generator[Outcome, None, None]:
        """Ask for the state of many sessions at once; yield each outcome as it comes.

        An outcome has the ``id`` and either a ``session`` or an ``error``: one bad id never fails
        the rest. ``timeout`` is for each id. ``deadline`` is for all of them together: when it
        passes, counted from this call on, what is left fails with DeadlineExceeded. Both are seconds
        or a timedelta. A 429 that names a wait makes all calls wait together.

        The calls run in a thread of the core, also while the loop's body does, until a window of
        outcomes waits to be taken: the larger of 256 and four times ``concurrency``. A slow loop
        loses no answer and holds no connection. At most ``max_connections`` of the client are used,
        whatever ``concurrency`` says. A forked child cannot read on: it asks anew.

        ``session_ids`` may be any iterable; a window of it is taken at a time. In a sequence equal
        ids are asked once, wherever they are, for up to 65,536 different ids that repeat; finding
        them takes 2 bytes an id. In any other iterable an id whose equal is in flight when its turn
        comes shares that call. ``on_progress`` is called with the number done so far. ``pace``
        limits how many are asked for a second: see ``Pace``. If ``session_ids`` raises, no more are
        drawn; the outcomes of those that came are yielded, and then that exception is raised. If
        ``on_progress`` raises, the outcomes that it was told of are yielded first.

        Raises:
            ConfigurationError: ``concurrency`` is not from 1 to 4096, or an option is out of range.
        """
        options = given(
            timeout=timeout,
            deadline=deadline,
            max_retries=max_retries,
            resend_unsafe=resend_unsafe,
            cancel=cancel,
        )
        return run_bulk(self, session_ids, concurrency, ordered, on_progress, pace, options)

    def probe_table(
        self,
        session_ids: Iterable[str],
        *,
        concurrency: int = 64,
        ordered: bool = False,
        on_progress: Callable[[int], object] | None = None,
        pace: Pace | None = None,
        timeout: float | timedelta | None = None,
        deadline: float | timedelta | None = None,
        max_retries: int | None = None,
        resend_unsafe: bool | None = None,
        cancel: CancelToken | None = None,
    ) -> OutcomeTable:
        """Ask for the state of many sessions at once; return the outcomes as columns.

        As ``probe_many`` does, but one row an outcome, for ``pyarrow.table``, ``polars.DataFrame``,
        DuckDB and all else that knows Arrow's PyCapsule interface; none of them is needed. What a
        vendor did not say is null. A row that failed has ``error``, the name of the error's class,
        and ``error_message``. If ``session_ids`` raises, the exception has the table of those that
        came as its ``outcome_table``.

        Raises:
            ConfigurationError: ``concurrency`` is not from 1 to 4096, or an option is out of range.
        """
        options = given(
            timeout=timeout,
            deadline=deadline,
            max_retries=max_retries,
            resend_unsafe=resend_unsafe,
            cancel=cancel,
        )
        table = OutcomeTable(self.provider)
        fill_table(self, table, session_ids, concurrency, ordered, on_progress, pace, options)
        return table

    def with_options(
        self,
        *,
        timeout: float | timedelta | None = None,
        max_retries: int | None = None,
        resend_unsafe: bool | None = None,
        retry_patch: bool | None = None,
        cancel: CancelToken | None = None,
    ) -> Self:
        """Return a client that differs in these options, and shares everything else.

        One of a subclass has the attributes that this client has, the same objects: its
        ``__init__`` is not called.

        Raises:
            ConfigurationError: An option is out of range.
        """
        options = given(
            timeout=timeout,
            max_retries=max_retries,
            resend_unsafe=resend_unsafe,
            retry_patch=retry_patch,
            cancel=cancel,
        )
        view = object.__new__(type(self))
        if not type(self).__module__.startswith("sessionvitals."):
            copy_attributes(self, view)
        view._cancel = cancel or self._cancel
        view._compiled = self._compiled.with_options(**options)
        view._propagates = self._propagates
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
