"""
The compiled half of sessionvitals. Import sessionvitals instead.
"""
from __future__ import annotations
import collections.abc
import datetime
import sessionvitals.page
import sessionvitals.errors
import sessionvitals.states
import typing
import typing_extensions
__all__: list[str] = ['Attempt', 'BulkProbe', 'BulkTally', 'CallReport', 'CancelToken', 'Detail', 'ElizaClient', 'ElizaCursors', 'ElizaHealth', 'ElizaMessage', 'ElizaMessagePage', 'ElizaMessageStream', 'ElizaReply', 'ElizaSentMessage', 'ElizaSession', 'ElizaSessionStatus', 'ElizaStreamEvent', 'Inbox', 'Keeper', 'MAX_CLOCK_SKEW', 'Outcome', 'OutcomeTable', 'PendingAnswer', 'PingClient', 'PingEvents', 'PingLimits', 'PingPause', 'PingSession', 'PingSessionStatus', 'PingZone', 'ProblemDetails', 'RateLimit', 'Request', 'Session', 'SessionEvent', 'StreamGap', 'TimeoutConfig', 'TiunClient', 'TiunUser', 'TiunUserVerification', 'TiunVerdict', 'Watch', 'begin_keeper', 'build_eliza_check_health_request', 'build_eliza_create_session_request', 'build_eliza_delete_session_request', 'build_eliza_get_messages_request', 'build_eliza_get_session_request', 'build_eliza_list_sessions_request', 'build_eliza_renew_session_request', 'build_eliza_send_heartbeat_request', 'build_eliza_send_message_request', 'build_eliza_stream_message_request', 'build_eliza_update_timeout_request', 'build_ping_create_session_request', 'build_ping_delete_client_limits_request', 'build_ping_delete_global_limits_request', 'build_ping_delete_session_limits_request', 'build_ping_events_request', 'build_ping_get_client_limits_request', 'build_ping_get_global_limits_request', 'build_ping_get_session_limits_request', 'build_ping_list_zones_request', 'build_ping_pause_session_request', 'build_ping_resume_session_request', 'build_ping_session_status_request', 'build_ping_update_client_limits_request', 'build_ping_update_global_limits_request', 'build_ping_update_session_limits_request', 'build_tiun_get_user_info_request', 'build_tiun_verify_request', 'build_tiun_verify_user_request', 'cancel_begun', 'error_kinds', 'inspect_build', 'inspect_ca_loads', 'inspect_events', 'inspect_follow', 'inspect_heed', 'inspect_hints', 'inspect_json_reading', 'inspect_json_writing', 'inspect_pools', 'inspect_provider', 'inspect_proxy', 'inspect_queues', 'inspect_request', 'inspect_response', 'inspect_retry', 'inspect_stream', 'inspect_trust', 'inspect_url', 'inspect_value_classes', 'inspect_watch_plan', 'parse_eliza_check_health_response', 'parse_eliza_create_session_response', 'parse_eliza_delete_session_response', 'parse_eliza_get_messages_response', 'parse_eliza_get_session_response', 'parse_eliza_list_sessions_response', 'parse_eliza_renew_session_response', 'parse_eliza_send_heartbeat_response', 'parse_eliza_send_message_response', 'parse_eliza_stream_message_event', 'parse_eliza_update_timeout_response', 'parse_ping_create_session_response', 'parse_ping_delete_client_limits_response', 'parse_ping_delete_global_limits_response', 'parse_ping_delete_session_limits_response', 'parse_ping_events_event', 'parse_ping_get_client_limits_response', 'parse_ping_get_global_limits_response', 'parse_ping_get_session_limits_response', 'parse_ping_list_zones_response', 'parse_ping_pause_session_response', 'parse_ping_resume_session_response', 'parse_ping_session_status_response', 'parse_ping_update_client_limits_response', 'parse_ping_update_global_limits_response', 'parse_ping_update_session_limits_response', 'parse_tiun_get_user_info_response', 'parse_tiun_verify_response', 'parse_tiun_verify_user_response', 'provider_names', 'repeated_in', 'restore_value']
class Detail:
    """
    What the vendors' own answers have in common.
    """
    def to_dict(self) -> dict[str, typing.Any]:
        ...
    @property
    def call(self) -> CallReport | None:
        ...
@typing.final
class RateLimit:
    """
    What a server says of its limits, if it says it.
    """
    __match_args__ = ('limit', 'remaining', 'reset_after')
    @classmethod
    def from_dict(cls, members: dict[str, typing.Any], /) -> RateLimit:
        """
        Return the value that to_dict() gave these members of.
        """
    def __new__(cls, *, limit: int | None = ..., remaining: int | None = ..., reset_after: datetime.timedelta | None = ..., reset_after_seconds: int | None = ...) -> RateLimit:
        ...
    def with_(self, *, limit: int | None = ..., remaining: int | None = ..., reset_after: datetime.timedelta | None = ..., reset_after_seconds: int | None = ...) -> RateLimit:
        """
        Return the same value with other fields.
        """
    def __replace__(self, *, limit: int | None = ..., remaining: int | None = ..., reset_after: datetime.timedelta | None = ..., reset_after_seconds: int | None = ...) -> RateLimit:
        """
        Return the same value with other fields.
        """
    def to_dict(self) -> dict[str, typing.Any]:
        """
        Return the fields as JSON has them: exact numbers with their unit in the name, times as ISO 8601 text.
        """
    @property
    def limit(self) -> int | None:
        """
        Requests a window.
        """
    @property
    def remaining(self) -> int | None:
        """
        Requests left in this window.
        """
    @property
    def reset_after(self) -> datetime.timedelta | None:
        """
        Until the window ends.
        """
    @property
    def reset_after_seconds(self) -> int | None:
        """
        Until the window ends.
        """
@typing.final
class Attempt:
    """
    One attempt of a call: at most one request on the wire.
    """
    __match_args__ = ('phase', 'address', 'reused', 'tls_version', 'http_status', 'bytes_sent', 'bytes_received', 'started', 'duration', 'error', 'wait', 'wait_reason')
    @classmethod
    def from_dict(cls, members: dict[str, typing.Any], /) -> Attempt:
        """
        Return the value that to_dict() gave these members of.
        """
    def __new__(cls, *, phase: str = ..., address: str = ..., reused: bool = ..., tls_version: str = ..., http_status: int = ..., bytes_sent: int = ..., bytes_received: int = ..., started: datetime.timedelta = ..., started_microseconds: int = ..., duration: datetime.timedelta = ..., duration_microseconds: int = ..., error: str = ..., wait: datetime.timedelta = ..., wait_microseconds: int = ..., wait_reason: str = ...) -> Attempt:
        ...
    def with_(self, *, phase: str = ..., address: str = ..., reused: bool = ..., tls_version: str = ..., http_status: int = ..., bytes_sent: int = ..., bytes_received: int = ..., started: datetime.timedelta = ..., started_microseconds: int = ..., duration: datetime.timedelta = ..., duration_microseconds: int = ..., error: str = ..., wait: datetime.timedelta = ..., wait_microseconds: int = ..., wait_reason: str = ...) -> Attempt:
        """
        Return the same value with other fields.
        """
    def __replace__(self, *, phase: str = ..., address: str = ..., reused: bool = ..., tls_version: str = ..., http_status: int = ..., bytes_sent: int = ..., bytes_received: int = ..., started: datetime.timedelta = ..., started_microseconds: int = ..., duration: datetime.timedelta = ..., duration_microseconds: int = ..., error: str = ..., wait: datetime.timedelta = ..., wait_microseconds: int = ..., wait_reason: str = ...) -> Attempt:
        """
        Return the same value with other fields.
        """
    def to_dict(self) -> dict[str, typing.Any]:
        """
        Return the fields as JSON has them: exact numbers with their unit in the name, times as ISO 8601 text.
        """
    @property
    def phase(self) -> str:
        """
        How far it came: queue, resolve, connect, proxy, tls, send, receive or done.
        """
    @property
    def address(self) -> str:
        """
        Where it connected; empty before connect.
        """
    @property
    def reused(self) -> bool:
        """
        Whether it went over a kept-alive connection.
        """
    @property
    def tls_version(self) -> str:
        """
        Empty on plain connections.
        """
    @property
    def http_status(self) -> int:
        """
        0 if no response came.
        """
    @property
    def bytes_sent(self) -> int:
        ...
    @property
    def bytes_received(self) -> int:
        ...
    @property
    def started(self) -> datetime.timedelta:
        """
        Since the call began.
        """
    @property
    def started_microseconds(self) -> int:
        """
        Since the call began.
        """
    @property
    def duration(self) -> datetime.timedelta:
        """
        Without the wait after it.
        """
    @property
    def duration_microseconds(self) -> int:
        """
        Without the wait after it.
        """
    @property
    def error(self) -> str:
        """
        Why it failed; empty on success.
        """
    @property
    def wait(self) -> datetime.timedelta:
        """
        Chosen before the next attempt.
        """
    @property
    def wait_microseconds(self) -> int:
        """
        Chosen before the next attempt.
        """
    @property
    def wait_reason(self) -> str:
        """
        What the wait follows, or why there is none.
        """
@typing.final
class CallReport:
    """
    What a call tried, how far each attempt came, and what it cost.
    """
    __match_args__ = ('operation', 'method', 'origin', 'attempts', 'elapsed', 'request_id', 'clock_skew', 'reconciled')
    @classmethod
    def from_dict(cls, members: dict[str, typing.Any], /) -> CallReport:
        """
        Return the value that to_dict() gave these members of.
        """
    def __new__(cls, *, operation: str = ..., method: str = ..., origin: str = ..., attempts: tuple[Attempt, ...] = ..., elapsed: datetime.timedelta = ..., elapsed_microseconds: int = ..., request_id: str = ..., clock_skew: datetime.timedelta | None = ..., clock_skew_seconds: int | None = ..., reconciled: bool = ...) -> CallReport:
        ...
    def with_(self, *, operation: str = ..., method: str = ..., origin: str = ..., attempts: tuple[Attempt, ...] = ..., elapsed: datetime.timedelta = ..., elapsed_microseconds: int = ..., request_id: str = ..., clock_skew: datetime.timedelta | None = ..., clock_skew_seconds: int | None = ..., reconciled: bool = ...) -> CallReport:
        """
        Return the same value with other fields.
        """
    def __replace__(self, *, operation: str = ..., method: str = ..., origin: str = ..., attempts: tuple[Attempt, ...] = ..., elapsed: datetime.timedelta = ..., elapsed_microseconds: int = ..., request_id: str = ..., clock_skew: datetime.timedelta | None = ..., clock_skew_seconds: int | None = ..., reconciled: bool = ...) -> CallReport:
        """
        Return the same value with other fields.
        """
    def to_dict(self) -> dict[str, typing.Any]:
        """
        Return the fields as JSON has them: exact numbers with their unit in the name, times as ISO 8601 text.
        """
    @property
    def operation(self) -> str:
        """
        The vendor's own word for the call.
        """
    @property
    def method(self) -> str:
        ...
    @property
    def origin(self) -> str:
        """
        Scheme, host and port.
        """
    @property
    def attempts(self) -> tuple[Attempt, ...]:
        ...
    @property
    def elapsed(self) -> datetime.timedelta:
        """
        The whole call, queueing and waits included.
        """
    @property
    def elapsed_microseconds(self) -> int:
        """
        The whole call, queueing and waits included.
        """
    @property
    def request_id(self) -> str:
        """
        What the server calls the request that it answered; empty if nothing.
        """
    @property
    def clock_skew(self) -> datetime.timedelta | None:
        """
        Our clock less the answer's Date, to a second; None without an answer.
        """
    @property
    def clock_skew_seconds(self) -> int | None:
        """
        Our clock less the answer's Date, to a second; None without an answer.
        """
    @property
    def reconciled(self) -> bool:
        """
        Whether its answer was lost, and what it had made was found by a second call.
        """
class Request:
    """
    A request to send: its target follows a base URL. Its headers may hold a credential, so it shows none of their values in its repr and is not pickled.
    """
    def __eq__(self, arg0: typing.Any) -> bool:
        ...
    def __hash__(self) -> int:
        ...
    def __reduce__(self) -> typing.Any:
        ...
    def __repr__(self) -> str:
        ...
    @property
    def body(self) -> bytes:
        ...
    @property
    def headers(self) -> tuple[tuple[str, str], ...]:
        """
        Pairs of name and value, credentials included.
        """
    @property
    def method(self) -> str:
        ...
    @property
    def target(self) -> str:
        ...
