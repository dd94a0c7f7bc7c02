"""The table of retry decisions, through the binding; the engine's stress program runs it in C++."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from sessionvitals._core import inspect_retry

VECTORS = json.loads((Path(__file__).parent / "retry_vectors.json").read_text())["vectors"]


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["name"])
def test_a_retry_is_decided_as_the_table_says(vector: dict[str, Any]) -> None:
    question = {k: v for k, v in vector.items() if k not in {"name", "again", "wait_ms", "reason"}}
    headers = list(question.pop("headers", {}).items())

    again, wait, reason = inspect_retry(headers=headers, **question)

    assert (again, wait // timedelta(milliseconds=1), reason) == (
        vector["again"],
        vector.get("wait_ms", 0),
        vector["reason"],
    )
