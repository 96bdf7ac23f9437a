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
        self._known: dict[str, dict[str, Any]] = {}
        self.tried: set[str] = set()

    def find(self, operation: Operation) -> Mapping[str, Any]:
        """Return the path parameters of an operation for a created row."""
        return self._known.get(operation.id, {})

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
            values = {name: json_pointer.follow(body, where) for name, where in pointers.items()}
            if all(isinstance(value, str | int) for value in values.values()):
                self._known[target.id] = values

    def record_deleted(self, operation: Operation, request: Outgoing) -> None:
        """Forget a deleted row."""
        named = PathTemplate(operation.path).match(request.path) or {}
        gone = {unquote(value) for value in named.values()}
        if operation.method == "DELETE":
            for name, values in list(self._known.items()):
                if gone & set(map(encode_text, values.values())):
                    del self._known[name]
                    self.tried.clear()


def _iterate_links(spec: Spec, source: Operation) -> Iterator[tuple[Operation, Mapping[str, str]]]:
    """Yield the operations that a creation links to, with pointers into its response."""
    if source.method != "POST" or source.success is None:
        return
    stated = spec.resolve(source.success.pointer)[1].get("links")
    for name in stated if is_object(stated) else ():
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
    below = _index_by_parent(spec).get(source.path.rstrip("/"), ())
    for target, name in below if media and "{" not in source.path else ():
        for field in dict.fromkeys((name, "id")):
            if media and find_schema_at(spec, media.schema_pointer, join(field)):
                yield target, {name: join(field)}
                break


@lru_cache(maxsize=16)
def _index_by_parent(spec: Spec) -> Mapping[str, Sequence[tuple[Operation, str]]]:
    """Return the operations with one path parameter, and its name, by the path before it."""
    found: dict[str, list[tuple[Operation, str]]] = {}
    for operation in spec.operations:
        above, brace, _ = operation.path.partition("/{")
        names = PathTemplate(operation.path).names
        if brace and len(names) == 1:
            found.setdefault(above, []).append((operation, names[0]))
    return found


def _find_target(spec: Spec, link: Mapping[str, Any]) -> Operation | None:
    named = spec.find_operation(str(link.get("operationId")))
    pointer = str(link.get("operationRef", "")).removeprefix("#")
    return named or next((each for each in spec.operations if each.pointer == pointer), None)
