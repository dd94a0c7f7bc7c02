"""The clients for asyncio, and the source of those that wait.

``_sync`` is written from here by python/generate_sync.py, but for carrier.py, which says in each
folder how a call is carried. Imported only when an asynchronous client is used: asyncio costs more
to import than all the rest.
"""
