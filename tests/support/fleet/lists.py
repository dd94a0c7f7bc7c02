"""Lists of ids in files, as users have them."""

from __future__ import annotations

from pathlib import Path


def as_text(path: Path, ids: list[str]) -> Path:
    path.write_text("\ufeff" + "\r\n".join(ids) + "\n\n", encoding="utf-8")
    return path
