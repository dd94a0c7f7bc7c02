"""The compiled half of probe_many, used as no program should: an exception, and never a crash."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.support.asking import run_python, seed

if TYPE_CHECKING:
    from tests.support.sandbox import Space

START = """
import asyncio, copy, copyreg, gc, pickle, sys, threading
from sessionvitals import ConfigurationError, PingClient, OutcomeTable
from sessionvitals._core import BulkProbe, Inbox

client = PingClient("ping-sandbox-key", base_url=sys.argv[1])
ids = ["s-%d" % n for n in range(300)]
loop = asyncio.new_event_loop()
loop.close()

def bulk(**options):
    return client._compiled.bulk_probe(16, False, **options)

def feed_all(bulk, ids):
    drawn = iter(ids)
    while bulk.feed(drawn):
        pass

def raises(kind, call):
    try:
        call()
    except kind as error:
        return str(error)
    raise SystemExit(f"{call} raised nothing")
"""

MISUSES = {
    "after close": """
one = bulk()
one.feed(iter(ids))
one.take()
one.close()
one.close()
for use in (one.take, one.take_ready, one.finish, lambda: one.feed(iter(ids)), lambda: one.room,
            lambda: one.is_done, lambda: one.expect({}), one.take_rows):
    assert "closed" in raises(ConfigurationError, use)
one.is_over
""",
    "closed by another thread while it is read": """
for _ in range(50):
    one = bulk()
    one.feed(iter(ids))
    closing = threading.Thread(target=one.close)
    closing.start()
    try:
        while one.take():
            pass
    except ConfigurationError:
        pass
    closing.join()
""",
    "read by several threads": """
one = bulk()
counts = []
def read():
    count = 0
    while some := one.take():
        count += len(some)
    counts.append(count)
feed_all(one, ids[:200])
readers = [threading.Thread(target=read) for _ in range(4)]
for reader in readers: reader.start()
for reader in readers: reader.join()
assert sum(counts) == 200, counts
""",
    "rows asked for without a table": """
one = bulk()
feed_all(one, ids[:200])
raises(ValueError, one.take_rows)
assert one.take()
""",
    "one table filled by several threads, and read": """
table = OutcomeTable("ping")
def fill():
    one = bulk(table=table)
    feed_all(one, ids[:200])
    while one.take_rows():
        pass
    one.close()
fillers = [threading.Thread(target=fill) for _ in range(4)]
for filler in fillers: filler.start()
while any(filler.is_alive() for filler in fillers):
    table.__arrow_c_stream__()
    len(table)
assert len(table) == 800
""",
    "made without a constructor": """
for kind in (BulkProbe, Inbox, OutcomeTable):
    base = kind.__mro__[1]
    for way in (object.__new__, base.__new__):
        raises(TypeError, lambda: way(kind))
    raises(TypeError, lambda: base())
    raises(TypeError, lambda: base.__new__(base))
    raises(TypeError, lambda: base.__new__())
    raises(TypeError, lambda: kind.__new__(kind))
raises(TypeError, lambda: BulkProbe())
raises(TypeError, lambda: OutcomeTable())
raises(TypeError, lambda: OutcomeTable(7))
table = OutcomeTable("ping")
table.__init__("other")
Inbox(loop).__init__(loop)
""",
    "copied and pickled": """
for one in (bulk(), Inbox(loop), OutcomeTable("ping")):
    for way in (copy.copy, copy.deepcopy, pickle.dumps, lambda o: copyreg._reduce_ex(o, 0),
                lambda o: o.__reduce__(), lambda o: o.__reduce_ex__(0),
                lambda o: o.__reduce_ex__(4)):
        try:
            function, arguments, *_ = way(one)
        except TypeError:
            continue
        raises(TypeError, lambda: function(*arguments))
    raises(AttributeError, lambda: one.__setstate__({}))
""",
    "ids of any kind": """
class Text(str):
    def __eq__(self, other): raise LookupError("not comparable")
    __hash__ = str.__hash__
one = bulk()
raises(TypeError, lambda: one.feed(ids))
raises(TypeError, lambda: one.feed(None))
feed_all(one, [None, 7, b"s", "\\ud800", ["s-0"], Text("s-0"), Text("s-0"), ""])
count = 0
while some := one.take():
    count += len(some)
assert count == 8
raises(LookupError, lambda: list(client.probe_many([Text("s-0"), Text("s-0")])))
class Endless(list):
    def __len__(self): return 2**62
assert len(list(client.probe_many(Endless(ids)))) == 300
""",
    "an iterator that reads its own bulk, and closes it": """
one = bulk()
def own():
    yield "s-0"
    one.take()
    one.feed(iter(["s-1"]))
    yield "s-2"
    one.close()
    yield "s-3"
try:
    one.feed(own())
    one.take()
except ConfigurationError:
    pass
many = client.probe_many(iter(lambda: next(many).id, None))
raises(ValueError, lambda: list(many))
""",
    "left behind at the end": """
left = bulk()
left.feed(iter(ids))
sys.modules["kept"] = left
gc.disable()
cycle = [client.probe_many(ids)]
next(cycle[0])
cycle.append(cycle)
del cycle
""",
}


@pytest.mark.parametrize("misuse", MISUSES)
def test_misuse_is_an_exception(space: Space, misuse: str) -> None:
    seed(space, 300)
    code = START + MISUSES[misuse] + "\nprint('done')\n"
    finished = run_python(code, [space.base_url("ping")])
    assert finished.returncode == 0, finished.stderr
    assert finished.stdout == "done\n"
    assert finished.stderr == ""
