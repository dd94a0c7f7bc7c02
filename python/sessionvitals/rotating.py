"""What stands in place of a client's compiled half: where its key is a function, and once it is closed."""

from __future__ import annotations

import os
from _thread import RLock  # threading costs more to import than all of this
from datetime import timedelta
from time import monotonic

from .errors import AuthenticationError, ConfigurationError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

#: The function is asked so often at most, in seconds, while the vendor takes the key.
BETWEEN_QUESTIONS = 60.0


class KeySource:
    """A function that gives the key, and what it gave last. A client and its views share one."""

    __slots__ = ("_ask", "_asked", "_key", "_lock", "_process", "_refused", "answers")

    def __init__(self, ask: Callable[[], str]) -> None:
        self._ask = ask
        # Held while the function is asked: by a thread that the child of a fork does not have, or by
        # this one, whose signal handler or whose function itself makes a call.
        self._lock = RLock()
        self._process = os.getpid()
        self._refused: str | None = None
        self._key = ""
        #: What came under the key, for calls with ``max_age``: forgotten with the key.
        self.answers: dict[str, Any] = {}
        self._renew()

    @property
    def _asking(self) -> RLock:
        if self._process != os.getpid():
            self._lock, self._process = RLock(), os.getpid()
        return self._lock

    def current(self) -> str:
        """Return the key, at most a minute old. Raises what the function raises.

        While one thread asks the function, the others have the last key.
        """
        if self._is_due() and (asking := self._asking).acquire(blocking=False):
            try:
                if self._is_due():
                    self._renew()
            finally:
                asking.release()
        return self._key

    def replace(self, refused: str) -> bool:
        """Return whether there is another key than the one refused: the function is asked once.

        Waits while another thread asks it.
        """
        with self._asking:
            if self._key == refused and self._refused != refused:
                self._refused = refused
                self._renew()
            return self._key != refused

    def take_back(self, unusable: str, last: str) -> None:
        """Have the last key again, and the function asked at the next call: no client takes it."""
        with self._asking:
            if self._key == unusable:
                self._key = last
                self._asked = monotonic() - BETWEEN_QUESTIONS

    def _is_due(self) -> bool:
        return monotonic() - self._asked >= BETWEEN_QUESTIONS

    def _renew(self) -> None:
        self._asked = monotonic()
        try:
            key = self._ask()
            if not isinstance(key, str):
                raise ConfigurationError(
                    f"the function given for the key returned {type(key).__name__}: return the key, "
                    "a str"
                )
        except BaseException:
            self._asked -= BETWEEN_QUESTIONS
            raise
        if key != self._key:
            self.answers.clear()
        self._key = key


class RotatingClient:
    """Stands in place of a client's compiled half: always one made with the present key."""

    __slots__ = ("_made", "_make", "keys")

    def __init__(self, keys: KeySource, make: Callable[[str], Any]) -> None:
        self.keys: KeySource = keys
        self._make = make
        key = keys.current()
        self._made = (key, make(key))

    def with_options(self, **options: object) -> RotatingClient:
        make = self._make
        return RotatingClient(self.keys, lambda key: make(key).with_options(**options))

    def present(self) -> tuple[str, Any]:
        """Return the key, and the compiled client that has it."""
        key = self.keys.current()
        made = self._made
        if key != made[0]:
            try:
                made = self._made = (key, self._make(key))
            except ConfigurationError:
                self.keys.take_back(key, made[0])
                raise
        return made

    def options_after_refusal(
        self, key: str, operation: str, options: dict[str, Any], begun: float
    ) -> dict[str, Any] | None:
        """Return the options of a second call after the vendor refused that key; None for none.

        A call that can change something is not made again, and the next one has the other key.
        """
        compiled = self._made[1]
        if not self.keys.replace(key) or compiled.effect_of(operation) != "none":
            return None
        timeout = options.get("timeout", compiled.timeout)
        seconds = timeout.total_seconds() if isinstance(timeout, timedelta) else timeout
        left = seconds - (monotonic() - begun)
        return {**options, "timeout": left} if left > 0 else None

    def __getattr__(self, name: str) -> Any:
        if not callable(getattr(self._made[1], name)):
            return getattr(self._made[1], name)
        key, compiled = self.present()
        method = getattr(compiled, name)
        if name.startswith(("begin_", "bulk_")):
            return method

        def ask(*question: object, **options: Any) -> Any:
            begun = monotonic()
            try:
                return method(*question, **options)
            except AuthenticationError:
                again = self.options_after_refusal(key, name, options, begun)
                if again is None:
                    raise
            return getattr(self.present()[1], name)(*question, **again)

        return ask


