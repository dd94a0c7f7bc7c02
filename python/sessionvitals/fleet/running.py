"""A run on one machine: processes that take one partition after the other."""

from __future__ import annotations

import heapq
import os
import pickle
import random
import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from multiprocessing import get_context
from multiprocessing.connection import Connection, wait
from typing import TYPE_CHECKING, Any

from ..errors import AuthenticationError, ConfigurationError, SessionVitalsError
from ..pacing.pace import Pace, check_pace
from .plan import partition
from .status import FleetStatus, commit, status_of
from .stores import store_of
from .unit import (
    ClientFactory,
    UnitReport,
    check_client,
    check_factory,
    make_client,
    poll_partition,
    source_of,
)

if TYPE_CHECKING:
    from multiprocessing.context import SpawnProcess

#: How long a failed unit waits before it is tried again, in seconds; after these it is given up.
WAITS = (1.0, 5.0, 25.0)
MOST_WORKERS = 256

#: Called with how many partitions are done, how many there are, and how many rows.
OnProgress = Callable[[int, int, int], object]


def run(
    ids: str | os.PathLike[str] | Iterable[str],
    client_factory: ClientFactory,
    out: str | os.PathLike[str],
    *,
    run_id: str,
    partitions: int | None = None,
    workers: int = 1,
    pace: Pace | Callable[[], Pace] | None = None,
    concurrency: int = 64,
    resend_unsafe: bool = False,
    on_progress: OnProgress | None = None,
) -> FleetStatus:
    """Ask for every id by processes of this machine, and publish the rows under ``out``.

    What is published already is not asked for again, so a run that was cut goes on by the same
    call. A second one beside it is safe, and each leaves out what the other has published. A unit that fails is tried three times more while others
    go on; what is given up is in ``missing`` and ``failures`` of the status. When all is there it
    is committed.

    The processes are spawned: a script needs ``if __name__ == "__main__":``, and ``client_factory``
    has to be found by its name, as ``functools.partial(PingClient, timeout=5)`` is. A ``Pace`` is
    shared out among them; a ``RedisPace`` or a function that makes a pace goes to each.

    Raises:
        AuthenticationError: The vendor refused the key; nothing more is published.
        ConfigurationError: As ``poll_partition`` and ``partition`` do, or the pace's Redis refuses.
        FleetError: The run's folder cannot be read or written, or is of other ids.
        TransportError: The pace's Redis does not answer.
    """
    check_factory(client_factory)
    if not isinstance(workers, int) or not 1 <= workers <= MOST_WORKERS:
        raise ConfigurationError(f"workers must be from 1 to {MOST_WORKERS}, not {workers!r}.")
    # Here, so that a missing key is known before anything is done.
    with make_client(client_factory) as client:
        check_client(client, resend_unsafe)
        asked = source_of(client)
    check_picklable("client_factory", client_factory)
    if type(pace) is not Pace:  # of which each worker makes its share
        check_picklable("pace", pace)
    if isinstance(pace, Pace):
        pace.renew()  # here, so that a Redis that is not there is known at once
    plan = partition(ids, out, run_id=run_id, partitions=partitions)
    store = store_of(out)
    before = status_of(store, plan, asked=asked)
    workers = max(1, min(workers, len(before.missing)))
    options = {
        "run_id": run_id,
        "concurrency": concurrency,
        "resend_unsafe": resend_unsafe,
        "pace": for_worker(pace, workers),
    }
    crew = _Crew(
        partial(_work, os.fspath(out), client_factory, options),
        _in_any_order(before.missing),
        on_progress,
    )
    crew.done, crew.rows, crew.total = before.done, before.rows, plan.partitions
    crew.tell()
    crew.run(workers)
    if crew.failures:
        return status_of(store, plan, crew.failures)
    return commit(out, run_id)


def _in_any_order(partitions: Sequence[int]) -> list[int]:
    # So that two runs at once seldom do the same partition: each looks first if it is there.
    return random.sample(partitions, len(partitions))


def for_worker(
    pace: Pace | Callable[[], Pace] | None, workers: int
) -> Pace | Callable[[], Pace] | None:
    """Return what each worker has to make its pace. Raises ConfigurationError."""
    if type(pace) is Pace:
        part = pace.share(workers)
        return partial(Pace, part.rate, part.burst)
    if pace is not None and not callable(pace):
        check_pace(pace)
    return pace


