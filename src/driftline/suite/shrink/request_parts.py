"""The parts of a request that can be removed or changed: parameters and body fields."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from typing import Any, Literal
from urllib.parse import unquote_plus

import attrs

from driftline.checks import Outgoing
from driftline.openapi import (
    MISSING,
    Operation,
    PathTemplate,
    Spec,
    find_schema_at,
    is_array,
    is_object,
    pointer as json_pointer,
)


@attrs.frozen
class Part:
    """A parameter by name, or a value of the body by JSON pointer.

    A path parameter has its `template`, such as `/pets/{id}`.
    """

    location: Literal["path", "query", "header", "body"]
    name: str
    template: str = ""

    def read(self, request: Outgoing) -> Any:
        """Return the part's value or MISSING; for a parameter, as it is encoded."""
        if self.location == "path":
            return _read_path_values(self, request).get(self.name, MISSING)
        if self.location == "query":
            return [pair for name, pair in _parse_pairs(request) if name == self.name] or MISSING
        if self.location == "header":
            values = [v for name, v in request.headers if name.lower() == self.name.lower()]
            return values or MISSING
        return json_pointer.follow(_parse_body(request), self.name)


def _read_path_values(part: Part, request: Outgoing) -> dict[str, str]:
    """Return the values of all parameters of the path, undecoded; none if it does not match."""
    template = PathTemplate(part.template)
    return dict(zip(template.names, template.split(request.path, least=0) or (), strict=False))


def _parse_pairs(request: Outgoing) -> list[tuple[str, str]]:
    return [
        (unquote_plus(pair.partition("=")[0]), pair) for pair in request.query.split("&") if pair
    ]


def _parse_body(request: Outgoing) -> Any:
    try:
        return json.loads(request.body)
    except ValueError:
        return MISSING


def list_parts(spec: Spec, operation: Operation, request: Outgoing) -> list[Part]:
    """Return the parts of a request without credentials; of the body, the outermost fields."""
    names = dict.fromkeys(name for name, _ in _parse_pairs(request))
    queries = [Part("query", name) for name in names if name not in _list_credential_names(spec)]
    headers = [
        part
        for parameter in operation.parameters
        if parameter.location == "header"
        and (part := Part("header", parameter.name)).read(request) is not MISSING
    ]
    paths = [
        part
        for parameter in operation.parameters
        if parameter.location == "path"
        and (part := Part("path", parameter.name, operation.path)).read(request) is not MISSING
    ]
    return [*paths, *queries, *headers, *list_parts_below(Part("body", ""), request)]


def _list_credential_names(spec: Spec) -> set[str]:
    schemes = spec.security_schemes.values()
    return {scheme.wire_name for scheme in schemes if scheme.kind == "query"}


def list_parts_below(part: Part, request: Outgoing) -> Iterator[Part]:
    """Yield the fields or items of a part of the body."""
    if part.location != "body":
        return
    value = part.read(request)
    steps = list(value) if is_object(value) else range(len(value)) if is_array(value) else ()
    for step in steps:
        yield Part("body", part.name + json_pointer.join(str(step)))


def remove_part(request: Outgoing, part: Part) -> Outgoing:
    """Return the request without the part, which is not a path parameter."""
    return _replace_value(request, part, MISSING)


def replace_part(request: Outgoing, part: Part, source: Outgoing) -> Outgoing:
    """Return the request with the part of another request, or without it if that has none."""
    return _replace_value(request, part, part.read(source))


def _replace_value(request: Outgoing, part: Part, value: Any) -> Outgoing:
    if part.location == "path":
        return _replace_path(request, part, value)
    if part.location == "body":
        return _with_body(request, part, value)
    values: list[Any] = [] if value is MISSING else value
    if part.location == "query":
        other_pairs = [pair for name, pair in _parse_pairs(request) if name != part.name]
        return attrs.evolve(request, query="&".join([*other_pairs, *values]))
    other_headers = [header for header in request.headers if header[0].lower() != part.name.lower()]
    own_headers = [(part.name, item) for item in values]
    return attrs.evolve(request, headers=(*other_headers, *own_headers))


def _replace_path(request: Outgoing, part: Part, value: Any) -> Outgoing:
    """Return the request with another path parameter, or unchanged if there is none."""
    values = _read_path_values(part, request)
    if part.name not in values or value is MISSING:
        return request
    path = PathTemplate(part.template).fill({**values, part.name: value})
    return attrs.evolve(request, path=path)


def _with_body(request: Outgoing, part: Part, value: Any) -> Outgoing:
    body = copy.deepcopy(_parse_body(request))
    parent_pointer, _, step = part.name.rpartition("/")
    parent, step = (
        json_pointer.follow(body, parent_pointer),
        step.replace("~1", "/").replace("~0", "~"),
    )
    if is_object(parent):
        parent.pop(step, None)
        if value is not MISSING:
            parent[step] = value
    elif is_array(parent) and step.isdecimal() and int(step) <= len(parent):
        parent[int(step) : int(step) + 1] = [] if value is MISSING else [value]
    dumped = json.dumps(body, ensure_ascii=False, separators=(",", ":"))
    return attrs.evolve(request, body=dumped.encode("utf-8", "surrogatepass"))


def put_value(request: Outgoing, part: Part, value: Any) -> Outgoing:
    """Return the request with another value for a part of its body."""
    return _replace_value(request, part, value)


def list_differences(
    spec: Spec, operation: Operation, first: Outgoing, second: Outgoing, inside: Part | None = None
) -> list[Part]:
    """Return the parts in which two requests differ; with `inside`, only below that part."""
    if inside is None:
        parts = [*list_parts(spec, operation, first), *list_parts(spec, operation, second)]
    else:
        parts = [*list_parts_below(inside, first), *list_parts_below(inside, second)]
    return [part for part in dict.fromkeys(parts) if part.read(first) != part.read(second)]


def find_clause(spec: Spec, operation: Operation, part: Part) -> str:
    """Return the pointer of the clause that documents a part; the operation's, if none does."""
    if part.location != "body":
        parameter = operation.find_parameter(part.name, part.location)
        return parameter.pointer if parameter else operation.pointer
    media = operation.body.json if operation.body else None
    schema_pointer = find_schema_at(spec, media.schema_pointer, part.name) if media else None
    return schema_pointer or operation.pointer
