"""The specs say what the documents say: each fact was typed twice (see facts/README.md)."""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from driftline.openapi import load, pointer as json_pointer
from driftline.openapi.model import MediaType, Operation, Parameter, Response, Spec

HERE = Path(__file__).parent
SPECS = {path.stem: load(path) for path in sorted((HERE.parents[1] / "specs").glob("*.yaml"))}
KEYWORDS = (
    *("format", "enum", "default", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"),
    *("multipleOf", "minLength", "maxLength", "pattern", "minItems", "maxItems", "uniqueItems"),
    *("minProperties", "maxProperties", "const"),
)

# A line of facts: the operation ("" for the API), the place in it, and one of its words.
Fact = tuple[str, str, str]


def _read_facts(api: str) -> set[Fact]:
    """The facts of an API as the file in facts/ has them."""
    found: set[Fact] = set()
    operation = ""
    for line in (HERE / "facts" / f"{api}.txt").read_text("utf-8").splitlines():
        kind, *words = shlex.split(line, comments=line.startswith("#")) or [""]
        if not line.startswith(" ") and kind not in {"", "server"}:
            operation = kind
            found.add((operation, "route", " ".join(words)))
        elif kind:
            place = kind if kind in {"listing", "effect"} else f"{kind} {words.pop(0)}"
            found |= {(operation, place, word) for word in words or [""]}
    return found


class _Reading:
    """The same facts as the spec has them."""

    def __init__(self, spec: Spec) -> None:
        self.spec = spec

    def facts(self) -> Iterator[Fact]:
        for server in self.spec.servers:
            mark = self.mark(server.pointer, "url")
            yield from self.yield_facts(
                "", f"server {server.url}{mark}", self.extras(server.pointer)
            )
        for operation in self.spec.operations:
            for place, words in self.operation(operation):
                yield from self.yield_facts(operation.id, place, words)

    def yield_facts(self, operation: str, place: str, words: list[str]) -> Iterator[Fact]:
        return ((operation, place, word) for word in words or [""])

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
        for word in ("listing", "effect"):
            pointer = f"{operation.pointer}/x-{word}"
            node = self.spec.get_node(pointer)
            if node is not json_pointer.MISSING:
                yield word, list(self.leaves(pointer, node))
        for response in operation.responses:
            yield from self.answer(response)

    def parameter(self, parameter: Parameter) -> Iterator[tuple[str, list[str]]]:
        where = f"{parameter.location} {parameter.name}"
        words = ["required"] if parameter.required else []
        node = self.spec.get_node(parameter.pointer)
        words += [
            f"{key}={_text(node[key])}{self.mark(parameter.pointer, key)}"
            for key in ("style", "explode", "example", "examples", "deprecated")
            if key in node
        ]
        for path, more in self.schema(parameter.schema_pointer):
            yield where + path, more if path else [*more, *words]

    def answer(self, response: Response) -> Iterator[tuple[str, list[str]]]:
        mark = self.mark(response.pointer, "content")
        fields = self.content(response.status, response.content, [])
        for place, words in fields:
            if "/" in place:
                yield f"answer {response.status}{mark}", [place.split()[-1], *words]
            elif response.status.startswith("2"):
                yield place, words

    def content(
        self, where: str, content: tuple[MediaType, ...], words: list[str]
    ) -> Iterator[tuple[str, list[str]]]:
        for media in content:
            for path, more in self.schema(media.schema_pointer):
                if path:
                    yield f"{where} {path.removeprefix('.')}", more
                else:
                    yield f"{where} {media.name}", [*words, *more]

    def schema(
        self, pointer: str, path: str = "", need: str = ""
    ) -> Iterator[tuple[str, list[str]]]:
        """Each field of a schema, by its path, with its words."""
        words: list[str] = []
        schemas = list(self.resolve(pointer))
        below: list[tuple[str, str, str]] = []
        for place, mark in schemas:
            node = self.spec.get_node(place)
            words += self.keywords(place, node, mark)
            required = self.mark(place, "required")
            for name in node.get("properties", {}):
                needed = f"required{required}" if name in node.get("required", ()) else ""
                field = place + json_pointer.join("properties", name)
                below.append((field, f".{name}", needed))
            if "items" in node:
                below.append((f"{place}/items", "[]", ""))
        yield path, [*(words or ["any"]), *filter(None, [need])]
        for place, name, needed in below:
            yield from self.schema(place, path + name, needed)

    def resolve(self, pointer: str, mark: str = "") -> Iterator[tuple[str, str]]:
        """The schemas that `$ref` and `anyOf` lead to; the mark says that the way there is ours."""
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
        ours = self.mark(pointer, "type")
        # Where one of two types is ours, it is null: the document shows the other.
        yield from (one + (ours if len(types) == 1 or one == "null" else "") for one in types)
        for key in KEYWORDS:
            if key in node:
                yield f"{key}={_text(node[key])}{mark or self.mark(pointer, key)}"
        if node.get("additionalProperties") is True:
            yield "open"

    def leaves(self, pointer: str, node: Any, name: str = "") -> Iterator[str]:
        if isinstance(node, dict) and node:
            for key, value in node.items():
                if key != "x-assumed":
                    below = pointer + json_pointer.join(key)
                    yield from self.leaves(below, value, f"{name}.{key}" if name else key)
        else:
            parent, _, key = pointer.rpartition("/")
            yield f"{name}={_text(node)}{self.mark(parent, key)}"

    def extras(self, pointer: str) -> list[str]:
        node = self.spec.get_node(pointer)
        return [
            f"{word}={node['x-' + word]}{self.mark(pointer, 'x-' + word)}"
            for word in ("env", "prefix")
            if "x-" + word in node
        ]

    def mark(self, pointer: str, keyword: str) -> str:
        return "~" if self.spec.find_assumption(f"{pointer}/{keyword}") else ""


def _text(value: Any) -> str:
    if isinstance(value, list):
        return ",".join(map(_text, value))
    return value if isinstance(value, str) else json.dumps(value)


@pytest.mark.parametrize("api", SPECS)
def test_every_fact_is_the_documents(api: str) -> None:
    """No field, type, enum, bound, default or mark of a spec differs from its documents."""
    typed, read = _read_facts(api), set(_Reading(SPECS[api]).facts())
    assert {"in the spec": sorted(read - typed), "in the facts": sorted(typed - read)} == {
        "in the spec": [],
        "in the facts": [],
    }


@pytest.mark.parametrize("path", sorted((HERE / "facts").glob("*.json")), ids=lambda p: p.stem)
def test_every_example_is_the_documents(path: Path) -> None:
    """The example named `document` of each successful answer is the document's, to the letter."""
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
def test_every_request_sample_is_the_documents(operation_id: str) -> None:
    """The request body named `document` is that of the document's code sample."""
    operation = SPECS["roark"].find_operation(operation_id)
    assert operation
    assert operation.body
    assert operation.body.json
    assert operation.body.json.examples["document"] == REQUESTS[operation_id]


def test_every_operation_has_its_facts() -> None:
    """No operation can be added to a spec without its facts and its example."""
    known = {path.stem for path in (HERE / "facts").glob("*.json")}
    assert known == {f"{api}.{each.id}" for api, spec in SPECS.items() for each in spec.operations}