@typing.final
class Session:
    """
    Any provider's answer about one session.
    """
    __match_args__ = ('provider', 'id', 'state', 'provider_state', 'expires_at', 'time_remaining', 'duration', 'uploaded_bytes', 'downloaded_bytes', 'hint', 'detail')
    @classmethod
    def from_dict(cls, members: dict[str, typing.Any], /) -> Session:
        """
        Return the value that to_dict() gave these members of.
        """
    def __new__(cls, *, provider: str, id: str, state: sessionvitals.states.SessionState | str, provider_state: str = ..., expires_at: datetime.datetime | None = ..., time_remaining: datetime.timedelta | None = ..., time_remaining_milliseconds: int | None = ..., duration: datetime.timedelta | None = ..., duration_seconds: int | None = ..., uploaded_bytes: int | None = ..., downloaded_bytes: int | None = ..., hint: str = ..., detail: Detail | None = ..., call: CallReport | None = ...) -> Session:
        ...
    def with_(self, *, provider: str = ..., id: str = ..., state: sessionvitals.states.SessionState | str = ..., provider_state: str = ..., expires_at: datetime.datetime | None = ..., time_remaining: datetime.timedelta | None = ..., time_remaining_milliseconds: int | None = ..., duration: datetime.timedelta | None = ..., duration_seconds: int | None = ..., uploaded_bytes: int | None = ..., downloaded_bytes: int | None = ..., hint: str = ..., detail: Detail | None = ..., call: CallReport | None = ...) -> Session:
        """
        Return the same value with other fields.
        """
    def __replace__(self, *, provider: str = ..., id: str = ..., state: sessionvitals.states.SessionState | str = ..., provider_state: str = ..., expires_at: datetime.datetime | None = ..., time_remaining: datetime.timedelta | None = ..., time_remaining_milliseconds: int | None = ..., duration: datetime.timedelta | None = ..., duration_seconds: int | None = ..., uploaded_bytes: int | None = ..., downloaded_bytes: int | None = ..., hint: str = ..., detail: Detail | None = ..., call: CallReport | None = ...) -> Session:
        """
        Return the same value with other fields.
        """
    def to_dict(self) -> dict[str, typing.Any]:
        """
        Return the fields as JSON has them: exact numbers with their unit in the name, times as ISO 8601 text.
        """
    @property
    def provider(self) -> str:
        ...
    @property
    def id(self) -> str:
        """
        The id that was asked for.
        """
    @property
    def state(self) -> sessionvitals.states.SessionState:
        """
        In the one vocabulary of all providers.
        """
    @property
    def provider_state(self) -> str:
        """
        The vendor's own word, verbatim; empty if it used none.
        """
    @property
    def expires_at(self) -> datetime.datetime | None:
        ...
    @property
    def time_remaining(self) -> datetime.timedelta | None:
        """
        Until it expires, by the server's clock; never below 0.
        """
    @property
    def time_remaining_milliseconds(self) -> int | None:
        """
        Until it expires, by the server's clock; never below 0.
        """
    @property
    def duration(self) -> datetime.timedelta | None:
        """
        How long it has run.
        """
    @property
    def duration_seconds(self) -> int | None:
        """
        How long it has run.
        """
    @property
    def uploaded_bytes(self) -> int | None:
        ...
    @property
    def downloaded_bytes(self) -> int | None:
        ...
    @property
    def hint(self) -> str:
        """
        What to check if the state surprises; mostly empty.
        """
    @property
    def detail(self) -> Detail | None:
        """
        The vendor-typed answer; None where there is none.
        """
    @property
    def call(self) -> CallReport | None:
        """
        The report of every attempt; None for what a pure parse returns.
        """
    @property
    def live(self) -> bool:
        """
        True while the session may be used: its state is active.
        """
class CancelToken:
    """
    Ends calls early, from any thread.
    """
    def __init__(self) -> None:
        ...
    def cancel(self) -> None:
        """
        End every call that was given this token, now or later. Never blocks.
        """
    @property
    def _descriptor(self) -> int:
        ...
    @property
    def is_cancelled(self) -> bool:
        ...
class OutcomeTable:
    """
    Outcomes as columns, one row each. pyarrow.table(t), polars.DataFrame(t), DuckDB and others read it without a copy, by Arrow's PyCapsule interface.
    """
    def __arrow_c_schema__(self) -> typing_extensions.CapsuleType:
        """
        The type of a row, for Arrow.
        """
    def __arrow_c_stream__(self, requested_schema: typing.Any = None) -> typing_extensions.CapsuleType:
        """
        The rows there are now, for Arrow; they come in the table's own types.
        """
    def __init__(self, provider: str) -> None:
        ...
    def __len__(self) -> int:
        ...
    def __repr__(self) -> str:
        ...
    def _repr_html_(self) -> typing.Any:
        ...
    def to_arrow(self) -> typing.Any:
        """
        Return a pyarrow.Table, without a copy. Needs pyarrow.
        """
    def to_pandas(self) -> typing.Any:
        """
        Return a pandas.DataFrame of Arrow's types: numbers are exact, and what was not said is null. Needs pandas and pyarrow.
        """
    def to_polars(self) -> typing.Any:
        """
        Return a polars.DataFrame. Needs polars.
        """
    @property
    def column_names(self) -> tuple[str, ...]:
        """
        The columns' names, in their order.
        """
@typing.final
class Outcome:
    """
    What became of one id of a bulk.
    """
    def __new__(cls, id: str, session: Session | None, error: typing.Any) -> Outcome:
        ...
    @property
    def error(self) -> sessionvitals.errors.SessionVitalsError | None:
        """
        The error that probe would have raised; None if there is a session.
        """
    @property
    def id(self) -> str:
        ...
    @property
    def session(self) -> Session | None:
        """
        The session; None if there is an error.
        """
@typing.final
class PendingAnswer:
    """
    What a task awaits for the answer of a call.
    """
    def __await__(self) -> typing.Generator[typing.Any, None, typing.Any]:
        ...
    def cancel(self, msg: object = None) -> bool:
        """
        End the call; return whether it was not over yet.
        """
    @property
    def number(self) -> int:
        """
        What cancel_begun() ends the call by.
        """
class Inbox:
    """
    Where the tasks of an event loop wait for answers.
    """
    def __init__(self, loop: typing.Any) -> None:
        ...
    def deliver(self) -> None:
        """
        Give the answers to their tasks, and go on with those.
        """
    def end_wait(self) -> None:
        """
        Have the loop go on, later, with what wait() returned.
        """
    def wait(self) -> PendingAnswer:
        """
        Return what a task awaits the next deliver() by.
        """
    @property
    def descriptor(self) -> int:
        """
        Readable when answers are there.
        """
class BulkTally:
    """
    Counts what becomes of a bulk's ids and calls, for metrics.
    """
    bounds: typing.ClassVar[tuple[float, ...]] = (0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5, 10.0)
    def __init__(self) -> None:
        ...
    @property
    def attempts(self) -> dict[tuple[int, str], tuple[int, float, tuple[int, ...]]]:
        """
        Number, seconds and buckets of attempts, by HTTP status and class of error.
        """
    @property
    def calls(self) -> dict[tuple[str, str], tuple[int, float, tuple[int, ...]]]:
        """
        Number, seconds and buckets of calls, by state and class of error.
        """
    @property
    def ids(self) -> dict[tuple[str, str], int]:
        """
        How many ids, by state and class of error.
        """
    @property
    def rate_limit_wait(self) -> float:
        """
        Seconds that calls waited because a vendor asked for it, added up.
        """
    @property
    def retries(self) -> int:
        """
        Attempts after the first of a call.
        """
class BulkProbe:
    """
    Probes many sessions at once. See Client.probe_many.
    """
    def close(self) -> None:
        """
        Cancel what is left and end the thread.
        """
    def expect(self, repeated: collections.abc.Mapping[str, typing.SupportsInt | typing.SupportsIndex]) -> None:
        """
        Declare ids that come more than once, with how often: each is asked for once.
        """
    def feed(self, iterator: typing.Any, must_return: bool = False) -> bool:
        """
        Draw as many ids as there is room for; return whether there may be more.
        """
    def finish(self) -> None:
        """
        Say that no more ids will come.
        """
    def take(self) -> list[Outcome]:
        """
        Wait for some outcomes; none are left when the list is empty.
        """
    def take_ready(self) -> list[Outcome]:
        """
        Return the outcomes that are there.
        """
    def take_rows(self, must_wait: bool = True) -> int:
        """
        Wait until some rows were added to the table; return how many.
        """
    @property
    def closed_for(self) -> float:
        """
        How many seconds more an earlier 429 asked all calls to wait.
        """
    @property
    def is_done(self) -> bool:
        """
        True once the ids have ended and all outcomes have been taken.
        """
    @property
    def is_over(self) -> bool:
        """
        True once the deadline has passed: no id is asked for any more.
        """
    @property
    def room(self) -> int:
        """
        How many more ids it takes before some outcomes must be taken.
        """
class Watch:
    """
    Follows sessions. See Client.watch.
    """
    def __len__(self) -> int:
        ...
    def add(self, session_id: str) -> None:
        """
        Follow one more session.
        """
    def await_need(self) -> tuple[bool, bool, float]:
        """
        Wait a second for the need of a permit: (is_over, is_wanted, seconds of a pause).
        """
    def close(self) -> None:
        """
        End it.
        """
    def discard(self, session_id: str, is_reached: bool) -> None:
        """
        Follow the session no more.
        """
    def give_permit(self) -> None:
        """
        Let one look be made.
        """
    def next(self) -> typing.Any:
        """
        Wait for the next change, as a tuple; None at the end.
        """
    def take_ready(self) -> typing.Any:
        """
        Return the next change, if there is one.
        """
    def token(self) -> str:
        """
        Return what a later watch goes on from, as JSON.
        """
    @property
    def is_done(self) -> bool:
        """
        True once it has ended and all changes have been taken.
        """
    @property
    def lag(self) -> float:
        """
        Seconds by which looks are late.
        """
    @property
    def outcome(self) -> str | None:
        """
        How it ended; None before.
        """
@typing.final
class ProblemDetails:
    """
    A problem as RFC 9457 has it.
    """
    __match_args__ = ('type', 'title', 'detail', 'instance', 'http_status', 'extra')
    @classmethod
    def from_dict(cls, members: dict[str, typing.Any], /) -> ProblemDetails:
        """
        Return the value that to_dict() gave these members of.
        """
    def __new__(cls, *, type: str = ..., title: str = ..., detail: str = ..., instance: str = ..., http_status: int | None = ..., extra: dict[str, typing.Any] = ...) -> ProblemDetails:
        ...
    def with_(self, *, type: str = ..., title: str = ..., detail: str = ..., instance: str = ..., http_status: int | None = ..., extra: dict[str, typing.Any] = ...) -> ProblemDetails:
        """
        Return the same value with other fields.
        """
    def __replace__(self, *, type: str = ..., title: str = ..., detail: str = ..., instance: str = ..., http_status: int | None = ..., extra: dict[str, typing.Any] = ...) -> ProblemDetails:
        """
        Return the same value with other fields.
        """
    def to_dict(self) -> dict[str, typing.Any]:
        """
        Return the fields as JSON has them: exact numbers with their unit in the name, times as ISO 8601 text.
        """
    @property
    def type(self) -> str:
        """
        about:blank if the body names none.
        """
    @property
    def title(self) -> str:
        ...
    @property
    def detail(self) -> str:
        """
        For people; never to be parsed.
        """
    @property
    def instance(self) -> str:
        ...
    @property
    def http_status(self) -> int | None:
        """
        As the body has it.
        """
    @property
    def extra(self) -> dict[str, typing.Any]:
        """
        Members beyond the standard's.
        """
@typing.final
class TiunVerdict(Detail):
    """
    tiun's answer about a session: serve, or do not.
    """
    __match_args__ = ('session_id', 'valid', 'problem', 'hint')
    @classmethod
    def from_dict(cls, members: dict[str, typing.Any], /) -> TiunVerdict:
        """
        Return the value that to_dict() gave these members of.
        """
    def __bool__(self) -> bool:
        ...
    def __new__(cls, *, session_id: str, valid: bool, problem: ProblemDetails | None = ..., hint: str = ..., call: CallReport | None = ...) -> TiunVerdict:
        ...
    def with_(self, *, session_id: str = ..., valid: bool = ..., problem: ProblemDetails | None = ..., hint: str = ..., call: CallReport | None = ...) -> TiunVerdict:
        """
        Return the same value with other fields.
        """
    def __replace__(self, *, session_id: str = ..., valid: bool = ..., problem: ProblemDetails | None = ..., hint: str = ..., call: CallReport | None = ...) -> TiunVerdict:
        """
        Return the same value with other fields.
        """
    def to_dict(self) -> dict[str, typing.Any]:
        """
        Return the fields as JSON has them: exact numbers with their unit in the name, times as ISO 8601 text.
        """
    @property
    def session_id(self) -> str:
        ...
    @property
    def valid(self) -> bool:
        """
        True only on exactly 200.
        """
    @property
    def problem(self) -> ProblemDetails | None:
        """
        What a 404 said, if it said it.
        """
    @property
    def hint(self) -> str:
        """
        What to check if the verdict surprises.
        """
    @property
    def call(self) -> CallReport | None:
        """
        The report of every attempt; None for what a pure parse returns.
        """
