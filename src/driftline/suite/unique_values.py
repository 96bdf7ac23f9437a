"""Makes unique values, for `x-effect` or after a conflict."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator
from itertools import islice
from random import Random
from typing import Any
from zlib import crc32

from driftline.openapi import (
    Operation,
    Spec,
    find_schema_at,
    is_array,
    is_object,
    is_valid,
    list_branches,
    locate_row,
    make_matching,
    parse_reference_rule,
    pointer as json_pointer,
)
from driftline.suite.http.session import Session

_TRIED = 4
_FIRST_NUMBER, _MOST_NUMBERS = 1_000_000_000, 1_000_000_000
"""The range of the numbers of new rows, which hardly any server has reached."""
_FIRST_ID, _LENGTH = 400_000_000, 8
"""The range and the length of strings that hardly any row has as its id."""
_NUMBER = re.compile(r"-?\d+(\.\d+)?")


def make_unique_string(session: Session) -> str:
    """Return a string that no earlier run has sent: a live server keeps their rows."""
    is_mock = session.target.is_mock
    return f"driftline-{session.sent_count if is_mock else uuid.uuid4().hex[:12]}"


def make_new_string(session: Session, schema_pointer: str) -> str | None:
    """Return a string that no row has as its id, if the schema allows one."""
    unique = make_unique_string(session)
    number = str(_FIRST_ID + crc32(unique.encode()) % _FIRST_ID)
    strings = (
        str(uuid.uuid4()),
        *_list_strings(session.spec, schema_pointer, "", unique),
        number,
    )
    valid = [s for s in strings if is_valid(session.spec, schema_pointer, s)]
    # A short one, such as "7" for a pattern of digits, may be the id of a row.
    return next((s for s in valid if len(s) >= _LENGTH), max(valid, key=len, default=None))


def set_unique_fields(spec: Spec, operation: Operation, body: Any, value: str) -> Any:
    """Return a body with `value` in each field that must be unique, and with another id."""
    if not is_object(body):
        return body
    pointers = operation.effect.unique if operation.effect else ()
    for pointer in pointers:
        if json_pointer.follow(body, pointer) is not json_pointer.MISSING:
            body = json_pointer.put(body, pointer, value)
    return set_row_id(spec, operation, body, value)


def vary_strings(spec: Spec, operation: Operation, body: Any, unique: str) -> Any:
    """Return a body with `unique` in each free string field: one of them may have to be unique.

    The rest of a string stays, as far as the schema allows it: it may be odd on purpose. A row's id
    in the body is replaced, too.
    """
    media = operation.body.json if operation.body else None
    if media is None:
        return body
    body = _vary_value(spec, media.schema_pointer, body, unique)
    return set_row_id(spec, operation, body, unique)


def find_id_field(spec: Spec, operation: Operation) -> str | None:
    """Return the name of the field of a creation's body that would be the row's id."""
    effect = operation.effect
    if effect is None or effect.kind != "create":
        return None
    listing = spec.find_operation(effect.of or "")
    tokens = json_pointer.split(listing.listing.id) if listing and listing.listing else ()
    return tokens[0] if len(tokens) == 1 else None


def set_row_id(spec: Spec, operation: Operation, body: Any, unique: str) -> Any:
    """Return a body with an id made from `unique`, if it has an id and the schema allows one."""
    name = find_id_field(spec, operation)
    media = operation.body.json if operation.body else None
    location = locate_row(spec, operation, body)
    row = json_pointer.follow(body, location)
    if media is None or name is None or not is_object(row) or name not in row:
        return body
    number = crc32(unique.encode()) % _MOST_NUMBERS
    candidates = (str(uuid.uuid5(uuid.NAMESPACE_OID, unique)), unique, _FIRST_NUMBER + number)
    bodies = (json_pointer.put(body, location + json_pointer.join(name), c) for c in candidates)
    return next((b for b in bodies if is_valid(spec, media.schema_pointer, b, "request")), body)


def _vary_value(
    spec: Spec, schema_pointer: str, body: Any, unique: str, *, is_inner: bool = False
) -> Any:
    """Return an object, or a list of objects, with other strings; anything else is unchanged.

    An id in an inner object names a row, perhaps that of the path.
    """
    if is_array(body):
        item = find_schema_at(spec, schema_pointer, "/0")
        items = enumerate(body if item else ())
        return [
            _vary_value(spec, item or "", value, f"{unique}{n}", is_inner=is_inner)
            for n, value in items
        ] or body
    if not is_object(body):
        return body
    for name, value in body.items():
        field_pointer = find_schema_at(spec, schema_pointer, json_pointer.join(name))
        is_id = is_inner and name == "id"
        if is_id or (field_pointer and parse_reference_rule(spec, field_pointer)):
            continue
        if field_pointer and (is_array(value) or is_object(value)):
            body = {**body, name: _vary_value(spec, field_pointer, value, unique, is_inner=True)}
        for string in (
            _list_strings(spec, field_pointer, value, unique) if isinstance(value, str) else ()
        ):
            if is_valid(spec, schema_pointer, {**body, name: string}):
                body = {**body, name: string}
                break
    return body


def _list_strings(spec: Spec, schema_pointer: str | None, value: str, unique: str) -> Iterator[str]:
    """Yield strings that begin with `unique`, or its end, and what the pattern of a field allows.

    An end keeps what is said of it, such as that it is an address or a domain.
    """
    yield unique + value
    yield (unique[-8:] + value)[: max(len(value), 8)]
    yield unique
    yield unique[-8:]
    yield unique.upper()
    yield unique[-8:].upper()
    yield f"{unique}@example.com"
    for _, schema in list_branches(spec, schema_pointer) if schema_pointer else ():
        if isinstance(schema.get("pattern"), str):
            rng = Random(unique)  # noqa: S311 - nothing secret
            candidates = islice(make_matching(schema["pattern"], rng), _TRIED)
            # The pattern of a decimal number often allows "" and "-", which are not numbers.
            is_number = _NUMBER.fullmatch(value)
            yield from (
                candidate
                for candidate in candidates
                if not is_number or _NUMBER.fullmatch(candidate)
            )
