"""What a watch tells, and what it is told. The watches are in ``_async`` and ``_sync``."""
