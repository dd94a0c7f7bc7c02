"""probe_many, by both ways: every id has its outcome, whatever became of the others."""

from __future__ import annotations

import asyncio
import collections
import gc
import pickle
import weakref
from typing import TYPE_CHECKING, Any

import pytest
from tests.support.asking import Ask, ask_async, ask_sync, asked, async_client, seed, session_of

from sessionvitals import (
    AuthenticationError,
    ConfigurationError,
    Outcome,
    Pace,
    ServerError,
    SessionState,
    TransportError,
)

if TYPE_CHECKING:
    from tests.support.sandbox import Space

BAD_IDS: list[Any] = [None, "", "..", "\ud800", 7, b"s-1"]


@pytest.fixture(params=[ask_sync, ask_async], ids=["sync", "asyncio"])
def ask(request: pytest.FixtureRequest) -> Ask:
    way: Ask = request.param
    return way


def test_every_id_has_its_outcome(space: Space, ask: Ask) -> None:
    ids = seed(space, 300)
    outcomes = ask(space, [*ids, "nobody"])
    assert sorted(outcome.id for outcome in outcomes) == sorted([*ids, "nobody"])
    states = {outcome.id: session_of(outcome).state for outcome in outcomes}
    assert states.pop("nobody") is SessionState.NOT_FOUND
    assert set(states.values()) == {SessionState.ACTIVE}
    assert all(session_of(outcome).id == outcome.id for outcome in outcomes)
    assert all(outcome.error is None for outcome in outcomes)


def test_no_ids_have_no_outcomes(space: Space, ask: Ask) -> None:
    assert ask(space, []) == []
    assert ask(space, iter(())) == []


@pytest.mark.parametrize("provider", ["eliza", "ping", "tiun"])
def test_every_vendor_can_be_asked_for_many(space: Space, ask: Ask, provider: str) -> None:
    state = {"eliza": "active", "ping": "connected", "tiun": "valid"}[provider]
    for number in range(3):
        space.add_session(provider, f"here-{number}", state)
    ids = ["here-0", "here-1", "here-2", "nobody"]
    outcomes = ask(space, ids, provider)
    assert {o.id: session_of(o).live for o in outcomes} == {id_: id_ != "nobody" for id_ in ids}
    assert {session_of(outcome).provider for outcome in outcomes} == {provider}


@pytest.mark.parametrize(
    ("provider", "state"),
    [
        ("eliza", "active"),
        ("ping", "connected"),
        ("ping", "disconnected"),
        ("tiun", "valid"),
    ],
)
def test_an_outcome_has_the_session_that_probe_gives(
    space: Space, ask: Ask, provider: str, state: str
) -> None:
    space.clock(freeze=True)
    space.add_session(provider, "here", state)
    [outcome] = ask(space, ["here"], provider)
    probed = space.client(provider).probe("here")

    assert outcome.session == probed
    assert outcome.session is outcome.session
    assert session_of(outcome).to_dict() == probed.to_dict()
    assert session_of(outcome).call is not None


@pytest.mark.parametrize("concurrency", [1, 7, 64])
def test_in_order_when_asked(space: Space, ask: Ask, concurrency: int) -> None:
    ids = seed(space, 200)
    # The first ones come last: each waits for those before it.
    space.faults(script="delay(0.02)*5, ok*")
    mixed = [*ids[:50], "..", *ids[50:], ids[0]]
    outcomes = ask(space, mixed, ordered=True, concurrency=concurrency)
    assert [outcome.id for outcome in outcomes] == mixed


def test_as_they_come_when_not(space: Space, ask: Ask) -> None:
    slow, *quick = seed(space, 50)
    space.faults({"kind": "delay", "delay": 0.3}, scope={"session_id": slow})
    outcomes = ask(space, [slow, *quick], concurrency=8)
    assert outcomes[-1].id == slow
    assert sorted(outcome.id for outcome in outcomes) == sorted([slow, *quick])


@pytest.mark.parametrize("ordered", [False, True])
def test_a_bad_id_never_fails_the_rest(space: Space, ask: Ask, ordered: bool) -> None:
    ids: list[Any] = seed(space, 20)
    for place, bad in enumerate(BAD_IDS):
        ids.insert(place * 3, bad)
    outcomes = ask(space, ids, ordered=ordered)
    failed = [outcome for outcome in outcomes if outcome.session is None]
    assert len(outcomes) == len(ids)
    assert len(failed) == len(BAD_IDS)
    assert {type(outcome.error) for outcome in failed} == {ConfigurationError}
    assert asked(space) == 20


def test_a_refusal_of_one_is_its_own(space: Space, ask: Ask) -> None:
    ids = seed(space, 30)
    space.faults({"kind": "status", "http_status": 500, "times": 9}, scope={"session_id": ids[3]})
    space.faults({"kind": "reset", "times": 9}, scope={"session_id": ids[4]})
    outcomes = {outcome.id: outcome for outcome in ask(space, ids)}
    server, network = outcomes.pop(ids[3]).error, outcomes.pop(ids[4]).error
    assert isinstance(server, ServerError)
    assert isinstance(network, TransportError)
    assert network.call is not None
    assert network.call.attempts[-1].phase == "receive"
    assert all(session_of(outcome).live for outcome in outcomes.values())