@typing.final
class TiunUser(Detail):
    """
    What tiun says of a user.
    """
    __match_args__ = ('user_id', 'email', 'product_access', 'extra')
    @classmethod
    def from_dict(cls, members: dict[str, typing.Any], /) -> TiunUser:
        """
        Return the value that to_dict() gave these members of.
        """
    def __new__(cls, *, user_id: str, email: str | None = ..., product_access: typing.Any = ..., product_access_json: str | None = ..., extra: dict[str, typing.Any] = ..., call: CallReport | None = ...) -> TiunUser:
        ...
    def with_(self, *, user_id: str = ..., email: str | None = ..., product_access: typing.Any = ..., product_access_json: str | None = ..., extra: dict[str, typing.Any] = ..., call: CallReport | None = ...) -> TiunUser:
        """
        Return the same value with other fields.
        """
    def __replace__(self, *, user_id: str = ..., email: str | None = ..., product_access: typing.Any = ..., product_access_json: str | None = ..., extra: dict[str, typing.Any] = ..., call: CallReport | None = ...) -> TiunUser:
        """
        Return the same value with other fields.
        """
    def to_dict(self) -> dict[str, typing.Any]:
        """
        Return the fields as JSON has them: exact numbers with their unit in the name, times as ISO 8601 text.
        """
    @property
    def user_id(self) -> str:
        ...
    @property
    def email(self) -> str | None:
        ...
    @property
    def product_access(self) -> typing.Any:
        """
        What the user has bought, as JSON has it. The vendor documents an array.
        """
    @property
    def product_access_json(self) -> str | None:
        """
        What the user has bought, as JSON has it. The vendor documents an array.
        """
    @property
    def extra(self) -> dict[str, typing.Any]:
        """
        Members that the contract does not name.
        """
    @property
    def call(self) -> CallReport | None:
        """
        The report of every attempt; None for what a pure parse returns.
        """
@typing.final
class TiunUserVerification(Detail):
    """
    tiun's answer about a user's token: true only if the user is authenticated.
    """
    __match_args__ = ('is_authenticated', 'user', 'extra')
    @classmethod
    def from_dict(cls, members: dict[str, typing.Any], /) -> TiunUserVerification:
        """
        Return the value that to_dict() gave these members of.
        """
    def __bool__(self) -> bool:
        ...
    def __new__(cls, *, is_authenticated: bool, user: TiunUser | None = ..., extra: dict[str, typing.Any] = ..., call: CallReport | None = ...) -> TiunUserVerification:
        ...
    def with_(self, *, is_authenticated: bool = ..., user: TiunUser | None = ..., extra: dict[str, typing.Any] = ..., call: CallReport | None = ...) -> TiunUserVerification:
        """
        Return the same value with other fields.
        """
    def __replace__(self, *, is_authenticated: bool = ..., user: TiunUser | None = ..., extra: dict[str, typing.Any] = ..., call: CallReport | None = ...) -> TiunUserVerification:
        """
        Return the same value with other fields.
        """
    def to_dict(self) -> dict[str, typing.Any]:
        """
        Return the fields as JSON has them: exact numbers with their unit in the name, times as ISO 8601 text.
        """
    @property
    def is_authenticated(self) -> bool:
        ...
    @property
    def user(self) -> TiunUser | None:
        """
        Who it is, if tiun says so.
        """
    @property
    def extra(self) -> dict[str, typing.Any]:
        """
        Members that the contract does not name.
        """
    @property
    def call(self) -> CallReport | None:
        """
        The report of every attempt; None for what a pure parse returns.
        """
class TiunClient:
    """
    Asks tiun.
    """
    @staticmethod
    def effect_of(operation: str) -> str:
        """
        Return what that call can change: none, idempotent or once.
        """
    def __init__(self, access_token: str | None, *, base_url: str | None, sandbox: bool, header_name: str, **kwargs: typing.Any) -> None:
        ...
    def begin_get_user_info(self, inbox: Inbox, user_id: str, **kwargs: typing.Any) -> PendingAnswer:
        """
        Return what the task of an event loop awaits the answer by.
        """
    def begin_probe(self, inbox: Inbox, session_id: str, **kwargs: typing.Any) -> PendingAnswer:
        """
        Return what the task of an event loop awaits the answer by.
        """
    def begin_verify(self, inbox: Inbox, session_id: str, **kwargs: typing.Any) -> PendingAnswer:
        """
        Return what the task of an event loop awaits the answer by.
        """
    def begin_verify_user(self, inbox: Inbox, token: str, **kwargs: typing.Any) -> PendingAnswer:
        """
        Return what the task of an event loop awaits the answer by.
        """
    def bulk_probe(self, concurrency: int, ordered: bool, inbox: Inbox | None = None, tally: BulkTally | None = None, table: OutcomeTable | None = None, **kwargs: typing.Any) -> BulkProbe:
        """
        Return the calls for probe_many; an inbox has its loop woken when outcomes are there. With a table, outcomes go there as rows.
        """
    def bulk_watch(self, **kwargs: typing.Any) -> typing.Any:
        """
        Return a watch; see sessionvitals/changes.py for what it is made of.
        """
    def get_user_info(self, user_id: str, **kwargs: typing.Any) -> TiunUser:
        """
        Return what tiun knows of a user. No authentication.
        """
    def probe(self, session_id: str, **kwargs: typing.Any) -> Session:
        """
        Return the session's state in the vocabulary of all providers.
        """
    def verify(self, session_id: str, **kwargs: typing.Any) -> TiunVerdict:
        """
        Return whether the session's content may be served.
        """
    def verify_user(self, token: str, **kwargs: typing.Any) -> TiunUserVerification:
        """
        Return whether a user's token is good, and whose it is.
        """
    def with_options(self, **kwargs: typing.Any) -> TiunClient:
        """
        Return a client that differs in the options given, and shares the connections.
        """
    @property
    def base_url(self) -> str:
        ...
    @property
    def cancel(self) -> CancelToken | None:
        """
        The token of all calls, or None.
        """
    @property
    def timeout(self) -> float:
        """
        Of a call that names none, in seconds.
        """
@typing.final
class PingSessionStatus(Detail):
    """
    Ping's answer about a session. Counters are exact, and None where the vendor left them out.
    """
    __match_args__ = ('session_id', 'client_id', 'status', 'duration', 'uploaded_bytes', 'downloaded_bytes', 'extra')
    @classmethod
    def from_dict(cls, members: dict[str, typing.Any], /) -> PingSessionStatus:
        """
        Return the value that to_dict() gave these members of.
        """
    def __new__(cls, *, session_id: str, client_id: str, status: str, duration: datetime.timedelta | None = ..., duration_seconds: int | None = ..., uploaded_bytes: int | None = ..., downloaded_bytes: int | None = ..., extra: dict[str, typing.Any] = ..., call: CallReport | None = ...) -> PingSessionStatus:
        ...
    def with_(self, *, session_id: str = ..., client_id: str = ..., status: str = ..., duration: datetime.timedelta | None = ..., duration_seconds: int | None = ..., uploaded_bytes: int | None = ..., downloaded_bytes: int | None = ..., extra: dict[str, typing.Any] = ..., call: CallReport | None = ...) -> PingSessionStatus:
        """
        Return the same value with other fields.
        """
    def __replace__(self, *, session_id: str = ..., client_id: str = ..., status: str = ..., duration: datetime.timedelta | None = ..., duration_seconds: int | None = ..., uploaded_bytes: int | None = ..., downloaded_bytes: int | None = ..., extra: dict[str, typing.Any] = ..., call: CallReport | None = ...) -> PingSessionStatus:
        """
        Return the same value with other fields.
        """
    def to_dict(self) -> dict[str, typing.Any]:
        """
        Return the fields as JSON has them: exact numbers with their unit in the name, times as ISO 8601 text.
        """
    @property
    def session_id(self) -> str:
        ...
    @property
    def client_id(self) -> str:
        ...
    @property
    def status(self) -> str:
        """
        The vendor's word: created, connected, disconnected, or a new one.
        """
    @property
    def duration(self) -> datetime.timedelta | None:
        """
        How long the session has run.
        """
    @property
    def duration_seconds(self) -> int | None:
        """
        How long the session has run.
        """
    @property
    def uploaded_bytes(self) -> int | None:
        ...
    @property
    def downloaded_bytes(self) -> int | None:
        ...
    @property
    def extra(self) -> dict[str, typing.Any]:
        """
        Members that the contract does not name.
        """
    @property
    def call(self) -> CallReport | None:
        """
        The report of every attempt; None for what a pure parse returns.
        """
@typing.final
class PingZone:
    """
    A place where Ping's sessions can run.
    """
    __match_args__ = ('code', 'name', 'has_active_nodes', 'extra')
    @classmethod
    def from_dict(cls, members: dict[str, typing.Any], /) -> PingZone:
        """
        Return the value that to_dict() gave these members of.
        """
    def __new__(cls, *, code: str, name: str = ..., has_active_nodes: bool = ..., extra: dict[str, typing.Any] = ...) -> PingZone:
        ...
    def with_(self, *, code: str = ..., name: str = ..., has_active_nodes: bool = ..., extra: dict[str, typing.Any] = ...) -> PingZone:
        """
        Return the same value with other fields.
        """
    def __replace__(self, *, code: str = ..., name: str = ..., has_active_nodes: bool = ..., extra: dict[str, typing.Any] = ...) -> PingZone:
        """
        Return the same value with other fields.
        """
    def to_dict(self) -> dict[str, typing.Any]:
        """
        Return the fields as JSON has them: exact numbers with their unit in the name, times as ISO 8601 text.
        """
    @property
    def code(self) -> str:
        """
        What create_session() takes.
        """
    @property
    def name(self) -> str:
        """
        For people.
        """
    @property
    def has_active_nodes(self) -> bool:
        ...
    @property
    def extra(self) -> dict[str, typing.Any]:
        """
        Members that the contract does not name.
        """
@typing.final
class PingSession(Detail):
    """
    A Ping session that was made. Its configuration is told this one time, and is the credential of the tunnel: repr() does not show it.
    """
    __match_args__ = ('id', 'connection_type', 'zone', 'configuration', 'configuration_link', 'reusable', 'created_at', 'extra')
    @classmethod
    def from_dict(cls, members: dict[str, typing.Any], /) -> PingSession:
        """
        Return the value that to_dict() gave these members of.
        """
    def __new__(cls, *, id: str, connection_type: str | None = ..., zone: str | None = ..., configuration: typing.Any = ..., configuration_json: str | None = ..., configuration_link: str | None = ..., reusable: bool | None = ..., created_at: datetime.datetime | None = ..., extra: dict[str, typing.Any] = ..., call: CallReport | None = ...) -> PingSession:
        ...
    def with_(self, *, id: str = ..., connection_type: str | None = ..., zone: str | None = ..., configuration: typing.Any = ..., configuration_json: str | None = ..., configuration_link: str | None = ..., reusable: bool | None = ..., created_at: datetime.datetime | None = ..., extra: dict[str, typing.Any] = ..., call: CallReport | None = ...) -> PingSession:
        """
        Return the same value with other fields.
        """
    def __replace__(self, *, id: str = ..., connection_type: str | None = ..., zone: str | None = ..., configuration: typing.Any = ..., configuration_json: str | None = ..., configuration_link: str | None = ..., reusable: bool | None = ..., created_at: datetime.datetime | None = ..., extra: dict[str, typing.Any] = ..., call: CallReport | None = ...) -> PingSession:
        """
        Return the same value with other fields.
        """
    def to_dict(self) -> dict[str, typing.Any]:
        """
        Return the fields as JSON has them: exact numbers with their unit in the name, times as ISO 8601 text.
        """
    @property
    def id(self) -> str:
        ...
    @property
    def connection_type(self) -> str | None:
        ...
    @property
    def zone(self) -> str | None:
        """
        The zone's code.
        """
    @property
    def configuration(self) -> typing.Any:
        """
        How to connect, as JSON has it.
        """
    @property
    def configuration_json(self) -> str | None:
        """
        How to connect, as JSON has it.
        """
    @property
    def configuration_link(self) -> str | None:
        """
        How to connect, as a VLESS link.
        """
    @property
    def reusable(self) -> bool | None:
        ...
    @property
    def created_at(self) -> datetime.datetime | None:
        ...
    @property
    def extra(self) -> dict[str, typing.Any]:
        """
        Members that the contract does not name.
        """
    @property
    def call(self) -> CallReport | None:
        """
        The report of every attempt; None for what a pure parse returns.
        """
