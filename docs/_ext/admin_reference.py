"""The directive `admin-routes`: the calls of the mock's admin interface that have a tag.

    ```{admin-routes} clock
    ```

They come from mocks/openapi/admin.json, which the mock itself serves. Each is in the inventory of
the site as a `route`: "GET /__admin/clock". The directive `admin-schemas` lists what they take and give.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

DOCUMENT = Path(__file__).parents[2] / "mocks/openapi/admin.json"
METHODS = ("get", "head", "post", "put", "patch", "delete")


@cache
def document() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(DOCUMENT.read_text())
    return found


def routes(tag: str | None = None) -> dict[str, tuple[dict[str, Any], dict[str, Any]]]:
    """Return the calls by method and path, each with its path's members."""
    return {
        f"{method.upper()} {path}": (item[method], item)
        for path, item in document()["paths"].items()
        for method in METHODS
        if method in item and (tag is None or tag in item[method]["tags"])
    }


class AdminDirective(SphinxDirective):
    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        self.env.note_dependency(str(DOCUMENT))
        found = routes(self.arguments[0])
        if not found:
            raise self.error(f"no call of the admin interface has the tag {self.arguments[0]!r}")
        text = [line for name, (call, item) in found.items() for line in lines(name, call, item)]
        return self.parse_text_to_nodes("\n".join(text))


class SchemasDirective(SphinxDirective):
    def run(self) -> list[nodes.Node]:
        text: list[str] = []
        for name, schema in document()["components"]["schemas"].items():
            text += [f"({label(name)})=", f"### {name}", "", *members(schema), ""]
        return self.parse_text_to_nodes("\n".join(text), allow_section_headings=True)


def label(schema: str) -> str:
    return f"admin-{schema.lower()}"


def lines(name: str, call: dict[str, Any], item: dict[str, Any]) -> list[str]:
    text = ["`````{route} " + name, call["summary"] + ".", ""]
    parameters = [
        resolved(each) for each in [*item.get("parameters", []), *call.get("parameters", [])]
    ]
    if parameters:
        text += ["| parameter | in | type | meaning |", "|---|---|---|---|"]
        for each in parameters:
            kind = type_of(each["schema"])
            text.append(
                f"| `{each['name']}` | {each['in']} | {kind} | {cell(each.get('description', ''))} |"
            )
        text.append("")
    if body := call.get("requestBody"):
        (content,) = body["content"].values()
        text += [f"Body: {type_of(content['schema'])}", ""]
    answers = ", ".join(
        f"{status} ({resolved(answer)['description']})"
        for status, answer in call["responses"].items()
    )
    return [*text, f"Answers: {cell(answers)}", "`````", ""]


def members(schema: dict[str, Any]) -> list[str]:
    """Return a table of an object's members, or one line for anything else."""
    schema = resolved(schema)
    for choice in ("oneOf", "anyOf"):
        if choice in schema:
            return [f"One of: {', '.join(type_of(each) for each in schema[choice])}."]
    if "properties" not in schema:
        return [f"{type_of(schema)}. {cell(schema.get('description', ''))}"]
    table = ["| member | type | meaning |", "|---|---|---|"]
    required = schema.get("required", [])
    for name, member in schema["properties"].items():
        meaning = cell(resolved(member).get("description", ""))
        if name in required:
            meaning = f"{meaning} Required.".lstrip()
        table.append(f"| `{name}` | {type_of(member)} | {meaning} |")
    return table


def type_of(schema: dict[str, Any]) -> str:
    """Say in a few words which JSON a schema takes."""
    if "$ref" in schema:
        name = str(schema["$ref"].rpartition("/")[2])
        return f"[{name}](#{label(name)})"
    if "enum" in schema:
        return ", ".join(f"`{json.dumps(each)}`" for each in schema["enum"])
    if "const" in schema:
        return f"`{json.dumps(schema['const'])}`"
    for choice in ("oneOf", "anyOf"):
        if choice in schema:
            return " or ".join(type_of(each) for each in schema[choice])
    if "properties" in schema:
        return "an object with " + ", ".join(f"`{name}`" for name in schema["properties"])
    kind = schema.get("type", "any JSON")
    words = " or ".join(kind) if isinstance(kind, list) else str(kind)
    if words == "array" and "items" in schema:
        return f"array of {type_of(schema['items'])}"
    return words


def resolved(schema: dict[str, Any]) -> dict[str, Any]:
    while "$ref" in schema:
        found: Any = document()
        for word in schema["$ref"].removeprefix("#/").split("/"):
            found = found[word]
        schema = found
    return schema


def cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ").replace("<", "&lt;")


def setup(app: Sphinx) -> dict[str, bool]:
    app.add_object_type("route", "route", indextemplate="pair: %s; admin interface")
    app.add_directive("admin-routes", AdminDirective)
    app.add_directive("admin-schemas", SchemasDirective)
    return {"parallel_read_safe": True}
