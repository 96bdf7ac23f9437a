"""Finds the mistakes in a spec: problems of reading, contradictions, unused parts, likely typos.

Mistakes in the project's own extensions, such as `x-listing`, are errors. All else is a warning,
since every document can be used as it is.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from difflib import get_close_matches
from functools import lru_cache
from typing import Final
from urllib.parse import urlsplit

from driftline.errors import Problem
from driftline.openapi import pointer as json_pointer
from driftline.openapi.build import choose_client_name
from driftline.openapi.environment import is_allowed_env_name
from driftline.openapi.extensions.references import (
    REFERENCE,
    find_id_schema,
    parse_reference_rule,
)
from driftline.openapi.lint.extensions import (
    lint_effect,
    lint_lifecycle,
    lint_listing,
    lint_message,
)
from driftline.openapi.lint.metaschema import load_vocabulary
from driftline.openapi.lint.values import lint_costs, lint_values
from driftline.openapi.model import Operation, Spec
from driftline.openapi.pointer import is_array, is_object, join, split
from driftline.openapi.schema.walk import list_types, select_clauses

_MOST_TYPOS: Final = 1
"""A name that is longer or shorter by more letters than this is a foreign extension."""


def lint(spec: Spec) -> list[Problem]:
    """Return the problems of a loaded spec, in the order of the file."""
    problems = {
        *spec.problems,
        *_lint_servers(spec),
        *_lint_credentials(spec),
        *_lint_environment(spec),
        *_lint_names(spec),
        *_lint_extensions(spec),
        *_lint_contradictions(spec),
        *lint_lifecycle(spec),
        *lint_values(spec),
        *lint_costs(spec),
    }
    for operation in spec.operations:
        problems.update(_lint_operation(spec, operation))
    return sorted(problems, key=_rank)


def _rank(problem: Problem) -> tuple[str, int, str]:
    return (str(problem.location.file), problem.location.line, problem.message)


def _build_warning(spec: Spec, name: str, pointer: str, message: str, hint: str) -> Problem:
    return Problem(name, spec.locate(pointer), message, hint, "warning")


def _lint_operation(spec: Spec, operation: Operation) -> Iterator[Problem]:
    yield from lint_listing(spec, operation)
    yield from lint_effect(spec, operation)
    for response in operation.responses:
        yield from lint_message(spec, response)
    optional = not operation.security or () in operation.security
    if not optional and operation.find_response(401) is None:
        message = f"{operation.id} needs a credential but documents no 401 response"
        hint = "Add a 401, 4XX or default response; mark it x-assumed if you guess."
        pointer = operation.pointer + "/responses"
        yield _build_warning(spec, "security.unauthorized-undocumented", pointer, message, hint)


def _lint_servers(spec: Spec) -> Iterator[Problem]:
    if not spec.servers:
        hint = "Add servers: [{url: https://api.example.com}]."
        yield _build_warning(spec, "server.missing", "/servers", "missing servers", hint)
    for server in spec.servers:
        try:
            parts = urlsplit(server.url)
            sound = parts.scheme in {"http", "https"} and bool(parts.hostname)
        except ValueError:
            sound = False
        if not sound:
            message = f"the server {server.url!r} is not an absolute http or https URL"
            pointer = server.pointer + "/url"
            yield _build_warning(
                spec, "server.not-absolute", pointer, message, "Write scheme and host."
            )


def _lint_credentials(spec: Spec) -> Iterator[Problem]:
    for name, scheme in spec.security_schemes.items():
        env_name = spec.get_node(scheme.pointer).get("x-env")
        if scheme.env is None and not env_name and scheme.kind != "mutualTLS":
            message = f"no environment variable for the credential {name!r}"
            hint = "Name a variable in x-env."
            yield _build_warning(spec, "security.env-missing", scheme.pointer, message, hint)


def _lint_environment(spec: Spec) -> Iterator[Problem]:
    """Yield a problem for each variable that belongs to a system or a tool; it is never read."""
    schemes = [scheme.pointer for scheme in spec.security_schemes.values()]
    for pointer in (*(server.pointer for server in spec.servers), *schemes):
        name = spec.get_node(pointer).get("x-env")
        if isinstance(name, str) and not is_allowed_env_name(name):
            message = f"x-env {name!r} is a reserved variable"
            example = _suggest_variable(spec.name)
            hint = f"Start the name with the name of the API, for example {example}."
            location = spec.locate(pointer + "/x-env")
            yield Problem("extension.env-reserved", location, message, hint)


def _suggest_variable(name: str) -> str:
    return re.sub(r"\W", "_", name).upper() + "_TOKEN"


def _lint_names(spec: Spec) -> Iterator[Problem]:
    first: dict[tuple[str, str], Operation] = {}
    for operation in spec.operations:
        client_name = choose_client_name(spec.get_node(operation.pointer))
        earlier = first.setdefault(client_name, operation)
        if earlier is not operation:
            name = ".".join(client_name)
            message = f"{operation.id} and {earlier.id} have the same name in a client: {name}"
            pointer = operation.pointer + "/operationId"
            hint = "Rename one of them."
            yield _build_warning(spec, "operation.name-taken", pointer, message, hint)


def _lint_extensions(spec: Spec) -> Iterator[Problem]:
    """Yield misspelled extensions, and extensions at locations where they have no effect."""
    homes = _list_locations(spec)
    for pointer, node in select_clauses(spec.document):
        for key in node:
            if key[:1] not in "xX":
                continue
            key_pointer = pointer + json_pointer.join(key)
            if key == REFERENCE:
                yield from lint_reference(spec, pointer)
                continue
            suggestion = _find_similar(key)
            if key in homes and pointer not in homes[key]:
                message = f"{key} has no effect here"
                hint = f"Move it to where specs/README.md in driftline's repository has {key}."
                yield _build_warning(spec, "extension.misplaced", key_pointer, message, hint)
            elif suggestion:
                message = f"unknown extension {key!r}, similar to {suggestion!r}"
                hint = f"Write {suggestion}, or rename the extension."
                yield _build_warning(spec, "extension.unknown", key_pointer, message, hint)


@lru_cache(maxsize=1024)
def _find_similar(key: str) -> str | None:
    """Return the extension that a key nearly matches, unless the key is an extension."""
    extensions = [name for name in load_vocabulary()["$defs"] if name.startswith("x-")]
    if key in extensions or not key.lower().startswith(("x-", "x_")):
        return None
    alike = [name for name in extensions if abs(len(name) - len(key)) <= _MOST_TYPOS]
    return next(iter(get_close_matches(key.lower(), alike, n=1, cutoff=0.75)), None)


def _list_locations(spec: Spec) -> dict[str, set[str]]:
    """Return for each extension the pointers of the nodes at which it is read."""

    def list_below(*tokens: str) -> Iterable[str]:
        parent = json_pointer.join(*tokens)
        children = spec.get_node(parent)
        return (parent + json_pointer.join(key) for key in children) if is_object(children) else ()

    operations = {operation.pointer for operation in spec.operations}
    responses = {
        response.pointer for operation in spec.operations for response in operation.responses
    }
    headers = {p.pointer for o in spec.operations for p in o.parameters if p.location == "header"}
    schemes = {scheme.pointer for scheme in spec.security_schemes.values()}
    return {
        "x-listing": operations,
        "x-effect": operations,
        "x-lifecycle": set(list_below("components", "schemas")),
        "x-message": responses | set(list_below("components", "responses")),
        "x-idempotency-key": headers,
        "x-env": schemes | {server.pointer for server in spec.servers},
        "x-prefix": schemes,
        "x-contradictions": {""},
    }


def _lint_contradictions(spec: Spec) -> Iterator[Problem]:
    entries = spec.document.get("x-contradictions")
    for index, entry in enumerate(entries if is_array(entries) else ()):
        clause = entry.get("clause") if is_object(entry) else None
        if isinstance(clause, str) and spec.get_node(clause) is json_pointer.MISSING:
            message = f"x-contradictions clause {clause!r} is not in this file"
            pointer = json_pointer.join("x-contradictions", index, "clause")
            yield Problem(
                "contradiction.clause-unknown",
                spec.locate(pointer),
                message,
                "Correct the pointer.",
            )


_NUMBERS: Final = frozenset({"integer", "number"})
_ALONE: Final = frozenset({"schema", "items", "additionalProperties"})
_NAMED: Final = frozenset(
    {"$defs", "allOf", "anyOf", "oneOf", "patternProperties", "prefixItems", "properties"}
)


def lint_reference(spec: Spec, pointer: str) -> Iterator[Problem]:
    """Yield the problems of the `x-reference` of the node at `pointer`."""
    location = spec.locate(pointer + join(REFERENCE))
    if not _is_schema(pointer):
        message, hint = f"{REFERENCE} has no effect here", "Move it into a schema."
        yield Problem("extension.misplaced", location, message, hint, "warning")
        return
    of = parse_reference_rule(spec, pointer)
    listing = spec.find_operation(of) if of else None
    if listing is None or listing.listing is None:
        message = f"{REFERENCE} of {of!r} is not an operation with x-listing"
        hint = "Use the operationId of a listing."
        yield Problem("reference.listing-unknown", location, message, hint)
        return
    row = find_id_schema(spec, listing)
    kinds = list_types(spec, pointer) - {"null"}
    ids = list_types(spec, row) - {"null"} if row else set[str]()
    # Documents made from TypeScript write `number` for the id and `integer` elsewhere, or reversed.
    are_numbers = bool(kinds & _NUMBERS and ids & _NUMBERS)
    if kinds and ids and not kinds & ids and not are_numbers:
        message = (
            f"{REFERENCE} of {of!r} marks a value of type {', '.join(sorted(kinds))}, "
            f"but the id of the rows is of type {', '.join(sorted(ids))}"
        )
        hint = "Correct one of the types, or remove x-reference."
        yield Problem("reference.type", location, message, hint)


def _is_schema(pointer: str) -> bool:
    tokens = split(pointer)
    if tokens[-1:] and tokens[-1] in _ALONE:
        return True
    return tokens[:2] == ["components", "schemas"] or (len(tokens) > 1 and tokens[-2] in _NAMED)
