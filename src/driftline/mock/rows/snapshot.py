"""The complete state of a mock as JSON data that can be stored, edited and loaded."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from driftline.errors import UsageError
from driftline.mock.rows.index import IndexedRow
from driftline.mock.rows.seed_rows import find_row_schema
from driftline.mock.rows.store import Store
from driftline.openapi import (
    MISSING,
    Spec,
    Violation,
    follow,
    is_array,
    is_object,
    list_violations,
)

VERSION = 1


def snapshot(store: Store) -> dict[str, Any]:
    """Return the rows by listing in order of creation, their hidden strings, and unique values."""
    for name in store.indexes:
        store.ensure(name)
    with store.database.open_read():
        listings = {
            name: [_format_entry(row) for row in store.list_rows(name)] for name in store.indexes
        }
        return {
            "version": VERSION,
            "api": store.api,
            "made": store.count_made(),
            "listings": listings,
            "taken": [list(triple) for triple in store.list_taken()],
        }


def prepare_load(store: Store, spec: Spec, digest: str, data: Any) -> Callable[[], None]:
    """Return a function that replaces all state by a snapshot.

    Nothing is changed before it is called.

    Raises:
        UsageError: it is not a snapshot of this API, or one of its rows violates the spec.
    """
    version, api, listings = (_read_field(data, name) for name in ("version", "api", "listings"))
    if version != VERSION or not is_object(listings):
        hint = "Load a snapshot written by this version."
        raise UsageError("not a snapshot of a mock", hint)
    if api != store.api:
        raise UsageError(f"snapshot of another API: {api!r}", f"Load a snapshot of {store.api!r}.")
    unknown = sorted(set(listings) - set(store.indexes))
    if unknown:
        listing_names = ", ".join(store.indexes)
        raise UsageError(
            f"unknown listing {unknown[0]!r} of {spec.name}", f"Choose one of: {listing_names}."
        )
    rows = {name: list(_parse_rows(spec, name, entries)) for name, entries in listings.items()}
    used_count, used_values = _read_field(data, "made"), _read_field(data, "taken")
    triples = [
        (str(name), str(field), str(value)) for name, field, value in _list_triples(used_values)
    ]

    def load() -> None:
        with store.open_write():
            store.fill(digest, rows)
            store.restore(
                used_count if isinstance(used_count, int) and 0 <= used_count < 2**53 else 0,
                triples,
            )

    return load


def _format_entry(row: IndexedRow) -> dict[str, Any]:
    entry: dict[str, Any] = {"data": dict(row.data)}
    if row.hidden_strings:
        entry["hidden"] = dict(row.hidden_strings)
    if row.next_change is not None:
        entry["due"] = row.next_change
    return entry


def _read_field(data: Any, name: str) -> Any:
    return data.get(name) if is_object(data) else None


def _list_triples(used_values: Any) -> Iterator[list[Any]]:
    for triple in used_values if is_array(used_values) else ():
        if is_array(triple) and len(triple) == 3:
            yield triple


def _parse_rows(spec: Spec, name: str, entries: Any) -> Iterator[IndexedRow]:
    operation = spec.find_operation(name)
    assert operation is not None and operation.listing is not None  # noqa: PT018, S101
    schema_pointer = find_row_schema(spec, operation)
    seen_ids: set[str] = set()
    for number, entry in enumerate(entries if is_array(entries) else [None]):
        location = f"row {number} of {name}"
        data, hidden = _read_field(entry, "data"), _read_field(entry, "hidden")
        row_id = follow(data, operation.listing.id)
        if not is_object(data) or row_id is MISSING:
            raise UsageError(f"{location} has no data or no id", "Add both, or remove the row.")
        for violation in _list_violations(spec, schema_pointer, data, location):
            message = f"{location} violates the spec: {violation.path} {violation.message}"
            raise UsageError(message, f"Correct the row; see {spec.locate(violation.clause)}.")
        if str(row_id) in seen_ids:
            raise UsageError(f"{location} has a duplicate id: {row_id!r}", "Change the id.")
        seen_ids.add(str(row_id))
        due = _read_field(entry, "due")
        is_moment = isinstance(due, (int, float)) and not isinstance(due, bool)
        yield IndexedRow(row_id, data, _parse_texts(hidden), float(due) if is_moment else None)


def _list_violations(
    spec: Spec, schema_pointer: str, data: Any, location: str
) -> Sequence[Violation]:
    try:
        return list_violations(spec, schema_pointer, data)
    except (ValueError, TypeError, OverflowError) as error:
        raise UsageError(f"could not read {location}: {error}", "Remove the row.") from None


def _parse_texts(hidden: Any) -> Mapping[str, str]:
    return {key: str(value) for key, value in hidden.items()} if is_object(hidden) else {}
