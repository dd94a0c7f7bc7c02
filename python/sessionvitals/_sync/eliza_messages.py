"""The messages of an elizaOS session."""

# Written by python/generate_sync.py from _async/eliza_messages.py: change that, then run make sync.
from __future__ import annotations

from _collections_abc import Generator, Iterator
from datetime import datetime, timedelta, timezone

from .._core import (
    CancelToken,
    ElizaMessage,
    ElizaMessagePage,
    ElizaSentMessage,
    ElizaSession,
    ElizaStreamEvent,
)
from ..errors import ConfigurationError, ContractError
from ..lazy_import import Any
from ..options import given
from .carrier import carry
from .client import Client
from .stream import EventStream

#: As many messages as the server gives at once.
PAGE = 100
KEY_MEMBER = "sessionvitals_key"
EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)


def milliseconds_of(time: datetime | int) -> int:
    """Return whole milliseconds since 1970. Raises ConfigurationError for a naive datetime."""
    if isinstance(time, datetime):
        if time.tzinfo is None:
            raise ConfigurationError("since must be an aware datetime: say of which time zone.")
        return (time - EPOCH) // timedelta(milliseconds=1)
    if isinstance(time, bool) or not isinstance(time, int):
        raise ConfigurationError(
            f"since is of type {type(time).__name__}: pass a datetime, or milliseconds since 1970."
        )
    return time


class Pages:
    """Which page comes next, and which of its messages are new.

    The server's ``before`` is exclusive and counts milliseconds. A page may end within one, so the
    next page begins with all of that millisecond, and what was there already is dropped.
    """

    __slots__ = ("_edge", "_oldest", "before", "is_over")

    def __init__(self, oldest: int | None) -> None:
        self._oldest = oldest
        self._edge: set[str] = set()  # the ids of the last millisecond of the page before
        #: What to ask the next page with.
        self.before: int | None = None
        self.is_over = False

    def take(self, page: ElizaMessagePage) -> Iterator[ElizaMessage]:
        """Yield the page's new messages, newest first."""
        seen, self._edge = self._edge, set()
        times = [milliseconds_of(message.created_at) for message in page.messages]
        # A short page is the last: the server says that there may be more only of a full one.
        self.is_over = len(times) < PAGE and not page.has_more
        if times:
            last = min(times)
            self._require_progress(max(times))
            self.before = last + 1
            if not self.is_over and last == max(times):
                self._refuse(last)
            self.is_over = self.is_over or (self._oldest is not None and last < self._oldest)
        elif not self.is_over:
            raise ContractError(
                "An empty page says that there are more messages.",
                expected="messages",
                found="none",
            )
        for message, time in zip(page.messages, times, strict=True):
            if self.before is not None and time == self.before - 1:
                self._edge.add(message.id)
            if message.id not in seen and (self._oldest is None or time >= self._oldest):
                yield message

    def _require_progress(self, newest: int) -> None:
        if self.before is None or newest < self.before:
            return
        self.is_over = True
        raise ContractError(
            f"The messages before {self.before} were asked for, and one of {newest} came: this "
            "server does not page by time, and the same messages would come again.",
            expected=f"messages of before {self.before}",
            found=f"one of {newest}",
        )

    def _refuse(self, millisecond: int) -> None:
        if self._oldest is not None and millisecond < self._oldest:
            return  # nobody asked for them
        self.is_over = True
        raise ContractError(
            f"{PAGE} messages or more are of one millisecond ({millisecond}): elizaOS cannot page "
            "them, and some would be missed.",
            expected=f"fewer than {PAGE} messages of a millisecond",
            found="a whole page of one",
        )


def check_key(name: str, key: object) -> None:
    """Refuse a key that nothing can have: None would say that there is no such thing."""
    if not isinstance(key, str) or not key:
        what = "an empty text" if key == "" else f"of type {type(key).__name__}"
        raise ConfigurationError(f"{name} is {what}: pass the text that was given at creation")


def has_key(found: ElizaSession | ElizaMessage, key: str) -> bool:
    """Return whether the metadata has the key. Metadata that Python cannot read has not."""
    text = found.metadata_json
    if text is None or KEY_MEMBER not in text:
        return False
    try:
        metadata = found.metadata
    except ContractError:
        return False
    return isinstance(metadata, dict) and metadata.get(KEY_MEMBER) == key


