"""Is a document OpenAPI 3.1 at all, with every `$ref` and operationId in place?

What is checked here must hold before a `Spec` can be built; `lint` checks the rest.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any
from urllib.parse import quote

import jsonschema_rs

from driftline.errors import Problem
from driftline.spec import pointer as json_pointer
from driftline.spec.build import METHODS
from driftline.spec.formats import TEXTS
from driftline.spec.meta import dialect, mistakes, openapi, vocabulary, word
from driftline.spec.pointer import is_array, is_object
from driftline.spec.reader import Source
from driftline.spec.schema import DIALECT
from driftline.spec.walk import clauses, nodes, roots, subschemas

__all__ = ["LIMIT", "nodes", "problems", "vocabulary"]

# So many problems are told of; more would not be read.
LIMIT = 20


def problems(source: Source, most: int = LIMIT) -> list[Problem]:
    """What keeps a `Spec` from being built, in the order of the file; at most `most` and one."""
    version = source.data.get("openapi") if is_object(source.data) else None
    if not isinstance(version, str) or not version.startswith("3.1"):
        what = f"this is no OpenAPI 3.1 document (openapi: {str(version)[:40]!r})"
        return [_problem(source, "openapi.version", "/openapi", what, "Convert it to 3.1 first.")]
    found = [
        *_references(source),
        *_openapi(source),
        *_schemas(source),
        *_words(source),
        *_operation_ids(source),
    ]
    # What a $ref leads to can be asked once each leads somewhere.
    found = found or [*_targets(source), *_contents(source)] or list(_compiled(source))
    found = sorted(set(found), key=lambda problem: (problem.location.line, problem.message))
    if len(found) > most + 1:
        what = f"and {len(found) - most} problems more from here on"
        rest = Problem("problems.more", found[most].location, what, "Mend the others first.")
        found = [*found[:most], rest]
    return found


def _problem(source: Source, name: str, pointer: str, message: str, hint: str) -> Problem:
    return Problem(name, source.location(pointer), message, hint)


def _references(source: Source) -> Iterator[Problem]:
    for pointer, node in clauses(source.data):
        reference = node.get("$ref")
        if not isinstance(reference, str):
            continue
        where = pointer + "/$ref"
        target = json_pointer.of_reference(reference)
        if not reference.startswith("#"):
            what = f"$ref {reference!r} leaves the file"
            yield _problem(source, "ref.external", where, what, "Bundle the spec into one file.")
        elif not target or json_pointer.follow(source.data, target) is json_pointer.MISSING:
            what = f"$ref {reference!r} names nothing"
            yield _problem(source, "ref.dangling", where, what, "Define it, or correct the name.")
        elif _endless(source.data, reference):
            what = f"$ref {reference!r} leads back to itself"
            yield _problem(source, "ref.circular", where, what, "Let it end at a definition.")


def _endless(document: Any, reference: str) -> bool:
    seen: set[str] = set()
    while reference not in seen:
        seen.add(reference)
        node = json_pointer.follow(document, json_pointer.of_reference(reference))
        if not is_object(node) or not isinstance(node.get("$ref"), str):
            return False
        reference = node["$ref"]
    return True


def _openapi(source: Source) -> Iterator[Problem]:
    for mistake in mistakes(openapi(), source.data):
        what = f"not OpenAPI 3.1: {mistake.message}"
        known = mistake.missing in {"description", "schema"}
        name = f"openapi.{mistake.missing}-missing" if known else "openapi.invalid"
        yield _problem(source, name, mistake.path, what, "See the OpenAPI 3.1 specification.")


def _schemas(source: Source) -> Iterator[Problem]:
    remedy = "See JSON Schema 2020-12."
    for place, schema in roots(source.data):
        for mistake in mistakes(dialect(), schema):
            what = f"not a JSON Schema: {mistake.message}"
            yield _problem(source, "schema.invalid", place + mistake.path, what, remedy)
        for pointer, each in subschemas(schema, place):
            # They would move what `#` means, or be fetched from the network.
            for key in ("$id", "$dynamicRef"):
                if key in each:
                    what = f"{key} in a schema is not supported"
                    remedy = "Use a $ref within this file."
                    yield _problem(
                        source, "schema.unsupported-keyword", f"{pointer}/{key}", what, remedy
                    )
            if each.get("$schema", DIALECT) != DIALECT:
                what = "a schema in another dialect than JSON Schema 2020-12"
                yield _problem(source, "schema.dialect", pointer + "/$schema", what, "Convert it.")


def _words(source: Source) -> Iterator[Problem]:
    known = [name for name in vocabulary()["$defs"] if name.startswith("x-")]
    for pointer, node in clauses(source.data):
        for key, value in node.items():
            for mistake in mistakes(word(key), value) if key in known else ():
                where = pointer + json_pointer.join(key) + mistake.path
                yield _problem(
                    source,
                    "extension.invalid",
                    where,
                    f"{key}: {mistake.message}",
                    "See specs/README.md.",
                )


def _operations(source: Source) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """The name, pointer and node of every operation that can be found."""
    paths = source.data.get("paths")
    for path in paths if is_object(paths) else ():
        pointer, item = _followed(source, json_pointer.join("paths", path))
        for method in METHODS if is_object(item) and path.startswith("/") else ():
            if is_object(item.get(method)):
                yield f"{method.upper()} {path}", f"{pointer}/{method}", item[method]


def _followed(source: Source, pointer: str) -> tuple[str, Any]:
    node = json_pointer.follow(source.data, pointer)
    seen: set[str] = set()
    while is_object(node) and isinstance(node.get("$ref"), str) and pointer not in seen:
        seen.add(pointer)
        pointer = json_pointer.of_reference(node["$ref"])
        node = json_pointer.follow(source.data, pointer)
    return pointer, node


def _operation_ids(source: Source) -> Iterator[Problem]:
    first: dict[str, str] = {}
    for name, pointer, node in _operations(source):
        operation_id = node.get("operationId")
        if not isinstance(operation_id, str) or not operation_id:
            if "operationId" not in node or operation_id == "":
                remedy = "Name it <resource>.<method>, for example call.list."
                yield _problem(
                    source, "operation.id-missing", pointer, f"{name} has no operationId", remedy
                )
        elif operation_id in first:
            what = f"operationId {operation_id!r} of {name} is also {first[operation_id]}'s"
            yield _problem(
                source,
                "operation.id-duplicate",
                pointer + "/operationId",
                what,
                "Give each its own.",
            )
        else:
            first[operation_id] = name
        if "responses" not in node:
            remedy = "Describe at least its success."
            yield _problem(
                source, "operation.responses-missing", pointer, f"{name} has no responses", remedy
            )


def _targets(source: Source) -> Iterator[Problem]:
    """A `$ref` to something of another kind than what belongs in its place."""
    for role, pointer in set(_roles(source)):
        node = json_pointer.follow(source.data, pointer)
        if not is_object(node) or "$ref" not in node:
            continue
        _, target = _followed(source, pointer)
        if mistakes(openapi(role), target):
            what = f"$ref {node['$ref']!r} leads to no {role.replace('-', ' ')}"
            yield _problem(source, "ref.wrong-kind", pointer + "/$ref", what, "Refer to one.")


def _roles(source: Source) -> Iterator[tuple[str, str]]:
    """The kind of object that must stand at a pointer, wherever a `$ref` may stand instead."""
    for path in source.data.get("paths", {}):
        yield "path-item", json_pointer.join("paths", path)
    for name in source.data.get("components", {}).get("securitySchemes", {}):
        yield "security-scheme", json_pointer.join("components", "securitySchemes", name)
    for _, pointer, node in _operations(source):
        for parent in (pointer, pointer.rpartition("/")[0]):
            yield from _each(source, "parameter", parent + "/parameters")
        yield "request-body", pointer + "/requestBody"
        bodies = [_followed(source, pointer + "/requestBody")[0]]
        responses = node.get("responses")
        for status in responses if is_object(responses) else ():
            place = f"{pointer}/responses" + json_pointer.join(status)
            yield "response", place
            bodies.append(_followed(source, place)[0])
        for body in bodies:
            yield from _each(source, "header", body + "/headers")
            content = json_pointer.follow(source.data, body + "/content")
            for media in content if is_object(content) else ():
                place = body + json_pointer.join("content", media, "examples")
                yield from _each(source, "example", place)
    for pointer, _ in clauses(source.data):
        yield from _each(source, "example", pointer + "/examples")


def _each(source: Source, role: str, pointer: str) -> Iterator[tuple[str, str]]:
    node = json_pointer.follow(source.data, pointer)
    keys: Iterable[str | int] = ()
    if is_object(node):
        keys = node
    elif is_array(node) and role == "parameter":
        keys = range(len(node))
    return ((role, pointer + json_pointer.join(key)) for key in keys)


def _contents(source: Source) -> Iterator[Problem]:
    """A parameter or header described by a media type, which nothing here can read."""
    for role, pointer in _roles(source):
        found, node = _followed(source, pointer)
        if role in {"parameter", "header"} and is_object(node) and "schema" not in node:
            what = f"a {role} described by `content` is not supported"
            yield _problem(source, "parameter.content", found, what, "Describe it by `schema`.")


def _compiled(source: Source) -> Iterator[Problem]:
    """A schema that cannot be used as one, such as one with a pattern that is no regex."""
    places = [place for place, _ in roots(source.data)]
    if _error(source, places) is None:
        return
    for place in places:
        error = _error(source, [place])
        if error is not None:
            yield _problem(
                source, "schema.unusable", place, f"not a usable schema: {error}", "Mend it."
            )


def _error(source: Source, places: list[str]) -> str | None:
    references = [{"$ref": "#" + quote(place, safe="/~")} for place in places]
    root = {**source.data, "$schema": DIALECT, "anyOf": [True, *references]}
    try:
        jsonschema_rs.Draft202012Validator(root, validate_formats=True, formats=TEXTS)
    except (jsonschema_rs.ValidationError, jsonschema_rs.ReferencingError, ValueError) as error:
        text = str(error).splitlines()[0]
        return text if len(text) <= 160 else text[:159] + "…"
    return None