@typing.final
class PingPause(Detail):
    """
    Whether a Ping session is paused now.
    """
    __match_args__ = ('session_id', 'paused', 'extra')
    @classmethod
    def from_dict(cls, members: dict[str, typing.Any], /) -> PingPause:
        """
        Return the value that to_dict() gave these members of.
        """
    def __new__(cls, *, session_id: str, paused: bool, extra: dict[str, typing.Any] = ..., call: CallReport | None = ...) -> PingPause:
        ...
    def with_(self, *, session_id: str = ..., paused: bool = ..., extra: dict[str, typing.Any] = ..., call: CallReport | None = ...) -> PingPause:
        """
        Return the same value with other fields.
        """
    def __replace__(self, *, session_id: str = ..., paused: bool = ..., extra: dict[str, typing.Any] = ..., call: CallReport | None = ...) -> PingPause:
        """
        Return the same value with other fields.
        """
    def to_dict(self) -> dict[str, typing.Any]:
        """
        Return the fields as JSON has them: exact numbers with their unit in the name, times as ISO 8601 text.
        """
    @property
    def session_id(self) -> str:
        ...
    @property
    def paused(self) -> bool:
        ...
    @property
    def extra(self) -> dict[str, typing.Any]:
        """
        Members that the contract does not name.
        """
    @property
    def call(self) -> CallReport | None:
        """
        The report of every attempt; None for what a pure parse returns.
        """
@typing.final
class PingLimits(Detail):
    """
    Limits of a Ping account. One that the vendor does not tell is None.
    """
    __match_args__ = ('id', 'created_at', 'updated_at', 'downloaded_bytes', 'uploaded_bytes', 'download_speed', 'upload_speed', 'max_sessions', 'max_reconnections', 'extra')
    @classmethod
    def from_dict(cls, members: dict[str, typing.Any], /) -> PingLimits:
        """
        Return the value that to_dict() gave these members of.
        """
    def __new__(cls, *, id: str, created_at: datetime.datetime | None = ..., updated_at: datetime.datetime | None = ..., downloaded_bytes: int | None = ..., uploaded_bytes: int | None = ..., download_speed: int | None = ..., upload_speed: int | None = ..., max_sessions: int | None = ..., max_reconnections: int | None = ..., extra: dict[str, typing.Any] = ..., call: CallReport | None = ...) -> PingLimits:
        ...
    def with_(self, *, id: str = ..., created_at: datetime.datetime | None = ..., updated_at: datetime.datetime | None = ..., downloaded_bytes: int | None = ..., uploaded_bytes: int | None = ..., download_speed: int | None = ..., upload_speed: int | None = ..., max_sessions: int | None = ..., max_reconnections: int | None = ..., extra: dict[str, typing.Any] = ..., call: CallReport | None = ...) -> PingLimits:
        """
        Return the same value with other fields.
        """
    def __replace__(self, *, id: str = ..., created_at: datetime.datetime | None = ..., updated_at: datetime.datetime | None = ..., downloaded_bytes: int | None = ..., uploaded_bytes: int | None = ..., download_speed: int | None = ..., upload_speed: int | None = ..., max_sessions: int | None = ..., max_reconnections: int | None = ..., extra: dict[str, typing.Any] = ..., call: CallReport | None = ...) -> PingLimits:
        """
        Return the same value with other fields.
        """
    def to_dict(self) -> dict[str, typing.Any]:
        """
        Return the fields as JSON has them: exact numbers with their unit in the name, times as ISO 8601 text.
        """
    @property
    def id(self) -> str:
        ...
    @property
    def created_at(self) -> datetime.datetime | None:
        ...
    @property
    def updated_at(self) -> datetime.datetime | None:
        ...
    @property
    def downloaded_bytes(self) -> int | None:
        ...
    @property
    def uploaded_bytes(self) -> int | None:
        ...
    @property
    def download_speed(self) -> int | None:
        """
        Bytes a second.
        """
    @property
    def upload_speed(self) -> int | None:
        """
        Bytes a second.
        """
    @property
    def max_sessions(self) -> int | None:
        """
        At once; of each client alone.
        """
    @property
    def max_reconnections(self) -> int | None:
        """
        In a session; of each client alone.
        """
    @property
    def extra(self) -> dict[str, typing.Any]:
        """
        Members that the contract does not name.
        """
    @property
    def call(self) -> CallReport | None:
        """
        The report of every attempt; None for what a pure parse returns.
        """
@typing.final
class SessionEvent:
    """
    What one session of a Ping account did.
    """
    __match_args__ = ('id', 'event_type', 'session_id', 'created_at', 'duration', 'downloaded_bytes', 'uploaded_bytes', 'extra')
    @classmethod
    def from_dict(cls, members: dict[str, typing.Any], /) -> SessionEvent:
        """
        Return the value that to_dict() gave these members of.
        """
    def __new__(cls, *, id: int, event_type: str, session_id: str, created_at: datetime.datetime, duration: datetime.timedelta | None = ..., duration_seconds: int | None = ..., downloaded_bytes: int | None = ..., uploaded_bytes: int | None = ..., extra: dict[str, typing.Any] = ...) -> SessionEvent:
        ...
    def with_(self, *, id: int = ..., event_type: str = ..., session_id: str = ..., created_at: datetime.datetime = ..., duration: datetime.timedelta | None = ..., duration_seconds: int | None = ..., downloaded_bytes: int | None = ..., uploaded_bytes: int | None = ..., extra: dict[str, typing.Any] = ...) -> SessionEvent:
        """
        Return the same value with other fields.
        """
    def __replace__(self, *, id: int = ..., event_type: str = ..., session_id: str = ..., created_at: datetime.datetime = ..., duration: datetime.timedelta | None = ..., duration_seconds: int | None = ..., downloaded_bytes: int | None = ..., uploaded_bytes: int | None = ..., extra: dict[str, typing.Any] = ...) -> SessionEvent:
        """
        Return the same value with other fields.
        """
    def to_dict(self) -> dict[str, typing.Any]:
        """
        Return the fields as JSON has them: exact numbers with their unit in the name, times as ISO 8601 text.
        """
    @property
    def id(self) -> int:
        """
        Whether ids grow is not documented.
        """
    @property
    def event_type(self) -> str:
        """
        The vendor's word: session_start, session_heartbeat, session_end, session_stats, or a new one.
        """
    @property
    def session_id(self) -> str:
        ...
    @property
    def created_at(self) -> datetime.datetime:
        ...
    @property
    def duration(self) -> datetime.timedelta | None:
        """
        How long the session has run.
        """
    @property
    def duration_seconds(self) -> int | None:
        """
        How long the session has run.
        """
    @property
    def downloaded_bytes(self) -> int | None:
        ...
    @property
    def uploaded_bytes(self) -> int | None:
        ...
    @property
    def extra(self) -> dict[str, typing.Any]:
        """
        Members that the contract does not name.
        """
@typing.final
class StreamGap:
    """
    A time in which events may have been missed: a stream of events was lost and opened again.
    """
    __match_args__ = ('since', 'until')
    @classmethod
    def from_dict(cls, members: dict[str, typing.Any], /) -> StreamGap:
        """
        Return the value that to_dict() gave these members of.
        """
    def __new__(cls, *, since: datetime.datetime, until: datetime.datetime) -> StreamGap:
        ...
    def with_(self, *, since: datetime.datetime = ..., until: datetime.datetime = ...) -> StreamGap:
        """
        Return the same value with other fields.
        """
    def __replace__(self, *, since: datetime.datetime = ..., until: datetime.datetime = ...) -> StreamGap:
        """
        Return the same value with other fields.
        """
    def to_dict(self) -> dict[str, typing.Any]:
        """
        Return the fields as JSON has them: exact numbers with their unit in the name, times as ISO 8601 text.
        """
    @property
    def since(self) -> datetime.datetime:
        """
        When the last bytes of the lost stream came.
        """
    @property
    def until(self) -> datetime.datetime:
        """
        When the next stream was open.
        """
class PingClient:
    """
    Asks Ping Network.
    """
    @staticmethod
    def effect_of(operation: str) -> str:
        """
        Return what that call can change: none, idempotent or once.
        """
    def __init__(self, api_key: str | None, *, base_url: str | None, authorization_scheme: str, **kwargs: typing.Any) -> None:
        ...
    def begin_create_session(self, inbox: Inbox, client_id: str, zone: str, connection_type: str = 'vless', reusable: bool | None = None, **kwargs: typing.Any) -> PendingAnswer:
        """
        Return what the task of an event loop awaits the answer by.
        """
    def begin_delete_client_limits(self, inbox: Inbox, **kwargs: typing.Any) -> PendingAnswer:
        """
        Return what the task of an event loop awaits the answer by.
        """
    def begin_delete_global_limits(self, inbox: Inbox, **kwargs: typing.Any) -> PendingAnswer:
        """
        Return what the task of an event loop awaits the answer by.
        """
    def begin_delete_session_limits(self, inbox: Inbox, **kwargs: typing.Any) -> PendingAnswer:
        """
        Return what the task of an event loop awaits the answer by.
        """
    def begin_get_client_limits(self, inbox: Inbox, **kwargs: typing.Any) -> PendingAnswer:
        """
        Return what the task of an event loop awaits the answer by.
        """
    def begin_get_global_limits(self, inbox: Inbox, **kwargs: typing.Any) -> PendingAnswer:
        """
        Return what the task of an event loop awaits the answer by.
        """
    def begin_get_session_limits(self, inbox: Inbox, **kwargs: typing.Any) -> PendingAnswer:
        """
        Return what the task of an event loop awaits the answer by.
        """
    def begin_list_zones(self, inbox: Inbox, **kwargs: typing.Any) -> PendingAnswer:
        """
        Return what the task of an event loop awaits the answer by.
        """
    def begin_pause_session(self, inbox: Inbox, session_id: str, **kwargs: typing.Any) -> PendingAnswer:
        """
        Return what the task of an event loop awaits the answer by.
        """
    def begin_probe(self, inbox: Inbox, session_id: str, **kwargs: typing.Any) -> PendingAnswer:
        """
        Return what the task of an event loop awaits the answer by.
        """
    def begin_resume_session(self, inbox: Inbox, session_id: str, **kwargs: typing.Any) -> PendingAnswer:
        """
        Return what the task of an event loop awaits the answer by.
        """
    def begin_session_status(self, inbox: Inbox, session_id: str, **kwargs: typing.Any) -> PendingAnswer:
        """
        Return what the task of an event loop awaits the answer by.
        """
    def begin_update_client_limits(self, inbox: Inbox, downloaded_bytes: int | None = None, uploaded_bytes: int | None = None, download_speed: int | None = None, upload_speed: int | None = None, max_sessions: int | None = None, max_reconnections: int | None = None, **kwargs: typing.Any) -> PendingAnswer:
        """
        Return what the task of an event loop awaits the answer by.
        """
    def begin_update_global_limits(self, inbox: Inbox, downloaded_bytes: int | None = None, uploaded_bytes: int | None = None, download_speed: int | None = None, upload_speed: int | None = None, **kwargs: typing.Any) -> PendingAnswer:
        """
        Return what the task of an event loop awaits the answer by.
        """
    def begin_update_session_limits(self, inbox: Inbox, downloaded_bytes: int | None = None, uploaded_bytes: int | None = None, download_speed: int | None = None, upload_speed: int | None = None, **kwargs: typing.Any) -> PendingAnswer:
        """
        Return what the task of an event loop awaits the answer by.
        """
    def bulk_probe(self, concurrency: int, ordered: bool, inbox: Inbox | None = None, tally: BulkTally | None = None, table: OutcomeTable | None = None, **kwargs: typing.Any) -> BulkProbe:
        """
        Return the calls for probe_many; an inbox has its loop woken when outcomes are there. With a table, outcomes go there as rows.
        """
    def bulk_watch(self, **kwargs: typing.Any) -> typing.Any:
        """
        Return a watch; see sessionvitals/changes.py for what it is made of.
        """
    def create_session(self, client_id: str, zone: str, connection_type: str = 'vless', reusable: bool | None = None, **kwargs: typing.Any) -> PingSession:
        """
        Make a session. Keep the answer.
        """
    def delete_client_limits(self, **kwargs: typing.Any) -> CallReport:
        """
        Delete the limits of each client.
        """
    def delete_global_limits(self, **kwargs: typing.Any) -> CallReport:
        """
        Delete the limits of the whole account.
        """
    def delete_session_limits(self, **kwargs: typing.Any) -> CallReport:
        """
        Delete the limits of each session.
        """
    def get_client_limits(self, **kwargs: typing.Any) -> PingLimits:
        """
        Return the limits of each client.
        """
    def get_global_limits(self, **kwargs: typing.Any) -> PingLimits:
        """
        Return the limits of the whole account.
        """
    def get_session_limits(self, **kwargs: typing.Any) -> PingLimits:
        """
        Return the limits of each session.
        """
    def list_zones(self, **kwargs: typing.Any) -> sessionvitals.page.Page[PingZone]:
        """
        Return the places where sessions can run.
        """
    def open_events(self, last_event_id: str = '', **kwargs: typing.Any) -> PingEvents:
        """
        Return the stream of what the account's sessions do.
        """
    def pause_session(self, session_id: str, **kwargs: typing.Any) -> PingPause:
        """
        Pause a session that is reusable.
        """
    def probe(self, session_id: str, **kwargs: typing.Any) -> Session:
        """
        Return the session's state in the vocabulary of all providers.
        """
    def resume_session(self, session_id: str, **kwargs: typing.Any) -> PingPause:
        """
        Resume a session that is paused.
        """
    def session_status(self, session_id: str, **kwargs: typing.Any) -> PingSessionStatus:
        """
        Return what the session is doing and has used.
        """
    def update_client_limits(self, downloaded_bytes: int | None = None, uploaded_bytes: int | None = None, download_speed: int | None = None, upload_speed: int | None = None, max_sessions: int | None = None, max_reconnections: int | None = None, **kwargs: typing.Any) -> PingLimits:
        """
        Change limits of each client.
        """
    def update_global_limits(self, downloaded_bytes: int | None = None, uploaded_bytes: int | None = None, download_speed: int | None = None, upload_speed: int | None = None, **kwargs: typing.Any) -> PingLimits:
        """
        Change limits of the whole account.
        """
    def update_session_limits(self, downloaded_bytes: int | None = None, uploaded_bytes: int | None = None, download_speed: int | None = None, upload_speed: int | None = None, **kwargs: typing.Any) -> PingLimits:
        """
        Change limits of each session.
        """
    def with_options(self, **kwargs: typing.Any) -> PingClient:
        """
        Return a client that differs in the options given, and shares the connections.
        """
    @property
    def base_url(self) -> str:
        ...
    @property
    def cancel(self) -> CancelToken | None:
        """
        The token of all calls, or None.
        """
    @property
    def timeout(self) -> float:
        """
        Of a call that names none, in seconds.
        """
