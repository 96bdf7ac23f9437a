"""Mutants that accept or reject the wrong request bodies."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any
from urllib.parse import quote

import attrs

from driftline.mock import HttpRequest, HttpResponse
from driftline.mutation.mutants import (
    Breaks,
    BrokenMock,
    Clause,
    Mutant,
    operator,
    replace_request_body,
)
from driftline.mutation.operators.rejections import build_rejection, make_valid_body
from driftline.mutation.operators.values import make_edge_value
from driftline.openapi import (
    BOUNDS,
    EACH,
    KEYS,
    MediaType,
    Operation,
    Spec,
    ValuePath,
    Violation,
    format_path,
    is_array,
    is_object,
    is_valid,
    list_value_paths,
    list_violations,
    split,
)
from driftline.suite import allows_nothing, may_be_nothing

ACCEPTED = "request.invalid.accepted"
REJECTED = "request.valid.rejected"
Excused = Callable[[Violation], bool]


@attrs.frozen
class _BodyContext:
    """The JSON body of an operation, and a valid example."""

    spec: Spec
    operation: Operation
    media: MediaType
    valid_body: Any

    def repair_body(self, request: HttpRequest) -> HttpRequest:
        """Return the request with a valid body."""
        return replace_request_body(request, self.media.name, json.dumps(self.valid_body).encode())

    def build_mutant(
        self, kind: str, pointer: str, breaks: Breaks, expected: str, **more: Any
    ) -> Mutant:
        clause = Clause(self.operation, f"body.{kind}", pointer, str(more.pop("part", "")))
        return Mutant.build(self.spec, clause, breaks, expected, **more)

    def build_lax_mutant(
        self, kind: str, pointer: str, location: str, excused: Excused, **more: Any
    ) -> Mutant:
        """Return the mutant that accepts a body with only this violation."""
        breaks = partial(_accept_excused, self, excused)
        # The key of a map comes from the request, and findings name it.
        locations = frozenset[str]() if KEYS in location.split(".") else frozenset({location})
        return self.build_mutant(
            f"{kind}.accepted",
            pointer,
            breaks,
            ACCEPTED,
            part=location,
            locations=locations,
            **more,
        )


_OPEN = "frameworks read any value, or none, as an object without fields"


@operator
def generate_body_mutants(spec: Spec, operation: Operation) -> Iterator[Mutant]:
    """Yield every mutant of the operation's request body."""
    body = operation.body
    media = body.json if body else None
    if body is None or media is None:
        return
    right = _avoid_empty_values(spec, media, make_valid_body(spec, operation, media))
    about = _BodyContext(spec, operation, media, right)
    pointers = frozenset({body.pointer})
    if body.required:
        breaks = partial(_repair_and_forward, about, 400, lambda request: not request.body)
        pointer = body.pointer + "/required"
        is_open = allows_nothing(spec, media.schema_pointer)
        yield about.build_mutant(
            "required.accepted",
            pointer,
            breaks,
            ACCEPTED,
            pointers=pointers,
            equivalent=_OPEN if is_open else "",
        )
    unreadable = partial(_repair_and_forward, about, 400, _is_unreadable)
    yield about.build_mutant(
        "json.accepted", media.pointer, unreadable, ACCEPTED, pointers=pointers
    )
    if not any("*" in media_type.name for media_type in body.content):
        unsupported = partial(_repair_and_forward, about, 415, lambda _: True)
        is_documented = any(response.status == "415" for response in operation.responses)
        reason = "" if is_documented else "no 415 is documented, and the body is JSON"
        yield about.build_mutant(
            "content-type.accepted",
            body.pointer + "/content",
            unsupported,
            ACCEPTED,
            equivalent=reason,
        )
    value_paths = {entry.path: entry for entry in list_value_paths(spec, media.schema_pointer)}
    for value_path in value_paths.values():
        yield from _mutate_acceptance(about, value_path)
        yield from _mutate_rejection(about, value_path)
        if value_path.path:
            yield _build_rejecting_mutant(
                about, value_path, _find_optional_ancestor(value_paths, value_path)
            )


