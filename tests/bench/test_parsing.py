"""The readers that `make bench` times read the answer that they are given."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.append(str(Path(__file__).parent))  # the benchmarks are programs, not a package

from parsing import READERS

FIRST_MEMBERS = {"ping": ("client_id", "client-4711"), "eliza": ("agentId", "11111111-")}
OURS = {"client_id": "client_id", "agentId": "agent_id"}


@pytest.mark.parametrize("name", READERS)
def test_a_reader_reads_its_answer(name: str) -> None:
    vendor, _, how = name.partition(" ")
    member, value = FIRST_MEMBERS[vendor]

    read = READERS[name]()

    assert str(getattr(read, OURS[member] if how == "ours" else member)).startswith(value)
