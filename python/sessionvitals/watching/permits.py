"""The thread that takes the permits of a watch that has a pace."""

from __future__ import annotations

TYPE_CHECKING = False  # typing itself is not imported: `import sessionvitals` is to be cheap
if TYPE_CHECKING:
    from .._core import Watch
    from ..pacing.pace import Pace


class Permits:
    """Gives a watch a permit of the pace for each of its looks, in a thread, until it ends."""

    def __init__(self, watch: Watch, pace: Pace) -> None:
        from threading import Thread

        #: What the pace raised; the watch is closed then.
        self.error: Exception | None = None
        Thread(
            target=self._give, args=(watch, pace), name="sessionvitals-pace", daemon=True
        ).start()

    def _give(self, watch: Watch, pace: Pace) -> None:
        try:
            while True:
                is_over, is_wanted, closed_for = watch.await_need()
                if is_over:
                    return
                if closed_for > 0:
                    pace.close_for(closed_for)
                if is_wanted and pace._take_or_wait():
                    watch.give_permit()
        except Exception as error:  # noqa: BLE001 - who reads the watch raises it
            self.error = error
            watch.close()
