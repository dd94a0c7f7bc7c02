"""Random plans of what can go wrong, in every way of asking: no wrong answer, no hang, no call
that ends 50 ms past its deadline or later, but for what the machine itself is late.

300 plans by default, and as many as $SESSIONVITALS_FAULT_PLANS says; $SESSIONVITALS_FAULT_SEED
draws others.
"""

from __future__ import annotations

import asyncio
import json
import os
import random
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import pytest
from tests.support.lateness import control, quantile
from tests.support.peers import plan_server
from tests.support.peers.secure import AUTHORITY

from sessionvitals import (
    AsyncPingClient,
    CallError,
    CancelToken,
    PingClient,
    Session,
    SessionState,
)

COUNT = int(os.environ.get("SESSIONVITALS_FAULT_PLANS", "300"))
SEED = int(os.environ.get("SESSIONVITALS_FAULT_SEED", "1"))
PROMISE = 50.0  # milliseconds
#: How often the calls may be late: what the machine does to one of 300 calls is a matter of luck,
#: what the engine does comes again. Nothing else may go wrong once.
ROUNDS = 3
#: A call that ends this long after its deadline, by anybody's clock, is said to hang.
HANG = 20.0
IDS_OF_A_BULK = 12
WAYS = ["sync", "cancellable", "asyncio", "bulk", "asyncio bulk"]
PLACES = ["plain"] * 4 + ["tls"] * 4 + ["dripping handshake", "no handshake", "refused"]


@dataclass
class Plan:
    way: str
    place: str
    deadline: float
    ids: list[str]
    max_connections: int

    def options(self, ports: dict[str, int]) -> dict[str, Any]:
        scheme = "http" if self.place in {"plain", "refused"} else "https"
        port = ports.get(self.place, 1)
        return {
            "api_key": "k",
            "base_url": f"{scheme}://localhost:{port}",
            "ca_file": AUTHORITY,
            "timeout": self.deadline,
            "max_connections": self.max_connections,
        }


@dataclass
class Tally:
    over: list[float] = field(default_factory=list)  # milliseconds, by the engine's own clock
    wrong: list[str] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)
    hung: list[str] = field(default_factory=list)
    outcomes: Counter[str] = field(default_factory=Counter)

    def note(self, plan: Plan, session_id: str, result: Any) -> None:
        """Take in a session, an answer in the vendor's terms, or an error."""
        self.outcomes[type(result).__name__] += 1
        if result.call is not None:
            self.over.append((result.call.elapsed.total_seconds() - plan.deadline) * 1000)
        kind = session_id.split("-")[0]
        if isinstance(result, CallError):
            if is_sure(plan, session_id):
                self.lost.append(f"{plan}: {session_id}: {result}")
            return
        if isinstance(result, Session) and result.state is SessionState.NOT_FOUND:
            is_right = kind == "missing"
        else:
            detail: Any = result.detail if isinstance(result, Session) else result
            is_right = kind in plan_server.ANSWERS and detail.client_id == session_id
        if not is_right:
            self.wrong.append(f"{plan}: {session_id}: {result}")


def is_sure(plan: Plan, session_id: str) -> bool:
    """Return whether the plan leaves the call time enough, and comes to its answer."""
    # "busy" needs a retry, for which the process may have no budget left after so many failures.
    is_answer = session_id.split("-")[0] in plan_server.ANSWERS.keys() - {"busy"}
    return is_answer and plan.deadline > 10 and plan.place in {"plain", "tls"}


def draw(dice: random.Random, number: int) -> Plan:
    way, place = dice.choice(WAYS), dice.choice(PLACES)
    has_time = dice.random() < 0.3 and place in {"plain", "tls"}
    kinds = list(plan_server.ANSWERS) if has_time else [*plan_server.ANSWERS, *plan_server.FAULTS]
    count = IDS_OF_A_BULK if "bulk" in way else 1
    ids = []
    for n in range(count):
        kind = dice.choice(kinds)
        # An answer that drips has 150 bytes or more, with so many milliseconds between them.
        most = 10 if kind == "drip" and has_time else 200
        ids.append(f"{kind}-{dice.randrange(1, most)}-{number}x{n}")
    deadline = 60.0 if has_time else dice.uniform(0.02, 0.5)
    return Plan(way, place, deadline, ids, dice.choice([2, 128, 128]))


@pytest.fixture(scope="module")
def ports() -> Iterator[dict[str, int]]:
    command = [sys.executable, plan_server.__file__]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as server:
        assert server.stdout is not None
        yield json.loads(server.stdout.readline())
        server.communicate()


def ask(plan: Plan, options: dict[str, Any], tally: Tally) -> None:
    """Carry a plan out, and note each result as it comes."""
    if plan.way.startswith("asyncio"):
        asyncio.run(ask_async(plan, options, tally))
        return
    if plan.way == "cancellable":
        options["cancel"] = CancelToken()
    with PingClient(**options) as client:
        if plan.way == "bulk":
            for outcome in client.probe_many(plan.ids):
                tally.note(plan, outcome.id, outcome.error or outcome.session)
            return
        try:
            tally.note(plan, plan.ids[0], client.session_status(plan.ids[0]))
        except CallError as error:
            tally.note(plan, plan.ids[0], error)


async def ask_async(plan: Plan, options: dict[str, Any], tally: Tally) -> None:
    async with AsyncPingClient(**options) as client:
        if plan.way == "asyncio bulk":
            async for outcome in client.probe_many(plan.ids):
                tally.note(plan, outcome.id, outcome.error or outcome.session)
            return
        try:
            tally.note(plan, plan.ids[0], await client.session_status(plan.ids[0]))
        except CallError as error:
            tally.note(plan, plan.ids[0], error)


def carry_out(plans: list[Plan], ports: dict[str, int]) -> tuple[float, float]:
    """Return how late the calls were, and the machine, in milliseconds; fail at all that is wrong."""
    tally = Tally()

    def carry_out_one(plan: Plan) -> None:
        begun = time.monotonic()
        ask(plan, plan.options(ports), tally)
        if time.monotonic() - begun > plan.deadline + HANG:
            tally.hung.append(str(plan))

    with control() as machine, ThreadPoolExecutor(10) as pool:
        list(pool.map(carry_out_one, plans))
    over, late = quantile(tally.over, 0.999), machine.worst()
    print(f"\n{len(tally.over)} plans: {dict(tally.outcomes)}")
    print(f"p99.9 past the deadline {over:.1f} ms, control {late:.1f} ms of {len(machine.late)}")
    assert len(tally.over) == sum(len(plan.ids) for plan in plans)
    assert (tally.wrong, tally.lost, tally.hung) == ([], [], [])
    return over, late


def test_random_fault_plans_end_in_time_and_never_with_a_wrong_answer(
    ports: dict[str, int],
) -> None:
    dice = random.Random(SEED)
    plans: list[Plan] = []
    while sum(len(plan.ids) for plan in plans) < COUNT:
        plans.append(draw(dice, len(plans)))
    rounds: list[str] = []
    while len(rounds) < ROUNDS:
        over, late = carry_out(plans, ports)
        if over <= late + PROMISE:
            return
        rounds.append(f"{over:.1f} ms past the deadline, the machine {late:.1f}")
    pytest.fail("; ".join(rounds))
