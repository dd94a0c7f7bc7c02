"""Use Maple in every way, in the copy of the tree that has it."""

from __future__ import annotations

import asyncio
import json
import os
import pickle
import subprocess
import sys

import pytest
from tests.support.peers import answer, peer, says

import sessionvitals
from sessionvitals import (
    AsyncMapleClient,
    ConfigurationError,
    ContractError,
    MapleClient,
    MapleSeedling,
)
from sessionvitals.sandbox import running_sandbox

assert sessionvitals.PROVIDERS == ("eliza", "maple", "ping", "tiun")
TREE = {"id": "t", "species": "acer", "tap_key": "tap-secret"}

with running_sandbox() as sandbox:
    sandbox.maple.add_session("t/1", state="running")
    maple = sandbox.maple.client(max_retries=0)
    assert isinstance(maple, MapleClient)
    assert maple.sap("t/1").sap == "running"
    assert [maple.probe(id).state for id in ("t/1", "t/2")] == ["active", "not_found"]

    # Longer than a response may usually be: the operation says that it may.
    many = json.dumps({"trees": [TREE] * 40_000, "next": "p/2"}).encode()
    assert len(many) > 2 << 20
    seed = MapleSeedling(species="acer")
    with peer(says(answer(many))) as told, pytest.raises(ContractError, match="1 MiB"):
        MapleClient("k", base_url=told.url).sap("t")
    with peer(says(answer(many, b"HTTP/1.1 201 Created"))) as told:
        planted = MapleClient("k", base_url=told.url).plant_trees("g", [seed])
    assert (len(planted), planted[0].tap_key, planted.next) == (40_000, "tap-secret", "p/2")
    assert planted.call.operation == "plant_trees"
    assert "tap-secret" not in repr(planted[:2])
    assert "tap_key=<not shown>" in repr(planted[0])
    again = pickle.loads(pickle.dumps(planted))
    assert (again, again.next, type(again)) == (planted, "p/2", sessionvitals.Page)

    planted = json.dumps({"trees": [TREE]})
    scripted = {"kind": "status", "http_status": 201, "headers": {}, "body": planted}
    sandbox.faults.add(scripted, operation="plant_trees")

    async def ask() -> None:
        async with sandbox.maple.async_client(max_retries=0) as client:
            assert isinstance(client, AsyncMapleClient)
            assert (await client.sap("t/1")).sap == "running"
            (tree,) = await client.plant_trees("g", [{"species": "acer"}], page="p/2")
            assert tree.id == "t"
            assert await client.fell_tree("t/1") is None

    asyncio.run(ask())
    assert maple.probe("t/1").state == "not_found"

    seed = {"species": "acer"}
    sent = sandbox.journal.count()
    for named, arguments in {
        "grove": {"grove": 5, "trees": []},
        "trees": {"grove": "g", "trees": 5},
        "limit": {"grove": "g", "trees": [], "limit": 1 << 63},
        "limit ": {"grove": "g", "trees": [], "limit": True},
        "page": {"grove": "g", "trees": [], "page": None},
        "species": {"grove": "g", "trees": [{"species": "a\0b"}]},
        "species ": {"grove": "g", "trees": [{"species": "a\ud800b"}]},
        "trees: MapleSeedling: height": {"grove": "g", "trees": [{**seed, "height": "tall"}]},
        "planted_at": {"grove": "g", "trees": [{**seed, "planted_at": "noon"}]},
        "tag": {"grove": "g", "trees": [{**seed, "tag": object()}]},
        "body": {"grove": "g", "trees": [seed] * 60_000},
    }.items():
        with pytest.raises(ConfigurationError, match=named.strip()):
            maple.plant_trees(**arguments)
    assert sandbox.journal.count() == sent

    sandbox.maple.add_session("t/2", state="running")
    command = [sys.executable, "-m", "sessionvitals", "status", "--json", "maple", "t/2"]
    environment = {**os.environ, **sandbox.env}
    said = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    assert json.loads(said.stdout)["state"] == "active"
