"""Values that a query, path, header or cookie can carry.

A query cannot carry null or an empty list, a path no empty string, a header only ASCII, and no
style nests objects. A value can be carried if reading the request returns it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from driftline.checks import build_outgoing, encode_path_value
from driftline.mock import HttpRequest, read_argument
from driftline.openapi import (
    MISSING,
    Operation,
    Parameter,
    Spec,
    is_object,
    is_valid,
    list_value_paths,
)
from driftline.suite.fuzzing.covering import cover

_TRIED = 12
_SCALARS = frozenset({"boolean", "integer", "number", "string"})
_NO_SEGMENTS = frozenset({"", ".", ".."})
"""Path segments that would change the path."""


def choose_value(
    spec: Spec, operation: Operation, parameter: Parameter, simplest: Any
) -> tuple[Any, bool]:
    """Return a value for a parameter, and whether a request can carry it.

    It is a documented example, else the `simplest` value, else one that the schema allows.
    """
    empty: tuple[Any, bool] | None = None
    for value in _list_candidates(spec, parameter, simplest):
        if not is_sendable(spec, operation, parameter, value):
            continue
        if value not in ({}, []):
            return value, True
        empty = empty or (value, True)
    return empty or (simplest, False)


def _list_candidates(spec: Spec, parameter: Parameter, simplest: Any) -> Iterator[Any]:
    pointer = parameter.schema_pointer
    yield from parameter.examples
    yield simplest
    yield from cover(spec, pointer, _TRIED, "request")
    # An empty object sends nothing, and a complete one may nest objects, which no style can.
    for value_path in list_value_paths(spec, pointer) if is_object(simplest) else ():
        if len(value_path.path) == 1 and value_path.types & _SCALARS:
            name = value_path.path[0]
            for value in cover(spec, value_path.schemas[0][0], 1, "request"):
                yield {**simplest, name: value}


def is_sendable(spec: Spec, operation: Operation, parameter: Parameter, value: Any) -> bool:
    """Return whether reading a request returns the same valid value."""
    pointer = parameter.schema_pointer
    if spec.get_node(pointer) is MISSING:
        return True
    if value is None or not is_valid(spec, pointer, value, "request"):
        return False
    return bool(read_sent(spec, operation, parameter, value) == value)


def read_sent(spec: Spec, operation: Operation, parameter: Parameter, value: Any) -> Any:
    """Return the value that is read from a request with `value`; MISSING if it is invalid."""
    request = build_outgoing(spec, operation, {parameter.name: value})
    path: dict[str, str] = {}
    if parameter.location == "path":
        path[parameter.name] = encode_path_value(parameter, value)
        if path[parameter.name] in _NO_SEGMENTS:
            return MISSING
    if not all(text.isascii() for _, text in request.headers):
        return MISSING
    http_request = HttpRequest(request.method, request.path, request.query, request.headers)
    try:
        return read_argument(spec, operation, parameter, http_request, path)
    except LookupError:
        return value
