"""The tables of a ledger, version by version.

A version is never edited after a release: a change is a new one at the end. Both databases have the
same tables; what differs is in braces.
"""

from __future__ import annotations

#: Each version's statements. ``{key}`` is a primary key that counts up, ``{strict}`` ends a table.
VERSIONS: tuple[tuple[str, ...], ...] = (
    (
        # Client ids and states, each text once.
        "CREATE TABLE ledger_texts (key {key}, text TEXT NOT NULL UNIQUE){strict}",
        "CREATE TABLE ledger_sessions (key {key}, session_id TEXT NOT NULL UNIQUE){strict}",
        # Times are microseconds since 1970 in UTC, counters bytes and seconds since the session's
        # start. source: 0 a look, 1 an event, 2 a look whose time the caller gave.
        (
            "CREATE TABLE ledger_observations (seq {key}, session {integer} NOT NULL, "
            "source {integer} NOT NULL, event_id {integer}, vendor_at {integer} NOT NULL, "
            "seen_at {integer} NOT NULL, state {integer} NOT NULL, client {integer}, "
            "duration {integer}, uploaded {integer}, downloaded {integer}){strict}"
        ),
        "CREATE INDEX ledger_by_session ON ledger_observations (session, seq)",
        # An event that comes twice is kept once.
        (
            "CREATE UNIQUE INDEX ledger_by_event ON ledger_observations (session, event_id) "
            "WHERE event_id IS NOT NULL"
        ),
    ),
    (
        # A closed period counts the observations up to this seq, and no later ones.
        (
            "CREATE TABLE ledger_closings (closed_until {integer} NOT NULL UNIQUE, "
            "seq {integer} NOT NULL, closed_at {integer} NOT NULL){strict}"
        ),
        # Spans in which nothing was observed.
        (
            "CREATE TABLE ledger_notes (seq {key}, kind TEXT NOT NULL, began {integer} NOT NULL, "
            "ended {integer} NOT NULL){strict}"
        ),
    ),
)

VERSION = len(VERSIONS)
#: What each version has added: tables, and what is read of them.
TABLES = (
    {
        "ledger_texts": "key, text",
        "ledger_sessions": "key, session_id",
        "ledger_observations": (
            "session, seq, source, event_id, vendor_at, seen_at, state, client, duration, "
            "uploaded, downloaded"
        ),
    },
    {
        "ledger_closings": "closed_until, seq, closed_at",
        "ledger_notes": "seq, kind, began, ended",
    },
)


def statements(since: int, **words: str) -> list[str]:
    """Return what brings a ledger of version ``since`` to the newest."""
    return [each.format(**words) for version in VERSIONS[since:] for each in version]


INSERT_OBSERVATION = (
    "INSERT INTO ledger_observations (session, source, event_id, vendor_at, seen_at, state, "
    "client, duration, uploaded, downloaded) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) "
    "ON CONFLICT DO NOTHING"
)
INSERT_NOTE = "INSERT INTO ledger_notes (kind, began, ended) VALUES (?, ?, ?)"
INSERT_CLOSING = "INSERT INTO ledger_closings (closed_until, seq, closed_at) VALUES (?, ?, ?)"
CLOSINGS = "SELECT closed_until, seq FROM ledger_closings ORDER BY closed_until"
NOTES = "SELECT kind, began, ended FROM ledger_notes ORDER BY began, seq"
LAST = "SELECT MAX(seq) FROM ledger_observations"
LAST_SEEN = "SELECT MAX(seen_at) FROM ledger_observations WHERE seen_at <= ?"
HAS_EARLIER = "SELECT 1 FROM ledger_observations WHERE vendor_at < ? LIMIT 1"
COLUMNS = TABLES[0]["ledger_observations"]
#: Every row of the sessions that a window from (vendor_at, seq) on may concern.
ROWS = (
    f"SELECT {COLUMNS} FROM ledger_observations WHERE session IN (SELECT session FROM "
    "ledger_observations WHERE vendor_at >= ? OR seq > ?) ORDER BY session, seq"
)
ALL_ROWS = f"SELECT {COLUMNS} FROM ledger_observations ORDER BY session, seq"
OBSERVATIONS = (
    "SELECT seq, session_id, clients.text, source, event_id, vendor_at, seen_at, states.text, "
    "duration, uploaded, downloaded FROM ledger_observations "
    "LEFT JOIN ledger_sessions ON ledger_sessions.key = session "
    "LEFT JOIN ledger_texts states ON states.key = state "
    "LEFT JOIN ledger_texts clients ON clients.key = client ORDER BY seq"
)
