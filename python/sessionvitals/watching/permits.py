"""The thread that takes the permits of a watch that has a pace."""

from __future__ import annotations

import time

TYPE_CHECKING = False  # typing itself is not imported: `import sessionvitals` is to be cheap
if TYPE_CHECKING:
    from .._core import Watch
    from ..pacing.pace import Pace

#: The longest sleep, in seconds: the watch may end, and the pace be closed, meanwhile.
_LONGEST_SLEEP = 0.05


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
                if is_wanted:
                    _give_one(watch, pace)
        except Exception as error:  # noqa: BLE001 - who reads the watch raises it
            self.error = error
            watch.close()


def _give_one(watch: Watch, pace: Pace) -> None:
    """Give a permit, if there is one by now."""
    wait = pace.try_take()
    if wait is None:
        pace.renew()
    elif wait:
        time.sleep(min(wait, _LONGEST_SLEEP))
    else:
        watch.give_permit()