class ElizaMessagesClient(Client):
    """What ElizaClient has for messages."""

    __slots__ = ()

    def send_message(
        self,
        session_id: str,
        content: str,
        *,
        transport: str = "websocket",
        metadata: Any = None,
        attachments: Any = None,
        message_key: str | None = None,
        timeout: float | timedelta | None = None,
        max_retries: int | None = None,
        resend_unsafe: bool | None = None,
        cancel: CancelToken | None = None,
    ) -> ElizaSentMessage:
        """Send a message of the session's user, of 1 to 4,000 UTF-16 units.

        With ``transport="websocket"`` the answer comes at once, and what the agent says is found
        among the session's messages. With ``transport="http"`` the call waits for the agent and
        has its ``reply``: for 35 s, unless the call, the client or the environment names a timeout.
        An agent may fail or take longer than the server allows: that is a ServerError whose
        ``may_have_taken_effect`` is true, because the message is stored.

        ``message_key``, a text of yours, is kept in the metadata as ``sessionvitals_key``, and
        ``find_message`` finds the message by it if the answer was lost. A call that may have taken
        effect is never sent again by itself.

        Raises:
            ConfigurationError: The content or the metadata is of no length that the server takes.
            NotFoundError: The server knows no such session, any more or at all.
            SessionExpiredError: The session has expired.
            AuthenticationError: The server wants a key, or another one.
            TransportError: No complete answer came; DeadlineExceeded if it was time that ran out.
            HttpStatusError: The server refused otherwise.
            ContractError: The answer was not what elizaOS documents.
        """
        answer: ElizaSentMessage = carry(
            self,
            "send_message",
            (session_id, content, transport, metadata, attachments, message_key),
            timeout,
            max_retries,
            resend_unsafe,
            cancel,
        )
        return answer

    def stream_message(
        self,
        session_id: str,
        content: str,
        *,
        metadata: Any = None,
        attachments: Any = None,
        message_key: str | None = None,
        idle_timeout: float | timedelta | None = None,
        deadline: float | timedelta | None = None,
        timeout: float | timedelta | None = None,
        max_retries: int | None = None,
        resend_unsafe: bool | None = None,
        cancel: CancelToken | None = None,
    ) -> EventStream[ElizaStreamEvent]:
        """Return the stream of the agent's reply to a message: user_message, chunks, and done.

        The message is sent when the first event is asked for, once, and the stream is never opened
        again. If it breaks, or says nothing for ``idle_timeout``, 90 seconds, before ``done``, the
        error says how much of the reply had come. ``may_have_taken_effect`` of an error says
        whether the message may be stored; ``message_key`` finds it then, as for ``send_message``.
        ``timeout`` is for the head of the answer, ``deadline`` for the whole stream.

        Raises:
            ConfigurationError: The content or the metadata is of no length that the server takes.
            NotFoundError: The server knows no such session, any more or at all.
            SessionExpiredError: The session has expired.
            AuthenticationError: The server wants a key, or another one.
            TransportError: The stream was lost; DeadlineExceeded if it was time that ran out.
            HttpStatusError: The server refused otherwise; with the status 200, the agent failed.
            ContractError: What came was not what elizaOS sends.
        """
        options = given(
            idle_timeout=idle_timeout,
            deadline=deadline,
            timeout=timeout,
            max_retries=max_retries,
            resend_unsafe=resend_unsafe,
            cancel=cancel,
        )
        question = (session_id, content, metadata, attachments, message_key)
        return EventStream(self, "stream_message", question, options)

    def get_messages(
        self,
        session_id: str,
        *,
        limit: int | None = None,
        before: datetime | int | None = None,
        after: datetime | int | None = None,
        timeout: float | timedelta | None = None,
        max_retries: int | None = None,
        resend_unsafe: bool | None = None,
        cancel: CancelToken | None = None,
    ) -> ElizaMessagePage:
        """Return some of the session's messages, newest first: at most ``limit``, 1 to 100.

        The server returns 50 if there is no limit. ``before`` and ``after`` are exclusive: an aware
        datetime, of which whole milliseconds count, or milliseconds since 1970. With ``after`` the
        server looks at the newest ``20 * limit`` messages alone and returns the oldest of those
        that are later, so that some may be missing on either side: ``iter_messages`` misses none.

        Raises:
            ConfigurationError: The limit is out of range, or both times are given.
            NotFoundError: The server knows no such session, any more or at all.
            SessionExpiredError: The session has expired.
            AuthenticationError: The server wants a key, or another one.
            TransportError: No complete answer came; DeadlineExceeded if it was time that ran out.
            HttpStatusError: The server refused otherwise.
            ContractError: The answer was not what elizaOS documents.
        """
        answer: ElizaMessagePage = carry(
            self,
            "get_messages",
            (session_id, limit, before, after),
            timeout,
            max_retries,
            resend_unsafe,
            cancel,
        )
        return answer

    def iter_messages(
        self,
        session_id: str,
        *,
        newest_first: bool = True,
        since: datetime | int | None = None,
        timeout: float | timedelta | None = None,
        max_retries: int | None = None,
        resend_unsafe: bool | None = None,
        cancel: CancelToken | None = None,
    ) -> Generator[ElizaMessage, None, None]:
        """Yield the session's messages, each once: those of ``since`` and later, or all.

        Pages of 100 messages are asked for as the loop takes them, from the newest back, and the
        options are each page's. A message that comes while the loop runs may or may not be
        yielded. With ``newest_first=False`` all pages are asked for before the first message is
        yielded.

        The server counts 1,000 requests in 15 minutes for each address.

        Raises:
            ContractError: A millisecond has 100 messages or more, which the server cannot page.
            CallError: As ``get_messages``.
        """
        oldest = None if since is None else milliseconds_of(since)
        pages = Pages(oldest)
        waiting: list[ElizaMessage] = []
        while not pages.is_over:
            page = self.get_messages(
                session_id,
                limit=PAGE,
                before=pages.before,
                timeout=timeout,
                max_retries=max_retries,
                resend_unsafe=resend_unsafe,
                cancel=cancel,
            )
            for message in pages.take(page):
                if newest_first:
                    yield message
                else:
                    waiting.append(message)
        for message in reversed(waiting):
            yield message

    def find_message(
        self,
        session_id: str,
        message_key: str,
        *,
        timeout: float | timedelta | None = None,
        max_retries: int | None = None,
        resend_unsafe: bool | None = None,
        cancel: CancelToken | None = None,
    ) -> ElizaMessage | None:
        """Return the newest message of the session that was sent with that key, or None.

        For the case where the answer to ``send_message`` was lost. None does not say that there
        will be none: the server may still be at it.

        Raises:
            ConfigurationError: The key is no text, or is empty.
            CallError: As ``iter_messages``, which this asks.
        """
        check_key("message_key", message_key)
        for message in self.iter_messages(
            session_id,
            timeout=timeout,
            max_retries=max_retries,
            resend_unsafe=resend_unsafe,
            cancel=cancel,
        ):
            if not message.is_agent and has_key(message, message_key):
                return message
        return None
