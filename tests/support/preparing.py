"""Bringing a real server into the state of an exchange, by the vendor's own calls alone."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tests.support.contracts import Exchange
from tests.support.servers import MOCK_AGENT, REAL_SERVERS, USER, Servers


def why_not(exchange: Exchange) -> str | None:
    """Return why no real server can be brought to give that answer, or None if one can."""
    server = REAL_SERVERS[exchange.provider]
    if exchange.is_scripted:
        return "no server gives this answer when it is asked to"
    wanted = exchange.given.get("dialect", {}).get(exchange.provider)
    if wanted != server.get("dialect") and (wanted or exchange.response["http_status"] >= 400):
        return "real servers answer in another dialect"
    if "account" in exchange.given:
        return "the vendor has no call that sets up such an account"
    for session in exchange.given.get("sessions", []):
        if "create" not in server:
            return "the vendor has no call that creates such a session"
        if session["state"] != server["create"]["state"]:
            return "only time brings a session into this state"
        if "messages" in session:
            return "servers choose the times of messages"
        if session["id"] not in exchange.request["target"]:
            return "servers choose the ids of sessions"
    return None


def prepare(servers: Servers, exchange: Exchange) -> Exchange:
    """Prepare the server, and return the exchange with that server's key, ids and choices."""
    _ask_for_a_key(servers, exchange)
    exchange = _with_key_of(servers, exchange)
    for session in exchange.given.get("sessions", []):
        new_id = _create(servers, exchange.provider, session)
        exchange = _with_id(exchange, session["id"], new_id)
    if exchange.arguments.get("agent_id") == MOCK_AGENT:
        exchange = _with_agent(exchange, servers.eliza_agent)
    return _with_choices(exchange)


def _ask_for_a_key(servers: Servers, exchange: Exchange) -> None:
    """Have the server ask for a key where the exchange is about one."""
    if "keys" not in exchange.given:
        return
    provider, keys = exchange.provider, exchange.given["keys"]
    if servers.space is not None:
        servers.space.admin("PUT", "keys", keys)
        servers.told.keys.update(keys)
        return
    servers.expect(provider)
    if not servers.told.keys[provider]:
        pytest.skip(f"no key for {provider} in the environment: the server may ask for none")


def _with_key_of(servers: Servers, exchange: Exchange) -> Exchange:
    provider, key = exchange.provider, exchange.ask["key"]
    server = REAL_SERVERS[provider]
    right = exchange.given.get("keys", {provider: server["key"]["mock"]}).get(provider)
    if key != right and (key is None or right is not None):
        return exchange  # it is about a wrong or missing key
    ours = servers.told.keys[provider] or key
    header = server["key"]["header"]
    headers = dict(exchange.request["headers"])
    if ours is not None:
        headers[header] = headers.get(header, key or "").replace(key or "", "") + ours
    return replace(
        exchange,
        ask={**exchange.ask, "key": ours},
        request={**exchange.request, "headers": headers},
    )


def _create(servers: Servers, provider: str, session: dict[str, Any]) -> str:
    server = REAL_SERVERS[provider]
    values = {**session, "agent_id": servers.eliza_agent, "user_id": USER}
    members = server["create"]["body"].items()
    created = servers.create_eliza_session(
        **{name: values[member.strip("{}")] for name, member in members}
    )
    new_id = str(created[server["create"]["take"].strip("/")])
    again = server["repeat"]
    for _ in range(session.get(again["member"], 0)):
        servers.ask(provider, again["method"], again["target"].replace("{id}", new_id))
    return new_id


def _with_id(exchange: Exchange, old: str, new: str) -> Exchange:
    request = {**exchange.request, "target": exchange.request["target"].replace(old, new)}
    arguments = {**exchange.arguments, "session_id": new}
    return replace(exchange, ask={**exchange.ask, "arguments": arguments}, request=request)


def _with_agent(exchange: Exchange, agent_id: str) -> Exchange:
    body = exchange.request["body"].replace(MOCK_AGENT, agent_id)
    headers = {**exchange.request["headers"], "content-length": str(len(body.encode()))}
    request = {**exchange.request, "headers": headers, "body": body}
    arguments = {**exchange.arguments, "agent_id": agent_id}
    return replace(exchange, ask={**exchange.ask, "arguments": arguments}, request=request)


def _pointers(exchange: Exchange) -> set[str]:
    body = exchange.response.get("body")
    return {f"/{name}" for name in body} if isinstance(body, dict) else set()


def _with_choices(exchange: Exchange) -> Exchange:
    chosen = REAL_SERVERS[exchange.provider].get("chosen")
    is_of_a_session = "sessions" in exchange.given or "agent_id" in exchange.arguments
    if chosen is None or not is_of_a_session or "/sessionId" not in _pointers(exchange):
        return exchange

    def told(part: dict[str, Any], name: str) -> dict[str, Any]:
        # Some answers have fewer members than others.
        theirs = exchange.response["body"] if name == "response" else exchange.meaning["returns"]
        there = [pointer for pointer in chosen[name] if pointer[1:] in theirs]
        return {**part, "volatile": [*part.get("volatile", []), *there]}

    return replace(
        exchange,
        response=told(exchange.response, "response"),
        meaning=told(exchange.meaning, "meaning"),
    )
