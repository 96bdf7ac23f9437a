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
    list_value_paths,
    list_violations,
    split,
)
from driftline.suite import may_be_nothing

ACCEPTED = "request.invalid.accepted"
REJECTED = "request.valid.rejected"
Excused = Callable[[Violation], bool]


@attrs.frozen
class _BodyContext:
    """The JSON body of an operation, and a valid example."""

    spec: Spec
    operation: Operation
    media: MediaType
    right: Any

    def repair_body(self, request: HttpRequest) -> HttpRequest:
        """Return the request with a valid body."""
        return replace_request_body(request, self.media.name, json.dumps(self.right).encode())

    def build_mutant(
        self, kind: str, pointer: str, breaks: Breaks, expected: str, **more: Any
    ) -> Mutant:
        clause = Clause(self.operation, f"body.{kind}", pointer, str(more.pop("place", "")))
        return Mutant.build(self.spec, clause, breaks, expected, **more)

    def build_lax_mutant(
        self, kind: str, pointer: str, place: str, excused: Excused, **more: Any
    ) -> Mutant:
        """Return the mutant that accepts a body with only this violation."""
        breaks = partial(_accept_excused, self, excused)
        # The key of a map comes from the request, and findings name it.
        wheres = frozenset[str]() if KEYS in place.split(".") else frozenset({place})
        return self.build_mutant(
            f"{kind}.accepted", pointer, breaks, ACCEPTED, place=place, wheres=wheres, **more
        )


@operator
def generate_body_mutants(spec: Spec, operation: Operation) -> Iterator[Mutant]:
    """Yield every mutant of the operation's request body."""
    body = operation.body
    media = body.json if body else None
    if body is None or media is None:
        return
    about = _BodyContext(spec, operation, media, make_valid_body(spec, operation, media))
    own = frozenset({body.pointer})
    if body.required:
        breaks = partial(_repair_and_forward, about, 400, lambda request: not request.body)
        pointer = body.pointer + "/required"
        yield about.build_mutant("required.accepted", pointer, breaks, ACCEPTED, pointers=own)
    unreadable = partial(_repair_and_forward, about, 400, _is_unreadable)
    yield about.build_mutant("json.accepted", media.pointer, unreadable, ACCEPTED, pointers=own)
    if not any("*" in each.name for each in body.content):
        other = partial(_repair_and_forward, about, 415, lambda _: True)
        named = any(each.status == "415" for each in operation.responses)
        reason = "" if named else "no 415 is documented, and the body is JSON"
        yield about.build_mutant(
            "content-type.accepted", body.pointer + "/content", other, ACCEPTED, equivalent=reason
        )
    found = {place.path: place for place in list_value_paths(spec, media.schema_pointer)}
    for place in found.values():
        yield from _mutate_acceptance(about, place)
        yield from _mutate_rejection(about, place)
        if place.path:
            yield _build_rejecting_mutant(about, place, _find_optional_ancestor(found, place))


def _find_optional_ancestor(
    found: dict[tuple[str, ...], ValuePath], place: ValuePath
) -> ValuePath | None:
    """Return the part, or its nearest ancestor, that a valid body can omit.

    None if all are required.
    """
    above, step = found.get(place.path[:-1]), place.path[-1:]
    if not above or not step:
        return None
    always = any(
        (step == (EACH,) and schema.get("minItems", 0) > 0) or step[0] in schema.get("required", ())
        for _, schema in above.schemas
    )
    return _find_optional_ancestor(found, above) if always else place


def _is_unreadable(request: HttpRequest) -> bool:
    try:
        json.loads(request.body)
    except (ValueError, RecursionError):
        return bool(request.body)
    return False


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
    found = list_violations(server.spec, about.media.schema_pointer, json.loads(request.body))
    if not found or not all(map(excused, found)):
        return response
    return server.mock.handle(about.repair_body(request))


