"""One HTTP client asking for sessions, in a process of its own; prints what it took as JSON.

    python subjects.py CLIENT HOW BASE_URL CALLS [CONCURRENCY] [CA_FILE]

HOW is one (call after call: the median in microseconds), many (at once: calls a second), bulks
(many, again and again), gather (asyncio tasks) or generator (many, from a generator, with the
memory at the start and the end).
Every client does what its users do: the answer is read into a dataclass.
"""

from __future__ import annotations

import asyncio
import concurrent.futures
import json
import resource
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

KEY = {"Authorization": "ping-sandbox-key", "Accept": "application/json"}


@dataclass(frozen=True)
class Status:
    client_id: str
    status: str
    duration: int | None = None
    uploaded_bytes: int | None = None
    downloaded_bytes: int | None = None


def read(body: bytes) -> Status:
    return Status(**json.loads(body))


def resident() -> float:
    """Return what is resident, in MiB."""
    return int(Path("/proc/self/statm").read_text().split()[1]) / 256


def one_by_one(ask: Callable[[], object], calls: int) -> dict[str, float]:
    for _ in range(20):
        ask()
    times = []
    for _ in range(calls):
        begun = time.perf_counter()
        ask()
        times.append(time.perf_counter() - begun)
    return {"p50": statistics.median(times) * 1e6}


def url_of(base: str, number: int) -> str:
    return f"{base}/sessions/s-{number}/status"


