"""Abuses one class, or the functions, of the compiled module: run by test_compiled_classes.py.

An exception is right, and so is an answer; the end of the process, a SystemError and a value that
has changed are not.
"""

from __future__ import annotations

import asyncio
import contextlib
import copy
import copyreg
import faulthandler
import gc
import itertools
import math
import pickle
import sys
import threading
import types
import weakref
from collections.abc import Callable, Iterator
from datetime import datetime, timezone
from typing import Any

import sessionvitals
from sessionvitals import _core

PING_BODY = b'{"client_id":"c","status":"connected","duration":1,"new":[1]}'
ELIZA_MESSAGES = (
    b'{"messages":[{"id":"m","content":"c","authorId":"a","isAgent":false,'
    b'"createdAt":"2026-01-01T00:00:00Z","metadata":{}}],"hasMore":false,"cursors":{"before":1}}'
)
ELIZA_SENT = (
    b'{"userMessage":{"id":"m","created_at":1767225600000},"agentResponse":{"text":"t"},'
    b'"sessionStatus":{"renewalCount":1}}'
)
ELIZA_BODY = (
    b'{"sessionId":"s","agentId":"a","userId":"u","createdAt":"2026-01-01T00:00:00Z",'
    b'"metadata":{"a":1},"timeoutConfig":{"timeoutMinutes":3,"autoRenew":true},"timeRemaining":5}'
)
NOBODY = "http://127.0.0.1:1"
NOW = datetime(2026, 1, 1, tzinfo=timezone.utc)


class Odd:
    """Has every special method that may be asked, and each fails."""

    def fail(self, *_: object, **__: object) -> Any:
        raise LookupError("odd")

    __eq__ = __lt__ = __iter__ = __len__ = __index__ = __float__ = __bool__ = fail
    __reduce__ = __getattr__ = __call__ = __next__ = fail
    __hash__ = None  # type: ignore[assignment]


class Text(str):
    __slots__ = ()


ODD: list[Any] = [
    *(None, True, 0, -1, 2**31, 2**63 - 1, 2**63, -(2**63) - 1, 2**200, 0.5, math.nan, -math.inf),
    *(
        "",
        "x",
        "\ud800",
        "a\0b",
        Text("x"),
        b"",
        b"x",
        (),
        ("x",),
        [],
        [None],
        {},
        {"x": 1},
        {1: 2},
    ),
    *(object(), Odd(), int, Odd, _core, sys),
]


def ping(**options: Any) -> Any:
    return sessionvitals.PingClient("key", base_url=NOBODY, max_retries=0, **options)._compiled


def failed_call() -> Any:
    try:
        ping().probe("s")
    except sessionvitals.CallError as error:
        return error.call
    raise AssertionError("somebody answered")


def pending_answer() -> Any:
    loop = asyncio.new_event_loop()
    KEPT.append((loop, inbox := _core.Inbox(loop)))
    return ping().begin_probe(inbox, "s")


def watch() -> Any:
    return ping().bulk_watch(
        session_ids=["s"], deadline=0.05, until=[], judges=False, every=None, rate=None,
        is_paced=False, waits=False,
        counters=False, expiry=False, resume="", is_of_many=True, inbox=None,
        hears_events=True, events_idle_timeout=None,
    )  # fmt: skip


#: Loops, and where the answers wait for which they are made.
KEPT: list[Any] = []