class PingEvents:
    """
    The events of a Ping account, as they come.
    """
    def begin_next(self, inbox: Inbox) -> PendingAnswer:
        """
        Return what the task of an event loop awaits the next item by; None at the end.
        """
    def close(self) -> None:
        """
        End the stream; a wait that is under way is cancelled.
        """
    def next(self) -> typing.Any:
        """
        Wait for the next item; None at the end.
        """
    def use(self, client: PingClient) -> None:
        """
        Go on with another client's key.
        """
    @property
    def is_over(self) -> bool:
        """
        Whether the last wait gave the end, or the error it ended with.
        """
@typing.final
class TimeoutConfig:
    """
    When a session runs out.
    """
    __match_args__ = ('timeout_minutes', 'max_duration_minutes', 'warning_threshold_minutes', 'auto_renew', 'extra')
    @classmethod
    def from_dict(cls, members: dict[str, typing.Any], /) -> TimeoutConfig:
        """
        Return the value that to_dict() gave these members of.
        """
    def __new__(cls, *, timeout_minutes: float | None = ..., max_duration_minutes: float | None = ..., warning_threshold_minutes: float | None = ..., auto_renew: typing.Any = ..., auto_renew_json: str | None = ..., extra: dict[str, typing.Any] = ...) -> TimeoutConfig:
        ...
    def with_(self, *, timeout_minutes: float | None = ..., max_duration_minutes: float | None = ..., warning_threshold_minutes: float | None = ..., auto_renew: typing.Any = ..., auto_renew_json: str | None = ..., extra: dict[str, typing.Any] = ...) -> TimeoutConfig:
        """
        Return the same value with other fields.
        """
    def __replace__(self, *, timeout_minutes: float | None = ..., max_duration_minutes: float | None = ..., warning_threshold_minutes: float | None = ..., auto_renew: typing.Any = ..., auto_renew_json: str | None = ..., extra: dict[str, typing.Any] = ...) -> TimeoutConfig:
        """
        Return the same value with other fields.
        """
    @classmethod
    def of(cls, session: ElizaSession, /) -> TimeoutConfig:
        """
        Return the session's own, whole. Raises ConfigurationError if the server has not told all four members.
        """
    def to_dict(self) -> dict[str, typing.Any]:
        """
        Return the fields as JSON has them: exact numbers with their unit in the name, times as ISO 8601 text.
        """
    @property
    def timeout_minutes(self) -> float | None:
        ...
    @property
    def max_duration_minutes(self) -> float | None:
        ...
    @property
    def warning_threshold_minutes(self) -> float | None:
        ...
    @property
    def auto_renew(self) -> typing.Any:
        """
        A bool, or any JSON if so created; None if absent.
        """
    @property
    def auto_renew_json(self) -> str | None:
        """
        A bool, or any JSON if so created; None if absent.
        """
    @property
    def extra(self) -> dict[str, typing.Any]:
        """
        Members that the contract does not name.
        """
@typing.final
class ElizaSession(Detail):
    """
    elizaOS's answer about a session. What is None here some versions of the server leave out.
    """
    __match_args__ = ('session_id', 'agent_id', 'user_id', 'channel_id', 'created_at', 'last_activity', 'expires_at', 'metadata', 'timeout_config', 'renewal_count', 'time_remaining', 'is_near_expiration', 'null_members', 'extra')
    @classmethod
    def from_dict(cls, members: dict[str, typing.Any], /) -> ElizaSession:
        """
        Return the value that to_dict() gave these members of.
        """
    def __new__(cls, *, session_id: str, agent_id: str, user_id: str, channel_id: str | None = ..., created_at: datetime.datetime, last_activity: datetime.datetime | None = ..., expires_at: datetime.datetime | None = ..., metadata: typing.Any = ..., metadata_json: str | None = ..., timeout_config: TimeoutConfig | None = ..., renewal_count: int | None = ..., time_remaining: datetime.timedelta | None = ..., time_remaining_milliseconds: int | None = ..., is_near_expiration: bool | None = ..., null_members: tuple[str, ...] = ..., extra: dict[str, typing.Any] = ..., call: CallReport | None = ...) -> ElizaSession:
        ...
    def with_(self, *, session_id: str = ..., agent_id: str = ..., user_id: str = ..., channel_id: str | None = ..., created_at: datetime.datetime = ..., last_activity: datetime.datetime | None = ..., expires_at: datetime.datetime | None = ..., metadata: typing.Any = ..., metadata_json: str | None = ..., timeout_config: TimeoutConfig | None = ..., renewal_count: int | None = ..., time_remaining: datetime.timedelta | None = ..., time_remaining_milliseconds: int | None = ..., is_near_expiration: bool | None = ..., null_members: tuple[str, ...] = ..., extra: dict[str, typing.Any] = ..., call: CallReport | None = ...) -> ElizaSession:
        """
        Return the same value with other fields.
        """
    def __replace__(self, *, session_id: str = ..., agent_id: str = ..., user_id: str = ..., channel_id: str | None = ..., created_at: datetime.datetime = ..., last_activity: datetime.datetime | None = ..., expires_at: datetime.datetime | None = ..., metadata: typing.Any = ..., metadata_json: str | None = ..., timeout_config: TimeoutConfig | None = ..., renewal_count: int | None = ..., time_remaining: datetime.timedelta | None = ..., time_remaining_milliseconds: int | None = ..., is_near_expiration: bool | None = ..., null_members: tuple[str, ...] = ..., extra: dict[str, typing.Any] = ..., call: CallReport | None = ...) -> ElizaSession:
        """
        Return the same value with other fields.
        """
    def to_dict(self) -> dict[str, typing.Any]:
        """
        Return the fields as JSON has them: exact numbers with their unit in the name, times as ISO 8601 text.
        """
    @property
    def session_id(self) -> str:
        ...
    @property
    def agent_id(self) -> str:
        ...
    @property
    def user_id(self) -> str:
        ...
    @property
    def channel_id(self) -> str | None:
        ...
    @property
    def created_at(self) -> datetime.datetime:
        ...
    @property
    def last_activity(self) -> datetime.datetime | None:
        ...
    @property
    def expires_at(self) -> datetime.datetime | None:
        ...
    @property
    def metadata(self) -> typing.Any:
        """
        Any JSON, read on each access. Raises ContractError if it is deeper than Python reads.
        """
    @property
    def metadata_json(self) -> str | None:
        """
        Any JSON, read on each access. Raises ContractError if it is deeper than Python reads.
        """
    @property
    def timeout_config(self) -> TimeoutConfig | None:
        ...
    @property
    def renewal_count(self) -> int | None:
        ...
    @property
    def time_remaining(self) -> datetime.timedelta | None:
        """
        Until it expires, by the server's clock.
        """
    @property
    def time_remaining_milliseconds(self) -> int | None:
        """
        Until it expires, by the server's clock.
        """
    @property
    def is_near_expiration(self) -> bool | None:
        """
        By the server's own threshold.
        """
    @property
    def null_members(self) -> tuple[str, ...]:
        """
        Members that were there and null, as the vendor spells them.
        """
    @property
    def extra(self) -> dict[str, typing.Any]:
        """
        Members that the contract does not name.
        """
    @property
    def call(self) -> CallReport | None:
        """
        The report of every attempt; None for what a pure parse returns.
        """
@typing.final
class ElizaHealth(Detail):
    """
    What an elizaOS server says of itself.
    """
    __match_args__ = ('status', 'active_sessions', 'timestamp', 'expiring_soon', 'invalid_sessions', 'uptime', 'extra')
    @classmethod
    def from_dict(cls, members: dict[str, typing.Any], /) -> ElizaHealth:
        """
        Return the value that to_dict() gave these members of.
        """
    def __new__(cls, *, status: str, active_sessions: int, timestamp: datetime.datetime, expiring_soon: int | None = ..., invalid_sessions: int | None = ..., uptime: float | None = ..., extra: dict[str, typing.Any] = ..., call: CallReport | None = ...) -> ElizaHealth:
        ...
    def with_(self, *, status: str = ..., active_sessions: int = ..., timestamp: datetime.datetime = ..., expiring_soon: int | None = ..., invalid_sessions: int | None = ..., uptime: float | None = ..., extra: dict[str, typing.Any] = ..., call: CallReport | None = ...) -> ElizaHealth:
        """
        Return the same value with other fields.
        """
    def __replace__(self, *, status: str = ..., active_sessions: int = ..., timestamp: datetime.datetime = ..., expiring_soon: int | None = ..., invalid_sessions: int | None = ..., uptime: float | None = ..., extra: dict[str, typing.Any] = ..., call: CallReport | None = ...) -> ElizaHealth:
        """
        Return the same value with other fields.
        """
    def to_dict(self) -> dict[str, typing.Any]:
        """
        Return the fields as JSON has them: exact numbers with their unit in the name, times as ISO 8601 text.
        """
    @property
    def status(self) -> str:
        """
        "healthy", in all that is known.
        """
    @property
    def active_sessions(self) -> int:
        ...
    @property
    def timestamp(self) -> datetime.datetime:
        """
        The server's clock.
        """
    @property
    def expiring_soon(self) -> int | None:
        """
        Sessions, by their own thresholds.
        """
    @property
    def invalid_sessions(self) -> int | None:
        ...
    @property
    def uptime(self) -> float | None:
        """
        Seconds.
        """
    @property
    def extra(self) -> dict[str, typing.Any]:
        """
        Members that the contract does not name.
        """
    @property
    def call(self) -> CallReport | None:
        """
        The report of every attempt; None for what a pure parse returns.
        """