class Opened:
    """The compiled half of a stream, and the key that it was made with."""

    __slots__ = ("_key", "_may_change_key", "_rotating", "compiled")

    def __init__(
        self, client: Any, operation: str, question: tuple[object, ...], options: dict[str, Any]
    ) -> None:
        self._rotating = client if type(client) is RotatingClient else None
        self._key = ""
        if self._rotating is not None:
            self._key, client = self._rotating.present()
        self._may_change_key: bool = client.effect_of(operation) == "none"
        self.compiled: Any = getattr(client, "open_" + operation)(*question, **options)

    def take_other_key(self) -> bool:
        """Return whether the stream goes on with another key than the one that was refused.

        One that may have acted does not, but the next call has the other key.
        """
        if self._rotating is None or not self._rotating.keys.replace(self._key):
            return False
        self._key, client = self._rotating.present()
        if self._may_change_key:
            self.compiled.use(client)
        return self._may_change_key


def with_key(key: str | Callable[[], str] | None, make: Callable[[Any], Any]) -> Any:
    """Return the compiled client that `make` makes of a key, or what renews it for a function."""
    return RotatingClient(KeySource(key), make) if callable(key) else make(key)


class PinnedClient:
    """The compiled half for what asks again and again with the key that it began with."""

    __slots__ = ("_key", "_keys", "_tally", "compiled", "has_other_key")

    def __init__(self, client: Any) -> None:
        client.timeout  # noqa: B018 - which a closed client has not: it raises
        self._keys: KeySource | None = None
        self._key = ""
        self._tally: Any = None
        if type(client) is RotatingClient:
            self._keys = client.keys
            self._key, client = client.present()
        self.compiled: Any = client
        #: Whether the key was refused, and the function has given another one.
        self.has_other_key: bool = False

    def count_refusals(self, options: dict[str, Any]) -> None:
        """Have a bulk with these options count its outcomes, where its key may change."""
        if self._keys is not None:
            from ._core import BulkTally

            self._tally = options.setdefault("tally", BulkTally())

    def note_counted_refusals(self) -> None:
        """Do as ``note_refusal`` if the bulk has counted one."""
        if self._keys is not None and any(
            kind == AuthenticationError.__name__ for _, kind in self._tally.ids
        ):
            self.note_refusal()

    @property
    def may_change_key(self) -> bool:
        """Whether the key is a function's, and was not refused yet."""
        return self._keys is not None

    def note_refusal(self) -> None:
        """Have the function asked for the next call, as it is after a call's refusal."""
        keys, self._keys = self._keys, None
        if keys is not None:
            try:
                self.has_other_key = keys.replace(self._key)
            except Exception:  # noqa: BLE001 - the next call asks it again, and raises this
                return


def keep_to_key(client: Any, answers: dict[str, Any]) -> None:
    """Have the answers forgotten as soon as a client's key is another one."""
    if type(client) is RotatingClient:
        client.keys.answers = answers
        client.keys.current()


def compiled_of(client: Any) -> Any:
    """Return the compiled client that a client has now, with its present key."""
    client.timeout  # noqa: B018 - which a closed client has not: it raises
    return client.present()[1] if type(client) is RotatingClient else client


class Closed:
    """Raises ConfigurationError for every call."""

    __slots__ = ()

    base_url = "closed"

    def __getattr__(self, name: str) -> object:
        raise ConfigurationError("this client is closed: make a new one, or close it later")
