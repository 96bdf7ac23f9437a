"""Every clause of a spec has a mutant: the specs are walked here by other code than the drill's."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from driftline import openapi as specs
from driftline.mutation.clauses import generate_mutants
from driftline.openapi import Spec

ROOT = Path(__file__).resolve().parents[2]
SPECS = [*specs.find(ROOT / "specs"), *specs.find(ROOT / "tests" / "acceptance" / "specs")]

# What is said to people or to generators, and what only leads to something else, by word.
SILENT = {
    "description": "for people",
    "summary": "for people",
    "title": "for people",
    "example": "one of many allowed values",
    "examples": "some of many allowed values",
    "deprecated": "for people; the wire is the same",
    "tags": "for people",
    "externalDocs": "for people",
    "operationId": "a name of ours",
    "discriminator": "which of the oneOf it is; those are clauses themselves",
    "x-assumed": "how sure the spec is of a clause",
    "x-message": "where an error's text is, for the client",
    "x-lifecycle": "how the rows of the mock go on with time; no answer has to",
    "tag": "what a live run writes, and no server knows",
    "links": "what leads on; the parameters that it fills are clauses themselves",
    "$ref": "leads to what it names",
}
# Words of an extension that only say what another word, which has mutants, is about.
ABOUT = {
    "page/style": "which rules hold for pages; each of them is broken",
    "x-effect/kind": "of a create: that there is a new row; `item` and `of` say how it shows",
    "x-effect/of": "of a read or delete: which rows; `kind` says what is done to them",
    "x-effect/id": "the parameter that names the row; it is a clause itself",
}


def escape(token: str) -> str:
    return token.replace("~", "~0").replace("/", "~1")


class EditedDocument:
    """The pointers of all that a spec's operations say."""

    def __init__(self, spec: Spec) -> None:
        self.document: Any = spec.document
        self.seen: set[str] = set()

    def node(self, pointer: str) -> Any:
        found = self.document
        for token in pointer.split("/")[1:]:
            plain = token.replace("~1", "/").replace("~0", "~")
            found = found[int(plain)] if isinstance(found, list) else found[plain]
        return found

    def follow(self, pointer: str) -> str:
        node = self.node(pointer)
        while isinstance(node, dict) and "$ref" in node and len(node) == 1:
            pointer = node["$ref"].removeprefix("#")
            node = self.node(pointer)
        return pointer

    def all(self) -> Iterator[str]:
        for path, item in self.document["paths"].items():
            place = f"/paths/{escape(path)}"
            for index, _ in enumerate(item.get("parameters", ())):
                yield from self.parameter(f"{place}/parameters/{index}")
            for method in ("get", "put", "post", "delete", "patch", "head", "options"):
                if method in item:
                    yield from self.operation(f"{place}/{method}")

    def operation(self, pointer: str) -> Iterator[str]:
        for word, value in self.node(pointer).items():
            place = f"{pointer}/{word}"
            if word == "parameters":
                for index, _ in enumerate(value):
                    yield from self.parameter(f"{place}/{index}")
            elif word == "responses":
                for status in value:
                    yield f"{place}/{status}"
                    yield from self.response(self.follow(f"{place}/{status}"))
            elif word == "requestBody":
                yield from self.body(self.follow(place))
            elif word == "security":
                yield from [place] if value else []
            elif word in {"x-listing", "x-effect"}:
                yield from self.words(place)
            elif word not in SILENT:
                raise AssertionError(f"nobody knows {place}")

    def words(self, pointer: str) -> Iterator[str]:
        """Each word of an extension, down to what is no mapping."""
        for word, value in self.node(pointer).items():
            place = f"{pointer}/{escape(word)}"
            if word in SILENT or any(place.endswith("/" + each) for each in ABOUT):
                continue
            if isinstance(value, dict):
                yield from self.words(place)
            else:
                yield place

    def parameter(self, pointer: str) -> Iterator[str]:
        place = self.follow(pointer)
        if place in self.seen:
            return
        self.seen.add(place)
        for word, value in self.node(place).items():
            if word in {"name", "in"}:
                yield place
            elif word == "required":
                yield from [f"{place}/{word}"] if value else []
            elif word == "schema":
                yield from self.schema(f"{place}/schema")
            elif word not in SILENT:
                yield f"{place}/{word}"

    def body(self, pointer: str) -> Iterator[str]:
        for word, value in self.node(pointer).items():
            if word == "required":
                yield from [f"{pointer}/{word}"] if value else []
            elif word == "content":
                yield f"{pointer}/content"
                yield from self.media(f"{pointer}/content")
            elif word not in SILENT:
                yield f"{pointer}/{word}"

    def response(self, pointer: str) -> Iterator[str]:
        if pointer in self.seen:
            return
        self.seen.add(pointer)
        for word, value in self.node(pointer).items():
            if word == "content":
                yield f"{pointer}/content"
                yield from self.media(f"{pointer}/content")
            elif word == "headers":
                for name in value:
                    place = self.follow(f"{pointer}/headers/{escape(name)}")
                    yield place
            elif word not in SILENT:
                yield f"{pointer}/{word}"

    def media(self, pointer: str) -> Iterator[str]:
        for name, media in self.node(pointer).items():
            place = f"{pointer}/{escape(name)}"
            yield place
            if "schema" in media:
                yield from self.schema(f"{place}/schema")

    def schema(self, pointer: str) -> Iterator[str]:
        schema = self.node(pointer)
        if pointer in self.seen or not isinstance(schema, dict):
            return
        self.seen.add(pointer)
        for word, value in schema.items():
            place = f"{pointer}/{word}"
            if word == "$ref":
                yield from self.schema(value.removeprefix("#"))
            elif word in {"properties", "$defs", "anyOf", "oneOf", "allOf"}:
                keys = value if isinstance(value, dict) else range(len(value))
                for key in keys:
                    yield from self.schema(f"{place}/{escape(str(key))}")
            elif word in {"items", "additionalProperties"}:
                yield from self.schema(place)
            elif word not in SILENT:
                yield place


@pytest.mark.parametrize("path", SPECS, ids=lambda path: path.stem)
def test_every_clause_has_a_mutant(path: Path) -> None:
    """What the spec says under an operation is broken by a mutant, or is in the table above."""
    spec = specs.load(path)
    broken = {mutant.clause.pointer for mutant in generate_mutants(spec)}
    # A value of another type breaks each branch of an anyOf at once.
    types = {p for m in generate_mutants(spec) if ".type" in m.clause.kind for p in m.pointers}
    said = list(dict.fromkeys(EditedDocument(spec).all()))
    assert len(said) > 20
    missing = [each for each in said if each not in broken]
    assert [each for each in missing if not (each.endswith("/type") and each in types)] == []
