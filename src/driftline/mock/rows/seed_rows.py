"""The rows of a listing: initial ones and created ones."""

from __future__ import annotations

import hashlib
import json
import math
import zlib
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import attrs

from driftline.errors import Problem, SpecError, UsageError
from driftline.mock.clock import FIRST
from driftline.mock.documents import put
from driftline.mock.fake.data import Data
from driftline.mock.response_builder import ResponseBuilder
from driftline.mock.rows.database import Database, DatabaseImage
from driftline.mock.rows.index import Index, IndexedRow, choose_order
from driftline.mock.rows.lifecycle import RowLifecycle
from driftline.mock.rows.references import fill_with_ids
from driftline.mock.rows.row_files import localize_files
from driftline.mock.rows.store import Store
from driftline.openapi import (
    MISSING,
    Filter,
    Listing,
    Operation,
    Spec,
    find_field_schema,
    find_parent_fields,
    find_schema_at,
    follow,
    is_array,
    is_object,
    is_valid,
    list_branches,
    list_references,
    list_types,
    split,
)

STEP = 1_000_003
"""If a generated ID exists already, the next one has an index this much higher."""
TRIES = 50
_ID_TRIES = 8
_PROSE = {"description", "summary", "title"}
_NOTES = {"externalDocs", "x-assumed", "x-contradictions"}


def make_row(
    operation: Operation,
    responses: ResponseBuilder,
    index: int,
    *sources: Mapping[str, Any],
    now: float = FIRST,
) -> IndexedRow:
    """Return a new row of the operation's listing with the valid fields of `sources`, the first of
    which is the request body of its creation.
    """
    listing = operation.listing
    assert listing is not None  # noqa: S101 (only listings have rows)
    schema_pointer = find_row_schema(responses.spec, operation)
    data = _add_id(
        responses,
        schema_pointer,
        listing.id,
        index,
        responses.make_item(schema_pointer, index, *sources),
    )
    if not sources or follow(data, listing.id) != follow(sources[0], listing.id):
        data = _fit_id(responses, operation, index, data)
    names = {name for search in listing.searches for name in search.hidden}
    hidden = {name: responses.data.make_hidden_text(name, index) for name in sorted(names)}
    due: float | None = None
    life = find_lifecycle(responses.spec, responses.data.base_seed, schema_pointer)
    if life is not None:
        data, due = life.begin_row(data, index, now, set(sources[0]) if sources else None)
        row_id, sent_fields = follow(data, listing.id), sources[0] if sources else dict[str, Any]()
        data = localize_files(life, data, operation.id, row_id, sent_fields)
    return IndexedRow(follow(data, listing.id), data, hidden, due)


def _add_id(
    responses: ResponseBuilder, schema_pointer: str, pointer: str, index: int, data: Any
) -> Any:
    """Return a row with an ID, even if its schema makes it optional or nullable.

    Raises:
        SpecError: another clause excludes every ID.
    """
    if follow(data, pointer) not in (MISSING, None):
        return data
    spec, name = responses.spec, split(pointer)[-1]
    inner = find_schema_at(spec, schema_pointer, pointer)
    tries = range(index, index + _ID_TRIES) if inner is not None and is_object(data) else ()
    values = (responses.data.make_value(inner or "", number, name) for number in tries)
    row: Any = None
    for value in values:
        row = None if value is None else put(data, pointer, value)
        if row is not None and is_valid(spec, schema_pointer, row, "response"):
            return row
    if row is not None:
        message = f"no row with an id could be generated: another clause excludes {name!r}"
        hint = "Correct the schema of the rows, or remove x-listing."
        location = spec.locate(inner or schema_pointer)
        raise SpecError((Problem("mock.value-impossible", location, message, hint),))
    return data


def _fit_id(responses: ResponseBuilder, operation: Operation, index: int, data: Any) -> Any:
    """Return a row whose ID is valid in the paths of rows, which may restrict it further."""
    pointer = operation.listing.id if operation.listing else ""
    schema_pointer, name = find_id_parameter(responses.spec, operation.id), split(pointer)[-1]
    row_id, spec = follow(data, pointer), responses.spec
    if (
        not schema_pointer
        or row_id is MISSING
        or any(is_valid(spec, schema_pointer, candidate) for candidate in (row_id, str(row_id)))
    ):
        return data
    value = responses.data.make_value(schema_pointer, index, name)
    id_schema = find_schema_at(spec, find_row_schema(spec, operation), pointer)
    fits = id_schema is not None and value is not None and is_valid(spec, id_schema, value)
    return put(data, pointer, value) if fits else data


