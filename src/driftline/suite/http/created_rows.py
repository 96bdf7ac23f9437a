"""The rows that a live run created, which are the only ones it may change or delete."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote

import attrs

from driftline.checks import Outgoing, encode_text
from driftline.openapi import Operation, PathTemplate, Spec, is_object, pointer as json_pointer


def changes_rows(operation: Operation) -> bool:
    """Return whether the operation changes or deletes the row of a path parameter."""
    effect = operation.effect
    return effect is not None and effect.kind in {"update", "delete"} and effect.id is not None


class CreatedRows:
    """The IDs of created rows, by the listing that they belong to."""

    def __init__(self, spec: Spec) -> None:
        self._spec = spec
        self._ids: defaultdict[str, list[Any]] = defaultdict(list)
        self._parents: dict[tuple[str, str], Mapping[str, str]] = {}
        self._deleted_ids: set[str] = set()

    def record_created(self, operation: Operation, request: Outgoing, body: Any) -> None:
        """Record the row of a successful creation, and its parents."""
        effect = operation.effect
        listing = self._spec.find_operation(effect.of) if effect and effect.of else None
        if not effect or effect.kind != "create" or effect.item is None or listing is None:
            return
        row = json_pointer.follow(body, effect.item)
        row_id = json_pointer.follow(row, listing.listing.id) if listing.listing else None
        if isinstance(row_id, str | int):
            self._ids[listing.id].append(row_id)
            path_values = _read_path(operation, request)
            self._parents[listing.id, encode_text(row_id)] = path_values

    def reserve_id(self, listing: str, row_id: str) -> None:
        """Remember an id that no row has, before a PUT creates it."""
        self._ids[listing].append(row_id)

    def release_id(self, listing: str, row_id: str) -> None:
        """Forget an id that was claimed, since nothing was created."""
        self._ids[listing].remove(row_id)

    def find_parents(self, listing: str, row_id: Any) -> Mapping[str, str]:
        """Return the path parameters of the request that created a row."""
        return self._parents.get((listing, encode_text(row_id)), {})

    def record_deleted(self, operation: Operation, request: Outgoing) -> None:
        """Record that the row of a request was deleted, even if no `x-effect` says so."""
        if operation.effect and operation.effect.kind == "delete":
            self._deleted_ids.add(self._find_named(operation, request) or "")
        elif operation.method == "DELETE" and operation.path.endswith("}"):
            name = PathTemplate(operation.path).names[-1]
            self._deleted_ids.add(_read_path(operation, request).get(name, ""))

    def find_latest(self, operation: Operation) -> Any:
        """Return the ID of the last created row of the operation's listing, or None."""
        of = operation.effect.of if operation.effect else None
        return self.find_latest_of(of) if of else None

    def find_latest_of(self, listing: str) -> Any:
        """Return the ID of the last created row of a listing that still exists, or None.

        It is deleted with each of its parents.
        """
        for row_id in reversed(self._ids[listing]):
            parents = self.find_parents(listing, row_id).values()
            if self._deleted_ids.isdisjoint({encode_text(row_id), *parents}):
                return row_id
        return None

    def has(self, operation: Operation, request: Outgoing) -> bool:
        """Return whether the row that the request names was created by this run."""
        effect = operation.effect
        if effect is None or effect.of is None:
            return False
        return self._find_named(operation, request) in {
            encode_text(row_id) for row_id in self._ids[effect.of]
        }

    def _find_named(self, operation: Operation, request: Outgoing) -> str | None:
        effect = operation.effect
        parameter_name = effect.id if effect and effect.id else ""
        return _read_path(operation, request).get(parameter_name)


def _read_path(operation: Operation, request: Outgoing) -> Mapping[str, str]:
    path_values = PathTemplate(operation.path).match(request.path) or {}
    return {name: unquote(value) for name, value in path_values.items()}


def build_tag(run: str) -> str:
    """Return the tag for everything that a run creates."""
    return f"driftline {run}"


def add_tag(operation: Operation, request: Outgoing, run: str) -> Outgoing:
    """Return the request with the tag in a field that the spec has and the body omits.

    The rest of the body is unchanged, byte for byte.
    """
    effect = operation.effect
    if effect is None or effect.tag is None or request.method != operation.method:
        return request
    try:
        body: Any = json.loads(request.body)
    except ValueError:
        return request
    name, *steps = json_pointer.split(effect.tag)
    if not is_object(body) or name in body:
        return request
    value: Any = build_tag(run)
    for step in reversed(steps):
        value = {step: value}
    first = json.dumps({name: value}, separators=(",", ":")).encode()[:-1]
    rest = request.body[request.body.index(b"{") + 1 :]
    return attrs.evolve(request, body=first + (b"," if body else b"") + rest)
