"""TLS: what is trusted, what is not and in which words, and what it costs."""

from __future__ import annotations

import os
import shutil
import socket
import ssl
import threading
from pathlib import Path

import pytest
from tests.support.listening import listening, read_request
from tests.support.peers.secure import AUTHORITY, CERTIFICATES, TlsByHand, secure_peer
from tests.support.vendors import PING

from sessionvitals import ConfigurationError, DeadlineExceeded, TransportError

BODY = PING.good_body


def ask(url: str, **options: object) -> object:
    return PING.ask(PING.client(url, **options), "s")


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_a_private_ca_is_trusted_when_it_is_named(version: ssl.TLSVersion) -> None:
    with secure_peer("server", BODY, version=version) as peer:
        answer = PING.ask(PING.client(peer.url(), ca_file=AUTHORITY), "s")
    assert answer.client_id == "c"
    assert answer.call.attempts[0].tls_version == {771: "TLSv1.2", 772: "TLSv1.3"}[version]
    assert peer.host_names == ["localhost"]


@pytest.mark.parametrize("host", ["127.0.0.1", "[::1]"])
def test_an_address_in_numbers_is_verified_as_one(host: str) -> None:
    with secure_peer("server", BODY, host=host.strip("[]")) as peer:
        ask(peer.url(host=host), ca_file=AUTHORITY)
        assert peer.host_names == [None]  # RFC 6066 s3: no address is ever sent as a name
    with (
        secure_peer("other-host", BODY, host=host.strip("[]")) as peer,
        pytest.raises(TransportError, match="another host") as caught,
    ):
        ask(peer.url(host=host), ca_file=AUTHORITY)
    assert caught.value.phase == "tls"


@pytest.mark.parametrize(
    ("certificate", "words"),
    [
        ("expired", "has expired"),
        ("early", "is not valid yet"),
        ("other-host", "is for another host than localhost"),
        ("self-signed", "is self-signed"),
        ("no-names", "has no subjectAltName"),
        ("server", "is from an unknown CA"),
    ],
)
def test_each_bad_certificate_has_words_of_its_own(certificate: str, words: str) -> None:
    trusted = CERTIFICATES / ("stranger.pem" if certificate == "server" else "authority.pem")
    with (
        secure_peer(certificate, BODY) as peer,
        pytest.raises(TransportError, match=words) as caught,
    ):
        ask(peer.url(), ca_file=trusted, max_retries=2)
    error = caught.value
    assert error.phase == "tls"
    assert error.call is not None
    assert len(error.call.attempts) == 1, "another attempt would end the same way"
    assert not peer.requests, "the key has left"


def test_the_unknown_ca_error_names_the_file_that_is_trusted() -> None:
    stranger = CERTIFICATES / "stranger.pem"
    with secure_peer("server", BODY) as peer, pytest.raises(TransportError) as caught:
        ask(peer.url(), ca_file=stranger)
    assert str(stranger) in str(caught.value)
    assert "ca_file" in str(caught.value)


@pytest.mark.parametrize("variable", ["SSL_CERT_FILE", "SSL_CERT_DIR"])
def test_the_environment_names_the_cas(
    variable: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv(variable, str(AUTHORITY))
    if variable == "SSL_CERT_DIR":
        monkeypatch.setenv(variable, str(tmp_path))
        # The name is OpenSSL's hash of the subject, by which it looks a CA up.
        shutil.copy(AUTHORITY, tmp_path / f"{subject_hash()}.0")
    with secure_peer("server", BODY) as peer:
        ask(peer.url())
        with pytest.raises(TransportError):
            ask(peer.url(), trust_env=False)


def subject_hash() -> str:
    return (CERTIFICATES / "authority.hash").read_text().strip()


def test_a_ca_file_wins_over_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(CERTIFICATES / "stranger.pem"))
    with secure_peer("server", BODY) as peer:
        ask(peer.url(), ca_file=AUTHORITY)


@pytest.mark.parametrize("how", ["missing", "empty", "no certificate"])
def test_a_ca_file_that_cannot_be_loaded_is_named(how: str, tmp_path: Path) -> None:
    file = tmp_path / "ca.pem"
    if how != "missing":
        file.write_text("" if how == "empty" else "not a certificate\n")
    with (
        secure_peer("server", BODY) as peer,
        pytest.raises((TransportError, ConfigurationError)) as caught,
    ):
        ask(peer.url(), ca_file=file)
    assert str(file) in str(caught.value)
    assert "PEM" in str(caught.value)


@pytest.mark.parametrize("option", ["ca_file", "client_certificate_file", "client_key_file"])
def test_a_file_that_is_not_there_is_said_when_the_client_is_made(
    option: str, tmp_path: Path
) -> None:
    missing = tmp_path / "missing.pem"
    with pytest.raises(ConfigurationError, match=f"{option} {missing} cannot be read"):
        PING.client("https://localhost", **{option: missing})
    PING.client("http://localhost", **{option: missing})  # which has no use for it


