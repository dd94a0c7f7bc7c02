"""Proxies: which is taken and why, tunnels and absolute URLs, and what a refusal says."""

from __future__ import annotations

import base64
import socket
import threading

import pytest
from tests.support.listening import listening
from tests.support.peers import peer as plain_peer
from tests.support.peers import says as saying
from tests.support.peers.secure import AUTHORITY, answering, proxy, secure_peer
from tests.support.vendors import PING

from sessionvitals import ConfigurationError, DeadlineExceeded, TransportError

BODY = PING.good_body


def ask(url: str, **options: object) -> object:
    return PING.ask(PING.client(url, **options), "s")


def test_https_goes_through_a_tunnel_and_the_proxy_sees_no_key() -> None:
    with secure_peer("server", BODY) as peer, proxy() as way:
        ask(peer.url("/customer/v2"), ca_file=AUTHORITY, proxy=way.url())
    (request,) = way.requests
    assert request.startswith(b"CONNECT localhost:%d HTTP/1.1\r\n" % peer.port)
    assert (PING.key or "").encode() not in request
    assert peer.requests[0].startswith(b"GET /customer/v2/sessions/s/status HTTP/1.1\r\n")


def test_http_goes_with_the_whole_url() -> None:
    requests: list[bytes] = []
    with listening(answering(BODY, requests)) as port, proxy() as way:
        ask(f"http://127.0.0.1:{port}/customer/v2", proxy=way.url())
    target = b"http://127.0.0.1:%d/customer/v2/sessions/s/status" % port
    assert way.requests[0].startswith(b"GET " + target + b" HTTP/1.1\r\n")


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_the_proxys_own_password_is_sent_to_it_alone(scheme: str) -> None:
    said = b"Proxy-Authorization: Basic " + base64.b64encode(b"user:p@ss")
    with secure_peer("server", BODY) as peer, proxy() as way:
        requests = peer.requests
        url = peer.url()
        if scheme == "http":
            with listening(answering(BODY, [])) as port:
                ask(f"http://127.0.0.1:{port}", proxy=way.url("user:p%40ss@"))
        else:
            ask(url, ca_file=AUTHORITY, proxy=way.url("user:p%40ss@"))
    assert said in way.requests[0]
    assert not [each for each in requests if b"Proxy-Authorization" in each]