@typing.final
class ElizaMessage:
    """
    A message of an elizaOS session.
    """
    __match_args__ = ('id', 'content', 'author_id', 'is_agent', 'created_at', 'metadata', 'extra')
    @classmethod
    def from_dict(cls, members: dict[str, typing.Any], /) -> ElizaMessage:
        """
        Return the value that to_dict() gave these members of.
        """
    def __new__(cls, *, id: str, content: str, author_id: str, is_agent: bool, created_at: datetime.datetime, metadata: typing.Any = ..., metadata_json: str | None = ..., extra: dict[str, typing.Any] = ...) -> ElizaMessage:
        ...
    def with_(self, *, id: str = ..., content: str = ..., author_id: str = ..., is_agent: bool = ..., created_at: datetime.datetime = ..., metadata: typing.Any = ..., metadata_json: str | None = ..., extra: dict[str, typing.Any] = ...) -> ElizaMessage:
        """
        Return the same value with other fields.
        """
    def __replace__(self, *, id: str = ..., content: str = ..., author_id: str = ..., is_agent: bool = ..., created_at: datetime.datetime = ..., metadata: typing.Any = ..., metadata_json: str | None = ..., extra: dict[str, typing.Any] = ...) -> ElizaMessage:
        """
        Return the same value with other fields.
        """
    def to_dict(self) -> dict[str, typing.Any]:
        """
        Return the fields as JSON has them: exact numbers with their unit in the name, times as ISO 8601 text.
        """
    @property
    def id(self) -> str:
        ...
    @property
    def content(self) -> str:
        ...
    @property
    def author_id(self) -> str:
        ...
    @property
    def is_agent(self) -> bool:
        ...
    @property
    def created_at(self) -> datetime.datetime:
        ...
    @property
    def metadata(self) -> typing.Any:
        """
        Any JSON, read on each access.
        """
    @property
    def metadata_json(self) -> str | None:
        """
        Any JSON, read on each access.
        """
    @property
    def extra(self) -> dict[str, typing.Any]:
        """
        Members that the contract does not name.
        """
@typing.final
class ElizaCursors:
    """
    The times of a page's oldest and newest message.
    """
    __match_args__ = ('before', 'after')
    @classmethod
    def from_dict(cls, members: dict[str, typing.Any], /) -> ElizaCursors:
        """
        Return the value that to_dict() gave these members of.
        """
    def __new__(cls, *, before: int | None = ..., after: int | None = ...) -> ElizaCursors:
        ...
    def with_(self, *, before: int | None = ..., after: int | None = ...) -> ElizaCursors:
        """
        Return the same value with other fields.
        """
    def __replace__(self, *, before: int | None = ..., after: int | None = ...) -> ElizaCursors:
        """
        Return the same value with other fields.
        """
    def to_dict(self) -> dict[str, typing.Any]:
        """
        Return the fields as JSON has them: exact numbers with their unit in the name, times as ISO 8601 text.
        """
    @property
    def before(self) -> int | None:
        """
        Of the oldest, in epoch milliseconds.
        """
    @property
    def after(self) -> int | None:
        """
        Of the newest, in epoch milliseconds.
        """
@typing.final
class ElizaMessagePage(Detail):
    """
    Some of a session's messages, newest first.
    """
    __match_args__ = ('messages', 'has_more', 'cursors', 'extra')
    @classmethod
    def from_dict(cls, members: dict[str, typing.Any], /) -> ElizaMessagePage:
        """
        Return the value that to_dict() gave these members of.
        """
    def __new__(cls, *, messages: tuple[ElizaMessage, ...], has_more: bool, cursors: ElizaCursors | None = ..., extra: dict[str, typing.Any] = ..., call: CallReport | None = ...) -> ElizaMessagePage:
        ...
    def with_(self, *, messages: tuple[ElizaMessage, ...] = ..., has_more: bool = ..., cursors: ElizaCursors | None = ..., extra: dict[str, typing.Any] = ..., call: CallReport | None = ...) -> ElizaMessagePage:
        """
        Return the same value with other fields.
        """
    def __replace__(self, *, messages: tuple[ElizaMessage, ...] = ..., has_more: bool = ..., cursors: ElizaCursors | None = ..., extra: dict[str, typing.Any] = ..., call: CallReport | None = ...) -> ElizaMessagePage:
        """
        Return the same value with other fields.
        """
    def to_dict(self) -> dict[str, typing.Any]:
        """
        Return the fields as JSON has them: exact numbers with their unit in the name, times as ISO 8601 text.
        """
    @property
    def messages(self) -> tuple[ElizaMessage, ...]:
        ...
    @property
    def has_more(self) -> bool:
        """
        There are as many as were asked for, so there may be more.
        """
    @property
    def cursors(self) -> ElizaCursors | None:
        ...
    @property
    def extra(self) -> dict[str, typing.Any]:
        """
        Members that the contract does not name.
        """
    @property
    def call(self) -> CallReport | None:
        """
        The report of every attempt; None for what a pure parse returns.
        """
@typing.final
class ElizaReply:
    """
    What an agent answered.
    """
    __match_args__ = ('text', 'extra')
    @classmethod
    def from_dict(cls, members: dict[str, typing.Any], /) -> ElizaReply:
        """
        Return the value that to_dict() gave these members of.
        """
    def __new__(cls, *, text: str | None = ..., extra: dict[str, typing.Any] = ...) -> ElizaReply:
        ...
    def with_(self, *, text: str | None = ..., extra: dict[str, typing.Any] = ...) -> ElizaReply:
        """
        Return the same value with other fields.
        """
    def __replace__(self, *, text: str | None = ..., extra: dict[str, typing.Any] = ...) -> ElizaReply:
        """
        Return the same value with other fields.
        """
    def to_dict(self) -> dict[str, typing.Any]:
        """
        Return the fields as JSON has them: exact numbers with their unit in the name, times as ISO 8601 text.
        """
    @property
    def text(self) -> str | None:
        ...
    @property
    def extra(self) -> dict[str, typing.Any]:
        """
        What else the agent said.
        """
@typing.final
class ElizaSessionStatus:
    """
    What a message did to its session.
    """
    __match_args__ = ('expires_at', 'renewal_count', 'was_renewed')
    @classmethod
    def from_dict(cls, members: dict[str, typing.Any], /) -> ElizaSessionStatus:
        """
        Return the value that to_dict() gave these members of.
        """
    def __new__(cls, *, expires_at: datetime.datetime | None = ..., renewal_count: int | None = ..., was_renewed: bool | None = ...) -> ElizaSessionStatus:
        ...
    def with_(self, *, expires_at: datetime.datetime | None = ..., renewal_count: int | None = ..., was_renewed: bool | None = ...) -> ElizaSessionStatus:
        """
        Return the same value with other fields.
        """
    def __replace__(self, *, expires_at: datetime.datetime | None = ..., renewal_count: int | None = ..., was_renewed: bool | None = ...) -> ElizaSessionStatus:
        """
        Return the same value with other fields.
        """
    def to_dict(self) -> dict[str, typing.Any]:
        """
        Return the fields as JSON has them: exact numbers with their unit in the name, times as ISO 8601 text.
        """
    @property
    def expires_at(self) -> datetime.datetime | None:
        ...
    @property
    def renewal_count(self) -> int | None:
        ...
    @property
    def was_renewed(self) -> bool | None:
        ...
@typing.final
class ElizaSentMessage(Detail):
    """
    A message that was sent, as the server has stored it.
    """
    __match_args__ = ('id', 'channel_id', 'created_at', 'status', 'reply', 'extra')
    @classmethod
    def from_dict(cls, members: dict[str, typing.Any], /) -> ElizaSentMessage:
        """
        Return the value that to_dict() gave these members of.
        """
    def __new__(cls, *, id: str, channel_id: str | None = ..., created_at: datetime.datetime, status: ElizaSessionStatus | None = ..., reply: ElizaReply | None = ..., extra: dict[str, typing.Any] = ..., call: CallReport | None = ...) -> ElizaSentMessage:
        ...
    def with_(self, *, id: str = ..., channel_id: str | None = ..., created_at: datetime.datetime = ..., status: ElizaSessionStatus | None = ..., reply: ElizaReply | None = ..., extra: dict[str, typing.Any] = ..., call: CallReport | None = ...) -> ElizaSentMessage:
        """
        Return the same value with other fields.
        """
    def __replace__(self, *, id: str = ..., channel_id: str | None = ..., created_at: datetime.datetime = ..., status: ElizaSessionStatus | None = ..., reply: ElizaReply | None = ..., extra: dict[str, typing.Any] = ..., call: CallReport | None = ...) -> ElizaSentMessage:
        """
        Return the same value with other fields.
        """
    def to_dict(self) -> dict[str, typing.Any]:
        """
        Return the fields as JSON has them: exact numbers with their unit in the name, times as ISO 8601 text.
        """
    @property
    def id(self) -> str:
        ...
    @property
    def channel_id(self) -> str | None:
        ...
    @property
    def created_at(self) -> datetime.datetime:
        ...
    @property
    def status(self) -> ElizaSessionStatus | None:
        """
        What the message did to its session.
        """
    @property
    def reply(self) -> ElizaReply | None:
        """
        The agent's answer, which transport "http" waits for.
        """
    @property
    def extra(self) -> dict[str, typing.Any]:
        """
        What else the server says of the message.
        """
    @property
    def call(self) -> CallReport | None:
        """
        The report of every attempt; None for what a pure parse returns.
        """
@typing.final
class ElizaStreamEvent:
    """
    One event of an agent's reply that comes in pieces.
    """
    __match_args__ = ('type', 'text', 'message_id', 'index', 'created_at', 'data')
    @classmethod
    def from_dict(cls, members: dict[str, typing.Any], /) -> ElizaStreamEvent:
        """
        Return the value that to_dict() gave these members of.
        """
    def __new__(cls, *, type: str, text: str | None = ..., message_id: str | None = ..., index: int | None = ..., created_at: datetime.datetime | None = ..., data: typing.Any = ..., data_json: str | None = ...) -> ElizaStreamEvent:
        ...
    def with_(self, *, type: str = ..., text: str | None = ..., message_id: str | None = ..., index: int | None = ..., created_at: datetime.datetime | None = ..., data: typing.Any = ..., data_json: str | None = ...) -> ElizaStreamEvent:
        """
        Return the same value with other fields.
        """
    def __replace__(self, *, type: str = ..., text: str | None = ..., message_id: str | None = ..., index: int | None = ..., created_at: datetime.datetime | None = ..., data: typing.Any = ..., data_json: str | None = ...) -> ElizaStreamEvent:
        """
        Return the same value with other fields.
        """
    def to_dict(self) -> dict[str, typing.Any]:
        """
        Return the fields as JSON has them: exact numbers with their unit in the name, times as ISO 8601 text.
        """
    @property
    def type(self) -> str:
        """
        The server's word: user_message, chunk, done, or a new one.
        """
    @property
    def text(self) -> str | None:
        """
        Of a chunk the piece, of done the whole reply, of user_message what was sent.
        """
    @property
    def message_id(self) -> str | None:
        """
        Of the stored message, or of a chunk's reply.
        """
    @property
    def index(self) -> int | None:
        """
        Of a chunk, from 0.
        """
    @property
    def created_at(self) -> datetime.datetime | None:
        """
        When the message was stored.
        """
    @property
    def data(self) -> typing.Any:
        """
        All that the server says in it; None if that is JavaScript's undefined.
        """
    @property
    def data_json(self) -> str | None:
        """
        All that the server says in it; None if that is JavaScript's undefined.
        """