class Sessionvitals:
    def __init__(self, base: str, ca_file: str | None) -> None:
        import sessionvitals

        self.awaited_class = sessionvitals.AsyncPingClient  # not loaded before it is asked for
        self.made = {"base_url": base, "ca_file": ca_file, "timeout": 60.0}
        # As many connections as any of them asks for at once.
        self.client = sessionvitals.PingClient(
            "ping-sandbox-key",
            max_connections=1024,
            **self.made,  # type: ignore[arg-type]
        )

    def one(self, calls: int) -> dict[str, float]:
        probe = self.client.probe
        return one_by_one(lambda: probe("s-4711"), calls)

    def prepare(self, calls: int) -> None:
        """Make the ids: the caller has them already."""
        self.ids = [f"s-{n}" for n in range(calls)]

    def many(self, calls: int, concurrency: int) -> int:
        outcomes = self.client.probe_many(self.ids[:calls], concurrency=concurrency)
        return sum(outcome.session is None for outcome in outcomes)

    def bulks(self, calls: int, concurrency: int) -> dict[str, float]:
        """Run bulks of so many calls one after the other: one of 1,000 is over in 10 ms."""
        times = max(1, 60_000 // calls)
        begun = time.perf_counter()
        failed = sum(self.many(calls, concurrency) for _ in range(times))
        return {"rate": times * calls / (time.perf_counter() - begun), "failed": failed}

    def table(self, calls: int, concurrency: int) -> int:
        return calls - len(self.client.probe_table(self.ids[:calls], concurrency=concurrency))

    def generator(self, calls: int, concurrency: int) -> dict[str, float]:
        ids = (f"s-{n}" for n in range(calls))
        part = calls // 10
        marks = []
        for count, _ in enumerate(self.client.probe_many(ids, concurrency=concurrency)):
            if count % part == 0:
                marks.append((time.perf_counter(), resident()))
        marks.append((time.perf_counter(), resident()))
        first, last = marks[2][0] - marks[1][0], marks[-1][0] - marks[-2][0]
        return {
            "rate": calls / (marks[-1][0] - marks[0][0]),
            "first": part / first,
            "last": part / last,
            "grown": max(mark[1] for mark in marks) - marks[0][1],
        }

    def kept(self, calls: int, concurrency: int) -> dict[str, float]:
        before = resident()
        kept = list(self.client.probe_many(self.ids[:calls]))
        assert len(kept) == calls
        return {"grown": resident() - before}

    def gather(self, calls: int, concurrency: int) -> int:
        async def ask() -> int:
            client = self.awaited_class(
                "ping-sandbox-key",
                max_connections=concurrency,
                **self.made,  # type: ignore[arg-type]
            )
            answers = await asyncio.gather(*(client.probe(f"s-{n}") for n in range(calls)))
            return calls - len(answers)

        return asyncio.run(ask())

    def async_many(self, calls: int, concurrency: int) -> int:
        async def ask() -> int:
            client = self.awaited_class(
                "ping-sandbox-key",
                max_connections=1024,
                **self.made,  # type: ignore[arg-type]
            )
            failed = 0
            async for outcome in client.probe_many(self.ids[:calls], concurrency=concurrency):
                failed += outcome.session is None
            return failed

        return asyncio.run(ask())


class Pycurl:
    def __init__(self, base: str, ca_file: str | None) -> None:
        import pycurl

        self.pycurl, self.base, self.ca_file = pycurl, base, ca_file

    def handle(self) -> Any:
        handle = self.pycurl.Curl()
        handle.setopt(self.pycurl.HTTPHEADER, [f"{name}: {value}" for name, value in KEY.items()])
        if self.ca_file:
            handle.setopt(self.pycurl.CAINFO, self.ca_file)
        return handle

    def one(self, calls: int) -> dict[str, float]:
        from io import BytesIO

        handle = self.handle()

        def ask() -> Status:
            body = BytesIO()
            handle.setopt(self.pycurl.URL, url_of(self.base, 4711))
            handle.setopt(self.pycurl.WRITEDATA, body)
            handle.perform()
            return read(body.getvalue())

        return one_by_one(ask, calls)

    def many(self, calls: int, concurrency: int) -> int:
        from io import BytesIO

        multi = self.pycurl.CurlMulti()
        numbers: Iterator[int] = iter(range(calls))
        done = 0

        def begin(handle: Any) -> bool:
            number = next(numbers, None)
            if number is None:
                return False
            handle.body = BytesIO()
            handle.setopt(self.pycurl.URL, url_of(self.base, number))
            handle.setopt(self.pycurl.WRITEDATA, handle.body)
            multi.add_handle(handle)
            return True

        handles = [self.handle() for _ in range(concurrency)]
        for handle in handles:
            begin(handle)
        while done < calls:
            multi.perform()
            while True:
                left, good, bad = multi.info_read()
                for handle in [*good, *(entry[0] for entry in bad)]:
                    multi.remove_handle(handle)
                    read(handle.body.getvalue())
                    done += 1
                    begin(handle)
                if not left:
                    break
            multi.select(0.01)
        return 0


class Threaded:
    """A synchronous client: many at once by a pool of threads, as its users do."""

    def __init__(self, base: str, ca_file: str | None) -> None:
        self.base = base
        self.get = self.open(ca_file)

    def open(self, ca_file: str | None) -> Callable[[str], bytes]:
        raise NotImplementedError

    def one(self, calls: int) -> dict[str, float]:
        url = url_of(self.base, 4711)
        return one_by_one(lambda: read(self.get(url)), calls)

    def many(self, calls: int, concurrency: int) -> int:
        with concurrent.futures.ThreadPoolExecutor(concurrency) as workers:
            list(workers.map(lambda n: read(self.get(url_of(self.base, n))), range(calls)))
        return 0


class Requests(Threaded):
    def open(self, ca_file: str | None) -> Callable[[str], bytes]:
        import requests
        from requests.adapters import HTTPAdapter

        session = requests.Session()
        session.headers.update(KEY)
        for scheme in ("http://", "https://"):
            session.mount(scheme, HTTPAdapter(pool_maxsize=256))
        return lambda url: session.get(url, verify=ca_file or True).content


class Niquests(Threaded):
    def open(self, ca_file: str | None) -> Callable[[str], bytes]:
        import niquests

        session = niquests.Session(pool_maxsize=256)
        session.headers.update(KEY)
        return lambda url: session.get(url, verify=ca_file or True).content or b""


class Urllib3(Threaded):
    def open(self, ca_file: str | None) -> Callable[[str], bytes]:
        import urllib3

        pool = urllib3.PoolManager(maxsize=256, ca_certs=ca_file)
        return lambda url: pool.request("GET", url, headers=KEY).data


class Httpx(Threaded):
    def open(self, ca_file: str | None) -> Callable[[str], bytes]:
        import ssl

        import httpx

        verify = ssl.create_default_context(cafile=ca_file) if ca_file else True
        client = httpx.Client(headers=KEY, verify=verify)
        return lambda url: client.get(url).content

    def many(self, calls: int, concurrency: int) -> int:
        import httpx

        async def ask() -> None:
            limits = httpx.Limits(
                max_connections=concurrency, max_keepalive_connections=concurrency
            )
            async with httpx.AsyncClient(headers=KEY, limits=limits, timeout=60) as client:
                numbers = iter(range(calls))

                async def work() -> None:  # faster with it than a task for each call
                    for number in numbers:
                        read((await client.get(url_of(self.base, number))).content)

                await asyncio.gather(*(work() for _ in range(concurrency)))

        asyncio.run(ask())
        return 0


class HttpxThreads(Httpx):
    many = Threaded.many


class Aiohttp:
    def __init__(self, base: str, ca_file: str | None) -> None:
        import ssl

        import aiohttp

        self.aiohttp, self.base = aiohttp, base
        self.ssl = ssl.create_default_context(cafile=ca_file) if ca_file else True

    def session(self, concurrency: int) -> Any:
        connector = self.aiohttp.TCPConnector(limit=concurrency, ssl=self.ssl)
        return self.aiohttp.ClientSession(headers=KEY, connector=connector)

    def one(self, calls: int) -> dict[str, float]:
        async def ask() -> dict[str, float]:
            async with self.session(1) as session:
                times = []
                for _ in range(calls):
                    begun = time.perf_counter()
                    async with session.get(url_of(self.base, 4711)) as response:
                        read(await response.read())
                    times.append(time.perf_counter() - begun)
                return {"p50": statistics.median(times) * 1e6}

        return asyncio.run(ask())

    def many(self, calls: int, concurrency: int) -> int:
        async def ask() -> None:
            async with self.session(concurrency) as session:

                async def get(number: int) -> None:
                    async with session.get(url_of(self.base, number)) as response:
                        read(await response.read())

                await asyncio.gather(*(get(number) for number in range(calls)))

        asyncio.run(ask())
        return 0

    gather = many


SUBJECTS: dict[str, Any] = {
    "sessionvitals": Sessionvitals,
    "pycurl": Pycurl,
    "aiohttp": Aiohttp,
    "urllib3": Urllib3,
    "niquests": Niquests,
    "httpx": Httpx,
    "httpx-threads": HttpxThreads,
    "requests": Requests,
}


def main() -> None:
    name, how, base, count, *rest = sys.argv[1:]
    calls = int(count)
    concurrency = int(rest[0]) if rest else 1
    subject = SUBJECTS[name](base, rest[1] if len(rest) > 1 else None)
    if how == "one":
        print(json.dumps(subject.one(calls)))
        return
    work = getattr(subject, how)
    if isinstance(subject, Sessionvitals):
        subject.prepare(calls)
        if how in ("many", "bulks", "table", "kept", "async_many"):
            # As for a program that runs on: connections are open.
            subject.many(concurrency, concurrency)
    used = resource.getrusage(resource.RUSAGE_SELF)
    begun = time.perf_counter()
    result = work(calls, concurrency)
    seconds = time.perf_counter() - begun
    spent = resource.getrusage(resource.RUSAGE_SELF)
    cpu = spent.ru_utime + spent.ru_stime - used.ru_utime - used.ru_stime
    figures = {"rate": calls / seconds, "cpu": cpu / calls * 1e6}
    figures.update(result if isinstance(result, dict) else {"failed": result})
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
