"""Every word a vendor documents for a state, and what it means in ours."""

from __future__ import annotations

import pytest
from contracts import CONTRACTS, Contract

import sessionpulse
from sessionpulse import SessionState


def test_there_is_a_contract_for_every_vendor() -> None:
    assert [contract.provider for contract in CONTRACTS] == list(sessionpulse.PROVIDERS)


@pytest.mark.parametrize("contract", CONTRACTS, ids=str)
def test_the_vocabulary_is_the_documented_one(contract: Contract) -> None:
    words = {theirs: ours.name.lower()
             for theirs, ours in sessionpulse.vocabulary(contract.provider).items()}
    assert words == contract.vocabulary


def test_the_states_are_the_seven_of_the_design() -> None:
    assert {state.name: state.value for state in SessionState} == {
        name.upper(): name
        for name in ("active", "pending", "ended", "expired", "not_found", "denied", "unknown")
    }
