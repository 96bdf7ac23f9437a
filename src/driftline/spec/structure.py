"""Is a document OpenAPI 3.1 at all, with every `$ref` and operationId in place?

What is checked here must hold before a `Spec` can be built; `lint` checks the rest.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files
from typing import Any

import jsonschema_rs
from openapi_spec_validator.schemas import schema_v31

from driftline.errors import Location, SpecProblem
from driftline.spec import pointer as json_pointer
from driftline.spec.build import METHODS
from driftline.spec.reader import Source
from driftline.spec.schema import DIALECT
from driftline.spec.walk import nodes

__all__ = ["nodes", "problems", "vocabulary"]


def problems(source: Source) -> list[SpecProblem]:
    """Everything that keeps a `Spec` from being built, in the order of the file."""
    version = source.data.get("openapi") if isinstance(source.data, dict) else None
    if not isinstance(version, str) or not version.startswith("3.1"):
        what = f"this is no OpenAPI 3.1 document (openapi: {version!r})"
        return [_problem(source, "/openapi", what, "Convert it to 3.1 first.")]
    found = [
        *_references(source),
        *_meta_schema(source),
        *_schemas(source),
        *_words(source),
        *_operation_ids(source),
    ]
    return sorted(set(found), key=lambda problem: (problem.location.line, problem.what))


@cache
def vocabulary() -> Mapping[str, Any]:
    """The JSON Schema of driftline's extensions."""
    text = files("driftline.spec").joinpath("vocabulary.schema.json").read_text("utf-8")
    loaded: Mapping[str, Any] = json.loads(text)
    return loaded


def _problem(source: Source, pointer: str, what: str, remedy: str) -> SpecProblem:
    tokens = json_pointer.split(pointer)
    while tokens and json_pointer.join(*tokens) not in source.lines:
        tokens.pop()
    line = source.lines.get(json_pointer.join(*tokens), 1)
    return SpecProblem(Location(source.path, line, pointer), what, remedy)


def _references(source: Source) -> Iterator[SpecProblem]:
    for pointer, node in nodes(source.data):
        reference = node.get("$ref")
        if not isinstance(reference, str):
            continue
        if not reference.startswith("#"):
            what = f"$ref {reference!r} leaves the file"
            yield _problem(source, pointer + "/$ref", what, "Bundle the spec into one file.")
        elif json_pointer.follow(source.data, reference[1:]) is json_pointer.MISSING:
            what = f"$ref {reference!r} names nothing"
            yield _problem(source, pointer + "/$ref", what, "Define it, or correct the name.")
        elif _endless(source.data, reference):
            what = f"$ref {reference!r} leads back to itself"
            yield _problem(source, pointer + "/$ref", what, "Let it end at a definition.")


def _endless(document: Any, reference: str) -> bool:
    seen: set[str] = set()
    while reference not in seen:
        seen.add(reference)
        node = json_pointer.follow(document, reference.removeprefix("#"))
        if not isinstance(node, dict) or not isinstance(node.get("$ref"), str):
            return False
        reference = node["$ref"]
    return True


@cache
def _openapi_validator() -> jsonschema_rs.Draft202012Validator:
    return jsonschema_rs.Draft202012Validator(json.loads(json.dumps(dict(schema_v31))))


def _meta_schema(source: Source) -> Iterator[SpecProblem]:
    for error in _openapi_validator().iter_errors(source.data):
        pointer = json_pointer.join(*error.instance_path)
        yield _problem(source, pointer, f"not OpenAPI 3.1: {_short(error)}", "See OpenAPI 3.1.")


@cache
def _dialect_validator() -> jsonschema_rs.Draft202012Validator:
    return jsonschema_rs.Draft202012Validator({"$ref": DIALECT})


def _schemas(source: Source) -> Iterator[SpecProblem]:
    for pointer, node in nodes(source.data):
        schema = node.get("schema")
        found = [(f"{pointer}/schema", schema)] if isinstance(schema, dict) else []
        if pointer == "/components/schemas":
            found = [(pointer + json_pointer.join(name), each) for name, each in node.items()]
        for place, each in found:
            for error in _dialect_validator().iter_errors(each):
                where = place + json_pointer.join(*error.instance_path)
                what = f"not a JSON Schema: {_short(error)}"
                yield _problem(source, where, what, "See JSON Schema 2020-12.")


@cache
def _word_validator(word: str) -> jsonschema_rs.Draft202012Validator:
    return jsonschema_rs.Draft202012Validator({**vocabulary(), "$ref": f"#/$defs/{word}"})


def _words(source: Source) -> Iterator[SpecProblem]:
    known = [word for word in vocabulary()["$defs"] if word.startswith("x-")]
    remedy = "See specs/README.md."
    for pointer, node in nodes(source.data):
        for key, value in node.items():
            if key in known and not pointer.endswith("/properties"):
                for error in _word_validator(key).iter_errors(value):
                    where = pointer + json_pointer.join(key, *error.instance_path)
                    yield _problem(source, where, f"{key}: {_short(error)}", remedy)


def _operation_ids(source: Source) -> Iterator[SpecProblem]:
    first: dict[str, str] = {}
    paths = source.data.get("paths")
    for path, item in paths.items() if isinstance(paths, dict) else ():
        for method in METHODS:
            if not isinstance(item, dict) or not isinstance(item.get(method), dict):
                continue
            pointer = json_pointer.join("paths", path, method)
            name = f"{method.upper()} {path}"
            operation_id = item[method].get("operationId")
            if not isinstance(operation_id, str) or not operation_id:
                remedy = "Name it <resource>.<method>, for example call.list."
                yield _problem(source, pointer, f"{name} has no operationId", remedy)
            elif operation_id in first:
                what = f"operationId {operation_id!r} of {name} is also {first[operation_id]}'s"
                yield _problem(source, pointer + "/operationId", what, "Give each its own.")
            else:
                first[operation_id] = name


def _short(error: Any) -> str:
    text = str(error.message)
    return text if len(text) <= 200 else text[:199] + "…"
