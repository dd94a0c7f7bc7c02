"""What goes over the wire is what build_*_request says, for ids that a client has prepared for too."""

from __future__ import annotations

import pytest
from tests.support.secure_peers import answering, listening
from tests.support.vendors import VENDORS, Vendor

IDS = ["s", "one-plain-id", "Another_1", "a.b", "a~b", "a b", "a/b", "..x", "é", "%41", "x" * 500]


@pytest.mark.parametrize("vendor", VENDORS.values(), ids=str)
def test_what_is_sent_for_an_id_is_what_build_says(vendor: Vendor) -> None:
    requests: list[bytes] = []
    with listening(answering(vendor.good_body, requests)) as port:
        client = vendor.client(f"http://127.0.0.1:{port}/prefix")
        for session_id in IDS:
            vendor.ask(client, session_id)
            client.probe(session_id)

    assert len(requests) == 2 * len(IDS)
    for number, sent in enumerate(requests):
        built = vendor.request(IDS[number // 2])
        line, *fields = sent.decode("latin-1").split("\r\n")
        assert line == f"{built.method} /prefix{built.target} HTTP/1.1"
        for name, value in built.headers:
            assert f"{name}: {value}" in fields