def _mutate_acceptance(about: _BodyContext, place: ValuePath) -> Iterator[Mutant]:
    for pointer, schema in place.schemas:
        for name in schema.get("required", ()):
            path, clause = (*place.path, name), f"{pointer}/required"
            missing = partial(_is_missing, place, clause, name)
            yield about.build_lax_mutant("required", clause, format_path(path), missing)
        for word in ("enum", "const", "format", *BOUNDS):
            if word in schema:
                clause = f"{pointer}/{word}"
                broken = partial(_is_at, place, frozenset({clause}))
                yield about.build_lax_mutant(word, clause, place.name, broken)
    stated = [p for p, s in place.schemas if "type" in s and s["type"] != "null"]
    is_open = not place.path and may_be_nothing(about.spec, place.schemas[0][0])
    reason = "frameworks read any value as an object without fields" if is_open else ""
    kinds = (
        ("type", "null") if list_violations(about.spec, place.schemas[0][0], None) else ("type",)
    )
    for kind in kinds if stated else ():
        yield about.build_lax_mutant(
            kind,
            f"{stated[0]}/type",
            place.name,
            partial(_is_type, place, kind == "null"),
            pointers=place.clauses,
            equivalent=reason,
        )


def _matches_place(place: ValuePath, path: str) -> bool:
    """Return whether a value's pointer belongs to the part."""
    tokens = split(path)
    return len(tokens) == len(place.path) and all(
        token.isdecimal() if step == EACH else step in {KEYS, token}
        for step, token in zip(place.path, tokens, strict=True)
    )


def _is_missing(place: ValuePath, clause: str, name: str, found: Violation) -> bool:
    return found.clause == clause and found.expected == name and _matches_place(place, found.path)


def _is_at(place: ValuePath, clauses: frozenset[str], found: Violation) -> bool:
    return found.clause in clauses and _matches_place(place, found.path)


def _is_type(place: ValuePath, null: bool, found: Violation) -> bool:
    """Return whether a value of a wrong type is the cause.

    Its other violations are consequences.
    """
    if not _matches_place(place, found.path) or (found.got is None) is not null:
        return False
    return found.clause in place.clauses and not _is_of(place.types, found.got)


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


def _mutate_rejection(about: _BodyContext, place: ValuePath) -> Iterator[Mutant]:
    """Yield mutants that reject a documented value or the exact bound."""
    for pointer, schema in place.schemas:
        named_values = [(each, "enum", str(each)) for each in schema.get("enum", ())]
        for word in ("minimum", "maximum", "minLength", "maxLength"):
            value = make_edge_value(word, schema) if word in schema else None
            named_values += [(value, word, str(value))] if value is not None else []
        for value, word, text in named_values:
            fits = partial(_is_edge, word, value)
            yield about.build_mutant(
                f"{word}.rejected",
                f"{pointer}/{word}",
                partial(_reject_matching, place, fits),
                REJECTED,
                place=place.name,
                pointers=place.clauses,
                wheres=_name_place(place),
                how=quote(text, safe=""),
            )


def _name_place(place: ValuePath) -> frozenset[str]:
    """Return the name of the part in findings.

    Any name, if it contains the key of a map, which is arbitrary.
    """
    return frozenset() if KEYS in place.path else frozenset({place.name})


def _build_rejecting_mutant(
    about: _BodyContext, place: ValuePath, optional: ValuePath | None
) -> Mutant:
    """Return the mutant that rejects any value of the part."""
    names = _name_place(place)
    return about.build_mutant(
        "rejected",
        place.schemas[0][0],
        partial(_reject_matching, place, lambda _: True),
        REJECTED,
        place=place.name,
        pointers=place.clauses | (optional.clauses if optional else {about.operation.pointer}),
        wheres=names and names | {optional.name if optional else ""},
    )


def _is_edge(word: str, edge_value: Any, value: Any) -> bool:
    if word in {"minLength", "maxLength"}:
        return isinstance(value, str) and len(value) == edge_value
    return bool(value == edge_value) and type(value) is type(edge_value)


def _reject_matching(
    place: ValuePath,
    fits: Callable[[Any], bool],
    server: BrokenMock,
    operation: Operation,
    request: HttpRequest,
) -> HttpResponse:
    response = server.mock.handle(request)
    if response.status >= 400 or not request.body:
        return response
    if any(map(fits, _list_values_at(place.path, json.loads(request.body)))):
        return build_rejection(server.spec, operation, 400)
    return response


def _list_values_at(path: tuple[str, ...], value: Any) -> Iterator[Any]:
    """Yield the values at a path."""
    if not path:
        yield value
    elif path[0] == EACH and is_array(value):
        for each in value:
            yield from _list_values_at(path[1:], each)
    elif path[0] == KEYS and is_object(value):
        for each in value.values():
            yield from _list_values_at(path[1:], each)
    elif is_object(value) and path[0] in value:
        yield from _list_values_at(path[1:], value[path[0]])