def test_retries_are_made_for_each_id(space: Space, ask: Ask) -> None:
    ids = seed(space, 10)
    space.faults(script="503*3, reset, ok*")
    outcomes = ask(space, ids, max_retries=3)
    assert all(session_of(outcome).live for outcome in outcomes)
    calls = [session_of(outcome).call for outcome in outcomes]
    attempts = [len(call.attempts) for call in calls if call]
    assert sum(attempts) >= 14


def test_a_wrong_key_is_every_ids_own_error(space: Space, ask: Ask) -> None:
    ids = seed(space, 5)
    space.admin("PUT", "keys", {"ping": "another"})
    outcomes = ask(space, ids)
    assert {type(outcome.error) for outcome in outcomes} == {AuthenticationError}


def test_equal_ids_are_asked_once(space: Space, ask: Ask) -> None:
    ids = seed(space, 40)
    outcomes = ask(space, ids * 5)
    counts = collections.Counter(outcome.id for outcome in outcomes)
    assert counts == dict.fromkeys(ids, 5)
    assert all(session_of(outcome).live for outcome in outcomes)
    assert asked(space) == 40


def test_equal_ids_far_apart_in_a_list_are_asked_once(space: Space, ask: Ask) -> None:
    ids = seed(space, 1500)
    twice = [*ids, *reversed(ids)]
    outcomes = ask(space, twice, ordered=True, concurrency=16)
    assert [outcome.id for outcome in outcomes] == twice
    assert asked(space) == 1500


def test_an_id_of_a_generator_shares_the_call_in_flight_for_its_equal(
    space: Space, ask: Ask
) -> None:
    (only,) = seed(space, 1)
    space.faults({"kind": "delay", "delay": 1.5, "times": 1})
    outcomes = ask(space, (only for _ in range(200)))
    assert len(outcomes) == 200
    assert asked(space) == 1


def test_an_error_is_shared_by_equal_ids_too(space: Space, ask: Ask) -> None:
    (only,) = seed(space, 1)
    space.faults(script="500*")
    outcomes = ask(space, [only] * 50)
    assert {type(outcome.error) for outcome in outcomes} == {ServerError}
    assert asked(space) == 1


def test_progress_counts_to_the_end(space: Space, ask: Ask) -> None:
    seen: list[int] = []
    ask(space, seed(space, 500), on_progress=seen.append, concurrency=8)
    assert seen == sorted(set(seen))
    assert seen[-1] == 500


def test_progress_that_fails_ends_the_whole(space: Space, ask: Ask) -> None:
    def fail(done: int) -> None:
        raise LookupError("the bar is gone")

    with pytest.raises(LookupError, match="the bar is gone"):
        ask(space, seed(space, 50), on_progress=fail)


@pytest.mark.parametrize("concurrency", [0, 4097])
def test_a_concurrency_out_of_range_is_said_before_anything_is_asked(
    space: Space, ask: Ask, concurrency: int
) -> None:
    with pytest.raises(ConfigurationError, match="concurrency must be from 1 to 4096"):
        ask(space, ["s"], concurrency=concurrency)
    assert asked(space) == 0


def test_an_option_out_of_range_is_said_before_anything_is_asked(space: Space, ask: Ask) -> None:
    with pytest.raises(ConfigurationError, match="timeout"):
        ask(space, ["s"], timeout=-1)
    with pytest.raises(ConfigurationError, match="deadline"):
        ask(space, ["s"], deadline=-1)
    with pytest.raises(ConfigurationError, match="max_retries"):
        ask(space, ["s"], max_retries=11)
    assert asked(space) == 0


def test_what_is_no_text_is_not_taken_for_the_id_that_it_looks_like(space: Space, ask: Ask) -> None:
    (known,) = seed(space, 1)
    wanted: list[Any] = [known, 7, None, "\ud800"]

    outcomes = ask(space, wanted, ordered=True)

    shown = [known, "<int: 7>", "<NoneType: None>", r"<str: '\ud800'>"]
    assert [outcome.id for outcome in outcomes] == shown
    assert [type(outcome.error) for outcome in outcomes[1:]] == [ConfigurationError] * 3


class Unspeakable:
    def __init__(self, words: str | None) -> None:
        self.words = words

    def __repr__(self) -> str:
        if self.words is None:
            raise LookupError("it has no words")
        return self.words


@pytest.mark.parametrize("words", [None, "\ud800"])
def test_an_id_that_cannot_even_be_shown_fails_alone(
    space: Space, ask: Ask, words: str | None
) -> None:
    first, last = seed(space, 2)
    outcomes = ask(space, [first, Unspeakable(words), last], ordered=True)
    assert [outcome.id for outcome in outcomes] == [first, "<Unspeakable>", last]
    assert [outcome.session is not None for outcome in outcomes] == [True, False, True]


