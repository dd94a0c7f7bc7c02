"""Many sessions followed in one thread: what they take, as JSON.

    python watched.py BASE_URL IDS EVERY EVENTS

Memory is counted from before the watch to its end, and the processor's time over one whole turn, in
which every session is looked at once and none changes.
"""

from __future__ import annotations

import json
import resource
import sys
import time

from subjects import KEY, resident

from sessionvitals import PingClient


def used() -> float:
    """Return the processor's time of this process, in seconds."""
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def main() -> None:
    base, count, every = sys.argv[1], int(sys.argv[2]), float(sys.argv[3])
    events = sys.argv[4]
    ids = [f"session-{number:06}" for number in range(count)]
    with PingClient(KEY["Authorization"], base_url=base) as client:
        client.probe(ids[0])
        before = resident()
        # The first looks are spread over a quarter of a turn; then one whole turn is measured.
        rate = 4 * count / every
        watch = client.watch_many(
            ids, deadline=1.3 * every, every=every, until=(), rate=rate, events=events
        )
        with watch:
            for _ in range(count):
                next(watch)
            cpu, begun = used(), time.monotonic()
            rest = list(watch)
            share = (used() - cpu) / (time.monotonic() - begun)
            if rest:
                raise RuntimeError(f"nothing changes, and yet: {rest[0]}")
            figures = {"mib": resident() - before, "share": share}
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
