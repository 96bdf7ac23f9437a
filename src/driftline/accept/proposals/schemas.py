"""Edits of schemas: received values, types, fields and bounds that are not allowed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from driftline.accept.edits import EditedDocument, Proposal, Propose, UnacceptableError
from driftline.accept.proposals.sites import list_types, propose_at_site
from driftline.checks import Finding, describe_shape
from driftline.openapi import (
    MISSING,
    TextEdit,
    describe,
    is_array,
    is_object,
    join,
    split,
)

_NOT_RECORDED: Final = "the report has no received value"
_AGAIN: Final = "Run driftline check --report DIR with this version, and accept that report."
_PERSON: Final = "Look at the received value, and edit the spec by hand."


def propose_keyword(clauses: EditedDocument, finding: Finding) -> Proposal:
    """Propose to loosen the violated keyword of a schema."""
    keyword = split(finding.location.pointer)[-1] if finding.location.pointer else ""
    propose = BY_KEYWORD.get(keyword)
    if propose is None:
        reason = f"several edits are possible where {keyword or 'a schema'} is violated"
        raise UnacceptableError(reason, _PERSON)
    return propose(clauses, finding)


def _list_values(finding: Finding) -> Iterator[Any]:
    """Yield the distinct received values."""
    values = [
        observation.schema["const"]
        for observation in finding.observed
        if "const" in observation.schema
    ]
    if not values:
        raise UnacceptableError(_NOT_RECORDED, _AGAIN)
    yield from values


def _propose_enum(clauses: EditedDocument, finding: Finding) -> Proposal:
    pointer = finding.location.pointer
    documented_values = clauses.require(pointer)
    values = [value for value in _list_values(finding) if value not in documented_values]
    site = next((observation.site for observation in finding.observed if observation.site), "")
    schema = join(*split(pointer)[:-1])
    if values and site and _has_other_type(clauses, schema, values):
        return propose_at_site(clauses, site, {"enum": values})
    edits = tuple(TextEdit(op="append", pointer=pointer, value=value) for value in values)
    return Proposal(f"allow {', '.join(map(describe, values))}", edits)


def _has_other_type(clauses: EditedDocument, schema: str, values: list[Any]) -> bool:
    """Return whether the type of a schema excludes one of the values.

    Then a longer enum does not allow it.
    """
    current_type = clauses.get(f"{schema}/type")
    types: set[str] = set() if current_type is MISSING else {*list_types(current_type)}
    if "number" in types:
        types |= {"integer"}
    return bool(types) and any(
        kind not in types for value in values for kind in list_types(describe_shape(value)["type"])
    )


def _propose_const(clauses: EditedDocument, finding: Finding) -> Proposal:
    pointer = finding.location.pointer
    parent = join(*split(pointer)[:-1])
    const = clauses.require(pointer)
    values = list(_list_values(finding))
    return Proposal(
        f"allow {', '.join(map(describe, values))} too",
        (
            TextEdit(op="put", pointer=f"{parent}/enum", value=[const, *values], after="const"),
            TextEdit(op="remove", pointer=pointer),
        ),
    )


def _propose_type(clauses: EditedDocument, finding: Finding) -> Proposal:
    pointer = finding.location.pointer
    current_types = list_types(clauses.require(pointer))
    shapes = [observation for observation in finding.observed if "type" in observation.schema]
    if not shapes:
        raise UnacceptableError(_NOT_RECORDED, _AGAIN)
    received_types = [
        kind for observation in shapes for kind in list_types(observation.schema["type"])
    ]
    new = [kind for kind in dict.fromkeys(received_types) if kind not in current_types]
    if new == ["integer"] and "number" in current_types:
        new = []
    site = next((observation.site for observation in shapes if observation.site), "")
    if new and site:
        return propose_at_site(clauses, site, {"type": new[0] if len(new) == 1 else new})
    if "number" in new:
        current_types = [kind for kind in current_types if kind != "integer"]
    kinds = [kind for kind in (*current_types, *new) if kind != "null"]
    kinds += ["null"] * ("null" in (*current_types, *new))
    value = kinds[0] if len(kinds) == 1 else kinds
    edit = TextEdit(op="put", pointer=pointer, value=value)
    summary = "allow null" if new == ["null"] else f"allow the type {', '.join(new)}"
    return Proposal(summary, (edit,) if new else ())


def _propose_alternative(clauses: EditedDocument, finding: Finding) -> Proposal:
    """Propose another alternative of anyOf or oneOf: the value, or a plain type."""
    pointer = finding.location.pointer
    alternatives = clauses.require(pointer)
    kinds = {
        kind
        for observation in finding.observed
        for kind in list_types(observation.schema.get("type", _name_kinds(observation.schema)))
    }
    if not kinds or kinds & {"object", "array"} or not is_array(alternatives):
        reason = "the intended alternative is unknown"
        raise UnacceptableError(reason, _PERSON)
    values = [
        observation.schema["const"]
        for observation in finding.observed
        if "const" in observation.schema
    ]
    for index, alternative in enumerate(alternatives):
        if is_object(alternative) and alternative.keys() == {"enum"} and values:
            new = [value for value in values if value not in alternative["enum"]]
            enum_pointer = f"{pointer}/{index}/enum"
            edits = (TextEdit(op="append", pointer=enum_pointer, value=value) for value in new)
            return Proposal(f"allow {', '.join(map(describe, values))}", tuple(edits))
    missing = [{"type": kind} for kind in sorted(kinds) if {"type": kind} not in alternatives]
    additions = (TextEdit(op="append", pointer=pointer, value=value) for value in missing)
    return Proposal(f"allow {', '.join(sorted(kinds))}", tuple(additions))


def _name_kinds(schema: Mapping[str, Any]) -> list[str]:
    """Return the type of an observed value."""
    return list_types(describe_shape(schema["const"])["type"]) if "const" in schema else []


def _propose_optional(clauses: EditedDocument, finding: Finding) -> Proposal:
    pointer = finding.location.pointer
    missing_names = [
        name
        for observation in finding.observed
        if "not" in observation.schema
        for name in observation.schema["not"]["required"]
    ]
    names = missing_names or [finding.where.rpartition(".")[2]]
    required_names = clauses.get(pointer)
    remaining_names = (
        [name for name in required_names if name not in names] if is_array(required_names) else []
    )
    summary = f"make {', '.join(names)} optional"
    if required_names is MISSING or not any(name in required_names for name in names):
        return Proposal(summary)
    if not remaining_names:
        return Proposal(summary, (TextEdit(op="remove", pointer=pointer),))
    indexes = [index for index, name in enumerate(required_names) if name in names]
    edits = (TextEdit(op="remove", pointer=f"{pointer}/{i}") for i in reversed(indexes))
    return Proposal(summary, tuple(edits))


def propose_field(clauses: EditedDocument, finding: Finding) -> Proposal:
    """Propose a field with the received types."""
    pointer = finding.location.pointer
    *parent_tokens, last = split(pointer) or [""]
    properties_pointer = join(*parent_tokens, "properties")
    if last in {"additionalProperties", "unevaluatedProperties"} and is_object(
        clauses.get(properties_pointer)
    ):
        pointer, last = properties_pointer, "properties"  # a closed object names all fields
    if last != "properties":
        reason = "the object is closed, and its fields are named elsewhere"
        raise UnacceptableError(reason, "Accept the finding about its properties instead.")
    properties = clauses.require(pointer)
    fields: dict[str, Any] = {}
    count = 0
    for observation in finding.observed:
        fields |= observation.schema.get("properties", {})
        count += observation.count
    if not fields:
        raise UnacceptableError(_NOT_RECORDED, _AGAIN)
    new = {name: shape for name, shape in fields.items() if name not in properties}
    edits = (
        TextEdit(op="put", pointer=pointer + join(name), value=_drop_empty(shape))
        for name, shape in new.items()
    )
    descriptions = ", ".join(f"{name} ({_describe_type(shape)})" for name, shape in fields.items())
    times = "once" if count == 1 else f"{count} times"
    return Proposal(f"document {descriptions}, seen {times}", tuple(edits))


def _describe_type(shape: Mapping[str, Any]) -> str:
    return " or ".join(list_types(shape.get("type", "any type")))


def _drop_empty(shape: dict[str, Any]) -> dict[str, Any]:
    """Return the shape of a value without a type if it was always null."""
    return {} if shape == {"type": "null"} else shape


_RANGES: Final = {
    "minimum": "minimum",
    "maximum": "maximum",
    "exclusiveMinimum": "minimum",
    "exclusiveMaximum": "maximum",
    **{keyword: keyword for keyword in ("minLength", "maxLength", "minItems", "maxItems")},
    **{keyword: keyword for keyword in ("minProperties", "maxProperties")},
}


def _propose_bound(clauses: EditedDocument, finding: Finding) -> Proposal:
    pointer = finding.location.pointer
    parent, keyword = join(*split(pointer)[:-1]), split(pointer)[-1]
    current_limit = clauses.require(pointer)
    range_keyword = _RANGES.get(keyword, "")
    limits = [
        observation.schema[range_keyword]
        for observation in finding.observed
        if range_keyword in observation.schema
    ]
    if not limits:
        return Proposal(f"drop {keyword}", (TextEdit(op="remove", pointer=pointer),))
    widest = min if range_keyword.startswith("min") else max
    limit = widest(limits)
    summary = f"widen {keyword} to {limit}"
    if range_keyword == keyword:  # an edit before may have widened it further
        edit = TextEdit(op="put", pointer=pointer, value=limit)
        return Proposal(summary, (edit,) if widest(limit, current_limit) != current_limit else ())
    return Proposal(
        summary,
        (
            TextEdit(op="put", pointer=f"{parent}/{range_keyword}", value=limit, after=keyword),
            TextEdit(op="remove", pointer=pointer),
        ),
    )


def _propose_drop(clauses: EditedDocument, finding: Finding) -> Proposal:
    pointer = finding.location.pointer
    clauses.require(pointer)
    summary = f"drop {split(pointer)[-1]}"
    return Proposal(summary, (TextEdit(op="remove", pointer=pointer),))


BY_KEYWORD: Final[Mapping[str, Propose]] = {
    "enum": _propose_enum,
    "const": _propose_const,
    "type": _propose_type,
    "required": _propose_optional,
    "anyOf": _propose_alternative,
    "oneOf": _propose_alternative,
    "properties": propose_field,
    **dict.fromkeys(_RANGES, _propose_bound),
    **dict.fromkeys(("pattern", "multipleOf", "uniqueItems", "format"), _propose_drop),
}
"""The function that loosens each keyword of a schema."""
