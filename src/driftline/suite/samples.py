"""Requests that the spec allows: from the documents' examples, or else made from the schemas."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from math import inf
from random import Random
from typing import Any

import attrs

from driftline.checks import NOTHING, best_media, fit_body, is_structured
from driftline.openapi import (
    MOST_SIZE,
    MediaType,
    Operation,
    Parameter,
    RowReference,
    Spec,
    describe_stream,
    fill_references,
    get_costs,
    is_array,
    is_hidden,
    is_object,
    is_valid,
    list_references,
    list_violations,
    make_matching,
    pointer as json_pointer,
    resolve_schema,
)
from driftline.suite.fuzzing.covering import cover
from driftline.suite.given_values import choose_arguments, fill_fields
from driftline.suite.http.created_rows import changes_rows
from driftline.suite.http.session import NoOwnRow, NotChecked, Session
from driftline.suite.wire_values import choose_value

MAX_DEPTH = 12
_FORMATS = {
    "uuid": "00000000-0000-4000-8000-000000000000",
    "date-time": "2024-01-15T10:00:00Z",
    "date": "2024-01-15",
    "time": "10:00:00Z",
    "uri": "https://example.com/",
    "email": "someone@example.com",
    "hostname": "example.com",
    "ipv4": "192.0.2.1",
    "e164": "+14155550100",
}


@attrs.frozen
class Sample:
    """A request: arguments by wire name, and a body. `name` says which example it is.

    It is `invented` where a part of the path is neither an example nor the id of a known row, so
    that a server may rightly say that there is nothing.
    """

    name: str
    arguments: Mapping[str, Any]
    body: Any = NOTHING
    invented: bool = False


def make_sample(session: Session, operation: Operation) -> Sample:
    """One request that should succeed; the rows that it names are looked up first."""
    return next(make_samples(session, operation))


def make_samples(
    session: Session, operation: Operation, row: Mapping[str, Any] | None = None
) -> Iterator[Sample]:
    """One request for each documented example of the body; at least one.

    `row` is the path parameter that names a row; without it, one is looked up.
    """
    spec = session.spec
    arguments = make_arguments(spec, operation)
    row = _find_row_argument(session, operation) if row is None else row
    referring = {
        parameter.name: fill_with_existing_ids(
            session, parameter.schema_pointer, arguments[parameter.name]
        )
        for parameter in operation.parameters
        if parameter.required and list_references(spec, parameter.schema_pointer)
    }
    given = choose_arguments(session, operation)
    arguments |= {**referring, **row, **given}
    invented = any(
        parameter.place == "path"
        and not parameter.examples
        and parameter.name not in row.keys() | referring.keys() | given.keys()
        for parameter in operation.parameters
    )
    media = best_media(operation.body)
    if media is None:
        yield Sample("plain", arguments, invented=invented)
        return
    for name, value in make_bodies(spec, media).items():
        body = fill_with_existing_ids(session, media.schema_pointer, value)
        yield Sample(name, arguments, fill_fields(session, operation, body), invented)


def make_arguments(spec: Spec, operation: Operation) -> dict[str, Any]:
    """Return a value for each required parameter.

    Raises:
        NotChecked: no value of one of them can be sent.
    """
    return {
        parameter.name: _make_argument(spec, operation, parameter)
        for parameter in operation.parameters
        if parameter.required
    }


def make_bodies(spec: Spec, media: MediaType) -> Mapping[str, Any]:
    """Return the documented bodies that can be sent, or else the simplest one, by name.

    Raises:
        NotChecked: none could be made.
    """
    examples = media.examples.items()
    valid = {name: value for name, value in examples if _is_sendable_body(spec, media, value)}
    return valid or {"minimal": _body(spec, media)}


def fill_with_existing_ids(session: Session, schema_pointer: str, value: Any) -> Any:
    """Return a value that refers to rows of the server, where `x-reference` is in its schema.

    Raises:
        NotChecked: the listing that the value refers to has no rows.
    """

    def choose(reference: RowReference, old: Any) -> Any:
        listing = session.spec.find_operation(reference.of)
        ids: Sequence[Any] = list_existing_ids(session, listing) if listing else ()
        for each in ids:
            if not list_violations(session.spec, reference.pointer, each, "request"):
                return each
        if session.target.is_mock:
            return old
        name = reference.name or reference.of
        raise NotChecked(f"not checked: no existing value for {name}: {reference.of} has no rows")

    return fill_references(session.spec, schema_pointer, value, choose)


def list_existing_ids(session: Session, listing: Operation) -> Sequence[Any]:
    """Return the ids on the first page of a listing, which is requested once for each check."""
    known = session.existing_ids.get(listing.id)
    if known is not None or listing.listing is None:
        return known or ()
    session.existing_ids[listing.id] = ids = list[Any]()  # a listing may refer to itself
    sample = make_sample(session, listing)
    response = session.send(listing, sample.arguments, body=sample.body)
    try:
        rows = json_pointer.follow(response.json, listing.listing.items)
    except ValueError:
        return ids
    # A row may lack its id where the schema lets it.
    found = (
        json_pointer.follow(row, listing.listing.id) for row in (rows if is_array(rows) else ())
    )
    ids += [each for each in found if each is not json_pointer.MISSING and each is not None]
    return ids


def _body(spec: Spec, media: MediaType) -> Any:
    """Return the simplest body; of a form one with all fields, which has no way to say `[]`.

    Raises:
        NotChecked: none could be made.
    """
    if media.kind == "json_lines":
        item = describe_stream(spec, media).data.pointer
        return [make_value(spec, item) if item else {}]
    if not media.schema_pointer:
        return "text"
    value = fit_body(media, make_value(spec, media.schema_pointer))
    if not is_structured(media):
        return value
    if media.kind == "json" and is_valid(spec, media.schema_pointer, value, "request"):
        return value
    for made in cover(spec, media.schema_pointer, 1, "request"):
        return made
    place = spec.locate(media.schema_pointer)
    raise NotChecked(f"not checked: no valid body could be made for the schema at {place}")


def _is_sendable_body(spec: Spec, media: MediaType, value: Any) -> bool:
    """Whether a documented body is what its schema allows, and what its media type can carry."""
    if not is_structured(media):
        return isinstance(value, str)
    return not media.schema_pointer or is_valid(spec, media.schema_pointer, value, "request")


def _find_row_argument(session: Session, operation: Operation) -> dict[str, Any]:
    """The path parameter that picks a row, filled with the id of one that exists.

    What is changed on a live server is a row that the run created itself.
    """
    effect, spec = operation.effect, session.spec
    if effect and effect.id and changes_rows(operation) and not session.target.is_mock:
        own = session.own.find_latest(operation)
        if own is None:
            raise NoOwnRow(operation.id)
        return {effect.id: own}
    listing, name = _find_listing(spec, operation)
    if listing is None or listing.listing is None:
        return {}
    # A part of a row, such as its file, is written first and read later: of the same row.
    is_part = not operation.path.endswith("}")
    if not session.target.is_mock and (is_part or not operation.is_read):
        own = session.own.find_latest_of(listing.id)
        if own is not None or not operation.is_read:
            return {} if own is None else {name: own}
    usable = list_existing_ids(session, listing)
    found = next((each for each in usable if _accepts(spec, operation, name, each)), None)
    return {} if found is None else {name: found}


def _accepts(spec: Spec, operation: Operation, name: str, found: Any) -> bool:
    """Whether the path parameter may be what names the row."""
    parameter = operation.find_parameter(name, "path")
    place = parameter.schema_pointer if parameter else ""
    return not place or any(not list_violations(spec, place, each) for each in (found, str(found)))


def _find_listing(spec: Spec, operation: Operation) -> tuple[Operation | None, str]:
    """The listing of the row that a path parameter names, and that parameter.

    Where `x-effect` is silent, `/calls/{id}` reads a row of what `/calls` lists.
    """
    effect = operation.effect
    if effect is not None and effect.of and effect.id:
        return spec.find_operation(effect.of), effect.id
    above, brace, rest = operation.path.partition("/{")
    if effect is not None or not brace:
        return None, ""
    listings = (each for each in spec.operations if each.listing and each.path == above)
    return next(listings, None), rest.partition("}")[0]


def _make_argument(spec: Spec, operation: Operation, parameter: Parameter) -> Any:
    """Return a value that a request can say.

    Raises:
        NotChecked: the schema allows none.
    """
    value, can_be_sent = _choose_value(spec, operation.id, parameter.place, parameter.name)
    if not can_be_sent:
        what = f"no value of the {parameter.place} parameter {parameter.name} can be sent"
        raise NotChecked(f"not checked: {what} ({spec.locate(parameter.schema_pointer)})")
    return value


@lru_cache(maxsize=4096)
def _choose_value(spec: Spec, operation_id: str, place: str, name: str) -> tuple[Any, bool]:
    """Remember the choice, which every check of an operation asks for."""
    operation = spec.find_operation(operation_id)
    parameter = operation.find_parameter(name, place) if operation else None
    if operation is None or parameter is None:
        raise LookupError(f"{operation_id}: {name}")
    return choose_value(spec, operation, parameter, make_value(spec, parameter.schema_pointer))


def make_value(spec: Spec, pointer: str, depth: int = 0) -> Any:
    """The simplest value that the schema at `pointer` allows, as far as it can be told.

    Raises:
        NotChecked: the smallest value is too large to send.
    """
    pointer, _ = spec.resolve(pointer)
    if not depth and MOST_SIZE < get_costs(spec).estimate_size(pointer) < inf:
        raise NotChecked(f"not checked: too costly to make ({spec.locate(pointer)})")
    schema = resolve_schema(spec, pointer)
    if depth > 2 * MAX_DEPTH:
        return None
    for word in ("const", "default", "example"):
        if word in schema:
            return schema[word]
    for word in ("examples", "enum"):
        if schema.get(word):
            return schema[word][0]
    for word in ("anyOf", "oneOf"):
        if schema.get(word):
            return make_value(spec, f"{pointer}/{word}/0", depth + 1)
    if schema.get("allOf"):
        parts = [
            make_value(spec, f"{pointer}/allOf/{i}", depth + 1) for i in range(len(schema["allOf"]))
        ]
        whole = {key: part[key] for part in parts if is_object(part) for key in part}
        return {**whole, **_make_object(spec, pointer, schema, depth)} if whole else parts[0]
    return _make_simple(spec, pointer, schema, depth)


def _make_simple(spec: Spec, pointer: str, schema: Mapping[str, Any], depth: int) -> Any:
    kind = schema.get("type", "object" if "properties" in schema else "string")
    if is_array(kind):
        kind = next((each for each in kind if each != "null"), "null")
    if kind == "object":
        return _make_object(spec, pointer, schema, depth)
    if kind == "array":
        count = schema.get("minItems", 0) if depth < MAX_DEPTH else 0
        return [make_value(spec, pointer + "/items", depth + 1) for _ in range(count)]
    if kind in {"integer", "number"}:
        low = schema.get("minimum", schema.get("exclusiveMinimum", -1) + 1)
        return min(low, schema.get("maximum", low))
    if kind == "boolean":
        return False
    if kind == "null":
        return None
    text = _FORMATS.get(schema.get("format", ""), "text")
    if "pattern" in schema:
        made = make_matching(schema["pattern"], Random(0))  # noqa: S311 (the same each time)
        right = (each for each in made if not list_violations(spec, pointer, each))
        return next(right, text)
    return text.ljust(schema.get("minLength", 0), "x")[: schema.get("maxLength", len(text) + 999)]


def _make_object(spec: Spec, pointer: str, schema: Mapping[str, Any], depth: int) -> dict[str, Any]:
    names: list[str] = schema.get("required", []) if depth < MAX_DEPTH else []
    properties = schema.get("properties", {})
    # What only a response has is required there alone.
    sent = (n for n in names if not is_hidden(spec.document, properties.get(n), "readOnly"))
    return {
        name: make_value(spec, pointer + "/properties" + json_pointer.join(name), depth + 1)
        for name in sent
    }
