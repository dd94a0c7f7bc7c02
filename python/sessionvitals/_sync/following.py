"""How a watch and a keeper are read in their caller's thread."""

from __future__ import annotations

from .._core import begin_keeper as compiled_keeper
from ..errors import AuthenticationError
from ..rotating import PinnedClient, compiled_of
from ..watching.permits import Permits

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from .._core import Watch
    from ..pacing.pace import Pace
    from .client import Client
    from .watching import WatchingClient


class Changes:
    """The changes of a compiled watch."""

    def __init__(
        self,
        client: WatchingClient,
        session_ids: list[str],
        options: dict[str, Any],
        pace: Pace | None,
    ) -> None:
        self.client = PinnedClient(client._compiled)
        self.watch: Watch = self.client.compiled.bulk_watch(
            session_ids=session_ids, inbox=None, **options
        )
        self._permits = None
        if pace is not None:
            import weakref

            # Which keeps the compiled watch: one that is lost is to end all the same.
            self._permits = Permits(self.watch, pace)
            weakref.finalize(self, self.watch.close).atexit = False

    def next(self) -> tuple[Any, ...] | None:
        """Wait for the next change, and return it; None at the end."""
        try:
            told: tuple[Any, ...] | None = self.watch.next()
        except AuthenticationError:
            self.client.note_refusal()
            raise
        if told is None and self._permits is not None and self._permits.error is not None:
            raise self._permits.error
        return told

    def close(self) -> None:
        self.watch.close()


class Keeping:
    """A compiled keeper, and the thread that waits for its end if somebody is to be told of it."""

    def __init__(self, keeper: Any, on_lost: Callable[[Any], object] | None) -> None:
        self.keeper = keeper
        self._is_closed = False
        if on_lost is None:
            return
        import weakref
        from threading import Thread

        told = on_lost
        # The thread has the compiled keeper: one that is lost is to end all the same.
        keeping = weakref.ref(self)
        weakref.finalize(self, keeper.close).atexit = False

        def wait() -> None:
            while not keeper.wait():
                pass
            held = keeping()
            if keeper.is_lost and held is not None and not held._is_closed:
                told(keeper.session)

        Thread(target=wait, name="sessionvitals-keeper", daemon=True).start()

    def close(self) -> None:
        self._is_closed = True
        self.keeper.close()


def begin_keeper(
    client: Client,
    session_id: str,
    margin: float,
    on_lost: Callable[[Any], object] | None,
    calls: dict[str, Any],
) -> Keeping:
    """Return a keeper of the client's."""
    return Keeping(
        compiled_keeper(compiled_of(client._compiled), session_id, margin, **calls), on_lost
    )