class ElizaClient:
    """
    Asks an elizaOS server.
    """
    @staticmethod
    def effect_of(operation: str) -> str:
        """
        Return what that call can change: none, idempotent or once.
        """
    def __init__(self, api_key: str | None, *, base_url: str | None, **kwargs: typing.Any) -> None:
        ...
    def begin_check_health(self, inbox: Inbox, **kwargs: typing.Any) -> PendingAnswer:
        """
        Return what the task of an event loop awaits the answer by.
        """
    def begin_create_session(self, inbox: Inbox, agent_id: str, user_id: str, metadata: typing.Any | None = None, timeout_config: TimeoutConfig | None = None, create_key: str | None = None, **kwargs: typing.Any) -> PendingAnswer:
        """
        Return what the task of an event loop awaits the answer by.
        """
    def begin_delete_session(self, inbox: Inbox, session_id: str, **kwargs: typing.Any) -> PendingAnswer:
        """
        Return what the task of an event loop awaits the answer by.
        """
    def begin_get_messages(self, inbox: Inbox, session_id: str, limit: int | None = None, before: int | datetime.datetime | None = None, after: int | datetime.datetime | None = None, **kwargs: typing.Any) -> PendingAnswer:
        """
        Return what the task of an event loop awaits the answer by.
        """
    def begin_get_session(self, inbox: Inbox, session_id: str, **kwargs: typing.Any) -> PendingAnswer:
        """
        Return what the task of an event loop awaits the answer by.
        """
    def begin_list_sessions(self, inbox: Inbox, **kwargs: typing.Any) -> PendingAnswer:
        """
        Return what the task of an event loop awaits the answer by.
        """
    def begin_probe(self, inbox: Inbox, session_id: str, **kwargs: typing.Any) -> PendingAnswer:
        """
        Return what the task of an event loop awaits the answer by.
        """
    def begin_renew_session(self, inbox: Inbox, session_id: str, **kwargs: typing.Any) -> PendingAnswer:
        """
        Return what the task of an event loop awaits the answer by.
        """
    def begin_send_heartbeat(self, inbox: Inbox, session_id: str, **kwargs: typing.Any) -> PendingAnswer:
        """
        Return what the task of an event loop awaits the answer by.
        """
    def begin_send_message(self, inbox: Inbox, session_id: str, content: str, transport: str = 'websocket', metadata: typing.Any | None = None, attachments: typing.Any | None = None, message_key: str | None = None, **kwargs: typing.Any) -> PendingAnswer:
        """
        Return what the task of an event loop awaits the answer by.
        """
    def begin_update_timeout(self, inbox: Inbox, session_id: str, config: TimeoutConfig, **kwargs: typing.Any) -> PendingAnswer:
        """
        Return what the task of an event loop awaits the answer by.
        """
    def bulk_probe(self, concurrency: int, ordered: bool, inbox: Inbox | None = None, tally: BulkTally | None = None, table: OutcomeTable | None = None, **kwargs: typing.Any) -> BulkProbe:
        """
        Return the calls for probe_many; an inbox has its loop woken when outcomes are there. With a table, outcomes go there as rows.
        """
    def bulk_watch(self, **kwargs: typing.Any) -> typing.Any:
        """
        Return a watch; see sessionvitals/changes.py for what it is made of.
        """
    def check_health(self, **kwargs: typing.Any) -> ElizaHealth:
        """
        Return what the server says of itself.
        """
    def create_session(self, agent_id: str, user_id: str, metadata: typing.Any | None = None, timeout_config: TimeoutConfig | None = None, create_key: str | None = None, **kwargs: typing.Any) -> ElizaSession:
        """
        Create a session and return it.
        """
    def delete_session(self, session_id: str, **kwargs: typing.Any) -> CallReport:
        """
        Delete the session.
        """
    def get_messages(self, session_id: str, limit: int | None = None, before: int | datetime.datetime | None = None, after: int | datetime.datetime | None = None, **kwargs: typing.Any) -> ElizaMessagePage:
        """
        Return some of the session's messages, newest first.
        """
    def get_session(self, session_id: str, **kwargs: typing.Any) -> ElizaSession:
        """
        Return the session, with its expiry and the time left.
        """
    def list_sessions(self, **kwargs: typing.Any) -> sessionvitals.page.Page[ElizaSession]:
        """
        Return the live sessions of all users.
        """
    def open_stream_message(self, session_id: str, content: str, metadata: typing.Any | None = None, attachments: typing.Any | None = None, message_key: str | None = None, **kwargs: typing.Any) -> ElizaMessageStream:
        """
        Return the stream of the reply to a message.
        """
    def probe(self, session_id: str, **kwargs: typing.Any) -> Session:
        """
        Return the session's state in the vocabulary of all providers.
        """
    def renew_session(self, session_id: str, **kwargs: typing.Any) -> ElizaSession:
        """
        Have the session's time start anew.
        """
    def send_heartbeat(self, session_id: str, **kwargs: typing.Any) -> ElizaSession:
        """
        Say that the session is in use.
        """
    def send_message(self, session_id: str, content: str, transport: str = 'websocket', metadata: typing.Any | None = None, attachments: typing.Any | None = None, message_key: str | None = None, **kwargs: typing.Any) -> ElizaSentMessage:
        """
        Send a message of the session's user.
        """
    def update_timeout(self, session_id: str, config: TimeoutConfig, **kwargs: typing.Any) -> ElizaSession:
        """
        Replace the session's whole timeout config.
        """
    def with_options(self, **kwargs: typing.Any) -> ElizaClient:
        """
        Return a client that differs in the options given, and shares the connections.
        """
    @property
    def base_url(self) -> str:
        ...
    @property
    def cancel(self) -> CancelToken | None:
        """
        The token of all calls, or None.
        """
    @property
    def timeout(self) -> float:
        """
        Of a call that names none, in seconds.
        """
class ElizaMessageStream:
    """
    An agent's reply, as it comes.
    """
    def begin_next(self, inbox: Inbox) -> PendingAnswer:
        """
        Return what the task of an event loop awaits the next item by; None at the end.
        """
    def close(self) -> None:
        """
        End the stream; a wait that is under way is cancelled.
        """
    def next(self) -> typing.Any:
        """
        Wait for the next item; None at the end.
        """
    def use(self, client: ElizaClient) -> None:
        """
        Go on with another client's key.
        """
    @property
    def is_over(self) -> bool:
        """
        Whether the last wait gave the end, or the error it ended with.
        """
class Keeper:
    """
    Keeps a session alive. See ElizaClient.keep_alive.
    """
    def check(self) -> None:
        """
        Look at the session now.
        """
    def close(self) -> None:
        """
        End it.
        """
    def wait(self) -> bool:
        """
        Wait a second for its end; return whether it is over.
        """
    @property
    def error(self) -> typing.Any:
        """
        Why the last request failed, or None.
        """
    @property
    def is_lost(self) -> bool:
        """
        True once the session is gone.
        """
    @property
    def is_over(self) -> bool:
        """
        True once nothing is done.
        """
    @property
    def session(self) -> typing.Any:
        """
        As it was seen last, or None.
        """
def begin_keeper(client: ElizaClient, session_id: str, margin: typing.SupportsFloat | typing.SupportsIndex, inbox: Inbox | None = None, **kwargs: typing.Any) -> Keeper:
    """
    Return a keeper; an inbox has its loop woken when it is over.
    """
def build_eliza_check_health_request(*, api_key: str | None = None) -> Request:
    """
    Return the request of check_health(). Raises ConfigurationError.
    """
def build_eliza_create_session_request(agent_id: str, user_id: str, metadata: typing.Any | None = None, timeout_config: TimeoutConfig | None = None, create_key: str | None = None, *, api_key: str | None = None) -> Request:
    """
    Return the request of create_session(). Raises ConfigurationError.
    """
def build_eliza_delete_session_request(session_id: str, *, api_key: str | None = None) -> Request:
    """
    Return the request of delete_session(). Raises ConfigurationError.
    """
def build_eliza_get_messages_request(session_id: str, limit: int | None = None, before: int | datetime.datetime | None = None, after: int | datetime.datetime | None = None, *, api_key: str | None = None) -> Request:
    """
    Return the request of get_messages(). Raises ConfigurationError.
    """
def build_eliza_get_session_request(session_id: str, *, api_key: str | None = None) -> Request:
    """
    Return the request of get_session(). Raises ConfigurationError.
    """
def build_eliza_list_sessions_request(*, api_key: str | None = None) -> Request:
    """
    Return the request of list_sessions(). Raises ConfigurationError.
    """
def build_eliza_renew_session_request(session_id: str, *, api_key: str | None = None) -> Request:
    """
    Return the request of renew_session(). Raises ConfigurationError.
    """
def build_eliza_send_heartbeat_request(session_id: str, *, api_key: str | None = None) -> Request:
    """
    Return the request of send_heartbeat(). Raises ConfigurationError.
    """
def build_eliza_send_message_request(session_id: str, content: str, transport: str = 'websocket', metadata: typing.Any | None = None, attachments: typing.Any | None = None, message_key: str | None = None, *, api_key: str | None = None) -> Request:
    """
    Return the request of send_message(). Raises ConfigurationError.
    """
def build_eliza_stream_message_request(session_id: str, content: str, metadata: typing.Any | None = None, attachments: typing.Any | None = None, message_key: str | None = None, *, api_key: str | None = None) -> Request:
    """
    Return the request of stream_message(). Raises ConfigurationError.
    """
def build_eliza_update_timeout_request(session_id: str, config: TimeoutConfig, *, api_key: str | None = None) -> Request:
    """
    Return the request of update_timeout(). Raises ConfigurationError.
    """
def build_ping_create_session_request(client_id: str, zone: str, connection_type: str = 'vless', reusable: bool | None = None, *, api_key: str, authorization_scheme: str = 'raw') -> Request:
    """
    Return the request of create_session(). Raises ConfigurationError.
    """
def build_ping_delete_client_limits_request(*, api_key: str, authorization_scheme: str = 'raw') -> Request:
    """
    Return the request of delete_client_limits(). Raises ConfigurationError.
    """
def build_ping_delete_global_limits_request(*, api_key: str, authorization_scheme: str = 'raw') -> Request:
    """
    Return the request of delete_global_limits(). Raises ConfigurationError.
    """
def build_ping_delete_session_limits_request(*, api_key: str, authorization_scheme: str = 'raw') -> Request:
    """
    Return the request of delete_session_limits(). Raises ConfigurationError.
    """
def build_ping_events_request(last_event_id: str = '', *, api_key: str, authorization_scheme: str = 'raw') -> Request:
    """
    Return the request of events(). Raises ConfigurationError.
    """
def build_ping_get_client_limits_request(*, api_key: str, authorization_scheme: str = 'raw') -> Request:
    """
    Return the request of get_client_limits(). Raises ConfigurationError.
    """
def build_ping_get_global_limits_request(*, api_key: str, authorization_scheme: str = 'raw') -> Request:
    """
    Return the request of get_global_limits(). Raises ConfigurationError.
    """
def build_ping_get_session_limits_request(*, api_key: str, authorization_scheme: str = 'raw') -> Request:
    """
    Return the request of get_session_limits(). Raises ConfigurationError.
    """
def build_ping_list_zones_request(*, api_key: str, authorization_scheme: str = 'raw') -> Request:
    """
    Return the request of list_zones(). Raises ConfigurationError.
    """
def build_ping_pause_session_request(session_id: str, *, api_key: str, authorization_scheme: str = 'raw') -> Request:
    """
    Return the request of pause_session(). Raises ConfigurationError.
    """
def build_ping_resume_session_request(session_id: str, *, api_key: str, authorization_scheme: str = 'raw') -> Request:
    """
    Return the request of resume_session(). Raises ConfigurationError.
    """
def build_ping_session_status_request(session_id: str, *, api_key: str, authorization_scheme: str = 'raw') -> Request:
    """
    Return the request of session_status(). Raises ConfigurationError.
    """
def build_ping_update_client_limits_request(downloaded_bytes: int | None = None, uploaded_bytes: int | None = None, download_speed: int | None = None, upload_speed: int | None = None, max_sessions: int | None = None, max_reconnections: int | None = None, *, api_key: str, authorization_scheme: str = 'raw') -> Request:
    """
    Return the request of update_client_limits(). Raises ConfigurationError.
    """
def build_ping_update_global_limits_request(downloaded_bytes: int | None = None, uploaded_bytes: int | None = None, download_speed: int | None = None, upload_speed: int | None = None, *, api_key: str, authorization_scheme: str = 'raw') -> Request:
    """
    Return the request of update_global_limits(). Raises ConfigurationError.
    """
def build_ping_update_session_limits_request(downloaded_bytes: int | None = None, uploaded_bytes: int | None = None, download_speed: int | None = None, upload_speed: int | None = None, *, api_key: str, authorization_scheme: str = 'raw') -> Request:
    """
    Return the request of update_session_limits(). Raises ConfigurationError.
    """
def build_tiun_get_user_info_request(user_id: str, *, access_token: str, header_name: str = 'X-ACCESS-TOKEN') -> Request:
    """
    Return the request of get_user_info(). Raises ConfigurationError.
    """
def build_tiun_verify_request(session_id: str, *, access_token: str, header_name: str = 'X-ACCESS-TOKEN') -> Request:
    """
    Return the request of verify(). Raises ConfigurationError.
    """
def build_tiun_verify_user_request(token: str, *, access_token: str, header_name: str = 'X-ACCESS-TOKEN') -> Request:
    """
    Return the request of verify_user(). Raises ConfigurationError.
    """
def cancel_begun(number: typing.SupportsInt | typing.SupportsIndex) -> None:
    """
    End the call of that number, if it is not over.
    """
def error_kinds() -> dict[str, int]:
    """
    Return the class of every kind of error, and the HTTP status it stands for, or 0.
    """
def inspect_build() -> dict[str, typing.Any]:
    """
    Return what the extension was built from.
    """
def inspect_ca_loads() -> int:
    """
    Return how often this process has loaded a set of CAs.
    """
def inspect_events(pieces: collections.abc.Sequence[bytes]) -> tuple:
    """
    Return the events of a text/event-stream that comes in these pieces, and its retry.
    """
def inspect_follow(looks: collections.abc.Sequence[tuple[typing.SupportsFloat | typing.SupportsIndex, typing.SupportsFloat | typing.SupportsIndex, typing.Any]], *, until: collections.abc.Sequence[str], waits: bool = False, counters: bool = False, expiry: bool = False, shortest: typing.SupportsFloat | typing.SupportsIndex = 1.0, every: typing.SupportsFloat | typing.SupportsIndex | None = None, chance: typing.SupportsFloat | typing.SupportsIndex = 0.5, resumed: typing.Any | None = None) -> list[dict]:
    """
    Return what looks at a session tell: (begun, ended, a Session or an error's name).
    """
