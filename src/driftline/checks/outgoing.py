"""Encodes an operation's arguments and credentials as a request. Pure: nothing is sent here."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import quote

import attrs

from driftline.checks.body_encoding import choose_media_type, encode_body
from driftline.cookies import format_cookies
from driftline.openapi import (
    Operation,
    Parameter,
    SecurityScheme,
    Spec,
    is_array,
    is_object,
)

NOTHING: Final = object()
"""Says that a request has no body; None is the body `null`."""

Pairs = list[tuple[str, str]]


@attrs.frozen
class Outgoing:
    """A request to be sent: path and query are encoded."""

    method: str
    path: str
    query: str
    headers: tuple[tuple[str, str], ...]
    body: bytes = b""

    @property
    def target(self) -> str:
        return f"{self.path}?{self.query}" if self.query else self.path


def build_outgoing(
    spec: Spec,
    operation: Operation,
    arguments: Mapping[str, Any],
    body: Any = NOTHING,
    credentials: Mapping[str, str] | None = None,
) -> Outgoing:
    """Return the request that calls `operation` with `arguments` by wire name."""
    path, query, headers, cookies = operation.path, Pairs(), Pairs(), Pairs()
    for parameter in operation.parameters:
        if parameter.name not in arguments:
            continue
        value = arguments[parameter.name]
        if parameter.content is not None:  # a document of its own, such as JSON, without a style
            value = json.dumps(value, ensure_ascii=False)
        if parameter.location == "path":
            path = path.replace("{" + parameter.name + "}", encode_path_value(parameter, value))
        elif parameter.location == "query":
            query.extend(_encode_query(parameter, value))
        else:
            pairs = headers if parameter.location == "header" else cookies
            pairs.append((parameter.name, ",".join(encode_texts(value))))
    filled_locations = set[tuple[str, str]]()
    for name, value in (credentials or {}).items():
        scheme = spec.security_schemes[name]
        # Two schemes of one location, such as OAuth and a bearer token, are one credential there.
        if locate_credential(scheme) not in filled_locations:
            filled_locations.add(locate_credential(scheme))
            _add_credential(scheme, value, query, headers, cookies)
    content = b""
    if body is not NOTHING:
        kind, content = encode_body(spec, choose_media_type(operation.body), body)
        headers.append(("Content-Type", kind))
    headers += [("Cookie", format_cookies(cookies))] if cookies else []
    query_string = "&".join(
        f"{quote(name, safe='[]')}={quote(value, safe=',')}" for name, value in query
    )
    return Outgoing(operation.method, path, query_string, tuple(headers), content)


def _encode_query(parameter: Parameter, value: Any) -> Pairs:
    """Return the pairs of one query parameter, by its style and explode."""
    name = parameter.name
    if is_object(value):
        if parameter.style == "deepObject":
            return [(f"{name}[{key}]", encode_text(member)) for key, member in value.items()]
        if parameter.explode:
            return [(key, encode_text(member)) for key, member in value.items()]
    elif is_array(value) and parameter.explode:
        return [(name, encode_text(item)) for item in value]
    return [(name, parameter.separator.join(encode_texts(value)))]


def encode_path_value(parameter: Parameter, value: Any) -> str:
    """Return a path value in the style of its parameter, percent-encoded."""
    strings = [quote(string, safe="") for string in encode_texts(value)]
    separator = {"label": ".", "matrix": ";"}.get(parameter.style, ",")
    if is_object(value) and parameter.explode:
        exploded = separator.join(
            "=".join(pair) for pair in zip(strings[::2], strings[1::2], strict=True)
        )
        return exploded if separator == "," else separator + exploded
    name = quote(parameter.name, safe="")
    if parameter.style == "matrix":
        if is_array(value) and parameter.explode:
            return "".join(f";{name}={string}" for string in strings)
        return f";{name}={','.join(strings)}"
    if parameter.style == "label":
        return "." + (separator if parameter.explode else ",").join(strings)
    return ",".join(strings)


def encode_texts(value: Any) -> list[str]:
    """Return a value as strings.

    A list's items, an object's names and values, or the one scalar.
    """
    if is_object(value):
        return [string for key, member in value.items() for string in (key, encode_text(member))]
    return [encode_text(item) for item in value] if is_array(value) else [encode_text(value)]


def encode_text(value: Any) -> str:
    """Return a value as written in a URL: JSON's spelling, and strings unchanged."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def locate_credential(scheme: SecurityScheme) -> tuple[str, str]:
    """Return the location of a credential; two schemes may share one."""
    part = scheme.kind if scheme.kind in {"query", "cookie"} else "header"
    return part, scheme.wire_name.lower() if part == "header" else scheme.wire_name


def _add_credential(
    scheme: SecurityScheme, value: str, query: Pairs, headers: Pairs, cookies: Pairs
) -> None:
    if scheme.kind == "query":
        query.append((scheme.wire_name, value))
    elif scheme.kind == "cookie":
        cookies.append((scheme.wire_name, value))
    elif scheme.kind == "basic":
        packed = base64.b64encode(value.encode()).decode()
        headers.append((scheme.wire_name, f"Basic {packed}"))
    elif scheme.kind == "bearer":
        headers.append((scheme.wire_name, f"Bearer {value}"))
    else:
        headers.append((scheme.wire_name, value))
