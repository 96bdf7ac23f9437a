"""Finds what is wrong in a spec that can be built: contradictions, loose ends, likely mistakes.

`structure.problems`, which `load` runs, checks what must hold before a `Spec` can exist.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from difflib import get_close_matches
from urllib.parse import urlsplit

from driftline.errors import Problem
from driftline.spec import pointer as json_pointer
from driftline.spec.environment import is_allowed_env_name
from driftline.spec.lint_values import value_problems
from driftline.spec.lint_words import (
    effect_problems,
    lifecycle_problems,
    listing_problems,
    message_problems,
)
from driftline.spec.meta import vocabulary
from driftline.spec.model import Operation, Spec
from driftline.spec.pointer import is_array, is_object
from driftline.spec.reserved import is_reserved_header
from driftline.spec.walk import clauses

__all__ = ["lint"]


def lint(spec: Spec) -> list[Problem]:
    """Everything in a loaded spec that ought to be mended, in the order of the file."""
    found = {
        *_servers(spec),
        *_credentials(spec),
        *_environment(spec),
        *_security(spec, "/security", spec.document.get("security")),
        *_names(spec),
        *_words(spec),
        *_contradictions(spec),
        *lifecycle_problems(spec),
        *value_problems(spec),
    }
    for operation in spec.operations:
        found.update(_operation(spec, operation))
    return sorted(found, key=lambda problem: (problem.location.line, problem.message))


def _problem(spec: Spec, name: str, pointer: str, message: str, hint: str) -> Problem:
    return Problem(name, spec.location(pointer), message, hint)


def _operation(spec: Spec, operation: Operation) -> Iterator[Problem]:
    node = spec.node(operation.pointer)
    yield from _security(spec, operation.pointer + "/security", node.get("security"))
    yield from _placeholders(spec, operation)
    yield from _reserved(spec, operation)
    yield from listing_problems(spec, operation)
    yield from effect_problems(spec, operation)
    for response in operation.responses:
        yield from message_problems(spec, response)
    optional = not operation.security or () in operation.security
    if not optional and operation.response(401) is None:
        what = f"{operation.id} needs a credential and documents no 401 answer"
        remedy = "Add a 401, 4XX or default answer; mark it x-assumed if it is your guess."
        yield _problem(
            spec,
            "security.unauthorized-undocumented",
            operation.pointer + "/responses",
            what,
            remedy,
        )


def _placeholders(spec: Spec, operation: Operation) -> Iterator[Problem]:
    named = set(re.findall(r"\{([^{}]*)\}", operation.path))
    described = {each.name: each for each in operation.parameters if each.place == "path"}
    for name in sorted(named - set(described)):
        what = f"the path of {operation.id} has {{{name}}}, which no path parameter describes"
        yield _problem(
            spec, "path.parameter-undescribed", operation.pointer, what, "Describe the parameter."
        )
    for name in sorted(set(described) - named):
        what = f"the path of {operation.id} has no {{{name}}} for its path parameter {name!r}"
        yield _problem(
            spec,
            "path.parameter-unused",
            described[name].pointer,
            what,
            "Put it in the path, or remove it.",
        )


def _reserved(spec: Spec, operation: Operation) -> Iterator[Problem]:
    for parent in (operation.pointer, operation.pointer.rpartition("/")[0]):
        listed = json_pointer.follow(spec.document, parent + "/parameters")
        for index in range(len(listed) if is_array(listed) else 0):
            pointer, node = spec.resolve(f"{parent}/parameters/{index}")
            if node.get("in") == "header" and is_reserved_header(str(node.get("name"))):
                what = f"the header {node['name']} is part of HTTP itself, and no parameter"
                how = "Remove the parameter; it is never sent."
                yield _problem(spec, "parameter.reserved-header", pointer, what, how)


def _security(spec: Spec, pointer: str, listed: object) -> Iterator[Problem]:
    for index, entry in enumerate(listed if is_array(listed) else ()):
        for name in entry if is_object(entry) else ():
            if name not in spec.security_schemes:
                what = f"security asks for {name!r}, which is no security scheme"
                where = pointer + json_pointer.join(index, name)
                yield _problem(
                    spec,
                    "security.scheme-unknown",
                    where,
                    what,
                    "Define it in components/securitySchemes.",
                )


def _servers(spec: Spec) -> Iterator[Problem]:
    if not spec.servers:
        what = "no server is named"
        yield _problem(
            spec,
            "server.missing",
            "/servers",
            what,
            "Add servers: [{url: https://api.example.com}].",
        )
    for server in spec.servers:
        try:
            parts = urlsplit(server.url)
            sound = parts.scheme in {"http", "https"} and bool(parts.hostname)
        except ValueError:
            sound = False
        if not sound:
            what = f"the server {server.url!r} is no absolute http or https URL"
            yield _problem(
                spec,
                "server.not-absolute",
                server.pointer + "/url",
                what,
                "Write scheme and host out.",
            )
        elif "{" in server.url:
            what = f"the server {server.url!r} has variables, which are not filled in"
            yield _problem(
                spec,
                "server.variables",
                server.pointer + "/url",
                what,
                "Write one server per value.",
            )


def _credentials(spec: Spec) -> Iterator[Problem]:
    for name, scheme in spec.security_schemes.items():
        if scheme.env is None and not spec.node(scheme.pointer).get("x-env"):
            what = f"no environment variable gives the credential of {name!r}"
            yield _problem(spec, "security.env-missing", scheme.pointer, what, "Name one as x-env.")


def _environment(spec: Spec) -> Iterator[Problem]:
    """Yield the variables that belong to a system or a tool; they are never read."""
    schemes = [scheme.pointer for scheme in spec.security_schemes.values()]
    for pointer in (*(server.pointer for server in spec.servers), *schemes):
        name = spec.node(pointer).get("x-env")
        if isinstance(name, str) and not is_allowed_env_name(name):
            what = f"x-env {name!r} is not a name that a spec may choose"
            hint = f"Begin it with the name of the API, for example {_example(spec.name)}."
            yield _problem(spec, "extension.env-reserved", pointer + "/x-env", what, hint)


def _example(name: str) -> str:
    return re.sub(r"\W", "_", name).upper() + "_TOKEN"


def _names(spec: Spec) -> Iterator[Problem]:
    first: dict[tuple[str, str], Operation] = {}
    for operation in spec.operations:
        other = first.setdefault((operation.resource, operation.name), operation)
        if other is not operation:
            name = f"{operation.resource}.{operation.name}"
            what = f"{operation.id} and {other.id} would both be called {name} in a client"
            yield _problem(
                spec,
                "operation.name-taken",
                operation.pointer + "/operationId",
                what,
                "Rename one of them.",
            )


def _words(spec: Spec) -> Iterator[Problem]:
    """Words that are nearly ours, and words of ours where nobody reads them."""
    known = [word for word in vocabulary()["$defs"] if word.startswith("x-")]
    homes = _homes(spec)
    for pointer, node in clauses(spec.document):
        for key in node:
            where = pointer + json_pointer.join(key)
            if key in homes and pointer not in homes[key]:
                what = f"{key} has no meaning here"
                yield _problem(
                    spec,
                    "extension.misplaced",
                    where,
                    what,
                    "See specs/README.md for where it belongs.",
                )
            elif key not in known and key.lower().startswith(("x-", "x_")):
                close = get_close_matches(key.lower(), known, n=1, cutoff=0.75)
                if close:
                    what = f"{key!r} is not a word of driftline's, but {close[0]!r} is"
                    yield _problem(
                        spec, "extension.unknown", where, what, f"Write {close[0]}, or rename it."
                    )


def _homes(spec: Spec) -> dict[str, set[str]]:
    """Per word, the pointers of the nodes at which it is read."""

    def below(*tokens: str) -> Iterable[str]:
        parent = json_pointer.join(*tokens)
        named = spec.node(parent)
        return (parent + json_pointer.join(key) for key in named) if is_object(named) else ()

    operations = {operation.pointer for operation in spec.operations}
    responses = {each.pointer for operation in spec.operations for each in operation.responses}
    headers = {p.pointer for o in spec.operations for p in o.parameters if p.place == "header"}
    schemes = {scheme.pointer for scheme in spec.security_schemes.values()}
    return {
        "x-listing": operations,
        "x-effect": operations,
        "x-lifecycle": set(below("components", "schemas")),
        "x-message": responses | set(below("components", "responses")),
        "x-idempotency-key": headers,
        "x-env": schemes | {server.pointer for server in spec.servers},
        "x-prefix": schemes,
        "x-contradictions": {""},
    }


def _contradictions(spec: Spec) -> Iterator[Problem]:
    listed = spec.document.get("x-contradictions")
    for index, entry in enumerate(listed if is_array(listed) else ()):
        clause = entry.get("clause") if is_object(entry) else None
        if isinstance(clause, str) and spec.node(clause) is json_pointer.MISSING:
            what = f"x-contradictions is about {clause!r}, which is not in this file"
            where = json_pointer.join("x-contradictions", index, "clause")
            yield _problem(
                spec, "contradiction.clause-unknown", where, what, "Correct the pointer."
            )