def inspect_heed(seen: typing.Any, *, seen_at: typing.SupportsFloat | typing.SupportsIndex = 0.0, is_alive: bool, now: typing.SupportsFloat | typing.SupportsIndex, planned: typing.SupportsFloat | typing.SupportsIndex, counters: bool = False, shortest: typing.SupportsFloat | typing.SupportsIndex = 1.0, every: typing.SupportsFloat | typing.SupportsIndex | None = None) -> float:
    """
    Return when the look after an event is: `seen` is a Session, an error's name or None.
    """
def inspect_hints(steps: collections.abc.Sequence[tuple[typing.SupportsFloat | typing.SupportsIndex, str]], *, asked: typing.SupportsFloat | typing.SupportsIndex = 0.0) -> list[tuple]:
    """
    Return (wait, is_told) of each loss of a stream: (time, open, bytes, end or an error).
    """
def inspect_json_reading(text: bytes) -> bytes:
    """
    Read an object by a table of members and return it as it is written.
    """
def inspect_json_writing(*, name: bytes = b'n', number: typing.SupportsFloat | typing.SupportsIndex = 0.0, anything: bytes = b'null') -> bytes:
    """
    Write an object with these values by a table of members. Raises ConfigurationError.
    """
def inspect_pools() -> list[dict[str, typing.Any]]:
    """
    Return what the process's pools of connections are doing, and have done.
    """
def inspect_provider(name: str) -> dict[str, typing.Any]:
    """
    Return where a provider is, and which variables it heeds.
    """
def inspect_proxy(base_url: str, *, proxy: str = '', trust_env: bool = True) -> tuple[tuple[str, int] | None, str]:
    """
    Return the proxy's host and port, or None, and why. Raises ConfigurationError.
    """
def inspect_queues() -> int:
    """
    Return for how many clients' servers calls of asyncio are waiting or on their way.
    """
def inspect_request(method: str, target: str, headers: collections.abc.Sequence[tuple[bytes, bytes]] = [], body: str = '', *, target_prefix: str = '', host: str = 'localhost', proxy_authorization: str = '') -> bytes:
    """
    Return a request as it goes on the wire. Raises ConfigurationError.
    """
def inspect_response(pieces: collections.abc.Sequence[bytes], *, method: str = 'GET', body_limit: typing.SupportsInt | typing.SupportsIndex = 1048576) -> list[tuple]:
    """
    Return the events of a response that comes in these pieces, followed by a close.
    """
def inspect_retry(*, effect: str = 'none', phase: str = 'done', http_status: typing.SupportsInt | typing.SupportsIndex = 0, may_have_left: bool = False, is_final: bool = False, broke_contract: bool = False, retries: typing.SupportsInt | typing.SupportsIndex = 0, max_retries: typing.SupportsInt | typing.SupportsIndex = 2, resend_unsafe: bool = False, time_left_ms: typing.SupportsInt | typing.SupportsIndex = 10000, jitter: typing.SupportsFloat | typing.SupportsIndex = 0.5, has_budget: bool = True, headers: collections.abc.Sequence[tuple[str, str]] = [], now: str = '2026-01-01T00:00:00Z') -> tuple[bool, datetime.timedelta, str]:
    """
    Return whether to try again, after which wait, and why.
    """
def inspect_stream(base_url: str, target: str, on_event: collections.abc.Callable, *, timeout: typing.SupportsFloat | typing.SupportsIndex = 10.0, idle_timeout: typing.SupportsFloat | typing.SupportsIndex = 90.0, cancel: CancelToken | None = None) -> None:
    """
    Open a stream and call on_event with each of its events, until it ends or fails.
    """
def inspect_trust(*, ca_file: str = '', trust_env: bool = True, fallback_ca_file: str = '') -> list[dict[str, typing.Any]]:
    """
    Return where CAs are taken from.
    """
def inspect_url(base_url: str) -> tuple[bool, str, int, str]:
    """
    Return whether it is TLS, the host, the port and the origin.
    """
def inspect_value_classes() -> dict:
    """
    Return the fields of each class of values.
    """
def inspect_watch_plan(dues: collections.abc.Sequence[typing.SupportsFloat | typing.SupportsIndex], *, repeat: typing.SupportsFloat | typing.SupportsIndex = 0.0, rate: typing.SupportsFloat | typing.SupportsIndex = 0.0, opens: typing.SupportsFloat | typing.SupportsIndex = -1.0, until: typing.SupportsFloat | typing.SupportsIndex = 100.0, step: typing.SupportsFloat | typing.SupportsIndex = 0.0) -> list[tuple]:
    """
    Return when looks are made: (time, number, lag) of each. `step` is how late who asks is.
    """
def parse_eliza_check_health_response(http_status: int, headers: typing.Any, body: bytes) -> ElizaHealth:
    """
    Return what a response says to check_health(). Raises HttpStatusError for a refusal, and ContractError.
    """
def parse_eliza_create_session_response(http_status: int, headers: typing.Any, body: bytes, agent_id: str, user_id: str, metadata: typing.Any | None = None, timeout_config: TimeoutConfig | None = None, create_key: str | None = None) -> ElizaSession:
    """
    Return what a response says to create_session(). Raises HttpStatusError for a refusal, and ContractError.
    """
def parse_eliza_delete_session_response(http_status: int, headers: typing.Any, body: bytes, session_id: str) -> None:
    """
    Return what a response says to delete_session(). Raises HttpStatusError for a refusal, and ContractError.
    """
def parse_eliza_get_messages_response(http_status: int, headers: typing.Any, body: bytes, session_id: str, limit: int | None = None, before: int | datetime.datetime | None = None, after: int | datetime.datetime | None = None) -> ElizaMessagePage:
    """
    Return what a response says to get_messages(). Raises HttpStatusError for a refusal, and ContractError.
    """
def parse_eliza_get_session_response(http_status: int, headers: typing.Any, body: bytes, session_id: str) -> ElizaSession:
    """
    Return what a response says to get_session(). Raises HttpStatusError for a refusal, and ContractError.
    """
def parse_eliza_list_sessions_response(http_status: int, headers: typing.Any, body: bytes) -> sessionvitals.page.Page[ElizaSession]:
    """
    Return what a response says to list_sessions(). Raises HttpStatusError for a refusal, and ContractError.
    """
def parse_eliza_renew_session_response(http_status: int, headers: typing.Any, body: bytes, session_id: str) -> ElizaSession:
    """
    Return what a response says to renew_session(). Raises HttpStatusError for a refusal, and ContractError.
    """
def parse_eliza_send_heartbeat_response(http_status: int, headers: typing.Any, body: bytes, session_id: str) -> ElizaSession:
    """
    Return what a response says to send_heartbeat(). Raises HttpStatusError for a refusal, and ContractError.
    """
def parse_eliza_send_message_response(http_status: int, headers: typing.Any, body: bytes, session_id: str, content: str, transport: str = 'websocket', metadata: typing.Any | None = None, attachments: typing.Any | None = None, message_key: str | None = None) -> ElizaSentMessage:
    """
    Return what a response says to send_message(). Raises HttpStatusError for a refusal, and ContractError.
    """
def parse_eliza_stream_message_event(data: str, event: str = 'message') -> ElizaStreamEvent:
    """
    Return what one server-sent event says to stream_message(). Raises ContractError.
    """
def parse_eliza_update_timeout_response(http_status: int, headers: typing.Any, body: bytes, session_id: str, config: TimeoutConfig) -> ElizaSession:
    """
    Return what a response says to update_timeout(). Raises HttpStatusError for a refusal, and ContractError.
    """
def parse_ping_create_session_response(http_status: int, headers: typing.Any, body: bytes, client_id: str, zone: str, connection_type: str = 'vless', reusable: bool | None = None) -> PingSession:
    """
    Return what a response says to create_session(). Raises HttpStatusError for a refusal, and ContractError.
    """
def parse_ping_delete_client_limits_response(http_status: int, headers: typing.Any, body: bytes) -> None:
    """
    Return what a response says to delete_client_limits(). Raises HttpStatusError for a refusal, and ContractError.
    """
def parse_ping_delete_global_limits_response(http_status: int, headers: typing.Any, body: bytes) -> None:
    """
    Return what a response says to delete_global_limits(). Raises HttpStatusError for a refusal, and ContractError.
    """
def parse_ping_delete_session_limits_response(http_status: int, headers: typing.Any, body: bytes) -> None:
    """
    Return what a response says to delete_session_limits(). Raises HttpStatusError for a refusal, and ContractError.
    """
def parse_ping_events_event(data: str, event: str = 'message') -> SessionEvent:
    """
    Return what one server-sent event says to events(). Raises ContractError.
    """
def parse_ping_get_client_limits_response(http_status: int, headers: typing.Any, body: bytes) -> PingLimits:
    """
    Return what a response says to get_client_limits(). Raises HttpStatusError for a refusal, and ContractError.
    """
def parse_ping_get_global_limits_response(http_status: int, headers: typing.Any, body: bytes) -> PingLimits:
    """
    Return what a response says to get_global_limits(). Raises HttpStatusError for a refusal, and ContractError.
    """
def parse_ping_get_session_limits_response(http_status: int, headers: typing.Any, body: bytes) -> PingLimits:
    """
    Return what a response says to get_session_limits(). Raises HttpStatusError for a refusal, and ContractError.
    """
def parse_ping_list_zones_response(http_status: int, headers: typing.Any, body: bytes) -> sessionvitals.page.Page[PingZone]:
    """
    Return what a response says to list_zones(). Raises HttpStatusError for a refusal, and ContractError.
    """
def parse_ping_pause_session_response(http_status: int, headers: typing.Any, body: bytes, session_id: str) -> PingPause:
    """
    Return what a response says to pause_session(). Raises HttpStatusError for a refusal, and ContractError.
    """
def parse_ping_resume_session_response(http_status: int, headers: typing.Any, body: bytes, session_id: str) -> PingPause:
    """
    Return what a response says to resume_session(). Raises HttpStatusError for a refusal, and ContractError.
    """
def parse_ping_session_status_response(http_status: int, headers: typing.Any, body: bytes, session_id: str) -> PingSessionStatus:
    """
    Return what a response says to session_status(). Raises HttpStatusError for a refusal, and ContractError.
    """
def parse_ping_update_client_limits_response(http_status: int, headers: typing.Any, body: bytes, downloaded_bytes: int | None = None, uploaded_bytes: int | None = None, download_speed: int | None = None, upload_speed: int | None = None, max_sessions: int | None = None, max_reconnections: int | None = None) -> PingLimits:
    """
    Return what a response says to update_client_limits(). Raises HttpStatusError for a refusal, and ContractError.
    """
def parse_ping_update_global_limits_response(http_status: int, headers: typing.Any, body: bytes, downloaded_bytes: int | None = None, uploaded_bytes: int | None = None, download_speed: int | None = None, upload_speed: int | None = None) -> PingLimits:
    """
    Return what a response says to update_global_limits(). Raises HttpStatusError for a refusal, and ContractError.
    """
def parse_ping_update_session_limits_response(http_status: int, headers: typing.Any, body: bytes, downloaded_bytes: int | None = None, uploaded_bytes: int | None = None, download_speed: int | None = None, upload_speed: int | None = None) -> PingLimits:
    """
    Return what a response says to update_session_limits(). Raises HttpStatusError for a refusal, and ContractError.
    """
def parse_tiun_get_user_info_response(http_status: int, headers: typing.Any, body: bytes, user_id: str) -> TiunUser:
    """
    Return what a response says to get_user_info(). Raises HttpStatusError for a refusal, and ContractError.
    """
def parse_tiun_verify_response(http_status: int, headers: typing.Any, body: bytes, session_id: str) -> TiunVerdict:
    """
    Return what a response says to verify(). Raises HttpStatusError for a refusal, and ContractError.
    """
def parse_tiun_verify_user_response(http_status: int, headers: typing.Any, body: bytes, token: str) -> TiunUserVerification:
    """
    Return what a response says to verify_user(). Raises HttpStatusError for a refusal, and ContractError.
    """
def provider_names() -> tuple[str, ...]:
    """
    Return the names of the providers there are, in alphabetical order.
    """
def repeated_in(ids: typing.Any) -> dict[str, int]:
    """
    Return the ids of a list that occur more than once, and how often.
    """
def restore_value(type: type, state: dict) -> typing.Any:
    """
    Return the value of a pickle.
    """
MAX_CLOCK_SKEW: int = 60
__version__: str = '0.1.0'