def _find_optional_ancestor(
    value_paths: dict[tuple[str, ...], ValuePath], value_path: ValuePath
) -> ValuePath | None:
    """Return the part, or its nearest ancestor, that a valid body can omit.

    None if all are required.
    """
    parent, step = value_paths.get(value_path.path[:-1]), value_path.path[-1:]
    if not parent or not step:
        return None
    always = any(
        (step == (EACH,) and schema.get("minItems", 0) > 0) or step[0] in schema.get("required", ())
        for _, schema in parent.schemas
    )
    return _find_optional_ancestor(value_paths, parent) if always else value_path


def _is_unreadable(request: HttpRequest) -> bool:
    try:
        json.loads(request.body)
    except (ValueError, RecursionError):
        return bool(request.body)
    return False


def _avoid_empty_values(spec: Spec, media: MediaType, body: Any) -> Any:
    """Return the body without `false`, 0 and "": a right server may read a null as one of them.

    A mock may also return `false` for a flag that is not sent, so that all flags are.
    """
    filled_body = _fill(body)
    for value_path in list_value_paths(spec, media.schema_pointer) if is_object(body) else ():
        if len(value_path.path) == 1 and value_path.types == frozenset({"boolean"}):
            filled_body.setdefault(value_path.path[0], True)
    invalid = list_violations(spec, media.schema_pointer, filled_body, "request")
    return body if invalid else filled_body


def _fill(value: Any) -> Any:
    if is_object(value):
        return {name: _fill(member) for name, member in value.items()}
    if is_array(value):
        return [_fill(item) for item in value]
    if value or value is None:
        return value
    return True if value is False else "a" if value == "" else 1


def _repair_and_forward(
    about: _BodyContext,
    status: int,
    wrong: Callable[[HttpRequest], bool],
    server: BrokenMock,
    _: Operation,
    request: HttpRequest,
) -> HttpResponse:
    """Replace a body that is rejected with this status by a valid one."""
    response = server.mock.handle(request)
    if response.status != status or not wrong(request):
        return response
    return server.mock.handle(about.repair_body(request))


def _accept_excused(
    about: _BodyContext, excused: Excused, server: BrokenMock, _: Operation, request: HttpRequest
) -> HttpResponse:
    """Replace a body that has only the excused violation by a valid one."""
    response = server.mock.handle(request)
    if response.status != 400 or _is_unreadable(request) or not request.body:
        return response
    violations = list_violations(server.spec, about.media.schema_pointer, json.loads(request.body))
    if not violations or not all(map(excused, violations)):
        return response
    return server.mock.handle(about.repair_body(request))


def _mutate_acceptance(about: _BodyContext, value_path: ValuePath) -> Iterator[Mutant]:
    for pointer, schema in value_path.schemas:
        for name in schema.get("required", ()):
            path, clause = (*value_path.path, name), f"{pointer}/required"
            missing = partial(_is_missing, value_path, clause, name)
            yield about.build_lax_mutant("required", clause, format_path(path), missing)
        for keyword in ("enum", "const", "format", *BOUNDS):
            if keyword in schema:
                clause = f"{pointer}/{keyword}"
                excused = partial(_is_at, value_path, frozenset({clause}))
                yield about.build_lax_mutant(keyword, clause, value_path.name, excused)
    typed = [p for p, s in value_path.schemas if "type" in s and s["type"] != "null"]
    is_open = not value_path.path and may_be_nothing(about.spec, value_path.schemas[0][0])
    reason = _OPEN if is_open else ""
    kinds = (
        ("type", "null") if not is_valid(about.spec, value_path.schemas[0][0], None) else ("type",)
    )
    for kind in kinds if typed else ():
        yield about.build_lax_mutant(
            kind,
            f"{typed[0]}/type",
            value_path.name,
            partial(_is_type, value_path, kind == "null"),
            pointers=value_path.clauses,
            equivalent=reason,
        )


def _matches_part(value_path: ValuePath, path: str) -> bool:
    """Return whether a value's pointer belongs to the part."""
    tokens = split(path)
    return len(tokens) == len(value_path.path) and all(
        token.isdecimal() if step == EACH else step in {KEYS, token}
        for step, token in zip(value_path.path, tokens, strict=True)
    )


