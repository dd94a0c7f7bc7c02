"""Every word a vendor documents for a state, and what it means in ours."""

from __future__ import annotations

import pytest
from tests.support.contracts import CONTRACTS, Contract

import sessionvitals
from sessionvitals import SessionState


def test_there_is_a_contract_for_every_vendor() -> None:
    assert [contract.provider for contract in CONTRACTS] == list(sessionvitals.PROVIDERS)


@pytest.mark.parametrize("contract", CONTRACTS, ids=str)
def test_every_documented_word_has_an_exchange_that_says_what_it_means(contract: Contract) -> None:
    shown = {
        exchange.probe.get("provider_state"): exchange.probe.get("state")
        for exchange in contract.exchanges
        if exchange.probe and exchange.response["http_status"] == 200
        if "returns" in exchange.meaning
    }
    assert shown.items() >= contract.vocabulary.items()
    others = shown.keys() - contract.vocabulary.keys() - {""}
    assert {shown[word] for word in others} <= {"unknown"}


def test_the_states_are_the_seven_of_the_design() -> None:
    assert {state.name: state.value for state in SessionState} == {
        name.upper(): name
        for name in ("active", "pending", "ended", "expired", "not_found", "denied", "unknown")
    }