@pytest.mark.parametrize("variable", ["https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"])
def test_the_environment_names_a_proxy(variable: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with secure_peer("server", BODY) as peer, proxy() as way:
        monkeypatch.setenv(variable, way.url())
        ask(peer.url(), ca_file=AUTHORITY)
        assert len(way.requests) == 1
        ask(peer.url(), ca_file=AUTHORITY, trust_env=False)
        assert len(way.requests) == 1


def test_lower_case_wins_over_upper(monkeypatch: pytest.MonkeyPatch) -> None:
    with secure_peer("server", BODY) as peer, proxy() as way:
        monkeypatch.setenv("https_proxy", way.url())
        monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:1")
        ask(peer.url(), ca_file=AUTHORITY)
    assert way.requests


def test_http_proxy_in_upper_case_is_not_heeded_in_a_cgi_program(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("REQUEST_METHOD", "GET")
    with listening(answering(BODY, [])) as port:
        ask(f"http://127.0.0.1:{port}")


NAMED = ["*", "127.0.0.1", "10.0.0.1, 127.0.0.1", "127.0.0.0/8", "127.0.0.1:{port}", " 127.0.0.1 "]
NOT_NAMED = ["", "127.0.0.2", "128.0.0.0/8", "127.0.0.1:1", "0.0.1", "example.com", ","]


@pytest.mark.parametrize("no_proxy", NAMED)
def test_no_proxy_names_who_is_asked_directly(
    no_proxy: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    with listening(answering(BODY, [])) as port:
        monkeypatch.setenv("NO_PROXY", no_proxy.format(port=port))
        ask(f"http://127.0.0.1:{port}")


@pytest.mark.parametrize("no_proxy", NOT_NAMED)
def test_no_proxy_leaves_all_others_to_the_proxy(
    no_proxy: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_PROXY", no_proxy)
    with listening(answering(BODY, [])) as port, proxy() as way:
        monkeypatch.setenv("http_proxy", way.url())
        ask(f"http://127.0.0.1:{port}")
    assert way.requests


@pytest.mark.parametrize("no_proxy", ["localhost", ".localhost", "LOCALHOST", "localhost."])
@pytest.mark.parametrize("host", ["localhost", "localhost."])
def test_no_proxy_names_hosts_in_any_case_with_and_without_a_final_dot(
    no_proxy: str, host: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    monkeypatch.setenv("no_proxy", no_proxy)
    with listening(answering(BODY, [])) as port:
        ask(f"http://{host}:{port}")


@pytest.mark.parametrize(
    ("says", "words", "attempts"),
    [
        (b"HTTP/1.1 407 Proxy Authentication Required\r\n\r\n", "user:password@", 1),
        (b"HTTP/1.1 403 Forbidden\r\n\r\n", "403", 1),
        (b"HTTP/1.1 502 Bad Gateway\r\n\r\n", "502", 2),
        (b"SSH-2.0-OpenSSH_9.2\r\n\r\n", "does not speak HTTP", 2),
        (b"HTTP/1.1 200 OK\r\n\r\nand more", "more than its answer", 2),
        (b"HTTP/1.1 200 OK\r\n" + b"A: b\r\n" * 5000, "16 KiB", 2),
        (b"", "closed", 2),
    ],
    ids=["407", "403", "502", "SSH", "too much", "endless", "nothing"],
)
def test_a_tunnel_that_is_refused_says_what_to_do(says: bytes, words: str, attempts: int) -> None:
    with (
        secure_peer("server", BODY) as peer,
        proxy(says) as way,
        pytest.raises(TransportError, match=words) as caught,
    ):
        ask(peer.url(), ca_file=AUTHORITY, proxy=way.url(), max_retries=1)
    assert caught.value.phase == "proxy"
    assert caught.value.call is not None
    assert len(caught.value.call.attempts) == attempts
    assert not peer.host_names, "a handshake has begun"


def test_a_407_to_a_password_that_was_given_asks_to_check_it() -> None:
    says = b"HTTP/1.1 407 Proxy Authentication Required\r\n\r\n"
    with (
        secure_peer("server", BODY) as peer,
        proxy(says) as way,
        pytest.raises(TransportError, match="Check the user and the password") as caught,
    ):
        ask(peer.url(), ca_file=AUTHORITY, proxy=way.url("user:canary-password@"))
    assert "canary" not in str(caught.value)


@pytest.mark.parametrize(
    ("login", "words"),
    [("", "Put user:password@"), ("user:canary-password@", "Check the user and the password")],
    ids=["none was given", "one was given"],
)
def test_a_407_to_a_plain_request_gives_the_same_advice(login: str, words: str) -> None:
    says = b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n"
    with (
        plain_peer(saying(says)) as way,
        pytest.raises(TransportError, match=words) as caught,
    ):
        ask("http://vendor.example", proxy=f"http://{login}127.0.0.1:{way.port}", max_retries=1)
    assert "canary" not in str(caught.value)
    assert caught.value.phase == "proxy"
    assert caught.value.call is not None
    assert [each.http_status for each in caught.value.call.attempts] == [407]
    assert caught.value.may_have_taken_effect is False


def test_a_proxy_that_stalls_ends_at_the_deadline() -> None:
    over = threading.Event()

    def serve(connection: socket.socket) -> None:
        over.wait(60)

    with listening(serve) as port:
        with pytest.raises(DeadlineExceeded) as caught:
            ask("https://localhost:1", proxy=f"http://127.0.0.1:{port}", timeout=0.2)
        over.set()
    assert caught.value.phase == "proxy"


@pytest.mark.parametrize("url", ["socks5://127.0.0.1:1080", "http://", "http://a b:1", "::::"])
def test_a_proxy_that_is_none_is_refused_before_any_call(url: str) -> None:
    with pytest.raises(ConfigurationError, match="proxy"):
        PING.client("http://127.0.0.1:1", proxy=url)


def test_the_proxys_password_is_in_no_error() -> None:
    with pytest.raises(TransportError) as caught:
        ask("http://localhost:1", proxy="http://user:canary-password@127.0.0.1:1", max_retries=0)
    assert "canary" not in f"{caught.value!r} {caught.value} {caught.value.call!r}"
    with pytest.raises(ConfigurationError) as refused:
        ask("http://localhost:1", proxy="ftp://user:canary-password@127.0.0.1:1")
    assert "canary" not in f"{refused.value!r}"


def test_a_proxy_whose_name_is_none_is_said_to_be_the_one_to_check() -> None:
    with pytest.raises(TransportError, match=r"the proxy no-such\.invalid .* the proxy's URL"):
        ask("http://localhost:1", proxy="http://no-such.invalid", max_retries=0)
