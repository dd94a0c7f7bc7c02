"""OpenAPI documents as judge of the contracts and of the parsers.

The validator is not ours. The vendors' own documents state no licence and are not in the tree:
SESSIONVITALS_DOCUMENTS names a folder with them. Without one, the mock's own document judges what
is in the contracts, and no answers are made up.
"""

from __future__ import annotations

import json
import os
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.support.contracts import EXCHANGES, Exchange
from tests.support.vendors import VENDORS, parse

DOCUMENTS = os.environ.get("SESSIONVITALS_DOCUMENTS", "")
FILES = {"ping": "ping-v2.openapi.json", "tiun": "tiun.openapi.json"}
ONLY_IN_SKILL_PAGES = {"verify_user", "get_user_info"}  # of tiun
INT64 = {"minimum": -(2**63), "maximum": 2**63 - 1}

MOCKS_OWN = Path(__file__).parents[2] / "mocks/openapi/vendors.json"


@dataclass(frozen=True)
class Documented:
    """A call as the vendor documents it."""

    path: str
    call: dict[str, Any]

    def response_schema(self, http_status: int) -> dict[str, Any] | None:
        """Return the schema of the answer's body; None if it has none."""
        content = self.call["responses"][str(http_status)].get("content", {})
        schema: dict[str, Any] | None = content.get("application/json", {}).get("schema")
        return schema


def as_json_schema(schema: Any, document: dict[str, Any]) -> Any:
    """Return an OpenAPI 3.0 schema as a JSON schema: references, null and int64 in its words."""
    if isinstance(schema, list):
        return [as_json_schema(each, document) for each in schema]
    if not isinstance(schema, dict):
        return schema
    if "$ref" in schema:
        found: Any = document
        for step in schema["$ref"].removeprefix("#/").split("/"):
            found = found[step]
        return as_json_schema(found, document)
    made = {
        name: as_json_schema(value, document)
        for name, value in schema.items()
        if name not in {"example", "examples", "nullable", "description", "discriminator"}
    }
    if made.get("type") == "integer":
        made = {**INT64, **made}
    return {"anyOf": [made, {"type": "null"}]} if schema.get("nullable") is True else made


@cache
def documented_calls(provider: str) -> dict[str, list[Documented]]:
    """Return the vendor's calls by method."""
    file = Path(DOCUMENTS) / FILES[provider] if DOCUMENTS else MOCKS_OWN
    document = json.loads(file.read_text(encoding="utf-8"))
    calls: dict[str, list[Documented]] = {}
    for path, methods in document["paths"].items():
        for method, call in methods.items():
            if method in {"get", "post", "put", "patch", "delete"}:
                made = as_json_schema(call, document)
                calls.setdefault(method.upper(), []).append(Documented(path, made))
    return calls


def documented(exchange: Exchange) -> Documented | None:
    """Return the call that the exchange's request is; None if the document has none."""
    path = exchange.request["target"].partition("?")[0]
    if not DOCUMENTS:
        path = VENDORS[exchange.provider].prefix + path
    for each in documented_calls(exchange.provider).get(exchange.request["method"], []):
        pattern = re.sub(r"\{[^}]*\}", "[^/]+", each.path)
        if re.fullmatch(pattern, path):
            return each
    return None


def is_played(exchange: Exchange) -> bool:
    """Return whether the mock gives the answer by itself: a scripted one may break the contract."""
    return exchange.given.get("answer") != "scripted"


def answers(schema: dict[str, Any]) -> st.SearchStrategy[Any]:
    """Return answers of that schema, and of none that it does not allow: the validator says so."""
    return _answers(schema).filter(
        lambda answer: jsonschema.Draft202012Validator(schema).is_valid(answer)
    )


