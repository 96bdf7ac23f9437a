"""Every clause of a spec has a mutant, according to an independent walk of the spec."""

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
DESCRIPTIVE_KEYWORDS = {
    "page/style": "which rules hold for pages; each of them is broken",
    "x-effect/kind": "of a create: that there is a new row; `item` and `of` say how it shows",
    "x-effect/of": "of a read or delete: which rows; `kind` says what is done to them",
    "x-effect/id": "the parameter that names the row; it is a clause itself",
}


def escape(token: str) -> str:
    return token.replace("~", "~0").replace("/", "~1")


class EditedDocument:
    """A walker of the clauses of a spec's operations."""

    def __init__(self, spec: Spec) -> None:
        self.document: Any = spec.document
        self.seen: set[str] = set()

    def node(self, pointer: str) -> Any:
        node = self.document
        for token in pointer.split("/")[1:]:
            plain_token = token.replace("~1", "/").replace("~0", "~")
            node = node[int(plain_token)] if isinstance(node, list) else node[plain_token]
        return node

    def follow(self, pointer: str) -> str:
        node = self.node(pointer)
        while isinstance(node, dict) and "$ref" in node and len(node) == 1:
            pointer = node["$ref"].removeprefix("#")
            node = self.node(pointer)
        return pointer

    def all(self) -> Iterator[str]:
        for path, item in self.document["paths"].items():
            path_pointer = f"/paths/{escape(path)}"
            for index, _ in enumerate(item.get("parameters", ())):
                yield from self.parameter(f"{path_pointer}/parameters/{index}")
            for method in ("get", "put", "post", "delete", "patch", "head", "options"):
                if method in item:
                    yield from self.operation(f"{path_pointer}/{method}")

    def operation(self, pointer: str) -> Iterator[str]:
        for keyword, value in self.node(pointer).items():
            member_pointer = f"{pointer}/{keyword}"
            if keyword == "parameters":
                for index, _ in enumerate(value):
                    yield from self.parameter(f"{member_pointer}/{index}")
            elif keyword == "responses":
                for status in value:
                    yield f"{member_pointer}/{status}"
                    yield from self.response(self.follow(f"{member_pointer}/{status}"))
            elif keyword == "requestBody":
                yield from self.body(self.follow(member_pointer))
            elif keyword == "security":
                yield from [member_pointer] if value else []
            elif keyword in {"x-listing", "x-effect"}:
                yield from self.words(member_pointer)
            elif keyword not in SILENT:
                raise AssertionError(f"nobody knows {member_pointer}")

    def words(self, pointer: str) -> Iterator[str]:
        """Yield the pointers of an extension's keywords, down to their values."""
        for keyword, value in self.node(pointer).items():
            member_pointer = f"{pointer}/{escape(keyword)}"
            if keyword in SILENT or any(
                member_pointer.endswith("/" + descriptive_keyword)
                for descriptive_keyword in DESCRIPTIVE_KEYWORDS
            ):
                continue
            if isinstance(value, dict):
                yield from self.words(member_pointer)
            else:
                yield member_pointer

    def parameter(self, pointer: str) -> Iterator[str]:
        parameter_pointer = self.follow(pointer)
        if parameter_pointer in self.seen:
            return
        self.seen.add(parameter_pointer)
        for keyword, value in self.node(parameter_pointer).items():
            if keyword in {"name", "in"}:
                yield parameter_pointer
            elif keyword == "required":
                yield from [f"{parameter_pointer}/{keyword}"] if value else []
            elif keyword == "schema":
                yield from self.schema(f"{parameter_pointer}/schema")
            elif keyword not in SILENT:
                yield f"{parameter_pointer}/{keyword}"

    def body(self, pointer: str) -> Iterator[str]:
        for keyword, value in self.node(pointer).items():
            if keyword == "required":
                yield from [f"{pointer}/{keyword}"] if value else []
            elif keyword == "content":
                yield f"{pointer}/content"
                yield from self.media(f"{pointer}/content")
            elif keyword not in SILENT:
                yield f"{pointer}/{keyword}"

    def response(self, pointer: str) -> Iterator[str]:
        if pointer in self.seen:
            return
        self.seen.add(pointer)
        for keyword, value in self.node(pointer).items():
            if keyword == "content":
                yield f"{pointer}/content"
                yield from self.media(f"{pointer}/content")
            elif keyword == "headers":
                for name in value:
                    header_pointer = self.follow(f"{pointer}/headers/{escape(name)}")
                    yield header_pointer
            elif keyword not in SILENT:
                yield f"{pointer}/{keyword}"

    def media(self, pointer: str) -> Iterator[str]:
        for name, media in self.node(pointer).items():
            media_pointer = f"{pointer}/{escape(name)}"
            yield media_pointer
            if "schema" in media:
                yield from self.schema(f"{media_pointer}/schema")

    def schema(self, pointer: str) -> Iterator[str]:
        schema = self.node(pointer)
        if pointer in self.seen or not isinstance(schema, dict):
            return
        self.seen.add(pointer)
        for keyword, value in schema.items():
            member_pointer = f"{pointer}/{keyword}"
            if keyword == "$ref":
                yield from self.schema(value.removeprefix("#"))
            elif keyword in {"properties", "$defs", "anyOf", "oneOf", "allOf"}:
                keys = value if isinstance(value, dict) else range(len(value))
                for key in keys:
                    yield from self.schema(f"{member_pointer}/{escape(str(key))}")
            elif keyword in {"items", "additionalProperties"}:
                yield from self.schema(member_pointer)
            elif keyword not in SILENT:
                yield member_pointer


@pytest.mark.parametrize("path", SPECS, ids=lambda path: path.stem)
def test_every_clause_has_a_mutant(path: Path) -> None:
    """Every clause is broken by a mutant, or is listed above as having no effect."""
    spec = specs.load(path)
    mutated_pointers = {mutant.clause.pointer for mutant in generate_mutants(spec)}
    # A value of another type breaks each branch of an anyOf at once.
    types = {p for m in generate_mutants(spec) if ".type" in m.clause.kind for p in m.pointers}
    clause_pointers = list(dict.fromkeys(EditedDocument(spec).all()))
    assert len(clause_pointers) > 20
    missing = [pointer for pointer in clause_pointers if pointer not in mutated_pointers]
    assert [
        pointer for pointer in missing if not (pointer.endswith("/type") and pointer in types)
    ] == []