@lru_cache(maxsize=1024)
def find_id_parameter(spec: Spec, listing: str) -> str:
    """Return the schema of the path parameter that names a listing's rows, or ""."""
    for operation in spec.operations:
        effect = operation.effect
        parameter = operation.find_parameter(effect.id, "path") if effect and effect.id else None
        schema_pointer = parameter.schema_pointer if parameter else ""
        is_about = effect is not None and effect.of == listing
        if is_about and schema_pointer and "string" in list_types(spec, schema_pointer):
            return schema_pointer
    return ""


@lru_cache(maxsize=64)
def find_lifecycle(spec: Spec, seed: int, schema: str) -> RowLifecycle | None:
    """Return the lifecycle of the rows of a schema, if the spec has one."""
    return RowLifecycle.find(spec, Data(spec, seed), schema)


def advance_rows(store: Store, spec: Spec, seed: int, now: float) -> None:
    """Move every row to its current state."""
    for name in store.indexes:
        operation = spec.find_operation(name)
        life = find_lifecycle(spec, seed, find_row_schema(spec, operation)) if operation else None
        while life is not None and store.list_due(name, now):
            with store.open_write():
                for row in store.list_due(name, now):  # another process may have been faster
                    store.put(name, _move_on(life, row, name, now))


def find_row_schema(spec: Spec, operation: Operation) -> str:
    """Return the pointer of the schema of a listing's rows."""
    schema_pointer = find_field_schema(spec, operation)
    assert schema_pointer is not None  # noqa: S101 (lint says so)
    return schema_pointer


@lru_cache(maxsize=4096)
def find_most_rows(spec: Spec, name: str) -> float:
    """Return how many rows a page of the listing `name` may have by its schema."""
    operation = spec.find_operation(name)
    assert operation is not None  # noqa: S101 (it is being called)
    listing = operation.listing
    media = operation.success.json if operation.success else None
    assert listing is not None and media is not None  # noqa: PT018, S101 (lint says so)
    schema_pointer = find_schema_at(spec, media.schema_pointer, listing.items)
    limits = [
        schema.get("maxItems")
        for _, schema in (list_branches(spec, schema_pointer) if schema_pointer else ())
    ]
    return min((limit for limit in limits if isinstance(limit, int)), default=math.inf)


@lru_cache(maxsize=32)
def make_seed_rows(spec: Spec, listing: str, rows: int, seed: int) -> Sequence[IndexedRow]:
    """Return the initial rows of a listing for these arguments.

    There are fewer if the spec allows fewer different IDs.
    """
    unrelated_rows = _make_unrelated_rows(spec, listing, rows, seed)
    operation = spec.find_operation(listing)
    assert operation is not None  # noqa: S101 (it is a listing)
    assert operation.listing is not None  # noqa: S101
    schema_pointer = find_row_schema(spec, operation)
    if not list_references(spec, schema_pointer):
        return unrelated_rows

    def list_ids(other_listing: str) -> Sequence[Any]:
        return _list_ids(spec, other_listing, rows, seed)

    kept_fields = split(operation.listing.id)[:1]
    related: list[IndexedRow] = []
    for row in unrelated_rows:
        data = fill_with_ids(
            spec,
            schema_pointer,
            row.data,
            list_ids,
            seed=f"{seed}:{row.id}",
            kept_fields=kept_fields,
        )
        related.append(attrs.evolve(row, data=data))
    return related


@lru_cache(maxsize=32)
def _list_ids(spec: Spec, listing: str, rows: int, seed: int) -> Sequence[Any]:
    """Return the initial ids of a listing in its default order.

    Its first rows are referred to most, so that those who read the first page find their parts.
    """
    try:
        unsorted_rows = _make_unrelated_rows(spec, listing, rows, seed)
    except SpecError:
        return ()  # no rows can be generated
    operation = spec.find_operation(listing)
    assert operation is not None  # noqa: S101 (it is a listing)
    assert operation.listing is not None  # noqa: S101
    index, order = Index.build(0, operation.listing), choose_order(operation.listing, {})
    untimely = {field for row in unsorted_rows for field in index.find_invalid_times(row.data)}
    times = index.untimely_walks.keys() - untimely
    keys = {
        id(row): index.encode_key(order, number, row, times)
        for number, row in enumerate(unsorted_rows)
    }
    sorted_rows = sorted(unsorted_rows, key=lambda row: keys[id(row)])
    return [row.id for row in sorted_rows if isinstance(row.id, str | int)]