@pytest.fixture(params=["FIFO", "folder", "device"])
def no_regular_file(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    file = tmp_path / "ca.pem"
    if request.param == "FIFO":
        os.mkfifo(file)
    elif request.param == "folder":
        file.mkdir()
    else:
        file.symlink_to("/dev/zero")
    return file


@pytest.mark.parametrize(
    "option", ["ca_file", "client_certificate_file", "client_key_file", "SSL_CERT_FILE"]
)
def test_only_regular_files_are_taken_and_a_fifo_hangs_nobody(
    option: str, no_regular_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    options: dict[str, object] = {option: no_regular_file}
    if option == "SSL_CERT_FILE":
        monkeypatch.setenv(option, str(no_regular_file))
        options = {}
    with pytest.raises(ConfigurationError, match=f"{option} {no_regular_file} is "):
        PING.client("https://localhost", **options)


def test_a_file_that_becomes_a_fifo_after_the_client_was_made_hangs_nobody(tmp_path: Path) -> None:
    file = tmp_path / "ca.pem"
    shutil.copy(AUTHORITY, file)
    with secure_peer("server", BODY) as peer:
        client = PING.client(peer.url(), ca_file=file)
        file.unlink()
        os.mkfifo(file)
        with pytest.raises(TransportError, match="is not a regular file"):
            PING.ask(client, "s")


@pytest.mark.parametrize("what", ["a file", "nothing", "a FIFO in it"])
def test_a_folder_of_cas_is_one(what: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "cas"
    if what == "a file":
        folder.write_text("")
    elif what == "a FIFO in it":
        folder.mkdir()
        os.mkfifo(folder / f"{subject_hash()}.0")
    monkeypatch.setenv("SSL_CERT_DIR", str(folder))
    with pytest.raises(ConfigurationError, match=f"SSL_CERT_DIR {folder} "):
        PING.client("https://localhost")


def test_a_fifo_in_a_folder_of_cas_hangs_nobody_beside_a_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(CERTIFICATES / "stranger.pem"))
    monkeypatch.setenv("SSL_CERT_DIR", f"{tmp_path / 'nothing'}:{tmp_path}")
    os.mkfifo(tmp_path / f"{subject_hash()}.0")
    with pytest.raises(ConfigurationError, match=r"SSL_CERT_DIR .* has an entry that is not a reg"):
        PING.client("https://localhost")


def test_a_folder_of_cas_that_is_not_there_does_no_harm_beside_a_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(AUTHORITY))
    monkeypatch.setenv("SSL_CERT_DIR", str(tmp_path / "nothing"))
    with secure_peer("server", BODY) as peer:
        ask(peer.url())


def test_a_host_with_a_dot_at_its_end_is_verified_and_asked_for_without_it() -> None:
    with secure_peer("server", BODY) as peer:
        ask(peer.url(host="localhost."), ca_file=AUTHORITY)
    assert peer.host_names == ["localhost"]
    with pytest.raises(ConfigurationError, match="no host"):
        PING.client("https://.:443")


def test_a_client_certificate_is_shown_when_asked_for() -> None:
    with secure_peer("server", BODY, asks_for_certificate=True) as peer:
        ask(peer.url(), ca_file=AUTHORITY, client_certificate_file=CERTIFICATES / "client.pem")


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
@pytest.mark.parametrize(
    ("shown", "words"),
    [
        (None, "asks for a client certificate: give client_certificate_file="),
        ("self-signed.pem", "refuses the client certificate: check client_certificate_file="),
    ],
)
def test_a_refused_client_certificate_is_named_and_not_shown_again(
    version: ssl.TLSVersion, shown: str | None, words: str
) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(CERTIFICATES / "server.pem")
    context.load_verify_locations(AUTHORITY)
    context.verify_mode = ssl.CERT_REQUIRED
    context.minimum_version = context.maximum_version = version
    options = {} if shown is None else {"client_certificate_file": CERTIFICATES / shown}
    with (
        listening(lambda connection: TlsByHand(connection, context=context).refuse()) as port,
        pytest.raises(TransportError, match=words) as caught,
    ):
        ask(f"https://localhost:{port}", ca_file=AUTHORITY, max_retries=2, **options)
    report = caught.value.call
    assert report is not None
    assert len(report.attempts) == 1  # trying again would end the same way
    assert "TLS 1.2 or newer" not in str(caught.value)


def test_a_server_with_tls_1_1_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    def serve(connection: socket.socket) -> None:
        connection.recv(65536)
        connection.sendall(b"\x16\x03\x02\x00\x2a\x02\x00\x00\x26\x03\x02" + bytes(36))

    with listening(serve) as port, pytest.raises(TransportError) as caught:
        ask(f"https://localhost:{port}", ca_file=AUTHORITY)
    assert caught.value.phase == "tls"


HALVES = {
    "plain HTTP": b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n",
    "half a record": b"\x16\x03\x03\x00\x7a\x02\x00\x00",
    "a record of 64 KiB": b"\x16\x03\x03\xff\xff" + bytes(65535),
    "an alert": b"\x15\x03\x03\x00\x02\x02\x28",
    "zeros": bytes(5000),
    "nothing": b"",
}


@pytest.mark.parametrize("said", HALVES.values(), ids=HALVES)
def test_half_a_handshake_is_a_typed_error(said: bytes) -> None:
    def serve(connection: socket.socket) -> None:
        connection.recv(65536)
        connection.sendall(said)

    with listening(serve) as port, pytest.raises(TransportError) as caught:
        ask(f"https://localhost:{port}", ca_file=AUTHORITY)
    assert caught.value.phase == "tls"
    assert not isinstance(caught.value, DeadlineExceeded)


@pytest.mark.parametrize("said", [b"", b"\x16\x03\x03\x00\x7a\x02"], ids=["mute", "half a record"])
def test_a_handshake_that_stalls_ends_at_the_deadline(said: bytes) -> None:
    over = threading.Event()

    def serve(connection: socket.socket) -> None:
        connection.sendall(said)
        over.wait(60)

    with listening(serve) as port, pytest.raises(DeadlineExceeded) as caught:
        ask(f"https://localhost:{port}", ca_file=AUTHORITY, timeout=0.2)
    over.set()
    assert caught.value.phase == "tls"


@pytest.mark.parametrize("cut", [0, 10], ids=["before the answer", "in the answer"])
def test_an_end_without_a_goodbye_is_no_whole_answer(cut: int) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(CERTIFICATES / "server.pem")

    def serve(connection: socket.socket) -> None:
        secured = context.wrap_socket(connection, server_side=True)
        read_request(secured)
        # No length: a body that ends with the connection, which anyone on the way can cut.
        secured.sendall((b"HTTP/1.1 200 OK\r\n\r\n" + BODY)[: cut * 100])
        socket.socket(fileno=secured.detach()).close()

    with listening(serve) as port, pytest.raises(TransportError) as caught:
        ask(f"https://localhost:{port}", ca_file=AUTHORITY)
    assert caught.value.phase == "receive"


def test_64_connections_load_the_cas_once(tmp_path: Path) -> None:
    file = tmp_path / "ca.pem"
    shutil.copy(AUTHORITY, file)
    together = threading.Barrier(64)
    with secure_peer("server", BODY) as peer:
        client = PING.client(peer.url(), ca_file=file, timeout=60)
        PING.ask(client, "s")
        file.write_text("whoever reads this again fails")
        failures: list[Exception] = []

        def call() -> None:
            together.wait()
            try:
                PING.ask(PING.client(peer.url(), ca_file=file, timeout=60), "s")
            except Exception as error:  # noqa: BLE001
                failures.append(error)

        threads = [threading.Thread(target=call) for _ in range(64)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert not failures
    assert len(peer.requests) == 65


def test_a_second_connection_resumes_the_first_ones_session() -> None:
    together = threading.Barrier(2)

    def meet(request: bytes) -> bytes:
        if b"/meet/" in request:
            together.wait(30)
        return BODY

    with secure_peer("server", meet) as peer:
        client = PING.client(peer.url(), ca_file=AUTHORITY)
        PING.ask(client, "s")
        threads = [threading.Thread(target=PING.ask, args=[client, "meet"]) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert len(peer.handshakes) == 2
    assert peer.resumed == 1


GARBLED = {
    "a record that does not decrypt": b"\x17\x03\x03\x00\x40" + bytes(64),
    "half a record": b"\x17\x03\x03\x40\x00" + bytes(100),
    "a record of 64 KiB": b"\x17\x03\x03\xff\xff" + bytes(65535),
    "a record of no kind": b"\x63\x03\x03\x00\x02ok",
    "a plain answer": b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(BODY) + BODY,
    "an alert in plain": b"\x15\x03\x03\x00\x02\x02\x28",
    "a goodbye in plain": b"\x15\x03\x03\x00\x02\x01\x00",
}


@pytest.mark.parametrize("said", GARBLED.values(), ids=GARBLED)
@pytest.mark.parametrize("where", ["before the answer", "in the answer"])
def test_records_that_are_none_are_a_typed_error_and_never_an_answer(
    said: bytes, where: str
) -> None:
    """Whoever stands on the way can write into the connection, though not into TLS."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(CERTIFICATES / "server.pem")

    def serve(connection: socket.socket) -> None:
        secured = context.wrap_socket(connection, server_side=True)
        read_request(secured)
        if where == "in the answer":
            secured.sendall(b"HTTP/1.1 200 OK\r\n\r\n" + BODY)
        with socket.socket(fileno=secured.detach()) as bare:
            bare.sendall(said)

    with listening(serve) as port, pytest.raises(TransportError) as caught:
        ask(f"https://localhost:{port}", ca_file=AUTHORITY)
    assert caught.value.phase == "receive"
    assert not isinstance(caught.value, DeadlineExceeded)