#: A live object of each class that has one without further ado.
LIVE: dict[str, Callable[[], Any]] = {
    "BulkProbe": lambda: ping().bulk_probe(4, False),
    "BulkTally": _core.BulkTally,
    "CallReport": failed_call,
    "CancelToken": _core.CancelToken,
    "ElizaClient": lambda: sessionvitals.ElizaClient(base_url=NOBODY, max_retries=0)._compiled,
    "ElizaHealth": lambda: _core.parse_eliza_check_health_response(
        200, {}, b'{"status":"healthy","activeSessions":1,"timestamp":"2026-01-01T00:00:00Z"}'
    ),
    "ElizaCursors": lambda: LIVE["ElizaMessagePage"]().cursors,
    "ElizaMessage": lambda: LIVE["ElizaMessagePage"]().messages[0],
    "ElizaMessagePage": lambda: _core.parse_eliza_get_messages_response(
        200, {}, ELIZA_MESSAGES, "s"
    ),
    "ElizaReply": lambda: LIVE["ElizaSentMessage"]().reply,
    "ElizaSentMessage": lambda: _core.parse_eliza_send_message_response(
        201, {}, ELIZA_SENT, "s", "c"
    ),
    "ElizaSessionStatus": lambda: LIVE["ElizaSentMessage"]().status,
    "ElizaSession": lambda: _core.parse_eliza_get_session_response(200, {}, ELIZA_BODY, "s"),
    "Inbox": lambda: _core.Inbox(asyncio.new_event_loop()),
    "Keeper": lambda: _core.begin_keeper(LIVE["ElizaClient"](), "s", 60.0),
    "Outcome": lambda: next(sessionvitals.PingClient("k", base_url=NOBODY).probe_many([""])),
    "OutcomeTable": lambda: _core.OutcomeTable("ping"),
    "PendingAnswer": pending_answer,
    "PingClient": ping,
    "PingLimits": lambda: _core.parse_ping_get_client_limits_response(
        200,
        {},
        b'{"id":"l","created_at":"2026-01-01T00:00:00Z","updated_at":"2026-01-01T00:00:00Z",'
        b'"max_sessions":5}',
    ),
    "PingPause": lambda: _core.parse_ping_pause_session_response(
        200, {}, b'{"session_id":"s","paused":true}', "s"
    ),
    "PingSession": lambda: _core.parse_ping_create_session_response(
        201, {}, b'{"id":"s","configuration":{"a":[1]},"configuration_link":"vless://x"}', "c", "z"
    ),
    "PingSessionStatus": lambda: _core.parse_ping_session_status_response(200, {}, PING_BODY, "s"),
    "PingZone": lambda: _core.parse_ping_list_zones_response(
        200, {}, b'{"zones":[{"code":"c","name":"n","has_active_nodes":true,"new":1}]}'
    )[0],
    "ProblemDetails": lambda: (
        _core.parse_tiun_verify_response(404, {}, b'{"title":"no"}', "s").problem
    ),
    "RateLimit": lambda: _core.RateLimit(limit=3),
    "Request": lambda: sessionvitals.build_ping_session_status_request("s", api_key="key"),
    "Session": lambda: _core.Session(
        provider="ping", id="s", state="active", detail=LIVE["PingSessionStatus"]()
    ),
    "TimeoutConfig": lambda: LIVE["ElizaSession"]().timeout_config,
    "TiunClient": lambda: sessionvitals.TiunClient("k", base_url=NOBODY, max_retries=0)._compiled,
    "TiunUser": lambda: LIVE["TiunUserVerification"]().user,
    "TiunUserVerification": lambda: _core.parse_tiun_verify_user_response(
        200, {}, b'{"isAuthenticated":true,"userInfo":{"userId":"u","productAccess":[]}}', "t"
    ),
    "TiunVerdict": lambda: _core.parse_tiun_verify_response(404, {}, b'{"title":"no"}', "s"),
    "Attempt": lambda: failed_call().attempts[0],
    "Watch": watch,
    "PingEvents": lambda: ping().open_events(),
    "ElizaMessageStream": lambda: LIVE["ElizaClient"]().open_stream_message("s", "c"),
    "SessionEvent": lambda: _core.SessionEvent(
        id=1, event_type="t", session_id="s", created_at=NOW, extra={"new": [1]}
    ),
    "StreamGap": lambda: _core.StreamGap(since=NOW, until=NOW),
    "ElizaStreamEvent": lambda: _core.ElizaStreamEvent(type="chunk", text="t", data_json="[1]"),
}
#: Whose objects are values.
VALUES = {
    *("PingLimits", "PingPause", "PingSession", "PingZone"),
    *("CallReport", "ElizaCursors", "ElizaHealth", "ElizaMessage", "ElizaMessagePage"),
    *("ElizaReply", "ElizaSentMessage", "ElizaSession", "ElizaSessionStatus"),
    *("PingSessionStatus", "ProblemDetails", "RateLimit", "Session"),
    *("ElizaStreamEvent", "SessionEvent", "StreamGap"),
    *("TimeoutConfig", "TiunUser", "TiunUserVerification", "TiunVerdict", "Attempt"),
}


