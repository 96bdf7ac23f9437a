"""The specs agree with facts that were typed from the documents (see facts/README.md)."""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from driftline.openapi import load, pointer as json_pointer
from driftline.openapi.model import MediaType, Operation, Parameter, Response, Spec

FOLDER = Path(__file__).parent
SPECS = {path.stem: load(path) for path in sorted((FOLDER.parents[1] / "specs").glob("*.yaml"))}
KEYWORDS = (
    *("format", "enum", "default", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"),
    *("multipleOf", "minLength", "maxLength", "pattern", "minItems", "maxItems", "uniqueItems"),
    *("minProperties", "maxProperties", "const"),
)

# A line of facts: the operation ("" for the API), the place in it, and one of its words.
Statement = tuple[str, str, str]


def _read_facts(api: str) -> set[Statement]:
    """Return the facts in the API's file in facts/."""
    statements: set[Statement] = set()
    operation = ""
    for line in (FOLDER / "facts" / f"{api}.txt").read_text("utf-8").splitlines():
        kind, *words = shlex.split(line, comments=line.startswith("#")) or [""]
        if not line.startswith(" ") and kind not in {"", "server"}:
            operation = kind
            statements.add((operation, "route", " ".join(words)))
        elif kind:
            subject = kind if kind in {"listing", "effect"} else f"{kind} {words.pop(0)}"
            statements |= {(operation, subject, word) for word in words or [""]}
    return statements


class _Reading:
    """The same facts, derived from a spec."""

    def __init__(self, spec: Spec) -> None:
        self.spec = spec

    def facts(self) -> Iterator[Statement]:
        for server in self.spec.servers:
            mark = self.mark(server.pointer, "url")
            yield from self.yield_facts(
                "", f"server {server.url}{mark}", self.extras(server.pointer)
            )
        for operation in self.spec.operations:
            for subject, words in self.operation(operation):
                yield from self.yield_facts(operation.id, subject, words)

    def yield_facts(self, operation: str, subject: str, words: list[str]) -> Iterator[Statement]:
        return ((operation, subject, word) for word in words or [""])

    def operation(self, operation: Operation) -> Iterator[tuple[str, list[str]]]:
        yield "route", [f"{operation.method} {operation.path}"]
        for name in operation.security[0] if len(operation.security) == 1 else ():
            scheme = self.spec.security_schemes[name]
            kind = scheme.kind + self.mark(scheme.pointer, "scheme")
            yield (
                f"credential {scheme.wire_name}",
                [kind, "required", *self.extras(scheme.pointer)],
            )
        for parameter in operation.parameters:
            yield from self.parameter(parameter)
        if operation.body:
            need = ["required"] if operation.body.required else []
            yield from self.content("body", operation.body.content, need)
        for extension in ("listing", "effect"):
            pointer = f"{operation.pointer}/x-{extension}"
            node = self.spec.get_node(pointer)
            if node is not json_pointer.MISSING:
                yield extension, list(self.leaves(pointer, node))
        for response in operation.responses:
            yield from self.answer(response)

    def parameter(self, parameter: Parameter) -> Iterator[tuple[str, list[str]]]:
        subject = f"{parameter.location} {parameter.name}"
        words = ["required"] if parameter.required else []
        node = self.spec.get_node(parameter.pointer)
        words += [
            f"{key}={_format_value(node[key])}{self.mark(parameter.pointer, key)}"
            for key in ("style", "explode", "example", "examples", "deprecated")
            if key in node
        ]
        for path, field_words in self.schema(parameter.schema_pointer):
            yield subject + path, field_words if path else [*field_words, *words]

    def answer(self, response: Response) -> Iterator[tuple[str, list[str]]]:
        mark = self.mark(response.pointer, "content")
        fields = self.content(response.status, response.content, [])
        for subject, words in fields:
            if "/" in subject:
                yield f"answer {response.status}{mark}", [subject.split()[-1], *words]
            elif response.status.startswith("2"):
                yield subject, words

    def content(
        self, subject: str, content: tuple[MediaType, ...], words: list[str]
    ) -> Iterator[tuple[str, list[str]]]:
        for media in content:
            for path, field_words in self.schema(media.schema_pointer):
                if path:
                    yield f"{subject} {path.removeprefix('.')}", field_words
                else:
                    yield f"{subject} {media.name}", [*words, *field_words]

    def schema(
        self, pointer: str, path: str = "", need: str = ""
    ) -> Iterator[tuple[str, list[str]]]:
        """Yield each field of a schema with its path and keywords."""
        words: list[str] = []
        schemas = list(self.resolve(pointer))
        children: list[tuple[str, str, str]] = []
        for schema_pointer, mark in schemas:
            node = self.spec.get_node(schema_pointer)
            words += self.keywords(schema_pointer, node, mark)
            required_mark = self.mark(schema_pointer, "required")
            for name in node.get("properties", {}):
                field_need = f"required{required_mark}" if name in node.get("required", ()) else ""
                field = schema_pointer + json_pointer.join("properties", name)
                children.append((field, f".{name}", field_need))
            if "items" in node:
                children.append((f"{schema_pointer}/items", "[]", ""))
        yield path, [*(words or ["any"]), *filter(None, [need])]
        for schema_pointer, name, field_need in children:
            yield from self.schema(schema_pointer, path + name, field_need)

    def resolve(self, pointer: str, mark: str = "") -> Iterator[tuple[str, str]]:
        """Yield the schemas behind `$ref` and `anyOf`, with "~" if the reference is assumed."""
        node = self.spec.get_node(pointer)
        if "$ref" in node:
            mark = mark or self.mark(pointer, "$ref")
            yield from self.resolve(json_pointer.parse_reference(node["$ref"]), mark)
        elif "anyOf" in node:
            for index in range(len(node["anyOf"])):
                yield from self.resolve(f"{pointer}/anyOf/{index}", mark)
        else:
            yield pointer, mark

    def keywords(self, pointer: str, node: Mapping[str, Any], mark: str) -> Iterator[str]:
        types = node.get("type", [])
        types = types if isinstance(types, list) else [types]
        type_mark = self.mark(pointer, "type")
        # Where one of two types is ours, it is null: the document shows the other.
        yield from (
            type_name + (type_mark if len(types) == 1 or type_name == "null" else "")
            for type_name in types
        )
        for key in KEYWORDS:
            if key in node:
                yield f"{key}={_format_value(node[key])}{mark or self.mark(pointer, key)}"
        if node.get("additionalProperties") is True:
            yield "open"

    def leaves(self, pointer: str, node: Any, name: str = "") -> Iterator[str]:
        if isinstance(node, dict) and node:
            for key, value in node.items():
                if key != "x-assumed":
                    member_pointer = pointer + json_pointer.join(key)
                    yield from self.leaves(member_pointer, value, f"{name}.{key}" if name else key)
        else:
            parent, _, key = pointer.rpartition("/")
            yield f"{name}={_format_value(node)}{self.mark(parent, key)}"

    def extras(self, pointer: str) -> list[str]:
        node = self.spec.get_node(pointer)
        return [
            f"{extension}={node['x-' + extension]}{self.mark(pointer, 'x-' + extension)}"
            for extension in ("env", "prefix")
            if "x-" + extension in node
        ]

    def mark(self, pointer: str, keyword: str) -> str:
        return "~" if self.spec.find_assumption(f"{pointer}/{keyword}") else ""


def _format_value(value: Any) -> str:
    if isinstance(value, list):
        return ",".join(map(_format_value, value))
    return value if isinstance(value, str) else json.dumps(value)


@pytest.mark.parametrize("api", SPECS)
def test_every_fact_matches_the_document(api: str) -> None:
    """No field, type, enum, bound, default or mark of a spec differs from the facts."""
    typed_facts, read_facts = _read_facts(api), set(_Reading(SPECS[api]).facts())
    assert {
        "in the spec": sorted(read_facts - typed_facts),
        "in the facts": sorted(typed_facts - read_facts),
    } == {
        "in the spec": [],
        "in the facts": [],
    }


@pytest.mark.parametrize("path", sorted((FOLDER / "facts").glob("*.json")), ids=lambda p: p.stem)
def test_every_example_matches_the_document(path: Path) -> None:
    """The example `document` of each successful response equals the example of the document."""
    api, _, operation_id = path.stem.partition(".")
    operation = SPECS[api].find_operation(operation_id)
    assert operation
    assert operation.success
    assert operation.success.json
    assert operation.success.json.examples["document"] == json.loads(path.read_text("utf-8"))


REQUESTS = {
    "call.create": {
        "callDirection": "INBOUND",
        "interfaceType": "PHONE",
        "recordingUrl": "https://example.com",
        # The document sends the placeholder 'startedAt'; see x-contradictions.
        "startedAt": "2024-01-15T10:00:00Z",
    },
    "callAnalysis.create": {
        "callDirection": "INBOUND",
        "interfaceType": "PHONE",
        "participants": [{"role": "AGENT"}, {"role": "AGENT"}],
        "recordingUrl": "https://example.com/recording.wav",
        "startedAt": "2025-02-11T01:04:32.737Z",
    },
}


@pytest.mark.parametrize("operation_id", REQUESTS)
def test_every_request_sample_matches_the_document(operation_id: str) -> None:
    """The request example `document` equals the code sample of the document."""
    operation = SPECS["roark"].find_operation(operation_id)
    assert operation
    assert operation.body
    assert operation.body.json
    assert operation.body.json.examples["document"] == REQUESTS[operation_id]


def test_every_operation_has_its_facts() -> None:
    """Every operation of the specs has facts and an example."""
    documented_ids = {path.stem for path in (FOLDER / "facts").glob("*.json")}
    assert documented_ids == {
        f"{api}.{operation.id}" for api, spec in SPECS.items() for operation in spec.operations
    }
