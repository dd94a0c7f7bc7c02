"""A process that may start no more threads gets errors, and ends neither itself nor the mock."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.support.peers import peer, says
from tests.support.wire import once

#: In KiB: a thread's stack would be larger than any address space, so none can be started.
NO_THREADS = 'ulimit -s 137438953472; exec "$@"'

PROGRAM = """
import asyncio, json
from sessionvitals import AsyncElizaClient, AsyncPingClient, PingClient, TransportError

async def ask():
    client = AsyncPingClient("k", base_url="http://127.0.0.1:1", max_retries=0)
    ways = {
        "a call": lambda: client.probe("s"),
        "a stream": lambda: anext(client.events()),
        "a watch": lambda: anext(client.watch("s", deadline=60)),
    }
    found = {}
    for name, way in ways.items():
        try:
            await way()
        except TransportError as error:
            found[name] = str(error)
    found["a bulk"] = [str(outcome.error) async for outcome in client.probe_many(["s"])][0]
    return found

found = asyncio.run(ask())
try:
    PingClient("k", base_url="http://localhost:1", max_retries=0).probe("s")
except TransportError as error:
    found["a name"] = str(error)
print(json.dumps(found))
"""


@contextmanager
def without_threads(*command: str | Path) -> Iterator[subprocess.Popen[bytes]]:
    limited = ["bash", "-c", NO_THREADS, "bash", *command]
    with subprocess.Popen(limited, stdout=subprocess.PIPE) as process:
        try:
            yield process
        finally:
            process.terminate()


def test_every_way_to_ask_says_so() -> None:
    with without_threads(sys.executable, "-c", PROGRAM) as process:
        said, _ = process.communicate(timeout=60)
    found: dict[str, Any] = json.loads(said)
    assert set(found) == {"a call", "a stream", "a watch", "a bulk", "a name"}
    assert {
        name for name, error in found.items() if "thread could be started" not in error
    } == set()


def test_a_mock_that_records_says_so_and_goes_on(mock_binary: Path, tmp_path: Path) -> None:
    target = tmp_path / "file.json"
    with peer(says(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")) as server:
        recording = ["--record", server.url, "--to", str(target)]
        with without_threads(mock_binary, "--port", "0", *recording) as mock:
            assert mock.stdout is not None
            port = json.loads(mock.stdout.readline())["port"]
            for _ in range(2):
                refused = once(port, "/customer/v2/sessions/vpn/status", Authorization="key")
                assert refused.http_status == 503
                assert "thread" in refused.json["error"]["message"]
            mock.terminate()
            assert mock.wait(timeout=10) == 0