@lru_cache(maxsize=32)
def _make_unrelated_rows(spec: Spec, listing: str, rows: int, seed: int) -> Sequence[IndexedRow]:
    """Return the rows of a listing with unresolved references; their own ids are final."""
    operation = spec.find_operation(listing)
    assert operation is not None  # noqa: S101 (it is a listing)
    answers = ResponseBuilder(spec, Data(spec, seed))
    rows_by_id: dict[str, IndexedRow] = {}
    for index in range(rows):
        tries = range(index, index + STEP * TRIES, STEP)
        rows_made = (make_row(operation, answers, number) for number in tries)
        row = next((row for row in rows_made if str(row.id) not in rows_by_id), None)
        if row is None:
            break
        rows_by_id[str(row.id)] = row
    return list(rows_by_id.values())


def make_current_rows(
    spec: Spec, listing: str, rows: int, seed: int, now: float
) -> Sequence[IndexedRow]:
    """Return the initial rows of a listing, each in its current state."""
    first = make_seed_rows(spec, listing, rows, seed)
    operation = spec.find_operation(listing)
    life = find_lifecycle(spec, seed, find_row_schema(spec, operation)) if operation else None
    if life is None or now <= FIRST:
        return first
    return [_move_on(life, row, listing, now) for row in first]


def _move_on(life: RowLifecycle, row: IndexedRow, listing: str, now: float) -> IndexedRow:
    """Return a row in its current state."""
    while row.next_change is not None and row.next_change <= now:
        number = zlib.crc32(str(row.id).encode("utf-8", "surrogatepass"))
        data, due = life.advance_row(row.data, number, row.next_change)
        row = IndexedRow(
            row.id, localize_files(life, data, listing, row.id, row.data), row.hidden_strings, due
        )
    return row


def open_store(
    spec: Spec,
    rows: int,
    path: Path | None,
    first: Callable[[str], Sequence[IndexedRow]],
    seed: int = 0,
) -> Store:
    """Return the rows of an API from a file, or the initial ones of `first`.

    Raises:
        UsageError: the file cannot be used, or belongs to another spec.
    """
    if path is None:
        database = Database(image=_share_image(spec, rows, seed))
        store = Store(database, spec.name, _list_listings(spec), first)
        if database.starts_empty:
            store.begin("", rows)
        store.database.settle()
        return store
    store = Store(Database(path), spec.name, _list_listings(spec), first)
    digest, stored_digest = compute_digest(spec), store.read_digest()
    if stored_digest is None:
        with store.open_write():
            stored_digest = store.read_digest()  # another process may have been faster
            if stored_digest is None:
                store.begin(digest, rows)
    if stored_digest not in {None, digest}:
        hint = "Delete the file to create its rows again, or pass another file."
        raise UsageError(f"{path}: the rows of {spec.name} belong to another spec", hint)
    return store


@lru_cache(maxsize=16)
def _share_image(spec: Spec, rows: int, seed: int) -> DatabaseImage:
    """Return the initial content that mocks of these arguments share."""
    return DatabaseImage()


def reset(store: Store, spec: Spec, rows: int) -> None:
    """Restore the initial rows, and delete all others."""
    if store.database.path is None:
        store.database.forget()
    else:
        store.begin(compute_digest(spec), rows)


def _list_listings(spec: Spec) -> dict[str, Listing]:
    """Return the listings by operation; a nested one selects the rows of its parent, too."""
    listings: dict[str, Listing] = {}
    for operation in spec.operations:
        if operation.listing is not None:
            parents = (Filter(*pair) for pair in find_parent_fields(spec, operation, operation))
            filters = (*operation.listing.filters, *parents)
            listings[operation.id] = attrs.evolve(operation.listing, filters=filters)
    return listings


@lru_cache(maxsize=64)
def compute_digest(spec: Spec) -> str:
    """Return a digest of what rows and their index depend on.

    That is the spec without descriptions.
    """
    content = json.dumps(_strip_descriptions(spec.document), sort_keys=True, default=str)
    return hashlib.sha256(content.encode("utf-8", "surrogatepass")).hexdigest()


def _strip_descriptions(node: Any) -> Any:
    if is_array(node):
        return [_strip_descriptions(item) for item in node]
    if not is_object(node):
        return node
    # A property may be called `title`; it is not an annotation then.
    is_prose = {key for key in node if key in _PROSE and isinstance(node[key], str)}
    return {
        str(key): _strip_descriptions(node[key]) for key in node if key not in is_prose | _NOTES
    }