def _is_missing(value_path: ValuePath, clause: str, name: str, violation: Violation) -> bool:
    return (
        violation.clause == clause
        and violation.expected == name
        and _matches_part(value_path, violation.path)
    )


def _is_at(value_path: ValuePath, clauses: frozenset[str], violation: Violation) -> bool:
    return violation.clause in clauses and _matches_part(value_path, violation.path)


def _is_type(value_path: ValuePath, null: bool, violation: Violation) -> bool:
    """Return whether a value of a wrong type is the cause.

    Its other violations are consequences.
    """
    if not _matches_part(value_path, violation.path) or (violation.got is None) is not null:
        return False
    return violation.clause in value_path.clauses and not _is_of(value_path.types, violation.got)


def _is_of(types: frozenset[str], value: Any) -> bool:
    kinds = {
        "null": value is None,
        "boolean": isinstance(value, bool),
        "string": isinstance(value, str),
        "array": is_array(value),
        "object": is_object(value),
        "number": isinstance(value, (int, float)) and not isinstance(value, bool),
        "integer": isinstance(value, int) and not isinstance(value, bool),
    }
    return any(kinds.get(kind, False) for kind in types)


def _mutate_rejection(about: _BodyContext, value_path: ValuePath) -> Iterator[Mutant]:
    """Yield mutants that reject a documented value or the exact bound."""
    for pointer, schema in value_path.schemas:
        named_values = [(member, "enum", str(member)) for member in schema.get("enum", ())]
        for keyword in ("minimum", "maximum", "minLength", "maxLength"):
            value = make_edge_value(keyword, schema) if keyword in schema else None
            named_values += [(value, keyword, str(value))] if value is not None else []
        for value, keyword, label in named_values:
            fits = partial(_is_edge, keyword, value)
            yield about.build_mutant(
                f"{keyword}.rejected",
                f"{pointer}/{keyword}",
                partial(_reject_matching, value_path, fits),
                REJECTED,
                part=value_path.name,
                pointers=value_path.clauses,
                locations=_name_part(value_path),
                how=quote(label, safe=""),
            )


def _name_part(value_path: ValuePath) -> frozenset[str]:
    """Return the name of the part in findings.

    Any name, if it contains the key of a map, which is arbitrary.
    """
    return frozenset() if KEYS in value_path.path else frozenset({value_path.name})


def _build_rejecting_mutant(
    about: _BodyContext, value_path: ValuePath, optional: ValuePath | None
) -> Mutant:
    """Return the mutant that rejects any value of the part."""
    names = _name_part(value_path)
    return about.build_mutant(
        "rejected",
        value_path.schemas[0][0],
        partial(_reject_matching, value_path, lambda _: True),
        REJECTED,
        part=value_path.name,
        pointers=value_path.clauses | (optional.clauses if optional else {about.operation.pointer}),
        locations=names and names | {optional.name if optional else ""},
    )


def _is_edge(keyword: str, edge_value: Any, value: Any) -> bool:
    if keyword in {"minLength", "maxLength"}:
        return isinstance(value, str) and len(value) == edge_value
    return bool(value == edge_value) and type(value) is type(edge_value)


def _reject_matching(
    value_path: ValuePath,
    fits: Callable[[Any], bool],
    server: BrokenMock,
    operation: Operation,
    request: HttpRequest,
) -> HttpResponse:
    response = server.mock.handle(request)
    if response.status >= 400 or not request.body:
        return response
    if any(map(fits, _list_values_at(value_path.path, json.loads(request.body)))):
        return build_rejection(server.spec, operation, 400)
    return response


def _list_values_at(path: tuple[str, ...], value: Any) -> Iterator[Any]:
    """Yield the values at a path."""
    if not path:
        yield value
    elif path[0] == EACH and is_array(value):
        for item in value:
            yield from _list_values_at(path[1:], item)
    elif path[0] == KEYS and is_object(value):
        for item in value.values():
            yield from _list_values_at(path[1:], item)
    elif is_object(value) and path[0] in value:
        yield from _list_values_at(path[1:], value[path[0]])