def check_picklable(name: str, value: object) -> None:
    """Refuse what cannot go to a process. Raises ConfigurationError."""
    try:
        pickle.dumps(value)
    except Exception as error:
        raise ConfigurationError(
            f"{name} cannot go to the workers, which are processes of their own: {error}"
        ) from error


def make_pace(pace: Pace | Callable[[], Pace] | None) -> Pace | None:
    return pace if pace is None or isinstance(pace, Pace) else pace()


@dataclass
class _Failure:
    """What a worker says of a unit that failed. Words, as an error may hold what is not pickled."""

    partition: int
    kind: str
    words: str


def _work(
    out: str, client_factory: ClientFactory, options: dict[str, Any], connection: Connection
) -> None:
    """Do the partitions that come over the connection, until it ends. The main of a worker."""
    options = {**options, "pace": make_pace(options["pace"])}
    with suppress(EOFError, KeyboardInterrupt, BrokenPipeError):
        while True:
            number = connection.recv()
            try:
                connection.send(poll_partition(out, number, client_factory, **options))
            except (SessionVitalsError, OSError) as error:
                connection.send(_Failure(number, type(error).__name__, str(error)))


@dataclass
class _Worker:
    process: SpawnProcess
    connection: Connection
    partition: int | None = None


@dataclass
class _Crew:
    """The workers of a run, and what they have to do."""

    main: Callable[[Connection], None]
    todo: list[int]
    on_progress: OnProgress | None
    failures: dict[int, str] = field(default_factory=dict)
    done: int = 0
    rows: int = 0
    total: int = 0
    _later: list[tuple[float, int]] = field(default_factory=list)  # when to try again
    _attempts: dict[int, int] = field(default_factory=dict)
    _workers: list[_Worker] = field(default_factory=list)

    def run(self, workers: int) -> None:
        try:
            while self.todo or self._later or any(w.partition is not None for w in self._workers):
                now = time.monotonic()
                while self._later and self._later[0][0] <= now:
                    self.todo.append(heapq.heappop(self._later)[1])
                self._give(workers)
                self._hear(self._later[0][0] - now if self._later else None)
        finally:
            self._end()

    def tell(self) -> None:
        if self.on_progress is not None:
            self.on_progress(self.done, self.total, self.rows)

    def _give(self, workers: int) -> None:
        while self.todo:
            worker = next((w for w in self._workers if w.partition is None), None)
            if worker is None:
                if len(self._workers) == workers:
                    return
                worker = self._hire()
            number = self.todo.pop()
            try:
                worker.connection.send(number)
            except OSError:  # it has just died
                self.todo.append(number)
                self._dismiss(worker)
            else:
                worker.partition = number

    def _hear(self, longest: float | None) -> None:
        by_connection = {worker.connection: worker for worker in self._workers}
        for ready in wait(list(by_connection), longest):
            assert isinstance(ready, Connection)
            worker = by_connection[ready]
            try:
                said: UnitReport | _Failure = ready.recv()
            except (EOFError, OSError):
                self._dismiss(worker)
                if worker.partition is not None:
                    code = worker.process.exitcode
                    self._note(_Failure(worker.partition, "", f"its worker died, with {code}"))
                continue
            worker.partition = None
            if isinstance(said, UnitReport):
                self.done += 1
                self.rows += said.rows
                self.failures.pop(said.partition, None)
                self.tell()
            else:
                self._note(said)

    def _note(self, failure: _Failure) -> None:
        if failure.kind == "AuthenticationError":
            raise AuthenticationError(failure.words, http_status=401)
        if failure.kind == "ConfigurationError":
            raise ConfigurationError(failure.words)
        number = failure.partition
        tried = self._attempts[number] = self._attempts.get(number, 0) + 1
        if tried > len(WAITS):
            self.failures[number] = failure.words
        else:
            heapq.heappush(self._later, (time.monotonic() + WAITS[tried - 1], number))

    def _hire(self) -> _Worker:
        context = get_context("spawn")  # a client's connections are not to be forked
        ours, theirs = context.Pipe()
        process = context.Process(target=self.main, args=(theirs,), daemon=True)
        process.start()
        theirs.close()
        worker = _Worker(process, ours)
        self._workers.append(worker)
        return worker

    def _dismiss(self, worker: _Worker) -> None:
        worker.connection.close()
        worker.process.join()
        self._workers.remove(worker)

    def _end(self) -> None:
        for worker in list(self._workers):
            if worker.partition is not None:  # in the middle of a unit, which publishes or does not
                worker.process.terminate()
            self._dismiss(worker)
