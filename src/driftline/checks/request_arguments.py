"""Decodes a request into the arguments of its operation.

A value that does not match its schema stays a string, so that validation reports it.
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from functools import lru_cache
from typing import Any, Final
from urllib.parse import parse_qsl, unquote

from driftline.checks.outgoing import Outgoing, encode_text
from driftline.checks.reproduce.literals import is_fitting
from driftline.cookies import parse_cookies
from driftline.openapi import (
    Operation,
    Parameter,
    PathTemplate,
    Spec,
    find_schema_at,
    list_types,
    pointer as json_pointer,
)

Pairs = list[tuple[str, str]]
Values = dict[tuple[str, str], Any]
"""By place and name, what a request says for a parameter."""
_LONGEST_REMEMBERED: Final = 200
"""Longer values are read each time: many of them would fill the memory."""


def read_arguments(
    spec: Spec, operation: Operation, request: Outgoing
) -> tuple[dict[str, Any], Pairs]:
    """Return the arguments by wire name, and the undocumented pairs of the query.

    Raises:
        ValueError: the request has another path, or an unreadable query.
    """
    values, extra = read_values(spec, operation, request)
    return {name: value for (_, name), value in values.items()}, extra


def read_values(spec: Spec, operation: Operation, request: Outgoing) -> tuple[Values, Pairs]:
    """Return the arguments by location and name; raises ValueError as `read_arguments` does."""
    headers = {name.lower(): value for name, value in request.headers}
    secret = {s.wire_name for s in spec.security_schemes.values() if s.kind == "query"}
    pairs = [(name, value) for name, value in parse_pairs(request.query) if name not in secret]
    query = defaultdict[str, list[str]](list)
    for name, string in pairs:
        query[name].append(string)
    documented = {
        parameter.name for parameter in operation.parameters if parameter.location == "query"
    }
    extra = [pair for pair in pairs if pair[0] not in documented]
    strings_by_location = {
        "path": _read_path(operation, request),
        "header": headers,
        "cookie": read_cookies(request),
    }
    values: Values = {}
    for parameter in operation.parameters:
        name = parameter.name
        strings_by_name = strings_by_location.get(parameter.location)
        if strings_by_name is not None:
            key = name.lower() if parameter.location == "header" else name
            strings = [strings_by_name[key]] if key in strings_by_name else []
        else:
            strings = query.get(name, [])
        value = _read_value(spec, parameter, strings)
        deep, extra = _read_deep_object(spec, parameter, extra)
        value = deep or value
        if value is not None:
            values[parameter.location, name] = value
    return values, extra


def read_cookies(request: Outgoing) -> dict[str, str]:
    """Return the cookies by name, undecoded."""
    header = next((v for name, v in reversed(request.headers) if name.lower() == "cookie"), "")
    return dict(parse_cookies(header))


def parse_pairs(query: str) -> Pairs:
    """Return the query's decoded pairs; raises ValueError if they are not UTF-8."""
    return parse_qsl(query, keep_blank_values=True, max_num_fields=1000, errors="strict")


def _read_path(operation: Operation, request: Outgoing) -> dict[str, str]:
    values = PathTemplate(operation.path).match(request.path)
    strings = {name: unquote(text, errors="strict") for name, text in (values or {}).items()}
    if values is None or {".", ".."} & {*strings.values()}:
        raise ValueError(f"{request.path} is not {operation.path}")
    return strings


def _read_value(spec: Spec, parameter: Parameter, strings: list[str]) -> Any:
    """Return the value of a parameter; None without one."""
    if not strings:
        return None
    schema = parameter.schema_pointer
    kinds = list_types(spec, schema)
    if "array" in kinds and "string" not in kinds:
        if not parameter.explode or parameter.location != "query":
            strings = strings[0].split(parameter.separator) if len(strings) == 1 else strings
        item = find_schema_at(spec, schema, "/0") or spec.resolve(schema)[0] + "/items"
        return [_read_scalar(spec, item, string) for string in strings]
    values = [_read_scalar(spec, schema, string) for string in strings]
    return values[0] if len(values) == 1 else values


def _read_deep_object(
    spec: Spec, parameter: Parameter, pairs: Pairs
) -> tuple[dict[str, Any], Pairs]:
    """Return the fields of a parameter written as `name[key]=value`, and the other pairs."""
    if parameter.style != "deepObject" or parameter.location != "query":
        return {}, pairs
    pattern = re.compile(re.escape(parameter.name) + r"\[([^\]]*)\]")
    fields: dict[str, Any] = {}
    rest: Pairs = []
    pointer, _ = spec.resolve(parameter.schema_pointer)
    for name, value in pairs:
        match = pattern.fullmatch(name)
        if match is None or match[1] in fields:
            rest.append((name, value))
            continue
        field = pointer + "/properties" + json_pointer.join(match[1])
        fields[match[1]] = _read_scalar(spec, field, value)
    return fields, rest


def _read_scalar(spec: Spec, pointer: str, string: str) -> Any:
    """Return the JSON value of `string` by the schema.

    The text itself if the schema gives it no other type.
    """
    if not spec.resolve(pointer)[1]:
        return string
    read = _read_typed if len(string) <= _LONGEST_REMEMBERED else _read_typed.__wrapped__
    return read(spec, pointer, string)


@lru_cache(maxsize=16_384)
def _read_typed(spec: Spec, pointer: str, string: str) -> Any:
    """Return the scalar; generated requests repeat the same few."""
    if is_fitting(spec, pointer, string):
        return string
    try:
        value = parse_json(string.encode())
    except ValueError:
        return string
    plain = isinstance(value, (bool, int, float)) and encode_text(value) == string
    return value if plain and is_fitting(spec, pointer, value) else string


def parse_json(content: bytes) -> Any:
    """Return the value; raises ValueError if it is not JSON, such as NaN."""

    def reject(constant: str) -> Any:
        raise ValueError(f"{constant} is not JSON")

    return json.loads(content.decode(), parse_constant=reject)
