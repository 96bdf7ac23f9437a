"""A request that was sent, written as a call of the generated client in Python.

It is read off the request and the spec alone, and held against what would be sent for it: a
request that no call makes (a wrong credential, a header too few) has none. Where a value is not of
the type that the typed method takes, the call goes by `client.request`, which takes any.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl, unquote

import attrs

from driftline.contract.literals import fits, literal, typed_literal
from driftline.contract.names import argument_name, attribute_name
from driftline.contract.shapes import is_object
from driftline.contract.wire import NOTHING, Outgoing, outgoing, text_of
from driftline.spec import pointer as json_pointer
from driftline.spec.model import Operation, Parameter, Spec

__all__ = ["client_call"]

Pairs = list[tuple[str, str]]
_SEPARATORS = {"spaceDelimited": " ", "pipeDelimited": "|"}


@attrs.frozen
class _Asked:
    """What a request asks for: arguments by wire name, what no parameter is for, and the body."""

    arguments: Mapping[str, Any]
    extra: Mapping[str, Any]
    body: Any


def client_call(
    spec: Spec, operation: Operation, request: Outgoing, credentials: Mapping[str, str]
) -> str:
    """The call that sends `request`, as `shop.order.list(limit=1)`; "" if there is none.

    `credentials` are the right ones, which the client has and the call does not show.
    """
    if request.method != operation.method or (request.body and operation.body is None):
        return ""
    try:
        asked = _asked(spec, operation, request)
        again = outgoing(spec, operation, asked.arguments, asked.body, credentials)
        if _known(spec, operation, again, ()) != _known(spec, operation, request, asked.extra):
            return ""
    except (ValueError, RecursionError):
        return ""
    client = spec.client_package.removesuffix("_client")
    method = None if asked.extra else _typed(spec, operation, asked)
    return f"{client}.{method or _plain(operation, asked)}"


def _asked(spec: Spec, operation: Operation, request: Outgoing) -> _Asked:
    """Raises ValueError if the request is about another path, or a body that is no JSON."""
    query, headers = _pairs(request.query), {n.lower(): v for n, v in request.headers}
    secret = {s.wire_name for s in spec.security_schemes.values() if s.kind == "query"}
    left = [(name, value) for name, value in query if name not in secret]
    cookies = dict(
        part.split("=", 1) for part in headers.get("cookie", "").split("; ") if "=" in part
    )
    found: dict[str, Any] = {}
    path = _path(operation, request)
    for parameter in operation.parameters:
        name = parameter.name
        texts = {"path": path, "header": headers, "cookie": cookies}.get(parameter.place)
        if texts is not None:
            key = name.lower() if parameter.place == "header" else name
            given = [texts[key]] if key in texts else []
        else:
            given = [value for key, value in left if key == name]
            left = [pair for pair in left if pair[0] != name]
        value = _value(spec, parameter, given)
        deep, left = _deep(spec, parameter, left)
        value = deep or value
        if value is None and parameter.required:
            raise ValueError(f"{name} is required")
        if value is not None:
            found[name] = value
    body = _json(request.body) if request.body else NOTHING
    if body is None:
        raise ValueError("to the client None is no body")
    return _Asked(found, _gathered(left), body)


def _pairs(query: str) -> Pairs:
    return parse_qsl(query, keep_blank_values=True, max_num_fields=1000, errors="strict")


def _path(operation: Operation, request: Outgoing) -> dict[str, str]:
    names = re.findall(r"\{([^}]*)\}", operation.path)
    pattern = "([^/]+)".join(map(re.escape, re.split(r"\{[^}]*\}", operation.path)))
    found = re.fullmatch(pattern, request.path)
    texts = [unquote(text, errors="strict") for text in found.groups()] if found else None
    if texts is None or {".", ".."} & set(texts):
        raise ValueError(f"{request.path} is not {operation.path}")
    return dict(zip(names, texts, strict=True))


def _value(spec: Spec, parameter: Parameter, texts: list[str]) -> Any:
    """What was given for a parameter; None if nothing was."""
    if not texts:
        return None
    schema = parameter.schema_pointer
    pointer, node = spec.resolve(schema)
    if is_object(node) and node.get("type") == "array":
        if not parameter.explode or parameter.place != "query":
            separator = _SEPARATORS.get(parameter.style, ",")
            texts = texts[0].split(separator) if len(texts) == 1 else texts
        return [_scalar(spec, pointer + "/items", text) for text in texts]
    values = [_scalar(spec, schema, text) for text in texts]
    return values[0] if len(values) == 1 else values


def _deep(spec: Spec, parameter: Parameter, left: Pairs) -> tuple[dict[str, Any], Pairs]:
    """The fields of a parameter written as `name[key]=value`, and the pairs that are none."""
    if parameter.style != "deepObject" or parameter.place != "query":
        return {}, left
    pattern = re.compile(re.escape(parameter.name) + r"\[([^\]]*)\]")
    found: dict[str, Any] = {}
    rest: Pairs = []
    pointer, _ = spec.resolve(parameter.schema_pointer)
    for name, value in left:
        match = pattern.fullmatch(name)
        if match is None or match[1] in found:
            rest.append((name, value))
            continue
        field = pointer + "/properties" + json_pointer.join(match[1])
        found[match[1]] = _scalar(spec, field, value)
    return found, rest


def _scalar(spec: Spec, pointer: str, text: str) -> Any:
    """The JSON value that the schema means by `text`; the text itself if it means none by it."""
    if not spec.resolve(pointer)[1] or fits(spec, pointer, text):
        return text
    try:
        value = _json(text.encode())
    except ValueError:
        return text
    plain = isinstance(value, (bool, int, float)) and text_of(value) == text
    return value if plain and fits(spec, pointer, value) else text


def _json(content: bytes) -> Any:
    """Raises ValueError for what is no JSON, and for the numbers that JSON does not have."""

    def refuse(word: str) -> Any:
        raise ValueError(f"{word} is no JSON")

    return json.loads(content.decode(), parse_constant=refuse)


def _gathered(pairs: Pairs) -> dict[str, Any]:
    """Each name with its value, or with all of them."""
    names = dict.fromkeys(name for name, _ in pairs)
    found = {name: [value for key, value in pairs if key == name] for name in names}
    return {name: values[0] if len(values) == 1 else values for name, values in found.items()}


def _known(spec: Spec, operation: Operation, request: Outgoing, extra: Any) -> Any:
    """What two requests have to have in common to be the same to an API."""
    names = {s.wire_name.lower() for s in spec.security_schemes.values()} | {"cookie"}
    names |= {p.name.lower() for p in operation.parameters if p.place == "header"}
    headers = sorted((n.lower(), v) for n, v in request.headers if n.lower() in names)
    query = sorted(pair for pair in _pairs(request.query) if pair[0] not in extra)
    path = [unquote(part) for part in request.path.split("/")]
    kinds = {v.partition(";")[0].strip() for n, v in request.headers if n.lower() == "content-type"}
    body = json.dumps([_json(request.body), *sorted(kinds)], sort_keys=True) if request.body else ""
    return headers, query, path, body


def _plain(operation: Operation, asked: _Asked) -> str:
    """The call that takes any value, by the names that are on the wire."""
    given = {
        "arguments": dict(asked.arguments) or NOTHING,
        "body": asked.body,
        "extra_query": dict(asked.extra) or NOTHING,
    }
    words = [f"{name}={literal(value)}" for name, value in given.items() if value is not NOTHING]
    return f"request({', '.join([literal(operation.id), *words])})"


def _typed(spec: Spec, operation: Operation, asked: _Asked) -> str | None:
    """The call of the method that the client has for the operation; None if a type forbids it."""
    resource, name = attribute_name(operation.resource), attribute_name(operation.name)
    if resource is None or name is None:
        return None
    positional: list[str] = []
    keywords: dict[str, str] = {}
    for parameter in operation.parameters:
        if parameter.name not in asked.arguments:
            continue
        word = argument_name(parameter.name)
        shown = typed_literal(spec, parameter.schema_pointer, asked.arguments[parameter.name])
        if shown is None or (word is None and parameter.place != "path"):
            return None
        if parameter.place == "path":
            positional.append(shown)
        else:
            keywords[str(word)] = shown
    fields = _fields(spec, operation, asked.body)
    if fields is None or fields.keys() & keywords.keys():
        return None
    words = [f"{key}={shown}" for key, shown in (keywords | fields).items()]
    return f"{resource}.{name}({', '.join([*positional, *words])})"


def _fields(spec: Spec, operation: Operation, body: Any) -> dict[str, str] | None:
    """The body's fields as keyword arguments; None if it cannot be given that way."""
    if body is NOTHING:
        return None if operation.body and operation.body.required else {}
    media = operation.body.json if operation.body and operation.body.required else None
    if media is None or not is_object(body) or not fits(spec, media.schema_pointer, body):
        return None
    pointer, schema = spec.resolve(media.schema_pointer)
    found: dict[str, str] = {}
    for wire, value in body.items():
        word = argument_name(wire)
        known = is_object(schema.get("properties")) and wire in schema["properties"]
        field = pointer + "/properties" + json_pointer.join(wire)
        shown = typed_literal(spec, field, value) if known else None
        if word is None or shown is None or word in found:
            return None
        found[word] = shown
    return found
