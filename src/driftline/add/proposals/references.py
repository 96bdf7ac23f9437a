"""Proposes `x-reference` for fields and path parameters that are ids of rows of a listing."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from itertools import pairwise
from typing import Any, Final

import attrs

from driftline.add.choosing import list_properties
from driftline.add.naming.methods import to_singular
from driftline.add.naming.phrases import list_fixed_segments, split_words
from driftline.add.plan import OverlayPlan
from driftline.openapi import (
    REFERENCE,
    Operation,
    Parameter,
    Spec,
    find_id_schema,
    find_schema_at,
    is_object,
    join,
    list_branches,
    list_choices,
    list_types,
    parse_reference_rule,
    put,
    trace_clause,
)

_KEYS: Final = frozenset({"id", "uuid", "sid", "pk"})
_PLURAL_KEYS: Final = frozenset({"ids", "uuids", "sids"})
_NATURAL: Final = "="
"""The mark of rows that are known by a field with a pattern, whatever the name of the rows."""
_DEEPEST: Final = 4
_SHAPES: Final = ("enum", "const", "format", "pattern")
_NAMED_ID: Final = re.compile(r"\b(id|identifier|key|pk|slug|uuid)s? of\b", re.I)
"""A description that says that a string is the id of something."""


@attrs.frozen
class ReferenceProposal:
    """A schema whose values are ids of rows of a listing; `owner` is its name in reasons."""

    pointer: str
    of: str
    owner: str
    why: str


@attrs.frozen
class _NamedSchema:
    """The schema of a field or parameter, and the words of its name."""

    pointer: str
    words: tuple[str, ...]
    name: str
    is_in_path: bool = False


@attrs.frozen
class _Target:
    """A listing that can be referred to by name, and the schema of its ids."""

    listing: Operation
    id_schema: str
    row: str
    is_plural: bool

    @property
    def parent_path(self) -> str:
        """The path before the parameter of the row above: `/hotels` of `/hotels/{id}/rooms`."""
        return self.listing.path.rpartition("/{")[0]


def find_references(spec: Spec) -> Iterator[ReferenceProposal]:
    """Yield each reference whose name, type and listing are unambiguous, once.

    A schema that several parameters share is proposed only if all of them refer to the same
    listing.
    """
    targets = _map_targets(spec)
    proposals: dict[str, list[ReferenceProposal | None]] = {}
    for named_schema in [*_list_fields(spec), *_list_path_parameters(spec)] if targets else []:
        value_pointer = _find_value(spec, named_schema)
        if value_pointer is not None:
            proposal = _propose(spec, targets, named_schema, value_pointer)
            proposals.setdefault(value_pointer, []).append(proposal)
    for uses in proposals.values():
        listings = {use.of if use else None for use in uses}
        if uses[0] is not None and len(listings) == 1:
            yield uses[0]


def _propose(
    spec: Spec,
    targets: Mapping[tuple[str, ...], _Target],
    named_schema: _NamedSchema,
    value_pointer: str,
) -> ReferenceProposal | None:
    target = _choose_target(spec, targets, named_schema)
    if target is None or parse_reference_rule(spec, value_pointer):
        return None
    if not _are_ids(spec, value_pointer, target.id_schema):
        return None
    listing = target.listing.id
    why = f"{named_schema.name} is named like the id of a row of {listing}"
    return ReferenceProposal(value_pointer, listing, named_schema.name, why)


def add_references(spec: Spec, proposals: Mapping[str, ReferenceProposal]) -> Spec:
    """Return the spec with the references in its document."""
    document: Any = spec.document
    for pointer, proposal in proposals.items():
        document = put(document, pointer + join(REFERENCE), {"of": proposal.of})
    return attrs.evolve(spec, document=document)


def propose_references(
    spec: Spec, plan: OverlayPlan, proposals: Mapping[str, ReferenceProposal], *, is_own: bool
) -> None:
    """Write the references that have a location of their own in the document."""
    for pointer, proposal in proposals.items():
        source_pointer = find_in_source(spec, plan, pointer)
        if source_pointer is not None:
            rule = {"of": proposal.of}
            if not is_own:
                rule["x-assumed"] = f"proposed from the names of the document: {proposal.why}"
            plan.update(source_pointer, {REFERENCE: rule}, f"Proposed: {proposal.why}.")


def _map_targets(spec: Spec) -> Mapping[tuple[str, ...], _Target]:
    """Return the listings by the singular of their noun: `/rooms`, else `/hotels/{id}/rooms`.

    A noun at the end of two paths is ambiguous: `/incidents/actions` and `/scripts/actions`.
    """
    targets: dict[tuple[str, ...], list[_Target | None]] = {}
    below: dict[tuple[str, ...], list[_Target | None]] = {}
    for operation in spec.operations:
        segments = list_fixed_segments(operation.path)
        words = split_words(segments[-1]) if segments else ()
        if operation.method != "GET" or operation.path.endswith("}") or not words:
            continue
        is_below, noun = "{" in operation.path, _to_singular_noun(words)
        id_schema = find_id_schema(spec, operation)
        if id_schema is None:
            (below if is_below else targets).setdefault(noun, []).append(None)
            continue
        row, _, name = id_schema.rpartition("/properties/")
        target = _Target(operation, id_schema, row, is_plural=noun != words)
        (below if is_below else targets).setdefault(noun, []).append(target)
        if not is_below and _collect(spec, id_schema, "pattern"):  # such as /products/{sku}
            targets.setdefault((_NATURAL, *split_words(name)), []).append(target)
    return {
        noun: uses[0]
        for noun, uses in {**below, **targets}.items()
        if len(uses) == 1 and uses[0] is not None
    }


def _list_fields(spec: Spec) -> Iterator[_NamedSchema]:
    """Yield the fields of named schemas and of unnamed bodies."""
    schemas = spec.get_node("/components/schemas")
    roots = [join("components", "schemas", name) for name in (schemas or ())]
    for operation in spec.operations:
        media = operation.body.json if operation.body else None
        if media is not None and media.schema_pointer:
            roots.append(media.schema_pointer)
    for root in roots:
        node = spec.get_node(root)
        if not is_object(node) or "$ref" in node:
            continue
        yield from _list_fields_below(spec, root, _DEEPEST)


def _list_fields_below(spec: Spec, schema_pointer: str, depth: int) -> Iterator[_NamedSchema]:
    """Yield the fields of an object, and of the unnamed ones in it and in its arrays."""
    fields = list_properties(spec, schema_pointer)
    for name, pointer in fields.items():
        noun = _find_linked_type(spec, fields) if name == "id" else ()
        yield _NamedSchema(pointer, (*noun, *split_words(name)), name)
        object_pointer = pointer
        if list_types(spec, pointer) == {"array"}:
            object_pointer = find_schema_at(spec, pointer, "/0") or pointer
        node = spec.get_node(object_pointer)
        if depth and is_object(node) and "properties" in node:
            yield from _list_fields_below(spec, object_pointer, depth - 1)


def _find_linked_type(spec: Spec, fields: Mapping[str, str]) -> tuple[str, ...]:
    """Return the noun of a resource identifier of JSON:API: `{"type": "authors", "id": "1"}`."""
    if not {"id", "type"} <= fields.keys() <= {"id", "meta", "type"}:
        return ()
    choices = list_choices(spec, fields["type"]) or []
    return split_words(str(choices[0])) if len(choices) == 1 else ()


def _list_path_parameters(spec: Spec) -> Iterator[_NamedSchema]:
    """Yield what is in paths: in `/authors/{x}/books`, x names an author, as far as it says so.

    The parameter of an `x-effect` is left out, since that says which row it names: whatever it is
    called, it names the same row in the paths below.
    """
    row_paths = {(o.path.rstrip("/"), o.effect.id) for o in spec.operations if o.effect}
    for operation in spec.operations:
        effect_parameter = operation.effect.id if operation.effect else None
        for before, segment in pairwise(operation.path.split("/")):
            parameter = operation.find_parameter(segment.strip("{}"), "path")
            if segment[:1] != "{" or parameter is None or parameter.name == effect_parameter:
                continue
            noun = split_words(before)
            row_path = operation.path.partition(segment)[0] + segment
            is_named = _is_named_so(parameter, noun) or (row_path, parameter.name) in row_paths
            words = (*noun, "id") if is_named else ()
            yield _NamedSchema(parameter.schema_pointer, words, parameter.name, is_in_path=True)


def _is_named_so(parameter: Parameter, noun: tuple[str, ...]) -> bool:
    """Return whether a parameter is called an id, or begins like what is before it in the path."""
    words = split_words(parameter.name)
    is_key = bool(words) and words[-1] in _KEYS
    singular = _to_singular_noun(noun) if noun else ()
    return bool(noun) and (is_key or words[: len(singular)] == singular)


def _to_singular_noun(words: tuple[str, ...]) -> tuple[str, ...]:
    return (*words[:-1], to_singular(words[-1]))


def _choose_target(
    spec: Spec, targets: Mapping[tuple[str, ...], _Target], named_schema: _NamedSchema
) -> _Target | None:
    """Return the listing that a name refers to, unless it is the listing of the row itself."""
    words = named_schema.words
    if (target := targets.get((_NATURAL, *words))) is not None:
        return target if _is_elsewhere(spec, target, named_schema) else None
    has_key = bool(words) and words[-1] in _KEYS | _PLURAL_KEYS
    noun = words[:-1] if has_key else words
    target = targets.get(_to_singular_noun(noun)) if noun else None
    if target is None:
        return None
    if target.parent_path and _names_parent(spec, target, named_schema):
        return None
    is_own = not named_schema.is_in_path and named_schema.pointer.startswith(
        target.row + "/properties/"
    )
    is_array = "array" in list_types(spec, named_schema.pointer)
    is_count = not has_key and not is_array and noun != _to_singular_noun(noun)
    # The number of /orders/count is not an id, the author of /authors is one.
    is_name = not has_key and not (
        target.is_plural and _is_described_as_id(spec, named_schema, target.id_schema)
    )
    return None if is_own or is_count or is_name else target


def _names_parent(spec: Spec, target: _Target, named_schema: _NamedSchema) -> bool:
    """Return whether a request that has the id of a row may also name the row above it.

    Both would have to be of one family: in a path, beside each other, or in a body below the row.
    """
    if named_schema.is_in_path:
        return True
    noun = _to_singular_noun(split_words(target.parent_path.rpartition("/")[2]) or ("",))
    owner = named_schema.pointer.rpartition("/properties/")[0]
    names = map(split_words, list_properties(spec, owner))
    if any(words == noun or (words[:-1] == noun and words[-1] in _KEYS) for words in names):
        return True
    bodies = [
        operation.body.json.schema_pointer
        for operation in spec.operations
        if operation.body
        and operation.body.json
        and operation.path.startswith(target.parent_path + "/{")
    ]
    return any(owner == pointer for body in bodies for pointer, _ in list_branches(spec, body))


def _is_elsewhere(spec: Spec, target: _Target, named_schema: _NamedSchema) -> bool:
    """Return whether a field is not that of the rows themselves, in responses or requests."""
    bodies = [target.row]
    for operation in spec.operations:
        media = operation.body.json if operation.body else None
        if media and operation.path.startswith(target.listing.path.rstrip("/")):
            bodies += [pointer for pointer, _ in list_branches(spec, media.schema_pointer)]
    owner = named_schema.pointer.rpartition("/properties/")[0]
    fields = list_properties(spec, owner).keys()
    return (
        not named_schema.is_in_path
        and owner not in bodies
        and not list_properties(spec, target.row).keys() <= fields
    )


def _is_described_as_id(spec: Spec, named_schema: _NamedSchema, id_schema: str) -> bool:
    """Return whether a value can only be an id; a string may also be a name.

    Its type or its description says so, or rows are known by a name, such as their slug.
    """
    kinds = list_types(spec, id_schema) - {"null"}
    formats = {schema.get("format") for _, schema in list_branches(spec, id_schema)}
    descriptions = (
        str(schema.get("description", ""))
        for _, schema in list_branches(spec, named_schema.pointer)
    )
    is_named = split_words(id_schema.rpartition("/")[2])[-1] not in _KEYS
    is_typed = kinds == {"integer"} or "uuid" in formats
    return is_typed or is_named or any(map(_NAMED_ID.search, descriptions))


def _find_value(spec: Spec, named_schema: _NamedSchema) -> str | None:
    """Return the schema of the id itself: of an array of ids, that of its items."""
    if list_types(spec, named_schema.pointer) - {"null"} != {"array"}:
        return named_schema.pointer
    return find_schema_at(spec, named_schema.pointer, "/0")


def _are_ids(spec: Spec, value_pointer: str, id_schema: str) -> bool:
    """Return whether the values of two schemas cannot be distinguished.

    Generators that read TypeScript write `number` for whole numbers, too.
    """
    kinds, id_kinds = (
        {"integer" if kind == "number" else kind for kind in list_types(spec, pointer) - {"null"}}
        for pointer in (value_pointer, id_schema)
    )
    if not kinds or kinds != id_kinds:
        return False
    shapes = _SHAPES if kinds == {"string"} else ("enum", "const")  # `int64` is any whole number
    return all(
        _collect(spec, value_pointer, keyword) <= _collect(spec, id_schema, keyword)
        for keyword in shapes
    )


def _collect(spec: Spec, schema_pointer: str, keyword: str) -> set[str]:
    return {
        repr(schema[keyword])
        for _, schema in list_branches(spec, schema_pointer)
        if keyword in schema
    }


def find_in_source(spec: Spec, plan: OverlayPlan, pointer: str) -> str | None:
    """Return the pointer of a schema in the original document, of any version."""
    path, source_pointer = trace_clause(spec.path, spec.lines, pointer)
    return (
        source_pointer
        if path == plan.origin.path and is_object(plan.get_node(source_pointer))
        else None
    )
