"""cpp-httplib as an independent witness: its server answers our clients, its client asks our mock.

Nothing of ours is on the other side.
"""

from __future__ import annotations

import contextlib
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.support.consumers import ENVIRONMENT
from tests.support.peers.secure import AUTHORITY, CERTIFICATES
from tests.support.sandbox import start_mock
from tests.support.vendors import PING
from tests.transports.conftest import Calls

pytestmark = pytest.mark.slow

TLS = [pytest.param(False, id="plain"), pytest.param(True, id="tls")]


@contextlib.contextmanager
def httplib_server(programs: Path, *, is_tls: bool) -> Iterator[str]:
    """Run the server; return its URL."""
    command = [str(programs / "httplib_server"), PING.good_body.decode()]
    if is_tls:
        command.append(str(CERTIFICATES / "server.pem"))
    with subprocess.Popen(
        command, env=ENVIRONMENT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        port = int(process.stdout.readline())
        yield f"{'https' if is_tls else 'http'}://127.0.0.1:{port}"
        process.kill()  # its own end would wait until a connection that is kept has been idle for 5 s


@pytest.mark.parametrize("is_tls", TLS)
@pytest.mark.parametrize("framing", ["plain", "chunked"])
def test_an_httplib_server_answers_our_client_over_one_connection(
    framing: str, is_tls: bool, programs: Path
) -> None:
    trust = {"ca_file": str(AUTHORITY)} if is_tls else {}
    with (
        httplib_server(programs, is_tls=is_tls) as url,
        PING.client(f"{url}/{framing}", **trust) as client,
    ):
        answers = [PING.ask(client, "s") for _ in range(3)]

    assert [answer.uploaded_bytes for answer in answers] == [7, 7, 7]
    assert [answer.call.attempts[-1].reused for answer in answers] == [False, True, True]
    assert {answer.call.attempts[-1].tls_version for answer in answers} == (
        {"TLSv1.3"} if is_tls else {""}
    )


@pytest.mark.parametrize("is_tls", TLS)
@pytest.mark.parametrize("transport", ["own", "httplib"])
def test_an_httplib_server_gets_our_body_whole(
    transport: str, is_tls: bool, calls: Calls, programs: Path
) -> None:
    body = '{"message": "' + "a b & %41 " * 5000 + '"}'
    with httplib_server(programs, is_tls=is_tls) as url:
        answers = [
            calls.make(
                transport,
                url,
                method="POST",
                target="/echo",
                headers=[["Content-Type", "application/json"]],
                body=body,
                ca_file=str(AUTHORITY) if is_tls else "",
            )
            for _ in range(2)
        ]

    assert [bytes.fromhex(answer["body"]).decode() for answer in answers] == [body, body]
    assert [answer["attempts"][0]["reused"] for answer in answers] == [False, True]
    assert len({dict(answer["headers"])["X-From-Port"] for answer in answers}) == 1


def ask_by_httplib(programs: Path, origin: str, ca_file: str, *request: str) -> list[str]:
    """Run the client with the mock's key for Ping; return a line for each answer."""
    program = str(programs / "httplib_client")
    command = [program, origin, ca_file, "Authorization", str(PING.key)]
    done = subprocess.run(
        [*command, *request], env=ENVIRONMENT, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


@pytest.mark.parametrize("is_tls", TLS)
def test_an_httplib_client_asks_our_mock_plain_chunked_and_kept(
    is_tls: bool, programs: Path
) -> None:
    with start_mock(["--tls"] if is_tls else []) as mock:
        ca_file = str(mock.ready["ca_file"]) if is_tls else ""
        status = "/~witness/customer/v2" + PING.request("s").target

        def ask(*request: str) -> list[str]:
            return ask_by_httplib(programs, mock.url, ca_file, *request)

        body = '{"provider": "ping", "id": "s", "state": "connected", "uploaded_bytes": 7}'
        made = [
            ask(way, "POST", "/~witness/__admin/sessions", body)[0] for way in ("once", "chunked")
        ]
        (once,) = ask("once", "GET", status)
        kept = ask("kept", "GET", status)

    assert [line.partition(" ")[0] for line in made] == ["201", "201"]
    assert once.startswith("200 closed ")
    assert '"uploaded_bytes":7' in once
    assert [line.partition("{")[0] for line in kept] == ["200 kept "] * 3