def attempt(call: Callable[..., Any], *arguments: Any, **named: Any) -> Any:
    """Return what the call returns, or the exception that it raises."""
    try:
        return call(*arguments, **named)
    except SystemError:
        raise
    # What a cancelled call raises is no Exception.
    except (Exception, asyncio.CancelledError) as error:  # noqa: BLE001 -- Python can catch it
        return error


def odd_arguments() -> Iterator[tuple[Any, ...]]:
    yield ()
    for one in ODD:
        yield (one,)
    yield from [(1, 2), ("a", "b"), (None, None, None), (b"x", 1, None), tuple(ODD)]


def use(thing: Any) -> None:
    """Look at everything that an object has, and call all of it without arguments."""
    for call in (repr, str, hash, bool, len, iter, list, dir, vars, sys.getsizeof, format):
        attempt(call, thing)
    for name in dir(type(thing)):
        found = attempt(getattr, thing, name)
        if callable(found) and name not in {"__class__", "__init_subclass__", "__subclasshook__"}:
            attempt(found)


def misuse(thing: Any) -> None:
    """Call everything that an object has with everything."""
    for name in dir(type(thing)):
        found = attempt(getattr, thing, name)
        if not callable(found) or name in {"__class__", "__delattr__", "__setattr__"}:
            continue
        for arguments in odd_arguments():
            attempt(found, *arguments)
        attempt(found, thing)
        attempt(found, x=1)
    for other in ODD:
        for compare in (lambda a, b: a == b, lambda a, b: a != b, lambda a, b: a < b):
            attempt(compare, thing, other)
            attempt(compare, other, thing)


def made(cls: Any) -> Iterator[Any]:
    """Try every way to make an object of the class; yield what comes of it."""
    bases = [*cls.__mro__, object]
    for arguments in odd_arguments():
        yield attempt(cls, *arguments)
        yield attempt(cls.__new__, cls, *arguments)
        yield attempt(cls.__new__, *arguments)
        yield attempt(cls.__init__, *arguments)
    for base in bases:
        yield attempt(base.__new__, cls)
        yield attempt(base.__new__, base)
        yield attempt(base)
        yield attempt(cls.__new__, base)
        yield attempt(copyreg._reconstructor, cls, base, None)  # type: ignore[attr-defined]
    yield attempt(copyreg.__newobj__, cls)  # type: ignore[attr-defined]
    for form in ({}, {"__slots__": ()}, {"__new__": lambda c, *_: object.__new__(c)}):
        heir = attempt(type, "Heir", (cls,), dict(form))
        if isinstance(heir, type):
            yield attempt(heir)
            yield attempt(object.__new__, heir)
            yield attempt(cls.__new__, heir)


def reductions(thing: Any) -> Iterator[Any]:
    yield attempt(thing.__reduce__)
    for protocol in [*range(-1, 7), None, "x", 2**70]:
        yield attempt(thing.__reduce_ex__, protocol)
        yield attempt(object.__reduce_ex__, thing, protocol)
        yield attempt(copyreg._reduce_ex, thing, protocol)  # type: ignore[attr-defined]
    yield attempt(object.__reduce__, thing)


def spoiled(part: Any) -> Iterator[Any]:
    """Yield the part with each of its own parts in turn replaced by odd things, or left out."""
    yield from ODD
    if isinstance(part, dict):
        for key, value in part.items():
            rest = {k: v for k, v in part.items() if k != key}
            yield rest
            for other in spoiled(value):
                yield {**rest, key: other}
        yield {**part, "new": 1}
    if isinstance(part, tuple):
        for i, value in enumerate(part):
            yield part[:i] + part[i + 1 :]
            for other in spoiled(value):
                yield (*part[:i], other, *part[i + 1 :])


