"""Rows without a listing: path parameters from the response to a creation."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any, Final
from urllib.parse import unquote

from driftline.checks import Outgoing, encode_text
from driftline.openapi import (
    Operation,
    PathTemplate,
    Spec,
    find_schema_at,
    is_object,
    is_valid,
    join,
    pointer as json_pointer,
)

_BODY: Final = "$response.body#"


class LinkedRows:
    """The values in responses to POST requests, by the path parameters that take them.

    From OpenAPI links, and from paths: `POST /bookings` creates what `/bookings/{id}` reads.
    `tried` has the operations that were called to create a row.
    """

    def __init__(self, spec: Spec) -> None:
        self._spec = spec
        self._values: dict[str, dict[str, Any]] = {}
        self.tried: set[str] = set()

    def find(self, operation: Operation) -> Mapping[str, Any]:
        """Return the path parameters of an operation for a created row."""
        return self._values.get(operation.id, {})

    def list_sources(self, operation: Operation) -> list[Operation]:
        """Return the operations whose response links to this one."""
        sources = self._spec.operations if operation.effect is None else ()
        return [
            source
            for source in sources
            if any(target is operation for target, _ in _iterate_links(self._spec, source))
        ]

    def record_created(self, operation: Operation, body: Any) -> None:
        """Record the links of a successful response."""
        for target, pointers in _iterate_links(self._spec, operation):
            if target.effect is not None:  # its rows are those of a listing
                continue
            values = {
                name: json_pointer.follow(body, pointer) for name, pointer in pointers.items()
            }
            # A response may show another kind of ID than a path takes.
            if all(
                isinstance(value, str | int) and accepts_id(self._spec, target, name, value)
                for name, value in values.items()
            ):
                self._values[target.id] = values

    def record_deleted(self, operation: Operation, request: Outgoing) -> None:
        """Forget a deleted row."""
        path_values = PathTemplate(operation.path).match(request.path) or {}
        deleted_ids = {unquote(value) for value in path_values.values()}
        if operation.method == "DELETE":
            for name, values in list(self._values.items()):
                if deleted_ids & set(map(encode_text, values.values())):
                    del self._values[name]
                    self.tried.clear()


def accepts_id(spec: Spec, operation: Operation, name: str, row_id: Any) -> bool:
    """Return whether the path parameter may have the row's ID."""
    parameter = operation.find_parameter(name, "path")
    schema_pointer = parameter.schema_pointer if parameter else ""
    return not schema_pointer or any(
        is_valid(spec, schema_pointer, value) for value in (row_id, str(row_id))
    )


def _iterate_links(spec: Spec, source: Operation) -> Iterator[tuple[Operation, Mapping[str, str]]]:
    """Yield the operations that a creation links to, with pointers into its response."""
    if source.method != "POST" or source.success is None:
        return
    links = spec.resolve(source.success.pointer)[1].get("links")
    for name in links if is_object(links) else ():
        link = spec.resolve(f"{source.success.pointer}{join('links', name)}")[1]
        target = _find_target(spec, link) if is_object(link) else None
        values = link.get("parameters") if target else None
        pointers = {
            str(name).removeprefix("path."): value.removeprefix(_BODY)
            for name, value in (values if is_object(values) else {}).items()
            if isinstance(value, str) and value.startswith(_BODY)
        }
        path = PathTemplate(target.path).names if target else ()
        if target and path and set(path) <= pointers.keys():
            yield target, {name: pointers[name] for name in path}
    media = source.success.json
    children = _index_by_parent(spec).get(source.path.rstrip("/"), ())
    for target, name in children if media and "{" not in source.path else ():
        for field in dict.fromkeys((name, "id")):
            if media and find_schema_at(spec, media.schema_pointer, join(field)):
                yield target, {name: join(field)}
                break


@lru_cache(maxsize=16)
def _index_by_parent(spec: Spec) -> Mapping[str, Sequence[tuple[Operation, str]]]:
    """Return the operations with one path parameter, and its name, by the path before it."""
    children: dict[str, list[tuple[Operation, str]]] = {}
    for operation in spec.operations:
        parent_path, brace, _ = operation.path.partition("/{")
        names = PathTemplate(operation.path).names
        if brace and len(names) == 1:
            children.setdefault(parent_path, []).append((operation, names[0]))
    return children


def _find_target(spec: Spec, link: Mapping[str, Any]) -> Operation | None:
    target = spec.find_operation(str(link.get("operationId")))
    pointer = str(link.get("operationRef", "")).removeprefix("#")
    return target or next(
        (operation for operation in spec.operations if operation.pointer == pointer), None
    )
