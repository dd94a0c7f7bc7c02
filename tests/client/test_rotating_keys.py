"""A key may be a function: it is asked seldom, and once more when the vendor refuses its key."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from sessionvitals import (
    AsyncPingClient,
    AuthenticationError,
    ConfigurationError,
    PingClient,
    TiunClient,
    rotating,
)

STATUS = b'{"client_id":"c","status":"connected"}'


class Vendor:
    """Takes one key at a time, and remembers which were sent."""

    def __init__(self, key: str) -> None:
        self.key = key
        self.sent: list[str] = []
        self.url = ""


@pytest.fixture
def vendor() -> Iterator[Vendor]:
    made = Vendor("key-number-1")

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            sent = self.headers.get("Authorization") or self.headers.get("X-ACCESS-TOKEN") or ""
            made.sent.append(sent)
            body = STATUS if sent == made.key else b"{}"
            self.send_response(200 if sent == made.key else 401)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_PATCH = do_GET

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        made.url = f"http://127.0.0.1:{server.server_address[1]}"
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield made
        server.shutdown()
        thread.join()


class Keys:
    """Gives its keys in turn, the last for ever, and counts how often it was asked."""

    def __init__(self, *keys: Any) -> None:
        self.keys = [*keys]
        self.asked = 0

    def __call__(self) -> Any:
        self.asked += 1
        return self.keys.pop(0) if len(self.keys) > 1 else self.keys[0]


@contextmanager
def waiting(url: str, keys: Keys, **options: Any) -> Iterator[Callable[[str], Any]]:
    with PingClient(keys, base_url=url, **options) as client:
        yield client.session_status


@contextmanager
def awaiting(url: str, keys: Keys, **options: Any) -> Iterator[Callable[[str], Any]]:
    client = AsyncPingClient(keys, base_url=url, **options)
    loop = asyncio.new_event_loop()
    yield lambda session_id: loop.run_until_complete(client.session_status(session_id))
    loop.close()


each_face = pytest.mark.parametrize("face", [waiting, awaiting], ids=["sync", "asyncio"])


@each_face
def test_the_function_is_asked_once_for_many_calls(face: Any, vendor: Vendor) -> None:
    keys = Keys("key-number-1")
    with face(vendor.url, keys) as ask:
        for _ in range(5):
            assert ask("s").status == "connected"
    assert (keys.asked, len(vendor.sent)) == (1, 5)


@each_face
def test_a_refused_key_is_asked_for_once_more_and_the_call_made_again(
    face: Any, vendor: Vendor
) -> None:
    keys = Keys("key-number-0", "key-number-1")
    with face(vendor.url, keys) as ask:
        assert ask("s").status == "connected"
        assert ask("s").status == "connected"
    assert vendor.sent == ["key-number-0", "key-number-1", "key-number-1"]
    assert keys.asked == 2


@each_face
def test_a_function_that_gives_the_refused_key_again_is_not_asked_each_time(
    face: Any, vendor: Vendor
) -> None:
    keys = Keys("key-number-0")
    with face(vendor.url, keys) as ask:
        for _ in range(4):
            with pytest.raises(AuthenticationError):
                ask("s")
    assert (keys.asked, len(vendor.sent)) == (2, 4)


@each_face
def test_a_call_is_made_again_once_at_most(face: Any, vendor: Vendor) -> None:
    keys = Keys("key-number-7", "key-number-8", "key-number-9")
    with face(vendor.url, keys) as ask, pytest.raises(AuthenticationError):
        ask("s")
    assert vendor.sent == ["key-number-7", "key-number-8"]


@each_face
def test_a_minute_later_the_function_is_asked_again(
    face: Any, vendor: Vendor, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = 1000.0
    monkeypatch.setattr(rotating, "monotonic", lambda: now)
    keys = Keys("key-number-1", "key-number-2")
    with face(vendor.url, keys) as ask:
        now += 59
        assert ask("s").status == "connected"
        vendor.key = "key-number-2"
        now += 1
        assert ask("s").status == "connected"
    assert vendor.sent == ["key-number-1", "key-number-2"]


def test_a_call_that_can_change_something_is_not_made_again(vendor: Vendor) -> None:
    keys = Keys("key-number-0", "key-number-1")
    with TiunClient(keys, base_url=vendor.url) as tiun:
        with pytest.raises(AuthenticationError):
            tiun.verify("reader")
        assert vendor.sent == ["key-number-0"]
        assert tiun.verify("reader")
    assert vendor.sent == ["key-number-0", "key-number-1"]


def test_views_share_what_the_function_said(vendor: Vendor) -> None:
    keys = Keys("key-number-0", "key-number-1")
    with PingClient(keys, base_url=vendor.url) as client:
        view = client.with_options(max_retries=0, timeout=5)
        assert client.probe("s").live
        assert view.probe("s").live
        assert [outcome.error for outcome in view.probe_many(["a", "b"])] == [None, None]
    assert keys.asked == 2


@pytest.mark.parametrize("wrong", [None, b"bytes", 7])
def test_what_is_no_key_is_said_without_it(wrong: Any) -> None:
    with pytest.raises(ConfigurationError, match="return the key, a str") as raised:
        PingClient(Keys(wrong), base_url="http://127.0.0.1:1")
    assert repr(wrong) not in str(raised.value) or wrong is None


def test_a_function_that_fails_fails_the_call_and_is_asked_again(
    vendor: Vendor, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = 1000.0
    answers: list[str | OSError] = ["key-number-1", OSError("the vault is locked"), "key-number-1"]
    monkeypatch.setattr(rotating, "monotonic", lambda: now)

    def keys() -> str:
        answer = answers.pop(0)
        if isinstance(answer, OSError):
            raise answer
        return answer

    with PingClient(keys, base_url=vendor.url) as client:
        now += 60
        with pytest.raises(OSError, match="vault"):
            client.probe("s")
        assert client.probe("s").live
    assert answers == []


@pytest.mark.parametrize("wrong", ["", "key\nnumber", "key\r\nX: y", "k\0", "sn\u00f6"])
def test_a_key_that_cannot_be_sent_costs_one_call(
    vendor: Vendor, monkeypatch: pytest.MonkeyPatch, wrong: str
) -> None:
    now = 1000.0
    monkeypatch.setattr(rotating, "monotonic", lambda: now)
    keys = Keys("key-number-1", wrong, "key-number-1")
    with PingClient(keys, base_url=vendor.url) as client:
        now += 60
        with pytest.raises(ConfigurationError) as raised:
            client.probe("s")
        assert not wrong or wrong not in str(raised.value)
        assert client.probe("s").live
    assert (keys.asked, vendor.sent) == (3, ["key-number-1"])


def together(count: int, work: Callable[[], object]) -> list[object]:
    """Run the work in so many threads at once; return what each returned or raised."""
    begin = threading.Barrier(count)
    came: list[object] = []

    def run() -> None:
        begin.wait(20)
        try:
            came.append(work())
        except Exception as error:  # noqa: BLE001 - it is what came
            came.append(type(error))

    threads = [threading.Thread(target=run) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return came


def test_many_threads_ask_once_and_go_on_with_the_last_key_meanwhile(
    vendor: Vendor, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = 1000.0
    monkeypatch.setattr(rotating, "monotonic", lambda: now)
    others, asked = threading.Semaphore(0), []

    def keys() -> str:
        asked.append(threading.get_ident())
        if len(asked) > 1:  # until all the others have made their calls
            assert all(others.acquire(timeout=20) for _ in range(7))
        return "key-number-1"

    with PingClient(keys, base_url=vendor.url) as client:
        now += 60

        def work() -> bool:
            live = client.probe("s").live
            others.release()
            return live

        assert together(8, work) == [True] * 8
    assert len(asked) == 2


def test_many_threads_whose_key_is_refused_ask_once_and_all_have_the_other(
    vendor: Vendor,
) -> None:
    vendor.key = "key-number-2"
    keys = Keys("key-number-1", "key-number-2", "key-number-3")
    with PingClient(keys, base_url=vendor.url) as client:
        assert together(8, lambda: client.probe("s").live) == [True] * 8
    assert keys.asked == 2


def test_a_wait_goes_on_with_the_other_key(vendor: Vendor) -> None:
    keys = Keys("key-number-0", "key-number-1")
    with PingClient(keys, base_url=vendor.url) as client:
        assert client.wait_for("s", "active", deadline=60).live

    async def wait() -> bool:
        keys = Keys("key-number-0", "key-number-1")
        async with AsyncPingClient(keys, base_url=vendor.url) as client:
            return (await client.wait_for("s", "active", deadline=60)).live

    assert asyncio.run(wait())
    assert keys.asked == 2


def test_a_wait_whose_second_key_is_refused_fails(vendor: Vendor) -> None:
    keys = Keys("key-number-0", "key-number-2", "key-number-1")
    with (
        PingClient(keys, base_url=vendor.url) as client,
        pytest.raises(AuthenticationError),
    ):
        client.wait_for("s", "active", deadline=60)
    assert len(vendor.sent) == 2


def test_the_bulk_after_one_whose_key_was_refused_has_the_other(vendor: Vendor) -> None:
    keys = Keys("key-number-0", "key-number-1")
    with PingClient(keys, base_url=vendor.url) as client:
        assert {type(each.error) for each in client.probe_many(["a", "b", "c"])} == {
            AuthenticationError
        }
        assert [each.error for each in client.probe_many(["a"])] == [None]
    assert keys.asked == 2

    async def ask() -> list[bool]:
        keys = Keys("key-number-0", "key-number-1")
        async with AsyncPingClient(keys, base_url=vendor.url) as client:
            return [each.error is None for _ in "12" async for each in client.probe_many(["a"])]

    assert asyncio.run(ask()) == [False, True]


def test_the_call_after_a_table_whose_key_was_refused_has_the_other(vendor: Vendor) -> None:
    keys = Keys("key-number-0", "key-number-1")
    with PingClient(keys, base_url=vendor.url) as client:
        client.probe_table(["a", "b"])
        assert keys.asked == 2
        assert [each.error for each in client.probe_many(["a"])] == [None]

    async def ask() -> None:
        keys = Keys("key-number-0", "key-number-1")
        async with AsyncPingClient(keys, base_url=vendor.url) as client:
            await client.probe_table(["a", "b"])
            assert keys.asked == 2

    asyncio.run(ask())


def test_a_function_that_fails_about_a_refused_key_is_asked_at_the_next_call(
    vendor: Vendor,
) -> None:
    answers: list[Any] = ["key-number-0", OSError("the vault is locked"), "key-number-1"]

    def keys() -> str:
        answer = answers.pop(0)
        if isinstance(answer, OSError):
            raise answer
        return str(answer)

    with PingClient(keys, base_url=vendor.url) as client:
        with pytest.raises(OSError, match="vault"):
            client.probe("s")
        assert client.probe("s").live
    assert answers == []


def test_no_key_is_shown(vendor: Vendor) -> None:
    with PingClient(Keys("key-number-1"), base_url=vendor.url, max_retries=0) as client:
        compiled: Any = client._compiled
        shown = repr(client) + repr(compiled) + repr(compiled.keys)
    assert "key-number" not in shown


def test_a_function_that_makes_a_call_itself_hangs_nobody(vendor: Vendor) -> None:
    """As a signal handler may, which runs in the middle of the function."""
    vendor.key = "no key at all"
    asked: list[str] = []

    def key() -> str:
        asked.append("")
        if len(asked) == 2:
            with pytest.raises(AuthenticationError):
                client.session_status("s")
        return f"key-number-{len(asked)}"

    client = PingClient(key, base_url=vendor.url)
    with pytest.raises(AuthenticationError):
        client.session_status("s")
    assert len(asked) == 2


IN_CHILD = """
import os, sys, threading
from sessionvitals import AuthenticationError, PingClient

asked, is_asked = [], threading.Event()

def key():
    asked.append("")
    if len(asked) == 2:  # for the other thread, which the child does not have
        is_asked.set()
        threading.Event().wait()
    return f"key-number-{len(asked)}"

client = PingClient(key, base_url=sys.argv[1], timeout=5)

def ask():
    try:
        client.session_status("s")
    except AuthenticationError:
        pass

threading.Thread(target=ask, daemon=True).start()
is_asked.wait()
child = os.fork()
if child == 0:
    ask()
    os._exit(0)
_, status = os.waitpid(child, 0)
os._exit(status)
"""


def test_a_child_waits_for_no_thread_of_its_parent_that_asks_for_a_key(vendor: Vendor) -> None:
    vendor.key = "no key at all"
    program = [sys.executable, "-W", "ignore", "-c", IN_CHILD, vendor.url]
    done = subprocess.run(program, capture_output=True, text=True, timeout=30)
    assert (done.returncode, done.stderr) == (0, "")