def test_ids_that_fail_to_come_end_it_with_their_own_error(space: Space, ask: Ask) -> None:
    ids = seed(space, 3)

    def broken() -> Any:
        yield from ids
        raise LookupError("the file has ended early")

    with pytest.raises(LookupError, match="ended early"):
        ask(space, broken())


def take(space: Space, way: str, ids: Any, into: list[str], **options: Any) -> None:
    """Put the id of each outcome into the list as it comes."""
    if way == "sync":
        with space.client("ping") as client:
            into += (outcome.id for outcome in client.probe_many(ids, **options))
        return

    async def read() -> None:
        async with async_client(space) as client:
            async for outcome in client.probe_many(ids, **options):
                into.append(outcome.id)

    asyncio.run(read())


@pytest.mark.parametrize(
    "options", [{}, {"ordered": True}, {"pace": Pace(1e5, burst=1000)}], ids=str
)
@pytest.mark.parametrize("way", ["sync", "asyncio"])
def test_the_outcomes_of_ids_that_came_are_given_before_the_ids_own_error(
    space: Space, way: str, options: dict[str, Any]
) -> None:
    ids = seed(space, 600)
    draws = iter(ids)

    class Broken:
        """Raises once, and would go on."""

        has_raised = False

        def __iter__(self) -> Broken:
            return self

        def __next__(self) -> str:
            if not self.has_raised and (drawn := next(draws, None)):
                return drawn
            assert not self.has_raised, "it was drawn from again"
            self.has_raised = True
            raise LookupError("the file has ended early")

    got: list[str] = []
    with pytest.raises(LookupError, match="ended early"):
        take(space, way, Broken(), got, **options)
    assert sorted(got) == sorted(ids)


@pytest.mark.parametrize("way", ["sync", "asyncio"])
def test_ids_that_fail_at_once_are_their_own_error(space: Space, way: str) -> None:
    got: list[str] = []
    with pytest.raises(ZeroDivisionError):
        take(space, way, (str(1 // number) for number in (0, 1)), got)
    assert got == []


@pytest.mark.parametrize("kind", [KeyboardInterrupt, BaseException])
@pytest.mark.parametrize("way", ["sync", "asyncio"])
def test_ids_that_are_interrupted_wait_for_no_call(
    space: Space, way: str, kind: type[BaseException]
) -> None:
    space.faults({"kind": "stall"}, scope={"session_id": "stalled"})

    def interrupted() -> Any:
        yield "stalled"
        space.admin("GET", "requests/wait?session_id=stalled&timeout=5")
        raise kind

    got: list[str] = []
    with pytest.raises(kind):
        take(space, way, interrupted(), got)
    assert got == [], "the end of the stalled call was waited for"


@pytest.mark.parametrize("way", ["sync", "asyncio"])
def test_the_error_of_a_tables_ids_has_the_table(space: Space, way: str) -> None:
    ids = seed(space, 300)

    def broken() -> Any:
        yield from ids
        raise LookupError("the file has ended early")

    async def fill_async() -> None:
        async with async_client(space) as client:
            await client.probe_table(broken())

    def fill() -> None:
        space.client("ping").probe_table(broken())

    with pytest.raises(LookupError, match="ended early") as raised:
        fill() if way == "sync" else asyncio.run(fill_async())
    assert len(raised.value.outcome_table) == 300  # type: ignore[attr-defined]


def test_what_is_no_iterable_is_a_type_error(space: Space, ask: Ask) -> None:
    with pytest.raises(TypeError):
        ask(space, 7)


def test_one_text_is_not_taken_for_many_ids(space: Space, ask: Ask) -> None:
    with pytest.raises(TypeError, match="one id"):
        ask(space, "s-1")
    assert asked(space) == 0


def test_outcomes_are_values(space: Space, ask: Ask) -> None:
    ids = seed(space, 1, duration=7, uploaded_bytes=1, downloaded_bytes=2, state="disconnected")
    (good,) = ask(space, ids)
    (bad,) = ask(space, [""])
    for outcome in (good, bad):
        again = pickle.loads(pickle.dumps(outcome))
        assert isinstance(again, Outcome)
        assert again.id == outcome.id
        assert again.session == outcome.session
        assert str(again.error) == str(outcome.error)
    assert pickle.loads(pickle.dumps(good)) == good
    assert hash(pickle.loads(pickle.dumps(good))) == hash(good)
    assert "disconnected" in repr(good)


def test_an_error_that_was_raised_does_not_keep_its_outcome_for_ever(space: Space) -> None:
    def raised() -> weakref.ref[BaseException]:
        [outcome] = ask_sync(space, [""])
        assert outcome.error is not None
        try:
            raise outcome.error  # its traceback holds this frame, which holds the outcome
        except ConfigurationError as error:
            return weakref.ref(error)

    found = raised()
    gc.collect()
    assert found() is None
