"""IDs of existing rows at `x-reference`, in rows and in requests."""

from __future__ import annotations

import random
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any, Final

from driftline.mock.http.arguments import Arguments
from driftline.mock.http.messages import Rejection
from driftline.mock.rows.store import Store
from driftline.openapi import (
    Operation,
    RowReference,
    Spec,
    fill_references,
    is_valid,
    list_references,
)

_STATUSES: Final = (404, 409, 422)
_SKEW: Final = 4
"""With 100 ids, the first is referred to by three of ten rows: below it are several pages."""
_CANDIDATES: Final = 50
"""A created row refers to one of this many rows, the latest."""


def fill_with_ids(
    spec: Spec,
    schema_pointer: str,
    value: Any,
    list_ids: Callable[[str], Sequence[Any]],
    *,
    seed: str,
    kept_fields: Collection[str] = (),
) -> Any:
    """Return a value with ids of other listings' rows, which `list_ids` returns by listing.

    Fields in `kept_fields` are unchanged, and so is the whole value if the schema does not allow
    such ids. As in real data, some rows are referenced more often than others.
    """

    def choose(reference: RowReference, old: Any) -> Any:
        ids = (
            ()
            if reference.path[:1] and reference.path[0] in kept_fields
            else list_ids(reference.of)
        )
        if not ids:
            return old
        chance = random.Random(f"{seed}:{reference.name}:{old}").random()  # noqa: S311
        return ids[int(len(ids) * chance**_SKEW)]

    if not list_references(spec, schema_pointer):
        return value
    candidate = fill_references(spec, schema_pointer, value, choose)
    return candidate if is_valid(spec, schema_pointer, candidate, "response") else value


def list_candidates(store: Store) -> Callable[[str], Sequence[Any]]:
    """Return a function that lists the ids that a created row may refer to, by listing."""

    def list_ids(listing: str) -> Sequence[Any]:
        ids = (row.id for row in store.list_latest(listing, _CANDIDATES))
        return [row_id for row_id in ids if isinstance(row_id, str | int)]

    return list_ids


def reject_unknown_ids(
    spec: Spec, store: Store, operation: Operation, arguments: Arguments, body: Any
) -> None:
    """Reject a request that names a row that does not exist, if a status for it is documented.

    Raises:
        Rejection: 404, 409 or 422, whichever the operation documents first; or 404 for a row in the
            path, if 4XX or 410 is documented.
    """
    for name, (status, schema) in _find_rules(spec, operation.id).items():
        value = body if not name else arguments.get(name)
        for reference, row_id in _list_named_rows(spec, schema, value):
            if store.get(reference.of, row_id) is None:
                location = f"body {reference.name}" if not name else f"path {name}"
                raise Rejection(status, f"{location}: unknown id of {reference.of}")


def _list_named_rows(spec: Spec, schema: str, value: Any) -> Iterator[tuple[RowReference, Any]]:
    for reference in list_references(spec, schema):
        for row_id in reference.list_values(value):
            yield reference, row_id


@lru_cache(maxsize=4096)
def _find_rules(spec: Spec, name: str) -> Mapping[str, tuple[int, str]]:
    """Return the status of a rejection and the schema with references: "" is the body's."""
    operation = spec.find_operation(name)
    assert operation is not None  # noqa: S101 (it is being called)
    documented_statuses = {response.status for response in operation.responses}
    status = next(
        (candidate for candidate in _STATUSES if str(candidate) in documented_statuses), None
    )
    path_status = 404 if status is None and operation.documents_missing else status
    id_parameter = operation.effect.id if operation.effect else None
    rules = [
        (parameter.name, path_status, parameter.schema_pointer)
        for parameter in operation.parameters
        if parameter.location == "path" and parameter.name != id_parameter
    ]
    media = operation.body.json if operation.body else None
    if media is not None:
        rules.append(("", status, media.schema_pointer))
    return {
        key: (rejection, pointer)
        for key, rejection, pointer in rules
        if rejection is not None and list_references(spec, pointer)
    }