def rebuild(reduced: Any) -> None:
    """Make objects as pickle does from what an object was reduced to, and from spoiled forms."""
    if not isinstance(reduced, tuple) or len(reduced) < 2 or not callable(reduced[0]):
        return
    for arguments in itertools.chain([reduced[1]], spoiled(reduced[1])):
        if isinstance(arguments, tuple):
            again = attempt(reduced[0], *arguments)
            if type(again).__module__ == "sessionvitals._core":
                use(again)
                for state in [*ODD, *reduced[2:3]]:
                    if hasattr(again, "__setstate__"):
                        attempt(again.__setstate__, state)
                use(again)


def snapshot(thing: Any) -> Any:
    return thing.to_dict(), repr(thing), hash(thing), pickle.dumps(thing)


def check_value(thing: Any) -> None:
    """Check that no way leads to another value in the same object."""
    before, twin = snapshot(thing), copy.deepcopy(thing)
    names = [name for name in dir(type(thing)) if not name.startswith("__")]
    for name in [*names, "__class__", "__dict__", "new"]:
        for other in [*ODD, type(thing), thing]:
            assert attempt(setattr, thing, name, other) is not None, name
            assert attempt(object.__setattr__, thing, name, other) is not None, name
        assert attempt(delattr, thing, name) is not None, name
        assert attempt(setattr, type(thing), name, None) is not None, name
    for arguments in odd_arguments():
        attempt(thing.__init__, *arguments)
        if hasattr(thing, "__setstate__"):
            attempt(thing.__setstate__, *arguments)
    fields = type(thing).__match_args__
    for name in fields:
        for other in ODD:
            changed = attempt(thing.__replace__, **{name: other})
            if not isinstance(changed, Exception):
                use(changed)
                assert pickle.loads(pickle.dumps(changed)) == changed
            attempt(type(thing), **dict.fromkeys(fields, other))
            attempt(type(thing).from_dict, {**before[0], name: other})
    assert type(thing).from_dict(before[0]) == thing
    assert snapshot(thing) == before
    assert twin == thing
    for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
        assert pickle.loads(pickle.dumps(thing, protocol)) == thing


def in_threads(thing: Any) -> None:
    threads = [threading.Thread(target=use, args=(thing,)) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def abuse(cls: type) -> None:
    for thing in made(cls):
        if isinstance(thing, cls):
            use(thing)
            misuse(thing)
    live = LIVE.get(cls.__name__)
    if live is None:
        return
    thing = live()
    assert type(thing) is cls
    if cls.__name__ in VALUES:
        check_value(thing)
    use(thing)
    misuse(live())
    for name, member in vars(cls).items():
        for other in ODD:
            if hasattr(member, "__get__"):
                attempt(member.__get__, other)
                attempt(member.__get__, other, cls)
            if isinstance(member, types.FunctionType | types.MethodDescriptorType):
                attempt(member, other)
            attempt(setattr, thing, name, other)
    for reduced in reductions(thing):
        rebuild(reduced)
    for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
        attempt(pickle.loads, attempt(pickle.dumps, thing, protocol))
    attempt(copy.copy, thing)
    attempt(copy.deepcopy, thing)
    in_threads(live())
    for close in ("close", "finish", "cancel", "take"):
        with contextlib.suppress(Exception):
            getattr(thing, close)()
    use(thing)
    misuse(thing)
    in_threads(thing)
    cycle: list[Any] = [thing, live()]
    cycle.append(cycle)
    attempt(weakref.ref, thing)
    del cycle, thing
    gc.collect()


def abuse_functions() -> None:
    for name, function in vars(_core).items():
        if callable(function) and not isinstance(function, type):
            for arguments in odd_arguments():
                attempt(function, *arguments)
            if name.startswith("parse_"):
                for one, other in itertools.product(ODD, ODD):
                    attempt(function, "s", 200, one, other)
                    attempt(function, one, other, {}, b"{}")
                    attempt(function, "s", 404, [(one, other)], b"{}")


if __name__ == "__main__":
    faulthandler.enable()
    faulthandler.dump_traceback_later(100, exit=True)
    chosen = getattr(_core, sys.argv[1], None)
    if isinstance(chosen, type):
        abuse(chosen)
    else:
        abuse_functions()
    print("done")
