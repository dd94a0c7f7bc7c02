"""ask -> the bytes that leave, as a plain socket sees them."""

from __future__ import annotations

import contextlib

import pytest
from tests.support.contracts import EXCHANGES, Exchange
from tests.support.peers import answer, peer, says, says_in_turn
from tests.support.vendors import ELIZA, TIUN, VENDORS, Vendor, call, open_client

from sessionvitals import ConfigurationError, ContractError, HttpStatusError

# One exchange for each different request.
DIFFERENT = list(
    {(each.provider, str(each.request)): each for each in reversed(EXCHANGES)}.values()
)


def head_of(request: bytes) -> tuple[str, list[tuple[str, str]], bytes]:
    """Return the request line, the headers with lower-case names, and the body."""
    head, _, body = request.partition(b"\r\n\r\n")
    line, *fields = head.decode("ascii").split("\r\n")
    pairs = [field.split(":", 1) for field in fields]
    return line, [(name.lower(), value.strip()) for name, value in pairs], body


def sent_by(vendor: Vendor, session_id: str, path: str = "", **options: object) -> bytes:
    with peer(says(answer(vendor.good_body))) as told:
        vendor.ask(vendor.client(told.url + path, **options), session_id)
        (request,) = told.requests
    return request


@pytest.mark.parametrize("exchange", DIFFERENT, ids=str)
def test_the_request_on_the_wire_is_the_one_in_the_contract(exchange: Exchange) -> None:
    vendor = VENDORS[exchange.provider]
    with peer(says(answer(vendor.good_body))) as told:
        client = open_client(exchange, told.url + vendor.prefix)
        with contextlib.suppress(ContractError, HttpStatusError):  # the answer is another's
            call(exchange, client)
        (request,) = told.requests
        host = f"127.0.0.1:{told.port}"
    line, headers, body = head_of(request)

    expected = exchange.request
    assert line == f"{expected['method']} {vendor.prefix}{expected['target']} HTTP/1.1"
    names = [name for name, _ in headers]
    assert len(set(names)) == len(names)
    assert dict(headers).items() >= expected["headers"].items()
    assert not set(names) & set(expected["absent"])
    assert dict(headers)["host"] == host
    assert body == expected["body"].encode()


@pytest.mark.rule("tiun", 3)
def test_tiuns_patch_leaves_with_a_length_of_0_and_no_type() -> None:
    _, headers, body = head_of(sent_by(TIUN, "reader-1"))
    assert ("content-length", "0") in headers
    assert "content-type" not in dict(headers)
    assert "transfer-encoding" not in dict(headers)
    assert body == b""


@pytest.mark.parametrize("vendor", VENDORS.values(), ids=str)
def test_no_compression_is_asked_for(vendor: Vendor) -> None:
    accepted = dict(head_of(sent_by(vendor, "s"))[1]).get("accept-encoding", "identity")
    assert accepted == "identity"


@pytest.mark.parametrize("vendor", VENDORS.values(), ids=str)
@pytest.mark.parametrize(
    ("path", "prefix"),
    [
        ("", ""),
        ("/", ""),
        ("/a/b", "/a/b"),
        ("/a/b/", "/a/b"),
        ("/~space", "/~space"),
        ("/a%20b", "/a%20b"),
    ],
)
def test_a_base_urls_path_precedes_the_target(vendor: Vendor, path: str, prefix: str) -> None:
    line = head_of(sent_by(vendor, "s", path))[0]
    assert line.split(" ")[1] == prefix + vendor.request("s").target


@pytest.mark.rule("eliza", 8)
def test_eliza_sends_no_key_that_it_was_not_given(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TIUN_ACCESS_TOKEN", "not-for-eliza")
    monkeypatch.setenv("PING_API_KEY", "not-for-eliza")
    request = sent_by(ELIZA, "s")
    assert b"not-for-eliza" not in request
    assert b"x-api-key" not in request.lower()


@pytest.mark.parametrize("vendor", VENDORS.values(), ids=str)
@pytest.mark.parametrize("session_id", ["", ".", "..", "a\r\nX-Evil: 1", "a\0b"])
def test_nothing_leaves_for_an_id_that_is_refused(vendor: Vendor, session_id: str) -> None:
    with peer(says(answer(vendor.good_body))) as told:
        client = vendor.client(told.url)
        with pytest.raises(ConfigurationError):
            vendor.ask(client, session_id)
        with pytest.raises(ConfigurationError):
            client.probe(session_id)
        assert told.connections == 0


@pytest.mark.parametrize("vendor", VENDORS.values(), ids=str)
@pytest.mark.parametrize("concurrency", [1, 3])
def test_a_bulk_asks_for_each_id_as_a_call_of_its_own_does(
    vendor: Vendor, concurrency: int
) -> None:
    """One request of a bulk is made from the one before it."""
    ids = [
        "s",
        "a/b?c#d",
        "",
        "..",
        "long" * 40,
        "h\u00e9",
        "Health",
        "a\r\nb",
        "%2f",
        "s-2",
        ".",
        "x",
    ]
    with peer(says_in_turn(answer(vendor.good_body))) as told:
        client = vendor.client(told.url)
        refused = []
        for session_id in ids:
            try:
                client.probe(session_id)
            except ConfigurationError as error:
                refused.append((session_id, str(error)))
            except ContractError:
                pass
        alone = list(told.requests)
        told.requests.clear()
        outcomes = list(client.probe_many(ids, concurrency=concurrency))
        together = list(told.requests)
    assert sorted(together) == sorted(alone)
    failed = {o.id: str(o.error) for o in outcomes if isinstance(o.error, ConfigurationError)}
    assert failed == dict(refused)
    assert failed
