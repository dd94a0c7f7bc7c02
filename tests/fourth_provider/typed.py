"""What a type checker makes of Maple's clients; nothing here is run."""

from __future__ import annotations

from sessionvitals import AsyncMapleClient, MapleClient, MapleTree, Page


def ask(client: MapleClient) -> Page[MapleTree]:
    sap: str = client.sap("t").sap
    return client.plant_trees(sap, [], limit=1)


async def begin(client: AsyncMapleClient) -> int | None:
    (tree,) = await client.plant_trees("g", [])
    return tree.rings
