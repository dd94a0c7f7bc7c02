"""A vendor's stream for asyncio: waited for by a thread of the compiled core."""

from __future__ import annotations

from collections.abc import AsyncIterator

from ..errors import AuthenticationError
from ..rotating import Opened
from .hub import hub_of, running_loop

TYPE_CHECKING = False  # typing itself is not imported: `import sessionvitals` is to be cheap
if TYPE_CHECKING:
    from types import TracebackType
    from typing import Any, TypeVar

    from typing_extensions import Self

    from .client import AsyncClient

    T_co = TypeVar("T_co", covariant=True)


class AsyncEventStream(AsyncIterator["T_co"]):
    """The items of a stream, as they come: for ``async for``, and ``async with`` to close it.

    Nothing is sent before the first item is asked for. A stream that is closed, whose task is
    cancelled while it waits for an item, or that nobody holds any more, has given its connection
    back. It belongs to one event loop, and to the process that made it.
    """

    __slots__ = ("_opened",)

    def __init__(
        self,
        client: AsyncClient,
        operation: str,
        question: tuple[object, ...],
        options: dict[str, Any],
    ) -> None:
        self._opened = Opened(client._compiled, operation, question, options)

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> T_co:
        """Wait for the next item. Raises StopAsyncIteration once the stream has ended for good."""
        try:
            item: T_co | None = await self._next()
        except AuthenticationError:
            if not self._opened.take_other_key():
                raise
            item = await self._next()
        if item is None:
            raise StopAsyncIteration
        return item

    @property
    def is_over(self) -> bool:
        """Whether the stream has ended, in good order or by the error that was raised.

        After a ContractError for one event it has not: the next item may be asked for.
        """
        return bool(self._opened.compiled.is_over)

    async def _next(self) -> Any:
        is_over = False
        try:
            item = await self._opened.compiled.begin_next(hub_of(running_loop()).inbox)
            is_over = True
            return item
        except Exception:
            is_over = True
            raise
        finally:
            if not is_over:  # the task was cancelled
                self._opened.compiled.close()

    async def aclose(self) -> None:
        """End the stream. A wait of another task ends with CallCancelled."""
        self._opened.compiled.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.aclose()
