"""Writes a sent request as a call of the generated client in Python.

The call is derived from request and spec alone, and compared with what it would send: a request
that no call sends (a wrong credential, a missing header) has none. If a value does not have the
type of the typed method, the call uses `client.request`, which accepts any.
"""

from __future__ import annotations

import builtins
import json
import re
from collections.abc import Mapping
from keyword import iskeyword, issoftkeyword
from typing import Any
from urllib.parse import unquote

import attrs

from driftline.checks.outgoing import NOTHING, Outgoing, build_outgoing
from driftline.checks.reproduce.literals import format_literal, format_typed_literal, is_fitting
from driftline.checks.request_arguments import Pairs, parse_json, parse_pairs, read_arguments
from driftline.openapi import Operation, Spec, is_object, pointer as json_pointer, to_snake_case
from driftline.runtime import CallOptions, Client


@attrs.frozen
class _CallArguments:
    """The contents of a request: arguments by wire name, other parts, and the body."""

    arguments: Mapping[str, Any]
    other_parts: Mapping[str, Any]
    body: Any


def format_client_call(
    spec: Spec, operation: Operation, request: Outgoing, credentials: Mapping[str, str]
) -> str:
    """Return the call that sends `request`, as `shop.order.list(limit=1)`, or "".

    `credentials` are the valid ones, which the client has and the call omits.
    """
    if request.method != operation.method or (request.body and operation.body is None):
        return ""
    try:
        call_arguments = _read_request(spec, operation, request)
        sent_request = build_outgoing(
            spec, operation, call_arguments.arguments, call_arguments.body, credentials
        )
        if _normalize_request(spec, operation, sent_request, ()) != _normalize_request(
            spec, operation, request, call_arguments.other_parts
        ):
            return ""
    except (ValueError, RecursionError):
        return ""
    client = spec.client_package.removesuffix("_client")
    method = (
        None if call_arguments.other_parts else _format_typed_call(spec, operation, call_arguments)
    )
    return f"{client}.{method or _format_plain_call(operation, call_arguments)}"


def _read_request(spec: Spec, operation: Operation, request: Outgoing) -> _CallArguments:
    """Raise ValueError if the path belongs to another operation, or the body is not JSON."""
    arguments, extra = read_arguments(spec, operation, request)
    for parameter in operation.parameters:
        if parameter.required and parameter.name not in arguments:
            raise ValueError(f"{parameter.name} is required")
    body = parse_json(request.body) if request.body else NOTHING
    if body is None:
        raise ValueError("the client omits a body of None")
    return _CallArguments(arguments, _gather_pairs(extra), body)


def _gather_pairs(pairs: Pairs) -> dict[str, Any]:
    """Return each name with its value, or with a list of its values."""
    names = dict.fromkeys(name for name, _ in pairs)
    values_by_name = {name: [value for key, value in pairs if key == name] for name in names}
    return {
        name: values[0] if len(values) == 1 else values for name, values in values_by_name.items()
    }


def _normalize_request(spec: Spec, operation: Operation, request: Outgoing, extra: Any) -> Any:
    """Return the parts in which equivalent requests agree."""
    names = {s.wire_name.lower() for s in spec.security_schemes.values()} | {"cookie"}
    names |= {p.name.lower() for p in operation.parameters if p.location == "header"}
    headers = sorted((n.lower(), v) for n, v in request.headers if n.lower() in names)
    query = sorted(pair for pair in parse_pairs(request.query) if pair[0] not in extra)
    path = [unquote(part) for part in request.path.split("/")]
    kinds = {v.partition(";")[0].strip() for n, v in request.headers if n.lower() == "content-type"}
    body = (
        json.dumps([parse_json(request.body), *sorted(kinds)], sort_keys=True)
        if request.body
        else ""
    )
    return headers, query, path, body


def _format_plain_call(operation: Operation, call_arguments: _CallArguments) -> str:
    """Return the call that accepts any value, by wire names."""
    keyword_arguments = {
        "arguments": dict(call_arguments.arguments) or NOTHING,
        "body": call_arguments.body,
        "extra_query": dict(call_arguments.other_parts) or NOTHING,
    }
    formatted_arguments = [
        f"{name}={format_literal(value)}"
        for name, value in keyword_arguments.items()
        if value is not NOTHING
    ]
    return f"request({', '.join([format_literal(operation.id), *formatted_arguments])})"


def _format_typed_call(
    spec: Spec, operation: Operation, call_arguments: _CallArguments
) -> str | None:
    """Return the call of the typed method.

    None if a type rejects a value.
    """
    resource, name = guess_attribute_name(operation.resource), guess_attribute_name(operation.name)
    if resource is None or name is None:
        return None
    positional: list[str] = []
    keywords: dict[str, str] = {}
    for parameter in operation.parameters:
        if parameter.name not in call_arguments.arguments:
            continue
        argument_name = guess_argument_name(parameter.name)
        literal = format_typed_literal(
            spec, parameter.schema_pointer, call_arguments.arguments[parameter.name]
        )
        if literal is None or (argument_name is None and parameter.location != "path"):
            return None
        if parameter.location == "path":
            positional.append(literal)
        else:
            keywords[str(argument_name)] = literal
    fields = _format_fields(spec, operation, call_arguments.body)
    if fields is None or fields.keys() & keywords.keys():
        return None
    formatted_arguments = [f"{key}={value}" for key, value in (keywords | fields).items()]
    return f"{resource}.{name}({', '.join([*positional, *formatted_arguments])})"


def _format_fields(spec: Spec, operation: Operation, body: Any) -> dict[str, str] | None:
    """Return the body's fields as keyword arguments; None if that is not possible."""
    if body is NOTHING:
        return None if operation.body and operation.body.required else {}
    media = operation.body.json if operation.body and operation.body.required else None
    if media is None or not is_object(body) or not is_fitting(spec, media.schema_pointer, body):
        return None
    pointer, schema = spec.resolve(media.schema_pointer)
    literals: dict[str, str] = {}
    for wire, value in body.items():
        argument_name = guess_argument_name(wire)
        is_documented = is_object(schema.get("properties")) and wire in schema["properties"]
        field = pointer + "/properties" + json_pointer.join(wire)
        literal = format_typed_literal(spec, field, value) if is_documented else None
        if argument_name is None or literal is None or argument_name in literals:
            return None
        literals[argument_name] = literal
    return literals


# Names that the generator changes to avoid hiding others.
_TAKEN = frozenset({"body", "client", "datetime", "models", "options", "self", "true", "false"})
_CHANGED = (_TAKEN | CallOptions.__annotations__.keys() | set(dir(builtins))) - {"id"}
# Lower or camel case: the generator decides how digits, signs and capitals are split.
_PLAIN = re.compile(r"[a-z]+(_[a-z]+|[A-Z][a-z]+)*")


def guess_argument_name(wire: str) -> str | None:
    """Return the keyword of a parameter or field.

    None if it does not follow from the name alone.
    """
    name = to_snake_case(wire)
    plain = _PLAIN.fullmatch(wire) and not iskeyword(name) and not issoftkeyword(name)
    return name if plain and name not in _CHANGED else None


def guess_attribute_name(name: str) -> str | None:
    """Return the attribute of a resource or method.

    None if the client has another one of that name.
    """
    plain = name.isidentifier() and not iskeyword(name) and not hasattr(Client, name)
    return name if plain else None
