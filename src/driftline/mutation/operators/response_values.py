"""Mutants of the values in a response: missing fields, wrong types, broken keywords, new fields."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from itertools import count
from typing import Any, Final

import attrs

from driftline.mock import HttpResponse
from driftline.mutation.mutants import Breaks, Clause, Mutant, list_keyword_pointers, replace_json
from driftline.mutation.operators.rejections import Change, change_always, change_rarely
from driftline.mutation.operators.values import make_breaking_value, make_other_type
from driftline.openapi import (
    BOUNDS,
    EACH,
    KEYS,
    REMOVED,
    Operation,
    Response as Documented,
    Spec,
    ValuePath,
    change_value,
    format_path,
    is_object,
    is_valid,
)

STRANGER: Final = "driftlineUnknown"
_ENUM: Final = "response.enum.undocumented"
UNDOCUMENTED: Final = "response.field.undocumented"
_BOUND: Final = "response.bound.exceeded"
_VARIANTS: Final = {
    str: "string",
    int: "number",
    float: "number",
    bool: "boolean",
    dict: "object",
    list: "array",
}


@attrs.frozen
class ResponseContext:
    """One documented response. `is_rare`: the mock never sends it; `reason`: why no server can."""

    spec: Spec
    operation: Operation
    response: Documented
    status: int
    reason: str
    is_rare: bool = False

    def build_mutant(
        self, kind: str, pointer: str, breaks: Breaks | None, *expected: str, **more: Any
    ) -> Mutant:
        """Return a mutant of this response; one whose response never occurs is equivalent."""
        prefix = "response" if self.response is self.operation.success else f"response.{self.name}"
        location = str(more.pop("part", ""))
        clause = Clause(self.operation, f"{prefix}.{kind}", pointer, location)
        more["equivalent"] = self.reason or more.get("equivalent", "")
        return Mutant.build(self.spec, clause, breaks, *expected, **more)

    @property
    def name(self) -> str:
        return self.response.status

    def wrap_change(self, change: Change) -> Breaks:
        """Change this response."""
        return partial(change_rarely if self.is_rare else change_always, self.status, change)

    def wrap_edit(self, change: Callable[[Any], Any]) -> Breaks:
        """Change the body of this response."""
        return self.wrap_change(partial(_edit_body, change))


def _edit_body(change: Callable[[Any], Any], response: HttpResponse) -> HttpResponse:
    return replace_json(response, change(response.parse_json())) if response.body else response


def generate_value_mutants(context: ResponseContext, value_path: ValuePath) -> Iterator[Mutant]:
    """Yield every mutant of one part of the body."""
    for pointer, schema in value_path.schemas:
        for name in schema.get("required", ()):
            yield _build_value_mutant(
                context, value_path, "required", f"{pointer}/required", REMOVED, name=name
            )
        for keyword in ("enum", "const", "format", *BOUNDS):
            if keyword in schema:
                yield _build_keyword_mutant(context, value_path, pointer, keyword)
    if value_path.types - {"null"}:
        yield from _mutate_types(context, value_path)
    yield from _add_unknown_fields(context, value_path)


def _build_value_mutant(
    context: ResponseContext,
    value_path: ValuePath,
    kind: str,
    pointer: str,
    wrong: Any,
    *,
    name: str = "",
    **more: Any,
) -> Mutant:
    """Return the mutant with the value `wrong` at the part, or at a field of it."""
    path = (*value_path.path, name) if name else value_path.path
    expected = {
        "required": "response.required.missing",
        "enum": _ENUM,
        "const": _ENUM,
        "format": "response.format.wrong",
        "type": "response.type.wrong",
        "null": "response.type.wrong",
    }.get(kind, _BOUND)
    extra_ids = ("response.schema.broken",) if value_path.is_uncertain else ()
    return context.build_mutant(
        kind,
        pointer,
        context.wrap_edit(partial(change_value, path=path, change=lambda _: wrong)),
        expected,
        *extra_ids,
        part=format_path(path),
        pointers=value_path.clauses,
        locations=frozenset()
        if _is_map_key(value_path)
        else frozenset({format_path(path), value_path.name}),
        **more,
    )


def _is_map_key(value_path: ValuePath) -> bool:
    """Return whether a step of the path may be the key of a map, which findings name."""
    return KEYS in value_path.path


def _build_keyword_mutant(
    context: ResponseContext, value_path: ValuePath, pointer: str, keyword: str
) -> Mutant:
    try:
        wrong, reason = make_breaking_value(context.spec, pointer, keyword), ""
    except LookupError as error:
        wrong, reason = None, str(error)
    return _build_value_mutant(
        context, value_path, keyword, f"{pointer}/{keyword}", wrong, equivalent=reason
    )


def _mutate_types(context: ResponseContext, value_path: ValuePath) -> Iterator[Mutant]:
    typed = [p for p, s in value_path.schemas if "type" in s and s["type"] != "null"]
    is_allowed = partial(_is_allowed, context.spec, value_path)
    wrong = make_other_type(value_path.types)
    reason = "" if wrong is not None and not is_allowed(wrong) else "any type is allowed"
    yield _build_value_mutant(
        context, value_path, "type", typed[0] + "/type", wrong, equivalent=reason
    )
    if is_allowed(None):
        return
    yield _build_value_mutant(context, value_path, "null", typed[0] + "/type", None)
    if not reason and value_path.path and EACH in value_path.path:
        yield _build_second_value_mutant(context, value_path, typed[0] + "/type", wrong)


def _build_second_value_mutant(
    context: ResponseContext, value_path: ValuePath, pointer: str, wrong: Any
) -> Mutant:
    """Return the mutant with null in one row, and another wrong value in the others."""

    def change(body: Any) -> Any:
        numbers = count()
        return change_value(body, value_path.path, lambda _: wrong if next(numbers) else None)

    return context.build_mutant(
        "second",
        pointer,
        context.wrap_edit(change),
        "response.type.wrong",
        "response.schema.broken",
        part=value_path.name,
        pointers=value_path.clauses,
        locations=frozenset() if _is_map_key(value_path) else frozenset({value_path.name}),
        variant=_VARIANTS[type(wrong)],
    )


def _is_allowed(spec: Spec, value_path: ValuePath, value: Any) -> bool:
    """Return whether the unmodified schema allows the value."""
    return is_valid(spec, value_path.schemas[0][0], value)


def _add_unknown_fields(context: ResponseContext, value_path: ValuePath) -> Iterator[Mutant]:
    keywords = ("additionalProperties", "unevaluatedProperties")
    closed_pointers = [p for p, schema in value_path.schemas if schema.get("properties")]
    is_open = any(
        schema.get(keyword, False) is not False
        for _, schema in value_path.schemas
        for keyword in keywords
    )
    if not closed_pointers or is_open:
        return

    def add(value: Any) -> Any:
        return {**value, STRANGER: "driftline"} if is_object(value) else value

    location = ".".join(filter(None, (value_path.name, STRANGER)))
    yield context.build_mutant(
        "undocumented",
        closed_pointers[0] + "/properties",
        context.wrap_edit(partial(change_value, path=value_path.path, change=add)),
        UNDOCUMENTED,
        part=value_path.name,
        pointers=list_keyword_pointers(*(p for p in closed_pointers), keywords=keywords)
        | {f"{p}/properties" for p in closed_pointers},
        locations=frozenset()
        if _is_map_key(value_path)
        else frozenset({location, value_path.name}),
    )
