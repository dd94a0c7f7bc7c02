"""A vendor's stream, waited for in the caller's own thread."""

from __future__ import annotations

from _collections_abc import Iterator

from ..errors import AuthenticationError
from ..rotating import Opened

TYPE_CHECKING = False  # typing itself is not imported: `import sessionvitals` is to be cheap
if TYPE_CHECKING:
    from types import TracebackType
    from typing import Any, TypeVar

    from typing_extensions import Self

    from .client import Client

    T_co = TypeVar("T_co", covariant=True)


class EventStream(Iterator["T_co"]):
    """The items of a stream, as they come: an iterator, and a context manager that closes it.

    Nothing is sent before the first item is asked for. A stream that is closed, or that nobody
    holds any more, has given its connection back. It belongs to one thread at a time, but for
    ``close``, and to the process that made it.
    """

    __slots__ = ("_opened",)

    def __init__(
        self, client: Client, operation: str, question: tuple[object, ...], options: dict[str, Any]
    ) -> None:
        self._opened = Opened(client._compiled, operation, question, options)

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> T_co:
        """Wait for the next item. Raises StopIteration once the stream has ended for good."""
        try:
            item: T_co | None = self._opened.compiled.next()
        except AuthenticationError:
            if not self._opened.take_other_key():
                raise
            item = self._opened.compiled.next()
        if item is None:
            raise StopIteration
        return item

    @property
    def is_over(self) -> bool:
        """Whether the stream has ended, in good order or by the error that was raised.

        After a ContractError for one event it has not: the next item may be asked for.
        """
        return bool(self._opened.compiled.is_over)

    def close(self) -> None:
        """End the stream. A wait in another thread ends with CallCancelled."""
        self._opened.compiled.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()
