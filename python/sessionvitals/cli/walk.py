"""Two sessions of the sandbox, from their first call to their last: a chat and a tunnel."""

from __future__ import annotations

from collections.abc import Iterator

from .._core import ElizaSession
from .._sync.eliza import ElizaClient
from .._sync.ping import PingClient
from ..sandbox import Sandbox

#: A call, and what came of it in words.
Step = tuple[str, str]

AGENT = "6f1d2c3b-0000-4000-8000-000000000001"
USER = "6f1d2c3b-0000-4000-8000-000000000002"


def walk_a_chat(eliza: ElizaClient, sandbox: Sandbox) -> Iterator[Step]:
    """Create a chat with an agent, talk, keep it alive, renew it and end it."""
    created = eliza.create_session(AGENT, USER)
    chat = created.session_id
    yield "create_session", f"expires at {created.expires_at:%H:%M} UTC"
    sent = eliza.send_message(chat, "Hello", transport="http")
    yield "send_message", f"the agent says {sent.reply.text if sent.reply else 'nothing'}"
    yield "get_messages", f"the first says {eliza.get_messages(chat).messages[-1].content}"
    sandbox.clock.advance(minutes=20)
    yield "get_session", f"{minutes_left(eliza.get_session(chat))}, 20 minutes later"
    yield "send_heartbeat", minutes_left(eliza.send_heartbeat(chat))
    yield "renew_session", f"renewed {eliza.renew_session(chat).renewal_count} times"
    eliza.delete_session(chat)
    yield "delete_session", f"the session is {eliza.probe(chat).state}"


def minutes_left(session: ElizaSession) -> str:
    left = session.time_remaining
    return "no time is left" if left is None else f"{round(left.total_seconds() / 60)} minutes left"


def walk_a_tunnel(ping: PingClient) -> Iterator[Step]:
    """Find a zone, create a session in it, pause and resume it."""
    zone = next(each for each in ping.list_zones() if each.has_active_nodes)
    yield "list_zones", f"{zone.name} has nodes: its code is {zone.code}"
    created = ping.create_session("client-lisbon", zone.code, reusable=True)
    yield "create_session", "has a configuration link, which no later call gives"
    yield "session_status", ping.session_status(created.id).status
    yield "pause_session", f"paused: {ping.pause_session(created.id).paused}"
    yield "resume_session", f"paused: {ping.resume_session(created.id).paused}"
