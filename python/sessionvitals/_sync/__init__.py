"""The clients that wait: written from ``_async`` by ``make sync``, all but carrier.py."""
