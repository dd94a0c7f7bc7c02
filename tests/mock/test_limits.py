"""What the system refuses the mock, descriptors and files, is said or waited for, never spun on."""

from __future__ import annotations

import contextlib
import json
import os
import stat
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.support.calls import PING_KEY
from tests.support.sandbox import Mock, Space, start_mock
from tests.support.wire import connect, once, receive_answer, request


@contextlib.contextmanager
def with_few_descriptors(mock_binary: Path) -> Iterator[dict[str, Any]]:
    process = subprocess.Popen(
        ["bash", "-c", 'ulimit -n 32; exec "$0" --port 0', mock_binary], stdout=subprocess.PIPE
    )
    assert process.stdout is not None
    try:
        yield json.loads(process.stdout.readline())
    finally:
        process.terminate()
        process.wait(timeout=10)
        process.stdout.close()


def test_a_new_client_is_answered_beside_150_idle_ones(mock_binary: Path) -> None:
    with with_few_descriptors(mock_binary) as ready, contextlib.ExitStack() as open_ones:
        for _ in range(150):
            open_ones.enter_context(connect(ready["port"]))
        before = Mock(ready).processor_time()
        waited = once(ready["port"], "/__admin/requests/wait?timeout=0.5")
        assert waited.http_status == 200
        assert Mock(ready).processor_time() - before < 200_000_000
        for _ in range(20):
            assert once(ready["port"], "/__admin/health").http_status == 200


def test_clients_wait_while_no_connection_is_idle(mock_binary: Path) -> None:
    with with_few_descriptors(mock_binary) as ready, contextlib.ExitStack() as open_ones:
        port = ready["port"]
        assert once(port, "/__admin/faults", "POST", b'{"script":"stall*"}').http_status == 201
        stalled = []
        for _ in range(60):
            stalled.append(open_ones.enter_context(connect(port)))
            stalled[-1].sendall(request("/customer/v2/sessions/s/status", **PING_KEY))
            # Those that find a place stall one after the other: none is idle when the next comes.
            if len(stalled) <= 10:
                wanted = f"/__admin/requests/wait?provider=ping&exactly={len(stalled)}"
                assert once(port, wanted).json["timed_out"] is False
        waiting = open_ones.enter_context(connect(port))
        waiting.sendall(request("/__admin/health"))
        before = Mock(ready).processor_time()
        waiting.settimeout(0.5)
        with pytest.raises(TimeoutError):
            waiting.recv(1)
        assert Mock(ready).processor_time() - before < 200_000_000, "it spins"
        for connection in stalled:
            connection.close()
        assert receive_answer(waiting).http_status == 200


def run(
    mock_binary: Path, *arguments: str | Path, redirect: str = ""
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["bash", "-c", f'exec "$0" --port 0 "$@" {redirect}', mock_binary, *arguments],
        capture_output=True,
        text=True,
        check=False,
        timeout=10,
    )


@pytest.mark.parametrize("redirect", [">/dev/full", ">&-", "0<&- >&-"])
def test_a_ready_line_that_cannot_be_written_ends_it(mock_binary: Path, redirect: str) -> None:
    ended = run(mock_binary, redirect=redirect)
    assert ended.returncode == 74
    assert "ready line" in ended.stderr


def test_a_reader_that_has_gone_ends_it_with_words(mock_binary: Path) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    process = subprocess.run(
        [mock_binary, "--port", "0"],
        stdout=writing,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
        timeout=10,
    )
    os.close(writing)
    assert process.returncode == 74
    assert "ready line" in process.stderr


def test_a_recording_is_written_to_no_device(mock_binary: Path, tmp_path: Path) -> None:
    # Never a device of the machine: a mock that replaced it would break the machine.
    places = [tmp_path / "pipe", tmp_path / "device", tmp_path / "link", tmp_path]
    pipe, device, link, _ = places
    os.mkfifo(pipe)
    try:
        os.mknod(device, stat.S_IFCHR | 0o600, os.makedev(1, 3))
    except PermissionError:
        places.remove(device)
    link.symlink_to(pipe)
    before = {place: place.lstat().st_ino for place in places}
    for place in places:
        refused = run(mock_binary, "--record", "http://127.0.0.1:1", "--to", place)
        assert refused.returncode == 2
        assert "no regular file" in refused.stderr
    assert {place: place.lstat().st_ino for place in places} == before


def test_an_earlier_recording_stays_until_it_is_replaced(tmp_path: Path, space: Space) -> None:
    real = tmp_path / "real.json"
    real.write_text("earlier")
    real.chmod(0o640)
    link = tmp_path / "link.json"
    link.symlink_to(real)
    record = ["--record", space.url, "--to", str(link)]
    with start_mock(record):
        assert real.read_text() == "earlier"
    assert real.read_text() == "earlier", "nothing was recorded"
    with start_mock(record) as between:
        once(between.port, "/customer/v2/sessions/s/status", **PING_KEY)
        assert real.read_text() == "earlier"
    assert len(json.loads(real.read_text())["exchanges"]) == 1
    assert link.is_symlink()
    assert real.stat().st_mode & 0o777 == 0o640
    assert sorted(each.name for each in tmp_path.iterdir()) == ["link.json", "real.json"]