def _answers(schema: dict[str, Any]) -> st.SearchStrategy[Any]:
    if "enum" in schema:
        return st.sampled_from(schema["enum"])
    for several in ("anyOf", "oneOf"):
        if several in schema:
            return st.one_of([_answers(each) for each in schema[several]])
    if schema.get("format") == "date-time":
        return st.datetimes().map(lambda time: time.isoformat() + "Z")
    if schema.get("type") == "object":
        return _objects(schema)
    if schema.get("type") == "array":
        return st.lists(_answers(schema.get("items", {})), max_size=5)
    kinds: dict[str | None, st.SearchStrategy[Any]] = {
        "string": st.text(min_size=schema.get("minLength", 0)),
        "integer": st.integers(schema.get("minimum"), schema.get("maximum")),
        "number": st.floats(allow_nan=False, allow_infinity=False),
        "boolean": st.booleans(),
        "null": st.none(),
        None: st.none() | st.booleans() | st.text(),
    }
    return kinds[schema.get("type")]


def _objects(schema: dict[str, Any]) -> st.SearchStrategy[Any]:
    members = {name: _answers(each) for name, each in schema.get("properties", {}).items()}
    required = {name: members.pop(name) for name in schema.get("required", ()) if name in members}
    documented_ones = st.fixed_dictionaries(required, optional=members)
    others = st.dictionaries(st.text(min_size=1).map("new-{}".format), st.text(), max_size=2)
    return st.builds(lambda ours, new: {**new, **ours}, documented_ones, others)


OURS = [each for each in EXCHANGES if each.provider in FILES]


@pytest.mark.parametrize("exchange", OURS, ids=str)
def test_every_request_is_one_that_the_vendor_documents(exchange: Exchange) -> None:
    call = documented(exchange)
    if call is None:
        assert exchange.ask["operation"] in ONLY_IN_SKILL_PAGES
        return
    body = exchange.request["body"]
    schema = call.call.get("requestBody", {}).get("content", {}).get("application/json", {})
    assert bool(body) <= bool(schema), "a body where none is documented"
    if schema:
        jsonschema.validate(json.loads(body), schema["schema"])


@pytest.mark.parametrize("exchange", [each for each in OURS if is_played(each)], ids=str)
def test_every_answer_that_the_mock_plays_is_valid(exchange: Exchange) -> None:
    call = documented(exchange)
    http_status = exchange.response["http_status"]
    if call is None or str(http_status) not in call.call["responses"]:
        return
    schema = call.response_schema(http_status)
    if schema is not None and "body" in exchange.response:
        jsonschema.validate(exchange.response["body"], schema)


def one_of_each_operation() -> list[Exchange]:
    """Return an exchange of each operation that ends well and is in the vendor's document."""
    chosen: dict[tuple[str, str], Exchange] = {}
    for each in OURS:
        if each.response["http_status"] < 300 and "returns" in each.meaning and documented(each):
            chosen.setdefault((each.provider, each.ask["operation"]), each)
    return [*chosen.values()]


@pytest.mark.skipif(not DOCUMENTS, reason="SESSIONVITALS_DOCUMENTS names no folder")
@pytest.mark.parametrize("exchange", one_of_each_operation(), ids=str)
def test_every_valid_answer_is_read(exchange: Exchange) -> None:
    call = documented(exchange)
    assert call is not None
    schema = call.response_schema(exchange.response["http_status"])
    if schema is None:
        pytest.skip("the vendor documents no body")
    if exchange.ask["operation"] == "create_session":
        # The document requires no member at all; without its id a session is lost.
        id_of_session = {"id": {**schema["properties"]["id"], "minLength": 1}}
        schema = {
            **schema,
            "required": [*schema.get("required", ()), "id"],
            "properties": {**schema["properties"], **id_of_session},
        }

    @settings(max_examples=200, deadline=None, suppress_health_check=[*HealthCheck])
    @given(answers(schema))
    def read(answer: Any) -> None:
        if exchange.ask["operation"] in {"pause_session", "resume_session"}:
            answer["session_id"] = exchange.ask["arguments"]["session_id"]  # as it was asked for
        parse(exchange, json.dumps(answer).encode())

    read()
