"""What is no OpenAPI 3.1 or no JSON Schema is taken away, part by part, each with the reason."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import attrs
import jsonschema_rs

from driftline.add.operations import operations, parameters, resolved
from driftline.add.plan import Plan
from driftline.errors import Problem, SpecError
from driftline.spec import structure
from driftline.spec.build import METHODS
from driftline.spec.pointer import MISSING, is_object, join, split
from driftline.spec.reader import Source
from driftline.spec.walk import roots, subschemas

__all__ = ["described_by_schema", "located", "repair", "usable_patterns", "well_formed"]

ROUNDS = 5
ALL = 10**6
_FORM = frozenset({"openapi.invalid", "schema.invalid"})
_UNKNOWN = "so nothing is known of it"


def well_formed(plan: Plan, path: Path) -> None:
    """Takes away what is of another form than OpenAPI has it, before anything is read from it."""
    for _ in range(ROUNDS):
        problems = structure.problems(Source(path, plan.data, plan.origin.lines), ALL)
        before = len(plan.actions)
        for problem in reversed(problems):
            if problem.id in _FORM:
                _mend(plan, problem)
        if len(plan.actions) == before:
            return


def repair(plan: Plan, path: Path) -> None:
    """Until the structure is sound, or nothing more can be done.

    Raises:
        SpecError: a `$ref` leaves the file, or a mistake is beyond repair.
    """
    problems: list[Problem] = []
    for _ in range(ROUNDS):
        problems = structure.problems(Source(path, plan.data, plan.origin.lines), ALL)
        if not problems:
            return
        outside = [each for each in problems if each.id == "ref.external"]
        if outside:
            raise SpecError(tuple(located(plan, each) for each in outside[: structure.LIMIT]))
        before = len(plan.actions)
        for problem in reversed(problems):
            _mend(plan, problem)
        if len(plan.actions) == before:
            break
    if problems:
        raise SpecError(tuple(located(plan, each) for each in problems[: structure.LIMIT]))


def located(plan: Plan, problem: Problem) -> Problem:
    """The same, in the file that was given."""
    location = plan.origin.location(problem.location.pointer)
    return attrs.evolve(problem, location=location)


def _mend(plan: Plan, problem: Problem) -> None:
    pointer, what = problem.location.pointer, problem.message
    node = plan.node(pointer)
    if problem.id.startswith("ref."):
        _reference(plan, pointer.removesuffix("/$ref"), what)
    elif problem.id == "openapi.description-missing" and is_object(node):
        plan.update(pointer, {"description": ""}, "OpenAPI wants a description.")
    elif problem.id == "operation.responses-missing" and is_object(node):
        why = "The document describes no answer."
        answer = {"default": {"description": "Not described.", "x-assumed": why}}
        plan.update(pointer, {"responses": answer}, why)
    elif problem.id == "openapi.schema-missing" and is_object(node):
        plan.update(pointer, {"schema": {}}, f"It has no schema, {_UNKNOWN}.")
    elif problem.id == "extension.invalid":
        word = what.partition(":")[0]
        tokens = split(pointer)
        place = join(*tokens[: tokens.index(word) + 1]) if word in tokens else pointer
        plan.remove(place, f"{word} is a word of driftline's, and says something else here.")
    elif node is not MISSING and pointer and _optional(pointer):
        plan.remove(pointer, f"{what[:1].upper()}{what[1:]}.")
    else:
        _enclosing(plan, pointer, what)


def _optional(pointer: str) -> bool:
    """Whether the document can do without the node: it is no path, operation or parameter."""
    tokens = split(pointer)
    if tokens[0] == "paths":
        return len(tokens) > 3 and tokens[-2] != "parameters"
    return tokens[0] not in {"openapi", "info", "components"} or len(tokens) > 2


def _reference(plan: Plan, place: str, what: str) -> None:
    """A `$ref` to nothing: a schema that says nothing, or no entry at all."""
    why = f"{what}, {_UNKNOWN}."
    tokens = split(place)
    if tokens[-2:-1] in (["parameters"], ["responses"], ["headers"], ["examples"], ["links"]):
        plan.remove(place, why)
    else:
        plan.remove(place + "/$ref", why)


def _enclosing(plan: Plan, pointer: str, what: str) -> None:
    """What has no cure takes its operation with it."""
    tokens = split(pointer)
    if tokens[:1] == ["paths"] and len(tokens) > 2 and tokens[2] in METHODS:
        name = f"{tokens[2].upper()} {tokens[1]}"
        if plan.node(join(*tokens[:3])) is not MISSING:
            plan.leave_out(name, join(*tokens[:3]), what)


def described_by_schema(plan: Plan) -> None:
    """A parameter or header that is described by a media type, which nothing here can read."""
    why = "It is described by a media type, which clients cannot write."
    for found in operations(plan):
        listed = [
            (place, node)
            for place, _, node in parameters(plan, found)
            if "schema" not in node and is_object(node.get("content"))
        ]
        if any(node.get("required") for _, node in listed):
            name = next(node.get("name") for _, node in listed if node.get("required"))
            reason = f"its parameter {name} is described by a media type"
            plan.leave_out(str(found), found.pointer, reason)
            continue
        for place, _ in reversed(listed):
            plan.remove(place, why)
        for place in reversed(list(_headers(plan, found.node, found.pointer))):
            plan.remove(place, why)
    for kind in ("parameters", "headers"):
        named = plan.node(f"/components/{kind}")
        for name in list(named) if is_object(named) else ():
            node = named[name]
            if is_object(node) and "content" in node and "schema" not in node:
                plan.remove(join("components", kind, name), why)


def _headers(plan: Plan, node: dict[str, object], pointer: str) -> Iterator[str]:
    answers = node.get("responses")
    for status in answers if is_object(answers) else ():
        place, answer = resolved(plan, f"{pointer}/responses{join(status)}")
        headers = answer.get("headers") if is_object(answer) else None
        for name in headers if is_object(headers) else ():
            _, header = resolved(plan, f"{place}/headers{join(name)}")
            if is_object(header) and "content" in header and "schema" not in header:
                yield f"{place}/headers{join(name)}"


def usable_patterns(plan: Plan) -> None:
    """A pattern that is no regular expression here says nothing that can be checked."""
    for root, schema in list(roots(plan.data)):
        for pointer, each in list(subschemas(schema, root)):
            pattern = each.get("pattern")
            if isinstance(pattern, str) and not _compiles(pattern):
                why = f"Not a regular expression that can be used: {pattern[:80]}"
                plan.remove(f"{pointer}/pattern", why)


def _compiles(pattern: str) -> bool:
    try:
        re.compile(pattern)
        jsonschema_rs.Draft202012Validator({"pattern": pattern})
    except (re.error, jsonschema_rs.ValidationError, ValueError, OverflowError, RecursionError):
        return False
    return True
